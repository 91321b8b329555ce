"""Reading what a run plans from: Clever first, then as little of Otus as will do."""

from collections.abc import Iterable, Sequence

import msgspec

from otus_sync.clever import CleverReader, CleverSide
from otus_sync.log import Log
from otus_sync.otus import OtusClient
from otus_sync.otus_records import ClassDigest, ClassRoster, SchoolDigest
from otus_sync.plan import Desired, OtusSide, Ruling, classes_to_look_into, desired, equal_schools
from otus_sync.settings import Settings

LOOKUPS_MAX = 20
"""From so many classes on, reading all is cheaper than asking for each."""


class Reading(msgspec.Struct, frozen=True):
    """Both sides as they were read."""

    clever: CleverSide
    desired: Desired
    otus: OtusSide


def read_both(clever: CleverReader, otus: OtusClient, settings: Settings, ruling: Ruling | None, log: Log) -> Reading:
    """Read both sides.

    Otus's classes come as digests, school by school; members only where a digest says that they differ.

    Args:
        clever: where from.
        otus: where to.
        settings: scope and page size.
        ruling: what was decided about held removals.
        log: told of counts.

    Raises:
        RequestError: one of them cannot be read.
    """
    clever_side = clever.read()
    accounts = tuple(otus.accounts())
    wanted = desired(clever_side, accounts, settings)
    digests = [there for there in otus.school_digests() if wanted.scope.covers(there.school)]
    equal = equal_schools(wanted, digests)
    differing = [there for there in digests if there.school not in equal]
    pages_of_all = 1 + sum(there.classes for there in digests) // settings.page_limit
    classes = _digests(otus, differing, pages_of_all, whole_district=not settings.schools)
    unclear = classes_to_look_into(wanted, classes)
    rosters = _rosters(otus, unclear, pages_of_all)
    log.info(
        "otus.read",
        accounts=len(accounts),
        equal_schools=len(equal),
        differing_schools=len(differing),
        rosters=len(rosters),
    )
    side = OtusSide(accounts, tuple(classes), rosters, equal, ruling)
    return Reading(clever_side, wanted, side)


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
) -> list[ClassDigest]:
    schools = {there.school for there in differing}
    if whole_district and len(schools) > pages_of_all:
        return [about for about in otus.class_digests() if about.school in schools]
    return [about for school in sorted(schools) for about in otus.class_digests(school=school)]


def _rosters(otus: OtusClient, unclear: Iterable[ClassDigest], pages_of_all: int) -> dict[int, ClassRoster]:
    by_id = {about.id: about for about in unclear}
    schools = {about.school for about in by_id.values()}
    if len(by_id) <= pages_of_all:
        found = [there for about in by_id.values() for there in otus.rosters(clever_id=about.clever_id)]
    elif len(schools) <= pages_of_all:
        found = [there for school in sorted(schools) for there in otus.rosters(school=school)]
    else:
        found = list(otus.rosters()) if by_id else []
    return {there.class_id: there for there in found if there.class_id in by_id}
