"""What ATS/STARS has written down: current records, schedules, and a history that only grows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import msgspec

from fakes.ats.records import (
    AnyRecord,
    Change,
    ChangeQuery,
    Course,
    Person,
    Record,
    RecordKind,
    Schedule,
    School,
    Section,
    Term,
)
from fakes.shared.database import open_database, restore, snapshot

SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE TABLE IF NOT EXISTS in_school (
    dbn TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (dbn, kind, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS in_school_by_record ON in_school (kind, key);
CREATE TABLE IF NOT EXISTS schedule (
    dbn TEXT NOT NULL,
    term TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (dbn, term)
);
CREATE TABLE IF NOT EXISTS change (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    dbn TEXT,
    term TEXT,
    body BLOB NOT NULL,
    released_at TEXT
);
CREATE INDEX IF NOT EXISTS change_of_record ON change (kind, key);
CREATE INDEX IF NOT EXISTS change_released ON change (released_at);
CREATE INDEX IF NOT EXISTS change_waiting ON change (dbn, term) WHERE released_at IS NULL;
"""

KINDS: dict[type[msgspec.Struct], RecordKind] = {
    School: "school",
    Term: "term",
    Course: "course",
    Person: "person",
    Section: "section",
}

CHANGE_COLUMNS = "number, at, actor, action, body, released_at"

_encode = msgspec.json.Encoder().encode
_decode_record = msgspec.json.Decoder(Record).decode
_decode_schedule = msgspec.json.Decoder(Schedule).decode


