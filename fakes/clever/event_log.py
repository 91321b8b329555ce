"""What was written of events, and until when they are kept."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from fakes.clever.records import PLURALS, Kind, Version
from fakes.clever.selections import COLUMNS, Selection

RETENTION_DAYS = 30
"""How long an event is kept. Source: Clever's developer pages, "How long are events stored?"."""


class StoredEvent(NamedTuple):
    """An event and its fragment of a list, one for every version of the wire."""

    id: str
    kind: Kind
    shared: int
    """A bit for every application that sees it."""
    v30: bytes | None
    """``None`` where only what v3.1 adds has changed."""
    v31: bytes
    schools: tuple[str, ...]
    """Clever's ids of the schools that the record belongs to, or did before."""


class EventLog:
    """The events of a district.

    Args:
        connection: of the district's store.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def write(self, events: Sequence[StoredEvent]) -> None:
        """Keep events."""
        self._db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", [event[:5] for event in events])
        self._db.executemany(
            "INSERT OR IGNORE INTO event_schools VALUES (?, ?)",
            [(school, event.id) for event in events for school in event.schools],
        )

    def forget_before(self, oldest: str) -> None:
        """Let go of events that are no longer kept.

        Args:
            oldest: the smallest id that is.
        """
        if self._db.execute("DELETE FROM events WHERE id < ?", (oldest,)).rowcount:
            # Read from end to end, as it is in the order of the schools.
            self._db.execute("DELETE FROM event_schools WHERE event < ?", (oldest,))

    def fragment(self, version: Version, event_id: str, bit: int, oldest: str) -> bytes | None:
        """Read an event as it stands in a list, if an application sees it and it is still kept."""
        ask = f"SELECT {COLUMNS[version]} FROM events WHERE id = ? AND id >= ? AND shared & ?"  # noqa: S608 - constant
        found = self._db.execute(ask, (event_id, oldest, bit)).fetchone()
        return None if found is None else found[0]


def oldest_kept(now: datetime) -> str:
    """Give the smallest id that an event which is still kept may have: ids begin with their second."""
    return f"{int((now - timedelta(days=RETENTION_DAYS)).timestamp()):08x}"


def events_of(version: Version, oldest: str, kinds: Iterable[Kind] = tuple(PLURALS), school: str = "") -> Selection:
    """Select events that are still kept.

    Args:
        version: of the wire; v3.0 does not tell of what only v3.1 has.
        oldest: the smallest id that is kept, so that a cursor older than that goes on there.
        kinds: of their records.
        school: Clever's id of one that the records belong to; without it any.
    """
    source = f"""events r WHERE r.shared & :bit AND r.{COLUMNS[version]} IS NOT NULL AND r.id >= :oldest
        AND r.kind IN (SELECT value FROM json_each(:kinds))"""  # noqa: S608 - constants
    values = {"oldest": oldest, "kinds": msgspec.json.encode(sorted(kinds)).decode()}
    if school:
        source += " AND EXISTS (SELECT 1 FROM event_schools s WHERE s.school = :school AND s.event = r.id)"
        values["school"] = school
    return Selection(source, "r.id", values)
