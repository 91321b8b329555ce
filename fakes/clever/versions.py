"""A record in the two versions of the wire."""

from typing import NamedTuple, TypeVar

import msgspec

from fakes.clever.records import Record

Extended = TypeVar("Extended", bound=msgspec.Struct)


class Stamps(NamedTuple):
    """What a record needs to know of itself."""

    id: str
    district: str
    created: str
    last_modified: str


class Rendered(NamedTuple):
    """A record in both versions; one object where they do not differ."""

    v30: Record
    v31: Record


def extended(record: msgspec.Struct, version: type[Extended], **more: object) -> Extended:
    """Make a record's v3.1 form: all that it is in v3.0, and what v3.1 adds."""
    return version(**{**msgspec.structs.asdict(record), **more})
