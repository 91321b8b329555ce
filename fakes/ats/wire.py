"""The routes of ATS/STARS: read, call, answer; no rule."""

import hmac
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec
from flask import Flask, request

from fakes.ats.bundle import Bundle, ImportQuery, ImportResult, Row
from fakes.ats.imports import export_rows, import_rows, numbered
from fakes.ats.records import (
    AnyRecord,
    ChangePage,
    ChangeQuery,
    CoTeacher,
    Course,
    CoursePage,
    Enrolling,
    HistoryQuery,
    IfMatch,
    NewSection,
    PageQuery,
    Person,
    PersonEdit,
    PersonPage,
    Schedule,
    SchedulePage,
    ScheduleQuery,
    School,
    SchoolPage,
    SchoolQuery,
    Section,
    SectionEdit,
    SectionPage,
    ShareablePage,
    ShareableQuery,
    Term,
    TermPage,
    Whereabouts,
    WhereaboutsQuery,
)
from fakes.ats.rights import Actor, require, rights_in_words, who_may
from fakes.ats.rules import Ats
from fakes.shared.api import Api, Call, Lines, Operation, Reply, Tagged
from fakes.shared.refusals import (
    Changed,
    Conflict,
    Forbidden,
    NotFound,
    TooLarge,
    Unauthorized,
    Unprocessable,
)

AtsCall = Call[Ats]

Number = Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,14}(?!\n)$", examples=["1"])]
"""Of a change, in a path."""

EDIT = (Forbidden, NotFound, Conflict, Changed)
"""What an edit of a record that there is may be refused with."""

api: Api[Ats] = Api(
    title="ATS/STARS",
    description=(
        "The student information system of New York's schools, as the DIIT office uses it: people, sections, "
        "enrollments, schedules. A fake; the real one has no such API, and only its rules are the same.\n\n"
        "Every record is answered with an `ETag`, and every edit takes an `If-Match`. Who may do what:\n\n"
        f"{rights_in_words()}"
    ),
    tags={
        "schools": "Schools, named by their DBNs.",
        "terms and courses": "The calendar and the catalogue of the district.",
        "people": "Students and teachers; the only place where their e-mails are managed.",
        "sections": "Sections with their teachers and enrollments.",
        "schedules": "Of a school in a term: while one is a draft, nothing of it leaves.",
        "history": "What has been changed, by whom, and when it reaches Clever.",
        "import and export": "Many records at once, in one document or in JSON lines.",
    },
    who_may=who_may,
)


def create_app(ats: Ats, tokens: Mapping[str, str | Actor]) -> Flask:
    """Make the Flask application of a fake ATS/STARS.

    Args:
        ats: the system that it serves.
        tokens: who may ask: bearer token to the actor. Plain words ("DIIT office") are somebody of the
            office; the words go into the history.
    """
    actors = [(token.encode(), who if isinstance(who, Actor) else Actor(who)) for token, who in tokens.items()]

    def authenticate() -> Actor:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        given = token.strip().encode()
        # Every token is compared, and each in constant time, so that an answer's duration tells nothing.
        found = [actor for known, actor in actors if hmac.compare_digest(given, known)]
        if scheme.lower() != "bearer" or not found:
            raise Unauthorized("the token is missing or unknown; send 'Authorization: Bearer' and a token of ATS/STARS")
        return found[0]

    return api.application(ats, ats.clock, authenticate, _if_allowed)


def _if_allowed(call: Call[Any], operation: Operation, perform: Callable[[], Reply]) -> Reply:
    require(call.actor, operation.deed)
    return perform()


def _tagged(call: AtsCall, record: AnyRecord) -> Tagged[AnyRecord]:
    return Tagged(record, call.system.version(record))


def _tagged_schedule(schedule: Schedule) -> Tagged[Schedule]:
    return Tagged(schedule, schedule.version)


@api.route("GET", "/schools", tag="schools", deed="read")
def list_schools(call: AtsCall, query: PageQuery) -> SchoolPage:
    """List the schools, in the order of their DBNs."""
    return call.system.schools(query)


@api.route(
    "POST",
    "/schools",
    status=201,
    refusals=(Forbidden, Conflict),
    tag="schools",
    deed="edit schools, terms and courses",
)
def add_school(call: AtsCall, body: School) -> Tagged[School]:
    """Add a school."""
    return _tagged(call, call.system.add_school(body, by=call.actor.name))


