"""The cores of a machine in simulated time: all that want one share them evenly, as an operating system has it."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import simpy

from loadtests.forecast.watch import WHO, Who

DONE_BELOW = 0.5
"""Microseconds of work that are none: what is left over from rounding."""


@dataclass
class _Work:
    who: Who
    left: float
    """Microseconds on a core of its own."""


class Cores:
    """Cores that work on several things at once.

    Args:
        world: of SimPy, which counts microseconds.
        count: of the cores.
        others: how many others want a core, slice after slice, as each one of the run feels it; after the last slice as
            many as on average.
        slice_microseconds: how long a slice is.
    """

    def __init__(
        self,
        world: simpy.Environment,
        count: int,
        others: Mapping[Who, Sequence[float]],
        slice_microseconds: int = 1_000_000,
    ) -> None:
        self._world = world
        self._count = count
        self._others = {who: fmean(counts) for who, counts in others.items() if counts}
        self._left: dict[simpy.Event, _Work] = {}
        self._since = 0.0
        self._changed = world.event()
        world.process(self._carry_on())
        for who, average in list(self._others.items()):
            world.process(self._come_and_go(who, [*others[who], average], slice_microseconds))

    def work(self, microseconds: float, who: Who) -> simpy.Event:
        """Have a piece of work done.

        Args:
            microseconds: that it takes on a core of its own.
            who: does it.

        Returns:
            What happens when it is done.
        """
        done = self._world.event()
        if microseconds < DONE_BELOW:
            return done.succeed()
        self._catch_up()
        self._left[done] = _Work(who, microseconds)
        self._tell_of_change()
        return done

    def _rate(self, who: Who) -> float:
        """Tell how much of a core somebody has for each thing that it works on."""
        return min(1.0, self._count / max(1.0, len(self._left) + self._others.get(who, 0.0)))

    def _carry_on(self) -> Generator[simpy.Event, None, None]:
        while True:
            if self._left:
                first = min(work.left / self._rate(work.who) for work in self._left.values())
                yield self._world.timeout(max(1, round(first))) | self._changed
            else:
                yield self._changed
            self._catch_up()

    def _come_and_go(
        self, who: Who, counts: Sequence[float], slice_microseconds: int
    ) -> Generator[simpy.Event, None, None]:
        for count in counts:
            self._catch_up()
            self._others[who] = count
            self._tell_of_change()
            yield self._world.timeout(slice_microseconds)

    def _catch_up(self) -> None:
        """Take from what is left what was done since the last change."""
        passed, self._since = self._world.now - self._since, self._world.now
        rates = {who: self._rate(who) for who in WHO}
        for done, work in list(self._left.items()):
            work.left -= passed * rates[work.who]
            if work.left < DONE_BELOW:
                del self._left[done]
                done.succeed()

    def _tell_of_change(self) -> None:
        self._changed.succeed()
        self._changed = self._world.event()
