"""What ATS/STARS keeps and what goes over its wire.

A record is frozen: ATS replaces it whole and writes the new one into the history.
Moments are text as :func:`fakes.shared.moments.wire_time` writes them; days are ``YYYY-MM-DD``.
"""

from typing import Annotated, Literal, TypeVar

import msgspec

from fakes.shared.texts import VISIBLE

CO_TEACHERS_MAX = 2
"""F2. Source: the FAQ, "ATS/Stars only allows a maximum of 2 co-teachers"."""

SHARING_LAG_HOURS = 72
"""A2. Source: the FAQ, "It will take the NYCDOE 72 hours to share any changes"."""

PAGE_LIMIT = 1000
PAGE_LIMIT_MAX = 10_000

# [0-9] because Python's \d takes the digits of every script; (?!\n) because its $ lets a last newline pass.
Dbn = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9]{2}[A-Z][0-9]{3}(?!\n)$",
        description="District, borough, number: 02M475",
        examples=["02M475"],
    ),
]
Osis = Annotated[
    str,
    msgspec.Meta(pattern=r"^[0-9]{9}(?!\n)$", description="A student's number, 9 digits", examples=["200000001"]),
]
PersonId = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^([0-9]{7}|[0-9]{9})(?!\n)$",
        description="OSIS, or a 7-digit staff number",
        examples=["1000001", "200000001"],
    ),
]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=VISIBLE)]
OptionalText = Annotated[str, msgspec.Meta(max_length=200, pattern=VISIBLE)]
Day = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?!\n)$", examples=["2026-09-10"])]
Moment = Annotated[
    str,
    msgspec.Meta(
        max_length=40,
        description="A moment in ISO 8601, with its offset",
        examples=["2026-09-14T14:00:00.000Z"],
        extra_json_schema={"format": "date-time"},
    ),
]
ChangeNumber = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1, description="0 stands before the first change")]
LagHours = Annotated[float, msgspec.Meta(ge=0, le=24 * 365, description="How long a change is on its way (A2)")]
Limit = Annotated[int, msgspec.Meta(ge=1, le=PAGE_LIMIT_MAX)]

PersonKind = Literal["student", "teacher"]
ScheduleState = Literal["draft", "finalized"]
RecordKind = Literal["school", "term", "course", "person", "section"]


class School(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="kind", tag="school"):
    """A school, named by its DBN (A3)."""

    dbn: Dbn
    name: Text
    low_grade: OptionalText = "9"
    high_grade: OptionalText = "12"

    @property
    def key(self) -> str:
        """Name the record in the history."""
        return self.dbn


class Term(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="kind", tag="term"):
    """A term of the whole district, ``2026-1``."""

    code: Text
    name: Text
    start: Day
    end: Day

    @property
    def key(self) -> str:
        """Name the record in the history."""
        return self.code


class Course(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="kind", tag="course"):
    """A course of the district's catalogue, named by its code (A3)."""

    code: Text
    name: Text
    subject: OptionalText = ""

    @property
    def key(self) -> str:
        """Name the record in the history."""
        return self.code


class Person(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="kind", tag="person"):
    """A student (their id is the OSIS) or a teacher (their id is a staff number)."""

    id: PersonId
    role: PersonKind
    first_name: Text
    last_name: Text
    email: OptionalText
    """F1: this is the only place where it is managed. ``""`` when there is none (H4)."""
    schools: tuple[Dbn, ...]
    """The first is the primary one."""
    grade: OptionalText = ""
    birth_date: OptionalText = ""
    gender: OptionalText = ""
    title: OptionalText = ""
    discharged: bool = False
    """They have left the district; ATS keeps the record."""

    @property
    def key(self) -> str:
        """Name the record in the history."""
        return self.id


class Section(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="kind", tag="section"):
    """A class as ATS schedules it. Its id is made of school, term, course code and section number (A3)."""

    id: Text
    """``02M475-2026-1-ALG1-01``; ATS makes it, and it never changes."""
    dbn: Dbn
    term: Text
    course: Text
    number: Text
    name: Text
    teacher: PersonId | None = None
    co_teachers: tuple[PersonId, ...] = ()
    """At most :data:`CO_TEACHERS_MAX` (F2)."""
    students: tuple[Osis, ...] = ()
    """The enrolments, in the order in which they were made."""
    period: OptionalText = ""
    canceled: bool = False

    @property
    def key(self) -> str:
        """Name the record in the history."""
        return self.id


Record = School | Term | Course | Person | Section

AnyRecord = TypeVar("AnyRecord", bound=Record)
"""For what gives back the kind of record that it was given."""


class Schedule(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="kind", tag="schedule"):
    """The schedule of one school in one term; while it is a draft nothing of it leaves ATS (F3)."""

    dbn: Dbn
    term: Text
    state: ScheduleState
    finalized_at: str | None = None
    """When it was last finalized; stays while it is reopened."""
    by: str = ""
    """Who last opened, finalized or reopened it; a schedule has no line in the history."""
    changed_at: str | None = None
    """When that was."""
    version: ChangeNumber = 0
    """Goes up whenever it is opened, finalized or reopened; 0 is one that nobody has touched."""

    @property
    def key(self) -> str:
        """Name it by school and term."""
        return f"{self.dbn} {self.term}"


