"""The mirror: Clever as it was last read, so that a night is the mirror and what events tell since.

It is part of the ledger, and holds what a run gathers (:mod:`otus_sync.plan.gathering`) and not the records: a
district of a million people and 7 million enrolments takes some 220 MB, and is there again within a second. What events
change stands beside it, record by record.
"""

import sqlite3
import sys
import zlib
from array import array
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from itertools import chain
from typing import TypeVar

import msgspec

from otus_sync.clever_records import Record, School
from otus_sync.events import KINDS, Followed, Kind
from otus_sync.packed import Pieces, packed
from otus_sync.plan.census import CensusColumns
from otus_sync.plan.gathering import Gathering, GatheringColumns
from otus_sync.plan.sections import SectionsColumns

OLD_TABLES = (
    """CREATE TABLE mirror (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        standing BLOB NOT NULL
    )""",
    "CREATE TABLE clever_id (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)",
    """CREATE TABLE clever_record (
        number INTEGER NOT NULL,  -- of its id
        kind INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (number, kind)
    ) WITHOUT ROWID""",
)
"""What the first versions of the program had; it is not read any more."""
GONE_TABLES = (
    """CREATE TABLE clever_gone (
        id TEXT NOT NULL,
        kind INTEGER NOT NULL,
        last_modified TEXT NOT NULL,  -- of the record, before it was deleted
        told TEXT NOT NULL,  -- when reading the event began
        PRIMARY KEY (id, kind)
    ) WITHOUT ROWID""",
)
"""What was deleted: Clever repeats events, also under new ids, and on later nights."""
GONE_DAYS = 60
"""So long it is remembered: twice as long as Clever keeps events."""
COLUMN_TABLES = (
    "DROP TABLE clever_record",
    "DROP TABLE clever_id",
    "DELETE FROM mirror",
    """CREATE TABLE clever_part (
        number INTEGER PRIMARY KEY,
        crc INTEGER NOT NULL,  -- of the body
        body BLOB NOT NULL
    )""",
    """CREATE TABLE clever_changed (
        kind INTEGER NOT NULL,
        id TEXT NOT NULL,
        body BLOB,  -- NULL of what is there no more
        PRIMARY KEY (kind, id)
    ) WITHOUT ROWID""",
)
"""What was gathered in a full pull, column by column, and what events have changed since."""
TABLES = (*OLD_TABLES, *GONE_TABLES, *COLUMN_TABLES)
"""All that bring a new ledger to where it is."""
CHANGED_SHARE_MAX = 0.1
"""When events have changed a larger share of the records, the columns are written anew: a change is some ten times as
slow to read."""
PART_BYTES = 4 * 1024 * 1024
"""Columns are written in parts of some such size: SQLite copies what it is given."""
CONTENTS = 0
"""The part that tells which columns the others hold."""
OF_MODIFIED = frozenset(
    {"schools", "ids", "section ids", "person numbers_of"}
    | {f"{group} {column}" for group in ("section", "person") for column in ("modified", "modified_ends")}
)
"""The columns that tell when what was last modified."""
FORM = f"1 {sys.byteorder}"
"""How columns are written; another one cannot be read."""
_KINDS: tuple[Kind, ...] = tuple(KINDS)


class Standing(msgspec.Struct, frozen=True):
    """How the mirror came to be what it is."""

    district: str
    """Clever's id of the district it is of."""
    cursor: str
    """The newest event that is in it."""
    read_at: str
    """When reading what is in it began; ISO 8601, as Otus and Clever write a moment."""
    full_at: str
    """The same of the last full pull."""
    run: int
    """The ledger's number of the run that kept it."""
    silent: bool = False
    """Whether a full pull found what no event had told of; until one comes, none is relied on."""


Columns = TypeVar("Columns", SectionsColumns, CensusColumns)


class _Contents(msgspec.Struct, frozen=True):
    """What the parts hold, one column after another."""

    form: str
    bytes: dict[str, int]
    """Of each column, in their order."""


class _BrokenError(Exception):
    """What is kept is not as this program writes it."""


