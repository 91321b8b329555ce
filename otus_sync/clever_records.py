"""Clever's records, as far as the sync uses them.

Only the fields the sync uses are declared; the rest of a record is passed over while it is decoded, so a new
or strange field (Clever's enums drift) cannot stop a run.
"""

import msgspec


class District(msgspec.Struct, frozen=True):
    """The district itself."""

    id: str
    name: str = ""
    state: str = ""
    """``running``, or ``paused`` in summer: then the records are those of the day it was paused."""
    last_sync: str | None = None
    """When Clever last took in a delivery."""


class School(msgspec.Struct, frozen=True, gc=False):
    """A school."""

    id: str
    sis_id: str = ""
    """The DBN."""
    last_modified: str | None = None


class Name(msgspec.Struct, frozen=True, gc=False):
    """What somebody is called."""

    first: str | None = None
    last: str | None = None


class Part(msgspec.Struct, frozen=True, gc=False):
    """What somebody is as a student, or as a teacher."""

    sis_id: str | None = None
    """OSIS or staff number."""
    school: str | None = None
    schools: tuple[str, ...] = ()


class Roles(msgspec.Struct, frozen=True, gc=False):
    """The roles the sync cares for (F6: staff, district admins and contacts are none of its business)."""

    student: Part | None = None
    teacher: Part | None = None


class User(msgspec.Struct, frozen=True, gc=False):
    """A person."""

    id: str
    email: str | None = None
    name: Name = Name()
    roles: Roles = Roles()
    last_modified: str | None = None


class Section(msgspec.Struct, frozen=True, gc=False):
    """A section with the ids of its people, some of which may not be shared (A16)."""

    id: str
    school: str | None = None
    name: str | None = None
    sis_id: str | None = None
    teacher: str | None = None
    teachers: tuple[str, ...] = ()
    """The main teacher first."""
    students: tuple[str, ...] = ()
    last_modified: str | None = None


Record = School | User | Section


class CleverSide(msgspec.Struct, frozen=True):
    """All of Clever that one run works with, each kind by id."""

    district: District
    schools: tuple[School, ...]
    users: tuple[User, ...]
    """Everybody with a student or teacher role."""
    sections: tuple[Section, ...]
