"""Many stories on several cores: the same results as on one, and nothing left when somebody stops it."""

import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from scenarios.play import Options
from scenarios.shelf import Book
from scenarios.suite import Follower, play_suite
from simulator.journal import Listener
from simulator.results import EXIT_BROKEN, EXIT_FAILED, EXIT_PASSED, EXIT_UNUSABLE, StoryResult, SuiteResult
from simulator.sut import UnusableSutError
from tests.processes import is_alive
from tests.scenarios.builders import story_file, story_text

STUB = "callable: tests.simulator.builders:idle"
DIES = "callable: tests.scenarios.test_suite:dies_in_algebra_2"
SLEEPS = "callable: tests.scenarios.test_suite:sleeps_for_real"
GOOD = "  - after night 1: {expect: {Mei Chen: {account: active}}}\n"
WRONG = "  - after night 1: {expect: {Mei Chen: {account: none}}}\n"


def dies_in_algebra_2(environ: Mapping[str, str]) -> int:
    """A sync that takes its whole process with it, as one that runs out of memory does."""
    os._exit(9)


def sleeps_for_real(environ: Mapping[str, str]) -> int:
    """A sync that says who it is and waits for real."""
    (Path(os.environ["ROSTERSIM_TEST_FOLDER"]) / str(os.getpid())).write_text("")
    threading.Event().wait(600)
    return 0


def book(folder: Path, name: str, story: str = GOOD) -> Book:
    return Book(story_file(folder, story_text(story), name), name)


class Told(Follower):
    """Takes down what it is told."""

    def __init__(self) -> None:
        self.started_stories: list[str] = []
        self.finished_stories: list[str] = []
        self.entries = 0

    def started(self, book: Book) -> None:
        self.started_stories.append(book.label)

    def listener(self, book: Book) -> Listener | None:
        def listen(_entry: object) -> None:
            self.entries += 1

        return listen

    def finished(self, result: StoryResult) -> None:
        self.finished_stories.append(result.path)


def statuses(suite: SuiteResult) -> list[tuple[str, str]]:
    return [(story.path, story.status) for story in suite.stories]


@pytest.mark.parametrize("cores", [1, 2])
def test_results_come_in_the_order_of_the_stories(tmp_path: Path, cores: int) -> None:
    books = [
        book(tmp_path, "long", GOOD.replace("night 1", "nights 1-20")),
        book(tmp_path, "wrong", WRONG),
        book(tmp_path, "short"),
        Book(story_file(tmp_path, "title: [", "broken"), "broken"),
    ]
    told = Told()
    suite = play_suite(books, Options(STUB, seed=3), cores, told)
    assert statuses(suite) == [("long", "passed"), ("wrong", "failed"), ("short", "passed"), ("broken", "unusable")]
    assert (suite.seed, suite.sut, suite.exit_code) == (3, STUB, EXIT_UNUSABLE)
    assert told.started_stories == [each.label for each in books]
    assert sorted(told.finished_stories) == sorted(told.started_stories)
    assert (told.entries > 0) == (cores == 1)


@pytest.mark.parametrize("cores", [1, 2])
def test_fail_fast_ends_the_run_with_the_first_that_does_not_pass(tmp_path: Path, cores: int) -> None:
    # So many that some are left, however late this process hears of the first.
    books = [book(tmp_path, "wrong", WRONG), *(book(tmp_path, f"good-{number}") for number in range(60))]
    suite = play_suite(books, Options(STUB), cores, Follower(), fail_fast=True)
    assert ("wrong", "failed") in statuses(suite)
    assert len(suite.stories) < len(books)
    assert suite.exit_code == EXIT_FAILED


@pytest.mark.parametrize("cores", [1, 2])
def test_a_sync_that_cannot_be_found_is_told_once_before_any_story(tmp_path: Path, cores: int) -> None:
    told = Told()
    with pytest.raises(UnusableSutError, match="No module named 'nowhere'"):
        play_suite([book(tmp_path, "a"), book(tmp_path, "b")], Options("callable: nowhere:f"), cores, told)
    assert told.started_stories == []


def test_a_worker_that_dies_is_the_harnesss_fault_and_the_others_are_told(tmp_path: Path) -> None:
    suite = play_suite([book(tmp_path, "a"), book(tmp_path, "b")], Options(DIES), 2, Follower())
    assert [story.status for story in suite.stories] == ["broken", "broken"]
    assert suite.exit_code == EXIT_BROKEN
    assert "died" in suite.stories[0].findings[0].message


def test_the_exit_code_is_that_of_the_worst_story() -> None:
    def suite(*found: str) -> int:
        stories = tuple(
            StoryResult(path=status, title="", theme="", rules=(), status=status, seed=0)  # type: ignore[arg-type]
            for status in found
        )
        return SuiteResult(stories, 0, "", 0.0).exit_code

    assert suite() == suite("passed") == EXIT_PASSED
    assert suite("passed", "failed") == EXIT_FAILED
    assert suite("failed", "unusable", "passed") == EXIT_UNUSABLE
    assert suite("unusable", "broken", "failed") == EXIT_BROKEN


@pytest.mark.parametrize("cores", [1, 2])
def test_a_user_who_stops_a_run_waits_for_nothing_and_no_process_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    """The signal reaches this process alone, as `kill -INT` sends it; it tells its workers."""
    monkeypatch.setenv("ROSTERSIM_TEST_FOLDER", str(tmp_path))
    books = [book(tmp_path, name) for name in "abcd"]

    pause = threading.Event()

    def stop() -> None:
        for _ in range(2000):  # the clock of this process is the simulation's: count
            if len(pids(tmp_path)) == cores:
                break
            pause.wait(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        play_suite(books, Options(SLEEPS), cores, Follower())
    thread.join()
    assert len(pids(tmp_path)) == cores, "nothing else was begun"
    assert not [pid for pid in pids(tmp_path) if pid != os.getpid() and is_alive(pid)]


def leaves_a_thread(environ: Mapping[str, str]) -> int:
    """A sync whose thread holds the whole process, as Python waits for every thread that is no daemon."""
    (Path(os.environ["ROSTERSIM_TEST_FOLDER"]) / str(os.getpid())).write_text("")
    threading.Thread(target=threading.Event().wait, daemon=False).start()
    return 0


def test_a_worker_that_cannot_end_is_ended_and_its_folders_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROSTERSIM_TEST_FOLDER", str(tmp_path))
    books = [book(tmp_path, "wrong", WRONG), *(book(tmp_path, name) for name in "ab")]
    sut = "callable: tests.scenarios.test_suite:leaves_a_thread"
    suite = play_suite(books, Options(sut), 2, Follower(), fail_fast=True)
    assert ("wrong", "failed") in statuses(suite)
    assert not [folder for pid in pids(tmp_path) for folder in Path("/dev/shm").glob(f"rostersim-{pid}-*")]
    assert not [pid for pid in pids(tmp_path) if is_alive(pid)]


def pids(folder: Path) -> list[int]:
    return [int(path.name) for path in folder.iterdir() if path.name.isdigit()]
