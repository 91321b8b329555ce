"""Applications, and what a district lets each of them read (H11)."""

import hashlib
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from fakes.clever.records import PLURALS, Kind

APPLICATIONS_MAX = 62
"""Of one district: who may read a record is kept in the bits of one number, and SQLite's have 63."""

KINDS: Final[tuple[Kind, ...]] = tuple(PLURALS)


class Application(msgspec.Struct, frozen=True):
    """A program that reads Clever, the same one in every district that uses it."""

    name: str
    client_id: str
    client_secret: str

    @classmethod
    def named(cls, name: str, seed: int = 0) -> "Application":
        """Make an application whose client id and secret follow from its name.

        Args:
            name: as people call it.
            seed: of the run.
        """
        return cls(name, _drawn(f"client {seed} {name}", 10), _drawn(f"secret {seed} {name}", 20))


class Sharing(msgspec.Struct, frozen=True):
    """What a district shares with an application; by itself everything."""

    all_schools_but: tuple[str, ...] = ()
    """DBNs. A record is shared if one of its schools is; what belongs to no school is, and district admins are."""
    kinds: tuple[Kind, ...] = KINDS
    """The types of records; the district itself is always shared."""
    hidden_fields: tuple[str, ...] = ()
    """Fields that are left out, by list and path: ``users.roles.student.dob``."""

    @property
    def whole(self) -> bool:
        """Whether every record is shared."""
        return not self.all_schools_but and set(self.kinds) >= set(KINDS)


class Connection(msgspec.Struct, frozen=True):
    """An application in a district."""

    application: Application
    number: int
    """Which bit of a record's number of sharing is this application's."""
    sharing: Sharing = Sharing()
    events: bool = False
    """Whether events are written for it. Source: Clever's developer pages, "events are opt-in"."""
    connected: bool = True

    @property
    def bit(self) -> int:
        """Its bit in the number of sharing."""
        return 1 << self.number


class SharingRule(NamedTuple):
    """What the store needs to know to decide what one application may read."""

    bit: int
    withheld_schools: str
    """DBNs as a JSON list."""
    kinds: str
    """As a JSON list."""


def rule_of(connection: Connection) -> SharingRule:
    """Write a connection's sharing for the store; without a connection nothing is shared."""
    kinds: Sequence[str] = ("district", *connection.sharing.kinds) if connection.connected else ()
    schools = connection.sharing.all_schools_but
    return SharingRule(connection.bit, msgspec.json.encode(schools).decode(), msgspec.json.encode(kinds).decode())


def check_hidden_fields(sharing: Sharing) -> None:
    """Refuse a path of a field that begins with no list of the wire.

    Raises:
        ValueError: names it.
    """
    lists = set(PLURALS.values())
    for path in sharing.hidden_fields:
        head, _, rest = path.partition(".")
        if head not in lists or not rest:
            expected = ", ".join(sorted(lists))
            raise ValueError(
                f"{path!r} is no field; write list and path (users.roles.student.dob), a list of {expected}"
            )


def _drawn(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()