@api.route("GET", "/schools/{dbn}", refusals=(NotFound,), tag="schools", deed="read")
def get_school(call: AtsCall, dbn: str) -> Tagged[School]:
    """Give a school."""
    return _tagged(call, call.system.school(dbn))


@api.route("GET", "/terms", tag="terms and courses", deed="read")
def list_terms(call: AtsCall, query: PageQuery) -> TermPage:
    """List the terms, in the order of their codes."""
    return call.system.terms(query)


@api.route(
    "POST",
    "/terms",
    status=201,
    refusals=(Forbidden, Conflict),
    tag="terms and courses",
    deed="edit schools, terms and courses",
)
def add_term(call: AtsCall, body: Term) -> Tagged[Term]:
    """Add a term."""
    return _tagged(call, call.system.add_term(body, by=call.actor.name))


@api.route("GET", "/terms/{code}", refusals=(NotFound,), tag="terms and courses", deed="read")
def get_term(call: AtsCall, code: str) -> Tagged[Term]:
    """Give a term."""
    return _tagged(call, call.system.term(code))


@api.route("GET", "/courses", tag="terms and courses", deed="read")
def list_courses(call: AtsCall, query: PageQuery) -> CoursePage:
    """List the courses, in the order of their codes."""
    return call.system.courses(query)


@api.route(
    "POST",
    "/courses",
    status=201,
    refusals=(Forbidden, Conflict),
    tag="terms and courses",
    deed="edit schools, terms and courses",
)
def add_course(call: AtsCall, body: Course) -> Tagged[Course]:
    """Add a course."""
    return _tagged(call, call.system.add_course(body, by=call.actor.name))


@api.route("GET", "/courses/{code}", refusals=(NotFound,), tag="terms and courses", deed="read")
def get_course(call: AtsCall, code: str) -> Tagged[Course]:
    """Give a course."""
    return _tagged(call, call.system.course(code))


@api.route("GET", "/people", refusals=(NotFound,), tag="people", deed="read")
def list_people(call: AtsCall, query: SchoolQuery) -> PersonPage:
    """List the people of the district or of a school, discharged ones too, in the order of their ids."""
    return call.system.people(query)


@api.route("POST", "/people", status=201, refusals=(Forbidden, NotFound, Conflict), tag="people", deed="edit people")
def add_person(call: AtsCall, body: Person) -> Tagged[Person]:
    """Add a student or teacher."""
    return _tagged(call, call.system.add_person(body, by=call.actor.name))


@api.route("GET", "/people/{person_id}", refusals=(NotFound,), tag="people", deed="read")
def get_person(call: AtsCall, person_id: str) -> Tagged[Person]:
    """Give a person."""
    return _tagged(call, call.system.person(person_id))


@api.route("PATCH", "/people/{person_id}", refusals=EDIT, tag="people", deed="edit people")
def edit_person(call: AtsCall, person_id: str, body: PersonEdit, headers: IfMatch) -> Tagged[Person]:
    """Change a person; what is left out stays. Who leaves a school also leaves its sections."""
    with call.system.expecting(Person, person_id, headers.if_match):
        return _tagged(call, call.system.edit_person(person_id, body, by=call.actor.name))


@api.route("POST", "/people/{person_id}/discharge", refusals=EDIT, tag="people", deed="edit people")
def discharge_person(call: AtsCall, person_id: str, headers: IfMatch) -> Tagged[Person]:
    """Note that a person has left the district, and take them out of their sections."""
    with call.system.expecting(Person, person_id, headers.if_match):
        return _tagged(call, call.system.discharge(person_id, by=call.actor.name))


@api.route("POST", "/people/{person_id}/readmit", refusals=EDIT, tag="people", deed="edit people")
def readmit_person(call: AtsCall, person_id: str, headers: IfMatch) -> Tagged[Person]:
    """Take a discharged person back, into no section."""
    with call.system.expecting(Person, person_id, headers.if_match):
        return _tagged(call, call.system.readmit(person_id, by=call.actor.name))


@api.route("GET", "/sections", refusals=(NotFound,), tag="sections", deed="read")
def list_sections(call: AtsCall, query: SchoolQuery) -> SectionPage:
    """List the sections of the district or of a school, canceled ones too, in the order of their ids."""
    return call.system.sections(query)


