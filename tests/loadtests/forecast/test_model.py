"""Lines through samples, and the night that follows from them."""

import math

import msgspec
import pytest

from loadtests.forecast.model import Line, course_of, fit, fit_line, growth
from loadtests.forecast.trace import Trace
from tests.loadtests.forecast.builders import sample


def test_a_line_tells_what_is_fixed_from_what_grows() -> None:
    line = fit_line([100, 200, 400], [3.0, 5.0, 9.0])
    assert line.fixed == pytest.approx(1.0)
    assert line.at(1000) == pytest.approx(21.0)


def test_a_bent_line_takes_n_log_n() -> None:
    line = fit_line([256, 1024], [5 + 256 * 8, 5 + 1024 * 10], "bent")
    assert line.at(4096) == pytest.approx(5 + 4096 * 12)
    assert line.at(0) == pytest.approx(5)


@pytest.mark.parametrize(
    ("students", "values", "expected"),
    [
        ([100, 200], [1.0, 4.0], Line(0.0, 0.018)),  # would begin below 0
        ([100, 200], [2.0, 1.0], Line(1.5, 0.0)),  # would fall
        ([100, 100], [2.0, 4.0], Line(0.0, 0.03)),  # one size alone
    ],
)
def test_no_part_of_a_line_is_below_0(students: list[int], values: list[float], expected: Line) -> None:
    found = fit_line(students, values)
    assert (found.fixed, found.per_student) == pytest.approx((expected.fixed, expected.per_student))


def test_a_line_needs_points() -> None:
    with pytest.raises(ValueError, match="expected as many, and one at least"):
        fit_line([1, 2], [])
    with pytest.raises(ValueError, match="one measured run at least"):
        fit([])


def test_the_samples_of_one_size_count_by_their_median() -> None:
    model = fit([sample(size, noise) for size in (1000, 2000) for noise in (1.0, 1.0, 1.6)])
    writing = model.groups[1]
    assert writing.server_seconds.at(10_000) == pytest.approx(10.0)


def taking(students: int, seconds: float) -> Trace:
    return Trace(students, seconds, seconds, ())


def test_what_grows_like_a_line_grows_no_faster_beyond_the_samples() -> None:
    found = growth([sample(size, noise) for size in (1000, 2000, 4000) for noise in (0.9, 1.0, 1.4)])
    assert found is not None
    assert found.at(10_000) == pytest.approx(0.7 + 30)
    assert growth([sample(1000), sample(2000)]) is None


def test_what_grows_like_an_index_is_seen_in_three_sizes() -> None:
    def seconds(students: int) -> float:
        return 1 + students * (0.002 + 0.0001 * math.log2(students))

    found = growth([taking(size, seconds(size)) for size in (1000, 2000, 4000)])
    assert found is not None
    assert found.at(64_000) == pytest.approx(seconds(64_000))


def test_what_grows_ever_slower_goes_on_as_a_line() -> None:
    found = growth([taking(1000, 1.0), taking(2000, 2.0), taking(4000, 3.0)])
    assert found is not None
    assert found.at(8000) == pytest.approx(5.0)


def test_requests_follow_from_the_page_that_is_named_and_the_batch_that_was_full() -> None:
    course = course_of(fit([sample(500), sample(1000)]), 10_001)
    assert [(step.kind, step.requests, step.records) for step in course.steps] == [
        ("GET /v3.1/users", 101, 10_001),
        ("POST /accounts", 201, 10_001),
    ]
    assert course.start_seconds == pytest.approx(0.2)
    assert course.steps[0].client_seconds == pytest.approx(0.5)


def test_where_no_batch_was_full_the_requests_are_a_line_too() -> None:
    traces = []
    for students in (40, 80):
        trace = sample(students)
        single = msgspec.structs.replace(trace.groups[1], requests=students, largest=3)
        traces.append(msgspec.structs.replace(trace, groups=(trace.groups[0], single)))
    course = course_of(fit(traces), 1000)
    assert course.steps[1].requests == 1000


def test_a_kind_that_small_districts_do_not_have_counts_for_nothing_there() -> None:
    small, large = sample(500), sample(1000)
    less = msgspec.structs.replace(small, groups=small.groups[:1])
    course = course_of(fit([less, large]), 1000)
    # The best line through 0 and 0.75 s that does not begin below 0.
    assert course.steps[1].server_seconds == pytest.approx(0.624, abs=1e-3)
