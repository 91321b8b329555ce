"""Reading what a run plans from: Clever first, then as little of Otus as will do."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple, TypeVar

import msgspec

from otus_sync.clever import CleverReader
from otus_sync.lanes import Lanes, Task
from otus_sync.log import Log
from otus_sync.otus import IDS_ASKED_MAX, OtusClient
from otus_sync.otus_records import Account, AccountDigests, ClassDigest, ClassRoster, SchoolDigest
from otus_sync.plan import (
    Desired,
    Gathered,
    OtusSide,
    Ruling,
    classes_to_look_into,
    desired,
    equal_schools,
    equal_schools_of,
    school_digests,
)
from otus_sync.settings import Settings

Item = TypeVar("Item")

LOOKUPS_MAX = 20
"""From so many classes on, reading all is cheaper than asking for each."""


class Reading(msgspec.Struct, frozen=True):
    """Both sides as they were read."""

    clever: Gathered
    desired: Desired
    otus: OtusSide


def read_both(clever: CleverReader, otus: OtusClient, settings: Settings, ruling: Ruling | None, log: Log) -> Reading:
    """Read both sides.

    Otus's accounts and classes come as digests; in full only those accounts, and of classes the members, whose digest
    is not the one that Clever's records have.

    Args:
        clever: where from.
        otus: where to.
        settings: scope and page size.
        ruling: what was decided about held removals.
        log: told of counts.

    Raises:
        RequestError: one of them cannot be read.
    """
    lanes = Lanes(settings.in_flight)
    clever_side = clever.read()
    # Otus may digest its classes while its accounts are read.
    if _differ_in_most_schools(clever_side, settings):
        classes = lanes.begun(partial(_listed, otus.class_digests))
        wanted = desired(clever_side, _Accounts(otus, lanes, settings), settings)
        there = _of_other_schools(classes(), wanted)
    else:
        schools = lanes.begun(otus.school_digests)
        wanted = desired(clever_side, _Accounts(otus, lanes, settings), settings)
        there = _of_differing_schools(otus, lanes, wanted, schools(), settings)
    unclear = classes_to_look_into(wanted, there.classes)
    rosters = _by_class(lanes.in_turn(_rosters(otus, unclear, _pages(there.of_all, settings))), unclear)
    open_accounts = tuple(wanted.people.settled.open_accounts)
    log.info(
        "otus.read",
        open_accounts=len(open_accounts),
        equal_schools=len(there.equal_schools),
        classes=len(there.classes),
        rosters=len(rosters),
    )
    side = OtusSide(open_accounts, tuple(there.classes), rosters, there.equal_schools, ruling)
    return Reading(clever_side, wanted, side)


class _Accounts:
    """Otus's accounts, read as they are asked for."""

    def __init__(self, otus: OtusClient, lanes: Lanes, settings: Settings) -> None:
        self._otus = otus
        self._lanes = lanes
        self._settings = settings
        self._count = 0

    def digests(self) -> Iterator[AccountDigests]:
        for page in self._otus.account_digests():
            self._count += len(page.ids)
            yield page

    def of(self, ids: Sequence[int]) -> Iterator[Account]:
        parts = _parts(ids)
        if len(parts) <= _pages(self._count, self._settings):
            by_ids = (partial(_listed, partial(self._otus.accounts, ids=part)) for part in parts)
            yield from chain.from_iterable(self._lanes.in_turn(by_ids))
        else:
            wanted = set(ids)
            yield from (account for account in self._otus.accounts() if account.id in wanted)


class _There(NamedTuple):
    """What was read of Otus's classes."""

    classes: list[ClassDigest]
    of_all: int
    """How many there are in all."""
    equal_schools: frozenset[str]
    """Whose classes are not among them, as they are as Clever wants them."""


def _pages(count: int, settings: Settings) -> int:
    return 1 + count // settings.page_limit


def _differ_in_most_schools(clever_side: Gathered, settings: Settings) -> bool:
    """Tell whether digests of schools would spare nothing: those of all classes are fewer pages than schools differ."""
    return not settings.schools and clever_side.changed_schools > _pages(len(clever_side.sections), settings)


def _of_other_schools(digests: Sequence[ClassDigest], wanted: Desired) -> _There:
    """Leave out the classes of those schools where all is as Clever wants it."""
    equal = equal_schools_of(wanted, digests)
    return _There([about for about in digests if about.school not in equal], len(digests), equal)


def _of_differing_schools(
    otus: OtusClient, lanes: Lanes, wanted: Desired, schools: Sequence[SchoolDigest], settings: Settings
) -> _There:
    """Read the classes of those schools whose digest is not Clever's."""
    digests = [there for there in schools if wanted.scope.covers(there.school)]
    equal = equal_schools(school_digests(wanted), digests)
    differing = [there for there in digests if there.school not in equal]
    of_all = sum(there.classes for there in digests)
    found = lanes.in_turn(_digests(otus, differing, _pages(of_all, settings), whole_district=not settings.schools))
    names = {there.school for there in differing}
    return _There([about for some in found for about in some if about.school in names], of_all, equal)


def read_classes(otus: OtusClient, clever_ids: Sequence[str]) -> OtusSide:
    """Read some classes again, whole.

    Args:
        otus: where from.
        clever_ids: of the classes.
    """
    wanted = set(clever_ids)
    asked = [None] if len(wanted) > LOOKUPS_MAX else clever_ids
    classes = [about for key in asked for about in otus.class_digests(clever_id=key) if about.clever_id in wanted]
    ids = {about.id for about in classes}
    rosters = {there.class_id: there for key in asked for there in otus.rosters(clever_id=key) if there.class_id in ids}
    return OtusSide(classes=tuple(classes), rosters=rosters)


def _digests(
    otus: OtusClient, differing: Sequence[SchoolDigest], pages_of_all: int, *, whole_district: bool
) -> list[Task[list[ClassDigest]]]:
    schools = sorted({there.school for there in differing})
    if whole_district and len(schools) > pages_of_all:
        return [partial(_listed, otus.class_digests)]
    return [partial(_listed, otus.class_digests, school=school) for school in schools]


def _rosters(otus: OtusClient, unclear: Sequence[ClassDigest], pages_of_all: int) -> list[Task[list[ClassRoster]]]:
    schools = sorted({about.school for about in unclear})
    if len(unclear) <= pages_of_all:
        return [partial(_listed, otus.rosters, clever_id=about.clever_id) for about in unclear]
    if len(schools) <= pages_of_all:
        return [partial(_listed, otus.rosters, school=school) for school in schools]
    ids = [about.id for about in unclear]
    parts = _parts(ids)
    if len(parts) <= pages_of_all:
        return [partial(_listed, partial(otus.rosters, ids=part)) for part in parts]
    return [partial(_listed, otus.rosters)]


def _parts(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[first : first + IDS_ASKED_MAX] for first in range(0, len(ids), IDS_ASKED_MAX)]


def _listed(read: Callable[..., Iterator[Item]], **asked: str) -> list[Item]:
    return list(read(**asked))


def _by_class(found: Iterable[Iterable[ClassRoster]], unclear: Iterable[ClassDigest]) -> dict[int, ClassRoster]:
    ids = {about.id for about in unclear}
    return {there.class_id: there for some in found for there in some if there.class_id in ids}
