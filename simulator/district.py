"""A district as a story describes it, and everything that the description leaves out, made up from a seed."""

import hashlib
import random
import re
import unicodedata
from collections.abc import Container, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Literal

import msgspec
from faker import Faker

from fakes.clever import USUAL_QUIRKS, HoldSettings
from fakes.clever.quirks import QUIRK_PERCENT
from fakes.clever.state import IDENTITY_DAYS
from simulator.clock import NEW_YORK
from simulator.faults import FaultRates
from simulator.feed import Lag
from simulator.nights import NIGHTLY_AT
from simulator.progress import ALL, Span

GUARD_PERCENT = 20
"""A14."""
GUARD_MINIMUM = 25
"""A14."""
CLEVER_PAGE_RECORDS = 10_000
"""A5: the largest page that Clever gives."""
COURSE_CODE_MAX = 12
REQUEST_LATENCY_MS = 20
"""How long a request of the sync takes in simulated time."""

SILENCE_SECONDS_MAX = 150.0
"""How long a running sync may say nothing, in real time: a command really waits for a rate limit, a minute or two."""

ByHandCoTeachers = Literal["keep", "only_without_rostered"]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in ATS/STARS."""

    name: str
    """As the story calls them; unique in the story."""
    role: Literal["student", "teacher"]
    schools: tuple[str, ...]
    """DBNs, the primary one first."""
    called: str = ""
    """First and last name, when two people share one and the story calls them differently."""
    id: str = ""
    """OSIS or staff number."""
    email: str | None = None
    """``""`` for somebody without one (H4); ``None`` until one is made up."""
    grade: str = ""
    birth_date: str = ""
    gender: str = ""

    @property
    def first_and_last(self) -> tuple[str, str]:
        """Split the full name: the last word is the last name."""
        first, _, last = (self.called or self.name).rpartition(" ")
        return first or last, last


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A section in ATS/STARS; people by the names the story gives them."""

    name: str
    school: str
    teacher: str | None = None
    co_teachers: tuple[str, ...] = ()
    students: tuple[str, ...] = ()

    @property
    def course_and_number(self) -> tuple[str, str]:
        """Split ``Algebra 1-01`` into course and section number (A3)."""
        course, dash, number = self.name.rpartition("-")
        return (course, number) if dash and course and number else (self.name, "01")


class School(msgspec.Struct, frozen=True, kw_only=True):
    """A school."""

    dbn: str
    name: str = ""
    finalized: bool = True
    """Whether its schedule is (F3)."""
    shared: bool = True
    """Whether Clever shares it with Otus (H11)."""