@contextmanager
def at_once(database: sqlite3.Connection) -> Iterator[None]:
    """Make several statements one transaction: all of them happen, or none."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        # SQLite may have taken it back by itself, as with a full disk.
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


class Mirror:
    """The mirror in a ledger.

    Args:
        database: of the ledger.
        explained: turns what SQLite says into the ledger's error.
    """

    def __init__(self, database: sqlite3.Connection, explained: Callable[[], AbstractContextManager[None]]) -> None:
        self._database = database
        self._explained = explained

    def standing(self) -> Standing | None:
        """Tell how it came to be; ``None`` if there is none that can be read.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        with self._explained():
            row = self._database.execute("SELECT standing FROM mirror").fetchone()
        try:
            return None if row is None else msgspec.msgpack.decode(row[0], type=Standing)
        except msgspec.MsgspecError:
            return None

    def followed(self) -> Followed | None:
        """Give what it holds, for events to change; ``None`` if that is not as this program writes it.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        try:
            with self._explained():
                columns = self._columns()
                changed = self._database.execute(
                    "SELECT kind, id, body FROM clever_changed ORDER BY kind, id"
                ).fetchall()
                told = self._database.execute("SELECT kind, id, last_modified FROM clever_gone").fetchall()
            gathering = _gathered_from(columns)
            changes = {(_KINDS[kind], key): _record(kind, body) for kind, key, body in changed}
        except (_BrokenError, msgspec.MsgspecError, KeyError):
            return None
        return Followed(gathering, changes, {(_KINDS[kind], key): modified for kind, key, modified in told})

    def gone_from(self, is_there: Callable[[Kind, str], bool]) -> dict[tuple[Kind, str], str] | None:
        """Give what it holds and a full pull does not, and when each was last modified.

        It reads a third of what it holds: while a full pull is in the memory, there is no room for a second one.

        Args:
            is_there: tells whether the pull has it.

        Returns:
            ``None`` if what it holds is not as this program writes it.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        try:
            with self._explained():
                columns = self._columns(OF_MODIFIED)
                changed = self._database.execute("SELECT kind, id, body FROM clever_changed").fetchall()
            records = {(_KINDS[kind], key): _record(kind, body) for kind, key, body in changed}
            of_records = ((key, record.last_modified or "") for key, record in records.items() if record is not None)
            of_columns = ((key, when) for key, when in _modified(columns) if key not in records)
            return {key: when for key, when in chain(of_records, of_columns) if not is_there(*key)}
        except (_BrokenError, msgspec.MsgspecError, KeyError):
            return None

    def keep_all(self, gathering: Gathering, standing: Standing, gone: Mapping[tuple[Kind, str], str]) -> None:
        """Put a full pull in the place of whatever there was, at once or not at all.

        Args:
            gathering: what was pulled.
            standing: of the pull.
            gone: what was there before and is no more, and when each was last modified.

        Raises:
            LedgerError: it cannot be written; the mirror is as before.
        """
        with self._explained(), at_once(self._database):
            self._empty()
            self._write(gathering)
            self._remember_gone(gone, standing)
            self._stand(standing)

    def keep_touched(self, followed: Followed, standing: Standing) -> None:
        """Write what events have changed in what :meth:`followed` gave, at once or not at all.

        Raises:
            LedgerError: it cannot be written; the mirror is as before.
        """
        with self._explained(), at_once(self._database):
            self._write_changed(followed.touched)
            gathering = followed.gathering()
            (changed,) = self._database.execute("SELECT count(*) FROM clever_changed").fetchone()
            if changed > CHANGED_SHARE_MAX * (len(gathering.sections) + len(gathering.census)):
                self._write_anew(gathering, followed.bare)
            self._remember_gone(followed.deleted, standing)
            self._stand(standing)

    def _write_anew(self, gathering: Gathering, bare: frozenset[str]) -> None:
        """Write everything into the columns, but for users who are in none."""
        users = _KINDS.index("users")
        ask = "SELECT kind, id, body FROM clever_changed WHERE kind = ? ORDER BY id"
        stay = [row for row in self._database.execute(ask, (users,)) if row[1] in bare]
        self._empty()
        self._write(gathering)
        self._database.executemany("INSERT INTO clever_changed VALUES (?, ?, ?)", stay)

    def _remember_gone(self, gone: Mapping[tuple[Kind, str], str], standing: Standing) -> None:
        long_ago = datetime.fromisoformat(standing.read_at) - timedelta(days=GONE_DAYS)
        self._database.execute("DELETE FROM clever_gone WHERE told < ?", (long_ago.isoformat(),))
        rows = [(key, _KINDS.index(kind), when, standing.read_at) for (kind, key), when in sorted(gone.items())]
        self._database.executemany("INSERT OR REPLACE INTO clever_gone VALUES (?, ?, ?, ?)", rows)

    def forget(self) -> None:
        """Let go of it: what is not followed any more would look current when it is again."""
        with self._explained(), at_once(self._database):
            self._empty()

    def _empty(self) -> None:
        for table in ("mirror", "clever_part", "clever_changed"):
            self._database.execute(f"DELETE FROM {table}")  # noqa: S608 - constants of this line

    def _write(self, gathering: Gathering) -> None:
        columns = dict(_named_columns(gathering.columns()))
        contents = _Contents(FORM, {name: len(column) for name, column in columns.items()})
        parts: Iterable[bytes | bytearray] = chain([packed(contents)], _parts(columns.values()))
        for number, body in enumerate(parts, start=CONTENTS):
            self._database.execute("INSERT INTO clever_part VALUES (?, ?, ?)", (number, zlib.crc32(body), body))

    def _write_changed(self, touched: Mapping[tuple[Kind, str], Record | None]) -> None:
        rows = [
            (_KINDS.index(kind), key, None if record is None else packed(record))
            for (kind, key), record in sorted(touched.items(), key=lambda one: one[0])
        ]
        self._database.executemany("INSERT OR REPLACE INTO clever_changed VALUES (?, ?, ?)", rows)

    def _stand(self, standing: Standing) -> None:
        self._database.execute("INSERT OR REPLACE INTO mirror VALUES (1, ?)", (packed(standing),))

    def _columns(self, wanted: Container[str] | None = None) -> dict[str, bytearray]:
        """Read columns: all of them, or those wanted."""
        parts = self._database.execute("SELECT crc, body FROM clever_part ORDER BY number")
        whole = (body for crc, body in parts if _is_whole(crc, body))
        contents = _contents(next(whole, b""))
        columns: dict[str, bytearray] = {}
        body = memoryview(b"")
        for name, size in contents.bytes.items():
            # Made in its full size: one that grows leaves holes in the memory, and takes more than it needs.
            column = bytearray(size) if wanted is None or name in wanted else None
            filled = 0
            while filled < size:
                body = body or memoryview(next(whole, b""))
                if not body:
                    raise _BrokenError
                some = body[: size - filled]
                if column is not None:
                    column[filled : filled + len(some)] = some
                filled += len(some)
                body = body[len(some) :]
            if column is not None:
                columns[name] = column
        return columns


