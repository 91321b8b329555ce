"""One run of the sync under test: started off the simulation thread, every request of it an event.

While it computes, simulated time stands still; a request takes its latency, a sleep its seconds.
"""

import math
import re
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec
import simpy

from fakes.otus.records import SyncRun
from fakes.shared.moments import wire_time
from simulator.clock import Process
from simulator.faults import Fault, Strike
from simulator.faults.effects import KillsSync
from simulator.folders import read_only, temporary_folder
from simulator.gateway import Answer, Ended, Request, Sleep, call
from simulator.interrupts import interrupts_deferred
from simulator.journal import Lane
from simulator.line import Line
from simulator.progress import RUN_RECORDS, Point, Progress, Sighting, Span
from simulator.sut import UnusableSutError
from simulator.views import CleverView, OtusView

if TYPE_CHECKING:
    from simulator.world import Copy, World

Outcome = Literal["succeeded", "held", "failed", "refused", "crashed", "hung"]
"""``refused``: it did nothing since another run goes on."""
SYNC = "sync"
MESSAGES_MAX = 100_000
"""Requests and sleeps of one run; a run that needs more goes round in circles."""
SLEEP_MAX = timedelta(days=1000)
_NO_TIME = timedelta()


class RunEnd(NamedTuple):
    """How a run of the sync ended."""

    night: int
    outcome: Outcome
    reason: str
    started: datetime
    ended: datetime
    requests: int
    writes: int
    """Requests to Otus other than GET and other than those about the run itself."""
    troubled: int
    """Requests that a system answered with 429 or 5xx, not at all, or otherwise than it had meant to."""
    report: SyncRun | None
    """The run's own record in Otus, if it made one."""
    killed: bool = False
    """Whether a fault killed it: a crash that the story ordered."""
    disturbed: bool = False
    """Whether it met a fault, trouble, a full disk, a worthless token, a pause of Otus's or another run: it may fail
    or write again.
    """


class Rehearsal(NamedTuple):
    """A second run on a copy of the world (A15)."""

    outcome: Outcome
    writes: int
    same: bool
    """Whether Otus's copy holds afterwards what it held before."""


class Foresight(NamedTuple):
    """What a run would do in a coming night."""

    outcome: Outcome
    reason: str
    writes: int
    before: OtusView
    """What Otus holds now."""
    after: OtusView
    """What it would hold then."""


class Sight(NamedTuple):
    """What a run had before it when it began."""

    started: datetime
    clever: CleverView


class _Course(Progress):
    """One run while it goes on: over which line, what it has asked, and what became of that.

    Args:
        line: over which it talks.
        number: among all runs of the world.
        night: of the story, that it belongs to or follows.
        nightly: whether it is that night's own run.
    """

    def __init__(self, line: Line, number: int, night: int, *, nightly: bool) -> None:
        super().__init__()
        self.line = line
        self.number = number
        self.night = night
        self.nightly = night if nightly else None
        """The night whose own run it is."""
        self.record: int | None = None
        """The id of its record in Otus, once it has made one."""
        self.troubled = 0
        self.unheard = False
        """Whether its last word about itself did not get through."""
        self.over = False
        """Whether it has told Otus that it has ended."""
        self.disturbed = False
        """Whether its disk was full, its token worthless, Otus's sync paused, or another run went on meanwhile."""
        self.doomed = False
        """Whether the sync is killed when it asks for the next thing."""
        self.told: list[Fault] = []
        """Faults that the journal has."""

    def note(self, request: Request, answer: Answer, acted: Answer | None) -> None:
        """Take note of what a request was answered.

        Args:
            request: of the run.
            answer: as it goes over the wire.
            acted: as the system gave it; none if the request never reached it.
        """
        spoilt = acted is None or answer.body != acted.body
        refused = answer.code == TOO_MANY_REQUESTS or answer.code >= 500
        self.troubled += refused or spoilt or answer.cut is not None
        about_itself = str(request.environ["PATH_INFO"]).startswith(RUN_RECORDS)
        if not about_itself or request.environ["REQUEST_METHOD"] == "GET":
            return
        self.unheard = answer.code >= 400 or spoilt or answer.cut is not None
        if acted is not None and acted.code == CREATED:
            self.record = msgspec.json.decode(acted.body, type=_Record).id
        elif acted is not None and acted.code < 300:
            self.over = msgspec.json.decode(acted.body, type=_Record).status != "running"


