"""F1, A1, A3, H4: people, and what happens to their sections when they leave."""

import pytest
from msgspec.structs import replace

from fakes.ats import Ats
from fakes.ats.records import Person, PersonEdit, SchoolQuery
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
    add_algebra,
    algebra,
    changes,
    person,
    populate,
    turn,
)


def test_an_email_is_changed_in_one_change_that_leaves_at_once(ats: Ats) -> None:
    populate(ats)
    turn(ats, 1)
    ats.edit_person(ANA, PersonEdit(email="ana@nycstudents.net"), by="school secretary")
    change = changes(ats, ANA)[-1]
    assert (change.action, change.by) == ("change email", "school secretary")
    assert change.at == change.released_at == "2026-09-14T15:00:00.000Z"
    assert change.record == ats.person(ANA) == replace(person(ANA), email="ana@nycstudents.net")


def test_an_edit_that_changes_nothing_writes_no_change(ats: Ats) -> None:
    populate(ats)
    history = changes(ats)
    ats.edit_person(ANA, PersonEdit(email=person(ANA).email, first_name="Robin"), by=OFFICE)
    ats.edit_person(ANA, PersonEdit(), by=OFFICE)
    assert changes(ats) == history


def test_a_change_of_case_alone_is_a_change(ats: Ats) -> None:
    populate(ats)
    email = person(ANA).email.upper()
    assert ats.edit_person(ANA, PersonEdit(email=email), by=OFFICE).email == email
    assert len(changes(ats, ANA)) == 2


def test_two_people_may_have_one_email_or_none(ats: Ats) -> None:
    populate(ats)
    for email in ("same@nycstudents.net", ""):
        for student in (ANA, BEN):
            assert ats.edit_person(student, PersonEdit(email=email), by=OFFICE).email == email


def test_who_leaves_the_district_leaves_every_section_first(ats: Ats) -> None:
    add_algebra(ats, FIRST, students=(ANA, BEN))
    ats.add_section(replace(algebra(number="02", students=(ANA,)), teacher=FIRST), by=OFFICE)
    before = len(changes(ats))
    ats.discharge(ANA, by=OFFICE)
    assert [(change.record.key, change.action) for change in changes(ats)[before:]] == [
        (SECTION_ID, f"drop {ANA} (discharged)"),
        ("02M475-2026-1-ALG1-02", f"drop {ANA} (discharged)"),
        (ANA, "discharge"),
    ]
    assert ats.section(SECTION_ID).students == (BEN,)
    assert ats.person(ANA).discharged


def test_a_teacher_who_leaves_is_gone_as_teacher_and_as_co_teacher(ats: Ats) -> None:
    add_algebra(ats, FIRST)
    second = ats.add_section(replace(algebra(number="02"), teacher=FIRST), by=OFFICE)
    ats.discharge(FIRST, by=OFFICE)
    assert ats.section(SECTION_ID).co_teachers == ()
    assert ats.section(SECTION_ID).teacher == MAIN
    assert ats.section(second.id).teacher is None


def test_who_leaves_also_leaves_a_canceled_section_and_is_not_restored_with_it(ats: Ats) -> None:
    add_algebra(ats, students=(ANA, BEN))
    ats.cancel_section(SECTION_ID, by=OFFICE)
    ats.discharge(ANA, by=OFFICE)
    assert ats.restore_section(SECTION_ID, by=OFFICE).students == (BEN,)


def test_a_readmitted_student_is_in_their_school_and_in_no_section(ats: Ats) -> None:
    add_algebra(ats, students=(ANA,))
    ats.discharge(ANA, by=OFFICE)
    assert not ats.readmit(ANA, by=OFFICE).discharged
    assert ats.section(SECTION_ID).students == ()
    assert ats.enroll(SECTION_ID, ANA, by=OFFICE).students == (ANA,)


def test_nobody_is_discharged_or_readmitted_twice(ats: Ats) -> None:
    populate(ats)
    with pytest.raises(Conflict, match="only a discharged person"):
        ats.readmit(ANA, by=OFFICE)
    ats.discharge(ANA, by=OFFICE)
    with pytest.raises(Conflict, match="discharged already"):
        ats.discharge(ANA, by=OFFICE)


