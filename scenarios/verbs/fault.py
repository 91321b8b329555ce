"""What goes wrong, said before it does: which request of which night, or from when to when; it ends by itself.

A fault is planned when the story comes to its step, and the journal has it when it strikes. One that never strikes
is a finding: a story that counts on it would prove nothing.
"""

from datetime import datetime, time, timedelta
from typing import Annotated, Any, ClassVar, Literal, cast

import msgspec

from fakes.clever.sftp.writing import NoColumn
from scenarios.binding import SchoolName
from scenarios.stage import Act, NotOnStageError, Stage
from scenarios.verbs.step import Contradiction, Step, verb
from simulator.clock import MICROSECOND, Order, Process
from simulator.faults import Effect, Fault, Window
from simulator.faults.effects import (
    AnswersError,
    AnswersLimit,
    AnswersWebPage,
    BreaksJson,
    CutsAnswer,
    CutsRequest,
    HalvesJson,
    KillsSync,
    SkewsClock,
    Slows,
)
from simulator.nights import nights_after, nth_night
from simulator.progress import ALL, Point, PointKind, Span, Turn
from simulator.world import FEED, SyncSystem

SYSTEMS: dict[SyncSystem, str] = {"clever": "Clever", "otus": "Otus"}
"""The systems that a sync talks to, and their names."""
EFFECTS: dict[str, Effect] = {
    "answers 429": AnswersLimit(),
    "answers 500": AnswersError(500),
    "answers 502": AnswersError(502),
    "answers 503": AnswersError(503),
    "cuts the request": CutsRequest(),
    "cuts the answer": CutsAnswer("before"),
    "cuts the answer in half": CutsAnswer("inside"),
    "hangs up after the answer": CutsAnswer("after"),
    "answers half the JSON": HalvesJson(),
    "answers broken JSON": BreaksJson(),
    "answers a web page": AnswersWebPage(),
}
"""What both systems can do to a request, in words; all but the 429, which is Clever's alone (A5)."""
HALF_A_DAY = timedelta(hours=12)
"""A time of day that is said of a night lies so near to it."""


class _Timed(Step, frozen=True, kw_only=True):
    """Something that goes wrong for a while."""

    night: Span | None = None
    """In which nights; by default in the next run, or in the one that goes on."""
    from_: time | None = msgspec.field(name="from", default=None)
    to: time | None = None
    """Between these times of day: of that night, or the next such."""

    def contradiction(self) -> Contradiction | None:
        """Want one night where a time of day is said of nights."""
        timed = self.from_ is not None or self.to is not None
        if timed and self.night is not None and self.night.first != self.night.last:
            return Contradiction("fault: `from` and `to` go with one night", "write `night: 3`, or leave them out")
        return None

    def moments(self, stage: Stage) -> tuple[datetime | None, datetime | None]:
        """Find the moments that the times of day mean."""
        base = stage.world.clock()
        if self.night is not None:
            setup = stage.world.setup
            base = max(base, nth_night(setup.start, self.night.first, setup.nightly_at) - HALF_A_DAY)
        start = None if self.from_ is None else next(nights_after(base - MICROSECOND, self.from_))
        end = None if self.to is None else next(nights_after(start or base, self.to))
        return start, end


class _RequestFault(_Timed, frozen=True, kw_only=True):
    """Something that goes wrong with requests of the sync."""

    requests: Span | None = None
    """Which, counted in each run: `1`, `2-4`, `first 2`, `all`."""
    reads: Span | None = None
    """Which of those that only read."""
    writes: Span | None = None
    """Which of those that change accounts or classes."""
    page: Span | None = None
    """Which page of a list; once, unless `times` says more."""
    of: str | None = None
    """Of which list: `sections`, `users`, `accounts` ..."""
    times: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """How often in a run at most."""

    system: ClassVar[SyncSystem | None] = None
    words: ClassVar[str] = ""

    def effect(self) -> Effect:
        """Give what happens to a request."""
        raise AssertionError(f"{type(self).__name__} does not say how")  # each kind says it

    def in_words(self) -> str:
        """Say what happens, without the actor."""
        return self.words

    def contradiction(self) -> Contradiction | None:
        """Want to be told which requests, once."""
        said = [word for word in ("requests", "reads", "writes", "page") if getattr(self, word) is not None]
        if len(said) > 1:
            return Contradiction(f"fault: `{said[0]}` and `{said[1]}` exclude each other")
        if not said and self.from_ is None and self.to is None:
            hint = "write `requests: first`, `writes: 2`, `page: 7, of: sections`, or `from` and `to`"
            return Contradiction("fault: which requests is missing", hint)
        if (self.page is None) != (self.of is None):
            return Contradiction("fault: `page` and `of` belong together", "write `page: 7, of: sections`")
        return super().contradiction()

    def perform(self, stage: Stage) -> None:
        """Plan it."""
        stage.world.faults.plan(
            Fault(
                words=self.in_words(),
                effect=self.effect(),
                point=self._point(),
                window=self._window(stage),
                times=self.times or (1 if self.page is not None else None),
                line=stage.line,
                may_miss=self.if_possible,
            )
        )

    def _point(self) -> Point:
        kinds: tuple[tuple[PointKind, Span | None], ...] = (
            ("read", self.reads),
            ("write", self.writes),
            ("page", self.page),
            ("request", self.requests or ALL),
        )
        kind, span = next((kind, span) for kind, span in kinds if span is not None)
        return Point(kind, span, self.system, self.of or "")

    def _window(self, stage: Stage) -> Window:
        start, end = self.moments(stage)
        if self.night is not None or start is not None or end is not None:
            return Window(nights=self.night, start=start, end=end)
        going_on = stage.world.running is not None
        return Window(run=stage.world.runner.begun + (0 if going_on else 1))


