"""The same seed gives the same journal, byte for byte: here, in another folder, in workers, as a command."""

from pathlib import Path

import pytest

from scenarios.play import DEFAULT_SUT, Options, play_file
from scenarios.shelf import LIBRARY, Book
from scenarios.suite import Follower, play_suite
from simulator.journal import encode_entries
from simulator.sut import read_spec

STORIES = [
    "by-hand/student-also-added-in-ats",
    "co-teacher/by-hand-then-ats-then-removed",
    "email/changed-often-on-a-slow-feed",
    "student-missing/five-reasons-one-after-the-other",
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


def test_workers_give_the_same_journals_as_this_process_and_in_the_same_order() -> None:
    books = [book(story) for story in STORIES]
    suite = play_suite(books, Options(DEFAULT_SUT), 2, Follower())
    assert [story.path for story in suite.stories] == STORIES
    assert [encode_entries(list(story.entries)) for story in suite.stories] == [journal(story) for story in STORIES]


@pytest.mark.parametrize("story", STORIES[:2])
def test_the_sync_as_a_command_gives_the_same_journal_as_in_process(story: str) -> None:
    assert journal(story, sut="command: otus-sync run") == journal(story)


def test_another_seed_gives_another_world() -> None:
    assert journal(STORIES[0], seed=1) != journal(STORIES[0], seed=2)
