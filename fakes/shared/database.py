"""SQLite as the fakes use it: one connection, one schema, copied whole for a snapshot."""

import sqlite3
from pathlib import Path

_FORMAT_VERSIONS = slice(18, 20)
"""The write and read versions in the header of an SQLite file."""


def open_database(schema: str, path: str | Path = ":memory:") -> sqlite3.Connection:
    """Open (and if it is new, create) a store.

    Args:
        schema: ``CREATE ... IF NOT EXISTS`` statements.
        path: a file, or ``:memory:`` for a world that lives as long as its story.

    Returns:
        A connection in autocommit mode: a rule opens its own transaction where it needs one.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    if str(path) != ":memory:":
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    connection.executescript(schema)
    return connection


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
