"""What is read of Clever's records, and what is put in its place.

Only what a world needs is read; every other field, known or not, is dropped by the decoder before anything sees it:
addresses, phones, race, programs, numbers of the state, logins, a district's own fields, contacts. Words are masked;
ids are; what stays is who is in what, as what, and when Clever made and last changed a record.
"""

import re
from typing import Generic, TypeVar

import msgspec

from rostersim.capture.pseudonyms import Pseudonyms

GRADES = frozenset(
    {"InfantToddler", "Preschool", "PreKindergarten", "TransitionalKindergarten", "Kindergarten", "PostGraduate"}
    | {"Ungraded", "Other"}
    | {str(grade) for grade in range(1, 14)}
)
"""Clever's own words; a district may write anything, and anything else is dropped. Source: facts on Clever's wire."""
SUBJECTS = {
    "english/language arts": "English",
    "math": "Math",
    "science": "Science",
    "social studies": "History",
    "language": "Language",
    "homeroom/advisory": "Homeroom",
    "interventions/online learning": "Support",
    "technology and engineering": "Technology",
    "PE and health": "Health",
    "arts and music": "Arts",
}
"""Clever's own words for subjects, and how a section is called by them."""
STUDENT_DIGITS, TEACHER_DIGITS = 9, 7
"""A3: OSIS and staff number."""
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
T = TypeVar("T")


class MaskedSchool(msgspec.Struct, frozen=True, gc=False):
    """A school."""

    id: str
    dbn: str
    created: str
    last_modified: str


class MaskedTerm(msgspec.Struct, frozen=True, gc=False):
    """A term; its days are the district's."""

    id: str
    start_date: str
    end_date: str


class MaskedUser(msgspec.Struct, frozen=True, gc=False):
    """A person; only a student or teacher has a number."""

    id: str
    roles: tuple[str, ...]
    number: str
    first_name: str
    last_name: str
    email: str
    schools: tuple[str, ...]
    """Masked ids, the primary one first."""
    grade: str
    birth_date: str
    created: str
    last_modified: str

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


class MaskedSection(msgspec.Struct, frozen=True, gc=False):
    """A section; people by masked ids."""

    id: str
    school: str
    course: str
    """A word for its course, subject included: ``Math Kedaru``."""
    term: str
    teachers: tuple[str, ...]
    students: tuple[str, ...]
    created: str
    last_modified: str


