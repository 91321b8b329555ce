"""Which requests a fault strikes: counted in each run, within its window, and never more often than it says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from simulator.faults import Effect, Fault, FaultPlan, Window
from simulator.faults.effects import AnswersError, CutsAnswer, KillsSync, Slows
from simulator.gateway import Answer
from simulator.progress import ALL, Point, Progress, Span
from tests.simulator.faults.builders import asked

NOW = datetime(2026, 9, 15, 5, 0, tzinfo=UTC)
TWELVE = (
    ("clever", "GET", "/v3.1/sections", "limit=2"),
    ("clever", "GET", "/v3.1/sections", "limit=2&starting_after=b"),
    ("clever", "GET", "/v3.1/sections", "limit=2&starting_after=b"),
    ("otus", "POST", "/api/v1/sync-runs", ""),
    ("otus", "GET", "/api/v1/accounts", "after=0"),
    ("otus", "GET", "/api/v1/accounts", "after=7"),
    ("otus", "POST", "/api/v1/accounts/bulk", ""),
    ("otus", "POST", "/api/v1/classes/bulk", ""),
    ("clever", "GET", "/v3.1/sections", "limit=2"),
    ("clever", "GET", "/v3.1/sections", "limit=2&starting_after=b"),
    ("otus", "POST", "/api/v1/classes/bulk", ""),
    ("otus", "PATCH", "/api/v1/sync-runs/1", ""),
)
"""The requests of a run, in order."""


def fault(
    point: Point, *, window: Window | None = None, times: int | None = None, effect: Effect | None = None
) -> Fault:
    return Fault(
        words="breaks", effect=effect or AnswersError(500), point=point, window=window or Window(), times=times
    )


def struck(plan: FaultPlan, night: int | None = 1, run: int = 1, now: datetime = NOW) -> list[int]:
    """Which of the twelve requests of a run something befalls."""
    progress = Progress()
    sightings = [progress.see(asked(*request)) for request in TWELVE]
    return [each.request for each in sightings if plan.strike(each, night, run, now) is not None]


def planned(*faults: Fault) -> FaultPlan:
    plan = FaultPlan()
    for each in faults:
        plan.plan(each)
    return plan


@pytest.mark.parametrize(
    ("point", "requests"),
    [
        (Point("request", Span(3, 3)), [3]),
        (Point("request", Span(1, 2), "otus"), [4, 5]),
        (Point("read", Span(4, 4), "clever"), [9]),
        (Point("write", Span(1, 2)), [7, 8]),
        (Point("write", Span(3, None)), [11]),
        (Point("write", ALL, "clever"), []),
        (Point("page", Span(2, 2), "clever", "sections"), [2, 3, 10]),
        (Point("page", Span(2, 2), "otus", "accounts"), [6]),
        (Point("page", Span(1, 1), None, "sections"), [1, 9]),
    ],
)
def test_a_point_of_a_run_is_counted_in_the_fields_words(point: Point, requests: list[int]) -> None:
    assert struck(planned(fault(point))) == requests


def test_a_fault_strikes_no_more_often_in_a_run_than_it_says_and_begins_anew_in_the_next() -> None:
    plan = planned(fault(Point("page", Span(2, 2), "clever", "sections"), times=2))
    assert [struck(plan, run=1), struck(plan, run=2)] == [[2, 3], [2, 3]]


@pytest.mark.parametrize(
    ("window", "strikes"),
    [
        (Window(nights=Span(1, 1)), True),
        (Window(nights=Span(2, 3)), False),
        (Window(run=1), True),
        (Window(run=2), False),
        (Window(start=NOW), True),
        (Window(start=NOW + timedelta(seconds=1)), False),
        (Window(end=NOW), False),
        (Window(end=NOW + timedelta(seconds=1)), True),
    ],
)
def test_a_fault_strikes_only_within_its_window(window: Window, strikes: bool) -> None:
    assert bool(struck(planned(fault(Point("request", ALL), window=window)))) == strikes


def test_a_fault_of_a_night_does_not_strike_a_run_between_the_nights() -> None:
    assert struck(planned(fault(Point("request", ALL), window=Window(nights=ALL))), night=None) == []


def test_a_plan_knows_which_faults_have_never_struck() -> None:
    plan = planned(fault(Point("write", Span(1, 1))), fault(Point("write", Span(9, 9))))
    struck(plan)
    assert [each.point.span.first for each in plan.unhappened()] == [9]


def test_nothing_befalls_a_request_when_nothing_is_planned() -> None:
    assert struck(FaultPlan()) == []


def test_what_befalls_one_request_together_adds_up_and_the_first_fault_stands_outermost() -> None:
    plan = planned(
        fault(Point("request", Span(1, 1)), effect=Slows(timedelta(seconds=5))),
        fault(Point("request", Span(1, 1)), effect=Slows(timedelta(seconds=7))),
        fault(Point("request", Span(1, 1)), effect=CutsAnswer("inside")),
    )
    strike = plan.strike(Progress().see(asked("clever", "GET", "/v3.1/users")), 1, 1, NOW)
    assert strike is not None
    assert strike.delay == timedelta(seconds=12)
    assert strike.meet(answering([]), NOW).cut == "inside"
    assert strike.kills is None


def test_a_system_that_a_fault_keeps_a_request_from_never_acts_on_it() -> None:
    acted: list[int] = []
    kills = fault(Point("request", ALL), effect=KillsSync("half sent"))
    plan = planned(fault(Point("request", ALL)), kills)
    strike = plan.strike(Progress().see(asked("clever", "GET", "/v3.1/users")), 1, 1, NOW)
    assert strike is not None
    assert strike.meet(answering(acted), NOW).code == 500
    assert acted == []
    assert strike.kills == KillsSync("half sent")


def answering(acted: list[int]) -> Callable[[], Answer]:
    def answer() -> Answer:
        acted.append(1)
        return Answer("200 OK", [("Content-Length", "2")], b"{}")

    return answer
