"""Crash everywhere: the nights of a story, each with the sync killed at every request of it (A15).

A world to crash in is a story. It is played as ever; right before a run that has something to do, the world stands
still, and :class:`~simulator.crash.ordeal.NightOrdeal` has its turn on copies. Then the run comes, and the story goes
on.
"""

import os
import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from scenarios.located import nearest
from scenarios.play import Options, play_file
from scenarios.shelf import Book, NoSuchStoryError, find_stories
from scenarios.story import SUFFIX
from scenarios.workers import at_work, count, new_tally, stop_signal_held, workers
from simulator.crash.kills import KILL_KINDS, Kill, KillKind
from simulator.crash.ordeal import RESTART_AFTER, NightOrdeal
from simulator.crash.results import Miss, Ordeal
from simulator.results import EXIT_BROKEN, EXIT_FAILED, EXIT_PASSED, EXIT_UNUSABLE, Finding, Status, StoryResult
from simulator.sut import Sut, UnusableSutError, read_spec
from simulator.world import World

WORLDS = Path(__file__).parent / "worlds"
SHELVES = ("small", "large")
"""The built-in worlds, by how long they take: seconds, and minutes."""
DEFAULT_SUT = "forked: otus_sync.app:nightly"
"""The sync that is killed when the user names none."""
MORTAL = ("forked", "command")
"""Kinds of syncs that are processes of ours, and so can be killed."""
LOOK_SECONDS = 0.2
"""How often the tally of the workers is looked at, in real time."""
EXIT_CODES: dict[Status, int] = {
    "passed": EXIT_PASSED,
    "failed": EXIT_FAILED,
    "unusable": EXIT_UNUSABLE,
    "broken": EXIT_BROKEN,
}


class Wish(NamedTuple):
    """What is to be tried."""

    sut_spec: str = DEFAULT_SUT
    seed: int = 0
    night: int | None = None
    """The night whose runs are put to the test; by default every run that writes something and ends well."""
    request: int | None = None
    """The request at which the sync is killed; by default each."""
    kinds: tuple[KillKind, ...] = KILL_KINDS
    restart_after: timedelta = RESTART_AFTER
    thorough: bool = False
    """Run the sync again after every kill, also where another has left the same behind."""

    @property
    def picks(self) -> bool:
        """Whether it names what must be there to be tried."""
        return self.night is not None or self.request is not None

    def kills(self, requests: int) -> list[Kill]:
        """Choose the kills of a run that has so many requests."""
        at = range(1, requests + 1) if self.request is None else [self.request] if self.request <= requests else []
        return [Kill(request, kind) for request in at for kind in self.kinds]


class StoryCrashes(msgspec.Struct, frozen=True):
    """What became of one story."""

    label: str
    title: str
    status: Status
    ordeals: tuple[Ordeal, ...]
    problems: tuple[str, ...]
    """What speaks against the story, the sync or the harness, apart from any kill."""
    seconds: float

    @property
    def kills(self) -> int:
        """Count the kills that were tried."""
        return sum(ordeal.points for ordeal in self.ordeals)

    @property
    def misses(self) -> int:
        """Count those after which something differs."""
        return sum(len(ordeal.misses) for ordeal in self.ordeals)


class Onlooker:
    """Follows the tries; the console is one."""

    def tried(self, kills: int) -> None:
        """Take note of how many kills have been tried so far."""

    def finished(self, story: StoryCrashes) -> None:
        """Take note of what became of a story."""


# ---------------------------------------------------------------- which stories


def find_worlds(names: Sequence[str]) -> list[Book]:
    """Find the worlds that a user means.

    Args:
        names: built-in worlds (``first-night``), ``small`` or ``large`` for all of a kind, or what ``rostersim run``
            takes: files, folders, ``library/email``. Nothing means ``small``.

    Raises:
        NoSuchStoryError: a name leads to no story.
    """
    books: dict[Path, Book] = {}
    for name in names or SHELVES[:1]:
        for book in _found(name):
            books.setdefault(book.path.resolve(), book)
    return list(books.values())


def _found(name: str) -> list[Book]:
    built_in = {book.label: book for shelf in SHELVES for book in shelf_of(shelf)}
    if name in built_in:
        return [built_in[name]]
    if name in SHELVES:
        return shelf_of(name)
    if name.split("/", maxsplit=1)[0] == "library" or Path(name).exists():
        return find_stories([name])
    known = [*built_in, *SHELVES, "library"]
    raise NoSuchStoryError(f"there is no world, file or folder {name!r} ({nearest(name, known)})")


def shelf_of(name: str) -> list[Book]:
    """Give the built-in worlds of a kind, by name."""
    return [Book(path, path.name.removesuffix(SUFFIX)) for path in sorted((WORLDS / name).glob(f"*{SUFFIX}"))]


# ---------------------------------------------------------------- many


def crash_stories(books: Sequence[Book], wish: Wish, cores: int, onlooker: Onlooker) -> list[StoryCrashes]:
    """Put stories to the test, and give the results in the order of the books.

    Args:
        books: the stories.
        wish: what is to be tried.
        cores: how many worker processes; with 1 it is done in this process.
        onlooker: is told as it goes.

    Raises:
        UnusableSutError: the sync cannot be started, or not be killed.
        KeyboardInterrupt: the user stopped it; nothing is left running.
    """
    sut = mortal(wish.sut_spec)
    results: dict[str, StoryCrashes] = {}
    if cores == 1 or len(books) == 1:
        tried = 0

        def tell() -> None:
            nonlocal tried
            tried += 1
            onlooker.tried(tried)

        done: Iterator[StoryCrashes] = (crash_story(book, wish, sut, tell) for book in books)
    else:
        done = _in_workers(books, wish, min(cores, len(books)), onlooker)
    for result in done:
        results[result.label] = result
        onlooker.finished(result)
    return [results[book.label] for book in books]


