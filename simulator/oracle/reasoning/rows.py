"""Rows: what the feed delivers of ATS's records, and what Clever has of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from fakes.ats.records import Person, Section, Term
from simulator.oracle.facts import AtsChange, Key


class Row(NamedTuple):
    """What the feed delivers of one record; ``None`` takes it out of Clever."""

    key: Key
    record: Person | Section | Term | None
    changed: datetime
    """When ATS changed it so."""


class Held(NamedTuple):
    """A record that Clever holds."""

    record: Person | Section | Term
    changed: datetime
    arrived: datetime


def key_of(record: Person | Section | Term) -> Key:
    """Say what a record is to ATS and Clever."""
    match record:
        case Section():
            return Key("section", record.id)
        case Term():
            return Key("term", record.code)
    return Key(record.role, record.id)


def latest(rows: Sequence[Row]) -> list[Row]:
    """Give what rows say in the end: of several of one key the last counts, at its place."""
    found: dict[Key, Row] = {}
    for row in rows:
        found.pop(row.key, None)
        found[row.key] = row
    return list(found.values())


def row_of(change: AtsChange) -> Row:
    """Give the row that the feed delivers for a change: who has left and what is canceled is taken out."""
    record = change.record
    match record:
        case Section(canceled=away) | Person(discharged=away):
            pass
        case _:
            away = False
    return Row(key_of(record), None if away else record, change.at)


def belongs_to(record: Person | Section | Term, schools: frozenset[str]) -> bool:
    """Tell whether a record is left out when the feed loses these schools."""
    if isinstance(record, Section):
        return record.dbn in schools
    if isinstance(record, Term):
        return False
    return bool(record.schools) and record.schools[0] in schools
