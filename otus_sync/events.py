"""Clever's events, and what becomes of the records when they are applied.

There are no events of enrolments: a roster that changes is ``sections.updated`` with the whole section. So an
event's record simply takes the place of the one before, and applying one twice changes nothing.
"""

import sys
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from otus_sync.clever_records import CleverSide, District, Record, School, Section, User

Kind = Literal["schools", "users", "sections"]
KINDS: Mapping[Kind, type[Record]] = {"schools": School, "users": User, "sections": Section}
"""What the sync works with; of courses, terms and resources it takes no notice."""
UPDATED = "updated"
DELETED = "deleted"


class Told(msgspec.Struct, frozen=True, gc=False):
    """What an event is about."""

    object: msgspec.Raw
    """The record in full; of a deletion, as it was last."""


class Event(msgspec.Struct, frozen=True, gc=False):
    """Something was made, changed, or can be read no longer."""

    id: str
    type: str
    """Such as ``sections.updated``."""
    data: Told


class Records:
    """Clever's records while they change, by kind and id.

    Args:
        records: as they are.
        gone: what events have deleted, and when each had last been modified: a late event must not bring it back.
    """

    def __init__(self, records: Iterable[Record] = (), gone: Mapping[tuple[Kind, str], str] | None = None) -> None:
        self._by_kind: dict[Kind, dict[str, Record]] = {kind: {} for kind in KINDS}
        self._gone = dict(gone or {})
        self.deleted: dict[tuple[Kind, str], str] = {}
        """What events have deleted since, likewise."""
        self.touched: set[tuple[Kind, str]] = set()
        """What events have put or taken away."""
        self.add(records)

    def add(self, records: Iterable[Record]) -> None:
        """Take records in that were read."""
        for record in records:
            self._by_kind[kind_of(record)][record.id] = record

    def count(self, kind: Kind) -> int:
        """Count the records of a kind."""
        return len(self._by_kind[kind])

    def apply(self, event: Event) -> bool:
        """Let an event happen. One that is out of date, or of a kind the sync takes no notice of, does nothing.

        Returns:
            Whether anything is different now.

        Raises:
            msgspec.MsgspecError: the record in it is of another shape than Clever's reference says.
        """
        word, _, action = event.type.partition(".")
        kind = next((kind for kind in KINDS if kind == word), None)
        if kind is None:
            return False
        record = msgspec.json.decode(event.data.object, type=KINDS[kind])
        if self._is_out_of_date(kind, action, record):
            return False
        if action == DELETED:
            self._gone[kind, record.id] = self.deleted[kind, record.id] = record.last_modified or ""
            return self._let_go(kind, record.id)
        return self._hold(kind, record)

    def get(self, kind: Kind, key: str) -> Record | None:
        """Give a record, if there is one."""
        return self._by_kind[kind].get(key)

    def all(self) -> Iterable[Record]:
        """Give all records."""
        return (record for held in self._by_kind.values() for record in held.values())

    def same_as(self, other: "Records") -> bool:
        """Tell whether there are the same records for a run to work with, whenever they were modified."""
        return self.undated() == other.undated()

    def not_in(self, other: "Records") -> dict[tuple[Kind, str], str]:
        """Give what the other does not have, and when each was last modified."""
        return {
            (kind, key): record.last_modified or ""
            for kind, held in self._by_kind.items()
            for key, record in held.items()
            if other.get(kind, key) is None
        }

    @property
    def school_ids(self) -> frozenset[str]:
        """The ids of the schools."""
        return frozenset(self._by_kind["schools"])

    @property
    def looks_torn(self) -> bool:
        """Whether somebody is here without any of their schools, or a section without one of its people (A16)."""
        schools, there = self._by_kind["schools"], self._by_kind["users"]
        users = [record for record in there.values() if isinstance(record, User)]
        parts = (part for user in users for part in (user.roles.teacher, user.roles.student) if part is not None)
        listed = {frozenset((*part.schools, *([part.school] if part.school else []))) for part in parts}
        sections = (record for record in self._by_kind["sections"].values() if isinstance(record, Section))
        whole = all(key in there for section in sections for key in (*section.teachers, *section.students))
        return not whole or any(ids and ids.isdisjoint(schools) for ids in listed)

    def side(self, district: District) -> CleverSide:
        """Give the records in the form, and the order, in which a run works with them."""

        def by_id(kind: Kind) -> list[Record]:
            held = self._by_kind[kind]
            return [held[key] for key in sorted(held)]

        return CleverSide(
            district,
            tuple(record for record in by_id("schools") if isinstance(record, School)),
            # Who is neither teacher nor student any more is known from events only, and Clever lists them nowhere.
            tuple(record for record in by_id("users") if isinstance(record, User) and has_part(record)),
            tuple(record for record in by_id("sections") if isinstance(record, Section)),
        )

    def undated(self) -> dict[tuple[Kind, str], Record]:
        """Give the records that a run works with, without when they were modified."""
        return {
            (kind_of(record), record.id): msgspec.structs.replace(record, last_modified=None)
            for record in self.all()
            if not isinstance(record, User) or has_part(record)
        }

    def _is_out_of_date(self, kind: Kind, action: str, record: Record) -> bool:
        """Tell whether a newer form is known: a full pull saw it, or the event was delivered again, late."""
        told = record.last_modified or ""
        held = self._by_kind[kind].get(record.id)
        if held is not None:
            return told < (held.last_modified or "")
        gone = self._gone.get((kind, record.id))
        # What was deleted comes back as created, and never by an update.
        return gone is not None and (told < gone or (action == UPDATED and told == gone))

    def _hold(self, kind: Kind, record: Record) -> bool:
        if self._by_kind[kind].get(record.id) == record:
            return False
        self._by_kind[kind][record.id] = compact(record)
        self.touched.add((kind, record.id))
        return True

    def _let_go(self, kind: Kind, key: str) -> bool:
        if self._by_kind[kind].pop(key, None) is None:
            return False
        self.touched.add((kind, key))
        return True


def has_part(user: User) -> bool:
    """Tell whether somebody is a teacher or a student."""
    return user.roles.student is not None or user.roles.teacher is not None


def compact(record: Record) -> Record:
    """Share equal ids between sections: a district has 7 million of them for a million people."""
    if not isinstance(record, Section):
        return record
    return msgspec.structs.replace(
        record,
        teachers=tuple(map(sys.intern, record.teachers)),
        students=tuple(map(sys.intern, record.students)),
    )


def kind_of(record: Record) -> Kind:
    """Name a record's kind as Clever's paths and events do."""
    match record:
        case School():
            return "schools"
        case User():
            return "users"
        case Section():
            return "sections"
