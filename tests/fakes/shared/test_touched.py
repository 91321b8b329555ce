"""What a connection writes is taken down, however it writes, and what is rolled back is not."""

import sqlite3

import pytest

from fakes.shared.touched import Touch, Touched, Watched


@pytest.fixture
def db() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(
        "PRAGMA foreign_keys = ON;"
        "CREATE TABLE thing (id INTEGER PRIMARY KEY, sort TEXT NOT NULL, word TEXT UNIQUE);"
        "CREATE TABLE part (id INTEGER PRIMARY KEY, thing INTEGER REFERENCES thing ON DELETE CASCADE);"
    )
    return connection


@pytest.mark.parametrize(
    ("write", "touched"),
    [
        ("INSERT INTO thing VALUES (1, 'red', 'a'), (2, 'blue', 'b')", [("blue", 2), ("red", 1)]),
        ("INSERT INTO thing VALUES (9, 'red', 'z') ON CONFLICT (id) DO UPDATE SET word = 'y'", [("red", 9)]),
        ("INSERT OR REPLACE INTO thing VALUES (9, 'red', 'y')", [("part", 5), ("red", 9)]),
        ("INSERT OR IGNORE INTO thing VALUES (9, 'red', 'y')", []),
        ("UPDATE thing SET word = 'x'", [("red", 9)]),
        ("UPDATE thing SET word = 'x' WHERE id = 1", []),
        ("DELETE FROM thing", [("part", 5), ("red", 9)]),
        ("DELETE FROM part", [("part", 5)]),
    ],
)
def test_every_way_of_writing_is_seen(db: sqlite3.Connection, write: str, touched: list[tuple[str, int]]) -> None:
    db.execute("INSERT INTO thing VALUES (9, 'red', 'z')")
    db.execute("INSERT INTO part VALUES (5, 9)")
    seen = Touched(db, [Watched("thing", "id", kind="sort"), Watched("part", "id")])
    db.execute(write)
    assert seen.take() == [Touch(*each) for each in touched]
    assert seen.take() == []


def test_what_is_rolled_back_was_never_written(db: sqlite3.Connection) -> None:
    seen = Touched(db, [Watched("part", "id")])
    db.execute("BEGIN")
    db.execute("INSERT INTO part VALUES (1, NULL)")
    db.execute("ROLLBACK")
    assert seen.take() == []


def test_a_copy_of_the_store_has_nothing_of_it(db: sqlite3.Connection) -> None:
    Touched(db, [Watched("part", "id")])
    copy = sqlite3.connect(":memory:")
    copy.deserialize(db.serialize())
    assert not copy.execute("SELECT name FROM sqlite_master WHERE name LIKE 'touched%'").fetchall()
