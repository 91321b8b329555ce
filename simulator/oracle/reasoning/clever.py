"""What Clever must hold: what the feed has brought, when, and what of it Otus is shown (F4, A2, A4, H11)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from typing import NamedTuple, Self

from fakes.ats.records import Person, Section, Term
from simulator.oracle.belief import Evidence, Identity, Reason
from simulator.oracle.facts import (
    AtClever,
    AtsChange,
    CleverPaused,
    CleverResumed,
    HoldDiscarded,
    HoldReleased,
    Key,
    SchoolDeliveredAgain,
    SchoolFound,
    SchoolLost,
    SchoolShared,
    SchoolUnshared,
    Settings,
    TeacherIsUser,
)
from simulator.oracle.reasoning.hold import is_too_much
from simulator.oracle.reasoning.rows import Held, Row, belongs_to, key_of, latest, row_of


class Arrival(NamedTuple):
    """Since when Clever has, or has no more, somebody in a section."""

    changed: datetime
    arrived: datetime
    listed: bool


class CleverSide:
    """What Clever holds, as it follows from ATS's history and the feed.

    Args:
        settings: how long Clever remembers an id.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.unshared: frozenset[str] = frozenset()
        self._held: dict[Key, Held] = {}
        self._left: dict[Key, datetime] = {}
        self._stints: dict[Key, int] = {}
        self._users: dict[str, Identity] = {}
        """Those users of whom it was told who they are: whoever was a user first names it."""
        self._taken_over: dict[Key, Identity] = {}
        """Who is a user that somebody else was before: with the e-mail of a user of two roles goes the user."""
        self._staff_at: dict[Key, frozenset[str]] = {}
        self._arrivals: dict[tuple[str, str], Arrival] = {}
        self._under_way: list[AtsChange] = []
        self._sorted = True
        self._latest: dict[Key, AtsChange] = {}
        self._due: dict[Key, AtsChange] = {}
        self._lost: frozenset[str] = frozenset()
        self._paused = False
        self._on_hold: list[Row] = []
        self._waiting: list[Row] = []

    def copy(self) -> Self:
        """Give one that can change without this one."""
        other = type(self)(self._settings)
        for name, value in vars(self).items():
            setattr(other, name, value.copy() if isinstance(value, dict | list) else value)
        return other

    # ------------------------------------------------------------ what happens

    def expect(self, change: AtsChange) -> None:
        """Take note of a change that is under way."""
        self._under_way.append(change)
        self._latest[key_of(change.record)] = change
        self._sorted = False

    def advance(self, moment: datetime) -> bool:
        """Let everything arrive that is due at a moment (A4: also at the very instant).

        Returns:
            Whether anything was.
        """
        if not self._sorted:
            self._under_way.sort(key=lambda change: change.shared_at)  # stable: one record's changes keep their order
            self._sorted = True
        due = list(takewhile(lambda change: change.shared_at <= moment, self._under_way))
        self._due |= {key_of(change.record): change for change in due}
        arriving = [change for change in due if not belongs_to(change.record, self._lost)]
        if arriving and not self._held and not self._left:
            # All that a district begins with is one delivery, however many records that is.
            opening = [change for change in arriving if change.shared_at == arriving[0].shared_at]
            self._take([row_of(change) for change in opening], arriving[0].shared_at)
            del arriving[: len(opening)]
        for change in arriving:
            self._take([row_of(change)], change.shared_at)
        del self._under_way[: len(due)]
        return bool(due)

    def arrivals(self, after: datetime, until: datetime) -> list[datetime]:
        """Give the moments at which something falls due after one moment, and until another."""
        return sorted({change.shared_at for change in self._under_way if after < change.shared_at <= until})

    def apply(self, fact: AtClever) -> None:
        """Do what happened at Clever, or to the feed."""
        match fact:
            case CleverPaused():
                self._paused = True
            case CleverResumed():
                self._paused = False
                self._go_on(fact.at)
            case HoldReleased():
                released, self._on_hold = self._on_hold, []
                self._put(released, fact.at)  # also while paused
                self._go_on(fact.at)
            case HoldDiscarded():
                self._on_hold = []
                self._go_on(fact.at)
            case SchoolUnshared(dbn=dbn):
                self.unshared |= {dbn}
            case SchoolShared(dbn=dbn):
                self.unshared -= {dbn}
            case TeacherIsUser(key=key, user=user, staff_at=schools):
                self._be_user(key, user)
                self._staff_at[key] = schools
            case SchoolLost() | SchoolFound() | SchoolDeliveredAgain():
                self._deliver(fact)

    def _deliver(self, fact: SchoolLost | SchoolFound | SchoolDeliveredAgain) -> None:
        dbn = fact.dbn
        match fact:
            case SchoolLost():
                self._lost |= {dbn}
                # An export is made of what ATS shares by then, so it also knows what is still under way.
                gone = [key for key, change in self._latest.items() if belongs_to(change.record, frozenset({dbn}))]
                self._take([Row(key, None, fact.at) for key in gone], fact.at)
            case SchoolFound():
                self._lost -= {dbn}
                self._take(self._delivered(dbn), fact.at)
            case SchoolDeliveredAgain():
                self._take(self._delivered(dbn), fact.at)

    def _be_user(self, key: Key, user: str) -> None:
        """Take note which user a teacher is; the first that is told of is the one they have been."""
        known = [identity.stint for identity in self._users.values() if identity.key == key]
        new = max(*known, self.stint(key)) + 1 if known else self.stint(key)
        identity = self._users.setdefault(user, Identity(key, new))
        self._taken_over.pop(key, None)
        if identity.key == key:
            self._stints[key] = identity.stint
        else:
            self._taken_over[key] = identity

    def _delivered(self, dbn: str) -> list[Row]:
        """Give what the feed has delivered of a school, as it was last, or should have while it was lost."""
        return [row_of(change) for change in self._due.values() if belongs_to(change.record, frozenset({dbn}))]

    def _go_on(self, now: datetime) -> None:
        """Take in, as one delivery, what has waited, if it need not wait any more."""
        if not self._paused and not self._on_hold:
            waiting, self._waiting = self._waiting, []
            self._take(waiting, now)

    def _take(self, rows: list[Row], now: datetime) -> None:
        if self._paused or self._on_hold:
            self._waiting = self._waiting + rows
        elif self._settings.hold is not None and is_too_much(rows, self._held, self._settings.hold):
            self._on_hold = rows
        else:
            self._put(rows, now)

    def _put(self, rows: list[Row], now: datetime) -> None:
        for row in latest(rows):
            if row.record is None:
                self._drop(row, now)
            else:
                self._hold(row.key, row.record, row.changed, now)

    def _hold(self, key: Key, record: Person | Section | Term, changed: datetime, now: datetime) -> None:
        before = self._held.get(key)
        if before is not None and before.record == record:
            return
        if (
            before is None
            and key in self._left
            and now - self._left[key] >= timedelta(days=self._settings.identity_days)
        ):
            self._stints[key] = self.stint(key) + 1
        self._held[key] = Held(record, changed, now)
        if isinstance(record, Section):
            was = before.record if before is not None else None
            self._note(record, was if isinstance(was, Section) else None, changed, now)

    def _drop(self, row: Row, now: datetime) -> None:
        held = self._held.pop(row.key, None)
        if held is not None:
            self._left[row.key] = now

    def _note(self, section: Section, before: Section | None, changed: datetime, now: datetime) -> None:
        was, now_in = _listed(before), _listed(section)
        for person in now_in - was:
            self._arrivals[section.id, person] = Arrival(changed, now, listed=True)
        for person in was - now_in:
            self._arrivals[section.id, person] = Arrival(changed, now, listed=False)

    # ------------------------------------------------------------ what Otus is shown

    def people(self) -> Iterator[tuple[Identity, Person]]:
        """Give the people whom Otus is shown: one of their schools is shared, or where they are staff (H11)."""
        for key, held in self._held.items():
            record = held.record
            if not isinstance(record, Person):
                continue
            if not (self.unshared.issuperset(record.schools) and self.unshared.issuperset(self._staff_at.get(key, ()))):
                yield self.identity(key), record

    def sections(self) -> Iterator[tuple[Identity, Section]]:
        """Give the sections that Otus is shown (H11)."""
        for key, held in self._held.items():
            if isinstance(held.record, Section) and held.record.dbn not in self.unshared:
                yield self.identity(key), held.record

    def teachers(self, section: Section) -> list[Key]:
        """Give a section's teachers as Clever has them: who is gone is left out, and the first is the main one."""
        named = ([] if section.teacher is None else [section.teacher]) + list(section.co_teachers)
        return [key for staff in named if (key := Key("teacher", staff)) in self._held]

    def identity(self, key: Key) -> Identity:
        """Give the Clever user or section that a record is now, or was last."""
        return self._taken_over.get(key) or Identity(key, self.stint(key))

    def stint(self, key: Key) -> int:
        """Give which stint of a record's it is now, or was last."""
        return self._stints.get(key, 1)

    def person(self, key: Key) -> Person | None:
        """Give a person, shared or not; ``None`` if Clever does not hold them."""
        held = self._held.get(key)
        return held.record if held is not None and isinstance(held.record, Person) else None

    def section(self, section_id: str) -> Section | None:
        """Give a section, shared or not; ``None`` if Clever does not hold it."""
        held = self._held.get(Key("section", section_id))
        return held.record if held is not None and isinstance(held.record, Section) else None

    # ------------------------------------------------------------ since when

    def since(self, key: Key) -> tuple[Evidence, ...]:
        """Say when the office made a record as it is, and when Clever got it so."""
        held = self._held.get(key)
        if held is None:
            return ()
        return (Evidence("changed in ATS", held.changed), Evidence("in Clever since", held.arrived))

    def gone_since(self, key: Key, school: str = "") -> Reason | None:
        """Say why Otus is not shown a record that it was shown once; the rules are the caller's."""
        held = self._held.get(key)
        if held is not None:
            return Reason((), (), f"{school or 'their school'} is not shared with Otus")
        if key in self._left:
            return Reason((), (Evidence("gone from Clever since", self._left[key]),))
        return None

    def listing(self, section_id: str, person: str) -> tuple[Evidence, ...]:
        """Say since when Clever lists somebody in a section, or lists them no more, or when it will."""
        arrival = self._arrivals.get((section_id, person))
        evidence: list[Evidence] = []
        if arrival is not None:
            done, words = ("added", "in Clever since") if arrival.listed else ("taken out", "out of Clever since")
            evidence += [Evidence(f"{done} in ATS", arrival.changed), Evidence(words, arrival.arrived)]
        coming = self._coming(section_id, person)
        if coming is not None and not (arrival is not None and arrival.listed):
            evidence += [Evidence("added in ATS", coming.at), Evidence("in Clever from", coming.shared_at)]
        return tuple(evidence)

    def _coming(self, section_id: str, person: str) -> AtsChange | None:
        for change in self._under_way:
            record = change.record
            if isinstance(record, Section) and record.id == section_id and person in _listed(record):
                return change
        return None


def _listed(section: Section | None) -> frozenset[str]:
    if section is None:
        return frozenset()
    main = () if section.teacher is None else (section.teacher,)
    return frozenset((*main, *section.co_teachers, *section.students))
