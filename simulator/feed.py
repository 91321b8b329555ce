"""The district feed: carries what ATS/STARS shares to Clever, 72 hours later (F3, F4, A1, A2)."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from fakes.ats import Ats
from fakes.ats.records import (
    SHARING_LAG_HOURS,
    Change,
    ChangeQuery,
    Course,
    Person,
    Record,
    School,
    Section,
    Term,
)
from fakes.clever import Clever
from fakes.clever.feed import CourseRow, Removal, Row, SchoolRow, SectionRow, TermRow, UserRow
from fakes.clever.rules import Outcome
from fakes.shared.moments import read_wire_time
from simulator.clock import Clock, Order, Process

Words = Callable[[Change], tuple[str, tuple[str, ...]]]
"""Says a change in words, and names whom it is about."""


class Lag(msgspec.Struct, frozen=True):
    """How long a released change is under way, fixed or drawn anew for each change (A2)."""

    shortest: timedelta = timedelta(hours=SHARING_LAG_HOURS)
    longest: timedelta = timedelta(hours=SHARING_LAG_HOURS)

    def draw(self, seed: int, number: int) -> timedelta:
        """Draw the lag of one change: the same seed and number give the same lag, whatever came before.

        Args:
            seed: of the world.
            number: of the change in ATS's history.

        Returns:
            Whole seconds between the shortest and the longest.
        """
        span_seconds = int((self.longest - self.shortest).total_seconds())
        if span_seconds == 0:
            return self.shortest
        dice = random.Random(f"lag {seed} {number}")  # noqa: S311 - a simulation, no secret
        return self.shortest + timedelta(seconds=dice.randrange(span_seconds + 1))


class Delivery(NamedTuple):
    """A change on its way to Clever, or there."""

    change: Change
    due: datetime


class Feed:
    """Watches ATS's history and delivers each change when its time has come.

    Args:
        clock: of the world.
        ats: where it reads.
        clever: where it delivers.
        lag: how long a change is under way.
        seed: of a drawn lag.
        delivered: is told of every delivery and of what became of it in Clever, for the journal.
    """

    def __init__(
        self,
        clock: Clock,
        ats: Ats,
        clever: Clever,
        lag: Lag,
        seed: int,
        delivered: Callable[[Delivery, Outcome], None],
    ) -> None:
        self._clock = clock
        self._ats = ats
        self._clever = clever
        self._lag = lag
        self._seed = seed
        self._tell = delivered
        self._seen = 0
        self._waiting: list[int] = []
        self._last_due: dict[str, datetime] = {}
        self._under_way: dict[int, Delivery] = {}
        """By the number of the change."""
        self._lost_schools: frozenset[str] = frozenset()
        self.deliveries: list[Delivery] = []
        """Everything that has been or will be delivered, in the order in which ATS released it."""

    def look(self) -> list[Delivery]:
        """Take note of what ATS has changed or released since the last look, and set it on its way.

        Returns:
            What has been set on its way now.
        """
        set_out = []
        for change in self._newly_released():
            due = self._due(change)
            delivery = Delivery(change, due)
            set_out.append(delivery)
            self.deliveries.append(delivery)
            self._under_way[change.number] = delivery
            self._clock.start_process(self._carry(delivery))
        return set_out

    def deliver_at_once(self) -> None:
        """Bring everything released to Clever now: the world's past, which was delivered long ago."""
        changes = self._newly_released()
        self.deliveries += [Delivery(change, self._clock()) for change in changes]
        self._clever.deliver([row for change in changes for row in rows_of(change.record)])

    def take_as_delivered(self) -> None:
        """Take note that Clever has everything released already: whoever wrote the past has brought it there."""
        self.deliveries += [Delivery(change, read_wire_time(change.at)) for change in self._newly_released()]

    def lose(self, dbn: str) -> Outcome:
        """Deliver a school as if it had neither students, teachers nor sections, as a broken export would.

        Returns:
            What became of it in Clever.
        """
        self._lost_schools |= {dbn}
        return self._clever.deliver([row for record in self._records_of(dbn) for row in removals_of(record)])

    def find(self, dbn: str) -> Outcome:
        """Deliver a lost school whole again, as far as its changes are due.

        Returns:
            What became of it in Clever.
        """
        self._lost_schools -= {dbn}
        return self.deliver_again(dbn)

    def deliver_again(self, dbn: str) -> Outcome:
        """Deliver a second time what has been delivered of a school, as it was delivered last.

        Returns:
            What became of it in Clever.
        """
        return self._clever.deliver([row for record in self._arrived(dbn) for row in rows_of(record)])

    def pending(self) -> list[Delivery]:
        """Give what is on its way to Clever, in the order in which it will arrive; a lost school's does not."""
        now = self._clock()
        under_way = [delivery for delivery in self._under_way.values() if delivery.due > now]
        lost = self._lost_schools
        arriving = [each for each in under_way if not any(_belongs_to(each.change.record, dbn) for dbn in lost)]
        return sorted(arriving, key=lambda delivery: delivery.due)

    def unreleased(self) -> list[Change]:
        """Give the changes that ATS keeps to itself until a schedule is finalized (F3)."""
        return [self._ats.history(ChangeQuery(after=number - 1, limit=1)).items[0] for number in self._waiting]

    def arrived_at(self, section_id: str, person_id: str) -> datetime | None:
        """Say since when the feed's last word on a section has had somebody in it.

        Returns:
            ``None`` if what was delivered last does not have them.
        """
        since = None
        for delivery in self.deliveries:
            section = delivery.change.record
            if isinstance(section, Section) and section.id == section_id and delivery.due <= self._clock():
                since = (since or delivery.due) if person_id in members_of(section) else None
        return since

    def _newly_released(self) -> list[Change]:
        fresh = self._history_after(self._seen)
        if fresh:
            self._seen = fresh[-1].number
        candidates = self.unreleased() + fresh
        self._waiting = [change.number for change in candidates if change.released_at is None]  # F3
        return [change for change in candidates if change.released_at is not None]

    def _history_after(self, number: int) -> list[Change]:
        changes: list[Change] = []
        following: int | None = number
        while following is not None:
            page = self._ats.history(ChangeQuery(after=following))
            changes += page.items
            following = page.next
        return changes

    def _due(self, change: Change) -> datetime:
        released = read_wire_time(change.released_at or change.at)
        due = released + self._lag.draw(self._seed, change.number)
        due = max(due, self._last_due.get(change.record.key, due))  # A2: one record's changes keep their order
        self._last_due[change.record.key] = due
        return due

    def _carry(self, delivery: Delivery) -> Process:
        yield self._clock.at(delivery.due, Order.DELIVERY)
        del self._under_way[delivery.change.number]
        record = delivery.change.record
        if any(_belongs_to(record, dbn) for dbn in self._lost_schools):
            return  # the broken export leaves it out, until the school is found again
        self._tell(delivery, self._clever.deliver(rows_of(record)))

    def _arrived(self, dbn: str) -> list[Record]:
        """Give the records of a school as the feed has delivered them last."""
        latest = {}
        for delivery in self.deliveries:
            if delivery.due <= self._clock():
                latest[delivery.change.record.key] = delivery.change.record
        return [record for record in latest.values() if _belongs_to(record, dbn)]

    def _records_of(self, dbn: str) -> list[Record]:
        latest = {delivery.change.record.key: delivery.change.record for delivery in self.deliveries}
        return [record for record in latest.values() if _belongs_to(record, dbn)]