# ---------------------------------------------------------------- what Clever and Otus do to a request


class _AnswerFault(_RequestFault, frozen=True, kw_only=True):
    """Something that a system does to a request."""

    does: ClassVar[Effect]

    def effect(self) -> Effect:
        """Give what happens to a request."""
        return self.does


class _Slow(_RequestFault, frozen=True, kw_only=True):
    """Every answer takes longer, in simulated time, by so much."""

    by: timedelta

    def effect(self) -> Effect:
        """Give what happens to a request."""
        return Slows(self.by)

    def in_words(self) -> str:
        """Say by how much."""
        return f"takes {self.by} longer"


class _ClockAhead(_RequestFault, frozen=True, kw_only=True):
    """The system's clock is ahead: `Date` and `x-ratelimit-reset` say a later moment."""

    by: timedelta

    def effect(self) -> Effect:
        """Give what happens to a request."""
        return SkewsClock(self.by)

    def in_words(self) -> str:
        """Say by how much."""
        return f"has a clock that is {self.by} ahead"


class _ClockBehind(_RequestFault, frozen=True, kw_only=True):
    """The system's clock is behind: `Date` and `x-ratelimit-reset` say an earlier moment."""

    by: timedelta

    def effect(self) -> Effect:
        """Give what happens to a request."""
        return SkewsClock(-self.by)

    def in_words(self) -> str:
        """Say by how much."""
        return f"has a clock that is {self.by} behind"


class _Down(_Timed, frozen=True, kw_only=True):
    """The whole system answers 503 to everybody, from now or `from` on, until `to`."""

    system: ClassVar[SyncSystem]

    def contradiction(self) -> Contradiction | None:
        """Want an end."""
        if self.to is None:
            return Contradiction("fault: 'to' is missing", "write until when: `to: 01:20`; a fault ends by itself")
        return super().contradiction()

    def perform(self, stage: Stage) -> None:
        """Plan it."""
        start, end = self.moments(stage)
        stage.world.clock.start_process(self._outage(stage, start, end, stage.line))

    def _outage(self, stage: Stage, start: datetime | None, end: datetime | None, line: int | None) -> Process:
        world, name = stage.world, SYSTEMS[self.system]
        yield world.clock.at(start or world.clock(), Order.EDIT)
        world.down.add(self.system)
        world.journal.record(self.system, "fault", name, "goes down", line=line)
        yield world.clock.at(end or world.clock(), Order.EDIT)
        world.down.discard(self.system)
        world.journal.record(self.system, "fault", name, "comes back", line=line)


class _RevokesToken(Step, frozen=True, kw_only=True):
    """From now on the sync's token is good for nothing, until another one is issued (`rotates the token`)."""

    system: ClassVar[SyncSystem]

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        stage.world.revoke_token(self.system)
        return Act(SYSTEMS[self.system], "revokes the token of the sync", (), None, breaks=True, lane=self.system)


class _RotatesToken(Step, frozen=True, kw_only=True):
    """From now on another token is good; a run that goes on has the old one, the next is told the new one."""

    system: ClassVar[SyncSystem]

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        stage.world.rotate_token(self.system)
        return Act(SYSTEMS[self.system], "rotates the token of the sync", (), None, breaks=True, lane=self.system)


def _declare(system: SyncSystem, words: str, base: type[Step], does: Effect | None = None) -> None:
    """Make the verb of one system from the step that both share."""
    constants: dict[str, Any] = {"system": system, "words": words.strip(), "__doc__": base.__doc__}
    if does is not None:
        constants |= {"does": does, "__doc__": type(does).__doc__}
    name = f"{system}{words}".title().replace(" ", "").replace("'", "")
    step = msgspec.defstruct(name, [], bases=(base,), namespace=constants, frozen=True, kw_only=True)
    verb("fault", f"{system}{words}")(cast("type[Step]", step))


