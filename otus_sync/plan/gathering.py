"""Clever's records as a run keeps them: packed, while they come in page by page."""

from collections.abc import Iterable, Iterator

from otus_sync.clever_records import CleverSide, District, School, Section, User
from otus_sync.packed import Numbers
from otus_sync.plan.census import NOBODY, Census
from otus_sync.plan.people import Newcomers, Person, dbns_of
from otus_sync.plan.sections import Sections


class Gathering:
    """All of Clever that one run works with. Schools come first, and sections before people.

    Args:
        schools: those that are shared.

    Attributes:
        school_ids: of these schools, in Clever.
    """

    def __init__(self, schools: Iterable[School]) -> None:
        shared = list(schools)
        self.school_ids = frozenset(school.id for school in shared)
        numbers, dbns = Numbers(), dbns_of(shared)
        self.sections = Sections(numbers, dbns)
        self._newcomers = Newcomers(dbns)
        self.census = Census(numbers, self._newcomers)

    def add_sections(self, sections: Iterable[Section]) -> None:
        """Take sections in."""
        self.sections.add(sections)

    def add_users(self, users: Iterable[User]) -> None:
        """Take people in."""
        self.census.add(users)

    @property
    def looks_torn(self) -> bool:
        """Whether somebody came without any of their schools, or a section without one of its people (A16)."""
        return self._newcomers.has_strangers or bool((self.census.places() == NOBODY).any())


class Gathered:
    """What was gathered, and of which district.

    Args:
        district: when the reading had ended.
        gathering: complete.
    """

    def __init__(self, district: District, gathering: Gathering) -> None:
        self.district = district
        self.sections = gathering.sections
        self.census = gathering.census

    def undated(self) -> Iterator[Iterable[object]]:
        """Give all that a plan is made from, in an order that does not depend on that of reading."""
        sections = self.sections
        lines = zip(sections.ids, sections.names, sections.schools, sections.digests, strict=True)
        yield sorted(lines)
        yield sorted(sections.lost_schools.values())
        people: list[Person] = sorted(self.census.people, key=lambda person: person.clever_id)
        yield people


def gathered(side: CleverSide) -> Gathered:
    """Gather records that are there as objects."""
    gathering = Gathering(side.schools)
    gathering.add_sections(side.sections)
    gathering.add_users(side.users)
    return Gathered(side.district, gathering)