def members_of(section: Section) -> tuple[str, ...]:
    """Give the staff numbers and OSIS of all who are in a section; nobody is in one that is cancelled."""
    if section.canceled:
        return ()
    main = () if section.teacher is None else (section.teacher,)
    return (*main, *section.co_teachers, *section.students)


def _belongs_to(record: Record, dbn: str) -> bool:
    match record:
        case Person(schools=schools):
            return schools[:1] == (dbn,)
        case Section(dbn=school):
            return school == dbn
    return False


def rows_of(record: Record) -> list[Row]:
    """Turn a record of ATS into the rows that Clever is given for it."""
    match record:
        case School():
            return [SchoolRow(record.dbn, record.name, record.low_grade, record.high_grade)]
        case Term():
            return [TermRow(record.code, record.name, record.start, record.end)]
        case Course():
            return [CourseRow(record.code, record.name, record.subject)]
        case Person(discharged=True) | Section(canceled=True):
            return removals_of(record)
        case Person():
            return [
                UserRow(
                    role=record.role,
                    sis_id=record.id,
                    first_name=record.first_name,
                    last_name=record.last_name,
                    email=record.email,
                    schools=record.schools,
                    grade=record.grade,
                    birth_date=record.birth_date,
                    gender=record.gender,
                    title=record.title,
                )
            ]
        case Section():
            main = () if record.teacher is None else (record.teacher,)
            return [
                SectionRow(
                    sis_id=record.id,
                    school=record.dbn,
                    term=record.term,
                    course=record.course,
                    section_number=record.number,
                    name=record.name,
                    teachers=main + record.co_teachers,
                    students=record.students,
                    period=record.period,
                )
            ]


def removals_of(record: Record) -> list[Row]:
    """Give the removal that takes a person or a section out of Clever."""
    match record:
        case Person():
            return [Removal("user", record.id, record.role)]
        case Section():
            return [Removal("section", record.id)]
    return []
