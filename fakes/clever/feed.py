"""The way into Clever: rows in the district's own ids. It stands apart from the wire, which only reads.

A row replaces what Clever held under the same key; a :class:`Removal` takes it away. Clever makes its own
ids, and references between rows (a section's teachers and students) are resolved when a record is written
out, so rows may arrive in any order.

A row's ``given`` is what the district says beyond the row's own fields, by the names of the wire (``race``); what it
does not say is invented. ``ext.`` names are the district's own, and stand in the record's ``ext``.
"""

from typing import Literal

import msgspec

RowKind = Literal["school", "term", "course", "user", "section", "resource"]
UserRole = Literal["student", "teacher", "staff", "district_admin", "contact"]

Given = tuple[tuple[str, str], ...]
"""Names and values, in the order of the names."""

EXT = "ext."
"""Begins the names of a district's own fields."""


class SchoolRow(msgspec.Struct, frozen=True, gc=False):
    """A school; its key is the DBN."""

    sis_id: str
    name: str
    low_grade: str = ""
    high_grade: str = ""
    given: Given = ()


class TermRow(msgspec.Struct, frozen=True, gc=False):
    """A term; days are ``YYYY-MM-DD``."""

    sis_id: str
    name: str
    start_date: str
    end_date: str


class CourseRow(msgspec.Struct, frozen=True, gc=False):
    """A course; its key is the course code."""

    sis_id: str
    name: str
    subject: str = ""


class UserRow(msgspec.Struct, frozen=True, gc=False):
    """A person in one role; the key is role and ``sis_id``. Rows of one e-mail may become one user."""

    role: UserRole
    sis_id: str
    first_name: str
    last_name: str
    email: str
    schools: tuple[str, ...] = ()
    """DBNs, the primary one first."""
    grade: str = ""
    birth_date: str = ""
    """``YYYY-MM-DD``."""
    gender: str = ""
    title: str = ""
    students: tuple[str, ...] = ()
    """Of a contact: the students they belong to, by ``sis_id``."""
    given: Given = ()


class SectionRow(msgspec.Struct, frozen=True, gc=False):
    """A section; people are named by their ``sis_id``."""

    sis_id: str
    school: str
    term: str
    course: str
    section_number: str
    name: str
    teachers: tuple[str, ...] = ()
    """The main teacher first."""
    students: tuple[str, ...] = ()
    period: str = ""
    given: Given = ()


class ResourceRow(msgspec.Struct, frozen=True, gc=False):
    """Learning material; its key is the district's ``resource_id``."""

    sis_id: str
    title: str
    roles: tuple[Literal["teacher", "student"], ...] = ("teacher", "student")
    """Who is to use it."""
    sections: tuple[str, ...] = ()
    courses: tuple[str, ...] = ()
    teachers: tuple[str, ...] = ()
    """People it is assigned to by name, by their ``sis_id``."""
    students: tuple[str, ...] = ()


class Removal(msgspec.Struct, frozen=True, gc=False):
    """A record that is no longer delivered."""

    kind: RowKind
    sis_id: str
    role: UserRole | None = None
    """Of a user."""


Row = SchoolRow | TermRow | CourseRow | UserRow | SectionRow | ResourceRow | Removal

ROW_NAMES: dict[type[Row], str] = {
    SchoolRow: "school",
    TermRow: "term",
    CourseRow: "course",
    UserRow: "user",
    SectionRow: "section",
    ResourceRow: "resource",
    Removal: "removal",
}
_ROW_TYPES = {name: kind for kind, name in ROW_NAMES.items()}


def encode_row(row: Row) -> bytes:
    """Write a row so that it can wait."""
    return msgspec.json.encode((ROW_NAMES[type(row)], row))


def decode_row(encoded: bytes) -> Row:
    """Read what :func:`encode_row` wrote."""
    name, row = msgspec.json.decode(encoded, type=tuple[str, msgspec.Raw])
    return msgspec.json.decode(row, type=_ROW_TYPES[name])
