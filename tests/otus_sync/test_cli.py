"""The two ways in: the command and the function."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from otus_sync.app import nightly
from otus_sync.cli import commands
from otus_sync.ledger import Ledger, remembered_runs
from tests.otus_sync.builders import held_run
from tests.otus_sync.wires import Answer, Script, answer, scripted

TOKENS = {"CLEVER_TOKEN": "clever-s3cret", "OTUS_TOKEN": "otus-s3cret"}
NO_RUNS = answer({"items": []})
NO_DIGESTS = answer({"ids": [], "digests": "", "next": None})
UNAUTHORIZED = answer({"message": "the token is unknown"}, 401)


def run_document(number: int, status: Any = "running", **given: Any) -> dict[str, Any]:
    return {**msgspec.to_builtins(held_run(number, status=status)), **given}


def listed(*runs: dict[str, Any]) -> Answer:
    return answer({"items": runs})


def clever_with_one_student(student: Mapping[str, Any]) -> list[Answer]:
    def page(*records: Mapping[str, Any]) -> Answer:
        return answer({"data": [{"data": record, "uri": ""} for record in records], "links": []})

    district = page({"id": "d"})
    return [district, page({"id": "s", "sis_id": "02M475"}), page(), page(student), page(), district]


def environment(script: Script, folder: Path) -> dict[str, str]:
    """The settings of a run whose Clever and Otus are one scripted server."""
    return {
        **TOKENS,
        "CLEVER_URL": script.url,
        "OTUS_URL": script.url,
        "SYNC_STATE_DIR": str(folder / "state"),
        "SYNC_NOW": "2026-09-18T01:00:00-04:00",
        "SYNC_ATTEMPTS": "1",
    }


def command(*arguments: str, environ: Mapping[str, str]) -> Result:
    return CliRunner().invoke(commands, arguments, env=dict(environ))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("SYNC_", "CLEVER_", "OTUS_")):
            monkeypatch.delenv(name)


def test_bad_settings_are_exit_code_2_and_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert nightly({"CLEVER_URL": "clever"}) == 2
    assert "CLEVER_URL in the environment: found 'clever'" in capsys.readouterr().err
    result = command("run", "--guard-percent", "many", environ={})
    assert result.exit_code == 2
    assert "--guard-percent on the command line: found 'many'" in result.stderr


def test_bad_usage_is_exit_code_2() -> None:
    assert command("run", "--no-such-option", environ={}).exit_code == 2
    assert command("approve", "the-last-one", environ={}).exit_code == 2


def test_the_help_documents_the_exit_codes_and_every_setting() -> None:
    assert "4  another run is in progress" in command("--help", environ={}).stdout
    text = command("run", "--help", environ={}).stdout
    assert "SYNC_GUARD_PERCENT" in text
    assert "otus-sync run --schools 02M475,03M859" in text
    assert "token" not in text


def test_another_run_in_progress_is_exit_code_4(tmp_path: Path) -> None:  # A15
    with scripted([NO_RUNS, answer({"message": "run 1 has the lease"}, 409)]) as script:
        assert nightly(environment(script, tmp_path)) == 4
        assert len(script.asked) == 2


def test_a_run_of_this_machine_in_progress_is_exit_code_4_and_asks_nobody(tmp_path: Path) -> None:
    with scripted([NO_RUNS]) as script, Ledger(tmp_path / "state") as ledger, ledger.alone():
        assert nightly(environment(script, tmp_path)) == 4
        assert script.asked == []


def test_a_failure_is_exit_code_1_and_stands_in_otus_and_in_the_ledger(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # A15
    begun = answer(run_document(5), 201)
    with scripted([NO_RUNS, begun, UNAUTHORIZED, answer(run_document(5, "failed"))]) as script:
        assert nightly(environment(script, tmp_path)) == 1
        report = msgspec.json.decode(script.asked[-1].body)
    assert report["status"] == "failed"
    assert "Clever, GET /v3.1/districts: refused with 401" in report["reason"]
    (run,) = remembered_runs(tmp_path / "state", 5)
    assert (run.status, run.reason, run.otus_run, run.told) == ("failed", report["reason"], 5, True)
    assert run.started.startswith("2026-09-18T05:00:0")
    lines = [msgspec.json.decode(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["run.started", "run.failed"]
    assert {line["run"] for line in lines} == {1}
    assert "s3cret" not in str(lines)


def test_a_failure_that_otus_could_not_be_told_of_is_taken_over_by_the_next_run(tmp_path: Path) -> None:  # A15
    with scripted([NO_RUNS, answer(run_document(5), 201), Answer(500)]) as script:
        assert nightly(environment(script, tmp_path)) == 1
    with scripted([listed(run_document(5)), answer(run_document(6), 201), UNAUTHORIZED]) as script:
        assert nightly(environment(script, tmp_path)) == 1
        assert msgspec.json.decode(script.asked[1].body)["takes_over"] == 5


def test_a_run_that_began_in_otus_without_our_knowing_is_taken_over_by_the_next(tmp_path: Path) -> None:  # A15
    with scripted([listed(run_document(4, "succeeded")), Answer(201, b"{}", cut=True)]) as script:
        assert nightly(environment(script, tmp_path)) == 1
    running = listed(run_document(5), run_document(4, "succeeded"))
    with scripted([running, answer(run_document(6), 201), UNAUTHORIZED]) as script:
        assert nightly(environment(script, tmp_path)) == 1
        assert msgspec.json.decode(script.asked[1].body)["takes_over"] == 5


def test_an_unusable_ledger_is_exit_code_1_before_anybody_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").write_text("in the way")
    with scripted([NO_RUNS]) as script:
        assert nightly(environment(script, tmp_path)) == 1
        assert script.asked == []
    assert "SYNC_STATE_DIR" in capsys.readouterr().err


def test_a_ledger_that_fails_in_the_middle_is_a_clear_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(self: Ledger, run: int, otus_run: int) -> None:
        with self._explained():
            raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Ledger, "joined", full)
    with scripted([NO_RUNS, answer(run_document(5), 201)]) as script:
        assert nightly(environment(script, tmp_path)) == 1
        assert b"disk is full" in script.asked[-1].body
    assert "disk is full" in capsys.readouterr().err


def test_a_plan_is_printed_and_nothing_is_written_anywhere(tmp_path: Path) -> None:
    ann = {"id": "u1", "email": "ann@x.example", "roles": {"student": {"school": "s"}}}
    with scripted([NO_RUNS, *clever_with_one_student(ann), NO_DIGESTS, NO_DIGESTS]) as script:
        result = command("plan", "--json", environ=environment(script, tmp_path))
        assert {asked.method for asked in script.asked} == {"GET"}
    assert result.exit_code == 0
    plan = msgspec.json.decode(result.stdout)
    assert plan["accounts"][0]["write"]["email"] == "ann@x.example"
    assert not (tmp_path / "state").exists()


def test_a_plan_as_a_table_names_counts_and_problems(tmp_path: Path) -> None:
    nameless = {"id": "u1", "name": {"first": "[red]Ann"}, "roles": {"student": {"school": "s"}}}
    with scripted([NO_RUNS, *clever_with_one_student(nameless), NO_DIGESTS, NO_DIGESTS]) as script:
        result = command("plan", environ={**environment(script, tmp_path), "NO_COLOR": "1", "COLUMNS": "120"})
    assert "nothing" in result.stdout
    assert "[red]Ann" in result.stdout
    assert "no_email" in result.stdout
    assert "\x1b" not in result.stdout


def test_discard_marks_the_newest_held_run(tmp_path: Path) -> None:  # A14
    held = run_document(7, "held")
    with scripted([listed(run_document(8, "failed"), held), answer({**held, "approval": "discarded"})]) as script:
        result = command("discard", environ=environment(script, tmp_path))
        assert script.asked[-1].path == "/api/v1/sync-runs/7/discard"
    assert (result.exit_code, result.stdout) == (0, "The removals of run 7 are discarded.\n")


def test_there_may_be_nothing_to_decide(tmp_path: Path) -> None:
    with scripted([NO_RUNS]) as script:
        result = command("approve", environ=environment(script, tmp_path))
    assert result.exit_code == 1
    assert "there is no held run" in result.stderr


def test_approve_marks_a_run_and_runs_at_once(tmp_path: Path) -> None:  # A14
    held = run_document(7, "held", approval="approved")
    with scripted([answer(held), listed(held), answer({"message": "busy"}, 409)]) as script:
        result = command("approve", "7", environ=environment(script, tmp_path))
        asked = [(asked.method, asked.path) for asked in script.asked]
    assert asked[0] == ("POST", "/api/v1/sync-runs/7/approve")
    assert asked[-1] == ("POST", "/api/v1/sync-runs")
    assert result.exit_code == 4


def test_status_shows_the_ledger_and_otus(tmp_path: Path) -> None:
    with scripted([NO_RUNS, answer(run_document(5), 201), UNAUTHORIZED]) as script:
        nightly(environment(script, tmp_path))
    with scripted([listed(run_document(5, "failed", reason="the token"))]) as script:
        environ = environment(script, tmp_path)
        result = command("status", "--json", environ=environ)
        table = command("status", environ={**environ, "COLUMNS": "200"})
    found = msgspec.json.decode(result.stdout)
    assert found["ledger"][0]["status"] == "failed"
    assert found["otus"][0]["reason"] == "the token"
    assert "the token" in table.stdout


def test_status_shows_the_ledger_when_otus_is_away(tmp_path: Path) -> None:
    with scripted([Answer(503)]) as script:
        result = command("status", "--json", environ=environment(script, tmp_path))
    assert result.exit_code == 0
    assert "503" in msgspec.json.decode(result.stdout)["otus_error"]


def test_the_module_runs_as_a_command_without_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "otus_sync", "run"], env={}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.startswith("otus-sync: missing: CLEVER_URL")
    assert "Traceback" not in done.stderr
