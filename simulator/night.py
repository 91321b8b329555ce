"""One run of the sync under test: started off the simulation thread, every request of it an event.

While it computes, simulated time stands still; a request takes its latency, a sleep its seconds.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from fakes.otus.records import RunPage, SyncRun
from fakes.shared.moments import wire_time
from simulator.clock import Process
from simulator.folders import temporary_folder
from simulator.gateway import Answer, Ended, Request, Sleep, call
from simulator.sut import OUTPUT_TAIL_CHARACTERS, Run

if TYPE_CHECKING:
    from simulator.world import World

Outcome = Literal["succeeded", "held", "failed", "crashed", "hung"]
SYNC = "sync"
REHEARSAL_MESSAGES_MAX = 100_000
STOP_REAL_SECONDS = 2.0


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
    report: SyncRun | None
    """The run's own record in Otus, if it made one."""


class Rehearsal(NamedTuple):
    """A second run on a copy of the world (A15)."""

    outcome: Outcome
    writes: int
    same: bool
    """Whether Otus's copy holds afterwards what it held before."""


class SyncRunner:
    """Runs the sync under test in a world.

    Args:
        world: whose systems it talks to.
    """

    def __init__(self, world: "World") -> None:
        self._world = world
        self.ends: list[RunEnd] = []
        """Of all runs so far, in order."""
        self.last_run_id = 0

    def run(self, night: int) -> Process:
        """Run the sync once, as a course of events; appends to :attr:`ends`.

        Args:
            night: its number in the story; a run between the nights has the number of the night before it.
        """
        world = self._world
        started = world.clock()
        world.journal.record("sync", "night", SYNC, "begins", night=night)
        world.forget_output()
        run = world.sut.start(world.sync_environment(world.state_folder), world.inbox)
        world.running = run
        requests = writes = 0
        while True:
            message = world.inbox.get(world.setup.sync_real_seconds_max)
            over = world.clock() - started > timedelta(hours=world.setup.sync_simulated_hours_max)
            if message is None or (over and not isinstance(message, Ended)):
                ended = self._hung(run, message, started)
                break
            if isinstance(message, Ended):
                ended = message
                break
            if isinstance(message, Sleep):
                yield world.clock.after(timedelta(seconds=message.seconds))
                message.reply.put(True)
                continue
            yield world.clock.after(timedelta(milliseconds=world.setup.latency_ms))
            requests += 1
            writes += is_write(message)
            self._answer(message, night)
        world.running = None
        self._close(night, started, ended, requests, writes)

    def rehearse(self) -> Rehearsal:
        """Run the sync on a copy of the world, at this very instant, and throw the copy away.

        It must change nothing (A15). Requests and sleeps take no time, and nothing enters the journal.
        """
        world = self._world
        with world.copied() as copy, _copied_folder(world.state_folder) as folder:
            before = copy.otus_view().without_moments()
            run = world.sut.start(world.sync_environment(folder), world.inbox)
            writes = 0
            ended: Ended | None = None
            for _ in range(REHEARSAL_MESSAGES_MAX):
                message = world.inbox.get(world.setup.sync_real_seconds_max)
                if message is None or isinstance(message, Ended):
                    ended = message
                    break
                if isinstance(message, Sleep):
                    message.reply.put(True)
                    continue
                writes += is_write(message)
                message.reply.put(call(copy.applications[message.system], message.environ))
            if ended is None:
                run.stop()
                return Rehearsal("hung", writes, same=False)
            report = _newest_report(copy.runs(), self.last_run_id)
            outcome = _outcome(ended, report)
            return Rehearsal(outcome, writes, same=copy.otus_view().without_moments() == before)

    def _answer(self, request: Request, night: int) -> None:
        world = self._world
        answer = world.answer(request)
        facts = {"status": str(answer.code), "bytes": str(len(answer.body))}
        lane: Literal["clever", "otus"] = "clever" if request.system == "clever" else "otus"
        world.journal.record(lane, "request", SYNC, request.line, night=night, facts=facts, good=answer.code < 400)
        request.reply.put(answer)

    def _hung(self, run: Run, message: Request | Sleep | None, started: datetime) -> Ended:
        """Stop a sync that takes too long, in simulated or in real time."""
        setup = self._world.setup
        if message is None:
            text = f"the sync said nothing for {setup.sync_real_seconds_max:g} s of real time"
        else:
            hours = (self._world.clock() - started) / timedelta(hours=1)
            text = f"the sync still ran after {hours:.1f} simulated hours (limit {setup.sync_simulated_hours_max:g})"
        if isinstance(message, Sleep):
            message.reply.put(False)
        elif isinstance(message, Request):
            message.reply.put(unavailable("the run has been stopped"))
        run.stop()
        self._world.drain()
        return Ended(HUNG, text)

    def _close(self, night: int, started: datetime, ended: Ended, requests: int, writes: int) -> None:
        world = self._world
        report = _newest_report(world.runs(), self.last_run_id)
        outcome = _outcome(ended, report)
        if report is not None:
            self.last_run_id = report.id
        output = ended.output or world.guest_output.getvalue()[-OUTPUT_TAIL_CHARACTERS:]
        reason = output if outcome in ("hung", "crashed") or report is None else report.reason
        end = RunEnd(night, outcome, reason, started, world.clock(), requests, writes, report)
        self.ends.append(end)
        facts = {"outcome": outcome, "requests": str(requests), "writes": str(writes)}
        if reason:
            facts["reason"] = reason.strip().splitlines()[-1] if reason.strip() else ""
        world.journal.record(
            "sync", "night", SYNC, f"ends: {outcome}", night=night, good=outcome == "succeeded", facts=facts
        )


HUNG = -1000
"""Stands for the exit code of a sync that had to be stopped."""

RUN_RECORDS = "/api/v1/sync-runs"


def is_write(message: Request) -> bool:
    """Tell whether a request changes accounts or classes in Otus."""
    if message.system != "otus" or message.environ["REQUEST_METHOD"] == "GET":
        return False
    return not str(message.environ["PATH_INFO"]).startswith(RUN_RECORDS)


def unavailable(text: str) -> Answer:
    """Make the answer of a system that is down."""
    body = msgspec.json.encode({"message": text, "code": "unavailable"})
    return Answer("503 Service Unavailable", [("Content-Type", "application/json")], body)


def _newest_report(page: RunPage, after: int) -> SyncRun | None:
    newest = max(page.items, key=lambda run: run.id, default=None)
    return newest if newest is not None and newest.id > after else None


def _outcome(ended: Ended, report: SyncRun | None) -> Outcome:
    """Judge how a run ended: by its record in Otus, which every run should keep, else by its exit code."""
    if ended.exit_code == HUNG:
        return "hung"
    if report is not None and report.status == "running":
        return "crashed"
    if report is not None:
        return "failed" if report.status == "failed" else ("held" if report.status == "held" else "succeeded")
    return "succeeded" if ended.exit_code == 0 else "failed"


@contextmanager
def _copied_folder(folder: Path) -> Iterator[Path]:
    with temporary_folder() as copy:
        shutil.copytree(folder, copy / "state")
        yield copy / "state"


def environment_moment(moment: datetime) -> str:
    """Write the moment for ``SYNC_NOW``."""
    return wire_time(moment)
