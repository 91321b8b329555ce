"""The verbs of the command line that talk to a served world."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from otus_sync.cli import commands as sync_commands
from rostersim.cli import cli
from rostersim.served.house import SANDBOX
from scenarios.play import DEFAULT_SUT, Options, play_file
from simulator.sut import read_spec
from tests.rostersim.served.builders import ENROLL, house_of
from tests.scenarios.builders import story_file


def said(state: Path, *words: str, code: int = 0) -> str:
    result = CliRunner(env={"ROSTERSIM_STATE": str(state)}).invoke(cli, words, prog_name="rostersim")
    assert result.exit_code == code, (words, result.output)
    return result.output


def test_a_ticket_becomes_a_story_in_ten_commands(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with house_of(state) as (house, owner):
        owner.ask("POST", "/worlds", {"id": "main"})
        house.tell_address(owner.url)
        said(state, "record", "start", "Ticket 1234: Mei Chen is missing from Algebra")
        said(state, "clock", "to", "Mon 14 Sep 10:00")
        assert "done; in Clever" in said(state, "do", ENROLL)
        assert "member" not in said(state, "sync", "--plan")
        assert "Tue 15 Sep 01:00 in New York, 1 nights" in said(state, "clock", "advance", "next night")
        assert "it is not so now" in said(state, "record", "expect", "Mei Chen: {in: Algebra 1-01}")
        scenario = said(state, "record", "stop")
        assert "nothing is being recorded" in said(state, "record", "stop", code=2)
    path = story_file(tmp_path, scenario, "ticket")
    assert play_file(path, path.name, Options(DEFAULT_SUT), read_spec(DEFAULT_SUT)).status == "failed"


def test_every_verb_says_what_came_of_it(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with house_of(state) as (house, owner):
        owner.ask("POST", "/worlds", {"id": "main", "story": SANDBOX.read_text(encoding="utf-8")})
        house.tell_address(owner.url)
        assert "there is no snapshot yet" in said(state, "snapshot", "list")
        assert said(state, "snapshot", "save", "before") == "before: Mon 14 Sep 08:00\n"
        assert "last run of the sync: succeeded" in said(state, "sync")
        assert "ready: Mon 14 Sep 08:00" in said(state, "snapshot", "restore", "before")
        assert "runs at 2 times real time" in said(state, "clock", "run", "--speed", "2")
        assert "ready" in said(state, "clock", "pause")
        assert "ready: Mon 14 Sep 08:00" in said(state, "clock", "rewind", "start")
        assert "no: " in said(state, "do", "expect: {Mei Chen: {in: Algebra 1-01}}", code=1)
        assert "marked" in said(state, "record", "mark", "look here")
        assert "# look here" in said(state, "record", "show")
        assert "ready" in said(state, "clock", "status")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["clock", "to", "Mon 14 Sep 07:00"], "time goes forward"),
        (["clock", "advance", "3 parsecs"], "is no duration"),
        (["do", "{ats: enroll, student: Mei Chan, section: Algebra 1-01}"], "did you mean"),
        (["snapshot", "restore", "after"], "there is no snapshot 'after'"),
        (["clock", "status", "--on", "mian"], "did you mean 'main'?"),
    ],
)
def test_wrong_input_ends_with_2_and_what_to_do_instead(tmp_path: Path, words: list[str], message: str) -> None:
    with house_of(tmp_path / "state") as (house, owner):
        owner.ask("POST", "/worlds", {"id": "main"})
        house.tell_address(owner.url)
        assert message in said(tmp_path / "state", *words, code=2)


def test_without_a_server_the_command_that_starts_one_is_named(tmp_path: Path) -> None:
    message = said(tmp_path / "nowhere", "clock", "status", code=2)
    assert f"rostersim serve --state {tmp_path / 'nowhere'}" in message


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--now", "2026-09-14"], "--now: such options go with one fake"),
        (["clever", "--world", "x", "--speed", "2"], "--speed: such options go with a whole world"),
        (["--world", "x", "--scenario", "y"], "exclude each other"),
        (["--world", "nowhere"], "there is no file or folder 'nowhere'"),
        (["--scenario", "library/by-hand"], "name one of them"),
        (["--sut", "nonsense"], "expected `callable:"),
    ],
)
def test_a_server_that_cannot_be_ends_with_2_and_leaves_no_world(
    tmp_path: Path, words: list[str], message: str
) -> None:
    assert message in said(tmp_path / "state", "serve", *words, code=2)
    worlds = tmp_path / "state" / "worlds"
    assert not worlds.exists() or not list(worlds.iterdir())


def test_a_state_directory_that_holds_a_world_takes_no_other_unless_told(tmp_path: Path) -> None:
    with house_of(tmp_path / "state") as (_, owner):
        owner.ask("POST", "/worlds", {"id": "main"})
    message = said(tmp_path / "state", "serve", "--world", "library/email/lost-in-ats.scenario.yaml", code=2)
    assert "holds a world already" in message
    assert "--fresh" in message


def test_the_keys_of_a_world_are_variables_for_any_other_program(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with house_of(state) as (house, owner):
        owner.ask("POST", "/worlds", {"id": "main", "story": SANDBOX.read_text(encoding="utf-8")})
        house.tell_address(owner.url)
        told = dict(line.split("=", 1) for line in said(state, "keys").splitlines())
        assert {"CLEVER_URL", "CLEVER_TOKEN", "OTUS_URL", "OTUS_TOKEN", "ATS_URL"} <= set(told)
        assert told["SYNC_NOW"].startswith("2026-09-14T12:00")
        environ = {**told, "SYNC_STATE_DIR": str(tmp_path / "ledger"), "SYNC_ATTEMPTS": "1"}
        planned = CliRunner().invoke(sync_commands, ["plan"], env=environ, catch_exceptions=False)
        assert planned.exit_code == 0, planned.output
        assert "This run would write" in planned.output
