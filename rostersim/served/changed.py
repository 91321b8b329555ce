"""What is otherwise than in the look before: views are made of the same records but for what has changed."""

import operator
from collections.abc import Mapping
from itertools import compress
from typing import NamedTuple, TypeVar

from simulator.views import AtsView, CleverView, OtusView

Key = TypeVar("Key", str, int)


class Views(NamedTuple):
    """The three systems at one moment."""

    ats: AtsView
    clever: CleverView
    otus: OtusView


NOTHING_SEEN = Views(AtsView({}, {}, {}, {}), CleverView({}, {}), OtusView({}, {}, {}, {}, {}))
"""Before the first look, after which everything has changed."""


class Changed(NamedTuple):
    """The ids of records that are new, gone or otherwise."""

    people: set[str]
    """In ATS."""
    users: set[str]
    accounts: set[int]
    in_ats: set[str]
    """Sections of ATS, by its own ids."""
    in_clever: set[str]
    """Sections of Clever, by Clever's ids."""
    in_otus: set[int]
    """Classes of Otus, also if only their members are others."""


def changed(before: Views, after: Views) -> Changed:
    """Compare two looks."""
    return Changed(
        people=_changed(before.ats.people, after.ats.people),
        users=_changed(before.clever.users, after.clever.users),
        accounts=_changed(before.otus.accounts, after.otus.accounts),
        in_ats=_changed(before.ats.sections, after.ats.sections),
        in_clever=_changed(before.clever.sections, after.clever.sections),
        in_otus=_changed(before.otus.classes, after.otus.classes) | _changed(before.otus.rosters, after.otus.rosters),
    )


def _changed(before: Mapping[Key, object], after: Mapping[Key, object]) -> set[Key]:
    if before is after:
        return set()
    if len(before) == len(after) and all(map(operator.is_, before, after)):  # the same keys in the same order
        return set(compress(after, map(operator.is_not, before.values(), after.values())))
    found = {key for key, record in after.items() if before.get(key) is not record}
    new = sum(key not in before for key in found)
    if len(before) + new > len(after):  # some are gone
        found |= before.keys() - after.keys()
    return found
