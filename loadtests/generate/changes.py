"""What happens in a district between two nights, delivered to its Clever as its feed would deliver it (F4)."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

import msgspec

from fakes.clever import Clever, Removal, Row, SchoolRow, SectionRow, Store, UserRow
from fakes.shared.moments import read_wire_time
from loadtests.generate.calendar import DELIVERED_AT
from loadtests.generate.chunks import Plan
from loadtests.generate.draw import OSIS_FIRST
from loadtests.generate.manifest import (
    CLEVER_FILE,
    OTUS_FILE,
    PLANTED,
    BrokenDistrict,
    Manifest,
    Night,
    read_manifest,
    write_manifest,
)
from loadtests.generate.names import LAST_NAMES
from loadtests.generate.otus_file import fill_otus
from loadtests.generate.people_columns import STUDENTS_DOMAIN
from loadtests.generate.size import Wish, size_of
from loadtests.generate.tell import Tell, tell_nobody

NightName = Literal["quiet", "first-week", "first", "school-moves", "outage"]
NIGHTS: tuple[NightName, ...] = get_args(NightName)

QUIET_SHARE = 0.005
FIRST_WEEK_SHARE = 0.08
"""Of sections, students and teachers; both from the load test's specification."""
OUTAGE_NIGHTS = 3
"""Changes of so many quiet nights that arrive at once."""
COMING_AND_GOING = 0.04
"""Of the students who change: so many leave, and as many are new; the rest have another last name and e-mail."""
TEACHERS_MAX = 3
"""F2."""
OSIS_SPARE = 10_000_000
"""New students have numbers far above those that were drawn."""


class District:
    """The rows as delivered, to be changed.

    Args:
        clever: that holds them.
        dice: draws who changes.
    """

    def __init__(self, clever: Clever, dice: random.Random) -> None:
        self._clever = clever
        self._dice = dice
        self.changed: Counter[str] = Counter()

    def some(self, space: str, share: float) -> list[Row]:
        """Draw a share of the rows of a space, at least one if there is any."""
        picked: list[Row] = []
        some_row: Row | None = None
        for row in self._clever.delivered(space):
            some_row = row
            if self._dice.random() < share:
                picked.append(row)
        return picked or ([] if some_row is None else [some_row])

    def changes(self, share: float) -> list[Row]:
        """Change a share of everything, as on any day: rosters, names, comings and goings."""
        sections = [row for row in self.some("section", share) if isinstance(row, SectionRow)]
        students = [row for row in self.some("student", share) if isinstance(row, UserRow)]
        teachers = [row for row in self.some("teacher", share) if isinstance(row, UserRow)]
        fickle = max(1, round(len(students) * COMING_AND_GOING))
        leaving, renamed = students[:fickle], students[fickle:]
        new = [self._new_student(row, place) for place, row in enumerate(leaving)]
        self.changed += Counter(
            sections=len(sections),
            students_left=len(leaving),
            students_new=len(new),
            students_renamed=len(renamed),
            teachers_renamed=len(teachers),
        )
        return [
            *(Removal("user", row.sis_id, "student") for row in leaving),
            *new,
            *map(self._renamed, renamed),
            *map(self._renamed, teachers),
            *self._rosters(sections, new),
        ]

    def _new_student(self, like: UserRow, place: int) -> UserRow:
        """Somebody comes in the place of somebody who leaves."""
        number = OSIS_FIRST + OSIS_SPARE + self._dice.randrange(500_000_000) + place
        return self._renamed(msgspec.structs.replace(like, sis_id=str(number)))

    def _renamed(self, row: UserRow) -> UserRow:
        """Give another last name, and an e-mail that nobody has, as it holds the person's number."""
        last = LAST_NAMES.names[self._dice.randrange(len(LAST_NAMES.names))]
        domain = row.email.partition("@")[2] or STUDENTS_DOMAIN
        email = f"{row.first_name}.{last}.{row.sis_id}@{domain}".lower()
        return msgspec.structs.replace(row, last_name=last, email=email)

    def _rosters(self, sections: Sequence[SectionRow], new: Sequence[UserRow]) -> Iterator[SectionRow]:
        """Change who is in sections: one student goes, to the next of these sections if it is of the same school."""
        students = {row.sis_id: list(row.students) for row in sections}
        teachers = {row.sis_id: row.teachers for row in sections}
        for here, there in pairwise(sections):
            if here.school != there.school:
                continue
            if len(here.students) > 1:
                self._move(students[here.sis_id], students[there.sis_id])
            if self._dice.random() < 1 / 4:
                teachers[there.sis_id] = _with_teacher(there.teachers, here.teachers[:1])
        by_school = {row.school: row.sis_id for row in sections}
        for newcomer in new:
            section = by_school.get(newcomer.schools[0], sections[0].sis_id)
            students[section].append(newcomer.sis_id)
        for row in sections:
            roster = students[row.sis_id]
            if tuple(roster) == row.students and len(roster) > 1:
                roster.pop(self._dice.randrange(len(roster)))
            yield msgspec.structs.replace(row, students=tuple(roster), teachers=teachers[row.sis_id])

    def _move(self, here: list[str], there: list[str]) -> None:
        student = here.pop(self._dice.randrange(len(here)))
        if student not in there:
            there.append(student)

    def school_moves(self) -> list[Row]:
        """Give a school another DBN: everybody and every section of it goes along, under their own numbers."""
        schools = [row for row in self._clever.delivered("school") if isinstance(row, SchoolRow)]
        old = schools[self._dice.randrange(len(schools))]
        taken = {row.sis_id for row in schools}
        new = next(dbn for number in range(999, 0, -1) if (dbn := f"{old.sis_id[:3]}{number:03d}") not in taken)
        rows: list[Row] = [Removal("school", old.sis_id), msgspec.structs.replace(old, sis_id=new)]

        def moved(school: str) -> str:
            return new if school == old.sis_id else school

        people = (row for space in ("student", "teacher", "staff") for row in self._clever.delivered(space))
        rows += [
            msgspec.structs.replace(row, schools=tuple(map(moved, row.schools)))
            for row in people
            if isinstance(row, UserRow) and old.sis_id in row.schools
        ]
        rows += [
            msgspec.structs.replace(row, school=new)
            for row in self._clever.delivered("section")
            if isinstance(row, SectionRow) and row.school == old.sis_id
        ]
        self.changed += Counter(schools=1, rows=len(rows) - 2)
        return rows


