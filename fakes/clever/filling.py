"""Fills the file of a large district: rows and records that are written elsewhere go into the tables as they are.

:meth:`fakes.clever.rules.Clever.deliver` asks of every row what was there before; where nothing was, that is all it
asks for nothing. Here whoever fills says what the tables hold, and a test holds that it is what a delivery would
have written.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from fakes.clever.schema import SCHEMA
from fakes.clever.sheets import Sheet, Sheets
from fakes.clever.state import State

PAGE_BYTES = 16 * 1024
"""Of the file: several records of 1 to 2 kB fit into such a page, and hardly one into SQLite's usual 4 kB."""
CACHE_KIB = 64 * 1024


class FilledEntry(NamedTuple):
    """A row of the table ``entries``."""

    number: int
    space: str
    sis_id: str
    delivered: bytes
    email: str | None
    clever_id: str


class FilledRecord(NamedTuple):
    """A row of the table ``records``, for the first application alone."""

    id: str
    kind: str
    shared: int
    created: str
    modified: str
    v30: bytes
    v31: bytes


class Mentioning(NamedTuple):
    """Entries that one entry names under one heading, such as a section its students."""

    holder: int
    named: str
    """Their numbers as a JSON list, in the order of the row."""


def create_large(path: Path) -> None:
    """Create an empty store with pages of a size for large districts."""
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.executescript(SCHEMA)
    connection.close()


class Filling:
    """Fills a store that no other process has open. It is not safe against a crash: a half-filled file is useless.

    Args:
        path: of a store, as a :class:`~fakes.clever.store.Store` has left it.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._db.execute("PRAGMA threads = 2")  # for the sorting of indexes
        # An index that is made of all rows at once is sorted once; made row by row it is searched a million times.
        indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        for (index,) in self._db.execute(indexes).fetchall():
            self._db.execute(f"DROP INDEX {index}")
        self._db.execute("BEGIN")
        self._sheets = Sheets(self._db)

    def number(self, space: str, sis_id: str) -> int:
        """Give the number of an entry that is there."""
        ask = "SELECT number FROM entries WHERE space = ? AND sis_id = ?"
        return int(self._db.execute(ask, (space, sis_id)).fetchone()[0])

    def count(self) -> int:
        """Count the entries that are there; their numbers go from 1 to this."""
        return int(self._db.execute("SELECT count(*) FROM entries").fetchone()[0])

    def state(self) -> State:
        """Read what the store's Clever knows of itself."""
        return msgspec.json.decode(self._db.execute("SELECT body FROM state").fetchone()[0], type=State)

    def entries(self, entries: Iterable[FilledEntry]) -> None:
        """Write entries, ascending by number."""
        self._db.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", entries)

    def records(self, records: Iterable[FilledRecord]) -> None:
        """Write records, ascending by id."""
        self._db.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)", records)

    def mentions(self, mentionings: Iterable[Mentioning]) -> None:
        """Write what entries name; the rank of each is its place in the list."""
        self._db.executemany("INSERT INTO mentions SELECT ?, value, key FROM json_each(?)", mentionings)

    def single_mentions(self, mentions: Iterable[tuple[int, int, int]]) -> None:
        """Write what entries name: holder, named and rank."""
        self._db.executemany("INSERT INTO mentions VALUES (?, ?, ?)", mentions)

    def press(self, sheets: Iterable[Sheet]) -> None:
        """Write sheets of lists."""
        self._sheets.write(sheets)

    def finish(self, filled_from: int, minted: int) -> None:
        """Write what follows from the entries, make the indexes, and let go of the file.

        Args:
            filled_from: the smallest number of an entry that was filled in.
            minted: how many ids were made in all.
        """
        self._db.execute(
            "INSERT INTO identities SELECT number, '', clever_id, NULL FROM entries WHERE number >= ? ORDER BY number",
            (filled_from,),
        )
        state = msgspec.structs.replace(self.state(), ids_minted=minted)
        self._db.execute("UPDATE state SET body = ?", (msgspec.json.encode(state, order="deterministic"),))
        self._sheets.press_list("school")
        self._sheets.count_as_fresh()
        self._db.execute("COMMIT")
        self._db.executescript(SCHEMA)
        self._db.close()

    def give_up(self) -> None:
        """Let go of the file as it is."""
        self._db.close()