def mortal(spec: str) -> Sut:
    """Read the spec of a sync that can be killed.

    Raises:
        UnusableSutError: it cannot be started, or is no process of ours.
    """
    kind = spec.partition(":")[0].strip()
    sut = read_spec(spec)
    if kind not in MORTAL:
        instead = f"`forked:{spec.partition(':')[2]}`" if kind == "callable" else "`command: ...` or `forked: ...`"
        raise UnusableSutError(
            f"--sut {spec!r}: a sync is killed as a process, and this one is none of ours: {instead}"
        )
    return sut


def _in_workers(books: Sequence[Book], wish: Wish, cores: int, onlooker: Onlooker) -> Iterator[StoryCrashes]:
    tally = new_tally()
    with workers(cores, tally) as executor:
        with stop_signal_held():
            futures: dict[Future[StoryCrashes], Book] = {executor.submit(_one, book, wish): book for book in books}
        left = set(futures)
        while left:
            done, left = wait(left, LOOK_SECONDS, FIRST_COMPLETED)
            onlooker.tried(tally.value)
            for future in done:
                try:
                    yield future.result()
                except BrokenProcessPool:
                    lost = "the worker process died (out of memory, or killed)"
                    yield StoryCrashes(futures[future].label, futures[future].title, "broken", (), (lost,), 0)
                except SystemExit:
                    raise KeyboardInterrupt from None  # the worker heard of it first


def _one(book: Book, wish: Wish) -> StoryCrashes:
    with at_work():
        return crash_story(book, wish, mortal(wish.sut_spec), count)


# ---------------------------------------------------------------- one


def crash_story(book: Book, wish: Wish, sut: Sut, tell: Callable[[], None] = lambda: None) -> StoryCrashes:
    """Play a story and put its runs to the test.

    Args:
        book: the story.
        wish: what is to be tried.
        sut: the sync; it can be killed.
        tell: called after every kill.
    """
    began = time.perf_counter()
    trials = _Trials(wish, tell)
    options = Options(wish.sut_spec, wish.seed, second_run=False)
    played = play_file(book.path, book.label, options, sut, visitor=trials.visit)
    ordeals = tuple(trials.ordeals)
    status, problems = _verdict(played, ordeals, wish)
    return StoryCrashes(book.label, played.title, status, ordeals, problems, time.perf_counter() - began)


class _Trials:
    """Waits in a story for the runs that are put to the test."""

    def __init__(self, wish: Wish, tell: Callable[[], None]) -> None:
        self._wish = wish
        self._tell = tell
        self._runs = 0
        self.ordeals: list[Ordeal] = []

    def visit(self, world: World) -> None:
        """Ask to be told of every run."""
        world.runner.heralds.append(lambda night: self._before(world, night))

    def _before(self, world: World, night: int) -> None:
        self._runs += 1
        wish = self._wish
        if wish.night not in (None, night) or world.running is not None:  # one that begins beside another is refused
            return
        ordeal = NightOrdeal(world, night, self._runs, wish.restart_after, thorough=wish.thorough)
        if wish.night is None and not ordeal.is_busy:
            return
        kills = wish.kills(ordeal.requests)
        if kills:
            self.ordeals.append(ordeal.go(kills, lambda *_: self._tell()))


def _verdict(played: StoryResult, ordeals: Sequence[Ordeal], wish: Wish) -> tuple[Status, tuple[str, ...]]:
    problems = tuple(_in_a_line(finding) for finding in played.findings)
    flaws = tuple(f"night {ordeal.night}: {ordeal.flaw}" for ordeal in ordeals if ordeal.flaw)
    if played.status != "passed":
        return played.status, problems + flaws
    if not ordeals and wish.picks:
        return "unusable", (_nothing_to_try(played, wish),)
    return ("failed" if flaws or any(ordeal.misses for ordeal in ordeals) else "passed"), flaws


def _nothing_to_try(played: StoryResult, wish: Wish) -> str:
    if wish.night is not None and wish.night > played.nights:
        return f"--night {wish.night}: the story has {played.nights} nights"
    where = "no run that writes" if wish.night is None else f"no run of night {wish.night}"
    return f"--at {wish.request}: {where} has so many requests"


def _in_a_line(finding: Finding) -> str:
    where = f"{finding.file}:{finding.line}: " if finding.line is not None else ""
    found = finding.found.strip() if finding.kind == "harness" else ""
    return f"{where}{finding.message}" + (f"\n{found}" if found else "")


def replay(book_label: str, ordeal: Ordeal, miss: Miss, wish: Wish) -> str:
    """Give the one command that tries a single kill again, with the settings that the sync was told besides.

    Args:
        book_label: of the story.
        ordeal: of the run.
        miss: what was found.
        wish: what was tried.
    """
    told = [f"{name}={os.environ[name]}" for name in sorted(os.environ) if name.startswith("SYNC_")]
    words = [*told, "rostersim", "crash", "--world", book_label, "--night", str(ordeal.night)]
    words += ["--at", str(miss.kill.request), "--kind", miss.kill.kind]
    if wish.seed:
        words += ["--seed", str(wish.seed)]
    if wish.sut_spec != DEFAULT_SUT:
        words += ["--sut", wish.sut_spec]
    if wish.restart_after != RESTART_AFTER:
        words += ["--again-after", f"{wish.restart_after.total_seconds() / 60:g}"]
    return shlex.join(words)
