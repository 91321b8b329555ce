"""The people Clever has, as Otus would know them."""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from otus_sync.clever import Part, School, User
from otus_sync.otus_records import EMAIL_LETTERS_MAX, EMAIL_LETTERS_MIN, TEXT_LETTERS_MAX


class Person(msgspec.Struct, frozen=True, gc=False):
    """A teacher or student whom Clever has tonight."""

    clever_id: str
    role: Literal["teacher", "student"]
    email: str
    """Empty if there is none that can be used (H4)."""
    first_name: str
    last_name: str
    sis_id: str
    """Empty if there is none."""
    schools: tuple[str, ...]
    """DBNs, the primary one first."""

    @property
    def name(self) -> str:
        """What people call them."""
        return f"{self.first_name} {self.last_name}".strip() or self.clever_id

    @property
    def email_key(self) -> str:
        """The e-mail in the form in which Otus compares it."""
        return email_key(self.email)


def email_key(email: str) -> str:
    """Give an e-mail in a form in which two that Otus takes for the same are equal (A11)."""
    return email.casefold()


def people_of(users: Iterable[User], dbns: Mapping[str, str]) -> list[Person]:
    """Pick the people who get accounts, by Clever id (F7).

    Args:
        users: as read from Clever, with whatever roles (F6).
        dbns: of the shared schools, by their Clever ids.
    """
    people = [person for user in users if (person := _person(user, dbns)) is not None]
    return sorted(people, key=lambda person: person.clever_id)


def dbns_of(schools: Iterable[School]) -> dict[str, str]:
    """Give the DBNs of the shared schools, by their Clever ids."""
    return {school.id: school.sis_id for school in schools if school.sis_id}


def _person(user: User, dbns: Mapping[str, str]) -> Person | None:
    if user.roles.teacher is not None:  # A teacher who also is district admin is a teacher (F6).
        return _as(user, "teacher", user.roles.teacher, dbns)
    if user.roles.student is not None:
        return _as(user, "student", user.roles.student, dbns)
    return None


def _as(user: User, role: Literal["teacher", "student"], part: Part, dbns: Mapping[str, str]) -> Person:
    listed = dict.fromkeys((part.school or "", *part.schools))
    return Person(
        clever_id=user.id,
        role=role,
        email=_usable(user.email),
        first_name=(user.name.first or "").strip()[:TEXT_LETTERS_MAX],
        last_name=(user.name.last or "").strip()[:TEXT_LETTERS_MAX],
        sis_id=(part.sis_id or "").strip(),
        schools=tuple(dbns[school] for school in listed if school in dbns),
    )


def _usable(email: str | None) -> str:
    text = (email or "").strip()
    return text if EMAIL_LETTERS_MIN <= len(text) <= EMAIL_LETTERS_MAX else ""
