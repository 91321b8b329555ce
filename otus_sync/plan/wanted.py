"""The classes that Clever wants, with the members that can be rostered (H11, A16)."""

from collections.abc import Iterator, Set

import numpy as np

from otus_sync.packed import Ints
from otus_sync.plan.accounts import People
from otus_sync.plan.comparing import Flags, Heads
from otus_sync.plan.digests import WantedClass, section_head
from otus_sync.plan.model import Members, Skipped, Wanted
from otus_sync.plan.sections import Sections


class WantedClasses:
    """The classes that Clever wants in a scope; what is wanted of each is put together when it is asked for.

    Args:
        sections: as read.
        ours: which of them, by place.
        people: who can be rostered.
    """

    def __init__(self, sections: Sections, ours: Flags, people: People) -> None:
        self._sections = sections
        self._people = people
        self._names = people.census.names()
        self._places = {sections.ids[place]: place for place in np.flatnonzero(ours).tolist()}
        odd = sections.any_member(~people.teachers, ~people.students)
        odd[sections.repeating] = True
        self._sizes = sections.sizes()
        self._odd = {place: self._in_part(place) for place in np.flatnonzero(odd & ours).tolist()}
        """Classes with somebody who is left out."""

    def __contains__(self, clever_id: object) -> bool:
        """Tell whether a class is wanted."""
        return clever_id in self._places

    def __iter__(self) -> Iterator[str]:
        """Give the Clever ids, in the order of reading."""
        return iter(self._places)

    def __len__(self) -> int:
        """Count the classes."""
        return len(self._places)

    def wanted(self, clever_id: str, people: People) -> Wanted:
        """Give a class.

        Args:
            clever_id: of the class.
            people: who has which account by now.
        """
        place, sections = self._places[clever_id], self._sections
        odd = self._odd.get(place)
        members = self._members(place, people) if odd is None else _members_of(odd, people)
        return Wanted(clever_id, sections.names[place], sections.schools[place], members)

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """Give of each class the Clever id, the name and the DBN, in the order of reading."""
        sections = self._sections
        return ((key, sections.names[place], sections.schools[place]) for key, place in self._places.items())

    def size_of(self, clever_id: str) -> int:
        """Count the members of a class."""
        place = self._places[clever_id]
        odd = self._odd.get(place)
        return int(self._sizes[place]) if odd is None else odd.size()

    def digest_of(self, clever_id: str) -> str:
        """Digest the members of a class."""
        place = self._places[clever_id]
        odd = self._odd.get(place)
        return self._sections.digests[place] if odd is None else odd.digest()

    def heads(self, but_for: Set[str]) -> tuple[Ints, Heads]:
        """Digest the classes as Otus does those that are as they are wanted.

        Args:
            but_for: DBNs of schools whose classes are left out.

        Returns:
            Places, and the digest of each.
        """
        sections = self._sections
        heads = sections.heads().copy()
        for place, odd in self._odd.items():
            head = section_head(sections.ids[place], sections.schools[place], sections.names[place], odd.digest())
            heads[place] = np.frombuffer(head, np.int64)[0]
        places = np.array(
            [place for place in self._places.values() if sections.schools[place] not in but_for], np.int64
        )
        return places, heads[places]

    def keys_at(self, places: Ints) -> list[str]:
        """Give the Clever ids of the classes at some places."""
        ids = self._sections.ids
        return [ids[place] for place in places.tolist()]

    def school_of(self, clever_id: str) -> str:
        """Give the DBN of a class."""
        return self._sections.schools[self._places[clever_id]]

    def _members(self, place: int, people: People) -> Members:
        teachers = people.refs(self._sections.teachers_at(place))
        students = people.refs(self._sections.students_at(place))
        return Members(teachers[0] if teachers else None, teachers[1:], students)

    def _in_part(self, place: int) -> WantedClass:
        """Give a class as far as it can be rostered: also an empty one, and one without a teacher (H11).

        The first teacher is the main one and the rest are co-teachers. If the first cannot be rostered, no other
        one is promoted: Otus would call a co-teacher what Clever does not.
        """
        names, people = self._names, self._people
        main, *others = [names[number] for number in self._sections.teachers_at(place)] or [""]
        teacher = main if people.can_be(main, "teacher") else None
        co_teachers = [key for key in dict.fromkeys(others) if people.can_be(key, "teacher") and key != teacher]
        students = dict.fromkeys(names[number] for number in self._sections.students_at(place))
        able = tuple(key for key in students if people.can_be(key, "student"))
        return WantedClass(self._sections.ids[place], teacher, tuple(co_teachers), able)


def _members_of(odd: WantedClass, people: People) -> Members:
    teacher = None if odd.teacher is None else people.ref(odd.teacher)
    return Members(teacher, tuple(map(people.ref, odd.co_teachers)), tuple(map(people.ref, odd.students)))


def dangling(sections: Sections, people: People) -> tuple[Skipped, ...]:
    """List what sections name and Clever does not have or does not share (A16).

    People whom Clever has and who could not be rostered are not listed: they are problems by name.
    """
    names, unknown = people.census.names(), ~people.known
    found = sections.any_member(unknown, unknown)
    found[list(sections.lost_schools)] = True
    skipped = []
    for place in np.flatnonzero(found).tolist():
        numbers = (*sections.teachers_at(place), *sections.students_at(place))
        ids = [names[number] for number in numbers if unknown[number]]
        if place in sections.lost_schools:
            ids.append(sections.lost_schools[place])
        skipped.append(Skipped(sections.ids[place], tuple(ids)))
    return tuple(skipped)
