"""SQLite as the fakes use it: one connection, one schema, copied whole for a snapshot."""

import sqlite3
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Literal, TypedDict

_FORMAT_VERSIONS = slice(18, 20)
"""The write and read versions in the header of an SQLite file."""

BUSY_SECONDS = 60.0
"""How long a connection waits for another process that writes: a bulk write of 10,000 rosters takes a second or two."""


SERVED_PAGE_BYTES = 8 * 1024
"""Of a file that a server writes in bulk. With SQLite's own 4 KB a million new accounts take a tenth longer; larger
pages are logged whole for each e-mail in them, as a bulk write touches nearly all of that index."""
SERVED_CACHE_KIB = 128 * 1024
"""What a server that writes keeps of its file: the indexes of a million accounts. With SQLite's own 2 MB it would
read a page anew for nearly every row of a bulk write."""
SERVED_CHECKPOINT_PAGES = 32_768
"""How far the log of a server that writes grows before it is carried into the file; by itself SQLite does so with every
bulk write, as each is larger than a thousand pages."""

INSERTED_AT_ONCE = 32
"""Rows that one statement inserts. To begin and end a statement takes half as long as to insert a row; with more rows
it is too little to be measured."""


class _Connecting(TypedDict):
    isolation_level: None
    check_same_thread: bool
    timeout: float


_FOR_A_SERVER: _Connecting = {"isolation_level": None, "check_same_thread": False, "timeout": BUSY_SECONDS}
"""A server's threads take turns, and none of them is the one that opened the store."""


def open_database(schema: str, path: str | Path = ":memory:") -> sqlite3.Connection:
    """Open (and if it is new, create) a store.

    Args:
        schema: ``CREATE ... IF NOT EXISTS`` statements.
        path: a file, or ``:memory:`` for a world that lives as long as its story.

    Returns:
        A connection in autocommit mode: a rule opens its own transaction where it needs one.
    """
    return _prepared(sqlite3.connect(path, isolation_level=None), schema, path)


def open_served(schema: str, path: str | Path) -> sqlite3.Connection:
    """Open a store's file for a server whose threads take turns; other processes may have it open too.

    A server that is killed loses nothing that it answered: the system has its writes. They wait for no disk, so a
    computer without power may leave a file that is of no use; a district is generated again.

    Args:
        schema: as for :func:`open_database`.
        path: of the file.
    """
    connection = sqlite3.connect(path, **_FOR_A_SERVER)
    connection.execute(f"PRAGMA page_size = {SERVED_PAGE_BYTES}")  # of a file that is new
    connection = _prepared(connection, schema, path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(f"PRAGMA cache_size = -{SERVED_CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {SERVED_CHECKPOINT_PAGES}")
    return connection


def _prepared(connection: sqlite3.Connection, schema: str, path: str | Path) -> sqlite3.Connection:
    connection.execute("PRAGMA foreign_keys = ON")
    if str(path) != ":memory:":
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    connection.executescript(schema)
    return connection


def open_to_read(path: str | Path) -> sqlite3.Connection:
    """Open a store's file for reading alone, for a server whose threads take turns.

    Args:
        path: of a file that exists.

    Raises:
        sqlite3.OperationalError: there is none.
    """
    connection = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True, **_FOR_A_SERVER)
    connection.execute("PRAGMA query_only = ON")
    return connection


def insert_many(
    connection: sqlite3.Connection,
    into: str,
    rows: Sequence[tuple[object, ...]],
    conflict: Literal["FAIL", "IGNORE"] = "FAIL",
) -> None:
    """Insert rows, many of them by each statement.

    Args:
        connection: in a transaction that is rolled back if this raises: some of the rows are inserted then.
        into: a table, with the names of its columns where the rows have not all of them.
        rows: the columns of each.
        conflict: what to do with a row that may not be inserted. Not ``ABORT``, SQLite's own way: for that it keeps
            a journal of each statement with several rows.
    """
    if not rows:
        return
    insert = f"INSERT OR {conflict} INTO {into} VALUES "  # noqa: S608 - names of the stores' own code
    row = f"({', '.join('?' * len(rows[0]))})"
    in_groups = len(rows) - len(rows) % INSERTED_AT_ONCE
    group = insert + ", ".join([row] * INSERTED_AT_ONCE)
    for first in range(0, in_groups, INSERTED_AT_ONCE):
        connection.execute(group, list(chain.from_iterable(rows[first : first + INSERTED_AT_ONCE])))
    connection.executemany(insert + row, rows[in_groups:])


def snapshot(connection: sqlite3.Connection) -> bytes:
    """Copy a whole store into bytes."""
    return connection.serialize()


def restore(image: bytes) -> sqlite3.Connection:
    """Open a store in memory from what :func:`snapshot` gave; the original is not touched by it."""
    if image[_FORMAT_VERSIONS] == b"\x02\x02":
        # A file's image says WAL, and SQLite refuses such an image in memory; its documentation of
        # sqlite3_deserialize has the two bytes set back to the legacy value.
        image = image[: _FORMAT_VERSIONS.start] + b"\x01\x01" + image[_FORMAT_VERSIONS.stop :]
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(image)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def give_up_safety(connection: sqlite3.Connection) -> None:
    """Let a file be filled quickly that nobody else has open; after a crash or an exception it is useless."""
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
        connection.execute(f"PRAGMA {pragma}")


def copy_file(path: str | Path, to: str | Path) -> None:
    """Copy a store's file as it is at one moment, also one that is being served.

    Args:
        path: of a file that exists.
        to: of a file that does not.

    Raises:
        OSError: it cannot be read, or the copy not be written.
    """
    source, copy = open_to_read(path), sqlite3.connect(to)
    try:
        source.backup(copy)
    except sqlite3.Error as error:
        raise OSError(f"{path} cannot be copied to {to}: {error}") from None
    finally:
        source.close()
        copy.close()
