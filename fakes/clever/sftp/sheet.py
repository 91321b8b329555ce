"""A file's rows by the fields of the feed's rows, checked one by one, and put together by their keys."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from fakes.clever.feed import Given
from fakes.clever.sftp.columns import DAYS, GIVEN, SAME_AS_KEY, Column, Layout
from fakes.clever.sftp.days import NoDay, read_day
from fakes.clever.sftp.report import Findings
from fakes.clever.sftp.table import Table, TableRow


class Cells(NamedTuple):
    """What a row says."""

    line: int
    values: dict[str, str]
    """By field; days as ``YYYY-MM-DD``."""

    def get(self, field: str) -> str:
        """Give a value, or nothing."""
        return self.values.get(field, "")

    @property
    def given(self) -> Given:
        """What it says beyond a row's own fields."""
        return tuple(
            sorted(
                (field.removeprefix(GIVEN), value)
                for field, value in self.values.items()
                if field.startswith(GIVEN) and value and not self._is_key_again(field)
            )
        )

    def _is_key_again(self, field: str) -> bool:
        return field in SAME_AS_KEY and self.values[field] == self.values["sis_id"]


class Gathered(NamedTuple):
    """All rows of one key: the first counts, and the lists grow with the others."""

    first: Cells
    lists: dict[str, list[str]]

    def tuple_of(self, field: str) -> tuple[str, ...]:
        """Give what the rows name one by one, in their order."""
        return tuple(self.lists[field])


class Sheet:
    """A file's rows by field.

    Args:
        layout: which file it is.
        content: as uploaded.
        findings: is told of rows that are left out.

    Raises:
        FileRefused: the file cannot be read at all.
    """

    def __init__(self, layout: Layout, content: bytes, findings: Findings) -> None:
        self.layout = layout
        self._findings = findings
        self._table = Table(layout, content, findings)

    def fields(self) -> list[str]:
        """List the fields that its columns hold."""
        return [column.field for _, column in self._table.columns]

    def __iter__(self) -> Iterator[Cells]:
        """Read the rows that have every key and whose days are days; the others are left out."""
        checked = [(place, column) for place, column in self._table.columns if _has_check(column)]
        fields = [(place, column.field) for place, column in self._table.columns]
        for row in self._table:
            if self._checks(row, checked):
                yield Cells(row.line, {field: row.fields[place] for place, field in fields})

    def leave_out(self, cells: Cells, field: str, reason: str) -> None:
        """Leave a row out for what it says in a field."""
        place, column = self._column_of(field)
        self._findings.leave_out(self.layout.file, cells.line, place + 1, column.name, reason)

    def note(self, cells: Cells, field: str, reason: str) -> None:
        """Say what is odd about a row that goes in."""
        place, column = self._column_of(field)
        self._findings.note(self.layout.file, cells.line, place + 1, column.name, reason)

    def gather(
        self,
        lists: Sequence[str] = (),
        schools: frozenset[str] | None = None,
        taken: Callable[[Cells], None] | None = None,
    ) -> list[Gathered]:
        """Put rows of one key together: of rows with one id the first counts (facts on Clever's wire).

        A later row that names something more in one of the lists (a teacher's second school) adds that.

        Args:
            lists: fields of which each row names one.
            schools: that are known; rows of others are left out.
            taken: is told of each row that is not left out.
        """
        gathered: dict[str, Gathered] = {}
        for cells in self:
            if schools is not None and cells.get("school") not in schools:
                self.leave_out(cells, "school", f"{cells.get('school')} is not in schools.csv")
                continue
            key = cells.get("sis_id")
            known = gathered.get(key)
            if known is None:
                named = {field: [value] if (value := cells.get(field)) else [] for field in lists}
                gathered[key] = Gathered(cells, named)
            elif not _adds(known, cells):
                self.leave_out(cells, "sis_id", f"{key} stands on line {known.first.line} already; the first counts")
                continue
            if taken is not None:
                taken(cells)
        return list(gathered.values())

    def _checks(self, row: TableRow, checked: Sequence[tuple[int, Column]]) -> bool:
        for place, column in checked:
            value = row.fields[place]
            try:
                if column.need == "key" and not value:
                    raise NoDay("is empty; every row needs one")
                if column.field in DAYS:
                    row.fields[place] = read_day(value)
            except NoDay as error:
                self._findings.leave_out(self.layout.file, row.line, place + 1, column.name, str(error))
                return False
        return True

    def _column_of(self, field: str) -> tuple[int, Column]:
        nowhere = (-1, Column("", field))
        return next(((place, column) for place, column in self._table.columns if column.field == field), nowhere)


def _has_check(column: Column) -> bool:
    return column.need == "key" or column.field in DAYS


def _adds(known: Gathered, cells: Cells) -> bool:
    more = [(field, value) for field in known.lists if (value := cells.get(field)) not in {"", *known.lists[field]}]
    for field, value in more:
        known.lists[field].append(value)
    return bool(more)