class CleverOnly(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom Clever has from elsewhere than ATS: staff, district admins (F6), and students' contacts."""

    name: str
    role: Literal["staff", "district_admin", "contact"]
    email: str
    schools: tuple[str, ...] = ()
    students: tuple[str, ...] = ()
    """Of a contact: the students they belong to, by the names the story gives them."""


class Admin(msgspec.Struct, frozen=True, kw_only=True):
    """An admin account made by hand in Otus (F6)."""

    name: str
    email: str
    schools: tuple[str, ...] = ()


class Term(msgspec.Struct, frozen=True):
    """The term that the story lies in."""

    code: str
    name: str
    start: date
    end: date


class District(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that all three systems agree on when a story begins."""

    schools: tuple[School, ...]
    people: tuple[Person, ...]
    sections: tuple[Section, ...]
    clever_only: tuple[CleverOnly, ...] = ()
    admins: tuple[Admin, ...] = ()


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """How the world works: the settings of the three systems, of the feed and of the nights."""

    start: datetime
    seed: int = 0
    lag: Lag = Lag()
    nightly_at: time = NIGHTLY_AT
    manual_rostering: bool = True
    by_hand_co_teachers: ByHandCoTeachers = "keep"
    overwrite_class_names: bool = True
    guard_percent: int = GUARD_PERCENT
    guard_minimum: int = GUARD_MINIMUM
    rate_limit_per_minute: int = 1200
    """Of Clever, per token."""
    clever_events: bool = False
    """Whether Clever writes events for Otus's application; it does not, until it is asked to (A5)."""
    clever_hold: HoldSettings | None = None
    """When Clever puts a sync on hold; ``None`` is never."""
    clever_quirks: frozenset[str] = USUAL_QUIRKS
    clever_quirk_percent: int = QUIRK_PERCENT
    """Of the records that a quirk can hit, so many it hits."""
    clever_page_records: int = CLEVER_PAGE_RECORDS
    """On a page of Clever's at most, whatever limit is asked for."""
    clever_identity_days: int = IDENTITY_DAYS
    """After so many days of absence a person or a section comes back under another id."""
    fault_rates: FaultRates | None = None
    """What goes wrong by chance."""
    fault_nights: Span = ALL
    """And in which nights; if not in all, then in no run between them."""
    port_base: int | None = None
    """Clever's port, Otus's is the next; ``None`` lets the system choose."""
    latency_ms: int = REQUEST_LATENCY_MS
    sync_simulated_hours_max: float = 6
    """A run longer than this, in simulated time, hangs."""
    sync_real_seconds_max: float = SILENCE_SECONDS_MAX
    """A run that says nothing for this long, in real time, hangs."""
    second_run: bool = True
    """Whether every succeeded night is run a second time on a copy of the world, to see that nothing changes (A15)."""


class Inventor:
    """Makes up what a story does not say; the same seed and name always give the same.

    Args:
        seed: of the story.
        on: the day the story starts, for birth dates.
    """

    def __init__(self, seed: int, on: date) -> None:
        self._seed = seed
        self._on = on
        self._taken_ids: set[str] = set()
        self._taken_emails: set[str] = set()

    def complete(self, person: Person) -> Person:
        """Fill in number, e-mail, grade and birth date where they are not given."""
        dice = random.Random(f"person {self._seed} {person.name}")  # noqa: S311 - a simulation, no secret
        student = person.role == "student"
        number = person.id or self._number(dice, 9 if student else 7)
        self._taken_ids.add(number)
        email = person.email if person.email is not None else self._email(person)
        self._taken_emails.add(email.casefold())
        grade = person.grade or (str(dice.randint(9, 12)) if student else "")
        return msgspec.structs.replace(
            person,
            id=number,
            email=email,
            grade=grade,
            birth_date=person.birth_date or (self._birth_date(dice, int(grade)) if grade.isdigit() else ""),
            gender=person.gender or (dice.choice(["F", "M"]) if student else ""),
        )

    def complete_all(self, people: Sequence[Person]) -> list[Person]:
        """Fill in what is not given of many; nobody is given what somebody else of them has."""
        self._taken_ids.update(person.id for person in people if person.id)
        self._taken_emails.update(person.email.casefold() for person in people if person.email)
        return [self.complete(person) for person in people]

    def crowd(self, count: int, key: str, *taken: Container[str]) -> list[str]:
        """Name people of whom a story only says how many there are.

        Args:
            count: how many.
            key: what they are many of; another key gives other people.
            taken: names that somebody else has; they are passed over.

        Returns:
            Full names, all different.
        """
        fake = _faker()
        fake.seed_instance(f"crowd {self._seed} {key}")
        names: dict[str, None] = {}
        while len(names) < count:
            name = f"{fake.first_name()} {fake.last_name()}"
            if not any(name in others for others in taken):
                names.setdefault(name)
        return list(names)

    def _number(self, dice: random.Random, digits: int) -> str:
        while True:
            number = str(dice.randrange(2 * 10 ** (digits - 1), 3 * 10 ** (digits - 1)))
            if number not in self._taken_ids:
                return number

    def _email(self, person: Person) -> str:
        first, last = person.first_and_last
        local = ".".join(filter(None, map(_in_ascii, (first, last)))) or "person"
        domain = "students.example" if person.role == "student" else "schools.example"
        tries = (f"{local}{count or ''}@{domain}" for count in range(10_000))
        return next(email for email in tries if email not in self._taken_emails)

    def _birth_date(self, dice: random.Random, grade: int) -> str:
        year = self._on.year - grade - 5
        return (date(year, 1, 1) + timedelta(days=dice.randrange(365))).isoformat()


@cache
def _faker() -> Faker:
    """Make the one that names people; seeded anew, it gives what a new one would, and it takes 10 ms to make."""
    return Faker("en_US")


def _in_ascii(name: str) -> str:
    """Write a name with what an e-mail address may hold: Núñez is nunez."""
    return re.sub(r"[^a-z0-9]+", "", unicodedata.normalize("NFKD", name).lower())


def term_of(moment: datetime) -> Term:
    """Give the term that a moment lies in, as New York's school year has them: fall, spring, summer."""
    day = moment.astimezone(NEW_YORK).date()
    year = day.year if day.month >= 8 else day.year - 1
    if day.month >= 8 or day.month == 1:
        return Term(f"{year}-1", f"Fall {year}", date(year, 9, 8), date(year + 1, 1, 31))
    if day.month <= 6:
        return Term(f"{year}-2", f"Spring {year + 1}", date(year + 1, 2, 1), date(year + 1, 6, 26))
    return Term(f"{year}-7", f"Summer {year + 1}", date(year + 1, 7, 1), date(year + 1, 8, 20))


def terms_from(moment: datetime) -> list[Term]:
    """Give the terms of the school year that a moment lies in, and of the one after it: stories may be long."""
    local = moment.astimezone(NEW_YORK)
    first = local.year if local.month >= 8 else local.year - 1
    days = [(year + (month < 8), month) for year in (first, first + 1) for month in (9, 3, 7)]
    return [term_of(datetime(year, month, 15, 12, tzinfo=NEW_YORK)) for year, month in days]


def course_code(course: str) -> str:
    """Make a course code of a course's name: ``Algebra 1`` is ``ALGEBRA1``; another name gives another code."""
    code = re.sub(r"[^A-Z0-9]", "", course.upper())
    if 0 < len(code) <= COURSE_CODE_MAX:
        return code
    digest = hashlib.blake2b(course.encode(), digest_size=2).hexdigest().upper()
    return code[: COURSE_CODE_MAX - len(digest)] + digest
