"""Rows are inserted in groups, and none is lost between two of them."""

import sqlite3

import pytest

from fakes.shared.database import INSERTED_AT_ONCE, insert_many, open_database

SCHEMA = "CREATE TABLE IF NOT EXISTS pupil (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"


@pytest.mark.parametrize("count", [0, 1, INSERTED_AT_ONCE - 1, INSERTED_AT_ONCE, 2 * INSERTED_AT_ONCE + 1])
def test_every_row_is_inserted_once(count: int) -> None:
    database = open_database(SCHEMA)
    rows = [(number, f"pupil {number}") for number in range(count)]
    insert_many(database, "pupil", rows)
    assert database.execute("SELECT id, name FROM pupil ORDER BY id").fetchall() == rows
    database.close()


def test_a_row_that_may_not_be_there_twice_is_refused_or_passed_over() -> None:
    database = open_database(SCHEMA)
    rows = [(number, f"pupil {number % INSERTED_AT_ONCE}") for number in range(INSERTED_AT_ONCE + 2)]
    with pytest.raises(sqlite3.IntegrityError, match="name"):
        insert_many(database, "pupil (id, name)", rows)
    insert_many(database, "pupil (id, name)", rows, "IGNORE")
    assert database.execute("SELECT count(*) FROM pupil").fetchone() == (INSERTED_AT_ONCE,)
    database.close()
