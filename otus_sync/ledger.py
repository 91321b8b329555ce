"""The sync's own memory: what every run did, and whether Otus was told (A15). One SQLite file.

Otus's word on its runs counts; the ledger is there when Otus is not, and it knows which unfinished run in
Otus is this sync's own and dead.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

import msgspec

from otus_sync.changes import Change
from otus_sync.errors import AnotherRunError, LedgerError
from otus_sync.mirror import COLUMN_TABLES, GONE_TABLES, OLD_TABLES, Mirror, at_once
from otus_sync.otus_records import Counts, RunStatus

FILE = "ledger.sqlite3"
LOCK = "lock"
CHANGES_KEPT_MAX = 20_000
"""So many changes of a run are kept by name; a first night in a district makes millions, and is no news."""
RUNS_WITH_CHANGES = 60
"""Of so many runs: two months of nights, for the question since when something is so."""

VERSIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE IF NOT EXISTS run (
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
        )""",
    ),
    (
        "ALTER TABLE run ADD COLUMN way TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE run ADD COLUMN changed INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE change (
            run INTEGER NOT NULL,
            place INTEGER NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (run, place)
        ) WITHOUT ROWID""",
        *OLD_TABLES,
    ),
    GONE_TABLES,
    COLUMN_TABLES,
)
"""What brings a ledger from one version of this program to the next; the number of the last stands in the file."""
_ROW = "id, started, ended, status, scope, reason, counts, withheld, seen_run, otus_run, told, way, changed"

Row = TypeVar("Row")


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
    way: str = ""
    """How Clever was read: by events, or whole and why; empty if the run did not get as far."""
    changed: int = 0
    """How many changes it has written, by name; the ledger keeps the first of them."""


class Kept(NamedTuple):
    """The changes of a run that are kept."""

    run: LedgerRun
    changes: tuple[Change, ...]

    @property
    def dropped(self) -> int:
        """Count those that are not kept."""
        return self.run.changed - len(self.changes)


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
                self._bring_up_to_date()
        except LedgerError:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    @property
    def mirror(self) -> Mirror:
        """Give the mirror of Clever that it keeps."""
        return Mirror(self._database, self._explained)

    @contextmanager
    def alone(self, waits_more: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Keep other runs of this folder out; the operating system lets go when the process dies.

        Args:
            waits_more: called while another one is alive; waits a while, or says no.

        Raises:
            AnotherRunError: one is alive, and there is no more waiting.
        """
        with self._explained():
            lock = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not _locked(lock):
                if not waits_more():
                    raise AnotherRunError(f"another run of this machine is in progress (it holds {self._folder})")
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

    def read(self, run: int, way: str) -> None:
        """Remember how a run has read Clever."""
        self._execute("UPDATE run SET way = ? WHERE id = ?", (way, run))

    def wrote(
        self, run: int, rows: Iterable[Row], changes: Callable[[Row], Iterable[Change]], count: Callable[[Row], int]
    ) -> None:
        """Remember what a run has written; above :data:`CHANGES_KEPT_MAX` only how much.

        Args:
            run: its number.
            rows: of its plan, that have been written.
            changes: gives what a row changes.
            count: counts what a row changes, which costs less.
        """
        with self._explained(), at_once(self._database):
            (place,) = self._database.execute("SELECT changed FROM run WHERE id = ?", (run,)).fetchone()
            first = place
            for row in rows:
                if place >= CHANGES_KEPT_MAX:
                    place += count(row)
                    continue
                for change in changes(row):
                    if place < CHANGES_KEPT_MAX:
                        values = (run, place, msgspec.msgpack.encode(change))
                        self._database.execute("INSERT INTO change VALUES (?, ?, ?)", values)
                    place += 1
            if place > first:
                self._database.execute("UPDATE run SET changed = ? WHERE id = ?", (place, run))
            self._database.execute("DELETE FROM change WHERE run <= ?", (run - RUNS_WITH_CHANGES,))

    def changes_of(self, runs: Iterable[LedgerRun]) -> list[Kept]:
        """Give what some runs have written, as far as it is kept."""
        kept = []
        for run in runs:
            rows = self._execute("SELECT body FROM change WHERE run = ? ORDER BY place", (run.id,))
            with self._explained():
                kept.append(Kept(run, tuple(msgspec.msgpack.decode(row[0], type=Change) for row in rows)))
        return kept

    def runs_between(self, first: int, last: int) -> list[LedgerRun]:
        """Give the runs from one number to another, oldest first."""
        return self._runs("WHERE id >= ? AND id <= ? ORDER BY id", first, last)

    def told(self, run: int) -> None:
        """Remember that Otus knows how a run ended."""
        self._execute("UPDATE run SET told = 1 WHERE id = ?", (run,))

    def last_runs(self, count: int) -> list[LedgerRun]:
        """Give the last runs, newest first."""
        return self._runs("ORDER BY id DESC LIMIT ?", count)

    def left_behind(self) -> list[LedgerRun]:
        """Give the runs of which Otus may still believe that they go on, newest first."""
        return self._runs("WHERE told = ? ORDER BY id DESC", 0)

    def _runs(self, which: str, *values: int) -> list[LedgerRun]:
        # Both parts of the statement are constants of this file.
        rows = self._execute(f"SELECT {_ROW} FROM run {which}", values)  # noqa: S608
        with self._explained():
            return [_run(row) for row in rows]

    def removals_of(self, otus_run: int) -> tuple[str, ...]:
        """Give the removals that a held run listed; none if it was not this ledger's."""
        row = self._execute("SELECT removals FROM run WHERE otus_run = ?", (otus_run,)).fetchone()
        return tuple(row[0].splitlines()) if row else ()

    def _bring_up_to_date(self) -> None:
        if self._version() == len(VERSIONS):
            return
        with at_once(self._database):
            version = self._version()
            if version > len(VERSIONS):
                raise LedgerError(
                    f"the ledger {self._path} is of a newer otus-sync: found version {version}, "
                    f"expected {len(VERSIONS)} at most. Use that otus-sync, or set SYNC_STATE_DIR to another folder."
                )
            for statement in chain.from_iterable(VERSIONS[version:]):
                self._database.execute(statement)
            self._database.execute(f"PRAGMA user_version = {len(VERSIONS)}")

    def _version(self) -> int:
        version: int = self._database.execute("PRAGMA user_version").fetchone()[0]
        return version

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


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_there(folder: Path) -> bool:
    """Tell whether a folder has a ledger; none is made by asking."""
    return (folder.expanduser() / FILE).exists()


def remembered_runs(folder: Path, count: int) -> list[LedgerRun]:
    """Give the last runs of the ledger in a folder, newest first; none if there is no ledger yet.

    Raises:
        LedgerError: there is one that cannot be read.
    """
    if not is_there(folder):
        return []
    with Ledger(folder) as ledger:
        return ledger.last_runs(count)


def _run(row: Sequence[object]) -> LedgerRun:
    names = LedgerRun.__struct_fields__
    values = dict(zip(names, row, strict=True))
    for name in ("scope", "counts", "withheld"):
        values[name] = msgspec.json.decode(str(values[name]))
    return msgspec.convert({**values, "told": bool(values["told"])}, LedgerRun)
