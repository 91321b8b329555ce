from msgspec.structs import replace

from simulator.oracle.belief import Item
from simulator.oracle.facts import ManualRosteringSwitched, Settings, rostered_class
from tests.simulator.oracle.builders import (
    ALGEBRA,
    BEN,
    CO_TEACHER_BY_HAND,
    KOFI,
    MEI,
    SANDBOX,
    STUDENT,
    day,
    section,
    town,
)

BIOLOGY = "02M475-2026-1-BIO-01"


def test_a_class_gone_from_clever_is_archived_and_comes_back_with_its_by_hand_co_teacher() -> None:
    algebra = town()
    algebra.add(day(1, 9), KOFI, part="co_teacher")
    algebra.office(day(1), section(canceled=True))
    algebra.nights(1, 3)
    assert not algebra.belief.classes[ALGEBRA].archived
    algebra.night(4)
    assert algebra.belief.classes[ALGEBRA].archived  # A12
    assert algebra.belief.accounts[f"student {BEN}"].active
    algebra.office(day(10), section())
    algebra.nights(10, 13)
    assert not algebra.belief.classes[ALGEBRA].archived
    assert (algebra.member(KOFI), algebra.member(BEN)) == (CO_TEACHER_BY_HAND, STUDENT)


def test_a_section_that_returns_after_300_days_is_another_class() -> None:
    algebra = town()
    algebra.office(day(1), section(canceled=True))
    algebra.nights(1, 4)
    algebra.office(day(310), section())
    algebra.nights(310, 314)
    assert algebra.belief.classes[ALGEBRA].archived
    assert not algebra.belief.classes[rostered_class(ALGEBRA, 2)].archived


def test_a_class_archived_by_hand_is_back_as_long_as_clever_has_it() -> None:
    algebra = town()
    algebra.edit_class(day(1), ALGEBRA, archived=True)
    assert algebra.belief.classes[ALGEBRA].archived
    algebra.night(1)
    assert not algebra.belief.classes[ALGEBRA].archived
    reason = algebra.belief.reasons[Item("state", ALGEBRA)]
    assert str(reason).startswith("archived by hand Mon 14 Sep 10:00")
    assert reason.rules == ("H2",)


def test_a_class_without_a_section_that_is_taken_out_of_the_archive_goes_back_into_it() -> None:
    algebra = town()
    algebra.office(day(1), section(canceled=True))
    algebra.nights(1, 4)
    algebra.edit_class(day(5), ALGEBRA, archived=False)
    algebra.night(5)
    assert algebra.belief.classes[ALGEBRA].archived


def test_a_class_deleted_by_hand_is_made_anew_without_what_was_by_hand() -> None:
    algebra = town()
    algebra.add(day(1, 9), KOFI, part="co_teacher")
    algebra.hand_in(day(1, 9), BEN)
    algebra.delete_class(day(1), ALGEBRA)
    assert ALGEBRA not in algebra.belief.classes
    algebra.night(1)
    assert (algebra.member(BEN), algebra.member(KOFI), algebra.belief.works) == (STUDENT, None, ())
    reason = algebra.belief.reasons[Item("class", ALGEBRA)]
    assert (reason.rules, str(reason).split(",")[0]) == (("A17",), "deleted by hand Mon 14 Sep 10:00")


def test_a_name_edited_in_otus_is_overwritten_or_kept_as_the_district_has_it() -> None:
    for settings, called in ((Settings(), "Algebra 1-01"), (Settings(overwrite_class_names=False), "Numbers")):
        algebra = town(settings)
        algebra.edit_class(day(1), ALGEBRA, name="Numbers")
        algebra.nights(1, 3)
        assert algebra.belief.classes[ALGEBRA].name == called  # H10


def test_whether_a_new_name_from_ats_arrives_where_names_are_kept_no_rule_says() -> None:
    algebra = town(Settings(overwrite_class_names=False))
    algebra.office(day(1), section(name="Algebra I-01"))
    algebra.nights(1, 4)
    assert algebra.belief.classes[ALGEBRA].name is None


def test_an_empty_section_is_a_class() -> None:
    biology = town()
    biology.office(day(1), section(BIOLOGY, name="Biology-01", teacher=None, students=()))
    biology.nights(1, 4)
    assert dict(biology.belief.classes[BIOLOGY].members) == {}  # H11


def test_a_class_made_by_hand_is_never_touched_renamed_or_archived_as_it_may_be() -> None:
    sandbox = town()
    sandbox.make_sandbox(day(1), MEI)
    sandbox.edit_class(day(2), SANDBOX, name="Practice 2", archived=True)
    sandbox.nights(2, 9)
    klass = sandbox.belief.classes[SANDBOX]
    assert (klass.name, klass.archived, len(klass.members)) == ("Practice 2", True, 2)  # F10


def test_without_manual_rostering_no_class_can_have_been_made_by_hand() -> None:
    sandbox = town()
    sandbox.tell(ManualRosteringSwitched(at=day(1, 8), on=False))
    sandbox.make_sandbox(day(1))
    assert SANDBOX not in sandbox.belief.classes
    assert sandbox.belief.reasons[Item("class", SANDBOX)].rules == ("F11",)


def test_turning_manual_rostering_off_later_removes_nothing() -> None:
    sandbox = town()
    sandbox.make_sandbox(day(1), MEI)
    sandbox.tell(ManualRosteringSwitched(at=day(2), on=False))
    sandbox.nights(2, 4)
    assert len(sandbox.belief.classes[SANDBOX].members) == 2  # A9


def test_work_is_hidden_while_its_student_is_out_of_the_class_and_there_on_their_return() -> None:
    ben = town()
    ben.hand_in(day(1, 9), BEN)
    ben.drop(day(1), BEN)
    ben.nights(1, 3)
    assert ben.belief.shows(ben.belief.works[0]) is True
    ben.night(4)
    assert ben.belief.shows(ben.belief.works[0]) is False  # H7
    ben.enroll(day(5), BEN)
    ben.nights(5, 8)
    assert ben.belief.shows(ben.belief.works[0]) is True


def test_who_of_its_roster_is_left_in_an_archived_class_no_rule_says() -> None:
    algebra = town()
    algebra.add(day(1, 9), KOFI, part="co_teacher")
    algebra.hand_in(day(1, 9), BEN)
    algebra.office(day(1), replace(section(), canceled=True))
    algebra.nights(1, 4)
    assert algebra.belief.members_judged(ALGEBRA) == {f"teacher {KOFI}": CO_TEACHER_BY_HAND}
    assert algebra.belief.shows(algebra.belief.works[0]) is None
