"""The oracle: told what happens, it knows at any time what Otus must hold, and why.

It never sees Otus or Clever. What the rules leave open it keeps open: a night that failed may have written
nothing, or all that it was about to write; a night may or may not have seen what happened while it ran; of two
people to whom ATS has given one e-mail either may have got it. The oracle then thinks every way through, and
Otus is right if it agrees with any of them, point by point. Mostly the next good night brings the ways together.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from simulator.oracle.belief import Belief
from simulator.oracle.facts import AtClever, AtsChange, Fact, NightRan, Settings, SyncPaused, SyncResumed, Told
from simulator.oracle.reasoning.by_hand import do_by_hand
from simulator.oracle.reasoning.clever import CleverSide
from simulator.oracle.reasoning.meanwhile import partings
from simulator.oracle.reasoning.night import after_night
from simulator.oracle.statements import statement

WAYS_MAX = 64
"""Beyond so many open ways the oracle forgets those that came last; only weeks of failed nights lead there."""


class Way:
    """One way in which everything may have gone.

    Attributes:
        clever: what Clever holds.
        belief: what Otus holds.
        fresh: whether anything has happened that the last good night has not seen.
    """

    def __init__(self, clever: CleverSide, belief: Belief) -> None:
        self.clever = clever
        self.belief = belief
        self.fresh = True

    def copy(self) -> "Way":
        """Give one that can go on in another direction."""
        return Way(self.clever.copy(), self.belief.copy())

    def go_on(self, told: Sequence[Told], until: datetime | None) -> None:
        """Let happen what was told, and everything arrive in Clever that is due by a moment."""
        for each in told:
            if isinstance(each.fact, AtsChange):
                self.clever.expect(each.fact)
                continue
            self.clever.advance(each.fact.at if until is None else min(each.fact.at, until))
            match each.fact:
                case fact if isinstance(fact, AtClever):
                    self.clever.apply(fact)
                case fact:
                    do_by_hand(self.belief, self.clever, fact, each.number)
            self.fresh = True
        if until is not None:
            self.fresh = self.clever.advance(until) or self.fresh

    def nights(self, night: NightRan, settings: Settings) -> "Iterator[Way]":
        """Give the ways in which a night may go on from here; one, if the rules say all."""
        if not self.fresh and night.outcome == "succeeded":
            yield self  # A15: a second run changes nothing
            return
        turn, contenders = 0, 1
        while turn < contenders:
            after = after_night(self.belief, self.clever, night, settings, turn)
            turn, contenders = turn + 1, after.contenders
            way = Way(self.clever.copy(), after.belief)
            way.fresh = night.outcome != "succeeded"
            yield way


class Oracle:
    """Knows what Otus must hold.

    Args:
        settings: the district's switches.

    Attributes:
        settled: whether the last night ran to its end, so that there is something to be said about it.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.settled = False
        self._ways = [Way(CleverSide(self.settings), Belief())]
        self._told: list[Told] = []
        self._count = 0
        self._paused = False
        """Whether Otus takes nothing from its sync (H9)."""

    def happened(self, fact: Fact) -> None:
        """Take note of something that happened, in the order of happening.

        A run of the sync is told when it is over; what happened while it lasted is told before it.
        """
        self._count += 1
        if isinstance(fact, NightRan):
            self._sleep_over(fact)
        else:
            self._told.append(Told(self._count, fact))

    def expected(self) -> Belief:
        """Give what Otus must hold now; of several ways that which leaves out what a failed night may have done."""
        return self.possible()[0]

    def possible(self) -> tuple[Belief, ...]:
        """Give all that Otus may hold now; one belief, where the rules say all."""
        if not self._told:
            return tuple(way.belief for way in self._ways)
        ways = [way.copy() for way in self._ways]
        for way in ways:
            way.go_on(self._told, None)
        return tuple(way.belief for way in ways)

    def why(self, person: str, class_: str) -> str:
        """Say whether somebody must be in a class, and why.

        Args:
            person: by OSIS or staff number, e-mail, or full name.
            class_: by :func:`~simulator.oracle.facts.rostered_class` or
                :func:`~simulator.oracle.facts.by_hand_class`, or as it is called.
        """
        way = self._ways[0].copy()
        way.go_on(self._told, None)
        return statement(way.belief, way.clever, person, class_)

    # ------------------------------------------------------------ nights

    def _sleep_over(self, night: NightRan) -> None:
        before: list[Told] = []
        during: list[Told] = []
        for told in self._told:
            in_time = isinstance(told.fact, AtsChange) or told.fact.at <= night.started
            (before if in_time else during).append(told)
        self._told = []
        self._heed_pauses(before)
        idle = self._paused and not any(isinstance(told.fact, SyncResumed) for told in during)
        self._heed_pauses(during)
        ways: list[Way] = []
        for way in self._ways:
            way.go_on(before, night.started)
            if idle:
                way.go_on(during, night.at)
                ways.append(way)
            else:
                ways += self._ways_through(way, during, night)
        self._ways = _distinct(_possible_after(ways, night))[:WAYS_MAX]
        self.settled = night.outcome != "failed"

    def _heed_pauses(self, told: Sequence[Told]) -> None:
        for each in told:
            if isinstance(each.fact, SyncPaused | SyncResumed):
                self._paused = isinstance(each.fact, SyncPaused)

    def _ways_through(self, way: Way, during: Sequence[Told], night: NightRan) -> Iterator[Way]:
        """Go through a night, some of what happened meanwhile before it, the rest after; if it failed, without it."""
        if night.outcome == "failed":
            untouched = way.copy()
            untouched.go_on(during, night.at)
            yield untouched
        arrivals = way.clever.arrivals(night.started, night.at)
        for parting in partings(during, night, arrivals):
            before = way.copy()
            before.go_on(parting.seen, parting.clever_until)
            for after in before.nights(night, self.settings):
                after.go_on(parting.missed, night.at)
                yield after


def _possible_after(ways: Sequence[Way], night: NightRan) -> Sequence[Way]:
    """Leave out ways in which the run would have ended otherwise than it did (A14), unless all are such."""
    if night.outcome == "failed":
        return ways
    verdicts = ((way, way.belief.verdict) for way in ways)
    possible = [way for way, verdict in verdicts if verdict is None or verdict.must == night.outcome]
    return possible or ways


def _distinct(ways: Sequence[Way]) -> list[Way]:
    """Leave out ways in which Otus holds the same, the first one staying."""
    distinct: list[Way] = []
    for way in ways:
        if not any(way.belief.same_as(other.belief) for other in distinct):
            distinct.append(way)
    return distinct