class _Record(msgspec.Struct, frozen=True):
    id: int
    status: str = "running"


class Awaited(NamedTuple):
    """A point of a night's run for which somebody waits."""

    night: int
    point: Point
    reached: simpy.Event


class SyncRunner:
    """Runs the sync under test in a world.

    Args:
        world: whose systems it talks to.
    """

    def __init__(self, world: "World") -> None:
        self._world = world
        self.ends: list[RunEnd] = []
        """Of all runs so far, in order."""
        self.begun = 0
        """How many runs have begun so far."""
        self.full_disks: list[Span] = []
        """Nights in which the sync cannot write to its folder."""
        self.heralds: list[Callable[[int], None]] = []
        """Told the night of every run right before it begins."""
        self._awaited: list[Awaited] = []
        self._under_way: list[_Course] = []
        self.last_sight: Sight | None = None
        """Of the last run that succeeded or was held; of the one that the world's past ends with, at first."""

    def run(self, night: int, *, nightly: bool = True, line: Line | None = None) -> Process:
        """Run the sync once, as a course of events; appends to :attr:`ends`.

        Args:
            night: its number in the story; a run between the nights has the number of the night before it.
            nightly: whether it is the night's own run, of which faults and points of that night are said.
            line: over which it talks, if the nightly sync's is taken.
        """
        world = self._world
        for herald in self.heralds:
            herald(night)
        started, clever = world.clock(), world.clever_view()
        world.journal.record("sync", "night", SYNC, "begins", night=night)
        self.begun += 1
        course = _Course(line or world.line, self.begun, night, nightly=nightly)
        course.line.forget_output()
        environ = world.sync_environment(world.state_folder, course.line)
        with self._counted(course), self._disk(course.nightly) as disk_full:
            course.disturbed |= disk_full or world.otus_takes_nothing or bool(world.locked_out)
            with interrupts_deferred():
                course.line.running = world.sut.start(environ, course.line.inbox, disk_full=disk_full)
            ended = yield from self._until_ended(started, course)
        course.line.running = None
        self._close(started, ended, course, environ)
        if self.ends[-1].outcome in ("succeeded", "held"):
            self.last_sight = Sight(started, clever)

    @contextmanager
    def _counted(self, course: _Course) -> Iterator[None]:
        """Count a run among those that go on, and note whose way it is in."""
        for other in self._under_way:
            course.disturbed = other.disturbed = True
        self._under_way.append(course)
        try:
            yield
        finally:
            self._under_way.remove(course)

    def disturb(self) -> None:
        """Take note that what happens now is in the way of every run that goes on."""
        for course in self._under_way:
            course.disturbed = True

    @contextmanager
    def _disk(self, night: int | None) -> Iterator[bool]:
        """Fill the sync's disk for a night, if the story wants it, and tell whether it is full."""
        full = any(night in nights for nights in self.full_disks)
        if full:
            self._world.journal.record("sync", "fault", SYNC, "finds its disk full", night=night)
        if full and not self._world.sut.has_our_disk:
            advice = "give the sync as a callable, forked, or as a command"
            raise UnusableSutError(f"the sync's disk cannot be full: it runs elsewhere, on its own disk; {advice}")
        with read_only(self._world.state_folder) if full and self._world.sut.in_process else nullcontext():
            yield full

    def rehearse(self, before: OtusView | None = None) -> Rehearsal:
        """Run the sync on a copy of the world, now, and throw the copy away.

        It must change nothing (A15). The time that its requests and sleeps take passes for the copy alone, and
        nothing enters the journal.

        Args:
            before: what Otus holds now, if it has been read already.
        """
        with self._world.copied() as copy:
            held = (before or copy.otus_view()).without_moments()
            outcome, course, _ = self._run_on(copy)
            return Rehearsal(outcome, course.writes, same=copy.otus_view().without_moments() == held)

    def foresee(self, moment: datetime) -> Foresight:
        """Run the sync on a copy of the world as it will be at a moment, and throw the copy away.

        What is on its way until then is delivered to the copy; what people may still do, and what may go wrong,
        nobody knows. Nothing enters the journal.

        Args:
            moment: of a coming night.
        """
        world = self._world
        with world.copied() as copy:
            before = copy.otus_view()
            try:
                for delivery in world.feed.pending():
                    if delivery.due <= moment:  # A4
                        world.clock.pretend(delivery.due)
                        copy.deliver(delivery.change.record)
                world.clock.pretend(moment)
                world.clock.show(moment)
                outcome, course, reason = self._run_on(copy)
            finally:
                world.clock.pretend(None)
                world.clock.show(world.clock())
            return Foresight(outcome, reason, course.writes, before, copy.otus_view())

    def _run_on(self, copy: "Copy") -> tuple[Outcome, _Course, str]:
        """Run the sync on a copy of the world at the present moment, or at the one that the clock pretends.

        Returns:
            How it ended, its course, and the reason it gave.
        """
        world = self._world
        with _copied_folder(world.state_folder) as folder:
            environ = world.sync_environment(folder)
            with interrupts_deferred():
                world.line.running = world.sut.start(environ, world.inbox)
            course = _Course(world.line, self.begun, 0, nightly=False)
            try:
                ended = self._rehearsed(copy, course)
            finally:
                world.clock.pretend(None)
            world.line.running = None
            report = None if course.record is None else copy.run_record(course.record)
            reason = report.reason if report is not None else ended.output
            return _outcome(ended, report), course, in_other_words(reason, environ)

    def reaches(self, night: int, point: Point) -> simpy.Event:
        """Give an event that happens when the run of a night has got its answer to a request, before its next one.

        Args:
            night: of the story.
            point: of its run; one that has passed is not reached any more.
        """
        awaited = Awaited(night, point, self._world.clock.env.event())
        self._awaited.append(awaited)
        return awaited.reached

    def _until_ended(self, started: datetime, course: _Course) -> Generator[simpy.Event, Any, Ended]:
        """Serve a run until it ends, or has to be stopped."""
        world, line = self._world, course.line
        silence_seconds, hours = world.setup.sync_real_seconds_max, world.setup.sync_simulated_hours_max
        for _ in range(MESSAGES_MAX):
            asked = time.monotonic()
            message = line.inbox.get(silence_seconds)
            if message is None:
                return _stopped(line, f"said nothing for {silence_seconds:g} s of real time")
            if isinstance(message, Ended):
                return message
            line.unanswered = message
            if course.doomed:
                return _killed(line)
            wait = self._wait_of(message) + self._slept(time.monotonic() - asked, course)
            sighting = course.see(message) if isinstance(message, Request) else None
            strike = self._strike(sighting, course)
            wait += strike.delay if strike is not None else _NO_TIME
            left = started + timedelta(hours=hours) - world.clock()
            yield world.clock.after(min(wait, left))
            if wait > left:
                return _stopped(line, f"still ran after {hours:g} simulated hours")
            if not self._serve(message, sighting, strike, course):
                return _killed(line)
            if course.over and line.running is not None and line.running.ends_with_report:
                return Ended(0, "")
            if sighting is not None and self._tell_reached(sighting, course.nightly):
                yield world.clock.after(_NO_TIME)  # what waited for this comes before the next request
        return _stopped(line, f"asked and slept more than {MESSAGES_MAX:,} times")

    def _serve(
        self, message: Request | Sleep, sighting: Sighting | None, strike: Strike | None, course: _Course
    ) -> bool:
        """Give a message what it waits for, and tell whether the sync lives on."""
        if isinstance(message, Sleep):
            message.reply.put(True)
            course.line.unanswered = None
            return True
        answer = self._answer(message, sighting, strike, course)
        kills = strike.kills if strike is not None else None
        if kills is not None and kills.answer == "not sent":
            return False
        message.reply.put(answer)
        course.line.unanswered = None
        course.doomed = kills is not None and kills.answer == "sent"
        return kills is None or course.doomed

    def _strike(self, sighting: Sighting | None, course: _Course) -> Strike | None:
        world = self._world
        if sighting is None:
            return None
        return world.faults.strike(sighting, course.nightly, course.number, world.clock())

    def _tell_reached(self, sighting: Sighting, night: int | None) -> bool:
        """Tell those who wait for this point of the run that it is reached, and whether there were any."""
        reached = [each for each in self._awaited if each.night == night and each.point.covers(sighting)]
        for each in reached:
            self._awaited.remove(each)
            each.reached.succeed()
        return bool(reached)

    def _rehearsed(self, copy: "Copy", course: _Course) -> Ended:
        world, line = self._world, course.line
        over = world.clock() + timedelta(hours=world.setup.sync_simulated_hours_max)
        for _ in range(MESSAGES_MAX):
            asked = time.monotonic()
            message = line.inbox.get(world.setup.sync_real_seconds_max)
            if isinstance(message, Ended):
                return message
            line.unanswered = message
            if message is None:
                break
            then = world.clock() + self._wait_of(message) + self._slept(time.monotonic() - asked, course)
            if then > over:
                break
            world.clock.pretend(then)
            if isinstance(message, Sleep):
                message.reply.put(True)
            else:
                course.see(message)
                answer = call(copy.applications[message.system], message.environ)
                course.note(message, answer, answer)
                message.reply.put(answer)
            line.unanswered = None
        return _stopped(line, "hangs")

    def _slept(self, silence_seconds: float, course: _Course) -> timedelta:
        """Say how long a command has slept: it does so for real, and the simulated clock goes along.

        A client that waited for a rate limit to pass must find it passed. Silence before the first request is
        the program's start, and a short one is its work: neither takes simulated time.
        """
        if not self._world.sut.sleeps_really or not course.requests or silence_seconds < SLEEP_NOTICED_SECONDS:
            return timedelta()
        return timedelta(seconds=math.ceil(silence_seconds))

    def _wait_of(self, message: Request | Sleep) -> timedelta:
        """Say what a message costs in simulated time; nothing is longer than any limit of a run."""
        if isinstance(message, Sleep):
            return min(message.wait, SLEEP_MAX)
        return timedelta(milliseconds=self._world.setup.latency_ms)

    def _answer(self, request: Request, sighting: Sighting | None, strike: Strike | None, course: _Course) -> Answer:
        world, night = self._world, course.night
        acted: list[Answer] = []

        def answering() -> Answer:
            acted.append(world.answer(request))
            return acted[-1]

        answer = answering() if strike is None else strike.meet(answering, world.clock())
        course.note(request, answer, acted[-1] if acted else None)
        world.overhear(request, answer)
        lane: Lane = "clever" if request.system == "clever" else "otus"
        if strike is not None and sighting is not None:
            self._take_down_strike(strike, sighting, lane, course)
        facts = {"status": str(answer.code), "bytes": str(len(answer.body))}
        if answer.cut is not None:
            facts["cut"] = f"{answer.cut} the answer"
        good = answer.code < 400 and answer.cut is None
        world.journal.record(lane, "request", SYNC, request.line, night=night, facts=facts, good=good)
        return answer

    def _take_down_strike(self, strike: Strike, sighting: Sighting, lane: Lane, course: _Course) -> None:
        for fault in strike.faults:
            if fault.effect.lasts and fault in course.told:
                continue
            course.told.append(fault)
            kills = isinstance(fault.effect, KillsSync)
            self._world.journal.record(
                "sync" if kills else lane,
                "fault",
                SYNC if kills else lane.title(),
                f"{fault.words}, {sighting.in_words()}",
                night=course.night,
                line=fault.line,
            )

    def _close(self, started: datetime, ended: Ended, course: _Course, environ: Mapping[str, str]) -> None:
        world = self._world
        report = None if course.record is None else world.run_record(course.record)
        outcome = _outcome(ended, report, unheard=course.unheard)
        reason = ended.output or course.line.printed()
        if report is not None and outcome not in ("hung", "crashed"):
            reason = report.reason
        elif not reason.strip() and ended.exit_code:
            reason = f"it ended with exit code {ended.exit_code}"
        reason = in_other_words(reason, environ)
        end = RunEnd(
            course.night,
            outcome,
            reason,
            started,
            world.clock(),
            course.requests,
            course.writes,
            course.troubled,
            report,
            killed=ended.exit_code == KILLED,
            disturbed=course.disturbed or bool(course.told or course.troubled),
        )
        self.ends.append(end)
        facts = {"outcome": outcome, "requests": str(course.requests), "writes": str(course.writes)}
        if reason.strip():
            facts["reason"] = reason.strip().splitlines()[-1]
        world.journal.record(
            "sync", "night", SYNC, f"ends: {outcome}", night=course.night, good=outcome == "succeeded", facts=facts
        )


