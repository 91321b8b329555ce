"""Clever's records as a run keeps them: packed, while they come in page by page."""

from collections.abc import Iterable, Iterator

from otus_sync.clever_records import CleverSide, District, School, Section, User
from otus_sync.packed import Numbers
from otus_sync.plan.census import Census
from otus_sync.plan.people import Newcomers, Person, dbns_of
from otus_sync.plan.sections import Sections


class Gathering:
    """All of Clever that one run works with. Schools come first, and sections before people.

    Args:
        schools: those that are shared.
    """

    def __init__(self, schools: Iterable[School]) -> None:
        numbers, dbns = Numbers(), dbns_of(schools)
        self.sections = Sections(numbers, dbns)
        self.census = Census(numbers, Newcomers(dbns))

    def add_sections(self, sections: Iterable[Section]) -> None:
        """Take sections in."""
        self.sections.add(sections)

    def add_users(self, users: Iterable[User]) -> None:
        """Take people in."""
        self.census.add(users)


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