@api.route(
    "POST",
    "/sections",
    status=201,
    refusals=(Forbidden, NotFound, Conflict, Unprocessable),
    tag="sections",
    deed="edit sections",
)
def add_section(call: AtsCall, body: NewSection) -> Tagged[Section]:
    """Schedule a section, with at most two co-teachers."""
    return _tagged(call, call.system.add_section(body, by=call.actor.name))


@api.route("GET", "/sections/{section_id}", refusals=(NotFound,), tag="sections", deed="read")
def get_section(call: AtsCall, section_id: str) -> Tagged[Section]:
    """Give a section with its teachers and students."""
    return _tagged(call, call.system.section(section_id))


@api.route("PATCH", "/sections/{section_id}", refusals=EDIT, tag="sections", deed="edit sections")
def edit_section(call: AtsCall, section_id: str, body: SectionEdit, headers: IfMatch) -> Tagged[Section]:
    """Change a section in one go; what is left out stays."""
    with call.system.expecting(Section, section_id, headers.if_match):
        return _tagged(call, call.system.edit_section(section_id, body, by=call.actor.name))


@api.route("POST", "/sections/{section_id}/cancel", refusals=EDIT, tag="sections", deed="edit sections")
def cancel_section(call: AtsCall, section_id: str, headers: IfMatch) -> Tagged[Section]:
    """Cancel a section."""
    with call.system.expecting(Section, section_id, headers.if_match):
        return _tagged(call, call.system.cancel_section(section_id, by=call.actor.name))


@api.route("POST", "/sections/{section_id}/restore", refusals=EDIT, tag="sections", deed="edit sections")
def restore_section(call: AtsCall, section_id: str, headers: IfMatch) -> Tagged[Section]:
    """Take the cancellation of a section back."""
    with call.system.expecting(Section, section_id, headers.if_match):
        return _tagged(call, call.system.restore_section(section_id, by=call.actor.name))


@api.route(
    "POST", "/sections/{section_id}/co-teachers", status=201, refusals=EDIT, tag="sections", deed="edit sections"
)
def add_co_teacher(call: AtsCall, section_id: str, body: CoTeacher, headers: IfMatch) -> Tagged[Section]:
    """Add a co-teacher; a third is refused."""
    with call.system.expecting(Section, section_id, headers.if_match):
        return _tagged(call, call.system.add_co_teacher(section_id, body.teacher, by=call.actor.name))


@api.route(
    "DELETE", "/sections/{section_id}/co-teachers/{person_id}", refusals=EDIT, tag="sections", deed="edit sections"
)
def remove_co_teacher(call: AtsCall, section_id: str, person_id: str, headers: IfMatch) -> Tagged[Section]:
    """Take a co-teacher out of a section."""
    with call.system.expecting(Section, section_id, headers.if_match):
        return _tagged(call, call.system.remove_co_teacher(section_id, person_id, by=call.actor.name))


@api.route("POST", "/sections/{section_id}/students", status=201, refusals=EDIT, tag="sections", deed="edit sections")
def enroll_student(call: AtsCall, section_id: str, body: Enrolling, headers: IfMatch) -> Tagged[Section]:
    """Put a student into a section."""
    with call.system.expecting(Section, section_id, headers.if_match):
        return _tagged(call, call.system.enroll(section_id, body.student, by=call.actor.name))


@api.route("DELETE", "/sections/{section_id}/students/{osis}", refusals=EDIT, tag="sections", deed="edit sections")
def drop_student(call: AtsCall, section_id: str, osis: str, headers: IfMatch) -> Tagged[Section]:
    """Take a student out of a section."""
    with call.system.expecting(Section, section_id, headers.if_match):
        return _tagged(call, call.system.drop(section_id, osis, by=call.actor.name))


@api.route("GET", "/schedules", refusals=(NotFound,), tag="schedules", deed="read")
def list_schedules(call: AtsCall, query: ScheduleQuery) -> SchedulePage:
    """List the schedules of the district or of a school."""
    return call.system.schedules(query)


@api.route("GET", "/schedules/{dbn}/{term}", refusals=(NotFound,), tag="schedules", deed="read")
def get_schedule(call: AtsCall, dbn: str, term: str) -> Tagged[Schedule]:
    """Give the schedule of a school in a term."""
    return _tagged_schedule(call.system.schedule(dbn, term))


@api.route(
    "POST", "/schedules/{dbn}/{term}/finalize", refusals=EDIT, tag="schedules", deed="finalize and reopen schedules"
)
def finalize_schedule(call: AtsCall, dbn: str, term: str, headers: IfMatch) -> Tagged[Schedule]:
    """Finalize a schedule: what waits in it leaves now."""
    with call.system.expecting_schedule(dbn, term, headers.if_match):
        return _tagged_schedule(call.system.finalize(dbn, term, by=call.actor.name))