for _system in SYSTEMS:
    for _words, _effect in EFFECTS.items():
        if _system == "clever" or not isinstance(_effect, AnswersLimit):
            _declare(_system, f" {_words}", _AnswerFault, _effect)
    _declare(_system, " is slow", _Slow)
    _declare(_system, "'s clock is ahead", _ClockAhead)
    _declare(_system, "'s clock is behind", _ClockBehind)
    _declare(_system, " is down", _Down)
    _declare(_system, " revokes the token", _RevokesToken)
    _declare(_system, " rotates the token", _RotatesToken)


# ---------------------------------------------------------------- the feed and the sync


@verb("fault", "feed delivers again")
class FeedDeliversAgain(Step, frozen=True, kw_only=True):
    """Everything that the feed has delivered of a school comes a second time (F4)."""

    school: SchoolName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        stage.world.deliver_again(self.school)
        return Act(FEED, f"delivers {self.school} a second time", (self.school,), None, breaks=True, lane="clever")


FolderFile = Literal["schools.csv", "teachers.csv", "students.csv", "sections.csv"]
"""A file of a district's folder that an upload can die in, in the order in which they are uploaded."""


@verb("fault", "feed uploads half a folder")
class FeedUploadsHalf(Step, frozen=True, kw_only=True):
    """The upload of the district's CSV folder dies in a file: Clever finds others missing, and takes in none of it."""

    file: FolderFile = "sections.csv"
    """In which it dies; those before it are whole, those after it do not arrive."""

    def perform(self, stage: Stage) -> Act:
        """Do it; Clever looks at the folder five minutes later."""
        try:
            stage.world.upload_half(self.file)
        except NoColumn as error:
            raise NotOnStageError(f"the district does not fit into CSV files: {error}") from None
        what = f"uploads the district's folder, and dies in the middle of {self.file}"
        return Act(FEED, what, (), None, breaks=True, lane="clever")


NamedPoint = Literal[
    "once it has begun",
    "after reading Clever",
    "before the first write",
    "before the first class",
    "before it reports",
    "once it has reported",
]
"""The points of a run that have a name."""
TURNS: dict[NamedPoint, tuple[Turn, KillsSync]] = {
    "once it has begun": ("begun", KillsSync("sent")),
    "after reading Clever": ("Clever read", KillsSync("not sent", heard=False)),
    "before the first write": ("first write", KillsSync("not sent", heard=False)),
    "before the first class": ("first class", KillsSync("not sent", heard=False)),
    "before it reports": ("report", KillsSync("not sent", heard=False)),
    "once it has reported": ("report", KillsSync("not sent")),
}
"""Which turn of the run that is, as its requests tell, and how far that request comes.

With all written and nothing told, ``before it reports``, a sync has saved what it keeps of a run, if it keeps anything.
"""


@verb("fault", "sync is killed")
class SyncIsKilled(_RequestFault, frozen=True, kw_only=True):
    """The sync dies at a request or a named point (SIGKILL; a callable's threads are stopped): no finding (A15)."""

    at: NamedPoint | None = None
    """The point instead of a request."""
    answer: Literal["not sent", "half sent", "sent"] = "not sent"
    """How much of the answer it still gets; the system has acted on the request in any case."""

    def contradiction(self) -> Contradiction | None:
        """Want a request or a point, not both."""
        if self.at is None:
            return super().contradiction()
        said = [
            word for word in ("requests", "reads", "writes", "page", "of", "times") if getattr(self, word) is not None
        ]
        if said:
            return Contradiction(f"fault: `at` and `{said[0]}` exclude each other")
        if self.answer != "not sent":
            return Contradiction(
                "fault: `at` and `answer` exclude each other", "a point says how far its request comes"
            )
        return _Timed.contradiction(self)

    def effect(self) -> Effect:
        """Give what happens to a request."""
        return KillsSync(self.answer) if self.at is None else TURNS[self.at][1]

    def in_words(self) -> str:
        """Say how."""
        return f"is killed, the answer {self.answer}" if self.at is None else f"is killed {self.at}"

    def _point(self) -> Point:
        return super()._point() if self.at is None else Point("turn", ALL, turn=TURNS[self.at][0])


@verb("fault", "sync's disk is full")
class DiskIsFull(Step, frozen=True, kw_only=True):
    """Nothing more can be written to the sync's folder, for a night."""

    night: Span

    def perform(self, stage: Stage) -> None:
        """Plan it."""
        stage.world.runner.full_disks.append(self.night)
