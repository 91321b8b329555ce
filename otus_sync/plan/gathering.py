"""Clever's records as a run keeps them: packed, while they come in page by page."""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, Self

from otus_sync.clever_records import CleverSide, District, School, Section, User
from otus_sync.packed import Numbers, in_batches
from otus_sync.plan.batches import Batch, Batching, SectionBatch
from otus_sync.plan.census import NOBODY, Census, CensusColumns
from otus_sync.plan.people import Person, dbns_of
from otus_sync.plan.sections import Sections, SectionsColumns


class GatheringColumns(NamedTuple):
    """What was gathered, as it is kept for another night."""

    schools: list[School]
    ids: list[str]
    """Clever ids, in the order of their numbers."""
    sections: SectionsColumns
    census: CensusColumns


class Gathering:
    """All of Clever that one run works with. Schools come first, and sections before people.

    Args:
        schools: those that are shared.

    Attributes:
        schools: these, by their Clever ids.
        batching: makes of records what is taken in.
    """

    def __init__(self, schools: Iterable[School]) -> None:
        self.schools = {school.id: school for school in schools}
        self.batching = Batching(dbns_of(self.schools.values()))
        numbers = Numbers[str]()
        self.sections = Sections(numbers)
        self.census = Census(numbers)

    def add(self, batch: Batch) -> None:
        """Take sections or people in."""
        if isinstance(batch, SectionBatch):
            self.sections.add(batch)
        else:
            self.census.add(batch)

    def columns(self) -> "GatheringColumns":
        """Give all of it, to be kept for another night."""
        ids, schools = list(self.sections.numbers), list(self.schools.values())
        return GatheringColumns(schools, ids, self.sections.columns(), self.census.columns())

    @classmethod
    def of(cls, kept: "GatheringColumns") -> Self:
        """Make one of what :meth:`columns` gave."""
        made = cls(kept.schools)
        made.sections.numbers.update(zip(kept.ids, range(len(kept.ids)), strict=True))
        made.sections.fill(kept.sections)
        made.census.fill(kept.census)
        return made

    def replace(self, changed: Iterable[User | Section], no_users: Iterable[str], no_sections: Iterable[str]) -> None:
        """Let records take the place of those that were there under their ids.

        Args:
            changed: of each id one; of users only who has a part that the sync knows is there afterwards.
            no_users: ids of users who are there no more.
            no_sections: ids of sections likewise.
        """
        users: list[User] = []
        sections: list[Section] = []
        for record in changed:
            if isinstance(record, User):
                users.append(record)
            else:
                sections.append(record)
        self.sections.replace(
            {*no_sections, *(section.id for section in sections)}, map(self.batching.sections, in_batches(sections))
        )
        self.census.remove({*no_users, *(user.id for user in users)})
        for some in in_batches(users):
            self.census.add(self.batching.people(some))

    def has(self, kind: Literal["schools", "sections", "users"], key: str) -> bool:
        """Tell whether there is a record of a kind with this id."""
        if kind == "schools":
            return key in self.schools
        return (self.sections if kind == "sections" else self.census).place_of(key) is not None

    @property
    def school_ids(self) -> frozenset[str]:
        """The ids of the schools."""
        return frozenset(self.schools)

    @property
    def looks_torn(self) -> bool:
        """Whether somebody came without any of their schools, or a section without one of its people (A16)."""
        nobody = self.census.places() == NOBODY
        return self.census.has_strangers or bool(self.sections.any_member(nobody, nobody).any())

    def same_as(self, other: "Gathering") -> bool:
        """Tell whether another one has the same for a run to work with, whenever it was modified."""
        same_schools = self.batching.dbns == other.batching.dbns
        return same_schools and self.sections.lines() == other.sections.lines() and self.census.same_as(other.census)


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
        yield self.sections.lines()
        yield sorted(self.sections.lost_schools.values())
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
