"""Checks a night at size: everybody, every class and every enrollment of Otus against Clever, from their two files.

The checker stands apart from what it checks: it reads the tables and the records in them, and no code of the sync,
and no rule of a fake, has a part in it. What was put in by hand when the district was made must be as it was.
"""

import sqlite3
import time
from array import array
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from fakes.shared.database import open_to_read
from loadtests.generate.manifest import CLEVER_FILE, OTUS_FILE, PLANTED, BrokenDistrict, read_manifest
from loadtests.generate.otus_file import Planted

TOLD_MAX = 20
"""Differences that are told in words; all are counted."""
PARTS = ("main teacher", "co-teacher", "student")
NOBODY = np.uint32(0xFFFFFFFF)
"""An account that no user of Clever has."""

Keys = npt.NDArray[np.uint64]


class Verdict(msgspec.Struct, frozen=True):
    """What a check has found."""

    differences: int
    first: tuple[str, ...]
    """The first of them, in words."""
    compared: dict[str, int]
    """How many accounts, classes and enrollments."""
    planted: dict[str, int]
    """How many things made by hand were looked at."""
    planted_ok: bool
    seconds: float

    @property
    def right(self) -> bool:
        """Whether Otus is as it must be."""
        return self.differences == 0


class _Name(msgspec.Struct, gc=False):
    first: str = ""
    last: str = ""


class _Part(msgspec.Struct, gc=False):
    sis_id: str = ""
    school: str = ""
    schools: tuple[str, ...] = ()


class _Roles(msgspec.Struct, gc=False):
    student: _Part | None = None
    teacher: _Part | None = None


class _User(msgspec.Struct, gc=False):
    id: str
    email: str
    name: _Name
    roles: _Roles


class _Section(msgspec.Struct, gc=False):
    id: str
    name: str
    school: str
    teachers: tuple[str, ...]
    students: tuple[str, ...]


class _School(msgspec.Struct, gc=False):
    id: str
    sis_id: str


class _UserItem(msgspec.Struct, gc=False):
    data: _User


class _SectionItem(msgspec.Struct, gc=False):
    data: _Section


class _SchoolItem(msgspec.Struct, gc=False):
    data: _School


class _Account(msgspec.Struct, gc=False):
    id: int
    role: str
    email: str
    first_name: str
    last_name: str
    sis_id: str | None
    clever_id: str | None
    active: bool
    schools: tuple[str, ...]

    def looks(self) -> tuple[str, str, str, str, str, frozenset[str], bool]:
        """Give what must be as in Clever."""
        named = (self.role, self.email.casefold(), self.first_name, self.last_name)
        return (*named, self.sis_id or "", frozenset(self.schools), self.active)


class _Class(msgspec.Struct, gc=False):
    id: int
    name: str
    school: str
    clever_id: str | None
    archived: bool


class _Roster(msgspec.Struct, gc=False):
    teacher: int | None
    co_teachers: tuple[int, ...]
    students: tuple[int, ...]


_user = msgspec.json.Decoder(_UserItem).decode
_section = msgspec.json.Decoder(_SectionItem).decode
_school = msgspec.json.Decoder(_SchoolItem).decode
_account = msgspec.json.Decoder(_Account).decode
_class = msgspec.json.Decoder(_Class).decode
_roster = msgspec.json.Decoder(_Roster).decode


