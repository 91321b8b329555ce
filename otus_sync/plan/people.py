"""The people Clever has, as Otus would know them."""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from otus_sync.clever_records import School, User
from otus_sync.otus_records import EMAIL_LETTERS_MAX, EMAIL_LETTERS_MIN, TEXT_LETTERS_MAX


class Person(msgspec.Struct, frozen=True, gc=False, array_like=True):
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


class Newcomers:
    """Makes people of Clever's users (F7).

    Args:
        dbns: of the shared schools, by their Clever ids.
    """

    def __init__(self, dbns: Mapping[str, str]) -> None:
        self._dbns = dbns
        self._schools: dict[tuple[str | None, tuple[str, ...]], tuple[str, ...]] = {}
        """A district has few combinations of schools."""

    @property
    def has_strangers(self) -> bool:
        """Whether somebody so far is of schools none of which is known."""
        return any(not known and (primary or others) for (primary, others), known in self._schools.items())

    def people(self, users: Iterable[User]) -> list[Person]:
        """Give users as Otus would know them, without those who get no account.

        A million come in a night, so that nearly all is done in one loop.

        Args:
            users: as read from Clever, with whatever roles (F6).
        """
        found: list[Person] = []
        add, known = found.append, self._schools
        for user in users:
            roles, name = user.roles, user.name
            role: Literal["teacher", "student"] = "teacher"  # A teacher who also is district admin is a teacher (F6).
            part = roles.teacher
            if part is None:
                role, part = "student", roles.student
                if part is None:
                    continue
            listed = (part.school, part.schools)
            schools = known.get(listed)
            if schools is None:
                schools = known[listed] = self._dbns_of(*listed)
            add(
                Person(
                    user.id,
                    role,
                    _usable(user.email),
                    (name.first or "").strip()[:TEXT_LETTERS_MAX],
                    (name.last or "").strip()[:TEXT_LETTERS_MAX],
                    (part.sis_id or "").strip(),
                    schools,
                )
            )
        return found

    def _dbns_of(self, primary: str | None, schools: tuple[str, ...]) -> tuple[str, ...]:
        listed = dict.fromkeys((primary or "", *schools))
        return tuple(self._dbns[school] for school in listed if school in self._dbns)


def dbns_of(schools: Iterable[School]) -> dict[str, str]:
    """Give the DBNs of the shared schools, by their Clever ids."""
    return {school.id: school.sis_id for school in schools if school.sis_id}


def _usable(email: str | None) -> str:
    text = (email or "").strip()
    return text if EMAIL_LETTERS_MIN <= len(text) <= EMAIL_LETTERS_MAX else ""
