from datetime import timedelta

import pytest

from fakes.ats.records import Term
from simulator.oracle.belief import Membership
from simulator.oracle.facts import (
    AtsChange,
    CleverPaused,
    CleverResumed,
    HoldDiscarded,
    HoldReleased,
    HoldSettings,
    Key,
    SchoolDeliveredAgain,
    SchoolFound,
    SchoolLost,
    SchoolShared,
    SchoolUnshared,
    Settings,
    TeacherIsUser,
    rostered_class,
)
from tests.simulator.oracle.builders import (
    ALGEBRA,
    ANNA,
    BEN,
    MEI,
    OMAR,
    OTHER_SCHOOL,
    ROSA,
    SCHOOL,
    STUDENT,
    TEACHER,
    day,
    email_of,
    section,
    town,
)

HOLD = Settings(hold=HoldSettings(percent=20, minimum=2, terms=True))
FALL = Term("2026-1", "Fall 2026", "2026-09-08", "2027-01-31")


def test_what_is_delivered_while_clever_pauses_arrives_when_it_goes_on() -> None:
    mei = town()
    mei.enroll(day(1), MEI)
    mei.tell(CleverPaused(at=day(2)))
    mei.nights(2, 9)
    assert mei.member(MEI) is None
    mei.tell(CleverResumed(at=day(10)))
    mei.night(10)
    assert mei.member(MEI) == STUDENT
    assert "in Clever since Wed 23 Sep 10:00" in mei.why(MEI)


def test_an_empty_export_takes_everybody_out_of_clever_and_a_whole_one_brings_them_back() -> None:
    ben = town()
    ben.tell(SchoolLost(at=day(1), dbn=SCHOOL))
    ben.night(1)
    assert (ben.account(BEN).active, ben.belief.classes[ALGEBRA].archived) == (False, True)
    ben.tell(SchoolFound(at=day(2), dbn=SCHOOL))
    ben.night(2)
    assert (ben.account(BEN).active, ben.member(BEN)) == (True, STUDENT)


def test_what_falls_due_while_a_school_is_lost_comes_with_the_whole_export() -> None:
    mei = town()
    mei.enroll(day(1), MEI)
    mei.tell(SchoolLost(at=day(3), dbn=SCHOOL))
    mei.night(4)
    assert mei.member(MEI) is None
    mei.tell(SchoolFound(at=day(5), dbn=SCHOOL))
    mei.night(5)
    assert mei.member(MEI) == STUDENT


def test_a_school_that_is_not_shared_any_more_leaves_otus_and_comes_back() -> None:
    ben = town()
    ben.tell(SchoolUnshared(at=day(1), dbn=SCHOOL))
    ben.night(1)
    assert (ben.account(BEN).active, ben.belief.classes[ALGEBRA].archived) == (False, True)  # H11
    ben.tell(SchoolShared(at=day(2), dbn=SCHOOL))
    ben.night(2)
    assert (ben.account(BEN).active, ben.member(BEN)) == (True, STUDENT)


def test_changes_of_one_record_keep_their_order() -> None:
    mei = town()
    mei.edit(day(1), MEI, email="first@x.example")
    mei.edit(day(1), MEI, email="second@x.example")
    mei.nights(1, 4)
    assert mei.account(MEI).email == "second@x.example"


def test_a_shorter_lag_is_seen_a_night_earlier() -> None:
    mei = town()
    mei.office(day(1), section(students=(BEN, MEI)), lag=timedelta(hours=48))
    mei.nights(1, 2)
    assert mei.member(MEI) is None
    mei.night(3)
    assert mei.member(MEI) == STUDENT


@pytest.mark.parametrize(("said", "left"), [(HoldReleased, None), (HoldDiscarded, STUDENT)])
def test_a_delivery_that_takes_much_away_waits_and_what_comes_later_waits_behind_it(
    said: type[HoldReleased | HoldDiscarded], left: Membership | None
) -> None:
    ben = town(HOLD)
    ben.office(day(1), section(students=(BEN, MEI, OMAR)))
    ben.nights(1, 4)
    ben.office(day(2), section(students=(OMAR,)))
    ben.edit(day(2, 11), MEI, email="mei@new.example")
    ben.nights(5, 6)
    assert (ben.member(BEN), ben.account(MEI).email) == (STUDENT, email_of(MEI))
    ben.tell(said(at=day(7)))
    ben.night(7)
    assert (ben.member(BEN), ben.account(MEI).email) == (left, "mei@new.example")


def test_one_who_goes_is_not_too_much_for_clever() -> None:
    ben = town(HOLD)
    ben.drop(day(1), BEN)
    ben.nights(1, 4)
    assert ben.member(BEN) is None


