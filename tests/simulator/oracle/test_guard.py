from typing import Literal

import pytest

from simulator.oracle.facts import RemovalsApproved, RemovalsDiscarded, SchoolFound, SchoolLost, Settings
from tests.simulator.oracle.builders import (
    ALGEBRA,
    ANNA,
    BEN,
    MEI,
    ROSA,
    SCHOOL,
    STUDENT,
    Town,
    day,
    person,
    section,
    town,
)

TIGHT = Settings(guard_minimum=2)
"""A town of seven is too small for the guard's real numbers."""


def emptied() -> Town:
    """The feed has lost the school, and the run of the night was held."""
    ben = town(TIGHT)
    ben.tell(SchoolLost(at=day(1), dbn=SCHOOL))
    ben.night(1, "held", run=7)
    return ben


def test_too_many_removals_are_withheld_and_everybody_stays_as_they_were() -> None:
    ben = emptied()
    assert (ben.account(BEN).active, ben.member(BEN), ben.belief.classes[ALGEBRA].archived) == (True, STUDENT, False)
    verdict = ben.belief.verdict
    assert verdict is not None
    assert verdict.must == "held"
    assert str(verdict.reason) == "6 of 6 accounts would be removed: more than 20 % and at least 2 (A14)"


def test_in_a_held_night_what_is_new_is_made_and_by_hand_students_are_wiped_all_the_same() -> None:
    settled = [person(f"20000001{number}", schools=("16K393",)) for number in range(4)]
    mei = town(TIGHT, *settled)
    mei.office(day(1, 8), person("200000008"))
    mei.enroll(day(1, 8), "200000008")
    mei.nights(1, 3)
    mei.add(day(4, 11), MEI)
    mei.tell(SchoolLost(at=day(4, 12), dbn="16K393"))
    mei.night(4, "held")
    assert (mei.member("200000008"), mei.member(MEI)) == (STUDENT, None)
    assert all(mei.account(each.id).active for each in settled)


def test_once_approved_they_are_removed() -> None:
    ben = emptied()
    ben.tell(RemovalsApproved(at=day(2), run=7))
    ben.night(2)
    assert (ben.account(BEN).active, ben.belief.classes[ALGEBRA].archived) == (False, True)
    assert ben.belief.verdict is not None
    assert ben.belief.verdict.must == "succeeded"


def test_an_approval_of_another_run_counts_for_nothing() -> None:
    ben = emptied()
    ben.tell(RemovalsApproved(at=day(2), run=6))
    ben.night(2, "held", run=8)
    assert ben.account(BEN).active


def test_an_approval_is_for_what_was_withheld_and_no_more() -> None:
    ben = town(TIGHT, *(person(f"20000001{n}", schools=("16K393",)) for n in range(4)))
    ben.tell(SchoolLost(at=day(1), dbn=SCHOOL))
    ben.night(1, "held", run=7)
    ben.tell(RemovalsApproved(at=day(2), run=7), SchoolLost(at=day(2), dbn="16K393"))
    ben.night(2, "held", run=8)
    assert ben.account(BEN).active
    assert ben.belief.verdict is not None
    assert ben.belief.verdict.must == "held"


def test_once_discarded_they_stay_withheld_night_after_night() -> None:
    ben = emptied()
    ben.tell(RemovalsDiscarded(at=day(2), run=7))
    ben.nights(2, 5)
    assert (ben.account(BEN).active, ben.member(BEN)) == (True, STUDENT)
    assert ben.belief.verdict is not None
    assert "which Support has discarded" in str(ben.belief.verdict.reason)


def test_nothing_is_left_to_be_held_once_the_feed_has_recovered() -> None:
    ben = emptied()
    ben.tell(SchoolFound(at=day(2), dbn=SCHOOL))
    ben.night(2)
    assert ben.belief.verdict is not None
    assert ben.belief.verdict.must == "succeeded"
    assert ben.member(BEN) == STUDENT


@pytest.mark.parametrize(("percent", "must"), [(20, "succeeded"), (19, "held")])
def test_the_share_must_be_over_the_percentage(percent: int, must: Literal["succeeded", "held"]) -> None:
    ten_in_all = [person(f"20000001{number}") for number in range(4)]
    leaving = town(Settings(guard_minimum=2, guard_percent=percent), *ten_in_all)
    for each in ten_in_all[:2]:
        leaving.edit(day(1), each.id, discharged=True)
    leaving.nights(1, 3)
    leaving.night(4, must)
    assert leaving.belief.verdict is not None
    assert leaving.belief.verdict.must == must


def test_a_small_school_goes_whatever_its_share() -> None:
    ben = town()
    ben.tell(SchoolLost(at=day(1), dbn=SCHOOL))
    ben.night(1)
    assert not ben.account(BEN).active  # fewer than 25


def test_a_main_teacher_whose_removal_is_withheld_may_stay_as_anything() -> None:
    ben = town(Settings(guard_minimum=1, guard_percent=0))
    ben.office(day(1), section(teacher=ANNA))
    ben.nights(1, 3)
    ben.night(4, "held")
    membership = ben.member(ROSA)
    assert membership is not None
    assert (membership.part, membership.provenance) == (None, "clever")
