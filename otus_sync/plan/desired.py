"""What Clever wants tonight, in Otus's terms: known before any class of Otus's has been read."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

import msgspec

from otus_sync.clever import CleverSide, Section
from otus_sync.otus_records import Account
from otus_sync.plan.accounts import People, plan_people
from otus_sync.plan.digests import WantedClass
from otus_sync.plan.model import Skipped
from otus_sync.plan.people import dbns_of, people_of
from otus_sync.plan.scope import Scope
from otus_sync.plan.wanted import dangling, teachers_of, wanted_class
from otus_sync.settings import Settings


class Desired(msgspec.Struct, frozen=True):
    """Clever's side, decided."""

    scope: Scope
    people: People
    classes: dict[str, WantedClass]
    """The scope's classes, by Clever id."""
    living: frozenset[str]
    """Clever ids of all shared sections, whatever the scope: these are not gone (A12)."""
    skipped: tuple[Skipped, ...]

    def with_accounts(self, made: Mapping[str, int]) -> Self:
        """Give the same, now that new accounts have been made.

        Args:
            made: their ids, by Clever id.
        """
        people = msgspec.structs.replace(self.people, refs={**self.people.refs, **made})
        return msgspec.structs.replace(self, people=people)


def desired(clever: CleverSide, accounts: Sequence[Account], settings: Settings) -> Desired:
    """Decide whom and which classes Clever wants in Otus.

    Args:
        clever: as read.
        accounts: all of Otus's.
        settings: the scope.
    """
    scope = Scope(frozenset(settings.schools))
    dbns = dbns_of(clever.schools)
    # A section of a school that is not shared is not shared either (H11).
    shared = [(section, dbns[section.school]) for section in clever.sections if section.school in dbns]
    ours = [(section, school) for section, school in shared if scope.covers(school)]
    in_sections = _members(section for section, _ in ours) if scope.schools else frozenset()
    people = plan_people(people_of(clever.users, dbns), accounts, scope, in_sections)
    return Desired(
        scope=scope,
        people=people,
        classes={section.id: wanted_class(section, school, people) for section, school in ours},
        living=frozenset(section.id for section, _ in shared),
        skipped=dangling(clever.sections, dbns, people),
    )


def _members(sections: Iterable[Section]) -> frozenset[str]:
    return frozenset(key for section in sections for key in (*teachers_of(section), *section.students))
