"""The command line, as a user meets it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner, Result

from rostersim.cli import cli
from rostersim.start import strangers
from scenarios.shelf import LIBRARY
from tests.scenarios.builders import WIPED, story_file, story_text

WRONG = WIPED.replace("not in:", "in:")
ESCAPE = "\x1b"


def rostersim(*words: str) -> Result:
    result = CliRunner().invoke(cli, words, prog_name="rostersim")
    assert "Traceback" not in result.output
    return result


def test_a_story_that_holds_ends_with_0(tmp_path: Path) -> None:
    result = rostersim("run", str(story_file(tmp_path, story_text())))
    assert result.exit_code == 0
    assert "1 passed" in result.output


def test_a_wrong_expectation_ends_with_1_and_says_all_that_one_needs(tmp_path: Path) -> None:
    path = story_file(tmp_path, story_text(WRONG))
    result = rostersim("run", str(path))
    told = " ".join(result.output.split())
    assert result.exit_code == 1
    assert f"{path.name}:12:" in told
    for part in (
        "expected in Algebra 1-01",
        "found not in Algebra 1-01",
        "adds Mei Chen to Algebra 1-01",
        "night 1 ends: succeeded",
        "A student added by hand to a rostered class is removed",
        f"rostersim run {path}",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "library/by-hnad"], "did you mean 'library/by-hand'?"),
        (["run", "-k", "no such word"], "no story has this"),
        (["run", "--sut", "node sync.js"], "expected `callable: package.module:function`"),
        (["run", "--sut", "command: no-such-program"], "there is no program 'no-such-program'"),
        (["run", "--sut", "callable: otus_sync.app:nightyl"], "has no 'nightyl'"),
        (["run", "--sut", "callable: no_such_module:f"], "No module named 'no_such_module'"),
        (["check", "nowhere"], "there is no file or folder 'nowhere'"),
        (["run", "-n", "0"], "0 is not in the range"),
        (["run", "--seed", "x"], "'x' is not a valid integer"),
    ],
)
def test_wrong_input_ends_with_2_and_a_message(words: list[str], message: str) -> None:
    result = rostersim(*words)
    assert result.exit_code == 2
    assert message in result.output


def test_a_port_in_use_ends_with_2_and_says_so(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = rostersim("run", str(story_file(tmp_path, story_text())), "--port-base", str(port))
    assert result.exit_code == 2
    assert f"port {port} of 127.0.0.1 cannot be had" in " ".join(result.output.split())


def test_a_report_that_cannot_be_written_ends_with_2_after_the_verdict(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    result = rostersim("run", str(story_file(tmp_path, story_text())), "--report", str(tmp_path / "taken" / "report"))
    assert result.exit_code == 2
    assert "1 passed" in result.output


def test_a_broken_story_among_good_ones_ends_with_2_and_the_good_ones_are_played(tmp_path: Path) -> None:
    story_file(tmp_path, story_text(), "good")
    story_file(tmp_path, "title: [", "bad")
    result = rostersim("run", str(tmp_path), "-n", "1")
    assert result.exit_code == 2
    assert "1 unusable" in result.output
    assert "1 passed" in result.output


def test_fail_fast_stops_after_the_first_story_that_does_not_pass(tmp_path: Path) -> None:
    story_file(tmp_path, story_text(WRONG), "a")
    story_file(tmp_path, story_text(), "b")
    result = rostersim("run", str(tmp_path), "-n", "1", "--fail-fast")
    assert result.exit_code == 1
    assert "passed" not in result.output


def test_check_lists_every_problem_of_every_file_by_line_and_column(tmp_path: Path) -> None:
    story_file(tmp_path, "title: [", "a")
    story_file(tmp_path, story_text("  - after night 0: {otus: goes down}\n"), "b")
    result = rostersim("check", str(tmp_path))
    assert result.exit_code == 2
    assert "a.scenario.yaml:1:" in result.output
    assert "b.scenario.yaml:10:5: " in result.output
    assert "2 problems in 2 files" in result.output


def test_junit_and_json_tell_the_same_as_the_console(tmp_path: Path) -> None:
    story_file(tmp_path, story_text(WRONG), "a")
    story_file(tmp_path, story_text(), "b")
    junit, document = tmp_path / "results.xml", tmp_path / "results.json"
    rostersim("run", str(tmp_path), "-n", "1", "--junit", str(junit), "--json", str(document))
    suites = ET.parse(junit).getroot()
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("2", "1", "0")
    statuses = [story["status"] for story in json.loads(document.read_text())["stories"]]
    assert statuses == ["failed", "passed"]


def test_every_built_in_story_is_valid_and_every_f_rule_has_one() -> None:
    assert rostersim("check").exit_code == 0
    lines = rostersim("list", "--rules").output.splitlines()
    assert [line for line in lines if line.startswith("F") and line.endswith("none")] == []


def test_the_json_schema_accepts_every_built_in_story_and_no_slip() -> None:
    schema = json.loads(rostersim("schema").output)
    validator = jsonschema.Draft202012Validator(schema)
    stories = sorted(LIBRARY.rglob("*.scenario.yaml"))
    assert len(stories) >= 24
    for path in stories:
        # As an editor reads it, but for the dates that YAML makes of some texts and JSON does not know.
        story = json.loads(json.dumps(yaml.safe_load(path.read_text()), default=str))
        assert [error.message for error in validator.iter_errors(story)] == [], path
        wrong = json.loads(json.dumps(story).replace('"otus": "add student"', '"otus": "add studnet"'))
        assert wrong == story or not validator.is_valid(wrong)


@pytest.mark.parametrize("words", [[], ["run"], ["list"], ["check"], ["words"], ["schema"]])
def test_every_command_explains_itself(words: list[str]) -> None:
    result = rostersim(*words, "--help")
    assert result.exit_code == 0
    assert "Usage: rostersim" in result.output


def test_the_words_of_the_language_are_listed() -> None:
    output = rostersim("words").output
    assert "otus: add student" in output
    assert "CLEVER_URL" in rostersim("words", "--sut").output


def test_output_that_is_no_terminal_has_no_escape_codes(tmp_path: Path) -> None:
    assert ESCAPE not in rostersim("run", str(story_file(tmp_path, story_text(WRONG)))).output


def test_somebody_elses_package_of_our_name_is_noticed(tmp_path: Path) -> None:
    assert len(strangers(tmp_path)) == 4
    (tmp_path / "fakes").mkdir()
    (tmp_path / "fakes" / "__init__.py").write_text("")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from rostersim.start import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert f"fakes is {tmp_path / 'fakes'}" in done.stderr


def test_a_users_folder_called_fakes_does_not_come_first(tmp_path: Path) -> None:
    (tmp_path / "fakes").mkdir()
    (tmp_path / "fakes" / "__init__.py").write_text("raise RuntimeError('not ours')")
    words = [sys.executable, "-m", "rostersim", "--version"]
    environ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(words, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, "rostersim" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize("cores", ["1", "2"])
@pytest.mark.parametrize("sut", ["callable: otus_sync.app:nightly", "command: sleep 600"])
def test_ctrl_c_ends_everything_within_seconds(tmp_path: Path, cores: str, sut: str) -> None:
    long = "  - after nights 1-300:\n      expect: {Mei Chen: {account: active}}\n"
    for name in ("a", "b"):
        story_file(tmp_path, story_text(long), name)
    report = tmp_path / "report"
    words = ["run", str(tmp_path), "-n", cores, "--sut", sut, "--report", str(report)]
    process = subprocess.Popen(
        [sys.executable, "-m", "rostersim", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    time.sleep(3)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of the group
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 130, output
    assert b"nothing is left running" in output
    assert b"Traceback" not in output
    assert not report.exists()
    left = subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, text=True, check=False).stdout
    assert left == ""
