"""The one clock of a world: SimPy's, in whole microseconds, with the order of things at one instant.

SimPy counts in floats of whatever unit one likes. Counting whole microseconds keeps two paths to one instant
equal to the last bit, so what falls due at that instant is ordered by :class:`Order` and by nothing else.
"""

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import simpy

NEW_YORK = ZoneInfo("America/New_York")
MICROSECOND = timedelta(microseconds=1)

Process = Generator[simpy.Event, Any, None]
"""A course of events of the simulation: yields what it waits for."""


class Order(IntEnum):
    """What comes first at one instant (smaller first)."""

    DELIVERY = 1  # A4: a delivery due at the very instant of the sync comes first
    EDIT = 2
    SYNC = 3
    EXPECTATION = 4


class Frozen(Protocol):
    """The process's frozen time (freezegun's), which follows the clock."""

    def move_to(self, target_datetime: datetime) -> None:
        """Show this moment to everybody who asks the operating system for the time."""


class _Instant(simpy.Event):
    """An event at a moment, placed among the others of that moment by its order."""

    def __init__(self, env: simpy.Environment, delay: int, order: Order) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        env.schedule(self, priority=order, delay=delay)  # type: ignore[arg-type]  # SimPy takes any integer


class Clock:
    """Simulated time.

    Args:
        start: the first moment, with an offset.
    """

    def __init__(self, start: datetime) -> None:
        self.env = simpy.Environment(initial_time=0)
        self.start = start.astimezone(UTC)
        self.frozen: Frozen | None = None
        self._pretended: datetime | None = None

    def __call__(self) -> datetime:
        """Give the present moment, in UTC."""
        return self._pretended or self._now()

    def pretend(self, moment: datetime | None) -> None:
        """Answer with another moment until told otherwise: the world's past is written before its story starts."""
        self._pretended = None if moment is None else moment.astimezone(UTC)

    def show(self, moment: datetime) -> None:
        """Show a moment to whoever asks the operating system, if the process's time is frozen."""
        if self.frozen is not None:
            self.frozen.move_to(moment.astimezone(UTC))

    def at(self, moment: datetime, order: Order) -> simpy.Event:
        """Give an event that happens at a moment.

        Raises:
            ValueError: the moment has passed.
        """
        delay = (moment.astimezone(UTC) - self._now()) // MICROSECOND
        if delay < 0:
            raise ValueError(f"{moment.isoformat()} has passed: it is {self._now().isoformat()}")
        return _Instant(self.env, delay, order)

    def after(self, wait: timedelta, order: Order = Order.SYNC) -> simpy.Event:
        """Give an event that happens after a wait."""
        return _Instant(self.env, max(0, wait // MICROSECOND), order)

    def start_process(self, process: Process) -> simpy.Process:
        """Let a course of events begin at this instant."""
        return self.env.process(process)

    def run_until(self, over: Callable[[], bool]) -> None:
        """Let events happen, one by one, until ``over`` says so or none is left."""
        while not over() and self.env.peek() != float("inf"):
            self.step()

    def next_due(self) -> datetime | None:
        """Give the moment of the next event, if there is one."""
        due = self.env.peek()
        return None if due == float("inf") else self.start + int(due) * MICROSECOND

    def _now(self) -> datetime:
        return self.start + int(self.env.now) * MICROSECOND

    def step(self) -> None:
        """Let the next event happen; there must be one."""
        if self.frozen is not None and self.env.peek() != self.env.now:
            self.frozen.move_to(self.start + int(self.env.peek()) * MICROSECOND)
        self.env.step()


def new_york(moment: datetime) -> str:
    """Say a moment the way people in New York do: ``Mon 14 Sep 10:00``."""
    local = moment.astimezone(NEW_YORK)
    return f"{local:%a} {local.day} {local:%b %H:%M}"
