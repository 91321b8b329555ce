"""Which request of which run a fault strikes, and for how long; every fault ends by itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from simulator.faults.effects import Answering, Effect, KillsSync
from simulator.faults.rates import FaultRates
from simulator.gateway import Answer
from simulator.progress import ALL, Point, Sighting, Span


class Window(NamedTuple):
    """When a fault may strike: all that is said must hold."""

    nights: Span | None = None
    run: int | None = None
    """The one run it is about, counted from the world's first; for a fault that names no night."""
    start: datetime | None = None
    end: datetime | None = None
    """No longer at this moment."""

    def covers(self, night: int | None, run: int, now: datetime) -> bool:
        """Tell whether a moment of a run lies in it."""
        return (
            (self.nights is None or night in self.nights)
            and (self.run is None or run == self.run)
            and (self.start is None or self.start <= now)
            and (self.end is None or now < self.end)
        )


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Something that will go wrong."""

    words: str
    """What happens, without the actor: ``answers 500``."""
    effect: Effect
    point: Point
    window: Window
    times: int | None = None
    """How often in a run at most; a page that is asked for again would otherwise never be answered."""
    line: int | None = None
    """Of the story."""
    may_miss: bool = False
    """Whether it is no matter if it never strikes."""


class Strike(NamedTuple):
    """What befalls one request: one fault, or several."""

    faults: tuple[Fault, ...]

    def meet(self, answering: Answering, now: datetime) -> Answer:
        """Let the effects stand around the system, the first the outermost."""
        for fault in reversed(self.faults):
            answering = _around(fault.effect, answering, now)
        return answering()

    @property
    def delay(self) -> timedelta:
        """How much longer the request takes."""
        return sum((fault.effect.delay() for fault in self.faults), timedelta())

    @property
    def kills(self) -> KillsSync | None:
        """How the sync is killed at this request, if it is."""
        return next((fault.effect for fault in self.faults if isinstance(fault.effect, KillsSync)), None)


def _around(effect: Effect, answering: Answering, now: datetime) -> Answering:
    return lambda: effect.meet(answering, now)


class FaultPlan:
    """The faults of a world, and which of them have happened.

    Args:
        seed: of the world, for what is drawn.
        rates: how often things go wrong that nobody planned.
        nights: in which they do; if not in all, then in no run between them.
    """

    def __init__(self, seed: int = 0, rates: FaultRates | None = None, nights: Span = ALL) -> None:
        self._nights = nights
        self._seed = seed
        self.rates = rates
        self._planned: list[Fault] = []
        self._struck: dict[int, int] = {}
        """How often each fault has struck, in all, by its place in the plan."""
        self._struck_in_run: dict[tuple[int, int], int] = {}

    def plan(self, fault: Fault) -> None:
        """Plan a fault."""
        self._planned.append(fault)

    def strike(self, sighting: Sighting, night: int | None, run: int, now: datetime) -> Strike | None:
        """Say what befalls a request, if anything.

        Args:
            sighting: the request and its place in its run.
            night: of the story; none for a run between the nights.
            run: counted from the world's first.
            now: when it arrives.
        """
        if not self._planned and self.rates is None:
            return None
        faults = [self._planned[place] for place in self._struck_by(sighting, night, run, now)]
        if self.rates is not None and (self._nights == ALL or night in self._nights):
            effect = self.rates.draw(self._seed, run, sighting)
            if effect is not None:
                words = f"misbehaves by chance ({type(effect).__name__})"
                faults.append(Fault(words=words, effect=effect, point=Point("request", ALL), window=Window()))
        return Strike(tuple(faults)) if faults else None

    def planned(self) -> Sequence[Fault]:
        """Give all faults, in the order in which they were planned."""
        return list(self._planned)

    def unhappened(self) -> Sequence[Fault]:
        """Give the faults that were planned and never struck: a story that counts on them proves nothing."""
        return [fault for place, fault in enumerate(self._planned) if place not in self._struck and not fault.may_miss]

    def _struck_by(self, sighting: Sighting, night: int | None, run: int, now: datetime) -> list[int]:
        struck = []
        for place, fault in enumerate(self._planned):
            so_far = self._struck_in_run.get((place, run), 0)
            if fault.times is not None and so_far >= fault.times:
                continue
            if fault.window.covers(night, run, now) and fault.point.covers(sighting):
                self._struck_in_run[place, run] = so_far + 1
                self._struck[place] = self._struck.get(place, 0) + 1
                struck.append(place)
        return struck
