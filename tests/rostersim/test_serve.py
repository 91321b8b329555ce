"""One fake alone, served for a program that is written against it."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from rostersim.cli import cli
from tests.fakes.clever.csv_builders import FILES
from tests.scenarios.builders import story_file, story_text

PATHS = {"clever": "/v3.1/users", "otus": "/api/v1/accounts", "ats": "/people"}


class Running(NamedTuple):
    """A server that runs, and what it has said."""

    process: "subprocess.Popen[str]"
    told: str
    environ: dict[str, str]
    env_file: Path

    def get(self, system: str, path: str) -> Any:
        name = system.upper()
        headers = {"Authorization": f"Bearer {self.environ[f'{name}_TOKEN']}"}
        with urllib.request.urlopen(urllib.request.Request(self.environ[f"{name}_URL"] + path, headers=headers)) as got:
            return got.headers["Date"], json.load(got)


@contextmanager
def serving(system: str, world: Path, *words: str) -> Iterator[Running]:
    command = [sys.executable, "-m", "rostersim", "serve", system, "--world", str(world), *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = ""
        while "Ctrl-C ends it" not in told:
            line = process.stdout.readline()
            assert line, process.communicate()
            told += line
        path = Path(re.findall(r"for a shell:  \. (\S+)", told)[0])
        pairs = (line.removeprefix("export ").split("=", 1) for line in path.read_text().splitlines())
        yield Running(process, told, dict(pairs), path)
    finally:
        process.kill()
        process.communicate()


def csv_folder(tmp_path: Path, **others: str) -> Path:
    folder = tmp_path / "upload"
    folder.mkdir()
    for name, content in {**FILES, **others}.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


@pytest.mark.parametrize("system", PATHS)
def test_each_fake_is_served_with_the_district_of_a_story_at_its_start(tmp_path: Path, system: str) -> None:
    with serving(system, story_file(tmp_path, story_text())) as running:
        date, answer = running.get(system, PATHS[system])
        assert "Mon 14 Sep 08:00" in running.told
        assert date == "Mon, 14 Sep 2026 12:00:00 GMT"
        assert "Chen" in json.dumps(answer)


def test_the_token_stands_in_a_file_of_ones_own_and_nowhere_else(tmp_path: Path) -> None:
    with serving("clever", story_file(tmp_path, story_text())) as running:
        assert stat.S_IMODE(running.env_file.stat().st_mode) == 0o600
        assert running.environ["CLEVER_TOKEN"] not in running.told
        assert "sets CLEVER_URL, CLEVER_TOKEN" in running.told


def test_a_file_that_was_there_is_made_ones_own(tmp_path: Path) -> None:
    kept = tmp_path / "kept.env"
    kept.write_text("something longer than what is written now" * 10)
    kept.chmod(0o644)
    with serving("otus", story_file(tmp_path, story_text()), "--env-file", str(kept)) as running:
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert set(running.environ) == {"OTUS_URL", "OTUS_TOKEN", "OTUS_SUPPORT_TOKEN"}


def test_the_token_is_printed_on_request(tmp_path: Path) -> None:
    with serving("clever", story_file(tmp_path, story_text()), "--show-token") as running:
        assert f"CLEVER_TOKEN={running.environ['CLEVER_TOKEN']}" in running.told


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_it_cleanly_and_leave_nothing(tmp_path: Path, how: signal.Signals) -> None:
    with serving("clever", story_file(tmp_path, story_text())) as running:
        running.get("clever", PATHS["clever"])
        running.process.send_signal(how)
        _, said = running.process.communicate(timeout=20)
        assert (running.process.returncode, said.strip()) == (0, "rostersim: stopped; nothing is left running")
        assert not running.env_file.exists()


def test_a_csv_folder_is_served_at_a_moment_and_what_was_wrong_is_told(tmp_path: Path) -> None:
    students = FILES["students.csv"] + "02M475,200000002,Diaz,Leo,10,12/10/2010,again@schools.example\n"
    folder = csv_folder(tmp_path, **{"students.csv": students})
    with serving("clever", folder, "--now", "2027-01-15 09:30") as running:
        date, answer = running.get("clever", "/v3.0/users?role=student")
    assert date == "Fri, 15 Jan 2027 14:30:00 GMT"
    assert len(answer["data"]) == 2
    assert "students.csv:4" in running.told


def test_while_the_clock_stands_no_rate_limit_applies_and_when_it_goes_clevers_own_does(tmp_path: Path) -> None:
    story = story_file(tmp_path, story_text())
    for words, limit in ((("--clock", "stands"), "1000000000"), (("--clock", "goes"), "1200")):
        with serving("clever", story, *words) as running:
            headers = {"Authorization": f"Bearer {running.environ['CLEVER_TOKEN']}"}
            asked = urllib.request.Request(running.environ["CLEVER_URL"] + "/v3.0/schools", headers=headers)
            with urllib.request.urlopen(asked) as answer:
                assert answer.headers["x-ratelimit-limit"] == limit


def test_the_contract_suite_finds_nothing_in_what_is_served(tmp_path: Path) -> None:
    with serving("clever", csv_folder(tmp_path)) as running:
        command = [sys.executable, "-m", "fakes.clever.contract", "--url", running.environ["CLEVER_URL"]]
        done = subprocess.run(
            command, env={**os.environ, **running.environ}, capture_output=True, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert " 0 differ" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["clever", "--world", "nowhere"], "there is no file or folder 'nowhere'"),
        (["clever", "--world", "library/by-hand"], "stories; name one of them, as library/by-hand/"),
        (["clever"], "Missing option '--world'"),
        (["canvas", "--world", "x"], "'canvas' is not one of"),
        (["clever", "--world", "x", "--port", "70000"], "70000 is not in the range"),
        (["clever", "--world", "x", "--now", "tomorrow"], "does not match the formats"),
    ],
)
def test_wrong_input_ends_with_2_and_a_message(words: list[str], message: str) -> None:
    result = CliRunner().invoke(cli, ["serve", *words], prog_name="rostersim")
    assert (result.exit_code, message in result.output) == (2, True), result.output


def test_a_port_in_use_ends_with_2_and_says_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        words = ["serve", "clever", "--world", str(story_file(tmp_path, story_text()))]
        result = CliRunner().invoke(cli, [*words, "--port", str(taken.getsockname()[1])])
    assert (result.exit_code, "leave --port out, or name another" in result.output) == (2, True), result.output


@pytest.mark.parametrize(
    ("system", "others", "message"),
    [
        ("otus", {}, "a district of Clever; otus is filled by a story"),
        ("clever", {"schools.csv": "nonsense\n"}, "schools.csv"),
    ],
)
def test_a_csv_folder_that_cannot_be_ends_with_2(
    tmp_path: Path, system: str, others: dict[str, str], message: str
) -> None:
    result = CliRunner().invoke(cli, ["serve", system, "--world", str(csv_folder(tmp_path, **others))])
    assert (result.exit_code, message in result.output) == (2, True), result.output


def test_a_story_that_cannot_be_ends_with_2_and_its_line(tmp_path: Path) -> None:
    path = story_file(tmp_path, story_text().replace("rules:", "ruels:"))
    result = CliRunner().invoke(cli, ["serve", "clever", "--world", str(path)])
    assert (result.exit_code, "did you mean 'rules'?" in result.output) == (2, True), result.output
