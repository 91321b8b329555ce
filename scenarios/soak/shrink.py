"""Makes a miss small: fewer days, fewer steps, fewer settings, as long as it misses in the same way."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from msgspec.structs import replace

from scenarios.soak.tale import Tale, Turn, Words, after_night

T = TypeVar("T")
TRIES_MAX = 120
"""A world takes about a second."""

Misses = Callable[[Tale], bool]
"""Tells whether a tale misses in the way that is looked for; one that cannot be played does not."""


def shrunk(tale: Tale, misses: Misses, first_night: int, tries_max: int = TRIES_MAX) -> Tale:
    """Make a tale small.

    Args:
        tale: that misses.
        misses: plays a tale.
        first_night: after which the miss was first seen.
        tries_max: how many tales are played at most.
    """
    search = _Search(misses, tries_max)
    smaller = search.better(tale, _ended_after(tale, first_night))
    steps = search.fewest(_single_steps(smaller), lambda kept: replace(smaller, turns=_together(kept, smaller)))
    smaller = replace(smaller, turns=_together(steps, smaller))
    for settings in _with_less(smaller.settings):
        smaller = search.better(smaller, replace(smaller, settings=settings(smaller.settings)))
    return smaller


def steps_of(tale: Tale) -> int:
    """Count the steps of a tale, the last expectation left out."""
    return sum(len(turn.steps) for turn in tale.turns[:-1])


class _Search:
    def __init__(self, misses: Misses, tries_max: int) -> None:
        self._misses = misses
        self._left = tries_max

    def better(self, tale: Tale, smaller: Tale) -> Tale:
        """Give the smaller one of two, if it still misses."""
        return smaller if self._still(smaller) else tale

    def fewest(self, things: Sequence[T], tale_with: Callable[[Sequence[T]], Tale]) -> Sequence[T]:
        """Leave out halves, quarters, and so on down to single things, as long as the tale misses."""
        size = (len(things) + 1) // 2
        while things and size:
            start = 0
            while start < len(things):
                rest = [*things[:start], *things[start + size :]]
                if self._still(tale_with(rest)):
                    things = rest
                else:
                    start += size
            size = size // 2
        return things

    def _still(self, tale: Tale) -> bool:
        if self._left <= 0:
            return False
        self._left -= 1
        return self._misses(tale)


def _ended_after(tale: Tale, night: int) -> Tale:
    """End a tale with a night, whatever else it had in mind."""
    sync = tale.settings["sync"]
    nightly_at = str(sync["nightly at"]) if isinstance(sync, dict) else "01:00"
    end = after_night(tale.start, night, nightly_at)
    return replace(
        tale, turns=(*(turn for turn in tale.turns[:-1] if turn.when < end), Turn(end, tale.turns[-1].steps))
    )


def _single_steps(tale: Tale) -> list[Turn]:
    """Give every step as a turn of its own; the last expectation is not among them."""
    return [Turn(turn.when, (step,)) for turn in tale.turns[:-1] for step in turn.steps]


def _together(steps: Sequence[Turn], tale: Tale) -> tuple[Turn, ...]:
    """Put single steps of one time together again, and the tale's end behind them."""
    turns: list[Turn] = []
    for single in steps:
        if turns and turns[-1].when == single.when:
            turns[-1] = Turn(single.when, (*turns[-1].steps, *single.steps))
        else:
            turns.append(single)
    return (*turns, tale.turns[-1])


def _with_less(settings: Words) -> Iterator[Callable[[Words], Words]]:
    """Give the ways to leave one setting out; the seed, the nights and the lag are what the times were drawn by."""
    for word, value in settings.items():
        if word == "faults":
            yield lambda now: {key: each for key, each in now.items() if key != "faults"}
        inner = value if isinstance(value, dict) else {}
        for name in inner:
            if word in ("sync", "clever", "faults") and name not in ("nightly at", "nights"):
                yield lambda now, word=word, name=name: _without(now, word, name)  # type: ignore[misc]


def _without(settings: Words, word: str, name: str) -> Words:
    inner = settings.get(word)
    if not isinstance(inner, dict):
        return settings
    return {**settings, word: {key: value for key, value in inner.items() if key != name}}
