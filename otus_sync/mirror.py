"""The mirror: Clever's records as they were last read, so that a night is the mirror and what events tell since.

It is part of the ledger. Ids are kept once and numbered, and a roster is an array of their numbers: a district
of a million people and 7 million enrolments takes some 30 MB for its rosters instead of 200.
"""

import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from itertools import islice

import msgspec

from otus_sync.clever_records import Name, Part, Record, Roles, School, Section, User
from otus_sync.events import KINDS, Kind, Records, kind_of

TABLES = (
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
_KINDS: tuple[Kind, ...] = tuple(KINDS)
_PACKED = "I"
"""The array type of numbers: 4 bytes each."""


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


class _Part(msgspec.Struct, frozen=True, array_like=True, gc=False):
    sis_id: str | None
    school: int | None
    schools: bytes


class _User(msgspec.Struct, frozen=True, array_like=True, tag=1, gc=False):
    email: str | None
    first: str | None
    last: str | None
    student: _Part | None
    teacher: _Part | None
    last_modified: str | None


class _Section(msgspec.Struct, frozen=True, array_like=True, tag=2, gc=False):
    school: int | None
    name: str | None
    sis_id: str | None
    teacher: int | None
    teachers: bytes
    students: bytes
    last_modified: str | None


class _School(msgspec.Struct, frozen=True, array_like=True, tag=0, gc=False):
    sis_id: str
    last_modified: str | None


_Packed = _School | _User | _Section


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
        self._numbers: dict[str, int] = {}

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

    def records(self) -> Records | None:
        """Give what it holds; ``None`` if that is not as this program writes it.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        with self._explained():
            self._numbers |= self._database.execute("SELECT id, number FROM clever_id")
            rows = self._database.execute("SELECT number, body FROM clever_record").fetchall()
            told = self._database.execute("SELECT kind, id, last_modified FROM clever_gone").fetchall()
        ids = sorted(self._numbers, key=self._numbers.__getitem__)
        if ids and self._numbers[ids[-1]] != len(ids) - 1:
            return None
        decoder = msgspec.msgpack.Decoder(_Packed)
        try:
            gone = {(_KINDS[kind], key): modified for kind, key, modified in told}
            return Records((_unpacked(ids[number], decoder.decode(body), ids) for number, body in rows), gone)
        except (msgspec.MsgspecError, IndexError, ValueError):
            return None

    def keep_all(self, records: Records, standing: Standing, before: Records | None = None) -> None:
        """Put a full pull in the place of whatever there was, at once or not at all.

        Args:
            records: as they were pulled.
            standing: of the pull.
            before: what the mirror held, if it could be read: of that, what is there no more is remembered as gone.

        Raises:
            LedgerError: it cannot be written; the mirror is as before.
        """
        self._numbers = {}
        with self._explained(), at_once(self._database):
            self._empty()
            self._write(records.all())
            if before is not None:
                self._remember_gone(before.not_in(records), standing)
            self._stand(standing)

    def keep_touched(self, records: Records, standing: Standing) -> None:
        """Write what events have changed in the records that :meth:`records` gave, at once or not at all.

        Raises:
            LedgerError: it cannot be written; the mirror is as before.
        """
        with self._explained(), at_once(self._database):
            gone = [(self._numbers.get(key), _KINDS.index(kind)) for kind, key in sorted(records.touched)]
            self._database.executemany("DELETE FROM clever_record WHERE number = ? AND kind = ?", gone)
            there = (records.get(kind, key) for kind, key in sorted(records.touched))
            self._write([record for record in there if record is not None])
            self._remember_gone(records.deleted, standing)
            self._stand(standing)

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
        for table in ("mirror", "clever_record", "clever_id"):
            self._database.execute(f"DELETE FROM {table}")  # noqa: S608 - constants of this line

    def _write(self, records: Iterable[Record]) -> None:
        known = len(self._numbers)
        rows = ((self._number(record.id), _KINDS.index(kind_of(record)), self._packed(record)) for record in records)
        self._database.executemany("INSERT INTO clever_record (number, kind, body) VALUES (?, ?, ?)", rows)
        new = islice(self._numbers.items(), known, None)
        self._database.executemany("INSERT INTO clever_id (id, number) VALUES (?, ?)", new)

    def _stand(self, standing: Standing) -> None:
        self._database.execute("INSERT OR REPLACE INTO mirror VALUES (1, ?)", (msgspec.msgpack.encode(standing),))

    # ------------------------------------------------------------ packing

    def _number(self, key: str) -> int:
        # No id is ever taken out one by one, so numbers go on from how many there are.
        return self._numbers.setdefault(key, len(self._numbers))

    def _number_if_any(self, key: str | None) -> int | None:
        return None if key is None else self._number(key)

    def _numbers_of(self, keys: Sequence[str]) -> bytes:
        try:
            return array(_PACKED, map(self._numbers.__getitem__, keys)).tobytes()
        except KeyError:
            return array(_PACKED, map(self._number, keys)).tobytes()

    def _packed(self, record: Record) -> bytes:
        match record:
            case School():
                packed: _Packed = _School(record.sis_id, record.last_modified)
            case User():
                parts = (self._packed_part(record.roles.student), self._packed_part(record.roles.teacher))
                packed = _User(record.email, record.name.first, record.name.last, *parts, record.last_modified)
            case Section():
                packed = _Section(
                    self._number_if_any(record.school),
                    record.name,
                    record.sis_id,
                    self._number_if_any(record.teacher),
                    self._numbers_of(record.teachers),
                    self._numbers_of(record.students),
                    record.last_modified,
                )
        return msgspec.msgpack.encode(packed)

    def _packed_part(self, part: Part | None) -> _Part | None:
        return (
            None
            if part is None
            else _Part(part.sis_id, self._number_if_any(part.school), self._numbers_of(part.schools))
        )


def _unpacked(key: str, packed: _Packed, ids: Sequence[str]) -> Record:
    match packed:
        case _School():
            return School(key, packed.sis_id, packed.last_modified)
        case _User():
            roles = Roles(_unpacked_part(packed.student, ids), _unpacked_part(packed.teacher, ids))
            return User(key, packed.email, Name(packed.first, packed.last), roles, packed.last_modified)
        case _Section():
            return Section(
                key,
                _id_if_any(packed.school, ids),
                packed.name,
                packed.sis_id,
                _id_if_any(packed.teacher, ids),
                _ids_of(packed.teachers, ids),
                _ids_of(packed.students, ids),
                packed.last_modified,
            )


def _unpacked_part(part: _Part | None, ids: Sequence[str]) -> Part | None:
    return None if part is None else Part(part.sis_id, _id_if_any(part.school, ids), _ids_of(part.schools, ids))


def _id_if_any(number: int | None, ids: Sequence[str]) -> str | None:
    return None if number is None else ids[number]


def _ids_of(numbers: bytes, ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(ids.__getitem__, array(_PACKED, numbers)))
