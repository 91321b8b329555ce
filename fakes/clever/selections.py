"""Which records a list of the wire holds, as SQL: all of a kind, all of a role, or those a path leads to.

A path goes over *mentions*: ``up`` from what is named to whoever names it, ``down`` the other way. A school's
courses are up to its sections, then down to their courses. What is not shared with the application that asks is
not passed through (H11); ``:bit`` is the application.
"""

from collections.abc import Mapping
from functools import cache
from typing import Literal, NamedTuple

from fakes.clever.records import Kind, Version

COLUMNS: dict[Version, str] = {"v3.0": "v30", "v3.1": "v31"}


class Selection(NamedTuple):
    """Some of the records."""

    source: str
    """What stands after FROM, with the records as ``r`` and a WHERE."""
    key: str
    """The column to compare a cursor with."""
    values: Mapping[str, str]
    name: str = ""
    """Of a list that sheets may hold; ``""`` of one that no sheet holds."""


class Hop(NamedTuple):
    """One step of a path."""

    direction: Literal["up", "down"]
    spaces: tuple[str, ...]


class Path(NamedTuple):
    """A way from one record to others."""

    start: tuple[str, ...]
    """Spaces of the entries it begins at: a user has one for each role."""
    hops: tuple[Hop, ...]


class Statements(NamedTuple):
    """How to read a page."""

    forward: str
    backward: str


def up(*spaces: str) -> Hop:
    """Go to entries of some spaces that name this one."""
    return Hop("up", spaces)


def down(*spaces: str) -> Hop:
    """Go to entries of some spaces that this one names."""
    return Hop("down", spaces)


def all_of(kind: Kind) -> Selection:
    """Select all shared records of a kind."""
    return Selection("records r WHERE r.kind = :kind AND r.shared & :bit", "r.id", {"kind": kind}, kind)


def in_role(role: str) -> Selection:
    """Select all shared users who hold a role."""
    source = "entries e CROSS JOIN records r ON r.id = e.clever_id WHERE e.space = :role AND r.shared & :bit"
    return Selection(source, "e.clever_id", {"role": role}, f"user:{role}")


def along(path: Path, clever_id: str, *, primary: bool = False) -> Selection:
    """Select the shared records that a path leads to.

    Args:
        path: the way.
        clever_id: of the record it begins at.
        primary: only by mentions that come first in their row: a user's primary school.
    """
    source = f"records r WHERE r.id IN ({_targets(path, primary)}) AND r.shared & :bit"
    # The plus keeps SQLite from walking all records after the cursor instead of the few on the path.
    return Selection(source, "+r.id", {"start": clever_id})


@cache
def _targets(path: Path, primary: bool) -> str:
    # CROSS JOIN keeps the order of the path: SQLite would otherwise begin at all sections of the district.
    tables = ["entries e0"]
    conditions = ["e0.clever_id = :start", f"e0.space IN {_sql_tuple(path.start)}"]
    last = len(path.hops)
    for step, hop in enumerate(path.hops, start=1):
        here, there = ("named", "holder") if hop.direction == "up" else ("holder", "named")
        tables.append(f"mentions m{step} ON m{step}.{here} = e{step - 1}.number")
        tables.append(f"entries e{step} ON e{step}.number = m{step}.{there}")
        conditions.append(f"e{step}.space IN {_sql_tuple(hop.spaces)}")
        if step < last:
            tables.append(f"records r{step} ON r{step}.id = e{step}.clever_id AND r{step}.shared & :bit")
        if primary:
            conditions.append(f"m{step}.rank = 0")
    return f"SELECT e{last}.clever_id FROM {' CROSS JOIN '.join(tables)} WHERE {' AND '.join(conditions)}"  # noqa: S608 - constants


def _sql_tuple(spaces: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{space}'" for space in spaces) + ")"


@cache
def _page_statements(column: str, source: str, key: str) -> Statements:
    order = key.lstrip("+")
    read = f"SELECT r.id, r.{column} FROM {source}"  # noqa: S608 - all parts are constants of this file
    return Statements(
        forward=f"{read} AND {key} > :after ORDER BY {order} LIMIT :limit",
        backward=f"{read} AND {key} < :before ORDER BY {order} DESC LIMIT :limit",
    )


def page_statements(version: Version, selection: Selection) -> Statements:
    """Write the two statements that read a page of a selection."""
    return _page_statements(COLUMNS[version], selection.source, selection.key)
