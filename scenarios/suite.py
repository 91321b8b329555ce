"""Many stories, on as many cores as the user gives."""

import multiprocessing
import os
import signal
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from types import FrameType

from scenarios.play import Options, play_file
from scenarios.shelf import Book
from simulator.folders import remove_folders_of
from simulator.journal import Listener
from simulator.results import Finding, StoryResult, SuiteResult
from simulator.sut import Sut, read_spec

REAL_SECONDS_TO_LEAVE = 5
"""How long a worker that was stopped has to close its worlds."""


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
    with _workers(cores) as executor:
        futures: dict[Future[StoryResult], Book] = {}
        with _stop_signal_held():  # the workers begin here, and one that still begins cannot be stopped in good order
            for book in books:
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


@contextmanager
def _workers(cores: int) -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("spawn")  # a fork would copy the threads' locks
    others = multiprocessing.active_children()
    executor = ProcessPoolExecutor(cores, mp_context=context, initializer=_begin_worker)
    begun: list[int] = []
    try:
        yield executor
    except BaseException:
        begun = [each.pid for each in multiprocessing.active_children() if each not in others and each.pid is not None]
        for pid in begun:
            os.kill(pid, signal.SIGINT)
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
        for pid in begun:
            remove_folders_of(pid)


@contextmanager
def _stop_signal_held() -> Iterator[None]:
    """Hold SIGINT back, here and in the processes that begin meanwhile; it comes when the block has ended."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Worker:
    """What a worker process knows of itself."""

    playing = False
    stopped = False


def _begin_worker() -> None:
    signal.signal(signal.SIGINT, _stop_worker)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _stop_worker(_number: int, _frame: FrameType | None) -> None:
    """Leave the story quietly: worlds close on the way out.

    A worker that plays nothing goes on waiting: one that dies would take the others with it, their worlds open.
    The exception may come anywhere, a server's start included, and leave a thread behind that nobody ends: then the
    system ends the process, whatever Python waits for.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells every process, and the parent tells it again
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(REAL_SECONDS_TO_LEAVE)
    _Worker.stopped = True
    if _Worker.playing:
        raise SystemExit(130)


def _play_one(book: Book, options: Options) -> StoryResult:
    _Worker.playing = True
    try:
        if _Worker.stopped:
            raise SystemExit(130)
        return play_file(book.path, book.label, options, read_spec(options.sut_spec, options.clock))
    finally:
        _Worker.playing = False


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