@api.route(
    "POST", "/schedules/{dbn}/{term}/reopen", refusals=EDIT, tag="schedules", deed="finalize and reopen schedules"
)
def reopen_schedule(call: AtsCall, dbn: str, term: str, headers: IfMatch) -> Tagged[Schedule]:
    """Make a finalized schedule a draft again."""
    with call.system.expecting_schedule(dbn, term, headers.if_match):
        return _tagged_schedule(call.system.reopen(dbn, term, by=call.actor.name))


@api.route("GET", "/changes", tag="history", deed="read")
def list_changes(call: AtsCall, query: ChangeQuery) -> ChangePage:
    """List the history, the oldest change first."""
    return call.system.history(query)


@api.route("GET", "/shareable", tag="history", deed="read")
def list_shareable(call: AtsCall, query: ShareableQuery) -> ShareablePage:
    """List the changes whose lag is over, in the order in which they were made."""
    return call.system.shareable(query)


@api.route("GET", "/changes/{number}", refusals=(NotFound,), tag="history", deed="read")
def get_change(call: AtsCall, number: Number, query: WhereaboutsQuery) -> Whereabouts:
    """Tell when a change will be in Clever: not before its schedule is finalized, and then after the lag."""
    return call.system.whereabouts(int(number), query)


@api.route("GET", "/schools/{dbn}/history", refusals=(NotFound,), tag="history", deed="read")
def list_school_history(call: AtsCall, dbn: str, query: HistoryQuery) -> ChangePage:
    """List the history of a school, the oldest change first."""
    return call.system.history_of(School, dbn, query)


@api.route("GET", "/terms/{code}/history", refusals=(NotFound,), tag="history", deed="read")
def list_term_history(call: AtsCall, code: str, query: HistoryQuery) -> ChangePage:
    """List the history of a term, the oldest change first."""
    return call.system.history_of(Term, code, query)


@api.route("GET", "/courses/{code}/history", refusals=(NotFound,), tag="history", deed="read")
def list_course_history(call: AtsCall, code: str, query: HistoryQuery) -> ChangePage:
    """List the history of a course, the oldest change first."""
    return call.system.history_of(Course, code, query)


@api.route("GET", "/people/{person_id}/history", refusals=(NotFound,), tag="history", deed="read")
def list_person_history(call: AtsCall, person_id: str, query: HistoryQuery) -> ChangePage:
    """List the history of a person, the oldest change first."""
    return call.system.history_of(Person, person_id, query)


@api.route("GET", "/sections/{section_id}/history", refusals=(NotFound,), tag="history", deed="read")
def list_section_history(call: AtsCall, section_id: str, query: HistoryQuery) -> ChangePage:
    """List the history of a section, the oldest change first."""
    return call.system.history_of(Section, section_id, query)


@api.route("POST", "/import", refusals=(Forbidden,), tag="import and export", deed="import")
def import_document(call: AtsCall, body: Bundle, query: ImportQuery) -> ImportResult:
    """Write many records at once, from one document; what is in ATS already is brought to what is sent.

    A document with a malformed record is refused whole; a record that a rule refuses is refused alone, unless
    nothing shall be written then.
    """
    lines = numbered(body.rows())
    return import_rows(call.system, lines, by=call.actor.name, all_or_nothing=query.all_or_nothing)


@api.route("POST", "/import/lines", refusals=(Forbidden,), tag="import and export", deed="import")
def import_lines(call: AtsCall, body: Lines[Row], query: ImportQuery) -> ImportResult:
    """Write many records at once, one a line; a line that cannot be read is refused alone."""
    return import_rows(call.system, body.lines, by=call.actor.name, all_or_nothing=query.all_or_nothing)


@api.route("GET", "/export", refusals=(TooLarge,), tag="import and export", deed="read")
def export_document(call: AtsCall) -> Bundle:
    """Give everything that ATS keeps but its history, in one document that can be imported."""
    return export_rows(call.system)


@api.route("GET", "/export/lines", refusals=(TooLarge,), tag="import and export", deed="read")
def export_lines(call: AtsCall) -> Lines[Row]:
    """Give everything that ATS keeps but its history, one record a line, in an order that can be imported."""
    return Lines(numbered(export_rows(call.system).rows()))