def test_a_term_that_changes_is_held_if_the_district_wants_it_and_the_first_ones_are_not() -> None:
    mei = town(HOLD)
    mei.tell(AtsChange(at=day(1), record=FALL, shared_at=day(1)))
    mei.enroll(day(1), MEI)
    mei.nights(1, 4)
    assert mei.member(MEI) == STUDENT
    later = Term(FALL.code, "Autumn 2026", FALL.start, FALL.end)
    mei.tell(AtsChange(at=day(5), record=later, shared_at=day(5)))
    mei.enroll(day(5), OMAR)
    mei.nights(5, 8)
    assert mei.member(OMAR) is None
    mei.tell(HoldReleased(at=day(9)))
    mei.night(9)
    assert mei.member(OMAR) == STUDENT


def test_a_release_goes_through_while_clever_pauses_and_what_waits_behind_it_does_not() -> None:
    ben = town(HOLD)
    ben.office(day(1), section(students=(BEN, MEI, OMAR)))
    ben.nights(1, 4)
    ben.office(day(2), section(students=()))
    ben.enroll(day(2, 11), MEI)
    ben.tell(CleverPaused(at=day(5, 12)), HoldReleased(at=day(5, 13)))
    ben.night(5)
    assert (ben.member(BEN), ben.member(MEI)) == (None, None)
    ben.tell(CleverResumed(at=day(6)))
    ben.night(6)
    assert ben.member(MEI) == STUDENT


def test_a_school_that_is_delivered_again_comes_back_though_the_feed_has_lost_it() -> None:
    ben = town()
    ben.tell(SchoolLost(at=day(1), dbn=SCHOOL), SchoolDeliveredAgain(at=day(1, 11), dbn=SCHOOL))
    ben.night(1)
    assert (ben.account(BEN).active, ben.member(BEN)) == (True, STUDENT)
    ben.enroll(day(1), MEI)
    ben.nights(2, 4)
    assert ben.member(MEI) is None  # the feed goes on leaving the school out


def test_a_section_comes_back_as_another_one_after_as_many_days_as_clever_remembers() -> None:
    for remembered, living in ((2, ALGEBRA), (1, rostered_class(ALGEBRA, 2))):
        ben = town(Settings(identity_days=remembered))
        ben.tell(SchoolLost(at=day(1), dbn=SCHOOL), SchoolFound(at=day(2, 11), dbn=SCHOOL))
        ben.night(2)
        assert [name for name, each in ben.belief.classes.items() if not each.archived] == [living]


def test_a_teacher_who_comes_back_as_another_user_has_to_be_adjusted() -> None:
    rosa, key = town(), Key("teacher", ROSA)
    rosa.tell(TeacherIsUser(at=day(1), key=key, user="first"))
    rosa.tell(SchoolLost(at=day(1), dbn=SCHOOL), SchoolFound(at=day(2), dbn=SCHOOL))
    rosa.tell(TeacherIsUser(at=day(2), key=key, user="of the staff"))
    rosa.night(2)
    assert (rosa.account(ROSA).active, key in rosa.belief.kept_out) == (False, True)
    rosa.adjust_id(day(3), ROSA, key)
    rosa.night(3)
    assert (rosa.account(ROSA).active, rosa.member(ROSA)) == (True, TEACHER)
    rosa.tell(TeacherIsUser(at=day(4), key=key, user="first"))
    rosa.night(4)
    assert rosa.account(ROSA).active is False


def test_whoever_becomes_the_user_that_somebody_else_was_has_their_account() -> None:  # A10
    both = town()
    both.tell(TeacherIsUser(at=day(1), key=Key("teacher", ROSA), user="of both roles"))
    both.tell(TeacherIsUser(at=day(1), key=Key("teacher", ANNA), user="another"))
    both.night(1)
    both.tell(TeacherIsUser(at=day(2), key=Key("teacher", ANNA), user="of both roles"))
    both.tell(TeacherIsUser(at=day(2), key=Key("teacher", ROSA), user="a third"))
    both.night(2)
    accounts = both.belief.accounts
    assert accounts[f"teacher {ROSA}"].sis_id == ANNA
    assert not accounts[f"teacher {ANNA}"].active


def test_a_teacher_is_shown_where_they_are_staff_if_not_where_they_teach() -> None:  # H11
    rosa, key = town(), Key("teacher", ROSA)
    rosa.tell(TeacherIsUser(at=day(1), key=key, user="first", staff_at=frozenset({OTHER_SCHOOL})))
    rosa.tell(SchoolUnshared(at=day(1), dbn=SCHOOL))
    rosa.night(1)
    assert rosa.account(ROSA).active
    rosa.tell(SchoolUnshared(at=day(2), dbn=OTHER_SCHOOL))
    rosa.night(2)
    assert not rosa.account(ROSA).active
