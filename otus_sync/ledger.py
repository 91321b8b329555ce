"""The sync's own memory: what every run did, and whether Otus was told (A15). One SQLite file.

Otus's word on its runs counts; the ledger is there when Otus is not, and it knows which unfinished run in
Otus is this sync's own and dead.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from otus_sync.errors import AnotherRunError, LedgerError
from otus_sync.otus_records import Counts, RunStatus

FILE = "ledger.sqlite3"
LOCK = "lock"
SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    id INTEGER PRIMARY KEY,
    started TEXT NOT NULL,
    ended TEXT,
    status TEXT NOT NULL,
    scope TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    counts TEXT NOT NULL DEFAULT '{}',
    withheld TEXT NOT NULL DEFAULT '{}',
    removals TEXT NOT NULL DEFAULT '',   -- those that were held, one a line
    seen_run INTEGER,                    -- Otus's newest run when this one asked for the lease
    otus_run INTEGER,
    told INTEGER NOT NULL DEFAULT 0      -- whether Otus knows the end
)
"""
_ROW = "id, started, ended, status, scope, reason, counts, withheld, seen_run, otus_run, told"


class LedgerRun(msgspec.Struct, frozen=True):
    """A run, as the ledger remembers it."""

    id: int
    started: str
    ended: str | None
    status: RunStatus
    scope: tuple[str, ...]
    reason: str
    counts: Counts
    withheld: Counts
    seen_run: int | None
    """The newest run Otus had when this one asked for the lease, 0 if none; ``None`` if it never asked."""
    otus_run: int | None
    """Its id in Otus, if it got as far."""
    told: bool
    """Whether Otus knows how it ended."""


class Ledger:
    """The ledger in a folder, which is made if it is not there. Use it in a ``with`` statement.

    Args:
        folder: where it is.

    Raises:
        LedgerError: it cannot be opened.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser()
        self._path = self._folder / FILE
        with self._explained():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self._path, isolation_level=None)
        try:
            with self._explained():
                self._database.execute(SCHEMA)
        except LedgerError:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other runs of this folder out; the operating system lets go when the process dies.

        Raises:
            AnotherRunError: one is alive.
        """
        with self._explained():
            lock = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise AnotherRunError(f"another run of this machine is in progress (it holds {self._folder})") from None
        try:
            yield
        finally:
            os.close(lock)

    def begin(self, started: str, scope: tuple[str, ...]) -> int:
        """Remember that a run begins; give its number."""
        scope_text = msgspec.json.encode(scope).decode()
        cursor = self._execute(
            "INSERT INTO run (started, status, scope) VALUES (?, 'running', ?)", (started, scope_text)
        )
        return cursor.lastrowid or 0

    def asks(self, run: int, seen_run: int) -> None:
        """Remember that a run is about to ask Otus for the lease."""
        self._execute("UPDATE run SET seen_run = ? WHERE id = ?", (seen_run, run))

    def joined(self, run: int, otus_run: int) -> None:
        """Remember which run of Otus's it is; having the lease, no earlier run is in its way any more."""
        self._execute("UPDATE run SET told = 1 WHERE id < ?", (run,))
        self._execute("UPDATE run SET otus_run = ? WHERE id = ?", (otus_run, run))

    def ended(
        self,
        run: int,
        ended: str,
        status: RunStatus,
        reason: str,
        counts: Counts,
        withheld: Counts,
        removals: Sequence[str],
    ) -> None:
        """Remember how a run ended."""
        texts = (msgspec.json.encode(counts).decode(), msgspec.json.encode(withheld).decode())
        self._execute(
            "UPDATE run SET ended = ?, status = ?, reason = ?, counts = ?, withheld = ?, removals = ? WHERE id = ?",
            (ended, status, reason, *texts, "\n".join(removals), run),
        )

    def told(self, run: int) -> None:
        """Remember that Otus knows how a run ended."""
        self._execute("UPDATE run SET told = 1 WHERE id = ?", (run,))

    def last_runs(self, count: int) -> list[LedgerRun]:
        """Give the last runs, newest first."""
        return self._runs("ORDER BY id DESC LIMIT ?", count)

    def left_behind(self) -> list[LedgerRun]:
        """Give the runs of which Otus may still believe that they go on, newest first."""
        return self._runs("WHERE told = ? ORDER BY id DESC", 0)

    def _runs(self, which: str, value: int) -> list[LedgerRun]:
        # Both parts of the statement are constants of this file.
        rows = self._execute(f"SELECT {_ROW} FROM run {which}", (value,))  # noqa: S608
        with self._explained():
            return [_run(row) for row in rows]

    def removals_of(self, otus_run: int) -> tuple[str, ...]:
        """Give the removals that a held run listed; none if it was not this ledger's."""
        row = self._execute("SELECT removals FROM run WHERE otus_run = ?", (otus_run,)).fetchone()
        return tuple(row[0].splitlines()) if row else ()

    def _execute(self, statement: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        with self._explained():
            return self._database.execute(statement, values)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, msgspec.MsgspecError) as error:
            raise LedgerError(
                f"the ledger {self._path} cannot be used: {error}. Check that the folder is writable and "
                "the disk has room, or set SYNC_STATE_DIR to another folder."
            ) from None


def remembered_runs(folder: Path, count: int) -> list[LedgerRun]:
    """Give the last runs of the ledger in a folder, newest first; none if there is no ledger yet.

    Raises:
        LedgerError: there is one that cannot be read.
    """
    if not (folder.expanduser() / FILE).exists():
        return []
    with Ledger(folder) as ledger:
        return ledger.last_runs(count)


def _run(row: Sequence[object]) -> LedgerRun:
    names = LedgerRun.__struct_fields__
    values = dict(zip(names, row, strict=True))
    for name in ("scope", "counts", "withheld"):
        values[name] = msgspec.json.decode(str(values[name]))
    return msgspec.convert({**values, "told": bool(values["told"])}, LedgerRun)
