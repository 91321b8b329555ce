"""A small district to arrange stories in: one school with its people, one section, and a clock to turn."""

from datetime import UTC, datetime, timedelta

from fakes.ats import Ats
from fakes.ats.records import (
    Change,
    ChangeQuery,
    Course,
    NewSection,
    Person,
    School,
    Section,
    ShareableQuery,
    Term,
)

OFFICE = "DIIT office"

SCHOOL, OTHER_SCHOOL = "02M475", "10X445"
TERM = "2026-1"
SECTION_ID = "02M475-2026-1-ALG1-01"

MAIN, FIRST, SECOND, THIRD, ELSEWHERE = "1000001", "1000002", "1000003", "1000004", "1000005"
"""Teachers; the last one teaches at the other school."""
ANA, BEN, CAM = "200000001", "200000002", "200000003"
"""Students; the last one goes to the other school."""

MONDAY = datetime(2026, 9, 14, 14, 0, tzinfo=UTC)
"""Monday, 14 September 2026, 10:00 in New York."""


class TurnedClock:
    """A clock that stands still until a test turns it."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, hours: float) -> datetime:
        self.now += timedelta(hours=hours)
        return self.now


def person(person_id: str, *schools: str, email: str | None = None) -> Person:
    role = "student" if len(person_id) == 9 else "teacher"
    return Person(
        id=person_id,
        role=role,  # type: ignore[arg-type]  # one of the two words
        first_name="Robin",
        last_name=f"Number {person_id[-1]}",
        email=f"{person_id}@nycstudents.net" if email is None else email,
        schools=schools or (SCHOOL,),
    )


def populate(ats: Ats) -> None:
    """Two schools, a term, a course, five teachers, three students; no section yet."""
    ats.add_school(School(dbn=SCHOOL, name="Stuyvesant High School"), by=OFFICE)
    ats.add_school(School(dbn=OTHER_SCHOOL, name="Bronx Science"), by=OFFICE)
    ats.add_term(Term(code=TERM, name="Fall 2026", start="2026-09-10", end="2027-01-29"), by=OFFICE)
    ats.add_course(Course(code="ALG1", name="Algebra 1", subject="math"), by=OFFICE)
    for person_id in (MAIN, FIRST, SECOND, THIRD, ANA, BEN):
        ats.add_person(person(person_id), by=OFFICE)
    for person_id in (ELSEWHERE, CAM):
        ats.add_person(person(person_id, OTHER_SCHOOL), by=OFFICE)


def algebra(*co_teachers: str, students: tuple[str, ...] = (), number: str = "01") -> NewSection:
    return NewSection(
        dbn=SCHOOL,
        term=TERM,
        course="ALG1",
        number=number,
        teacher=MAIN,
        co_teachers=co_teachers,
        students=students,
    )


def add_algebra(ats: Ats, *co_teachers: str, students: tuple[str, ...] = (), finalized: bool = False) -> Section:
    """A populated district with one section in it."""
    populate(ats)
    section = ats.add_section(algebra(*co_teachers, students=students), by=OFFICE)
    if finalized:
        ats.finalize(SCHOOL, TERM, by=OFFICE)
    return section


def changes(ats: Ats, key: str | None = None) -> list[Change]:
    return ats.history(ChangeQuery(key=key)).items


def shared_actions(ats: Ats, key: str) -> list[str]:
    """What of a record may be shared by now, in words."""
    return [shared.change.action for shared in ats.shareable(ShareableQuery()).items if shared.change.record.key == key]


def turn(ats: Ats, hours: float) -> datetime:
    """Turn the clock of an ATS that a test was given."""
    assert isinstance(ats.clock, TurnedClock)
    return ats.clock.turn(hours)