def _with_teacher(teachers: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*teachers, *more)))[:TEACHERS_MAX]


def change(
    folder: Path, night: NightName, seed: int = 0, moment: datetime | None = None, tell: Tell = tell_nobody
) -> dict[str, int]:
    """Change a district as it changes before a night; it may be served meanwhile, but for the first night.

    Args:
        folder: of the district.
        night: which.
        seed: of who changes; another one for every night, or the same people change again.
        moment: of the delivery; by default now.
        tell: hears how far it is.

    Returns:
        How much was changed of what.

    Raises:
        BrokenDistrict: the folder is no district.
    """
    manifest = read_manifest(folder)
    changed = _first_night(folder, manifest, tell) if night == "first" else _deliver(folder, night, seed, moment, tell)
    nights = (*manifest.nights, Night(night, seed, changed))
    otus = "first" if night == "first" else manifest.otus
    planted = manifest.planted if night != "first" else {**manifest.planted, "co_teachers": 0}
    write_manifest(folder, msgspec.structs.replace(manifest, nights=nights, otus=otus, planted=planted))
    return changed


def _deliver(folder: Path, night: NightName, seed: int, moment: datetime | None, tell: Tell) -> dict[str, int]:
    store = Store(folder / CLEVER_FILE)
    at = moment or datetime.now(UTC)
    with closing(Clever(lambda: at, store=store)) as clever:
        at = max(at, _last_sync(clever, store) + timedelta(seconds=1))  # ids must grow
        district = District(clever, random.Random(f"night {seed} {night}"))  # noqa: S311 - a simulation, no secret
        what: dict[NightName, Callable[[], list[Row]]] = {
            "quiet": lambda: district.changes(QUIET_SHARE),
            "first-week": lambda: district.changes(FIRST_WEEK_SHARE),
            "outage": lambda: district.changes(QUIET_SHARE * OUTAGE_NIGHTS),
            "school-moves": district.school_moves,
        }
        tell("drawing", 0, 3)
        rows = what[night]()
        tell("delivering", 1, 3)
        clever.deliver(rows)
        tell("pressing", 2, 3)
        clever.press()
        tell("done", 3, 3)
        return dict(district.changed)


def _last_sync(clever: Clever, store: Store) -> datetime:
    record = store.record(clever.district_id)
    return DELIVERED_AT if record is None else read_wire_time(record.modified)


def _first_night(folder: Path, manifest: Manifest, tell: Tell) -> dict[str, int]:
    """Make Otus anew, as before its first night: then everything is to be written."""
    counts = manifest.counts
    size = size_of(Wish(manifest.preset))
    if (size.schools, size.students) != (counts.schools, counts.students):
        size = size_of(Wish(manifest.preset, counts.schools, counts.students))
    size = msgspec.structs.replace(size, large_school=manifest.large_school)
    part = folder / f"{OTUS_FILE}.part"
    part.unlink(missing_ok=True)
    try:
        made = fill_otus(part, Plan(size, manifest.seed, DELIVERED_AT), "first", tell)
        for leftover in (f"{OTUS_FILE}-wal", f"{OTUS_FILE}-shm"):
            (folder / leftover).unlink(missing_ok=True)
        part.replace(folder / OTUS_FILE)
        (folder / PLANTED).write_bytes(msgspec.json.encode(made))
    except OSError as error:
        raise BrokenDistrict(f"{folder} cannot be written: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)
    return {"classes_to_write": counts.sections, "accounts_to_write": counts.students + counts.teachers}
