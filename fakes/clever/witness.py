"""Writes events: the differences between what applications could read before and what they can read now.

One way of looking serves all causes. A record that is made, changed or taken away, a school that is shared or no
longer is, a student who moves to a school that an application may not see: whoever could read the record before
and cannot now is told of a deletion, whoever can now and could not of a creation. Source: Clever's developer
pages have ``created`` events also "when a district shares an object with your application".
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from fakes.clever.applications import Connection
from fakes.clever.event_log import StoredEvent, oldest_kept
from fakes.clever.events import Action, Event, EventData, batch_place
from fakes.clever.fields import Tree, changed_leaves, hidden_paths, leave_out, read_tree
from fakes.clever.fragments import event_fragment, unwrapped
from fakes.clever.ids import ObjectIds
from fakes.clever.records import PLURALS, Kind, Version
from fakes.clever.store import Store, StoredRecord, View
from fakes.shared.moments import wire_time

UNNOTICED = ("last_modified", "updated", "last_sync")
"""A change of these alone is none, wherever they stand: they follow every change, and every delivery."""


class Occurrence(NamedTuple):
    """Something that happened to a record, for those who see it so."""

    action: Action
    kind: Kind
    before: StoredRecord | None
    after: StoredRecord | None
    shared: int

    @property
    def record(self) -> StoredRecord:
        """The record it is told with: as it is now, or as it was last."""
        record = self.before if self.action == "deleted" else self.after
        if record is None:
            raise AssertionError(f"nothing is there of a {self.kind} that is {self.action}")
        return record


class Witness:
    """Writes the events of one moment.

    Args:
        store: what Clever holds.
        ids: makes the events' ids.
        now: by the simulated clock.
        connections: the district's applications; those with events are told.
    """

    def __init__(self, store: Store, ids: ObjectIds, now: datetime, connections: Iterable[Connection]) -> None:
        self._store = store
        self._ids = ids
        self._now = now
        self._listeners = [connection for connection in connections if connection.events]
        self._audience = sum(connection.bit for connection in self._listeners)

    @contextmanager
    def watching(self, ids: Iterable[str]) -> Iterator[None]:
        """Write down what the body of the ``with`` does to some records, as one batch."""
        if not self._audience:
            yield
            return
        before = {clever_id: self._store.view(clever_id) for clever_id in ids}
        yield
        occurrences = [
            occurrence
            for clever_id, view in before.items()
            for occurrence in self._differences(view, self._store.view(clever_id))
        ]
        self._write(occurrences)

    def _differences(self, before: View | None, after: View | None) -> Iterator[Occurrence]:
        was = before.shared & self._audience if before else 0
        now = after.shared & self._audience if after else 0
        old, new = before.record if before else None, after.record if after else None
        if after is not None and now & ~was:
            yield Occurrence("created", after.record.kind, old, new, now & ~was)
        if before is not None and was & ~now:
            yield Occurrence("deleted", before.record.kind, old, new, was & ~now)
        if before is not None and after is not None and was & now and before.record.v31 != after.record.v31:
            noticed = self._who_notices(was & now, before.record, after.record)
            if noticed:
                yield Occurrence("updated", after.record.kind, old, new, noticed)

    def _who_notices(self, both: int, before: StoredRecord, after: StoredRecord) -> int:
        """Leave out whoever sees no difference, as the fields that changed are hidden from them."""
        noticed = 0
        for listener in self._listeners:
            hidden = hidden_paths(after.kind, listener.sharing.hidden_fields)
            if both & listener.bit and _notices(_old_values("v3.1", before, after), hidden):
                noticed |= listener.bit
        return noticed

    def _write(self, occurrences: Sequence[Occurrence]) -> None:
        ordered = sorted(occurrences, key=lambda one: (*batch_place(one.kind, one.action), one.record.id))
        self._store.events.write([self._event(occurrence) for occurrence in ordered])
        self._store.events.forget_before(oldest_kept(self._now))

    def _event(self, occurrence: Occurrence) -> StoredEvent:
        event_id = self._ids.mint(self._now)
        in_v31 = self._told("v3.1", event_id, occurrence)
        if in_v31 is None:
            raise AssertionError(f"event {event_id} tells of no difference")
        records = [record for record in (occurrence.before, occurrence.after) if record is not None]
        return StoredEvent(
            id=event_id,
            kind=occurrence.kind,
            shared=occurrence.shared,
            v30=self._told("v3.0", event_id, occurrence),
            v31=in_v31,
            schools=tuple(sorted({school for record in records for school in _schools_of(record)})),
        )

    def _told(self, version: Version, event_id: str, occurrence: Occurrence) -> bytes | None:
        """Write an event for one version; ``None`` if nothing that this version has was changed."""
        old_values: Tree | None = None
        if occurrence.action == "updated" and occurrence.before and occurrence.after:
            old_values = _old_values(version, occurrence.before, occurrence.after)
            if not _notices(old_values, []):
                return None
        event = Event(
            id=event_id,
            created=wire_time(self._now.replace(microsecond=0)),
            type=f"{PLURALS[occurrence.kind]}.{occurrence.action}",
            data=EventData(_tree(version, occurrence.record), UNSET if old_values is None else old_values),
        )
        return event_fragment(msgspec.json.encode(event), version, event_id)


def _old_values(version: Version, before: StoredRecord, after: StoredRecord) -> Tree:
    return changed_leaves(_tree(version, before), _tree(version, after))


def _notices(old_values: Tree, hidden: list[list[str]]) -> bool:
    seen = deepcopy(old_values)
    leave_out(seen, hidden)
    return _has_noticed_leaf(seen)


def _has_noticed_leaf(tree: Tree) -> bool:
    return any(
        name not in UNNOTICED and (not isinstance(value, dict) or _has_noticed_leaf(value))
        for name, value in tree.items()
    )


def _tree(version: Version, record: StoredRecord) -> Tree:
    wrapped = record.v30 if version == "v3.0" else record.v31
    return read_tree(unwrapped(wrapped, version, record.kind, record.id))


def _schools_of(record: StoredRecord) -> Iterator[str]:
    """List the schools that a record names itself, or is."""
    if record.kind == "school":
        yield record.id
        return
    tree = _tree("v3.0", record)
    roles = tree.get("roles")
    holders = [tree] if not isinstance(roles, dict) else [role for role in roles.values() if isinstance(role, dict)]
    for holder in holders:
        listed = holder.get("schools")
        named = [holder.get("school"), *(listed if isinstance(listed, list) else ())]
        yield from (school for school in named if isinstance(school, str) and school)