def _stopped(line: Line, what: str) -> Ended:
    """Stop a sync that takes too long."""
    line.stop()
    return Ended(HUNG, f"the sync {what}")


def _killed(line: Line) -> Ended:
    """Kill a sync as a fault wants it, and see it dead: what it still holds would be in the next run's way."""
    running, over = line.running, time.monotonic() + KILL_REAL_SECONDS_MAX
    line.stop()
    while running is not None and not running.is_over() and time.monotonic() < over:
        line.drain()
    return Ended(KILLED, "it was killed, as the story wants it")


HUNG = -1000
"""Stands for the exit code of a sync that had to be stopped."""

KILLED = -1001
"""Stands for the exit code of a sync that a fault killed."""

KILL_REAL_SECONDS_MAX = 5.0
"""How long a killed sync may take to be gone, in real time: a thread first comes back from what it waits for."""

TOO_MANY_REQUESTS = 429
CREATED = 201
ANOTHER_RUN = 4
"""The exit code of a sync that does nothing, as another run of the district goes on."""

SLEEP_NOTICED_SECONDS = 1.0
"""From so long on, in real time, a command's silence between two requests counts as a sleep."""


def in_other_words(text: str, environ: Mapping[str, str]) -> str:
    """Put a variable's name where a text of the sync has its value.

    A token is nobody's business, and ports and folders are others in every run: a journal has none of them.

    Args:
        text: what the sync printed or reported.
        environ: what it was told.
    """
    for name in ("CLEVER_TOKEN", "OTUS_TOKEN", "SYNC_STATE_DIR", "CLEVER_URL", "OTUS_URL"):
        text = text.replace(environ[name], f"${name}")
    for name in ("CLEVER_URL", "OTUS_URL"):
        port = environ[name].rpartition(":")[2]
        text = re.sub(rf"\b{port}\b", f"${name}'s port", text)
    return text


