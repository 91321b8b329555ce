"""Fills the file of a large ATS/STARS: records, each with one line of the history, and schedules that are finalized.

No rule is asked: whoever fills says what a district of the real one looks like, and answers for it.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

import msgspec

from fakes.ats.records import Person, Record, Schedule, Section
from fakes.ats.store import KINDS, SCHEMA
from fakes.shared.database import give_up_safety

_encode = msgspec.json.Encoder().encode


def fill(path: Path, records: Iterable[Record], *, at: str, by: str) -> None:
    """Make the file; a half-filled one, after an exception, is useless.

    Args:
        path: of the file; there is none yet.
        records: in the order in which they were entered; what a section names comes before it.
        at: when all of it was entered and, the schedules being finalized (F3), released.
        by: who entered it.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        give_up_safety(connection)
        connection.executescript(SCHEMA)
        connection.execute("BEGIN")
        schedules: dict[tuple[str, str], None] = {}
        for record in records:
            _enter(connection, record, at, by)
            if isinstance(record, Section):
                schedules[record.dbn, record.term] = None
        for dbn, term in schedules:
            schedule = Schedule(dbn, term, "finalized", finalized_at=at, by=by, changed_at=at, version=1)
            connection.execute("INSERT INTO schedule VALUES (?, ?, ?)", (dbn, term, _encode(schedule)))
        connection.execute("COMMIT")
    finally:
        connection.close()


def _enter(connection: sqlite3.Connection, record: Record, at: str, by: str) -> None:
    kind, body = KINDS[type(record)], _encode(record)
    what = record.role if isinstance(record, Person) else kind
    dbn, term = (record.dbn, record.term) if isinstance(record, Section) else (None, None)
    connection.execute("INSERT INTO record VALUES (?, ?, ?)", (kind, record.key, body))
    connection.executemany(
        "INSERT OR IGNORE INTO in_school VALUES (?, ?, ?)", [(school, kind, record.key) for school in _schools(record)]
    )
    connection.execute(
        "INSERT INTO change (at, actor, action, kind, key, dbn, term, body, released_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (at, by, f"add {what}", kind, record.key, dbn, term, body, at),
    )


def _schools(record: Record) -> tuple[str, ...]:
    match record:
        case Person(schools=schools):
            return schools
        case Section(dbn=dbn):
            return (dbn,)
    return ()
