from datetime import timedelta

from simulator.oracle.facts import (
    CleverPaused,
    CleverResumed,
    SchoolFound,
    SchoolLost,
    SchoolShared,
    SchoolUnshared,
)
from tests.simulator.oracle.builders import ALGEBRA, BEN, MEI, SCHOOL, STUDENT, day, section, town


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
