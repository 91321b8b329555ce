"""F3, A1, A2: what leaves ATS/STARS, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from fakes.ats import Ats
from fakes.ats.records import SHARING_LAG_HOURS, ChangeQuery, PersonEdit, ScheduleQuery, ShareableQuery
from fakes.shared.moments import wire_time
from fakes.shared.refusals import BadRequest, Conflict, NotFound, Unprocessable
from tests.fakes.ats.builders import (
    ANA,
    BEN,
    MONDAY,
    OFFICE,
    OTHER_SCHOOL,
    SCHOOL,
    SECTION_ID,
    TERM,
    TurnedClock,
    add_algebra,
    algebra,
    changes,
    populate,
    shared_actions,
    turn,
)


def released(ats: Ats, key: str) -> list[str | None]:
    return [change.released_at for change in changes(ats, key)]


def after(hours: float) -> str:
    return wire_time(MONDAY + timedelta(hours=hours))


def test_an_enrollment_of_monday_ten_is_shareable_on_thursday_ten_and_not_a_moment_sooner(ats: Ats) -> None:
    add_algebra(ats, finalized=True)
    ats.enroll(SECTION_ID, ANA, by=OFFICE)
    thursday = datetime(2026, 9, 17, 14, 0, tzinfo=UTC)
    one_millisecond_before = ShareableQuery(at=wire_time(thursday - timedelta(milliseconds=1)))
    assert ats.shareable(one_millisecond_before).items == []
    shared = ats.shareable(ShareableQuery(at=wire_time(thursday))).items[-1]
    assert shared.shared_at == "2026-09-17T14:00:00.000Z"
    assert shared.change.action == f"enroll {ANA}"


def test_the_first_section_opens_a_schedule_as_a_draft(ats: Ats) -> None:
    populate(ats)
    assert ats.schedules(ScheduleQuery()).items == []
    assert ats.schedule(SCHOOL, TERM).state == "draft"
    assert ats.schedules(ScheduleQuery()).items == []
    ats.add_section(algebra(), by=OFFICE)
    [schedule] = ats.schedules(ScheduleQuery(dbn=SCHOOL)).items
    assert (schedule.state, schedule.finalized_at) == ("draft", None)
    assert ats.schedules(ScheduleQuery(dbn=OTHER_SCHOOL)).items == []


def test_a_first_section_that_is_refused_opens_no_schedule(ats: Ats) -> None:
    populate(ats)
    with pytest.raises(Unprocessable):
        ats.add_section(algebra(number="0" * 200), by=OFFICE)
    assert ats.schedules(ScheduleQuery()).items == []


def test_nothing_of_a_draft_leaves_however_long_it_waits(ats: Ats) -> None:
    add_algebra(ats)
    ats.enroll(SECTION_ID, ANA, by=OFFICE)
    turn(ats, 24 * 365)
    assert released(ats, SECTION_ID) == [None, None]
    assert shared_actions(ats, SECTION_ID) == []


def test_people_leave_without_waiting_for_a_schedule(ats: Ats) -> None:
    add_algebra(ats, students=(ANA,))
    ats.edit_person(ANA, PersonEdit(email="ana@nycstudents.net"), by=OFFICE)
    turn(ats, SHARING_LAG_HOURS)
    assert shared_actions(ats, ANA) == ["add student", "change email"]


def test_the_lag_counts_from_the_finalization_when_it_comes_later(ats: Ats) -> None:
    add_algebra(ats)
    turn(ats, 100)
    ats.finalize(SCHOOL, TERM, by=OFFICE)
    assert released(ats, SECTION_ID) == [after(100)]
    turn(ats, SHARING_LAG_HOURS - 1)
    assert shared_actions(ats, SECTION_ID) == []
    turn(ats, 1)
    assert shared_actions(ats, SECTION_ID) == ["add section"]


def test_edits_of_a_finalized_schedule_leave_as_they_are_made(ats: Ats) -> None:
    add_algebra(ats, finalized=True)
    turn(ats, 5)
    ats.enroll(SECTION_ID, ANA, by=OFFICE)
    assert released(ats, SECTION_ID) == [after(0), after(5)]


def test_edits_of_a_reopened_schedule_wait_for_the_next_finalization(ats: Ats) -> None:
    add_algebra(ats, finalized=True)
    turn(ats, 1)
    reopened = ats.reopen(SCHOOL, TERM, by=OFFICE)
    assert (reopened.state, reopened.finalized_at) == ("draft", after(0))
    ats.enroll(SECTION_ID, ANA, by=OFFICE)
    turn(ats, 100)
    assert shared_actions(ats, SECTION_ID) == ["add section"]
    ats.finalize(SCHOOL, TERM, by=OFFICE)
    assert released(ats, SECTION_ID) == [after(0), after(101)]


def test_a_discharge_leaves_at_once_and_its_drop_waits_for_the_schedule(ats: Ats) -> None:
    add_algebra(ats, students=(ANA,))
    ats.discharge(ANA, by=OFFICE)
    assert released(ats, ANA)[-1] == after(0)
    assert released(ats, SECTION_ID) == [None, None]


def test_finalizing_one_school_lets_nothing_of_another_go(ats: Ats) -> None:
    add_algebra(ats)
    ats.finalize(OTHER_SCHOOL, TERM, by=OFFICE)
    assert released(ats, SECTION_ID) == [None]


def test_a_schedule_is_finalized_once_and_reopened_once(ats: Ats) -> None:
    populate(ats)
    with pytest.raises(Conflict, match="is a draft"):
        ats.reopen(SCHOOL, TERM, by=OFFICE)
    assert ats.finalize(SCHOOL, TERM, by="programmer").by == "programmer"
    with pytest.raises(Conflict, match=r"was finalized at 2026-09-14T14:00:00\.000Z by programmer"):
        ats.finalize(SCHOOL, TERM, by=OFFICE)


@pytest.mark.parametrize(("dbn", "term"), [("99Z999", TERM), (SCHOOL, "2030-1")])
def test_there_is_no_schedule_of_an_unknown_school_or_term(ats: Ats, dbn: str, term: str) -> None:
    populate(ats)
    for ask in (
        ats.schedule,
        lambda *key: ats.finalize(*key, by=OFFICE),
        lambda *key: ats.reopen(*key, by=OFFICE),
    ):
        with pytest.raises(NotFound):
            ask(dbn, term)
    with pytest.raises(NotFound):
        ats.schedules(ScheduleQuery(dbn="99Z999"))


def test_the_lag_may_be_another_one(ats: Ats) -> None:
    add_algebra(ats, finalized=True)
    for lag_hours in (0.0, 48.5):
        at = after(lag_hours)
        shared = ats.shareable(ShareableQuery(at=at, lag_hours=lag_hours)).items
        assert {change.shared_at for change in shared} == {at}
        assert len(shared) == len(changes(ats))


def test_a_feed_asks_only_for_what_is_new_since_its_last_visit(ats: Ats) -> None:
    add_algebra(ats)
    ats.edit_person(BEN, PersonEdit(grade="10"), by=OFFICE)
    turn(ats, SHARING_LAG_HOURS)
    visit = wire_time(ats.clock())
    ats.finalize(SCHOOL, TERM, by=OFFICE)
    turn(ats, SHARING_LAG_HOURS)
    news = ats.shareable(ShareableQuery(since=visit)).items
    assert [shared.change.action for shared in news] == ["add section"]


def test_shareable_changes_come_page_by_page_in_the_order_of_their_making(ats: Ats) -> None:
    add_algebra(ats, finalized=True)
    turn(ats, SHARING_LAG_HOURS)
    numbers: list[int] = []
    cursor = 0
    while True:
        page = ats.shareable(ShareableQuery(after=cursor, limit=5))
        numbers += [shared.change.number for shared in page.items]
        if page.next is None:
            break
        cursor = page.next
    assert numbers == [change.number for change in changes(ats)]


def test_the_history_comes_page_by_page_and_by_record(ats: Ats) -> None:
    add_algebra(ats)
    page = ats.history(ChangeQuery(limit=4))
    assert ([change.number for change in page.items], page.next) == ([1, 2, 3, 4], 4)
    rest = ats.history(ChangeQuery(after=4))
    assert (rest.items[0].number, rest.next) == (5, None)
    assert {change.record.key for change in ats.history(ChangeQuery(kind="school")).items} == {
        SCHOOL,
        OTHER_SCHOOL,
    }
    assert [change.action for change in ats.history(ChangeQuery(kind="section", key=SECTION_ID)).items] == [
        "add section"
    ]
    assert ats.history(ChangeQuery(kind="school", key=SECTION_ID)).items == []


@pytest.mark.parametrize("moment", ["yesterday", "2026-09-14T10:00:00", "0001-01-01T00:00:00+05:00"])
def test_a_moment_that_is_none_is_refused(ats: Ats, moment: str) -> None:
    for query in (ShareableQuery(at=moment), ShareableQuery(since=moment)):
        with pytest.raises(BadRequest, match="write it as 2026-09-14T14:00:00"):
            ats.shareable(query)


def test_nothing_was_shareable_long_before_the_first_change(ats: Ats) -> None:
    populate(ats)
    for at in ("0999-01-01T00:00:00Z", "0001-01-02T00:00:00Z", "1970-01-01T00:00:00Z"):
        assert ats.shareable(ShareableQuery(at=at)).items == []


def test_a_clock_that_is_set_back_does_not_turn_the_history_back(ats: Ats) -> None:
    add_algebra(ats)
    turn(ats, 10)
    ats.finalize(SCHOOL, TERM, by=OFFICE)
    assert isinstance(ats.clock, TurnedClock)
    turn(ats, -9)
    ats.enroll(SECTION_ID, ANA, by=OFFICE)
    assert released(ats, SECTION_ID) == [after(10), after(10)]
