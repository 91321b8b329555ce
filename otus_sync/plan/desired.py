"""What Clever wants tonight, in Otus's terms: known before any class of Otus's has been read."""

from collections.abc import Mapping
from typing import Self

import msgspec
import numpy as np

from otus_sync.plan.accounts import People, plan_people
from otus_sync.plan.census import AccountSource
from otus_sync.plan.comparing import Flags
from otus_sync.plan.gathering import Gathered
from otus_sync.plan.model import Skipped
from otus_sync.plan.scope import Scope
from otus_sync.plan.sections import Sections
from otus_sync.plan.wanted import WantedClasses, dangling
from otus_sync.settings import Settings


class Desired(msgspec.Struct, frozen=True):
    """Clever's side, decided."""

    scope: Scope
    people: People
    classes: WantedClasses
    """The scope's classes, by Clever id."""
    living: frozenset[str]
    """Clever ids of all shared sections, whatever the scope: these are not gone (A12)."""
    skipped: tuple[Skipped, ...]

    def with_accounts(self, made: Mapping[str, int]) -> Self:
        """Give the same, now that new accounts have been made.

        Args:
            made: their ids, by Clever id.
        """
        return msgspec.structs.replace(self, people=self.people.with_accounts(made))


def desired(clever: Gathered, accounts: AccountSource, settings: Settings, *, everybody_open: bool = False) -> Desired:
    """Decide whom and which classes Clever wants in Otus.

    Args:
        clever: as read.
        accounts: of Otus.
        settings: the scope.
        everybody_open: look at everybody in full; the outcome is the same.
    """
    scope = Scope(frozenset(settings.schools))
    sections, census = clever.sections, clever.census
    # A section of a school that is not shared is not shared either (H11).
    are_ours = {school: bool(school) and scope.covers(school) for school in set(sections.schools)}
    ours = np.fromiter(map(are_ours.__getitem__, sections.schools), np.bool_, len(sections))
    people = plan_people(
        census, accounts, scope, _members(sections, ours, scope, len(census.numbers)), everybody_open=everybody_open
    )
    return Desired(
        scope=scope,
        people=people,
        classes=WantedClasses(sections, ours, people),
        living=frozenset(key for key, school in zip(sections.ids, sections.schools, strict=True) if school),
        skipped=dangling(sections, people),
    )


def _members(sections: Sections, ours: Flags, scope: Scope, count: int) -> Flags:
    return sections.members(ours, count) if scope.schools else np.zeros(count, np.bool_)
