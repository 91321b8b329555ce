"""Which rows of a store were written since somebody looked, so that whoever has read a store need not read it again.

SQLite itself takes it down, by triggers of the connection alone: no way of writing is forgotten, a write that is
rolled back leaves no trace, and neither file nor copy of the store has anything of it.
"""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

EVENTS = {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}
"""What may happen to a row, and what a trigger calls the row that it happened to."""


class Watched(NamedTuple):
    """A table that is looked at."""

    table: str
    key: str
    """The column that names what a row is about; it never changes."""
    kind: str | None = None
    """The column that says of which kind that is; by default it is called like the table."""


class Touch(NamedTuple):
    """Something that was written."""

    kind: str
    key: str | int


class Touched:
    """Takes down what one connection writes.

    Args:
        connection: of the store; what other connections write is not seen.
        tables: that are looked at.
    """

    def __init__(self, connection: sqlite3.Connection, tables: Iterable[Watched]) -> None:
        self._db = connection
        connection.execute("CREATE TEMP TABLE touched (kind, key, PRIMARY KEY (kind, key)) WITHOUT ROWID")
        for table, key, kind in tables:
            for event, row in EVENTS.items():
                what = f"'{table}'" if kind is None else f"{row}.{kind}"
                connection.execute(_trigger(f"touched_{table}_{event}", event, table, what, f"{row}.{key}"))

    def take(self) -> list[Touch]:
        """Give what was written since the last time, in order of kind and key."""
        found = [Touch._make(row) for row in self._db.execute("SELECT kind, key FROM touched ORDER BY kind, key")]
        if found:
            self._db.execute("DELETE FROM touched")
        return found


def _trigger(name: str, event: str, table: str, kind: str, key: str) -> str:
    # Not INSERT OR IGNORE: in a trigger the conflict clause of the statement that set it off counts instead.
    return (
        f"CREATE TEMP TRIGGER {name} AFTER {event} ON main.{table} BEGIN"  # noqa: S608 - names of the stores' own code
        f" INSERT INTO touched SELECT {kind}, {key}"
        f" WHERE NOT EXISTS (SELECT 1 FROM touched WHERE kind = {kind} AND key = {key}); END"
    )
