"""Nights in simulated time."""

import pytest

from loadtests.forecast.model import Course, Step
from loadtests.forecast.simulate import Conditions, simulate
from loadtests.forecast.trace import System


def step(requests: int, server: float, client: float, system: System = "clever", *, reads: bool = True) -> Step:
    """A step of so many requests; seconds are of each."""
    return Step("x", system, reads, requests, 0, 0, requests * server, requests * client)


def seconds(course: Course, **under: float | None) -> float:
    return simulate(course, Conditions(**under)).seconds  # type: ignore[arg-type]


READING = Course(0.5, (step(10, 0.2, 0.3),))
WRITING = Course(0.0, (step(8, 0.1, 0.2, "otus", reads=False),))


def test_one_after_the_other_all_times_add_up() -> None:
    assert seconds(READING) == pytest.approx(0.5 + 10 * 0.5)


def test_latency_is_paid_by_every_request() -> None:
    assert seconds(READING, latency_ms=100) == pytest.approx(0.5 + 10 * 0.6)


def test_with_several_lanes_the_next_page_comes_while_the_last_is_worked_on() -> None:
    # The first page is waited for; of all others only the work, as the sync is the slower one.
    assert seconds(READING, in_flight=2) == pytest.approx(0.5 + 0.2 + 10 * 0.3)
    assert seconds(READING, in_flight=2, latency_ms=400) == pytest.approx(0.5 + 10 * 0.6 + 0.3)


def test_pages_are_never_fetched_two_at_once_as_each_names_the_next() -> None:
    assert seconds(READING, in_flight=8) == seconds(READING, in_flight=2)


def test_writes_overlap_but_otus_takes_one_at_a_time_and_the_sync_is_one() -> None:
    assert seconds(WRITING) == pytest.approx(8 * 0.3)
    assert seconds(WRITING, in_flight=4) == pytest.approx(0.1 + 8 * 0.2)
    assert seconds(WRITING, in_flight=4, latency_ms=1000) < 8 * 1.3 / 3


def test_over_the_rate_limit_the_sync_waits_for_the_next_minute() -> None:
    night = simulate(READING, Conditions(rate_limit_per_minute=4))
    # Four pages in each of two minutes, two in the third; a refused request costs a try.
    assert night.seconds == pytest.approx(120 + 2 * 0.5)
    assert [asked.refused for asked in night.asked].count(True) == 2
    assert night.limited_seconds == pytest.approx(120 - 0.5 - 8 * 0.5)


def test_the_rate_limit_is_clevers_alone() -> None:
    assert seconds(WRITING, rate_limit_per_minute=1) == seconds(WRITING)


def test_a_step_begins_where_the_one_before_has_ended() -> None:
    night = simulate(Course(1.0, (*READING.steps, *WRITING.steps)), Conditions(in_flight=3))
    assert [span.began for span in night.spans] == pytest.approx([1.0, night.spans[0].ended])
    assert night.spans[1].ended == night.seconds
    assert {asked.step for asked in night.asked} == {0, 1}


def test_the_same_night_is_the_same_each_time() -> None:
    under = Conditions(latency_ms=80, rate_limit_per_minute=7, in_flight=3)
    assert simulate(READING, under) == simulate(READING, under)