def _outcome(ended: Ended, report: SyncRun | None, *, unheard: bool = False) -> Outcome:
    """Judge how a run ended: by its record in Otus, which every run should keep, else by its exit code.

    Args:
        ended: how the program ended.
        report: the run's record.
        unheard: whether the run has tried to say how it ended, and Otus did not take it, or not so that it heard.
    """
    if ended.exit_code == HUNG:
        return "hung"
    if ended.exit_code == KILLED:
        return "crashed"
    if report is not None and report.status == "running" and unheard and ended.exit_code:
        return "failed"
    fell_over = ended.exit_code and not unheard  # whoever never hears that Otus took its last word may well complain
    if report is not None and (report.status == "running" or (report.status == "succeeded" and fell_over)):
        return "crashed"  # it never said how it ended, or said so and then fell over
    if report is not None:
        return "failed" if report.status == "failed" else ("held" if report.status == "held" else "succeeded")
    if ended.exit_code == ANOTHER_RUN:
        return "refused"
    return "succeeded" if ended.exit_code == 0 else "failed"


@contextmanager
def _copied_folder(folder: Path) -> Iterator[Path]:
    with temporary_folder() as copy:
        shutil.copytree(folder, copy / "state")
        yield copy / "state"


def environment_moment(moment: datetime) -> str:
    """Write the moment for ``SYNC_NOW``."""
    return wire_time(moment)
