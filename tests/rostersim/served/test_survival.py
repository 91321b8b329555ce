"""A server of worlds is killed, its disk is damaged, and nothing is lost."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from rostersim.cli import cli
from rostersim.served.commands import LOG_NAME
from tests.processes import is_alive
from tests.rostersim.served.builders import BEGINNING, BY_HAND, ENROLL, Asker, served
from tests.scenarios.builders import story_file

READY = "Ctrl-C ends it"


@contextmanager
def server(state: Path, *words: str) -> Iterator[tuple["subprocess.Popen[str]", Asker, str]]:
    command = [sys.executable, "-P", "-m", "rostersim", "serve", "--state", str(state), *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = ""
        while READY not in told:
            line = process.stdout.readline()
            assert line, process.communicate()
            told += line
        file = json.loads((state / "server.json").read_text())
        yield process, Asker(file["url"], file["token"]), told
    finally:
        process.kill()
        process.communicate()


def test_a_server_that_is_killed_in_the_middle_of_an_advance_goes_on_to_its_end(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with server(state, "--world", str(story_file(tmp_path, BEGINNING))) as (process, asker, _):
        asker.do(ENROLL)
        asker.do(BY_HAND)
        asker.post("/snapshots", {"name": "before"})
        asker.post("/clock/advance", {"to": "night 12"})
        pause = threading.Event()
        while asker.get("/clock")["nights"] < 2:
            pause.wait(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    log = state / "worlds" / "main" / LOG_NAME
    log.write_bytes(log.read_bytes() + b'1234abcd {"do":"adva')  # and one more command was being written
    with server(state) as (_, asker, told):
        assert "was torn off while it was written" in told
        status = asker.until_ready()
        assert (status["status"], status["nights"]) == ("ready", 12)
        assert asker.classes_of("Mei Chen") == {"Algebra 1-01": ("student", "student", "student, by roster")}
        after = asker.get("/journal?limit=5000")
        assert [line["name"] for line in asker.get("/snapshots")["items"]] == ["before"]
    with served(tmp_path / "another") as asker:
        asker.do(ENROLL)
        asker.do(BY_HAND)
        asker.advance("night 12")
        assert asker.get("/journal?limit=5000") == after  # as if nobody had killed anything


def test_ctrl_c_in_the_middle_of_an_advance_keeps_the_world_and_leaves_nothing(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with server(state, "--world", str(story_file(tmp_path, BEGINNING))) as (process, asker, _):
        asker.post("/clock/advance", {"to": "300d"})
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
        assert (process.returncode, said.strip()) == (
            0,
            "rostersim: stopped; the worlds are kept, and nothing is left running",
        )
        assert not (state / "server.json").exists()
        assert not is_alive(process.pid)


def test_two_servers_never_keep_the_same_worlds(tmp_path: Path) -> None:
    with served(tmp_path / "state"):
        result = CliRunner().invoke(cli, ["serve", "--state", str(tmp_path / "state")])
        assert (result.exit_code, "another server keeps the worlds" in result.output) == (2, True), result.output


def test_a_damaged_log_ends_with_2_and_stays_as_it_is(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        asker.do(ENROLL)
        asker.do(BY_HAND)
    log = tmp_path / "state" / "worlds" / "main" / LOG_NAME
    damaged = log.read_bytes().replace(b"enroll", b"enrolk")
    log.write_bytes(damaged)
    result = CliRunner().invoke(cli, ["serve", "--state", str(tmp_path / "state")])
    assert (result.exit_code, f"{LOG_NAME}:2: this line is damaged" in result.output) == (2, True), result.output
    assert log.read_bytes() == damaged


@pytest.mark.parametrize("damage", [lambda text: text.replace(b"Chen", b"Chan", 1), lambda text: text[:100]])
def test_a_corrupt_snapshot_is_refused_and_its_moment_comes_back_by_a_rewind(tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    with served(tmp_path / "state") as asker:
        asker.do(BY_HAND)
        asker.post("/snapshots", {"name": "before"})
        asker.advance("2d")
        path = tmp_path / "state" / "worlds" / "main" / "snapshots" / "before.json"
        path.write_bytes(damage(path.read_bytes()))
        journal = asker.get("/journal")
        message = asker.refused("/snapshots/before/restore")
        assert "is corrupt" in message
        assert "nothing was changed" in message
        assert asker.get("/journal") == journal
        assert "corrupt" in asker.get("/snapshots")["items"][0]["problem"]
        asker.post("/clock/rewind", {"to": "Mon 14 Sep 08:00"})
        asker.until_ready()
        assert asker.classes_of("Mei Chen")["Algebra 1-01"][2] == "student, by hand"


def test_a_disk_that_takes_no_command_lets_nothing_be_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(tmp_path / "state") as asker:
        log = tmp_path / "state" / "worlds" / "main" / LOG_NAME
        before = log.read_bytes()

        def full(_descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("rostersim.served.commands.os.fsync", full)
        told = asker.ask("POST", "/worlds/main/steps", {"steps": ENROLL})
        monkeypatch.undo()
        assert (told.code, "No space left on device; nothing was done" in told.body["message"]) == (507, True), told
        assert log.read_bytes() == before
        assert asker.classes_of("Mei Chen") == {}


def test_a_sync_that_cannot_be_started_fails_the_world_and_a_rewind_brings_it_back(tmp_path: Path) -> None:
    program = tmp_path / "sync"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    with served(tmp_path / "state", sut=f"command: {program}") as asker:
        program.unlink()
        asker.post("/clock/advance", {"to": "next night"})
        status = asker.until_ready()
        assert (status["status"], "cannot be started" in status["why"]) == ("failed", True), status
        assert "has failed" in asker.refused("/clock/advance", {"to": "1h"})
        asker.post("/clock/rewind", {"to": "start"})
        assert asker.until_ready()["status"] == "ready"
