"""What one application may read of a district."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from fakes.clever.applications import Connection
from fakes.clever.event_log import events_of
from fakes.clever.fields import Tree, hidden_paths, leave_out
from fakes.clever.records import PLURALS, Kind, Version
from fakes.clever.selections import Selection
from fakes.clever.store import Store

_KIND_OF_LIST: dict[str, Kind] = {plural: kind for kind, plural in PLURALS.items()}


class Page(NamedTuple):
    """Some records of a list."""

    parts: tuple[bytes, ...]
    """The records; to be joined by commas."""
    first: str | None
    last: str | None
    more: bool
    """Whether records with larger ids follow."""
    size: int = 0


class Reader:
    """Reads a district as one application sees it (H11).

    Args:
        store: of the district.
        connection: the application, with what is shared with it.
        district_id: Clever's id of the district.
        oldest_event: the smallest id that an event may have which is still kept.
    """

    def __init__(self, store: Store, connection: Connection, district_id: str, oldest_event: str) -> None:
        self._store = store
        self._connection = connection
        self._oldest_event = oldest_event
        self.district_id = district_id

    def page(
        self, version: Version, selection: Selection, limit: int, *, after: str = "", before: str | None = None
    ) -> Page:
        """Read some records, ascending by id.

        Args:
            version: of the wire.
            selection: which records.
            limit: at most so many.
            after: only larger ids, from the smallest on.
            before: only smaller ids, up to the largest.
        """
        bit = self._connection.bit
        found = self._store.page(version, selection, bit, limit, after=after, before=before)
        more = False
        if found.last is not None and (before is not None or found.size == limit):
            more = bool(self._store.page(version, selection, bit, 1, after=found.last).size)
        return Page(self._parts_seen(found.parts), found.first, found.last, more, found.size)

    def count(self, selection: Selection) -> int:
        """Count the records of a selection."""
        return self._store.count(selection, self._connection.bit)

    def fragment(self, version: Version, kind: Kind, clever_id: str) -> bytes | None:
        """Read a record as it stands in a list; ``None`` if there is none, or it is not shared."""
        found = self._store.fragment(version, kind, clever_id, self._connection.bit)
        return None if found is None else self._seen(found)

    def events(self, version: Version, kinds: Iterable[Kind] = tuple(PLURALS), school: str = "") -> Selection:
        """Select the events that are still kept, of records of some kinds and of one school or any."""
        return events_of(version, self._oldest_event, kinds, school)

    def event(self, version: Version, event_id: str) -> bytes | None:
        """Read an event as it stands in a list; ``None`` if there is none, or it is not told."""
        found = self._store.events.fragment(version, event_id, self._connection.bit, self._oldest_event)
        return None if found is None else self._seen(found)

    def _parts_seen(self, parts: tuple[bytes, ...]) -> tuple[bytes, ...]:
        return tuple(map(self._seen, parts)) if self._connection.sharing.hidden_fields else parts

    def _seen(self, joined: bytes) -> bytes:
        """Leave the hidden fields out. Where none are, bytes stay as they are stored."""
        hidden = self._connection.sharing.hidden_fields
        if not hidden or not joined:
            return joined
        items: list[Tree] = msgspec.json.decode(b"[%b]" % joined, type=list)
        for item in items:
            for kind, tree in _records_in(item):
                leave_out(tree, hidden_paths(kind, hidden))
        return msgspec.json.encode(items)[1:-1]


def _records_in(item: Tree) -> list[tuple[Kind, Tree]]:
    """Find the records in an item of a list: itself, or what an event tells of one."""
    data, uri = item["data"], item["uri"]
    if not isinstance(data, dict) or not isinstance(uri, str):
        raise TypeError(f"an item of a list has data and uri, and this is {item!r}")
    name = uri.split("/")[2]
    if name != "events":
        return [(_KIND_OF_LIST[name], data)]
    kind = _KIND_OF_LIST[str(data["type"]).partition(".")[0]]
    told = data["data"]
    parts = told.values() if isinstance(told, dict) else ()
    return [(kind, part) for part in parts if isinstance(part, dict)]
