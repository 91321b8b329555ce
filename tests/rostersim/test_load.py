"""``rostersim load`` and what was typed wrong."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from loadtests.district import WorkerDied
from loadtests.load import measure as measuring
from loadtests.load.engine import EngineBroke
from loadtests.load.measure import LoadOptions, Night, Progress, Tell
from loadtests.load.result import Measured, Verdict
from rostersim.cli import cli
from tests.loadtests.load.builders import night, run

Measure = Callable[[LoadOptions, Tell], Night]


def load(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["load", *words])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "name the folder of a district; make one with: rostersim generate"),
        (["nowhere"], "nowhere holds no district.json"),
        (["nowhere", "--thresholds", "none.toml"], "none.toml: No such file"),
        (["nowhere", "--nights", "3"], "--nights 3 is for --shape soak"),
        (["nowhere", "--shape", "soak"], "--shape soak needs --seconds"),
        (["nowhere", "--shape", "term-start", "--seconds", "5"], "give --teachers or --admins"),
        (["nowhere", "--sync", "none"], "leaves nobody to do anything"),
        (["nowhere", "--master", "--processes", "2"], "name one of them"),
    ],
)
def test_wrong_input_is_told_and_ends_with_2(
    words: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = load(*words)
    assert code == 2
    assert says in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("sut", "says"),
    [
        ("callable: my.sync:run", "under load the sync is a command of its own"),
        ("command: no-such-sync", "there is no program 'no-such-sync' on the PATH"),
        ("command: 'torn", "No closing quotation"),
    ],
)
def test_a_sync_that_cannot_be_started_is_told_before_anything_is(sut: str, says: str, tmp_path: Path) -> None:
    from loadtests.generate import Wish, generate

    generate(tmp_path / "district", Wish("small", students=30, schools=1), seed=1)
    code, said = load(str(tmp_path / "district"), "--sut", sut)
    assert (code, says in said) == (2, True), said


def test_the_schema_of_thresholds_is_printed_for_editors() -> None:
    code, said = load("--thresholds-schema")
    assert code == 0
    assert "seconds_max" in json.loads(said)["$defs"]["Thresholds"]["properties"]


def measuring_gives(monkeypatch: pytest.MonkeyPatch, outcome: Night | Exception) -> None:
    """Let nothing be measured really."""

    def measure(_options: LoadOptions, tell: Tell) -> Night:
        tell(Progress("the night", 1.0))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(measuring, "measure", measure)


def test_thresholds_decide_the_exit_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    measuring_gives(monkeypatch, Night(night(), {}))
    limits = tmp_path / "limits.toml"
    words = ["district", "--report", str(tmp_path / "report"), "--thresholds", str(limits)]
    limits.write_text("seconds_max = 5")
    code, said = load(*words)
    assert (code, "all 4 thresholds held" in said) == (0, True)
    assert "8.0x" in said
    limits.write_text("seconds_max = 3")
    code, said = load(*words)
    assert (code, "1 of 4 thresholds missed" in said) == (1, True)
    assert (tmp_path / "report" / "index.html").exists()


@pytest.mark.parametrize(
    "wrong",
    [night(verdict=Verdict(1, ("Mei Chen is in no class",), {}, planted_ok=True)), night(runs=(run(exit_code=1),))],
)
def test_a_run_that_is_wrong_fails_and_prints_no_speed(
    wrong: Measured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    measuring_gives(monkeypatch, Night(wrong, {}))
    code, said = load("district", "--report", str(tmp_path))
    assert code == 1
    assert "This run is wrong, so it has no speed." in said
    assert "a second" not in said
    assert "8.0x" not in said


@pytest.mark.parametrize("broken", [WorkerDied("1 of 2 workers of clever have died"), EngineBroke("Locust has ended")])
def test_a_harness_that_breaks_says_so_and_ends_with_3(broken: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    measuring_gives(monkeypatch, broken)
    code, said = load("district")
    assert (code, str(broken) in said) == (3, True)


def test_a_report_that_cannot_be_written_ends_with_2_after_the_summary(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    measuring_gives(monkeypatch, Night(night(), {}))
    (tmp_path / "file").write_text("")
    code, said = load("district", "--report", str(tmp_path / "file" / "below"))
    assert code == 2
    assert "all 3 thresholds held" in said
    assert "cannot write the report" in said
