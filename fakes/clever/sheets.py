"""Sheets: lists pressed into stored bytes, so that a page of a large district is a slice and not a thousand rows.

A sheet holds the records of one list that follow one another, joined as they stand on the wire, with their ids and
with the place where each ends. Any page, wherever it begins and however long it is, is cut from one sheet or a few.
Sheets are pressed on request, for v3.1, which the sync reads; whatever is written lets those of its kind count no
longer, and pages are then read from the records again, until somebody presses anew.
"""

import sqlite3
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice
from typing import NamedTuple

from fakes.clever.records import Kind, Version
from fakes.clever.selections import Selection, all_of, in_role
from fakes.clever.shelf import StoredPage

SHEET_RECORDS = 1_000
"""Records on a sheet: the page that most readers ask for, and a tenth of the largest."""

PRESSED_VERSION: Version = "v3.1"
ID_BYTES = 12
ID_DIGITS = 2 * ID_BYTES

Item = tuple[str, int, bytes]
"""A record of a list: id, who may read it, and its fragment."""


class Sheet(NamedTuple):
    """A row of the table ``sheets``."""

    list: str
    last: str
    """The largest id on it."""
    size: int
    shared: int
    """Who may read every record on it."""
    ids: bytes
    """In their order, 12 bytes each."""
    ends: bytes
    """Where each record ends in the body: unsigned numbers of 4 bytes, the lowest first."""
    body: bytes


class _Found(NamedTuple):
    """A sheet as a page looks at it: without its body."""

    number: int
    size: int
    shared: int
    ids: bytes
    ends: bytes


def pressed_lists() -> dict[str, Selection]:
    """Give the lists that are pressed, by name: what a nightly sync reads from end to end."""
    selections = [all_of("school"), all_of("section"), in_role("student"), in_role("teacher")]
    return {selection.name: selection for selection in selections}


def kind_of(list_name: str) -> Kind:
    """Tell of which kind the records of a list are."""
    kinds: dict[str, Kind] = {"school": "school", "section": "section"}
    return kinds.get(list_name, "user")


def sheets_of(list_name: str, items: Iterable[Item]) -> Iterator[Sheet]:
    """Press a list.

    Args:
        list_name: of the list.
        items: its records, ascending by id.
    """
    rest = iter(items)
    while group := list(islice(rest, SHEET_RECORDS)):
        yield press(list_name, group)


def press(list_name: str, items: Sequence[Item]) -> Sheet:
    """Press records into one sheet; there is at least one."""
    # An end is where the record's last byte is followed by a comma, or by nothing.
    ends = array("I", accumulate((len(fragment) for _, _, fragment in items), lambda end, size: end + 1 + size))
    if sys.byteorder == "big":
        ends.byteswap()
    shared = -1
    for _, bits, _ in items:
        shared &= bits
    return Sheet(
        list=list_name,
        last=items[-1][0],
        size=len(items),
        shared=shared,
        ids=bytes.fromhex("".join([clever_id for clever_id, _, _ in items])),
        ends=ends.tobytes(),
        body=b",".join([fragment for _, _, fragment in items]),
    )


class Sheets:
    """The sheets of one store.

    Args:
        connection: of the store.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def press_all(self) -> None:
        """Press every list anew; inside a transaction."""
        for name in pressed_lists():
            self.press_list(name)
        self.count_as_fresh()

    def press_list(self, name: str) -> None:
        """Press one list anew; inside a transaction."""
        selection = pressed_lists()[name]
        ask = f"SELECT r.id, r.shared, r.v31 FROM {selection.source} ORDER BY {selection.key}"  # noqa: S608 - constants
        self._db.execute("DELETE FROM sheets WHERE list = ?", (name,))
        everybody = {**selection.values, "bit": -1}
        self.write(sheets_of(name, self._db.execute(ask, everybody)))

    def write(self, sheets: Iterable[Sheet]) -> None:
        """Keep sheets; they count once :meth:`count_as_fresh` is called."""
        self._db.executemany("INSERT INTO sheets VALUES (?, ?, ?, ?, ?, ?, ?)", sheets)

    def count_as_fresh(self) -> None:
        """Let all sheets count."""
        names = [(name, kind_of(name)) for name in pressed_lists()]
        self._db.executemany("INSERT OR REPLACE INTO pressed VALUES (?, ?)", names)

    def forget(self, kinds: Iterable[Kind]) -> None:
        """Let the sheets of some kinds count no longer: something of them was written."""
        self._db.executemany("DELETE FROM pressed WHERE kind = ?", [(kind,) for kind in kinds])

    def forget_all(self) -> None:
        """Let no sheet count any longer: who may read what has changed."""
        self._db.execute("DELETE FROM pressed")

    def page(self, list_name: str, bit: int, limit: int, after: str) -> StoredPage | None:
        """Cut a page.

        Args:
            list_name: of the list.
            bit: of the application that asks.
            limit: records at most.
            after: only larger ids.

        Returns:
            ``None`` where the list is not pressed, or not all of it is shared with the application.
        """
        if self._db.execute("SELECT 1 FROM pressed WHERE list = ?", (list_name,)).fetchone() is None:
            return None
        ask = "SELECT rowid, size, shared, ids, ends FROM sheets WHERE list = ? AND last > ? ORDER BY last LIMIT ?"
        found = [_Found(*row) for row in self._db.execute(ask, (list_name, after, limit // SHEET_RECORDS + 2))]
        if not all(sheet.shared & bit for sheet in found):
            return None
        parts: list[bytes] = []
        first = last = None
        left = limit
        for sheet in found:
            begin = _place_after(sheet, after)
            end = min(sheet.size, begin + left)
            if end == begin:
                break
            parts.append(self._slice(sheet, begin, end))
            first = first or _id_at(sheet.ids, begin)
            last = _id_at(sheet.ids, end - 1)
            left -= end - begin
        return StoredPage(tuple(parts), first, last, limit - left)

    def _slice(self, sheet: _Found, begin: int, end: int) -> bytes:
        start = _end_at(sheet.ends, begin - 1) + 1 if begin else 0
        with self._db.blobopen("sheets", "body", sheet.number, readonly=True) as body:
            body.seek(start)
            return body.read(_end_at(sheet.ends, end - 1) - start)


def _place_after(sheet: _Found, after: str) -> int:
    def id_at(place: int) -> str:
        return _id_at(sheet.ids, place)

    return bisect_right(range(sheet.size), after, key=id_at)


def _id_at(ids: bytes, place: int) -> str:
    return ids[place * ID_BYTES : (place + 1) * ID_BYTES].hex()


def _end_at(ends: bytes, place: int) -> int:
    return int.from_bytes(ends[4 * place : 4 * place + 4], "little")
