"""The routes of ATS/STARS: read, call, answer; no rule."""

import hmac
from collections.abc import Mapping

from flask import Flask, request

from fakes.ats.records import (
    ChangePage,
    ChangeQuery,
    CoTeacher,
    Course,
    CoursePage,
    Enrolling,
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
)
from fakes.ats.rules import Ats
from fakes.shared.api import Api, Call
from fakes.shared.refusals import Conflict, NotFound, Unauthorized, Unprocessable

AtsCall = Call[Ats]

api: Api[Ats] = Api(
    title="ATS/STARS",
    description=(
        "The student information system of New York's schools, as the DIIT office uses it: people, sections, "
        "enrollments, schedules. A fake; the real one has no such API, and only its rules are the same."
    ),
)


def create_app(ats: Ats, tokens: Mapping[str, str]) -> Flask:
    """Make the Flask application of a fake ATS/STARS.

    Args:
        ats: the system that it serves.
        tokens: who may ask: bearer token to the actor in words ("DIIT office"), who goes into the history.
    """
    actors = [(token.encode(), actor) for token, actor in tokens.items()]

    def authenticate() -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        given = token.strip().encode()
        # Every token is compared, and each in constant time, so that an answer's duration tells nothing.
        found = [actor for known, actor in actors if hmac.compare_digest(given, known)]
        if scheme.lower() != "bearer" or not found:
            raise Unauthorized(
                "the token is missing or unknown; send 'Authorization: Bearer' and a token of ATS/STARS"
            )
        return found[0]

    return api.application(ats, ats.clock, authenticate)


@api.route("GET", "/schools", tag="schools")
def list_schools(call: AtsCall, query: PageQuery) -> SchoolPage:
    """List the schools, in the order of their DBNs."""
    return call.system.schools(query)


@api.route("POST", "/schools", status=201, refusals=(Conflict,), tag="schools")
def add_school(call: AtsCall, body: School) -> School:
    """Add a school."""
    return call.system.add_school(body, by=call.actor)


@api.route("GET", "/schools/{dbn}", refusals=(NotFound,), tag="schools")
def get_school(call: AtsCall, dbn: str) -> School:
    """Give a school."""
    return call.system.school(dbn)


@api.route("GET", "/terms", tag="terms and courses")
def list_terms(call: AtsCall, query: PageQuery) -> TermPage:
    """List the terms, in the order of their codes."""
    return call.system.terms(query)


@api.route("POST", "/terms", status=201, refusals=(Conflict,), tag="terms and courses")
def add_term(call: AtsCall, body: Term) -> Term:
    """Add a term."""
    return call.system.add_term(body, by=call.actor)


@api.route("GET", "/courses", tag="terms and courses")
def list_courses(call: AtsCall, query: PageQuery) -> CoursePage:
    """List the courses, in the order of their codes."""
    return call.system.courses(query)


@api.route("POST", "/courses", status=201, refusals=(Conflict,), tag="terms and courses")
def add_course(call: AtsCall, body: Course) -> Course:
    """Add a course."""
    return call.system.add_course(body, by=call.actor)


@api.route("GET", "/people", refusals=(NotFound,), tag="people")
def list_people(call: AtsCall, query: SchoolQuery) -> PersonPage:
    """List the people of the district or of a school, discharged ones too, in the order of their ids."""
    return call.system.people(query)


@api.route("POST", "/people", status=201, refusals=(NotFound, Conflict), tag="people")
def add_person(call: AtsCall, body: Person) -> Person:
    """Add a student or teacher."""
    return call.system.add_person(body, by=call.actor)


@api.route("GET", "/people/{person_id}", refusals=(NotFound,), tag="people")
def get_person(call: AtsCall, person_id: str) -> Person:
    """Give a person."""
    return call.system.person(person_id)


@api.route("PATCH", "/people/{person_id}", refusals=(NotFound,), tag="people")
def edit_person(call: AtsCall, person_id: str, body: PersonEdit) -> Person:
    """Change a person; what is left out stays. Who leaves a school also leaves its sections."""
    return call.system.edit_person(person_id, body, by=call.actor)


@api.route("POST", "/people/{person_id}/discharge", refusals=(NotFound, Conflict), tag="people")
def discharge_person(call: AtsCall, person_id: str) -> Person:
    """Note that a person has left the district, and take them out of their sections."""
    return call.system.discharge(person_id, by=call.actor)


@api.route("POST", "/people/{person_id}/readmit", refusals=(NotFound, Conflict), tag="people")
def readmit_person(call: AtsCall, person_id: str) -> Person:
    """Take a discharged person back, into no section."""
    return call.system.readmit(person_id, by=call.actor)


