"""Checks of events: their order, their types, what they carry, how they are asked for."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
from msgspec import UNSET, UnsetType

from fakes.clever.contract.check import check
from fakes.clever.contract.wire import WIRE_TIME, Identified, Page, Unseen, Wire
from fakes.clever.records import PLURALS

PART = "Events"
KEPT_DAYS = 30
EVENTS_LOOKED_AT = 1_000
TYPE = re.compile(rf"({'|'.join(PLURALS.values())})\.(created|updated|deleted)")


class ChangeOf(msgspec.Struct, frozen=True):
    """What an event carries."""

    object: Identified
    previous_attributes: msgspec.Raw | UnsetType = UNSET


class EventOf(msgspec.Struct, frozen=True):
    """An event."""

    id: str
    created: str
    type: str
    data: ChangeOf


def _some(wire: Wire, query: str = "") -> Page[EventOf]:
    page = wire.page(f"{wire.path('events')}?limit={EVENTS_LOOKED_AT}{query}", EventOf)
    if not page.records:
        raise Unseen("there are no events: they are told once the application has them enabled, and for 30 days")
    return page


@check("a bare list of events calls itself /events?", PART)
def bare_events(wire: Wire) -> None:
    """Ask without anything."""
    page = wire.page(wire.path("events"), EventOf)
    expected = f"{wire.path('events')}?"
    page.reply.require(page.links.get("self") == expected, f"self {expected}", str(page.links.get("self")))


@check("events ascend by id, and each has a type and a moment", PART)
def events_ascend(wire: Wire) -> None:
    """Look at a page."""
    page = _some(wire)
    for before, after in pairwise(page.records):
        page.reply.require(before.id < after.id, "ascending ids", f"{before.id}, then {after.id}")
    for event in page.records:
        page.reply.require(TYPE.fullmatch(event.type) is not None, "a type as users.updated", event.type)
        page.reply.require(WIRE_TIME.fullmatch(event.created) is not None, "a moment", event.created)
    for item in page.items:
        expected = wire.path("events", item.data.id)
        page.reply.require(item.uri == expected, f'"uri":"{expected}"', item.uri)


@check("previous_attributes stand in updates and nowhere else", PART)
def only_updates_tell_old_values(wire: Wire) -> None:
    """Look at a page."""
    page = _some(wire)
    for event in page.records:
        told = event.data.previous_attributes is not UNSET
        updated = event.type.endswith(".updated")
        words = "previous_attributes" if updated else "no previous_attributes"
        page.reply.require(told == updated, f"{event.id}, {event.type}: {words}", "the opposite")


@check("events are told for 30 days", PART)
def old_events_are_gone(wire: Wire) -> None:
    """Compare the oldest with the answer's own date."""
    page = _some(wire)
    now = datetime.fromtimestamp(page.reply.unix_seconds(), UTC)
    oldest = datetime.fromisoformat(page.records[0].created)
    kept = timedelta(days=KEPT_DAYS + 1)  # the day on which they go is not over yet
    page.reply.require(now - oldest <= kept, f"none older than {KEPT_DAYS} days", f"one of {page.records[0].created}")


@check("the newest event is found with ending_before=last, and by its id", PART)
def newest_event(wire: Wire) -> None:
    """Ask for it, as whoever begins to follow does."""
    _some(wire)
    page = wire.page(f"{wire.path('events')}?ending_before=last&limit=1", EventOf)
    page.reply.require(len(page.records) == 1, "one event", f"{len(page.records)}")
    newest = page.records[0]
    after = wire.page(f"{wire.path('events')}?starting_after={newest.id}", EventOf)
    after.reply.require(not after.records, "nothing after the newest", f"{len(after.records)} events")
    reply, body = wire.single(wire.path("events", newest.id), EventOf)
    reply.require(body.data.id == newest.id, newest.id, body.data.id)


@check("record_type leaves the events of one type, or of several", PART)
def record_type_filters(wire: Wire) -> None:
    """Ask for the type of the first event, and for two."""
    plural = _some(wire).records[0].type.partition(".")[0]
    other = next(each for each in PLURALS.values() if each != plural)
    for asked in ({plural}, {plural, other}):
        page = _some(wire, f"&record_type={','.join(sorted(asked))}")
        for event in page.records:
            came = event.type.partition(".")[0]
            page.reply.require(came in asked, f"only {' and '.join(sorted(asked))}", event.type)
