"""``rostersim crash``, as a user meets it."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rostersim.cli import cli
from tests.scenarios.builders import story_file, story_text

NEW_STUDENT = """\
  - Mon 14 Sep 10:00: {ats: new student, student: Zoe Papas, school: 02M475}
  - after night 1: {expect: {Ben Okri: {account: active}}}
"""
FORGETFUL = "forked: tests.broken.crashing:notes_before_it_writes"


def rostersim(*words: str) -> Result:
    result = CliRunner().invoke(cli, words, prog_name="rostersim")
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def world(tmp_path: Path) -> str:
    """Give the file of a world with one night of work."""
    return str(story_file(tmp_path, story_text(NEW_STUDENT, head="settings: {feed: {lag: 6h}}\n")))


def test_a_sync_that_survives_ends_with_0_and_a_table(world: str) -> None:
    result = rostersim("crash", "--world", world, "--at", "2")
    assert result.exit_code == 0
    assert "0 differences after 3 kills, in 1 runs of 1 worlds" in result.output
    assert "sync under test forked: otus_sync.app:nightly" in result.output


def test_a_miss_ends_with_1_and_says_where_how_what_and_how_to_see_it_again(world: str) -> None:
    result = rostersim("crash", "--world", world, "--sut", FORGETFUL, "--kind", "unserved")
    assert result.exit_code == 1
    assert "POST /api/v1/accounts/bulk" in result.output
    assert "unserved: the request arrived and was never served" in result.output
    assert "Zoe Papas's account is not there, and must be" in result.output
    found = re.search(r"Again  rostersim (crash .*)", result.output)
    assert found is not None
    assert re.search(r"--night 1 --at \d+ --kind unserved --sut 'forked: ", found[1])
    at = re.findall(r"--at (\d+)", found[1])[0]
    again = rostersim("crash", "--world", world, "--night", "1", "--at", at, "--kind", "unserved", "--sut", FORGETFUL)
    assert again.exit_code == 1
    assert "1 differences after 1 kills" in again.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--world", "first-nigth"], "no world, file or folder 'first-nigth'"),
        (["--sut", "callable: otus_sync.app:nightly"], "a sync is killed as a process"),
        (["--sut", "forked: no.such:thing"], "No module named 'no'"),
        (["--at", "0"], "0 is not in the range"),
        (["--kind", "often"], "'often' is not one of"),
    ],
)
def test_wrong_input_ends_with_2_and_says_what_to_write(words: list[str], told: str) -> None:
    result = rostersim("crash", *words)
    assert result.exit_code == 2
    assert told in result.output


def test_a_request_that_no_night_has_ends_with_2(world: str) -> None:
    result = rostersim("crash", "--world", world, "--at", "99")
    assert result.exit_code == 2
    assert "--at 99: no run that writes has so many requests" in result.output


def test_a_world_in_which_nothing_is_written_ends_with_2(tmp_path: Path) -> None:
    quiet = "  - after night 1: {expect: {Ben Okri: {account: active}}}\n"
    result = rostersim("crash", "--world", str(story_file(tmp_path, story_text(quiet))))
    assert result.exit_code == 2
    assert "no run of these stories writes anything; name a quiet one with --night" in result.output
