"""What the rules leave open: nights that failed, and what happened while a night ran."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.oracle.facts import (
    AccountEdited,
    Key,
    MemberAdded,
    MemberRemoved,
    NightRan,
    Outcome,
    RemovalsDiscarded,
    SchoolLost,
    Settings,
    SyncPaused,
    SyncResumed,
)
from tests.simulator.oracle.builders import (
    ALGEBRA,
    ANNA,
    BEN,
    CO_TEACHER,
    CO_TEACHER_BY_HAND,
    KOFI,
    MEI,
    OMAR,
    SCHOOL,
    STUDENT,
    STUDENT_BY_HAND,
    Town,
    day,
    email_of,
    section,
    town,
)

OUTCOMES: tuple[Outcome, ...] = ("failed", "succeeded", "held")


def ways_of(told: Town, number: str) -> set[object]:
    """All that may be of somebody in the class."""
    name = f"{'teacher' if number.startswith('1') else 'student'} {number}"
    return {belief.classes[ALGEBRA].members.get(name) for belief in told.oracle.possible()}


def test_after_a_failed_night_the_oracle_is_not_settled_until_a_good_one() -> None:
    mei = town()
    settled = [mei.oracle.settled]
    for number, outcome in enumerate(OUTCOMES, start=1):
        mei.night(number, outcome)
        settled.append(mei.oracle.settled)
    assert settled == [True, False, True, True]


def test_a_failed_night_may_have_done_nothing_or_all_of_its_work() -> None:
    mei = town()
    mei.add(day(1), MEI)
    mei.night(1, "failed")
    assert ways_of(mei, MEI) == {STUDENT_BY_HAND, None}
    mei.night(2)
    assert ways_of(mei, MEI) == {None}  # A15: it converges


def test_whether_a_failed_night_has_rostered_a_by_hand_co_teacher_stays_open() -> None:
    kofi = town()
    kofi.add(day(1), KOFI, part="co_teacher")
    kofi.office(day(1), section(co_teachers=(KOFI,)))
    kofi.nights(1, 3)
    kofi.night(4, "failed")
    assert ways_of(kofi, KOFI) == {CO_TEACHER_BY_HAND, CO_TEACHER}
    kofi.office(day(2, 11), section())
    kofi.night(5)
    assert ways_of(kofi, KOFI) == {CO_TEACHER_BY_HAND, None}  # A8 or F9: both are right


def test_weeks_of_failed_nights_leave_as_many_ways_as_there_were_changes() -> None:
    mei = town()
    for number in range(1, 15):
        mei.edit(day(number), MEI, email=f"mei{number}@x.example")
        mei.night(number, "failed")
    emails = {belief.accounts[f"student {MEI}"].email for belief in mei.oracle.possible()}
    assert emails == {email_of(MEI), *(f"mei{number}@x.example" for number in range(1, 12))}
    mei.night(15)
    assert len(mei.oracle.possible()) == 1


def test_the_night_may_or_may_not_have_seen_what_happened_while_it_ran() -> None:
    mei = town()
    started = day(2, 1)
    mei.tell(
        MemberAdded(at=started + timedelta(minutes=1), class_=ALGEBRA, account=mei.card(MEI), part="student"),
        NightRan(at=started + timedelta(minutes=5), started=started, outcome="succeeded", night=1),
    )
    assert ways_of(mei, MEI) == {STUDENT_BY_HAND, None}
    mei.night(2)
    assert ways_of(mei, MEI) == {None}


def test_a_delivery_in_the_middle_of_the_night_may_be_late_for_it() -> None:
    mei = town()
    mei.enroll(day(1, 1, 2), MEI)
    mei.nights(1, 2)
    assert ways_of(mei, MEI) == {None}
    mei.night(3)
    assert ways_of(mei, MEI) == {STUDENT, None}
    mei.night(4)
    assert ways_of(mei, MEI) == {STUDENT}


def test_of_two_deliveries_in_the_middle_of_a_night_it_may_have_seen_the_first_alone() -> None:
    mei = town()
    mei.discharge(day(1, 1, 1), MEI)
    mei.edit(day(1, 1, 3), MEI, discharged=False)
    mei.nights(1, 3)
    assert {belief.accounts[f"student {MEI}"].active for belief in mei.oracle.possible()} == {True, False}
    mei.night(4)
    assert mei.account(MEI).active


def test_support_adjusts_an_id_to_the_user_that_clever_has_by_then() -> None:  # F12
    mei = town(Settings(identity_days=1))
    mei.discharge(day(1), MEI)
    mei.edit(day(2, 12), MEI, discharged=False)
    mei.nights(1, 4)
    assert not mei.account(MEI).active
    mei.adjust_id(day(5, 13), MEI, Key("student", MEI))  # in Clever since 12:00, and no night has seen it
    mei.night(5)
    assert mei.account(MEI).active


def test_how_a_run_ended_rules_out_ways_in_which_it_would_have_ended_otherwise() -> None:
    ben = town(Settings(guard_minimum=2))
    ben.tell(SchoolLost(at=day(1), dbn=SCHOOL))
    ben.night(1, "held", run=1)
    started = day(3, 1)
    ben.tell(
        RemovalsDiscarded(at=started + timedelta(minutes=1), run=1),
        NightRan(at=started + timedelta(minutes=5), started=started, outcome="held", night=2, run=2),
    )
    assert [belief.ruling.run for belief in ben.oracle.possible()] == [2]


def test_a_night_that_did_not_hear_what_support_said_may_have_seen_what_was_done_after_it() -> None:
    ben = town(Settings(guard_minimum=1))
    ben.drop(day(1), BEN)
    ben.night(4, "held", run=1)
    started = day(6, 1)
    ben.tell(
        RemovalsDiscarded(at=started + timedelta(minutes=1), run=1),
        MemberAdded(at=started + timedelta(minutes=2), class_=ALGEBRA, account=ben.card(MEI), part="student"),
        NightRan(at=started + timedelta(minutes=5), started=started, outcome="held", night=5, run=2),
    )
    assert ways_of(ben, BEN) == {STUDENT}
    assert ways_of(ben, MEI) == {STUDENT_BY_HAND, None}
    assert {belief.ruling.run for belief in ben.oracle.possible()} == {2}


def test_a_night_may_have_seen_some_of_what_was_done_to_different_things() -> None:
    mei = town()
    started = day(2, 1)
    mei.tell(
        AccountEdited(at=started + timedelta(minutes=1), account=mei.card(MEI), email="mei@new.example"),
        MemberAdded(at=started + timedelta(minutes=2), class_=ALGEBRA, account=mei.card(MEI), part="student"),
        NightRan(at=started + timedelta(minutes=5), started=started, outcome="succeeded", night=1),
    )
    seen = {
        (
            belief.accounts[f"student {MEI}"].email == email_of(MEI),
            f"student {MEI}" not in belief.classes[ALGEBRA].members,
        )
        for belief in mei.oracle.possible()
    }
    assert seen == {(False, False), (False, True), (True, False), (True, True)}


def test_however_much_happens_in_a_night_the_ways_it_may_have_gone_stay_few() -> None:
    mei = town()
    started = day(2, 1)
    for minute in range(1, 40, 2):
        at = started + timedelta(minutes=minute)
        mei.tell(
            AccountEdited(at=at, account=mei.card(MEI), email=f"mei{minute}@new.example"),
            MemberAdded(at=at, class_=ALGEBRA, account=mei.card(MEI), part="student"),
            MemberRemoved(at=at, class_=ALGEBRA, account=mei.card(MEI)),
        )
    mei.tell(NightRan(at=started + timedelta(minutes=50), started=started, outcome="succeeded", night=1))
    assert 1 < len(mei.oracle.possible()) <= 64
    mei.night(2)
    assert len(mei.oracle.possible()) == 1


@settings(max_examples=60, deadline=None)
@given(order=st.permutations(range(6)), failed=st.sets(st.integers(1, 3)))
def test_the_order_of_unrelated_facts_does_not_matter(order: list[int], failed: set[int]) -> None:
    def told(sequence: list[int]) -> Town:
        made = town()
        deeds = [
            lambda: made.add(day(1), MEI),
            lambda: made.remove(day(1), BEN),
            lambda: made.add(day(1), KOFI, part="co_teacher"),
            lambda: made.edit_account(day(1), OMAR, email="omar@mine.example"),
            lambda: made.edit(day(1), ANNA, email="anna@new.example"),
            lambda: made.make_account(day(1), "admin", "head@x.example", "Gloria Adeyemi"),
        ]
        for place in sequence:
            deeds[place]()
        for number in range(1, 6):
            made.night(number, "failed" if number in failed else "succeeded")
        return made

    first, second = told(sorted(order)), told(order)
    assert _content(first) == _content(second)


@settings(max_examples=60, deadline=None)
@given(failed=st.sets(st.integers(1, 7)))
def test_whichever_nights_fail_after_a_good_one_otus_is_as_if_none_had(failed: set[int]) -> None:
    def told(bad: set[int]) -> Town:
        made = town()
        made.enroll(day(1), MEI)
        made.add(day(2), OMAR)
        made.edit(day(2), BEN, email="ben@new.example")
        made.drop(day(3), BEN)
        for number in range(1, 9):
            made.night(number, "failed" if number in bad else "succeeded")
        return made

    assert _content(told(failed)) == _content(told(set()))  # A15


@given(times=st.integers(1, 4))
def test_a_night_that_runs_again_changes_nothing(times: int) -> None:
    mei = town()
    mei.add(day(1), MEI)
    mei.night(1)
    once = _content(mei)
    for _ in range(times):
        mei.night(1)
        mei.tell(MemberRemoved(at=day(2), class_=ALGEBRA, account=mei.card(MEI)))
    assert _content(mei) == once


def _content(told: Town) -> object:
    belief = told.belief
    accounts = sorted((a.email, a.full_name, a.role, a.active, a.provenance) for a in belief.accounts.values())
    members = sorted(
        (name, belief.accounts[account].email, *membership)
        for name, klass in belief.classes.items()
        for account, membership in klass.members.items()
    )
    return accounts, members, len(told.oracle.possible())


def test_a_night_in_a_pause_of_otus_has_written_nothing_however_it_ended() -> None:  # H9
    mei = town()
    mei.add(day(1), MEI)
    mei.tell(SyncPaused(at=day(1, 12)))
    for number, outcome in enumerate(OUTCOMES, start=1):
        mei.night(number, outcome)
        assert ways_of(mei, MEI) == {STUDENT_BY_HAND}
    mei.tell(SyncResumed(at=day(4, 12)))
    mei.night(4)
    assert ways_of(mei, MEI) == {None}


def test_a_failed_night_in_which_the_pause_began_may_have_written_all_before_it() -> None:
    mei = town()
    mei.add(day(1), MEI)
    mei.tell(SyncPaused(at=day(2, 1, 1)))
    mei.night(1, "failed")
    assert STUDENT_BY_HAND in ways_of(mei, MEI)
    assert None in ways_of(mei, MEI)
    mei.add(day(2), OMAR)
    mei.night(2)
    assert None not in ways_of(mei, OMAR)  # paused ever since
