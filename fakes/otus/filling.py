"""Fills the file of a large Otus: many accounts and classes at once, with no rule asked.

Rows are written by the store's own functions, so they are what the rules would have written.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from fakes.otus.records import Account, ByHand, Settings
from fakes.otus.store import ACCOUNT_COLUMNS, CLASS_COLUMNS, SCHEMA, Kind, StoredClass, account_row, class_row
from fakes.shared.database import SERVED_PAGE_BYTES, give_up_safety

CACHE_KIB = 64 * 1024


class Filling:
    """Fills a new file. It is not safe against a crash: a half-filled file is useless.

    Args:
        path: of the file; there is none yet.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        give_up_safety(self._db)
        self._db.execute(f"PRAGMA page_size = {SERVED_PAGE_BYTES}")
        self._db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._db.execute("PRAGMA threads = 2")  # for the sorting of indexes
        self._db.executescript(SCHEMA)
        indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        for (index,) in self._db.execute(indexes).fetchall():
            self._db.execute(f"DROP INDEX {index}")
        self._db.execute("BEGIN")

    def settings(self, settings: Settings) -> None:
        """Write the district's switches."""
        self._db.execute("INSERT INTO district VALUES (1, ?)", (msgspec.json.encode(settings),))

    def accounts(self, accounts: Iterable[Account]) -> None:
        """Write accounts, ascending by id."""
        self._insert("account", ACCOUNT_COLUMNS, map(account_row, accounts))

    def schools(self, pairs: Iterable[tuple[str, int]]) -> None:
        """Say in which schools accounts are: DBN and account."""
        self._db.executemany("INSERT OR IGNORE INTO account_school VALUES (?, ?)", pairs)

    def classes(self, classes: Iterable[StoredClass]) -> None:
        """Write classes, ascending by id."""
        self._insert("class", CLASS_COLUMNS, map(class_row, classes))

    def by_hand(self, members: Iterable[tuple[int, ByHand]]) -> None:
        """Put members into classes by hand."""
        rows = ((class_id, member.account, member.part) for class_id, member in members)
        self._db.executemany("INSERT INTO by_hand VALUES (?, ?, ?)", rows)

    def finish(self, last_ids: dict[Kind, int]) -> None:
        """Say which ids were given, make the indexes, and let go of the file."""
        self._db.executemany("INSERT INTO counter VALUES (?, ?)", last_ids.items())
        self._db.execute("COMMIT")
        self._db.executescript(SCHEMA)
        self._db.close()

    def give_up(self) -> None:
        """Let go of the file as it is."""
        self._db.close()

    def _insert(self, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
        places = ", ".join("?" * len(columns))
        names = ", ".join(columns)
        self._db.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608 - names of the store
