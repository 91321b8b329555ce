"""The table of requests per night is counted in stories that pass, and says what the sync is praised for."""

import pytest

from loadtests import bench_requests
from loadtests.bench_requests import requests_per_night


def test_a_quiet_night_takes_as_few_requests_in_a_larger_district_and_fewer_by_events() -> None:
    full, events = (requests_per_night(100, way) for way in ("full", "events"))
    larger = requests_per_night(300, "events")
    assert larger["quiet"] == events["quiet"]
    assert events["quiet"].clever < full["quiet"].clever
    assert events["quiet"].otus == full["quiet"].otus
    assert events["busy"].otus > events["quiet"].otus, "a busy night writes"


def test_a_story_that_does_not_pass_has_no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_requests, "nightly", lambda _environ: 1)
    with pytest.raises(SystemExit, match="the story of 100 students did not pass"):
        requests_per_night(100, "full")
