"""A whole district, or a part of it, in one document or in JSON lines: what is imported and exported."""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from fakes.ats.records import Course, Person, RecordKind, Schedule, School, Section, Term

ROWS_MAX = 200_000
"""Of one import or export, of each kind; with it an import stays about as large as the body that is read."""

Row = School | Term | Course | Person | Section | Schedule
RowKind = RecordKind | Literal["schedule"]
RowStatus = Literal["created", "updated", "unchanged", "refused", "not_written"]

_Most = msgspec.Meta(max_length=ROWS_MAX)


class Bundle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Records of every kind, in the order in which they need one another."""

    schools: Annotated[tuple[School, ...], _Most] = ()
    terms: Annotated[tuple[Term, ...], _Most] = ()
    courses: Annotated[tuple[Course, ...], _Most] = ()
    people: Annotated[tuple[Person, ...], _Most] = ()
    sections: Annotated[tuple[Section, ...], _Most] = ()
    schedules: Annotated[tuple[Schedule, ...], _Most] = ()
    """Of an imported one only school, term and state count: ATS notes itself who finalized it, and when."""

    def rows(self) -> Iterator[Row]:
        """Give all records, one after the other."""
        for rows in (self.schools, self.terms, self.courses, self.people, self.sections, self.schedules):
            yield from rows


class ImportQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to import."""

    all_or_nothing: bool = False
    """Write no row if one is refused; otherwise each row stands or is refused alone."""


class ImportedRow(msgspec.Struct, frozen=True, gc=False):
    """What became of one row, in the order of the rows."""

    row: int
    """Of JSON lines the number of the line, otherwise 1, 2, 3 ... through the whole document."""
    status: RowStatus
    """``not_written``: it could have been, but another row of an all-or-nothing import was refused."""
    kind: RowKind | None = None
    """``None`` of a line that cannot be read."""
    key: str = ""
    code: str = ""
    """Of a refused row, as of a refused request."""
    message: str = ""


class ImportResult(msgspec.Struct, frozen=True):
    """What became of an import."""

    written: bool
    """Whether anything that could be written was; ``false`` after an all-or-nothing import that was refused."""
    created: int
    updated: int
    unchanged: int
    refused: int
    results: list[ImportedRow]
