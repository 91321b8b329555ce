"""Two runs of one district at once: the second refuses or waits, and never do they interleave."""

import time
from pathlib import Path

import msgspec
import pytest

from otus_sync.ledger import Ledger, remembered_runs
from otus_sync.otus_records import NewRun
from tests.otus_sync.builders import SCHOOLS, student
from tests.otus_sync.clever_model import CleverModel
from tests.otus_sync.town import Town

WAITS = {"SYNC_WHEN_BUSY": "wait", "SYNC_BUSY_WAIT_SECONDS_MAX": "40"}


def town_with_ann(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    model = CleverModel()
    model.put(*SCHOOLS, student("ann"))
    return Town(folder, monkeypatch, model)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits of a test, none of them real."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


def test_by_default_the_second_run_refuses_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    town = town_with_ann(tmp_path, monkeypatch)
    town.otus.start_run(NewRun(lease_seconds=900), known=[])
    assert town.command("run").exit_code == 4
    assert waits == []


def test_a_run_that_waits_takes_its_turn_when_otus_gives_the_lease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    town = town_with_ann(tmp_path, monkeypatch)
    other = town.otus.start_run(NewRun(lease_seconds=900), known=[])
    assert other is not None

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            town.otus.sync_runs[0] = msgspec.structs.replace(other, status="held", removals="d", approval="approved")

    monkeypatch.setattr(time, "sleep", sleep)
    assert town.command("run", **WAITS).exit_code == 0
    assert waits == [15.0, 15.0]
    assert town.otus.person("ann").active
    assert [run.status for run in town.otus.runs()] == ["succeeded", "held"]


def test_a_run_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]) -> None:
    town = town_with_ann(tmp_path, monkeypatch)
    town.otus.start_run(NewRun(lease_seconds=900), known=[])
    assert town.command("run", **WAITS).exit_code == 4
    assert waits == [15.0, 15.0, 10.0]
    assert remembered_runs(tmp_path, 1)[0].status == "failed"


def test_a_run_of_the_same_machine_is_waited_for_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    town = town_with_ann(tmp_path, monkeypatch)
    with Ledger(tmp_path) as other, other.alone():
        assert town.command("run", **WAITS).exit_code == 4
        assert sum(waits) == 40
    alone = other.alone()

    def sleep(seconds: float) -> None:
        alone.__exit__(None, None, None)

    monkeypatch.setattr(time, "sleep", sleep)
    with Ledger(tmp_path) as other:
        alone = other.alone()
        alone.__enter__()
        assert town.command("run", **WAITS).exit_code == 0
