"""Reads a CSV file as a table: its header, and its rows with the line each begins on.

A row that cannot be read costs itself and nothing more: reading goes on with the line after it.
"""

import csv
import io
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from fakes.clever.feed import EXT
from fakes.clever.sftp.columns import GIVEN, SECTIONS, Column, Layout, teacher_column, teacher_place
from fakes.clever.sftp.report import Findings

RECORD_LINES_MAX = 50
"""Lines over which a quoted field may go; one that goes on longer was never closed. An assumption."""

OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
"""How UTF-16 begins, which spreadsheets write as "Unicode text"."""


class FileRefused(Exception):  # noqa: N818 - as the refusals are named
    """A file cannot be read at all; the message says why and what to do."""


class TableRow(NamedTuple):
    """A row."""

    line: int
    fields: list[str]


class Table:
    """A CSV file; iterate over it for its rows.

    ``header`` are the names as they stand; ``columns`` those that are read, each with its place from 0.

    Args:
        layout: which file it is.
        content: as uploaded.
        findings: is told of rows that are left out.

    Raises:
        FileRefused: it has no header, not the columns it needs, or is no text in UTF-8 with commas.
    """

    def __init__(self, layout: Layout, content: bytes, findings: Findings) -> None:
        self.file = layout.file
        self._findings = findings
        self._lines = _Lines(_text_of(layout.file, content))
        self._valid = _is_utf8(content)
        self._reader = csv.reader(self._lines, strict=True)
        self.header = self._read_header(layout)
        findings.count_file(self.file)

    def __iter__(self) -> Iterator[TableRow]:
        """Read the rows that have as many columns as the header; the others are reported."""
        width = len(self.header)
        for line, fields in self._records():
            self._findings.count_row(self.file)
            if len(fields) != width:
                self._refuse_width(line, len(fields))
            elif self._valid or self._all_readable(line, fields):
                yield TableRow(line, fields)

    def _records(self) -> Iterator[TableRow]:
        while True:
            line = self._lines.begin()
            try:
                fields = next(self._reader)
            except StopIteration:
                return
            except (csv.Error, _EndlessError) as error:
                self._findings.count_row(self.file)
                self._refuse_quotes(line, error)
                continue
            if not fields:
                continue  # an empty line
            if len(fields) != len(self.header) and self._lines.taken > 1:
                # An unclosed quote has swallowed the lines up to the next quote: give them back.
                self._findings.count_row(self.file)
                self._refuse_quotes(line, None)
                continue
            yield TableRow(line, fields)

    def _refuse_quotes(self, line: int, error: Exception | None) -> None:
        column, closed = _bad_quote(self._lines.first)
        self._lines.give_back()
        if closed and isinstance(error, csv.Error):
            reason = f"the quotes are not right: {error}; a quote within a field is written twice"
        else:
            reason = "a quote is opened and not closed"
        self._findings.leave_out(self.file, line, column, self._name_at(column), reason)

    def _refuse_width(self, line: int, found: int) -> None:
        expected = len(self.header)
        many = found > expected
        reason = f"too {'many' if many else 'few'} columns: {found}, where the header has {expected}"
        column = expected + 1 if many else found + 1
        self._findings.leave_out(self.file, line, column, self._name_at(column), reason)

    def _all_readable(self, line: int, fields: list[str]) -> bool:
        for column, field in enumerate(fields, start=1):
            if not field.isascii() and any("\udc80" <= letter <= "\udcff" for letter in field):
                reason = "is not in UTF-8; save the file in UTF-8"
                self._findings.leave_out(self.file, line, column, self._name_at(column), reason)
                return False
        return True

    def _name_at(self, column: int) -> str:
        return self.header[column - 1] if 0 < column <= len(self.header) else ""

    def _read_header(self, layout: Layout) -> list[str]:
        self._lines.begin()
        try:
            header = next(self._reader)
        except (StopIteration, csv.Error, _EndlessError) as error:
            raise FileRefused(
                f"{self.file} has no header that can be read; its first line names the columns"
            ) from error
        _check_header(layout, header)
        self.columns = tuple(_columns(layout, header))
        read = {place for place, _ in self.columns}
        for place, name in enumerate(header):
            if place not in read:
                self._findings.note(self.file, 1, place + 1, name, "is no column of this file, and is not read")
        return header


def _check_header(layout: Layout, header: list[str]) -> None:
    for delimiter, word in OTHER_DELIMITERS.items():
        if len(header) == 1 and delimiter in header[0]:
            raise FileRefused(f"{layout.file} separates its columns by {word}; write commas")
    needed = [column.name for column in layout.columns if column.need in {"key", "header"}]
    missing = [name for name in needed if name not in header]
    if missing:
        raise FileRefused(f"{layout.file} has no column {', '.join(missing)}; headers are written exactly so")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise FileRefused(f"{layout.file} has the column {', '.join(twice)} twice")


def _columns(layout: Layout, header: list[str]) -> Iterator[tuple[int, Column]]:
    known = {column.name: column for column in layout.columns}
    for place, name in enumerate(header):
        teacher = teacher_place(name) if layout is SECTIONS else None
        if name in known:
            yield place, known[name]
        elif teacher is not None:
            yield place, teacher_column(teacher)
        elif name.startswith(EXT):
            yield place, Column(name, GIVEN + name)


def _text_of(file: str, content: bytes) -> io.TextIOWrapper:
    if content.startswith(WIDE_BOMS):
        raise FileRefused(f"{file} is in UTF-16; save it in UTF-8")
    # Bytes that are no UTF-8 become lone surrogates, so that only their rows are lost. A BOM is taken off.
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", errors="surrogateescape", newline="")


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _bad_quote(line: str) -> tuple[int, bool]:
    """Find the column of a line whose quotes are not right, and whether they close at all."""
    column, place = 1, 0
    while True:
        if not line.startswith('"', place):
            comma = line.find(",", place)
            if comma < 0:
                return 0, True
            column, place = column + 1, comma + 1
            continue
        end = _closing_quote(line, place + 1)
        if end is None:
            return column, False
        if not line.startswith(",", end + 1):
            return column, True
        column, place = column + 1, end + 2


def _closing_quote(line: str, place: int) -> int | None:
    while True:
        end = line.find('"', place)
        if end < 0:
            return None
        if not line.startswith('""', end):
            return end
        place = end + 2


class _EndlessError(Exception):
    """A row goes over more lines than a row may."""


class _Lines:
    """The lines of a file, which can be given back when a row has taken too many."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._returned: deque[str] = deque()
        self._taken: list[str] = []
        self._next_line = 1

    @property
    def taken(self) -> int:
        """How many lines the present row has taken."""
        return len(self._taken)

    @property
    def first(self) -> str:
        """The first of them."""
        return self._taken[0] if self._taken else ""

    def begin(self) -> int:
        """Begin a row; tell on which line."""
        self._next_line += len(self._taken)
        self._taken = []
        return self._next_line

    def give_back(self) -> None:
        """Give back all lines of the present row but the first."""
        self._returned.extendleft(reversed(self._taken[1:]))
        self._taken = self._taken[:1]

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self._taken) >= RECORD_LINES_MAX:
            raise _EndlessError
        line = self._returned.popleft() if self._returned else next(self._text)
        self._taken.append(line)
        return line
