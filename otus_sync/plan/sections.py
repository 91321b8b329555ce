"""Clever's sections, packed: ids as numbers, rosters as slices of two long arrays, and of each a digest."""

import sys
from array import array
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from otus_sync.packed import Numbers
from otus_sync.plan.batches import Named, SectionBatch

Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


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
        self.repeating: list[int] = []
        """Places of sections that name somebody twice."""
        self._numbers = numbers
        self._teachers, self._teacher_ends = array("i"), array("q", (0,))
        self._students, self._student_ends = array("i"), array("q", (0,))

    def add(self, batch: SectionBatch) -> None:
        """Take sections in."""
        first = len(self.ids)
        self.ids += batch.ids
        self.names += map(sys.intern, batch.names)
        self.schools += map(sys.intern, batch.schools)
        self.lost_schools |= {first + place: school for place, school in batch.lost_schools.items()}
        self.digests += batch.digests
        self.repeating += [first + place for place in batch.repeating]
        self._enter(self._teachers, self._teacher_ends, batch.teachers)
        self._enter(self._students, self._student_ends, batch.students)

    def _enter(self, people: "array[int]", ends: "array[int]", named: Named) -> None:
        numbers = np.fromiter(self._numbers.of(named.people), np.int32, len(named.people))
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

    def sizes(self) -> Ints:
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
            found[_as_places(people)[np.repeat(chosen, lengths)]] = True
        return found


def _names_twice(teachers: tuple[str, ...], students: tuple[str, ...]) -> bool:
    return len(set(students)) != len(students) or len(set(teachers)) != len(teachers)


def _any(flags: Flags, people: "array[int]", ends: "array[int]") -> Flags:
    counted = np.concatenate((np.zeros(1, np.int64), np.cumsum(flags[_as_places(people)])))
    found: Flags = np.diff(counted[_as_array(ends)]) > 0
    return found


def _as_places(numbers: "array[int]") -> Ints:
    return np.frombuffer(numbers, np.int32) if numbers else np.empty(0, np.int32)


def _as_array(ends: "array[int]") -> npt.NDArray[np.int64]:
    return np.frombuffer(ends, np.int64)