class Store:
    """The database of ATS/STARS; it knows no rule, and nobody else writes SQL for it.

    Args:
        path: a file for a district, or ``:memory:`` for a world that lives as long as its story.
        image: instead of a path, what :meth:`snapshot` gave; see :meth:`restored`.
    """

    def __init__(self, path: str | Path = ":memory:", *, image: bytes | None = None) -> None:
        self._connection = open_database(SCHEMA, path) if image is None else restore(image)

    @classmethod
    def restored(cls, image: bytes) -> Self:
        """Open a store in memory from what :meth:`snapshot` gave; the original is not touched by it."""
        return cls(image=image)

    def snapshot(self) -> bytes:
        """Copy the whole store into bytes."""
        return snapshot(self._connection)

    def close(self) -> None:
        """Close the database; one in memory is gone with it."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything written inside one whole: all of it stays, or, after an exception, none of it.

        A transaction inside another is a part of that one.
        """
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def find(self, of: type[AnyRecord], key: str) -> AnyRecord | None:
        """Give the current record of a kind and key, or ``None``."""
        row = self._connection.execute(
            "SELECT body FROM record WHERE kind = ? AND key = ?", (KINDS[of], key)
        ).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=of)

    def page(self, of: type[AnyRecord], after: str, limit: int) -> list[AnyRecord]:
        """Give at most ``limit`` records of a kind whose keys come after ``after``, in their order."""
        rows = self._connection.execute(
            "SELECT body FROM record WHERE kind = ? AND key > ? ORDER BY key LIMIT ?",
            (KINDS[of], after, limit),
        )
        return [msgspec.json.decode(body, type=of) for (body,) in rows]

    def page_in_school(self, of: type[AnyRecord], dbn: str, after: str, limit: int) -> list[AnyRecord]:
        """Give a page of one school's people or sections, as :meth:`page` does; limit -1 gives all."""
        rows = self._connection.execute(
            "SELECT body FROM in_school JOIN record USING (kind, key)"
            " WHERE dbn = ? AND kind = ? AND key > ? ORDER BY key LIMIT ?",
            (dbn, KINDS[of], after, limit),
        )
        return [msgspec.json.decode(body, type=of) for (body,) in rows]

    def write(self, record: Record, *, at: str, by: str, action: str, released_at: str | None) -> None:
        """Replace the current record and put it at the end of the history: one edit, one change."""
        kind, body = KINDS[type(record)], _encode(record)
        dbn, term = (record.dbn, record.term) if isinstance(record, Section) else (None, None)
        with self.transaction():
            self._connection.execute("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", (kind, record.key, body))
            self._place_in_schools(record, kind)
            self._connection.execute(
                "INSERT INTO change (at, actor, action, kind, key, dbn, term, body, released_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (at, by, action, kind, record.key, dbn, term, body, released_at),
            )

    def _place_in_schools(self, record: Record, kind: RecordKind) -> None:
        match record:
            case Person(schools=schools):
                self._connection.execute("DELETE FROM in_school WHERE kind = ? AND key = ?", (kind, record.key))
            case Section(dbn=dbn):
                schools = (dbn,)
            case _:
                return
        self._connection.executemany(
            "INSERT OR IGNORE INTO in_school VALUES (?, ?, ?)", [(dbn, kind, record.key) for dbn in schools]
        )

    def schedule(self, dbn: str, term: str) -> Schedule | None:
        """Give the schedule of a school and term, or ``None`` when there is none yet."""
        row = self._connection.execute("SELECT body FROM schedule WHERE dbn = ? AND term = ?", (dbn, term)).fetchone()
        return None if row is None else _decode_schedule(row[0])

    def schedules(self, dbn: str | None) -> list[Schedule]:
        """Give all schedules, or those of one school, in the order of school and term."""
        rows = self._connection.execute(
            "SELECT body FROM schedule WHERE ?1 IS NULL OR dbn = ?1 ORDER BY dbn, term", (dbn,)
        )
        return [_decode_schedule(body) for (body,) in rows]

    def write_schedule(self, schedule: Schedule) -> None:
        """Replace the schedule of a school and term."""
        self._connection.execute(
            "INSERT OR REPLACE INTO schedule VALUES (?, ?, ?)",
            (schedule.dbn, schedule.term, _encode(schedule)),
        )

    def release(self, dbn: str, term: str, moment: str) -> None:
        """Let all waiting changes of a schedule go, each at ``max(changed, moment)`` (A2)."""
        self._connection.execute(
            "UPDATE change SET released_at = max(at, ?) WHERE released_at IS NULL AND dbn = ? AND term = ?",
            (moment, dbn, term),
        )

    def latest_moment(self) -> str:
        """Give the latest moment in the history, or ``""`` when it is empty."""
        (latest,) = self._connection.execute(
            "SELECT max(coalesce((SELECT at FROM change ORDER BY number DESC LIMIT 1), ''),"
            " coalesce((SELECT max(released_at) FROM change), ''))"
        ).fetchone()
        return str(latest)

    def history(self, query: ChangeQuery, limit: int) -> list[Change]:
        """Give at most ``limit`` lines of the history that fit a query, in their order."""
        wanted = {"kind": query.kind, "key": query.key}
        conditions = [f"{column} = :{column}" for column, value in wanted.items() if value is not None]
        rows = self._connection.execute(
            f"SELECT {CHANGE_COLUMNS} FROM change"  # noqa: S608 - made of names that stand above
            f" WHERE {' AND '.join([*conditions, 'number > :after'])} ORDER BY number LIMIT :limit",
            {**wanted, "after": query.after, "limit": limit},
        )
        return [_change(*row) for row in rows]

    def change(self, number: int) -> Change | None:
        """Give one line of the history, or ``None``."""
        row = self._connection.execute(
            f"SELECT {CHANGE_COLUMNS} FROM change WHERE number = ?",  # noqa: S608 - the columns are a constant
            (number,),
        ).fetchone()
        return None if row is None else _change(*row)

    def last_change(self, of: type[AnyRecord], key: str) -> Change | None:
        """Give the last line of the history of a record, or ``None`` when there is no such record."""
        row = self._connection.execute(
            f"SELECT {CHANGE_COLUMNS} FROM change WHERE kind = ? AND key = ?"  # noqa: S608 - as above
            " ORDER BY number DESC LIMIT 1",
            (KINDS[of], key),
        ).fetchone()
        return None if row is None else _change(*row)

    def count(self) -> int:
        """Count the current records."""
        (count,) = self._connection.execute("SELECT count(*) FROM record").fetchone()
        return int(count)

    def released(self, *, after_moment: str, until: str, after: int, limit: int) -> list[Change]:
        """Give changes released in ``(after_moment, until]``, in the order in which they were made.

        Args:
            after_moment: a moment, or ``""`` for the beginning.
            until: a moment.
            after: only changes with a higher number.
            limit: at most so many.
        """
        rows = self._connection.execute(
            f"SELECT {CHANGE_COLUMNS} FROM change"  # noqa: S608 - the columns are a constant
            " WHERE released_at > ? AND released_at <= ? AND number > ? ORDER BY number LIMIT ?",
            (after_moment, until, after, limit),
        )
        return [_change(*row) for row in rows]


def _change(number: int, at: str, by: str, action: str, body: bytes, released_at: str | None) -> Change:
    return Change(number=number, at=at, by=by, action=action, record=_decode_record(body), released_at=released_at)