class _Findings:
    """Counts differences and keeps the first in words."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[str] = []

    def add(self, words: str) -> None:
        self.count += 1
        if len(self.first) < TOLD_MAX:
            self.first.append(words)

    def add_many(self, count: int, words: Iterator[str]) -> None:
        """Count differences of which only some are put into words."""
        self.count += count
        self.first += islice(words, TOLD_MAX - len(self.first))


class _Clever(NamedTuple):
    """What Clever has, in numbers; people and sections by their places, ascending by id."""

    people: dict[str, int]
    """Places by Clever id."""
    names: list[str]
    """Of the people."""
    looks: list[tuple[str, str, str, str, str, frozenset[str], bool]]
    sections: dict[str, int]
    section_words: list[tuple[str, str]]
    """Name and DBN."""
    enrollments: Keys
    """Sorted; section, part and person in one number."""


class _Otus(NamedTuple):
    """What Otus has of it."""

    person_of: npt.NDArray[np.uint32]
    """The place of the person in Clever, by account id."""
    accounts: int
    classes: int
    enrollments: Keys


def check_district(folder: Path) -> Verdict:
    """Compare Otus with Clever after a night; nobody may write meanwhile.

    Args:
        folder: of the district.

    Raises:
        BrokenDistrict: it is none, or has no Otus.
    """
    began = time.perf_counter()
    if read_manifest(folder).otus == "none":
        raise BrokenDistrict(f"{folder} has no Otus, so there is nothing to compare")
    found = _Findings()
    clever = _read_clever(folder / CLEVER_FILE)
    otus = _read_otus(folder / OTUS_FILE, clever, found)
    _compare_enrollments(clever, otus, found)
    before = found.count
    planted = _read_planted(folder)
    _check_planted(folder / OTUS_FILE, planted, found)
    return Verdict(
        differences=found.count,
        first=tuple(found.first),
        compared={
            "accounts": len(clever.people),
            "classes": len(clever.sections),
            "enrollments": int((_part_of(clever.enrollments) == PARTS.index("student")).sum()),
            "teachers of classes": int((_part_of(clever.enrollments) != PARTS.index("student")).sum()),
        },
        planted=planted.counts(),
        planted_ok=found.count == before,
        seconds=time.perf_counter() - began,
    )


# ---------------------------------------------------------------- Clever


def _read_clever(path: Path) -> _Clever:
    database = open_to_read(path)

    def records(kind: str) -> Iterator[bytes]:
        asked = "SELECT v31 FROM records WHERE kind = ? AND shared & 1 ORDER BY id"
        return (body for (body,) in database.execute(asked, (kind,)))

    dbns = {school.id: school.sis_id for school in (_school(body).data for body in records("school"))}
    people: dict[str, int] = {}
    names, looks = [], []
    for user in (_user(body).data for body in records("user")):
        role, part = ("teacher", user.roles.teacher) if user.roles.teacher else ("student", user.roles.student)
        if part is None:
            continue  # F6: staff and district admins get no account
        people[user.id] = len(people)
        names.append(f"{user.name.first} {user.name.last} ({part.sis_id})")
        schools = frozenset(dbns[school] for school in (part.school, *part.schools) if school in dbns)
        looks.append((role, user.email.casefold(), user.name.first, user.name.last, part.sis_id, schools, True))
    sections: dict[str, int] = {}
    words, keys = [], []
    for section in (_section(body).data for body in records("section")):
        if section.school not in dbns:
            continue
        words.append((section.name, dbns[section.school]))
        parts = (section.teachers[:1], section.teachers[1:], section.students)
        keys.append(_keys(len(sections), parts, lambda some: array("I", map(people.__getitem__, some))))
        sections[section.id] = len(sections)
    database.close()
    return _Clever(people, names, looks, sections, words, _sorted(keys))


def _keys(section: int, parts: tuple[tuple[str, ...], ...], places: "Callable[[tuple[str, ...]], array[int]]") -> Keys:
    head = [np.uint64(section << 2 | part) << np.uint64(32) for part in range(len(PARTS))]
    return np.concatenate(
        [np.frombuffer(places(some), dtype=np.uint32) | head[part] for part, some in enumerate(parts) if some]
        or [np.zeros(0, dtype=np.uint64)]
    )


def _sorted(keys: list[Keys]) -> Keys:
    return np.sort(np.concatenate(keys)) if keys else np.zeros(0, dtype=np.uint64)


def _part_of(keys: Keys) -> Keys:
    return keys >> np.uint64(32) & np.uint64(3)


# ---------------------------------------------------------------- Otus


def _read_otus(path: Path, clever: _Clever, found: _Findings) -> _Otus:
    database = open_to_read(path)
    (last,) = database.execute("SELECT coalesce(max(id), 0) FROM account").fetchone()
    person_of = np.full(last + 1, NOBODY, dtype=np.uint32)
    linked = 0
    for (body,) in database.execute("SELECT doc FROM account WHERE clever_id IS NOT NULL ORDER BY id"):
        linked += _compare_account(_account(body), clever, person_of, found)
    missing = set(range(len(clever.people))).difference(person_of.tolist()) if linked < len(clever.people) else set()
    found.add_many(len(missing), (f"{clever.names[place]} has no account" for place in sorted(missing)))
    classes, keys = 0, []
    for body, roster in database.execute("SELECT doc, roster FROM class WHERE clever_id IS NOT NULL ORDER BY id"):
        section = _compare_class(_class(body), clever, found)
        if section is not None:
            classes += 1
            keys.append((section, _roster(roster)))
    if classes < len(clever.sections):
        there = {section for section, _ in keys}
        gone = [place for place in range(len(clever.sections)) if place not in there]
        found.add_many(len(gone), (f"{_class_words(clever, place)} is missing in Otus" for place in gone))
    database.close()
    return _Otus(person_of, linked, classes, _roster_keys(keys, person_of))


def _compare_account(account: _Account, clever: _Clever, person_of: npt.NDArray[np.uint32], found: _Findings) -> int:
    place = clever.people.get(account.clever_id or "")
    if place is None:
        if account.active:
            found.add(f"account {account.id} ({account.email}) is active, and Clever has nobody of its id")  # A13
        return 0
    person_of[account.id] = place
    looks = account.looks()
    if looks != clever.looks[place]:
        wanted = clever.looks[place]
        names = ("role", "e-mail", "first name", "last name", "SIS id", "schools", "active")
        different = [
            f"{name} is {_shown(is_)}, in Clever {_shown(must)}"
            for name, is_, must in zip(names, looks, wanted, strict=True)
            if is_ != must
        ]
        found.add(f"{clever.names[place]}: {'; '.join(different)}")
    return 1


def _shown(value: object) -> str:
    return ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)


def _compare_class(about: _Class, clever: _Clever, found: _Findings) -> int | None:
    place = clever.sections.get(about.clever_id or "")
    if place is None:
        if not about.archived:
            found.add(f"{about.name} of {about.school} is not archived, and Clever has no such section")  # A12
        return None
    wanted = clever.section_words[place]
    if (about.name, about.school) != wanted or about.archived:
        state = "archived" if about.archived else f"{about.name} of {about.school}"
        found.add(f"{_class_words(clever, place)}: in Otus it is {state}")
    return place


def _class_words(clever: _Clever, place: int) -> str:
    name, dbn = clever.section_words[place]
    return f"{name} of {dbn}"


def _roster_keys(rosters: list[tuple[int, _Roster]], person_of: npt.NDArray[np.uint32]) -> Keys:
    """Write rosters as numbers, all at once: section, part and person."""
    parts: list[list[tuple[int, tuple[int, ...]]]] = [
        [(section, () if roster.teacher is None else (roster.teacher,)) for section, roster in rosters],
        [(section, roster.co_teachers) for section, roster in rosters],
        [(section, roster.students) for section, roster in rosters],
    ]
    keys = []
    for part, named in enumerate(parts):
        accounts = np.fromiter(chain.from_iterable(some for _, some in named), dtype=np.int64)
        sizes = np.fromiter((len(some) for _, some in named), dtype=np.int64, count=len(named))
        sections = np.repeat(np.fromiter((one for one, _ in named), dtype=np.uint64, count=len(named)), sizes)
        heads = (sections << np.uint64(2) | np.uint64(part)) << np.uint64(32)
        keys.append(heads | person_of[accounts])
    return _sorted(keys)


# ---------------------------------------------------------------- both


def _compare_enrollments(clever: _Clever, otus: _Otus, found: _Findings) -> None:
    if np.array_equal(clever.enrollments, otus.enrollments):
        return
    missing = np.setdiff1d(clever.enrollments, otus.enrollments, assume_unique=True)
    extra = np.setdiff1d(otus.enrollments, clever.enrollments, assume_unique=True)
    repeated = len(otus.enrollments) - len(np.unique(otus.enrollments))
    found.add_many(len(missing), (f"{_key_words(clever, key)} is missing" for key in missing.tolist()))
    found.add_many(len(extra), (f"{_key_words(clever, key)} must not be there" for key in extra.tolist()))
    if repeated:
        found.add(f"{repeated} members stand in a roster twice")


def _key_words(clever: _Clever, key: int) -> str:
    section, part, person = key >> 34, key >> 32 & 3, key & 0xFFFFFFFF
    who = "an account that nobody in Clever has" if person == int(NOBODY) else clever.names[person]
    return f"{who} as {PARTS[part]} of {_class_words(clever, section)}"


# ---------------------------------------------------------------- by hand


def _read_planted(folder: Path) -> Planted:
    path = folder / PLANTED
    try:
        return msgspec.json.decode(path.read_bytes(), type=Planted)
    except (OSError, msgspec.MsgspecError) as error:
        raise BrokenDistrict(f"{path} cannot be read: {error}; make the district anew") from None


def _check_planted(path: Path, planted: Planted, found: _Findings) -> None:
    """See that all that was made by hand is as it was (F6, F9, F10)."""
    database = open_to_read(path)
    for kind, made in (("account", planted.accounts), ("class", planted.classes)):
        for one in made:
            row = database.execute(f"SELECT doc FROM {kind} WHERE id = ?", (one.id,)).fetchone()  # noqa: S608 - above
            if row is None or bytes(row[0]) != msgspec.json.encode(one):
                found.add(f"the {kind} {one.id} that was made by hand is {'gone' if row is None else 'changed'}")
    for class_id, account, part in (*planted.members, *planted.co_teachers):
        asked = "SELECT 1 FROM by_hand WHERE class = ? AND account = ? AND part = ?"
        there = database.execute(asked, (class_id, account, part)).fetchone() is not None
        if not there and not _is_rostered(database, class_id, account):
            found.add(f"account {account}, by hand {part.replace('_', '-')} of class {class_id}, is there no longer")
    database.close()


def _is_rostered(database: sqlite3.Connection, class_id: int, account: int) -> bool:
    """Tell whether somebody who was added by hand has become rostered, as Clever has them now too (A8)."""
    row = database.execute("SELECT roster FROM class WHERE id = ?", (class_id,)).fetchone()
    return row is not None and account in _roster(row[0]).co_teachers
