"""Clever's events in a built-in world: the sync that comes along follows them, and knows when they do not do."""

import pytest

from simulator.journal import Entry
from simulator.results import StoryResult
from tests.broken.test_each_rule_can_fail import play


def asked_of_clever(result: StoryResult, night: int) -> list[str]:
    """What a night's run has asked of Clever, without queries."""

    def is_asked(entry: Entry) -> bool:
        return entry.night == night and entry.kind == "request" and entry.lane == "clever"

    return [entry.what.split("?")[0].rpartition("/")[2] for entry in result.entries if is_asked(entry)]


@pytest.fixture(scope="module")
def carried() -> StoryResult:
    return play("night/events-carry-the-nights")


def test_the_first_night_reads_all_and_the_next_ones_events_alone(carried: StoryResult) -> None:
    assert carried.status == "passed"
    assert {"users", "sections", "events"} <= set(asked_of_clever(carried, 1))
    for night in range(2, 7):
        assert not {"users", "sections"} & set(asked_of_clever(carried, night))
        assert "events" in asked_of_clever(carried, night)


def test_after_thirty_days_without_a_night_everything_is_read_anew() -> None:
    result = play("night/thirty-days-without-a-night")
    assert result.status == "passed"
    assert {"users", "sections"} <= set(asked_of_clever(result, 36))