class Masker:
    """Reads records as Clever has them, and gives them masked.

    Args:
        pseudonyms: of the capture's key.
    """

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms

    def id(self, clever_id: str) -> str:
        """Mask an id of Clever's."""
        return self._pseudonyms.fingerprint("clever id", clever_id)

    def schools(self, page: bytes) -> list[MaskedSchool]:
        """Mask a page of schools.

        Raises:
            msgspec.DecodeError: it is none.
        """
        items = msgspec.json.decode(page, type=_Page[_School]).data
        dbn = self._pseudonyms.dbn
        return [
            MaskedSchool(
                self.id(each.id), dbn(each.sis_id or each.id), _moment(each.created), _moment(each.last_modified)
            )
            for each in (item.data for item in items)
        ]

    def terms(self, page: bytes) -> list[MaskedTerm]:
        """Mask a page of terms."""
        items = msgspec.json.decode(page, type=_Page[_Term]).data
        return [MaskedTerm(self.id(i.data.id), _day(i.data.start_date), _day(i.data.end_date)) for i in items]

    def users(self, page: bytes) -> list[MaskedUser]:
        """Mask a page of users; contacts, of whom Otus never hears, are left out (F6)."""
        items = msgspec.json.decode(page, type=_Page[_User]).data
        masked = (self._user(item.data) for item in items)
        return [user for user in masked if user.roles]

    def sections(self, page: bytes) -> list[MaskedSection]:
        """Mask a page of sections."""
        items = msgspec.json.decode(page, type=_Page[_Section]).data
        return [self._section(item.data) for item in items]

    def _user(self, user: "_User") -> MaskedUser:
        mask, roles = self._pseudonyms, user.roles
        part = roles.student or roles.teacher or roles.staff or roles.district_admin or _Role()
        digits = STUDENT_DIGITS if roles.student is not None else TEACHER_DIGITS
        primary = (part.school,) if part.school else ()
        schools = dict.fromkeys([*primary, *part.schools])
        return MaskedUser(
            id=self.id(user.id),
            roles=roles.held(),
            number=mask.number(str(digits), part.sis_id or user.id, digits) if roles.student or roles.teacher else "",
            first_name=mask.word("first name", user.name.first or user.id),
            last_name=mask.word("last name", user.name.last or user.id, 4),
            email=mask.email(user.email) if user.email and user.email.strip() else "",
            schools=tuple(self.id(school) for school in schools),
            grade=part.grade if part.grade in GRADES else "",
            birth_date=mask.day("birth date", part.dob),
            created=_moment(user.created),
            last_modified=_moment(user.last_modified),
        )

    def _section(self, section: "_Section") -> MaskedSection:
        subject = SUBJECTS.get(section.subject, "Course")
        word = self._pseudonyms.word("course", section.course or section.name or section.id)
        teachers = dict.fromkeys([*filter(None, [section.teacher]), *section.teachers])
        return MaskedSection(
            id=self.id(section.id),
            school=self.id(section.school),
            course=f"{subject} {word}",
            term=self.id(section.term_id) if section.term_id else "",
            teachers=tuple(map(self.id, teachers)),
            students=tuple(map(self.id, dict.fromkeys(section.students))),
            created=_moment(section.created),
            last_modified=_moment(section.last_modified),
        )


def _moment(value: str | None) -> str:
    """Let a moment pass, and nothing else that may stand in its place."""
    return value if value is not None and _MOMENT.fullmatch(value) else ""


def _day(value: str | None) -> str:
    """Let a day pass, and nothing else that may stand in its place."""
    return value if value is not None and _DAY.fullmatch(value) else ""


# ---------------------------------------------------------------- what is read of the wire


class _School(msgspec.Struct, frozen=True, gc=False):
    id: str
    sis_id: str = ""
    created: str | None = None
    last_modified: str | None = None


class _Term(msgspec.Struct, frozen=True, gc=False):
    id: str
    start_date: str | None = None
    end_date: str | None = None


class _Name(msgspec.Struct, frozen=True, gc=False):
    first: str | None = None
    last: str | None = None


class _Role(msgspec.Struct, frozen=True, gc=False):
    sis_id: str = ""
    school: str = ""
    schools: tuple[str, ...] = ()
    grade: str = ""
    dob: str = ""


class _Roles(msgspec.Struct, frozen=True, gc=False):
    student: _Role | None = None
    teacher: _Role | None = None
    staff: _Role | None = None
    district_admin: _Role | None = None

    def held(self) -> tuple[str, ...]:
        """Name those that are there."""
        return tuple(name for name in self.__struct_fields__ if getattr(self, name) is not None)


class _User(msgspec.Struct, frozen=True, gc=False):
    id: str
    roles: _Roles = _Roles()
    name: _Name = _Name()
    email: str | None = None
    created: str | None = None
    last_modified: str | None = None


class _Section(msgspec.Struct, frozen=True, gc=False):
    id: str
    school: str
    name: str = ""
    subject: str = ""
    course: str | None = None
    term_id: str | None = None
    teacher: str | None = None
    teachers: tuple[str, ...] = ()
    students: tuple[str, ...] = ()
    created: str | None = None
    last_modified: str | None = None


class _Item(msgspec.Struct, Generic[T], frozen=True, gc=False):
    data: T


class _Page(msgspec.Struct, Generic[T], frozen=True, gc=False):
    data: list[_Item[T]]
