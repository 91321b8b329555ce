"""Clever's sections, packed: ids as numbers, rosters as slices of two long arrays, and of each a digest."""

import sys
from array import array
from collections.abc import Iterable, Set
from itertools import accumulate

import msgspec
import numpy as np
import numpy.typing as npt

from otus_sync.packed import Numbers, Pieces, runs_of, viewed
from otus_sync.plan.batches import Named, SectionBatch
from otus_sync.plan.comparing import Flags, Heads


class SectionsColumns(msgspec.Struct, frozen=True):
    """Sections as they are kept for another night."""

    ids: list[str]
    names: list[str]
    schools: list[str]
    lost_schools: dict[int, str]
    digests: list[str]
    heads: bytes
    repeating: list[int]
    teachers: bytes
    teacher_ends: bytes
    students: bytes
    student_ends: bytes
    modified: bytearray
    modified_ends: bytes


class Sections:
    """All sections of a district; each has a place.

    Args:
        numbers: of Clever ids; shared with the census.
    """

    def __init__(self, numbers: Numbers[str]) -> None:
        self.ids: list[str] = []
        self.names: list[str] = []
        """As Otus shows them."""
        self.schools: list[str] = []
        """DBNs; empty for a school that is not shared."""
        self.lost_schools: dict[int, str] = {}
        """What sections say, by place, whose school is not shared (A16)."""
        self.digests: list[str] = []
        """If all members can be rostered, and nobody is named twice."""
        self._heads = bytearray()
        self.repeating: list[int] = []
        """Places of sections that name somebody twice."""
        self.numbers = numbers
        self._teachers, self._teacher_ends = array("i"), array("q", (0,))
        self._students, self._student_ends = array("i"), array("q", (0,))
        self._modified = Pieces()
        self._places: dict[str, int] | None = None

    def add(self, batch: SectionBatch) -> None:
        """Take sections in."""
        first = len(self.ids)
        self.ids += batch.ids
        self.names += map(sys.intern, batch.names)
        self.schools += map(sys.intern, batch.schools)
        self.lost_schools |= {first + place: school for place, school in batch.lost_schools.items()}
        self.digests += batch.digests
        self._heads += batch.heads
        self.repeating += [first + place for place in batch.repeating]
        self._enter(self._teachers, self._teacher_ends, batch.teachers)
        self._enter(self._students, self._student_ends, batch.students)
        self._modified.extend(batch.modified)
        self._places = None

    def replace(self, gone: Set[str], batches: Iterable[SectionBatch]) -> None:
        """Take some out, if they are there, and others in; afterwards they stand in the order of their ids.

        Clever lists them in the same order, and a plan has its classes in it.

        Args:
            gone: ids of those that go.
            batches: of those that come.
        """
        stay = [place for place, key in enumerate(self.ids) if key not in gone]
        before = len(self)
        for batch in batches:
            self.add(batch)
        if len(stay) < len(self):
            self._take(sorted([*stay, *range(before, len(self))], key=self.ids.__getitem__))

    def _take(self, places: list[int]) -> None:
        """Leave those of some places, in their order."""
        new_places = {old: new for new, old in enumerate(places)}
        self.ids, self.names, self.schools, self.digests = (
            [texts[place] for place in places] for texts in (self.ids, self.names, self.schools, self.digests)
        )
        self.lost_schools = {new_places[old]: text for old, text in self.lost_schools.items() if old in new_places}
        self.repeating = sorted(new_places[old] for old in self.repeating if old in new_places)
        taken = np.array(places, np.int64)
        self._heads = bytearray(self.heads()[taken].tobytes())
        self._teachers, self._teacher_ends = _taken(self._teachers, self._teacher_ends, taken)
        self._students, self._student_ends = _taken(self._students, self._student_ends, taken)
        self._modified.keep(taken)
        self._places = None

    def modified(self, clever_id: str) -> str | None:
        """Tell when a section was last modified, in Clever's words; ``None`` if it is not there."""
        place = self.place_of(clever_id)
        return None if place is None else self._modified.piece(place).decode()

    def lines(self) -> list[tuple[str, str, str, str]]:
        """Give of each what of it matters: id, name, school, and a digest of its members; by id."""
        return sorted(zip(self.ids, self.names, self.schools, self.digests, strict=True))

    def place_of(self, clever_id: str) -> int | None:
        """Give a section's place; ``None`` if it is not there."""
        if self._places is None:
            self._places = {key: place for place, key in enumerate(self.ids)}
        return self._places.get(clever_id)

    def columns(self) -> SectionsColumns:
        """Give all of it, to be kept; members are given as numbers."""
        return SectionsColumns(
            self.ids,
            self.names,
            self.schools,
            self.lost_schools,
            self.digests,
            bytes(self._heads),
            self.repeating,
            self._teachers.tobytes(),
            self._teacher_ends.tobytes(),
            self._students.tobytes(),
            self._student_ends.tobytes(),
            *self._modified.columns(),
        )

    def fill(self, kept: SectionsColumns) -> None:
        """Take what :meth:`columns` gave."""
        self.ids = kept.ids
        self.names = list(map(sys.intern, kept.names))
        self.schools = list(map(sys.intern, kept.schools))
        self.lost_schools, self.digests, self.repeating = kept.lost_schools, kept.digests, kept.repeating
        self._heads = bytearray(kept.heads)
        self._teachers, self._teacher_ends = array("i", kept.teachers), array("q", kept.teacher_ends)
        self._students, self._student_ends = array("i", kept.students), array("q", kept.student_ends)
        self._modified.fill(kept.modified, kept.modified_ends)

    def _enter(self, people: "array[int]", ends: "array[int]", named: Named) -> None:
        numbers = np.fromiter(self.numbers.of(named.people), np.int32, len(named.people))
        people.frombytes(numbers[np.frombuffer(named.places, np.int32)].tobytes())
        ends.extend(accumulate(named.counts, initial=ends.pop()))

    def __len__(self) -> int:
        """Count the sections."""
        return len(self.ids)

    def teachers_at(self, place: int) -> "array[int]":
        """Give the numbers of a section's teachers, the main one first."""
        return self._teachers[self._teacher_ends[place] : self._teacher_ends[place + 1]]

    def students_at(self, place: int) -> "array[int]":
        """Give the numbers of a section's students."""
        return self._students[self._student_ends[place] : self._student_ends[place + 1]]

    def heads(self) -> Heads:
        """Give the digests of the classes that the sections make; each holds if :attr:`digests` does."""
        return viewed(self._heads, np.int64)

    def sizes(self) -> npt.NDArray[np.int32]:
        """Count the members of each section."""
        return (np.diff(_as_array(self._teacher_ends)) + np.diff(_as_array(self._student_ends))).astype(np.int32)

    def any_member(self, teachers: Flags, students: Flags) -> Flags:
        """Tell of each section whether any of its people is one of those.

        Args:
            teachers: by number, of whom among the teachers.
            students: by number, of whom among the students.
        """
        among_teachers = _any(teachers, self._teachers, self._teacher_ends)
        return among_teachers | _any(students, self._students, self._student_ends)

    def members(self, chosen: Flags, count: int) -> Flags:
        """Tell of each number whether it is in any of the sections chosen, in whatever part.

        Args:
            chosen: by place.
            count: of numbers.
        """
        found = np.zeros(count, np.bool_)
        for people, ends in ((self._teachers, self._teacher_ends), (self._students, self._student_ends)):
            lengths = np.diff(_as_array(ends))
            found[viewed(people, np.int32)[np.repeat(chosen, lengths)]] = True
        return found


def _taken(people: "array[int]", ends: "array[int]", places: npt.NDArray[np.int64]) -> "tuple[array[int], array[int]]":
    left, starts = array("i"), _as_array(ends)
    for first, end in runs_of(places):
        left += people[starts[first] : starts[end]]
    lengths = np.diff(starts)[places]
    return left, array("q", np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths))).tobytes())


def _any(flags: Flags, people: "array[int]", ends: "array[int]") -> Flags:
    found = np.zeros(len(ends) - 1, np.bool_)
    # Mostly it is nobody, or few.
    flagged = np.flatnonzero(flags[viewed(people, np.int32)])
    found[_as_array(ends).searchsorted(flagged, side="right") - 1] = True
    return found


def _as_array(ends: "array[int]") -> npt.NDArray[np.int64]:
    return np.frombuffer(ends, np.int64)