class Change(msgspec.Struct, frozen=True, gc=False):
    """One line of the history: a record as it was after one edit."""

    number: int
    """1, 2, 3 ...; the order in which ATS made the changes."""
    at: str
    by: str
    action: str
    """In words, for a person: ``enroll 201234567``, ``change email``."""
    record: Record
    """The whole record after the change."""
    released_at: str | None
    """``max(changed, finalized)`` (A2); ``None`` while the change waits for its schedule (F3)."""


class ShareableChange(msgspec.Struct, frozen=True, gc=False):
    """A change whose lag is over (A2)."""

    shared_at: str
    change: Change


class NewSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section to schedule; ATS makes its id."""

    dbn: Dbn
    term: Text
    course: Text
    number: Text
    name: OptionalText = ""
    """By default course name and number: ``Algebra 1-01``."""
    teacher: PersonId | None = None
    co_teachers: tuple[PersonId, ...] = ()
    students: tuple[Osis, ...] = ()
    period: OptionalText = ""


class PersonEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a person; what is left out stays."""

    first_name: Text | msgspec.UnsetType = msgspec.UNSET
    last_name: Text | msgspec.UnsetType = msgspec.UNSET
    email: OptionalText | msgspec.UnsetType = msgspec.UNSET
    schools: tuple[Dbn, ...] | msgspec.UnsetType = msgspec.UNSET
    grade: OptionalText | msgspec.UnsetType = msgspec.UNSET


class SectionEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a section; what is left out stays.

    Teacher and co-teachers given together are one change, so a swap has no moment in between.
    """

    name: Text | msgspec.UnsetType = msgspec.UNSET
    teacher: PersonId | msgspec.UnsetType | None = msgspec.UNSET
    co_teachers: tuple[PersonId, ...] | msgspec.UnsetType = msgspec.UNSET
    period: OptionalText | msgspec.UnsetType = msgspec.UNSET


class CoTeacher(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A teacher to add to a section as a co-teacher."""

    teacher: PersonId


class Enrolling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A student to put into a section."""

    student: Osis


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Paging by key: records after ``after``, in the order of their keys."""

    after: OptionalText = ""
    limit: Limit = PAGE_LIMIT


class SchoolQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """People or sections, of the whole district or of one school."""

    dbn: Dbn | None = None


class ScheduleQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Schedules, of the whole district or of one school."""

    dbn: Dbn | None = None


class ChangeQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which lines of the history."""

    kind: RecordKind | None = None
    key: OptionalText | None = None
    after: ChangeNumber = 0
    limit: Limit = PAGE_LIMIT


class HistoryQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which lines of the history of one record."""

    after: ChangeNumber = 0
    limit: Limit = PAGE_LIMIT


class WhereaboutsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At which moment, under which lag."""

    at: Moment | None = None
    """By default now."""
    lag_hours: LagHours = SHARING_LAG_HOURS


class Whereabouts(msgspec.Struct, frozen=True):
    """Where a change is on its way to Clever (F3, A1, A2)."""

    change: Change
    state: Literal["waiting_for_schedule", "on_its_way", "shared"]
    shared_at: str | None
    """When Clever has it, or had it; ``None`` while nobody knows, as the schedule is a draft."""
    waits_for: Schedule | None
    """The schedule that has to be finalized first, while it waits for one."""


class IfMatch(msgspec.Struct, frozen=True, rename={"if_match": "If-Match"}):
    """For a write that must not undo what somebody else has changed meanwhile."""

    if_match: (
        Annotated[
            str,
            msgspec.Meta(
                max_length=1000,
                description="The ETag of the record as it was read; the write is refused if it has changed since",
                examples=['"17"'],
            ),
        ]
        | None
    ) = None


class ShareableQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At which moment, under which lag."""

    at: Moment | None = None
    """By default now."""
    lag_hours: LagHours = SHARING_LAG_HOURS
    since: Moment | None = None
    """Only what was not shareable yet at this moment, so that a feed asks for the news alone; a draft that is
    finalized late comes with an old ``number``, which ``after`` would miss."""
    after: ChangeNumber = 0
    limit: Limit = PAGE_LIMIT


class SchoolPage(msgspec.Struct, frozen=True):
    """Some schools; ``next`` is the ``after`` of the next page."""

    items: list[School]
    next: str | None


class TermPage(msgspec.Struct, frozen=True):
    """Some terms; ``next`` is the ``after`` of the next page."""

    items: list[Term]
    next: str | None


class CoursePage(msgspec.Struct, frozen=True):
    """Some courses; ``next`` is the ``after`` of the next page."""

    items: list[Course]
    next: str | None


class PersonPage(msgspec.Struct, frozen=True):
    """Some people; ``next`` is the ``after`` of the next page."""

    items: list[Person]
    next: str | None


class SectionPage(msgspec.Struct, frozen=True):
    """Some sections; ``next`` is the ``after`` of the next page."""

    items: list[Section]
    next: str | None


class SchedulePage(msgspec.Struct, frozen=True):
    """All schedules of a school, or of the district."""

    items: list[Schedule]


class ChangePage(msgspec.Struct, frozen=True):
    """Some of the history; ``next`` is the ``after`` of the next page."""

    items: list[Change]
    next: int | None


class ShareablePage(msgspec.Struct, frozen=True):
    """Changes that may be shared; ``next`` is the ``after`` of the next page."""

    items: list[ShareableChange]
    next: int | None
