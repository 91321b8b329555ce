"""The book of ATS/STARS: its records, and the history that says what leaves it, and when (F3, A1, A2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from fakes.ats.entries import check_fields
from fakes.ats.records import (
    AnyRecord,
    Change,
    ChangePage,
    ChangeQuery,
    Course,
    CoursePage,
    HistoryQuery,
    PageQuery,
    Person,
    PersonPage,
    Record,
    Schedule,
    SchedulePage,
    ScheduleQuery,
    School,
    SchoolPage,
    SchoolQuery,
    Section,
    SectionPage,
    ShareableChange,
    ShareablePage,
    ShareableQuery,
    Term,
    TermPage,
    Whereabouts,
    WhereaboutsQuery,
)
from fakes.ats.store import KINDS, Store
from fakes.ats.versions import check_version
from fakes.shared.moments import Clock, read_wire_time, wire_time
from fakes.shared.refusals import BadRequest, Conflict, NotFound

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Book:
    """What ATS/STARS keeps, as it is and as it came to be, and the schedules that hold changes back.

    Args:
        clock: answers the present moment; ATS looks at no other.
        store: where everything is kept; by default a new one in memory.
    """

    def __init__(self, clock: Clock, store: Store | None = None) -> None:
        self.clock = clock
        self.store = store if store is not None else Store()

    # What there is

    def school(self, dbn: str) -> School:
        """Give a school."""
        return self._get(School, dbn)

    def term(self, code: str) -> Term:
        """Give a term."""
        return self._get(Term, code)

    def course(self, code: str) -> Course:
        """Give a course."""
        return self._get(Course, code)

    def schools(self, query: PageQuery) -> SchoolPage:
        """Give a page of the schools."""
        items, after = _cut(self.store.page(School, query.after, query.limit + 1), query.limit)
        return SchoolPage(items, after)

    def terms(self, query: PageQuery) -> TermPage:
        """Give a page of the terms."""
        items, after = _cut(self.store.page(Term, query.after, query.limit + 1), query.limit)
        return TermPage(items, after)

    def courses(self, query: PageQuery) -> CoursePage:
        """Give a page of the courses."""
        items, after = _cut(self.store.page(Course, query.after, query.limit + 1), query.limit)
        return CoursePage(items, after)

    def person(self, person_id: str) -> Person:
        """Give a person, discharged or not."""
        return self._get(Person, person_id)

    def people(self, query: SchoolQuery) -> PersonPage:
        """Give a page of the people of the district or of a school, discharged ones too."""
        items, after = self._page_of_school(Person, query)
        return PersonPage(items, after)

    def section(self, section_id: str) -> Section:
        """Give a section, canceled or not."""
        return self._get(Section, section_id)

    def sections(self, query: SchoolQuery) -> SectionPage:
        """Give a page of the sections of the district or of a school, canceled ones too."""
        items, after = self._page_of_school(Section, query)
        return SectionPage(items, after)

    # Schedules

    def finalize(self, dbn: str, term: str, *, by: str) -> Schedule:
        """Finalize a schedule: everything in it that waits leaves now (F3, A2), later edits as they are made.

        Raises:
            Conflict: it is finalized already.
        """
        schedule = self.schedule(dbn, term)
        if schedule.state == "finalized":
            raise Conflict(
                f"the schedule of {dbn} in {term} was finalized at {schedule.finalized_at} by {schedule.by}; "
                "edits of it leave by themselves, and to hold them back, reopen it",
                code="finalized",
            )
        now = self._now()
        with self.store.transaction():
            finalized = self._write_schedule(replace(schedule, state="finalized", finalized_at=now), by)
            self.store.release(dbn, term, now)
        return finalized

    def reopen(self, dbn: str, term: str, *, by: str) -> Schedule:
        """Make a finalized schedule a draft again: what has left stays out, new edits wait (A2).

        Raises:
            Conflict: it is a draft.
        """
        schedule = self.schedule(dbn, term)
        if schedule.state == "draft":
            raise Conflict(
                f"the schedule of {dbn} in {term} is a draft; only a finalized one is reopened", code="draft"
            )
        return self._write_schedule(replace(schedule, state="draft"), by)

    def schedule(self, dbn: str, term: str) -> Schedule:
        """Give the schedule of a school and term; before anybody touched it, it is an empty draft."""
        self.school(dbn)
        self.term(term)
        return self.store.schedule(dbn, term) or Schedule(dbn, term, "draft")

    def schedules(self, query: ScheduleQuery) -> SchedulePage:
        """Give the schedules that have been touched, of the district or of a school."""
        if query.dbn is not None:
            self.school(query.dbn)
        return SchedulePage(self.store.schedules(query.dbn))

    # Versions

    @contextmanager
    def expecting(self, of: type[AnyRecord], key: str, tags: str | None) -> Iterator[None]:
        """Let a record be written only if it is at a version that the writer has seen; check and write are one.

        Args:
            of: the kind of the record.
            key: of the record.
            tags: the value of ``If-Match``, or ``None`` for any version.

        Raises:
            NotFound: there is no such record.
            Changed: it is at another version.
        """
        with self.store.transaction():
            check_version(tags, self._last_change(of, key))
            yield

    @contextmanager
    def expecting_schedule(self, dbn: str, term: str, tags: str | None) -> Iterator[None]:
        """Let a schedule be written only if it is at a version that the writer has seen; see :meth:`expecting`.

        Raises:
            NotFound: there is no such school or term.
            Changed: it is at another version.
        """
        with self.store.transaction():
            check_version(tags, self.schedule(dbn, term))
            yield

    def version(self, record: Record) -> int:
        """Give the version that a record is at: the number of its last change."""
        return self._last_change(type(record), record.key).number

    # The history

    def history_of(self, of: type[AnyRecord], key: str, query: HistoryQuery) -> ChangePage:
        """Give a page of the history of one record, the oldest change first."""
        self._get(of, key)
        return self.history(ChangeQuery(kind=KINDS[of], key=key, after=query.after, limit=query.limit))

    def whereabouts(self, number: int, query: WhereaboutsQuery) -> Whereabouts:
        """Tell when a change will be in Clever, or since when it is (F3, A1, A2).

        Raises:
            NotFound: the history has no such line.
            BadRequest: ``at`` is no moment.
        """
        change = self.store.change(number)
        if change is None:
            raise NotFound(f"ATS/STARS has made no change {number}; GET /changes lists the history")
        if change.released_at is None:
            return Whereabouts(change, "waiting_for_schedule", None, self._schedule_of(change.record))
        shared_at = wire_time(read_wire_time(change.released_at) + _lag(query.lag_hours))
        now = wire_time(self.clock() if query.at is None else _moment("at", query.at))
        return Whereabouts(change, "shared" if shared_at <= now else "on_its_way", shared_at, None)

    def _schedule_of(self, record: Record) -> Schedule | None:
        return self.schedule(record.dbn, record.term) if isinstance(record, Section) else None

    def history(self, query: ChangeQuery) -> ChangePage:
        """Give a page of the history, the oldest change first."""
        changes = self.store.history(query, query.limit + 1)
        more = len(changes) > query.limit
        items = changes[: query.limit]
        return ChangePage(items, items[-1].number if more else None)

    def shareable(self, query: ShareableQuery) -> ShareablePage:
        """Give a page of the changes whose lag is over at a moment (A2), in the order of their making.

        What is shared of one record keeps its order, because the history does not run backwards: nothing is
        released before an earlier change of the same record.

        Raises:
            BadRequest: ``at`` or ``since`` is no moment.
        """
        lag = _lag(query.lag_hours)
        until = self.clock() if query.at is None else _moment("at", query.at)
        changes = self.store.released(
            after_moment="" if query.since is None else _before(_moment("since", query.since), lag),
            until=_before(until, lag),
            after=query.after,
            limit=query.limit + 1,
        )
        more = len(changes) > query.limit
        items = [
            ShareableChange(wire_time(read_wire_time(change.released_at) + lag), change)
            for change in changes[: query.limit]
            if change.released_at is not None
        ]
        return ShareablePage(items, items[-1].change.number if more else None)

    # How the book is written

    def _now(self) -> str:
        """Give the present moment, or that of the last change where a clock was set back."""
        return max(wire_time(self.clock()), self.store.latest_moment())

    def _get(self, of: type[AnyRecord], key: str) -> AnyRecord:
        record = self.store.find(of, key)
        if record is None:
            raise NotFound(_unknown(of, key))
        return record

    def _last_change(self, of: type[AnyRecord], key: str) -> Change:
        change = self.store.last_change(of, key)
        if change is None:
            raise NotFound(_unknown(of, key))
        return change

    def _write_schedule(self, schedule: Schedule, by: str) -> Schedule:
        written = replace(schedule, by=by, changed_at=self._now(), version=schedule.version + 1)
        self.store.write_schedule(written)
        return written

    def _add(self, record: AnyRecord, action: str, by: str) -> AnyRecord:
        if self.store.find(type(record), record.key) is not None:
            raise Conflict(
                f"{KINDS[type(record)]} {record.key} exists already; edit it, or choose another id",
                code="duplicate",
            )
        return self._write(record, action, by)

    def _write(self, record: AnyRecord, action: str, by: str) -> AnyRecord:
        check_fields(record)
        at = self._now()
        self.store.write(record, at=at, by=by, action=action, released_at=self._released_at(record, at))
        return record

    def _released_at(self, record: Record, at: str) -> str | None:
        if not isinstance(record, Section):
            return at  # A1
        schedule = self.store.schedule(record.dbn, record.term)
        return at if schedule is not None and schedule.state == "finalized" else None  # F3, A2

    def _page_of_school(self, of: type[AnyRecord], query: SchoolQuery) -> tuple[list[AnyRecord], str | None]:
        if query.dbn is None:
            return _cut(self.store.page(of, query.after, query.limit + 1), query.limit)
        self.school(query.dbn)
        return _cut(self.store.page_in_school(of, query.dbn, query.after, query.limit + 1), query.limit)


def _unknown(of: type[AnyRecord], key: str) -> str:
    return f"ATS/STARS has no {KINDS[of]} {key!r}; add it first, or mend the id"


def _cut(found: list[AnyRecord], limit: int) -> tuple[list[AnyRecord], str | None]:
    """Cut what was found, one more than asked for where there is more, into a page and the next ``after``."""
    page = found[:limit]
    return page, page[-1].key if len(found) > limit else None


def _lag(hours: float) -> timedelta:
    return timedelta(milliseconds=round(hours * 3_600_000))


def _moment(name: str, text: str) -> datetime:
    try:
        return read_wire_time(text)
    except (ValueError, OverflowError) as error:
        raise BadRequest(f"{name}: {error}; write it as 2026-09-14T14:00:00.000Z") from None


def _before(moment: datetime, lag: timedelta) -> str:
    """Go back by the lag; never to before 1970, where nothing was ever released."""
    return wire_time(moment - lag if moment - EPOCH > lag else EPOCH)
