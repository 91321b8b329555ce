"""F2: a section has one teacher and at most two co-teachers."""

import pytest

from fakes.ats import Ats
from fakes.ats.records import SectionEdit
from fakes.shared.refusals import Conflict, NotFound, Unprocessable
from tests.fakes.ats.builders import (
    ANA,
    ELSEWHERE,
    FIRST,
    MAIN,
    OFFICE,
    SECOND,
    SECTION_ID,
    THIRD,
    add_algebra,
    algebra,
    changes,
    populate,
)


def test_two_co_teachers_are_added_one_after_the_other(ats: Ats) -> None:
    add_algebra(ats)
    ats.add_co_teacher(SECTION_ID, FIRST, by=OFFICE)
    section = ats.add_co_teacher(SECTION_ID, SECOND, by=OFFICE)
    assert section.co_teachers == (FIRST, SECOND)
    assert ats.section(SECTION_ID) == section


def test_third_co_teacher_is_refused_and_nothing_changes(ats: Ats) -> None:
    section = add_algebra(ats, FIRST, SECOND)
    history = changes(ats)
    with pytest.raises(Unprocessable, match="at most 2") as refusal:
        ats.add_co_teacher(SECTION_ID, THIRD, by=OFFICE)
    assert refusal.value.status == 422
    assert refusal.value.code == "co_teacher_limit"
    assert "Remove a co-teacher from the section in ATS/STARS" in refusal.value.message
    assert "by hand to the class in Otus" in refusal.value.message
    assert ats.section(SECTION_ID) == section
    assert changes(ats) == history


def test_new_section_with_three_co_teachers_is_refused_and_opens_no_schedule(ats: Ats) -> None:
    populate(ats)
    history = changes(ats)
    with pytest.raises(Unprocessable) as refusal:
        ats.add_section(algebra(FIRST, SECOND, THIRD), by=OFFICE)
    assert refusal.value.code == "co_teacher_limit"
    assert changes(ats) == history
    assert ats.store.schedules(None) == []


def test_edit_to_three_co_teachers_is_refused_and_nothing_changes(ats: Ats) -> None:
    section = add_algebra(ats, FIRST)
    history = changes(ats)
    with pytest.raises(Unprocessable) as refusal:
        ats.edit_section(SECTION_ID, SectionEdit(name="Renamed", co_teachers=(FIRST, SECOND, THIRD)), by=OFFICE)
    assert refusal.value.code == "co_teacher_limit"
    assert ats.section(SECTION_ID) == section
    assert changes(ats) == history


def test_a_co_teacher_removed_makes_room_for_another(ats: Ats) -> None:
    add_algebra(ats, FIRST, SECOND)
    ats.remove_co_teacher(SECTION_ID, FIRST, by=OFFICE)
    assert ats.add_co_teacher(SECTION_ID, THIRD, by=OFFICE).co_teachers == (SECOND, THIRD)


def test_teacher_and_co_teacher_swap_in_one_change(ats: Ats) -> None:
    add_algebra(ats, FIRST)
    section = ats.edit_section(SECTION_ID, SectionEdit(teacher=FIRST, co_teachers=(MAIN,)), by=OFFICE)
    assert (section.teacher, section.co_teachers) == (FIRST, (MAIN,))
    assert [change.action for change in changes(ats, SECTION_ID)] == [
        "add section",
        "change teacher, co-teachers",
    ]


def test_half_a_swap_is_refused_because_somebody_would_stand_twice(ats: Ats) -> None:
    add_algebra(ats, FIRST)
    with pytest.raises(Unprocessable, match="give both in one edit"):
        ats.edit_section(SECTION_ID, SectionEdit(teacher=FIRST), by=OFFICE)


def test_teacher_is_replaced(ats: Ats) -> None:
    add_algebra(ats)
    assert ats.edit_section(SECTION_ID, SectionEdit(teacher=FIRST), by=OFFICE).teacher == FIRST
    assert ats.edit_section(SECTION_ID, SectionEdit(teacher=None), by=OFFICE).teacher is None


@pytest.mark.parametrize("teacher", [MAIN, FIRST])
def test_who_teaches_a_section_already_is_not_added_again(ats: Ats, teacher: str) -> None:
    add_algebra(ats, FIRST)
    with pytest.raises(Conflict, match="already a teacher"):
        ats.add_co_teacher(SECTION_ID, teacher, by=OFFICE)


def test_a_student_is_no_co_teacher(ats: Ats) -> None:
    add_algebra(ats)
    with pytest.raises(Unprocessable, match="is a student") as refusal:
        ats.add_co_teacher(SECTION_ID, ANA, by=OFFICE)
    assert refusal.value.code == "wrong_role"


def test_a_teacher_of_another_school_is_no_co_teacher(ats: Ats) -> None:
    add_algebra(ats)
    with pytest.raises(Unprocessable, match="10X445") as refusal:
        ats.add_co_teacher(SECTION_ID, ELSEWHERE, by=OFFICE)
    assert refusal.value.code == "not_in_school"


def test_a_discharged_teacher_is_no_co_teacher(ats: Ats) -> None:
    add_algebra(ats)
    ats.discharge(FIRST, by=OFFICE)
    with pytest.raises(Conflict, match="readmit them first") as refusal:
        ats.add_co_teacher(SECTION_ID, FIRST, by=OFFICE)
    assert refusal.value.code == "discharged"


def test_an_unknown_teacher_is_not_found(ats: Ats) -> None:
    add_algebra(ats)
    with pytest.raises(NotFound, match="9999999"):
        ats.add_co_teacher(SECTION_ID, "9999999", by=OFFICE)


def test_only_a_co_teacher_is_removed_as_one(ats: Ats) -> None:
    add_algebra(ats, FIRST)
    with pytest.raises(NotFound, match=FIRST):
        ats.remove_co_teacher(SECTION_ID, MAIN, by=OFFICE)