def test_who_transfers_leaves_the_sections_of_the_old_school(ats: Ats) -> None:
    add_algebra(ats, students=(ANA, BEN))
    ats.edit_person(ANA, PersonEdit(schools=(OTHER_SCHOOL,)), by=OFFICE)
    assert ats.section(SECTION_ID).students == (BEN,)
    assert changes(ats, SECTION_ID)[-1].action == f"drop {ANA} (left {SCHOOL})"
    assert ANA in [student.id for student in ats.people(SchoolQuery(dbn=OTHER_SCHOOL)).items]
    assert ANA not in [student.id for student in ats.people(SchoolQuery(dbn=SCHOOL)).items]


def test_who_joins_a_second_school_stays_in_the_sections_of_the_first(ats: Ats) -> None:
    add_algebra(ats, students=(ANA,))
    ats.edit_person(ANA, PersonEdit(schools=(OTHER_SCHOOL, SCHOOL)), by=OFFICE)
    assert ats.section(SECTION_ID).students == (ANA,)


@pytest.mark.parametrize(
    ("newcomer", "refusal", "words"),
    [
        (person(ANA), Conflict, "exists already"),
        (replace(person("300000001"), role="teacher"), Unprocessable, "9 digits"),
        (replace(person("1000009"), role="student"), Unprocessable, "7 digits"),
        (replace(person("300000001"), role="principal"), Unprocessable, "principal"),
        (person("300000001", "99Z999"), NotFound, "99Z999"),
        (replace(person("300000001"), schools=()), Unprocessable, "no school"),
        (person("300000001", SCHOOL, SCHOOL), Unprocessable, "twice in a school"),
        (replace(person("300000001"), first_name=""), Unprocessable, "first_name"),
        (person("30000000x"), Unprocessable, "regex"),
        (person("30000000\n"), Unprocessable, "regex"),
        (person("٣٠٠٠٠٠٠٠١"), Unprocessable, "regex"),
    ],
)
def test_a_person_who_cannot_be_added_is_refused(
    ats: Ats, newcomer: Person, refusal: type[Refusal], words: str
) -> None:
    populate(ats)
    history = changes(ats)
    with pytest.raises(refusal, match=words):
        ats.add_person(newcomer, by=OFFICE)
    assert changes(ats) == history


@pytest.mark.parametrize(
    ("edit", "refusal"),
    [
        (PersonEdit(schools=()), Unprocessable),
        (PersonEdit(schools=(SCHOOL, SCHOOL)), Unprocessable),
        (PersonEdit(schools=("99Z999",)), NotFound),
        (PersonEdit(last_name="", schools=(OTHER_SCHOOL,)), Unprocessable),
    ],
)
def test_an_edit_that_is_refused_leaves_person_and_sections_alone(
    ats: Ats, edit: PersonEdit, refusal: type[Refusal]
) -> None:
    add_algebra(ats, students=(ANA,))
    history = changes(ats)
    with pytest.raises(refusal):
        ats.edit_person(ANA, edit, by=OFFICE)
    assert ats.person(ANA) == person(ANA)
    assert changes(ats) == history


def test_an_unknown_person_is_not_found(ats: Ats) -> None:
    for ask in (
        ats.person,
        lambda key: ats.discharge(key, by=OFFICE),
        lambda key: ats.readmit(key, by=OFFICE),
    ):
        with pytest.raises(NotFound, match="no person '209999999'"):
            ask("209999999")


def test_people_come_page_by_page_in_the_order_of_their_ids(ats: Ats) -> None:
    populate(ats)
    pages: list[int] = []
    ids: list[str] = []
    after = ""
    while True:
        page = ats.people(SchoolQuery(after=after, limit=3))
        pages.append(len(page.items))
        ids += [found.id for found in page.items]
        if page.next is None:
            break
        after = page.next
    assert pages == [3, 3, 2]
    assert ids == sorted(ids)
    assert ats.people(SchoolQuery(dbn=OTHER_SCHOOL, limit=2)).next is None
    assert [found.id for found in ats.people(SchoolQuery(dbn=OTHER_SCHOOL, after=CAM)).items] == []
