"""Clever's events, and what becomes of the records that were kept when they are applied.

There are no events of enrolments: a roster that changes is ``sections.updated`` with the whole section. So an
event's record simply takes the place of the one before, and applying one twice changes nothing.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from otus_sync.clever_records import Record, School, Section, User
from otus_sync.plan.gathering import Gathering
from otus_sync.plan.people import dbns_of

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


class Followed:
    """Clever's records as they were kept, while events change them.

    Args:
        gathering: of the records of a full pull.
        changes: what events have put since, and with ``None`` what they have taken away.
        gone: what was deleted, and when each had last been modified: a late event must not bring it back.
    """

    def __init__(
        self,
        gathering: Gathering,
        changes: Mapping[tuple[Kind, str], Record | None] | None = None,
        gone: Mapping[tuple[Kind, str], str] | None = None,
    ) -> None:
        self._gathering = gathering
        self._new = dict(changes or {})
        """What is different from the gathering as it was given last."""
        self._gone = dict(gone or {})
        self._schools = {**gathering.schools, **{one.id: one for one in self._new.values() if isinstance(one, School)}}
        bare = (one for one in self._new.values() if isinstance(one, User) and not has_part(one))
        self._bare = {user.id: user.last_modified or "" for user in bare}
        """Users who are neither teacher nor student; Clever lists them nowhere."""
        self.touched: dict[tuple[Kind, str], Record | None] = {}
        """What events have put, and with ``None`` what they have taken away."""
        self.deleted: dict[tuple[Kind, str], str] = {}
        """What events have deleted, and when each had last been modified."""

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

    def has_other_schools(self) -> bool:
        """Tell whether other schools are shared now, or one under another DBN: all that is kept is told by DBNs."""
        there = self._gathering.schools
        return self._schools.keys() != there.keys() or dbns_of(self._schools.values()) != dbns_of(there.values())

    def gathering(self) -> Gathering:
        """Give everything as it is now. Only if :meth:`has_other_schools` does not hold."""
        self._gathering.schools.update(self._schools)
        new, self._new = self._new, {}
        there = [record for record in new.values() if isinstance(record, User | Section)]
        gone = [key for key, record in new.items() if record is None]
        users = [key for kind, key in gone if kind == "users"]
        self._gathering.replace(there, users, [key for kind, key in gone if kind == "sections"])
        return self._gathering

    @property
    def bare(self) -> frozenset[str]:
        """The ids of the users who are neither teacher nor student."""
        return frozenset(self._bare)

    def _is_out_of_date(self, kind: Kind, action: str, record: Record) -> bool:
        """Tell whether a newer form is known: a full pull saw it, or the event was delivered again, late."""
        told = record.last_modified or ""
        held = self._modified(kind, record.id)
        if held is not None:
            return told < held
        gone = self._gone.get((kind, record.id))
        # What was deleted comes back as created, and never by an update.
        return gone is not None and (told < gone or (action == UPDATED and told == gone))

    def _modified(self, kind: Kind, key: str) -> str | None:
        """Tell when a record was last modified; ``None`` if it is not there."""
        if (kind, key) in self._new:
            record = self._new[kind, key]
            return None if record is None else record.last_modified or ""
        if kind == "schools":
            return self._schools[key].last_modified or "" if key in self._schools else None
        if kind == "sections":
            return self._gathering.sections.modified(key)
        return self._bare.get(key, self._gathering.census.modified(key))

    def _hold(self, kind: Kind, record: Record) -> bool:
        if self._new.get((kind, record.id)) == record:
            return False
        if isinstance(record, School):
            self._schools[record.id] = record
        elif isinstance(record, User):
            self._bare.pop(record.id, None)
            if not has_part(record):
                self._bare[record.id] = record.last_modified or ""
        self._new[kind, record.id] = self.touched[kind, record.id] = record
        return True

    def _let_go(self, kind: Kind, key: str) -> bool:
        if self._modified(kind, key) is None:
            return False
        if kind == "schools":
            del self._schools[key]
        elif kind == "users":
            self._bare.pop(key, None)
        self._new[kind, key] = self.touched[kind, key] = None
        return True


def has_part(user: User) -> bool:
    """Tell whether somebody is a teacher or a student."""
    return user.roles.student is not None or user.roles.teacher is not None
