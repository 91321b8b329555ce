"""The cores of a machine in simulated time: all that want one share them evenly, as an operating system has it."""

from collections.abc import Generator, Sequence

import simpy

DONE_BELOW = 0.5
"""Microseconds of work that are none: what is left over from rounding."""


class Cores:
    """Cores that work on several things at once.

    Args:
        world: of SimPy, which counts microseconds.
        count: of the cores.
        others: how many others want a core, slice after slice; after the last one as many as on average.
        slice_microseconds: how long a slice is.
    """

    def __init__(
        self, world: simpy.Environment, count: int, others: Sequence[float] = (), slice_microseconds: int = 1_000_000
    ) -> None:
        self._world = world
        self._count = count
        self._others = sum(others) / len(others) if others else 0.0
        self._left: dict[simpy.Event, float] = {}
        self._since = 0.0
        self._changed = world.event()
        world.process(self._carry_on())
        if others:
            world.process(self._come_and_go(others, slice_microseconds))

    def work(self, microseconds: float) -> simpy.Event:
        """Have a piece of work done.

        Args:
            microseconds: that it takes on a core of its own.

        Returns:
            What happens when it is done.
        """
        done = self._world.event()
        if microseconds < DONE_BELOW:
            return done.succeed()
        self._catch_up()
        self._left[done] = microseconds
        self._tell_of_change()
        return done

    def _rate(self) -> float:
        """Tell how much of a core each one has."""
        return min(1.0, self._count / (len(self._left) + self._others))

    def _carry_on(self) -> Generator[simpy.Event, None, None]:
        while True:
            if self._left:
                first = min(self._left.values()) / self._rate()
                yield self._world.timeout(max(1, round(first))) | self._changed
            else:
                yield self._changed
            self._catch_up()

    def _come_and_go(self, others: Sequence[float], slice_microseconds: int) -> Generator[simpy.Event, None, None]:
        for count in (*others, self._others):
            self._catch_up()
            self._others = count
            self._tell_of_change()
            yield self._world.timeout(slice_microseconds)

    def _catch_up(self) -> None:
        """Take from what is left what was done since the last change."""
        worked = (self._world.now - self._since) * self._rate() if self._left else 0.0
        self._since = self._world.now
        for done in list(self._left):
            self._left[done] -= worked
            if self._left[done] < DONE_BELOW:
                del self._left[done]
                done.succeed()

    def _tell_of_change(self) -> None:
        self._changed.succeed()
        self._changed = self._world.event()
