"""One run of the sync on a copy of the world, in which it may be killed at a request; nothing of it stays."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from simulator.crash.kills import Kill
from simulator.gateway import Ended, Hold, Message, Request, Sleep, call, unavailable
from simulator.interrupts import interrupts_deferred
from simulator.night import ANOTHER_RUN, MESSAGES_MAX
from simulator.progress import Progress

if TYPE_CHECKING:
    from simulator.world import Copy, World

TrialEnd = Literal["succeeded", "held", "failed", "refused", "killed", "hung"]
"""``refused``: it did nothing, as it took another run to go on."""
HALF_SENT_SECONDS_MAX = 5.0
"""How long half an answer may take to be on the wire, in real time."""
STRAGGLER_SECONDS = 0.05
"""How long a request of a dead sync may be under way, in real time, if it had several under way at once."""


class Trial(NamedTuple):
    """How a run on a copy ended."""

    end: TrialEnd
    requests: int
    writes: int
    over: datetime
    """Its last moment, simulated."""
    lines: tuple[str, ...]
    """Its requests, as in an access log."""
    said: str = ""
    """The last line of what it printed, or of the reason that it gave."""
    several: bool = False
    """Whether it ever had more than one request under way."""


class _Trial:
    def __init__(self, world: "World", copy: "Copy", starts: datetime, kill: Kill | None, *, several: bool) -> None:
        self._world = world
        self._copy = copy
        self._now = starts
        self._over = starts + timedelta(hours=world.setup.sync_simulated_hours_max)
        self._kill = kill
        self._progress = Progress()
        self._lines: list[str] = []
        self._doomed = False
        self._several = several

    def go(self, folder: Path) -> Trial:
        world = self._world
        world.clock.pretend(self._now)
        try:
            with interrupts_deferred():
                world.line.running = world.sut.start(world.sync_environment(folder), world.inbox)
            end, said = self._until_ended()
        finally:
            world.clock.pretend(None)
        world.line.running = None
        made = self._progress
        return Trial(end, made.requests, made.writes, self._now, tuple(self._lines), said, self._several)

    def _until_ended(self) -> tuple[TrialEnd, str]:
        line = self._world.line
        for _ in range(MESSAGES_MAX):
            message = line.inbox.get(self._world.setup.sync_real_seconds_max)
            if isinstance(message, Ended):
                return self._judge(message)
            line.unanswered = message
            self._several = self._several or not line.inbox.is_empty()
            if message is None or self._now > self._over:
                break
            if self._doomed:
                return self._strike(message)
            self._let_pass(message)
            if isinstance(message, Request):
                if self._is_fatal(message):
                    return self._strike(message)
            else:
                message.reply.put(True)
            line.unanswered = None
        line.stop()
        return "hung", "it hangs"

    def _let_pass(self, message: Request | Sleep) -> None:
        """Let a message take its simulated time."""
        latency = timedelta(milliseconds=self._world.setup.latency_ms)
        self._now = min(self._now + (message.wait if isinstance(message, Sleep) else latency), self._over + latency)
        self._world.clock.pretend(self._now)

    def _is_fatal(self, request: Request) -> bool:
        """Serve a request, unless the sync is to be killed at it; tell whether it is to be killed now."""
        self._progress.see(request)
        self._lines.append(request.line)
        kind = self._kill.kind if self._kill is not None and self._kill.request == len(self._lines) else None
        if kind == "unserved":
            return True
        answer = call(self._copy.applications[request.system], request.environ)
        if kind == "half":
            hold = Hold()
            request.reply.put(answer._replace(hold=hold))
            hold.wait_until_sent(HALF_SENT_SECONDS_MAX)
            self._world.line.unanswered = None
            self._kill_now()
            hold.end()
            return True
        request.reply.put(answer)
        self._doomed = kind == "sent"
        return False

    def _strike(self, message: Message) -> tuple[TrialEnd, str]:
        """Kill the sync, if it is not dead yet, and turn away what it still wanted."""
        self._kill_now()
        if isinstance(message, Request):
            message.reply.put(unavailable("the sync is dead", self._now))
        line = self._world.line
        line.unanswered = None
        while self._several and (late := line.inbox.get(STRAGGLER_SECONDS)) is not None:
            if isinstance(late, Request):
                late.reply.put(unavailable("the sync is dead", self._now))
        return "killed", ""

    def _kill_now(self) -> None:
        running = self._world.line.running
        if running is not None and not running.is_over():
            running.stop()

    def _judge(self, ended: Ended) -> tuple[TrialEnd, str]:
        """Judge how a run ended: by its record in Otus, which every run should keep, else by its exit code."""
        newest = next(iter(self._copy.runs().items), None)
        said = (ended.output.strip().splitlines() or [""])[-1]
        if ended.exit_code == ANOTHER_RUN:
            return "refused", said
        if newest is None:
            return ("succeeded" if ended.exit_code == 0 else "failed"), said
        if newest.status == "held" or (newest.status == "succeeded" and not ended.exit_code):
            return newest.status, newest.reason
        return "failed", newest.reason or said


def run_on(
    world: "World", copy: "Copy", folder: Path, starts: datetime, kill: Kill | None = None, *, several: bool = False
) -> Trial:
    """Run the sync on a copy, at a moment that only the copy sees.

    Args:
        world: whose sync it is; the time of its own run has not come yet.
        copy: of its systems.
        folder: the run's own, with the ledger of the runs before.
        starts: when it begins.
        kill: where it is killed; nowhere by default.
        several: whether it is known to have several requests under way at once.
    """
    return _Trial(world, copy, starts, kill, several=several).go(folder)
