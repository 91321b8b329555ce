"""Clever's records as a run keeps them: packed, while they come in page by page."""

from collections.abc import Iterable, Iterator

from otus_sync.clever_records import CleverSide, District, School
from otus_sync.packed import Numbers, in_batches
from otus_sync.plan.batches import Batch, Batching, PeopleBatch, SectionBatch
from otus_sync.plan.census import NOBODY, Census
from otus_sync.plan.people import Person, dbns_of
from otus_sync.plan.sections import Sections


class Gathering:
    """All of Clever that one run works with. Schools come first, and sections before people.

    Args:
        schools: those that are shared.

    Attributes:
        school_ids: of these schools, in Clever.
        batching: makes of records what is taken in.
    """

    def __init__(self, schools: Iterable[School]) -> None:
        shared = list(schools)
        self.school_ids = frozenset(school.id for school in shared)
        self.batching = Batching(dbns_of(shared))
        numbers = Numbers[str]()
        self.sections = Sections(numbers)
        self.census = Census(numbers)

    def add(self, batch: Batch) -> None:
        """Take sections or people in."""
        if isinstance(batch, SectionBatch):
            self.sections.add(batch)
        elif isinstance(batch, PeopleBatch):
            self.census.add(batch)
        else:
            raise TypeError(f"a {type(batch).__name__} is nothing of Clever's")

    @property
    def looks_torn(self) -> bool:
        """Whether somebody came without any of their schools, or a section without one of its people (A16)."""
        return self.census.has_strangers or bool((self.census.places() == NOBODY).any())


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
    for sections in in_batches(side.sections):
        gathering.add(gathering.batching.sections(sections))
    for users in in_batches(side.users):
        gathering.add(gathering.batching.people(users))
    return Gathered(side.district, gathering)
