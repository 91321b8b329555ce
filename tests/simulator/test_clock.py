from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.clock import MICROSECOND, Clock, Order, Process, new_york

NOON = datetime(2026, 9, 14, 16, 0, tzinfo=UTC)


def waiting_for(clock: Clock, told: list[str], name: str, moment: datetime, order: Order) -> Process:
    yield clock.at(moment, order)
    told.append(name)


def played(clock: Clock) -> None:
    clock.run_until(lambda: False)


@given(st.permutations([*Order, *Order]))
def test_at_one_instant_deliveries_come_first_then_edits_then_the_sync_then_expectations(asked: list[Order]) -> None:
    clock, told = Clock(NOON), list[str]()
    for order in asked:
        clock.start_process(waiting_for(clock, told, order.name, NOON + timedelta(hours=9), order))
    played(clock)
    assert told == [order.name for order in Order for _ in range(2)]


def test_of_two_equals_at_one_instant_the_one_that_was_asked_first_comes_first() -> None:
    clock, told = Clock(NOON), list[str]()
    for number in range(20):
        clock.start_process(waiting_for(clock, told, str(number), NOON, Order.EDIT))
    played(clock)
    assert told == [str(number) for number in range(20)]


def test_a_delivery_that_an_edit_sets_out_for_this_very_instant_still_comes_before_the_sync() -> None:
    clock, told = Clock(NOON), list[str]()

    def edit() -> Process:
        yield clock.at(NOON, Order.EDIT)
        told.append("edit")
        clock.start_process(waiting_for(clock, told, "delivery", clock(), Order.DELIVERY))

    clock.start_process(waiting_for(clock, told, "sync", NOON, Order.SYNC))
    clock.start_process(edit())
    played(clock)
    assert told == ["edit", "delivery", "sync"]


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=40), st.integers(0, 10**15))
def test_many_waits_and_one_long_wait_meet_at_the_same_microsecond(waits: list[int], first: int) -> None:
    clock = Clock(NOON)
    met: list[datetime] = []

    def step_by_step() -> Process:
        for wait in (first, *waits):
            yield clock.after(wait * MICROSECOND)
        met.append(clock())

    def at_once() -> Process:
        yield clock.after((first + sum(waits)) * MICROSECOND)
        met.append(clock())

    clock.start_process(step_by_step())
    clock.start_process(at_once())
    played(clock)
    assert met == [NOON + (first + sum(waits)) * MICROSECOND] * 2


def test_thirty_years_of_thirds_of_a_second_lose_nothing() -> None:
    clock = Clock(NOON)
    far = NOON + timedelta(days=30 * 365, microseconds=333_333)
    clock.start_process(waiting_for(clock, [], "", far, Order.SYNC))
    played(clock)
    assert clock() == far


def test_an_offset_of_the_start_is_no_matter() -> None:
    start = datetime.fromisoformat("2026-09-14T12:00:00-04:00")
    clock = Clock(start)
    assert clock() == start
    assert clock().utcoffset() == timedelta()


def test_a_moment_that_has_passed_is_refused() -> None:
    clock = Clock(NOON)
    with pytest.raises(ValueError, match="has passed: it is 2026-09-14T16:00:00"):
        clock.at(NOON - MICROSECOND, Order.EDIT)


def test_a_negative_wait_is_none() -> None:
    clock, told = Clock(NOON), list[str]()

    def wait() -> Process:
        yield clock.after(timedelta(seconds=-5))
        told.append(clock().isoformat())

    clock.start_process(wait())
    played(clock)
    assert told == [NOON.isoformat()]


def test_pretending_changes_what_the_clock_shows_and_nothing_else() -> None:
    clock, told = Clock(NOON), list[str]()
    clock.pretend(NOON - timedelta(days=30))
    assert clock() == NOON - timedelta(days=30)
    clock.start_process(waiting_for(clock, told, "due", NOON + timedelta(hours=1), Order.DELIVERY))
    clock.pretend(None)
    assert clock() == NOON
    played(clock)
    assert clock() == NOON + timedelta(hours=1)


def test_a_moment_asked_for_while_pretending_comes_when_it_comes() -> None:
    clock, told = Clock(NOON), list[str]()
    clock.pretend(NOON - timedelta(days=30))
    event = clock.at(NOON + timedelta(hours=1), Order.DELIVERY)
    clock.pretend(None)
    event.callbacks.append(lambda _: told.append(new_york(clock())))
    played(clock)
    assert told == ["Mon 14 Sep 13:00"]


class Shown:
    def __init__(self) -> None:
        self.moments: list[datetime] = []

    def move_to(self, target_datetime: datetime) -> None:
        self.moments.append(target_datetime)


def test_the_frozen_time_follows_before_anything_happens_at_the_new_moment() -> None:
    clock, seen, shown = Clock(NOON), list[tuple[datetime, datetime]](), Shown()
    clock.frozen = shown

    def look() -> Process:
        for _ in range(3):
            yield clock.after(timedelta(minutes=1))
            seen.append((clock(), shown.moments[-1]))

    clock.start_process(look())
    played(clock)
    assert all(mine == frozen for mine, frozen in seen)
    assert shown.moments == [NOON + timedelta(minutes=minute) for minute in (1, 2, 3)]


def test_run_until_stops_in_the_middle_and_goes_on_later() -> None:
    clock, told = Clock(NOON), list[str]()
    for hour in (1, 2, 3):
        clock.start_process(waiting_for(clock, told, str(hour), NOON + timedelta(hours=hour), Order.EDIT))
    clock.run_until(lambda: len(told) == 2)
    assert told == ["1", "2"]
    assert clock() == NOON + timedelta(hours=2)
    played(clock)
    assert told == ["1", "2", "3"]


def test_an_error_in_a_course_of_events_comes_out() -> None:
    clock = Clock(NOON)

    def wrong() -> Process:
        yield clock.after(timedelta(hours=1))
        raise RuntimeError("broken")

    clock.start_process(wrong())
    with pytest.raises(RuntimeError, match="broken"):
        played(clock)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-09-14T14:00:00+00:00", "Mon 14 Sep 10:00"),
        ("2026-12-05T05:00:00+00:00", "Sat 5 Dec 00:00"),
        ("2026-11-01T05:30:00+00:00", "Sun 1 Nov 01:30"),
        ("2026-11-01T06:30:00+00:00", "Sun 1 Nov 01:30"),
    ],
)
def test_moments_are_said_as_people_in_new_york_do(moment: str, words: str) -> None:
    assert new_york(datetime.fromisoformat(moment)) == words
