"""Plays a night in simulated time, by SimPy: latency, Clever's rate limit, several lanes, and a machine's cores."""

from collections.abc import Generator, Iterator
from typing import NamedTuple

import msgspec
import simpy

from loadtests.forecast.cores import Cores
from loadtests.forecast.model import Course, Step
from loadtests.forecast.trace import System
from loadtests.forecast.watch import SLICE_SECONDS, Who

MICROSECONDS = 1_000_000
"""SimPy counts them whole, as the simulator does: two ways to one moment are then equal."""
WINDOW_SECONDS = 60
"""Clever counts requests by the minute of its clock. The night begins on a full minute (A6)."""

Course_of_events = Generator[simpy.Event, None, None]


class Conditions(msgspec.Struct, frozen=True):
    """Under which a night is played."""

    latency_ms: float = 0.0
    """Of each request, there and back."""
    rate_limit_per_minute: int | None = None
    """Of Clever; ``None`` for none."""
    in_flight: int = 1
    """How many requests the sync has under way at most."""
    clever_workers: int = 2
    """How many requests Clever works on at once."""
    otus_workers: int = 1
    cores: int = 2
    """Of the machine that sync, Clever and Otus are all on."""
    others: dict[Who, tuple[float, ...]] = {}
    """How many others want a core, second by second, as each one feels it; after the last second as many as on
    average."""


class Asked(NamedTuple):
    """One request of a simulated night; times in seconds since it began."""

    step: int
    """Which step of the course it belongs to."""
    system: System
    began: float
    ended: float
    refused: bool
    """Whether the rate limit was used up."""


class Span(NamedTuple):
    """From when to when a step went on, until the next one began; in seconds since the night began."""

    began: float
    answered: float
    """When its last answer was there."""
    ended: float
    """When the sync was done with it."""


class Simulated(NamedTuple):
    """A simulated night."""

    seconds: float
    """From the start of the process to its end."""
    asked: tuple[Asked, ...]
    spans: tuple[Span, ...]
    """One a step."""
    limited_seconds: float
    """How long the sync has waited for the rate limit."""


def simulate(course: Course, conditions: Conditions) -> Simulated:
    """Play a night.

    The sync itself works on one thing at a time, as Python does; with several lanes it fetches the next page while it
    works on the last one, and has so many writes under way. All that work share the machine's cores. A request over the
    rate limit is refused, and asked again when the minute is over.

    Args:
        course: what the night consists of.
        conditions: under which.
    """
    return _Night(course, conditions).play()


class _Night:
    def __init__(self, course: Course, conditions: Conditions) -> None:
        self._course = course
        self._conditions = conditions
        self._world = simpy.Environment()
        self._cores = Cores(self._world, conditions.cores, conditions.others, round(SLICE_SECONDS * MICROSECONDS))
        self._sync = simpy.Resource(self._world, 1)
        self._servers: dict[System, simpy.Resource] = {
            "clever": simpy.Resource(self._world, conditions.clever_workers),
            "otus": simpy.Resource(self._world, conditions.otus_workers),
        }
        self._asked: list[Asked] = []
        self._spans: list[Span] = []
        self._window, self._used = 0, 0
        self._limited = 0

    def play(self) -> Simulated:
        self._world.run(self._world.process(self._all()))
        limited_seconds = self._limited / MICROSECONDS
        return Simulated(self._seconds(), tuple(self._asked), tuple(self._spans), limited_seconds)

    def _all(self) -> Course_of_events:
        yield self._cores.work(_whole(self._course.start_seconds), "sync")
        for number, step in enumerate(self._course.steps):
            began, first = self._seconds(), len(self._asked)
            yield from self._carry_out(number, step)
            answered = max(asked.ended for asked in self._asked[first:])
            self._spans.append(Span(began, answered, self._seconds()))

    def _carry_out(self, number: int, step: Step) -> Course_of_events:
        if self._conditions.in_flight == 1:
            for _ in range(step.requests):
                yield from self._ask(number, step)
                yield from self._work(step)
        elif step.is_chained:
            yield from self._fetch_ahead(number, step)
        else:
            to_do = iter(range(step.requests))
            lanes = range(min(self._conditions.in_flight, step.requests))
            yield self._world.all_of([self._world.process(self._lane(number, step, to_do)) for _ in lanes])

    def _fetch_ahead(self, number: int, step: Step) -> Course_of_events:
        coming = self._world.process(self._ask(number, step))
        for left in range(step.requests - 1, -1, -1):
            yield coming
            if left:
                coming = self._world.process(self._ask(number, step))
            yield from self._work(step)

    def _lane(self, number: int, step: Step, to_do: Iterator[int]) -> Course_of_events:
        for _ in to_do:
            yield from self._ask(number, step)
            yield from self._work(step)

    def _ask(self, number: int, step: Step) -> Course_of_events:
        while True:
            began = self._seconds()
            yield self._world.timeout(_whole(self._conditions.latency_ms / 1000))
            refused_until = self._refused_until(step.system)
            if refused_until is None:
                break
            self._asked.append(Asked(number, step.system, began, self._seconds(), refused=True))
            wait = refused_until - int(self._world.now)
            self._limited += wait
            yield self._world.timeout(wait)
        with self._servers[step.system].request() as turn:
            yield turn
            on_core, waiting = _parts(step.server_seconds, step.server_core_seconds, step.requests)
            yield self._cores.work(on_core, step.system)
            yield self._world.timeout(waiting)
        self._asked.append(Asked(number, step.system, began, self._seconds(), refused=False))

    def _work(self, step: Step) -> Course_of_events:
        on_core, waiting = _parts(step.client_seconds, step.client_core_seconds, step.requests)
        yield self._world.timeout(waiting)
        with self._sync.request() as turn:
            yield turn
            yield self._cores.work(on_core, "sync")

    def _refused_until(self, system: System) -> int | None:
        """Count a request; if the minute is used up, tell when the next one begins, in microseconds."""
        limit = self._conditions.rate_limit_per_minute
        if system != "clever" or limit is None:
            return None
        window = int(self._world.now) // (WINDOW_SECONDS * MICROSECONDS)
        if window != self._window:
            self._window, self._used = window, 0
        if self._used >= limit:
            return (window + 1) * WINDOW_SECONDS * MICROSECONDS
        self._used += 1
        return None

    def _seconds(self) -> float:
        return float(self._world.now) / MICROSECONDS


def _parts(seconds: float, core_seconds: float, requests: int) -> tuple[int, int]:
    """Tell of one of some requests how long it is on a core, and how long it waits for what no core can hasten."""
    on_core = _whole(min(seconds, core_seconds) / requests)
    return on_core, _whole(seconds / requests) - on_core


def _whole(seconds: float) -> int:
    return round(seconds * MICROSECONDS)