@api.route("GET", "/sections", refusals=(NotFound,), tag="sections")
def list_sections(call: AtsCall, query: SchoolQuery) -> SectionPage:
    """List the sections of the district or of a school, canceled ones too, in the order of their ids."""
    return call.system.sections(query)


@api.route("POST", "/sections", status=201, refusals=(NotFound, Conflict, Unprocessable), tag="sections")
def add_section(call: AtsCall, body: NewSection) -> Section:
    """Schedule a section, with at most two co-teachers."""
    return call.system.add_section(body, by=call.actor)


@api.route("GET", "/sections/{section_id}", refusals=(NotFound,), tag="sections")
def get_section(call: AtsCall, section_id: str) -> Section:
    """Give a section with its teachers and students."""
    return call.system.section(section_id)


@api.route("PATCH", "/sections/{section_id}", refusals=(NotFound, Conflict), tag="sections")
def edit_section(call: AtsCall, section_id: str, body: SectionEdit) -> Section:
    """Change a section in one go; what is left out stays."""
    return call.system.edit_section(section_id, body, by=call.actor)


@api.route("POST", "/sections/{section_id}/cancel", refusals=(NotFound, Conflict), tag="sections")
def cancel_section(call: AtsCall, section_id: str) -> Section:
    """Cancel a section."""
    return call.system.cancel_section(section_id, by=call.actor)


@api.route("POST", "/sections/{section_id}/restore", refusals=(NotFound, Conflict), tag="sections")
def restore_section(call: AtsCall, section_id: str) -> Section:
    """Take the cancellation of a section back."""
    return call.system.restore_section(section_id, by=call.actor)


@api.route(
    "POST", "/sections/{section_id}/co-teachers", status=201, refusals=(NotFound, Conflict), tag="sections"
)
def add_co_teacher(call: AtsCall, section_id: str, body: CoTeacher) -> Section:
    """Add a co-teacher; a third is refused."""
    return call.system.add_co_teacher(section_id, body.teacher, by=call.actor)


@api.route(
    "DELETE", "/sections/{section_id}/co-teachers/{person_id}", refusals=(NotFound, Conflict), tag="sections"
)
def remove_co_teacher(call: AtsCall, section_id: str, person_id: str) -> Section:
    """Take a co-teacher out of a section."""
    return call.system.remove_co_teacher(section_id, person_id, by=call.actor)


@api.route(
    "POST", "/sections/{section_id}/students", status=201, refusals=(NotFound, Conflict), tag="sections"
)
def enroll_student(call: AtsCall, section_id: str, body: Enrolling) -> Section:
    """Put a student into a section."""
    return call.system.enroll(section_id, body.student, by=call.actor)


@api.route("DELETE", "/sections/{section_id}/students/{osis}", refusals=(NotFound, Conflict), tag="sections")
def drop_student(call: AtsCall, section_id: str, osis: str) -> Section:
    """Take a student out of a section."""
    return call.system.drop(section_id, osis, by=call.actor)


@api.route("GET", "/schedules", refusals=(NotFound,), tag="schedules")
def list_schedules(call: AtsCall, query: ScheduleQuery) -> SchedulePage:
    """List the schedules of the district or of a school."""
    return call.system.schedules(query)


@api.route("GET", "/schedules/{dbn}/{term}", refusals=(NotFound,), tag="schedules")
def get_schedule(call: AtsCall, dbn: str, term: str) -> Schedule:
    """Give the schedule of a school in a term."""
    return call.system.schedule(dbn, term)


@api.route("POST", "/schedules/{dbn}/{term}/finalize", refusals=(NotFound, Conflict), tag="schedules")
def finalize_schedule(call: AtsCall, dbn: str, term: str) -> Schedule:
    """Finalize a schedule: what waits in it leaves now."""
    return call.system.finalize(dbn, term, by=call.actor)


@api.route("POST", "/schedules/{dbn}/{term}/reopen", refusals=(NotFound, Conflict), tag="schedules")
def reopen_schedule(call: AtsCall, dbn: str, term: str) -> Schedule:
    """Make a finalized schedule a draft again."""
    return call.system.reopen(dbn, term, by=call.actor)


@api.route("GET", "/changes", tag="history")
def list_changes(call: AtsCall, query: ChangeQuery) -> ChangePage:
    """List the history, the oldest change first."""
    return call.system.history(query)


@api.route("GET", "/shareable", tag="history")
def list_shareable(call: AtsCall, query: ShareableQuery) -> ShareablePage:
    """List the changes whose lag is over, in the order in which they were made."""
    return call.system.shareable(query)
