"""Plays drawn stories, night after night, until enough of them are over, and says what was missed."""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from scenarios.play import DEFAULT_SUT, Options, play_file
from scenarios.shelf import Book
from scenarios.soak.drawing import draw
from scenarios.soak.shrink import TRIES_MAX, shrunk
from scenarios.soak.tale import Tale, story_of
from scenarios.story import SUFFIX
from scenarios.suite import Follower, play_suite
from simulator.folders import temporary_folder
from simulator.results import Finding, StoryResult
from simulator.sut import read_spec

BATCH_WORLDS = 40
"""So many stories are drawn at a time; their journals go when they have been counted."""
MISSES_MAX = 10
"""After so many a soak ends: more of them say nothing new."""
WORLD_SEEDS = 10**9
_NIGHT = re.compile(r"after night (\d+)")


class Miss(NamedTuple):
    """A world whose nights did not end as they must."""

    seed: int
    result: StoryResult


class Soaked(msgspec.Struct):
    """What a soak has seen so far."""

    worlds: int = 0
    nights: int = 0
    checks: int = 0
    ends: Counter[str] = msgspec.field(default_factory=Counter)
    """Of the runs of the sync, by how each ended."""
    happened: Counter[str] = msgspec.field(default_factory=Counter)
    """Entries of the journals, by kind: edits, deliveries, refusals, faults."""
    misses: list[Miss] = msgspec.field(default_factory=list)

    def count(self, result: StoryResult) -> None:
        """Count a world that is over, and let go of its journal if it is a good one."""
        self.worlds += 1
        self.nights += result.nights
        self.checks += result.checks
        for entry in result.entries:
            self.happened[entry.kind] += 1
            if entry.kind == "night" and entry.good is not None:
                self.ends[entry.what.rpartition(" ")[2]] += 1
        if result.status != "passed":
            self.misses.append(Miss(seed_of(result), result))


def world_seeds(seed: int) -> Iterator[int]:
    """Give the seeds of a soak's worlds, without end."""
    number = 0
    while True:
        number += 1
        yield random.Random(f"soak {seed} world {number}").randrange(WORLD_SEEDS)  # noqa: S311 - no secret


def batches(seeds: Iterator[int], nights: int) -> Iterator[list[Tale]]:
    """Draw worlds until they have so many nights together, some at a time."""
    batch: list[Tale] = []
    while nights > 0:
        batch.append(draw(next(seeds)))
        nights -= batch[-1].nights
        if len(batch) == BATCH_WORLDS or nights <= 0:
            yield batch
            batch = []


def soak(tales: Sequence[Tale], options: Options, cores: int, follower: Follower, soaked: Soaked) -> None:
    """Play some tales.

    Args:
        tales: that were drawn.
        options: how to play each.
        cores: how many worker processes.
        follower: is told as it goes.
        soaked: counts what was seen.

    Raises:
        UnusableSutError: the sync under test cannot be started at all.
        KeyboardInterrupt: the user stopped it; nothing is left running.
    """
    with temporary_folder() as folder:
        books = [written(tale, folder) for tale in tales]
        for result in play_suite(books, options, cores, follower).stories:
            soaked.count(result)


def written(tale: Tale, folder: Path) -> Book:
    """Write a tale into a folder."""
    path = folder / f"world-{tale.seed}{SUFFIX}"
    path.write_text(story_of(tale), encoding="utf-8")
    return Book(path, f"world-{tale.seed}")


def seed_of(result: StoryResult) -> int:
    """Give the seed of the world that a result is about."""
    return int(result.path.rpartition("-")[2])


def shrunk_miss(miss: Miss, options: Options, tries_max: int = TRIES_MAX) -> Tale:
    """Make the story of a miss as small as some dozens of tries can.

    Args:
        miss: that was found.
        options: with which it was found.
        tries_max: how often the world is played again at most.
    """
    first = miss.result.findings[0]
    night = _NIGHT.search(first.message)
    sut = read_spec(options.sut_spec, options.clock)

    def misses(tale: Tale) -> bool:
        with temporary_folder() as folder:
            book = written(tale, folder)
            result = play_file(book.path, book.label, options, sut)
        return any(_alike(finding, first) for finding in result.findings)

    tale = draw(miss.seed)
    return shrunk(tale, misses, int(night[1]) if night else tale.nights, tries_max)


def _alike(one: Finding, other: Finding) -> bool:
    return (one.kind, one.rules) == (other.kind, other.rules)


def command_of(seed: int, options: Options) -> str:
    """Give the command that plays one world again."""
    words = f"rostersim soak --world {seed}"
    return words if options.sut_spec == DEFAULT_SUT else f"{words} --sut {options.sut_spec!r}"
