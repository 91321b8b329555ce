"""Reading what a run plans from: Clever first, then as little of Otus as will do."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import TypeVar

import msgspec

from otus_sync.clever import CleverReader
from otus_sync.lanes import Lanes
from otus_sync.log import Log
from otus_sync.otus import IDS_ASKED_MAX, OtusClient
from otus_sync.otus_records import Account, ClassDigest, ClassRoster, Digests
from otus_sync.plan import Desired, Gathered, OtusSide, Ruling, classes_to_look_into, compared, desired
from otus_sync.settings import Settings

Known = TypeVar("Known", Account, ClassDigest, ClassRoster)

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
    digests = lanes.begun(partial(_section_digests, otus, settings))
    wanted = desired(clever_side, _Accounts(otus, lanes, settings), settings)
    known = compared(wanted, digests())
    pages = _pages(len(known.equal) + len(known.others), settings)
    classes = list(_of_ids(otus.class_digests, lanes, known.others, pages))
    unclear = classes_to_look_into(wanted, classes)
    asked = [about.id for about in unclear]
    rosters = {there.class_id: there for there in _of_ids(otus.rosters, lanes, asked, pages, "class_id")}
    open_accounts = tuple(wanted.people.settled.open_accounts)
    log.info(
        "otus.read",
        open_accounts=len(open_accounts),
        equal_classes=len(known.equal),
        classes=len(classes),
        rosters=len(rosters),
    )
    side = OtusSide(open_accounts, tuple(classes), rosters, known.equal, ruling)
    return Reading(clever_side, wanted, side)


class _Accounts:
    """Otus's accounts, read as they are asked for."""

    def __init__(self, otus: OtusClient, lanes: Lanes, settings: Settings) -> None:
        self._otus = otus
        self._lanes = lanes
        self._settings = settings
        self._count = 0

    def digests(self) -> Iterator[Digests]:
        for page in self._otus.account_digests():
            self._count += len(page.ids)
            yield page

    def of(self, ids: Sequence[int]) -> Iterator[Account]:
        return _of_ids(self._otus.accounts, self._lanes, ids, _pages(self._count, self._settings))


def _pages(count: int, settings: Settings) -> int:
    return 1 + count // settings.page_limit


def _section_digests(otus: OtusClient, settings: Settings) -> list[Digests]:
    return [page for school in settings.schools or [None] for page in otus.section_digests(school)]


def _of_ids(
    read: Callable[..., Iterator[Known]], lanes: Lanes, ids: Sequence[int], pages_of_all: int, key: str = "id"
) -> Iterator[Known]:
    """Read some by their ids; where these are many, pick them from all."""
    parts = [ids[first : first + IDS_ASKED_MAX] for first in range(0, len(ids), IDS_ASKED_MAX)]
    if len(parts) <= pages_of_all:
        return chain.from_iterable(lanes.in_turn(partial(_listed, read, part) for part in parts))
    wanted, id_of = set(ids), attrgetter(key)
    return (one for one in read() if id_of(one) in wanted)


def _listed(read: Callable[..., Iterator[Known]], ids: Sequence[int]) -> list[Known]:
    return list(read(ids=ids))


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
