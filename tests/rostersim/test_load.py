"""``rostersim load`` and what was typed wrong."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from rostersim.cli import cli


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
