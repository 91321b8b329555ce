"""While Otus has paused its sync (H9) a run says so, and does nothing else."""

from collections.abc import Collection
from pathlib import Path

import msgspec
import pytest

from otus_sync.ledger import remembered_runs
from otus_sync.otus_records import NewRun, SyncRun
from tests.otus_sync.builders import SCHOOLS, student
from tests.otus_sync.clever_model import CleverModel
from tests.otus_sync.town import Town


def test_a_run_ends_at_once_with_its_own_exit_code_and_the_next_one_after_the_pause_makes_up_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = CleverModel()
    model.put(*SCHOOLS, student("ann"))
    town = Town(tmp_path, monkeypatch, model)
    honest = town.otus.start_run

    def paused(new: NewRun, known: Collection[int]) -> SyncRun | None:
        run = honest(new, known)
        return None if run is None else msgspec.structs.replace(run, sync_paused=True)

    with monkeypatch.context() as during:
        during.setattr(town.otus, "start_run", paused)
        result = town.run()
    assert result.exit_code == 6
    assert "Otus has paused its sync" in result.output
    assert town.writes() == 0
    record = town.otus.runs()[0]
    assert (record.status, "paused" in record.reason) == ("failed", True)
    assert remembered_runs(tmp_path, 1)[0].status == "failed"
    assert town.run().exit_code == 0
    assert town.otus.person("ann").active
