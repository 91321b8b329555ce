"""A3, F1: sections and enrolments, schools, terms and courses."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from fakes.ats import Ats
from fakes.ats.records import (
    Course,
    NewSection,
    PageQuery,
    School,
    SchoolQuery,
    Section,
    SectionEdit,
    Term,
)
from fakes.shared.refusals import Conflict, NotFound, Refusal, Unprocessable
from tests.fakes.ats.builders import (
    ANA,
    BEN,
    CAM,
    FIRST,
    MAIN,
    OFFICE,
    OTHER_SCHOOL,
    SCHOOL,
    SECTION_ID,
    TERM,
    add_algebra,
    algebra,
    changes,
    populate,
)


def test_a_section_gets_its_id_and_its_name_from_school_term_course_and_number(ats: Ats) -> None:
    section = add_algebra(ats)
    assert (section.id, section.name) == ("02M475-2026-1-ALG1-01", "Algebra 1-01")
    named = ats.add_section(replace(algebra(number="02"), name="Honors"), by=OFFICE)
    assert (named.id, named.name) == ("02M475-2026-1-ALG1-02", "Honors")


def test_students_are_enrolled_and_dropped_one_change_each(ats: Ats) -> None:
    add_algebra(ats)
    ats.enroll(SECTION_ID, BEN, by=OFFICE)
    assert ats.enroll(SECTION_ID, ANA, by=OFFICE).students == (BEN, ANA)
    assert ats.drop(SECTION_ID, BEN, by=OFFICE).students == (ANA,)
    assert [change.action for change in changes(ats, SECTION_ID)] == [
        "add section",
        f"enroll {BEN}",
        f"enroll {ANA}",
        f"drop {BEN}",
    ]
    assert changes(ats, SECTION_ID)[-1].record == ats.section(SECTION_ID)


@pytest.mark.parametrize(
    ("student", "refusal", "words"),
    [
        (ANA, Conflict, "already in section"),
        (CAM, Unprocessable, "10X445"),
        (FIRST, Unprocessable, "is a teacher"),
        ("209999999", NotFound, "209999999"),
    ],
)
def test_who_cannot_be_enrolled_is_refused_and_nothing_changes(
    ats: Ats, student: str, refusal: type[Refusal], words: str
) -> None:
    section = add_algebra(ats, students=(ANA,))
    history = changes(ats)
    with pytest.raises(refusal, match=words):
        ats.enroll(SECTION_ID, student, by=OFFICE)
    assert ats.section(SECTION_ID) == section
    assert changes(ats) == history


def test_a_discharged_student_is_not_enrolled(ats: Ats) -> None:
    add_algebra(ats)
    ats.discharge(ANA, by=OFFICE)
    with pytest.raises(Conflict, match="is discharged"):
        ats.enroll(SECTION_ID, ANA, by=OFFICE)


def test_only_who_is_enrolled_is_dropped(ats: Ats) -> None:
    add_algebra(ats, students=(ANA,))
    with pytest.raises(NotFound, match="is not enrolled"):
        ats.drop(SECTION_ID, BEN, by=OFFICE)


@pytest.mark.parametrize(
    ("new", "refusal", "words"),
    [
        (algebra(), Conflict, "exists already"),
        (replace(algebra(number="02"), dbn="99Z999"), NotFound, "no school '99Z999'"),
        (replace(algebra(number="02"), term="2030-1"), NotFound, "no term '2030-1'"),
        (replace(algebra(number="02"), course="LATIN"), NotFound, "no course 'LATIN'"),
        (replace(algebra(number="02"), teacher="9999999"), NotFound, "9999999"),
        (algebra(number="02", students=("209999999",)), NotFound, "209999999"),
        (algebra(number="02", students=(CAM,)), Unprocessable, "10X445"),
        (algebra(number="02", students=(ANA, ANA)), Unprocessable, "twice among the students"),
        (algebra(MAIN, number="02"), Unprocessable, "twice among the teachers"),
        (algebra(number="0/2"), Unprocessable, "slash"),
        (algebra(number="02\n"), Unprocessable, "invisible"),
        (algebra(number="0" * 200), Unprocessable, "200"),
    ],
)
def test_a_section_that_cannot_be_scheduled_is_refused(
    ats: Ats, new: NewSection, refusal: type[Refusal], words: str
) -> None:
    add_algebra(ats)
    history = changes(ats)
    with pytest.raises(refusal, match=words):
        ats.add_section(new, by=OFFICE)
    assert changes(ats) == history


def test_an_edit_of_a_section_that_changes_nothing_writes_no_change(ats: Ats) -> None:
    section = add_algebra(ats, FIRST)
    history = changes(ats)
    assert ats.edit_section(SECTION_ID, SectionEdit(teacher=MAIN, co_teachers=(FIRST,)), by=OFFICE) == section
    assert changes(ats) == history


def test_name_and_period_change_together(ats: Ats) -> None:
    add_algebra(ats)
    section = ats.edit_section(SECTION_ID, SectionEdit(name="Algebra, evening", period="9"), by=OFFICE)
    assert (section.name, section.period) == ("Algebra, evening", "9")
    assert changes(ats, SECTION_ID)[-1].action == "change name, period"


def test_a_canceled_section_keeps_everybody_and_is_restored_with_them(ats: Ats) -> None:
    section = add_algebra(ats, FIRST, students=(ANA,))
    assert ats.cancel_section(SECTION_ID, by=OFFICE) == replace(section, canceled=True)
    assert ats.restore_section(SECTION_ID, by=OFFICE) == section
    assert [change.action for change in changes(ats, SECTION_ID)] == ["add section", "cancel", "restore"]


def test_a_canceled_section_is_not_edited(ats: Ats) -> None:
    add_algebra(ats, FIRST, students=(ANA,))
    with pytest.raises(Conflict, match="not canceled"):
        ats.restore_section(SECTION_ID, by=OFFICE)
    ats.cancel_section(SECTION_ID, by=OFFICE)
    history = changes(ats)
    edits: list[Callable[[], Section]] = [
        lambda: ats.enroll(SECTION_ID, BEN, by=OFFICE),
        lambda: ats.drop(SECTION_ID, ANA, by=OFFICE),
        lambda: ats.remove_co_teacher(SECTION_ID, FIRST, by=OFFICE),
        lambda: ats.add_co_teacher(SECTION_ID, FIRST, by=OFFICE),
        lambda: ats.edit_section(SECTION_ID, SectionEdit(name="Renamed"), by=OFFICE),
        lambda: ats.cancel_section(SECTION_ID, by=OFFICE),
    ]
    for edit in edits:
        with pytest.raises(Conflict, match="restore it first"):
            edit()
    assert changes(ats) == history


def test_an_unknown_section_is_not_found(ats: Ats) -> None:
    with pytest.raises(NotFound, match="no section"):
        ats.enroll("02M475-2026-1-ALG1-99", ANA, by=OFFICE)


def test_schools_terms_and_courses_are_not_added_twice(ats: Ats) -> None:
    populate(ats)
    repetitions: list[Callable[[], object]] = [
        lambda: ats.add_school(ats.school(SCHOOL), by=OFFICE),
        lambda: ats.add_term(ats.term(TERM), by=OFFICE),
        lambda: ats.add_course(ats.course("ALG1"), by=OFFICE),
    ]
    for repetition in repetitions:
        with pytest.raises(Conflict, match="exists already"):
            repetition()


@pytest.mark.parametrize(
    ("start", "end"), [("2026-09-31", "2027-01-29"), ("2027-01-29", "2026-09-10"), ("2026-09-10", "20270129")]
)
def test_a_term_has_two_days_in_order(ats: Ats, start: str, end: str) -> None:
    with pytest.raises(Unprocessable):
        ats.add_term(Term(code="2026-2", name="Spring", start=start, end=end), by=OFFICE)


def test_a_code_with_a_slash_is_refused(ats: Ats) -> None:
    with pytest.raises(Unprocessable, match="term code"):
        ats.add_term(Term(code="2026/1", name="Fall", start="2026-09-10", end="2027-01-29"), by=OFFICE)
    with pytest.raises(Unprocessable, match="course code"):
        ats.add_course(Course(code="A/B", name="Both"), by=OFFICE)


def test_a_dbn_is_district_borough_and_number(ats: Ats) -> None:
    for dbn in ("2M475", "02M4755", "02M475\n", "02m475"):
        with pytest.raises(Unprocessable, match="regex"):
            ats.add_school(School(dbn=dbn, name="Nowhere"), by=OFFICE)


def test_records_come_page_by_page(ats: Ats) -> None:
    add_algebra(ats)
    ats.add_section(algebra(number="02"), by=OFFICE)
    first = ats.schools(PageQuery(limit=1))
    assert ([school.dbn for school in first.items], first.next) == ([SCHOOL], SCHOOL)
    second = ats.schools(PageQuery(after=SCHOOL, limit=1))
    assert ([school.dbn for school in second.items], second.next) == ([OTHER_SCHOOL], None)
    assert [term.code for term in ats.terms(PageQuery()).items] == [TERM]
    assert [course.code for course in ats.courses(PageQuery()).items] == ["ALG1"]
    page = ats.sections(SchoolQuery(dbn=SCHOOL, limit=1))
    assert ([section.id for section in page.items], page.next) == ([SECTION_ID], SECTION_ID)
    assert len(ats.sections(SchoolQuery()).items) == 2
    assert ats.sections(SchoolQuery(dbn=OTHER_SCHOOL)).items == []
    with pytest.raises(NotFound):
        ats.sections(SchoolQuery(dbn="99Z999"))