def _modified(columns: Mapping[str, bytearray]) -> Iterator[tuple[tuple[Kind, str], str]]:
    for school in msgspec.msgpack.decode(columns["schools"], type=list[School]):
        yield ("schools", school.id), school.last_modified or ""
    ids = msgspec.msgpack.decode(columns["ids"], type=list[str])
    sections = msgspec.msgpack.decode(columns["section ids"], type=list[str])
    people = map(ids.__getitem__, array("i", columns["person numbers_of"]))
    kinds: tuple[tuple[Kind, str, Iterable[str]], ...] = (
        ("sections", "section", sections),
        ("users", "person", people),
    )
    for kind, group, keys in kinds:
        pieces = Pieces()
        pieces.fill(columns[f"{group} modified"], bytes(columns[f"{group} modified_ends"]))
        for place, key in enumerate(keys):
            yield (kind, key), pieces.piece(place).decode()


def _contents(body: bytes) -> _Contents:
    try:
        contents = msgspec.msgpack.decode(body, type=_Contents)
    except msgspec.MsgspecError:
        raise _BrokenError from None
    if contents.form != FORM:
        raise _BrokenError
    return contents


def _is_whole(crc: int, body: bytes) -> bool:
    if zlib.crc32(body) != crc:
        raise _BrokenError
    return True


def _parts(columns: Iterable[bytes | bytearray]) -> Iterator[bytearray]:
    """Put columns together, and cut them into parts."""
    part = bytearray()
    for column in columns:
        with memoryview(column) as whole:
            for first in range(0, len(column), PART_BYTES):
                part += whole[first : first + PART_BYTES]
                if len(part) >= PART_BYTES:
                    yield part
                    part = bytearray()
    yield part


def _named_columns(columns: GatheringColumns) -> Iterator[tuple[str, bytes | bytearray]]:
    yield "schools", packed(columns.schools)
    yield "ids", packed(columns.ids)
    for group, some in (("section", columns.sections), ("person", columns.census)):
        for field in some.__struct_fields__:
            value = getattr(some, field)
            yield f"{group} {field}", value if isinstance(value, bytes | bytearray) else packed(value)


def _gathered_from(columns: Mapping[str, bytearray]) -> Gathering:
    return Gathering.of(
        GatheringColumns(
            msgspec.msgpack.decode(columns["schools"], type=list[School]),
            msgspec.msgpack.decode(columns["ids"], type=list[str]),
            _group("section", SectionsColumns, columns),
            _group("person", CensusColumns, columns),
        )
    )


def _group(group: str, kind: type[Columns], columns: Mapping[str, bytearray]) -> Columns:
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(kind):
        column = columns[f"{group} {field.name}"]
        is_raw = field.type in (bytes, bytearray)
        values[field.name] = column if is_raw else msgspec.msgpack.decode(column, type=field.type)
    return kind(**values)  # type: ignore[arg-type]  # of the types of its fields


def _record(kind: int, body: bytes | None) -> Record | None:
    return None if body is None else msgspec.msgpack.decode(body, type=KINDS[_KINDS[kind]])
