"""The command line, as a user meets it."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from rostersim.cli import COMMANDS, cli
from rostersim.start import main, strangers
from tests.processes import is_alive
from tests.scenarios.builders import WIPED, story_file, story_text

WRONG = WIPED.replace("not in:", "in:")
ESCAPE = "\x1b"
STUB = "callable: tests.simulator.builders:idle"


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
    told = "".join(result.output.split())  # wherever lines were broken
    assert result.exit_code == 1
    assert f"{path.name}:12:16" in told
    for part in (
        "expected in Algebra 1-01",
        "found not in Algebra 1-01",
        "adds Mei Chen to Algebra 1-01",
        "night 1 ends: succeeded",
        "A student added by hand to a rostered class is removed",
        f"rostersim run {path}",
    ):
        assert part.replace(" ", "") in told


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


def test_the_schema_is_printed_for_editors() -> None:
    schema = json.loads(rostersim("schema").output)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"] == "A rostersim story"


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
    words = [sys.executable, "-m", "rostersim", "words", "--sut"]
    environ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(words, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, "CLEVER_URL" in done.stdout) == (0, True), done.stderr


# ---------------------------------------------------------------- commands


def test_a_command_imports_nothing_that_only_others_need() -> None:
    code = (
        "import sys; from rostersim.cli import cli; cli(['clock', '--help'], standalone_mode=False);"
        " print({'flask', 'faker', 'rich', 'scenarios'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout.endswith("\nset()\n"), done.stdout + done.stderr


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_a_help_that_keeps_its_lines_apart(name: str) -> None:
    told = rostersim(name, "--help")
    assert told.exit_code == 0
    assert f"rostersim {name}" in told.output
    assert "\\b" not in told.output


def test_a_mistyped_command_is_told_the_nearest() -> None:
    told = rostersim("expalin")
    assert told.exit_code == 2
    assert "Did you mean 'explain'" in told.output


# ---------------------------------------------------------------- listings


def test_a_listing_is_one_line_a_story_whatever_its_title_holds(tmp_path: Path) -> None:
    text = story_text().replace("A small story", "'A [bold]title[/] of [x] words, a long one at that'")
    path = story_file(tmp_path, text, "a-story-with-quite-a-long-name-so-that-it-would-not-fit-eighty-columns")
    lines = rostersim("list", str(path)).output.splitlines()
    assert len(lines) == 3
    assert lines[1].split("  ")[0].strip() == str(path)
    assert "A [bold]title[/] of [x] words" in lines[1]
    assert lines[2] == "1 story"


def test_a_listing_can_be_narrowed_to_a_word(tmp_path: Path) -> None:
    story_file(tmp_path, story_text(rules="[A15]"), "a")
    story_file(tmp_path, story_text(), "b")
    assert "a.scenario.yaml" not in rostersim("list", str(tmp_path), "-k", "f8").output
    assert rostersim("list", str(tmp_path), "-k", "h7").exit_code == 2


def test_a_listing_of_rules_names_the_stories_that_prove_each(tmp_path: Path) -> None:
    path = story_file(tmp_path, story_text(rules="[F8, A15]"))
    lines = rostersim("list", "--rules", str(path)).output.splitlines()
    proved = [line.split()[0] for line in lines if line.rstrip().endswith(path.name)]
    assert proved == ["F8", "A15"]
    assert any(line.startswith("F1 ") and line.rstrip().endswith("none") for line in lines)


def test_a_listing_with_a_wrong_story_in_it_ends_with_2_and_its_place(tmp_path: Path) -> None:
    path = story_file(tmp_path, "title: [\n")
    result = rostersim("list", str(tmp_path))
    assert (result.exit_code, f"{path}:2:1: is no YAML" in result.output) == (2, True)


def test_the_words_of_the_settings_are_listed_down_to_the_last() -> None:
    output = CliRunner().invoke(cli, ["words"], env={"COLUMNS": "300"}).output
    for word in ("nightly at", "by-hand co-teachers", "between", "rate limit per minute", "percent", "osis", "refused"):
        assert word in output


def test_good_stories_are_fine(tmp_path: Path) -> None:
    story_file(tmp_path, story_text(), "a")
    assert rostersim("check", str(tmp_path)).output == "1 story is fine\n"
    story_file(tmp_path, story_text(), "b")
    assert rostersim("check", str(tmp_path)).output == "2 stories are fine\n"


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--silence-max", "nan"], "is no number"),
        (["--silence-max", "inf"], "is not in the range"),
        (["--silence-max", "0"], "is not in the range"),
        (["--run-max", "nan"], "is no number"),
        (["--run-max", "1e300"], "is not in the range"),
        (["--port-base", "65535"], "is not in the range"),
        (["--port-base", "-1"], "is not in the range"),
        (["--seed", "-1"], "is not in the range"),
        (["-n", "65"], "is not in the range"),
        (["--no-such-option"], "No such option"),
        (["--sut", ""], "expected `callable: package.module:function`"),
        (["--sut", "callable: :f"], "both of them"),
        (["--sut", "command: 'unclosed"], "No closing quotation"),
    ],
)
def test_an_option_that_cannot_be_ends_with_2_before_anything_is_played(
    tmp_path: Path, words: list[str], message: str
) -> None:
    result = rostersim("run", str(story_file(tmp_path, story_text())), *words)
    assert result.exit_code == 2
    assert message in result.output
    assert "passed" not in result.output


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"\xff\xfe", b"[" * 500, b"title: a\n\tb: c", b"%PDF-1.4\n"])
def test_a_file_of_anything_ends_with_2_and_a_place(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "anything.bin"
    path.write_bytes(content)
    for command in ("run", "check", "list"):
        result = rostersim(command, str(path))
        assert result.exit_code == 2, command
        assert "anything.bin:" in result.output, command


def test_reports_that_cannot_be_written_keep_nobody_from_the_rest(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    path = story_file(tmp_path, story_text(WRONG))
    document = tmp_path / "results.json"
    bad = ["--report", str(tmp_path / "taken" / "report"), "--junit", str(tmp_path / "taken" / "junit.xml")]
    result = rostersim("run", str(path), *bad, "--json", str(document))
    assert result.exit_code == 2
    assert "expected in Algebra 1-01" in " ".join(result.output.split()), "what did not hold is told all the same"
    assert result.output.count("cannot write the report") == 2
    assert json.loads(document.read_text())["exit_code"] == 1


# ---------------------------------------------------------------- our own fault


def break_down(*_: object, **__: object) -> None:
    raise RuntimeError("a defect of the harness")


def test_a_broken_harness_ends_with_3_and_accuses_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.world.World.answer", break_down)
    result = CliRunner().invoke(cli, ["run", str(story_file(tmp_path, story_text()))], prog_name="rostersim")
    assert result.exit_code == 3
    assert "the harness itself failed; this is no finding about the sync" in " ".join(result.output.split())
    assert "a defect of the harness" in result.output
    assert "1 failed" not in result.output


def test_a_broken_command_line_ends_with_3(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("rostersim.reading.find_stories", break_down)
    monkeypatch.setattr(sys, "argv", ["rostersim", "check"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 3
    assert "rostersim: the harness itself failed" in capsys.readouterr().err


# ---------------------------------------------------------------- colours


def on_a_terminal(words: list[str], **environ: str) -> bytes:
    """What a terminal is sent."""
    leader, follower = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "rostersim", *words], stdout=follower, stderr=follower, env=os.environ | environ
    )
    os.close(follower)
    sent = b""
    try:
        with contextlib.suppress(OSError):  # a terminal whose last program has ended gives an error for an end
            while select.select([leader], [], [], 30)[0] and (part := os.read(leader, 65536)):
                sent += part
        process.wait(10)
    finally:
        os.close(leader)
        process.kill()
        process.wait()
    return sent


def test_a_terminal_gets_colours_unless_no_color_is_set(tmp_path: Path) -> None:
    words = ["run", str(story_file(tmp_path, story_text())), "--sut", STUB]
    assert ESCAPE.encode() in on_a_terminal(words, TERM="xterm-256color")
    plain = on_a_terminal(words, TERM="xterm-256color", NO_COLOR="1")
    assert ESCAPE.encode() not in plain
    assert b"1 failed" in plain


# ---------------------------------------------------------------- stopping


SLEEPER = """\
import os, sys, time
open(os.path.join(sys.argv[1], str(os.getpid())), "w").close()
time.sleep(600)
"""


@pytest.mark.parametrize(
    ("cores", "kind", "number", "to_all"),
    [
        (1, "callable", signal.SIGINT, True),
        (2, "callable", signal.SIGINT, True),
        (2, "command", signal.SIGINT, False),
        (1, "command", signal.SIGTERM, False),
    ],
)
def test_whoever_stops_a_run_waits_seconds_and_nothing_is_left(
    tmp_path: Path, cores: int, kind: str, number: int, to_all: bool
) -> None:
    """Ctrl-C reaches all processes of a terminal; `kill` and `timeout` the first one alone."""
    running = tmp_path / "running"
    running.mkdir()
    (tmp_path / "sleeper.py").write_text(SLEEPER)
    story = "  - after nights 1-300: {expect: {Mei Chen: {account: active}}}\n"
    for name in ("a", "b", "c", "d"):
        story_file(tmp_path, story_text(story), name)
    command = f"command: {sys.executable} {tmp_path / 'sleeper.py'} {running}"
    sut = command if kind == "command" else "callable: tests.scenarios.test_suite:sleeps_for_real"
    outputs = ["--report", str(tmp_path / "out"), "--json", str(tmp_path / "out" / "results.json")]
    process = subprocess.Popen(
        [sys.executable, "-m", "rostersim", "run", str(tmp_path), "-n", str(cores), "--sut", sut, *outputs],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env=os.environ | {"ROSTERSIM_TEST_FOLDER": str(running)},
    )
    over = time.monotonic() + 60
    while time.monotonic() < over and len(list(running.iterdir())) < cores:
        time.sleep(0.02)
    began = time.monotonic()
    if to_all:
        os.killpg(process.pid, number)
    else:
        os.kill(process.pid, number)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 130, output
    assert b"nothing is left running" in output
    assert b"Traceback" not in output
    assert time.monotonic() - began < 10
    begun = [int(path.name) for path in running.iterdir()]
    assert len(begun) == cores, "no other story is begun"
    assert not any(map(is_alive, begun))
    assert not (tmp_path / "out").exists()


def test_a_worker_that_has_nothing_to_do_when_a_run_is_stopped_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    """A pool whose idle worker ends kills the busy one, which then cannot end the sync that it has started."""
    running = tmp_path / "running"
    running.mkdir()
    (tmp_path / "sleeper.py").write_text(SLEEPER)
    story_file(tmp_path, "no story", "a")
    story_file(tmp_path, story_text(), "b")
    sut = f"command: {sys.executable} {tmp_path / 'sleeper.py'} {running}"
    process = subprocess.Popen(
        [sys.executable, "-m", "rostersim", "run", str(tmp_path), "-n", "2", "--sut", sut],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    over = time.monotonic() + 60
    while time.monotonic() < over and not list(running.iterdir()):
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 130, output
    assert not any(is_alive(int(path.name)) for path in running.iterdir())
