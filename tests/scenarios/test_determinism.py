"""The same seed gives the same journal, byte for byte: here, in another folder, in workers, as a command."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scenarios.play import DEFAULT_SUT, Options, play_file
from scenarios.shelf import LIBRARY, Book
from scenarios.suite import Follower, play_suite
from simulator.journal import encode_entries
from simulator.results import StoryResult
from simulator.sut import read_spec
from tests.scenarios.builders import WIPED, played, story_file, story_text

STORIES = [
    "by-hand/student-also-added-in-ats",
    "email/changed-often-on-a-slow-feed",
]
SHORT_STORIES = [
    "student-missing/inside-the-72-hours",
    "by-hand/student-wiped",
]


def book(story: str) -> Book:
    return Book(LIBRARY / f"{story}.scenario.yaml", story)


def journal(story: str, sut: str = DEFAULT_SUT, seed: int = 0) -> bytes:
    result = play_file(*book(story), Options(sut, seed), read_spec(sut))
    assert result.status == "passed"
    return encode_entries(list(result.entries))


@pytest.mark.parametrize("story", STORIES)
def test_two_runs_in_different_folders_give_the_same_journal(
    story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = journal(story)
    monkeypatch.chdir(tmp_path)
    assert journal(story) == first


def test_the_sync_as_a_command_gives_the_same_journal_as_in_process(tmp_path: Path) -> None:
    command, function = (played(tmp_path, WIPED, sut=sut) for sut in ("command: otus-sync run", DEFAULT_SUT))
    assert (command.status, function.status) == ("passed", "passed")
    assert encode_entries(list(command.entries)) == encode_entries(list(function.entries))


def test_another_seed_gives_another_world() -> None:
    assert journal(STORIES[0], seed=1) != journal(STORIES[0], seed=2)


DRAWN = """\
  - Mon 14 Sep 10:00: {ats: enroll, student: Mei Chen, section: Algebra 1-01}
  - Mon 14 Sep 10:00: {ats: change email, person: Ben Okri, email: ben@students.example}
  - after nights 1-4: {expect: {Ben Okri: {account: active}}}
"""
BETWEEN = "settings: {feed: {between: [48h, 72h]}}\n"


def drawn(folder: Path, seed: int) -> StoryResult:
    result = played(folder, DRAWN, head=BETWEEN, seed=seed)
    assert result.status == "passed", result.findings
    return result


def arrivals(result: StoryResult) -> list[str]:
    return [entry.at for entry in result.entries if entry.kind == "delivery"]


def test_a_drawn_lag_is_the_same_for_the_same_seed_and_another_for_another(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    first, again, other = drawn(tmp_path, 1), drawn(tmp_path / "elsewhere", 1), drawn(tmp_path, 2)
    assert encode_entries(list(first.entries)) == encode_entries(list(again.entries))
    assert arrivals(first) != arrivals(other)
    assert len(set(arrivals(first))) == 2, "each change has a lag of its own"
    assert all("2026-09-16T14:00:00.000Z" <= at <= "2026-09-17T14:00:00.000Z" for at in arrivals(first))


def test_workers_give_the_same_journals_as_this_process_and_in_the_same_order(tmp_path: Path) -> None:
    lagging = story_file(tmp_path, story_text(DRAWN, head=BETWEEN), "lagging")
    books = [Book(lagging, "lagging"), *map(book, SHORT_STORIES)]
    options = Options(DEFAULT_SUT, seed=1)
    suite = play_suite(books, options, 2, Follower())
    here = [play_file(*each, options, read_spec(DEFAULT_SUT)) for each in books]
    assert [story.path for story in suite.stories] == ["lagging", *SHORT_STORIES]
    assert [encode_entries(list(story.entries)) for story in suite.stories] == [
        encode_entries(list(story.entries)) for story in here
    ]


def test_nothing_of_a_journal_depends_on_the_real_clock_a_port_or_a_folder(tmp_path: Path) -> None:
    """A sync that puts all it is told into its message says the same in every run."""
    sut = "callable: tests.scenarios.test_determinism:tells_all"
    story = "  - after nights 1-2: {expect: {Mei Chen: {account: active}}}\n"
    (tmp_path / "elsewhere").mkdir()
    first, again = played(tmp_path, story, sut=sut), played(tmp_path / "elsewhere", story, sut=sut)
    assert encode_entries(list(first.entries)) == encode_entries(list(again.entries))
    assert "$SYNC_STATE_DIR" in first.entries[1].facts["reason"]


def tells_all(environ: Mapping[str, str]) -> int:
    """A sync that fails, and tells everything that it knows in one line."""
    raise RuntimeError(f"{sorted(environ.items())} {datetime.now(UTC)} {time.time()} {time.monotonic()}")
