"""Many stories, on as many cores as the user gives."""

import time
from collections.abc import Generator, Sequence
from concurrent.futures import Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing

from scenarios.play import Options, play_file
from scenarios.shelf import Book, nights_named
from scenarios.workers import at_work, stop_signal_held, workers
from simulator.journal import Listener
from simulator.results import Finding, StoryResult, SuiteResult
from simulator.sut import Sut, read_spec


class Follower:
    """Follows a run of stories; the console is one."""

    def started(self, book: Book) -> None:
        """Take note that a story begins (or is handed to a worker)."""

    def listener(self, book: Book) -> Listener | None:  # noqa: ARG002 - a follower may have none
        """Give somebody who follows the journal of a story that is played in this process."""
        return None

    def finished(self, result: StoryResult) -> None:
        """Take note of what became of a story."""


def play_suite(
    books: Sequence[Book], options: Options, cores: int, follower: Follower, *, fail_fast: bool = False
) -> SuiteResult:
    """Play stories and put the results together, in the order of the books whatever core finished first.

    Args:
        books: the stories.
        options: how to play each.
        cores: how many worker processes; with 1 the stories are played in this process.
        follower: is told as it goes.
        fail_fast: stop after the first story that does not pass.

    Raises:
        UnusableSutError: the sync under test cannot be started at all.
        KeyboardInterrupt: the user stopped it; nothing is left running.
    """
    began = time.perf_counter()
    sut = read_spec(options.sut_spec, options.clock)  # an error in it is told once, before any story
    if cores == 1 or len(books) == 1:
        played = _play_here(books, options, sut, follower)
    else:
        played = _play_in_workers(books, options, min(cores, len(books)), follower)
    results: dict[str, StoryResult] = {}
    with closing(played):
        for result in played:
            results[result.path] = result
            follower.finished(result)
            if fail_fast and result.status != "passed":
                break
    stories = tuple(results[book.label] for book in books if book.label in results)
    return SuiteResult(stories, options.seed, options.sut_spec, time.perf_counter() - began)


Played = Generator[StoryResult, None, None]


def _play_here(books: Sequence[Book], options: Options, sut: Sut, follower: Follower) -> Played:
    for book in books:
        follower.started(book)
        yield play_file(book.path, book.label, options, sut, follower.listener(book))


def _play_in_workers(books: Sequence[Book], options: Options, cores: int, follower: Follower) -> Played:
    with workers(cores) as executor:
        futures: dict[Future[StoryResult], Book] = {}
        with stop_signal_held():  # the workers begin here, and one that still begins cannot be stopped in good order
            for book in sorted(books, key=nights_named, reverse=True):  # a long one that begins last is waited for
                futures[executor.submit(_play_one, book, options)] = book
        for book in books:
            follower.started(book)
        for future in as_completed(futures):
            try:
                yield future.result()
            except BrokenProcessPool:
                yield _lost(futures[future], options)
            except SystemExit:
                raise KeyboardInterrupt from None  # the worker heard of it first


def _play_one(book: Book, options: Options) -> StoryResult:
    with at_work():
        return play_file(book.path, book.label, options, read_spec(options.sut_spec, options.clock))


def _lost(book: Book, options: Options) -> StoryResult:
    message = "the worker process that played this story died (out of memory, or killed)"
    return StoryResult(
        path=book.label,
        title=book.path.name,
        theme=book.path.parent.name,
        rules=(),
        status="broken",
        seed=options.seed,
        findings=(Finding(kind="harness", message=message, file=book.label, line=1, column=1),),
    )
