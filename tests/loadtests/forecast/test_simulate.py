"""Nights in simulated time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests.forecast.model import Course, Step
from loadtests.forecast.simulate import Conditions, simulate
from loadtests.forecast.trace import System
from loadtests.forecast.watch import WHO, Who


def step(
    requests: int, server: float, client: float, system: System = "clever", *, reads: bool = True, on_core: float = 1.0
) -> Step:
    """A step of so many requests; seconds are of each, and a part of them is on a core."""
    all_of_it = (requests * server, requests * client)
    return Step("x", system, reads, requests, 0, 0, *all_of_it, *(on_core * seconds for seconds in all_of_it))


def felt(*others: float) -> dict[Who, tuple[float, ...]]:
    return dict.fromkeys(WHO, others)


def seconds(course: Course, **under: float | dict[Who, tuple[float, ...]] | None) -> float:
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


def test_on_one_core_nothing_is_gained_by_lanes_but_what_is_no_work() -> None:
    assert seconds(WRITING, in_flight=4, cores=1) == pytest.approx(8 * 0.3)
    waiting = Course(0.0, (step(8, 0.1, 0.2, "otus", reads=False, on_core=0.0),))
    assert seconds(waiting, in_flight=4, cores=1) < 8 * 0.3


def test_others_take_their_share_of_the_cores() -> None:
    assert seconds(READING, cores=2, others=felt(1.0)) == pytest.approx(seconds(READING))
    assert seconds(READING, cores=1, others=felt(1.0)) == pytest.approx(2 * seconds(READING))
    assert seconds(READING, cores=2, others=felt(3.0)) == pytest.approx(2 * seconds(READING))
    of_clever: dict[Who, tuple[float, ...]] = {"clever": (1.0,)}
    assert seconds(READING, cores=1, others=of_clever) == pytest.approx(seconds(READING) + 10 * 0.2)


MILLISECONDS = st.integers(0, 200).map(lambda count: count / 1000)
STEPS = st.builds(
    step,
    st.integers(1, 6),
    MILLISECONDS,
    MILLISECONDS,
    st.sampled_from(["clever", "otus"]),
    reads=st.booleans(),
    on_core=st.sampled_from([0.0, 0.5, 1.0]),
)
COURSES = st.builds(Course, MILLISECONDS, st.lists(STEPS, min_size=1, max_size=4).map(tuple))
ROUNDING = 1e-3


def parts(course: Course) -> float:
    return course.start_seconds + sum(one.server_seconds + one.client_seconds for one in course.steps)


@settings(deadline=None)
@given(COURSES, st.integers(0, 300))
def test_with_one_in_flight_a_night_is_the_sum_of_its_parts_however_many_cores(course: Course, latency: int) -> None:
    requests = sum(one.requests for one in course.steps)
    for cores in (1, 2):
        found = seconds(course, cores=cores, latency_ms=latency)
        assert found == pytest.approx(parts(course) + requests * latency / 1000, abs=ROUNDING)


@settings(deadline=None)
@given(COURSES, st.integers(0, 300), st.integers(1, 300))
def test_more_latency_never_makes_it_earlier(course: Course, latency: int, more: int) -> None:
    assert seconds(course, latency_ms=latency + more) > seconds(course, latency_ms=latency)


@settings(deadline=None)
@given(COURSES, st.integers(1, 5), st.integers(1, 3), st.integers(0, 300))
def test_lanes_only_help_and_never_beyond_what_the_sync_the_systems_and_the_cores_can_do(
    course: Course, lanes: int, cores: int, latency: int
) -> None:
    found = seconds(course, in_flight=lanes, cores=cores, latency_ms=latency)
    assert found <= seconds(course, latency_ms=latency) + ROUNDING
    on_core = course.start_seconds + sum(one.server_core_seconds + one.client_core_seconds for one in course.steps)
    assert found >= on_core / cores - ROUNDING
    assert found >= course.start_seconds + sum(one.client_core_seconds for one in course.steps) - ROUNDING


@settings(deadline=None)
@given(COURSES, st.lists(st.integers(0, 4), max_size=3), st.integers(1, 3))
def test_others_never_make_it_earlier(course: Course, others: list[int], cores: int) -> None:
    assert seconds(course, cores=cores, others=felt(*others)) >= seconds(course, cores=cores) - ROUNDING


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
