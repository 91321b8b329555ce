"""What Locust's processes tell each other: the leading one hands out work, the others report what became of it.

These are Locust's own custom messages; in a run of one process they stay in it.
"""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from gevent.event import Event
from gevent.queue import Queue
from locust.env import Environment
from locust.runners import Runner, WorkerRunner

from loadtests.load.happenings import SyncRun
from loadtests.load.plan import RUNS_FILE, Assignment, LoadPlan

ASSIGNMENT, TURN_WANTED, TURN, RUN_ENDED = (f"rostersim-{word}" for word in ("assignment", "wants", "turn", "ended"))
HERE = "local"
"""Whom a run of one process sends to."""

_encode = msgspec.json.Encoder().encode


class LeadingDesk:
    """Hands out the assignment and the turns to sync, and writes down the runs that have ended.

    Args:
        environment: of Locust, with its runner.
        plan: of the run.
        heard: called with each run that has ended, before it is written down; may add to it.
    """

    def __init__(self, environment: Environment, plan: LoadPlan, heard: Callable[[SyncRun], SyncRun]) -> None:
        self._runner = runner_of(environment)
        self._plan = plan
        self._heard = heard
        self._turns = deque(_turns(plan))
        self._waiting: deque[str] = deque()
        self._someone_syncs = False
        self._file = Path(plan.folder) / RUNS_FILE
        self.syncs_left = plan.sync_runs
        """Runs that have not ended."""
        self._runner.register_message(TURN_WANTED, self._give_turn)
        self._runner.register_message(RUN_ENDED, self._note_run)

    def begin(self) -> None:
        """Tell everybody the assignment."""
        self._runner.send_message(ASSIGNMENT, _encode(self._plan.assignment).decode())

    def _give_turn(self, msg: Any, **_: object) -> None:  # noqa: ANN401 - Locust's message
        self._waiting.append(msg.node_id)
        self._serve_waiting()

    def _serve_waiting(self) -> None:
        # Otus gives its lease to one run of a district at a time (A15): the next turn comes when the last is over.
        # Each school once per night: a turn that was given is gone, whoever asks next.
        while self._waiting and not (self._turns and self._someone_syncs):
            turn = self._turns.popleft() if self._turns else None
            self._someone_syncs = self._someone_syncs or turn is not None
            self._runner.send_message(TURN, turn, client_id=self._waiting.popleft())

    def _note_run(self, msg: Any, **_: object) -> None:  # noqa: ANN401 - Locust's message
        run = self._heard(msgspec.json.decode(msg.data, type=SyncRun))
        with self._file.open("ab") as file:
            file.write(_encode(run) + b"\n")
        self.syncs_left -= 1
        self._someone_syncs = False
        self._serve_waiting()


def _turns(plan: LoadPlan) -> list[str]:
    of_a_night = ["district"] if plan.sync == "district" else list(plan.assignment.schools)
    return of_a_night * plan.assignment.nights_max if plan.sync != "none" else []


class Desk:
    """Where users of this process learn what to do.

    Args:
        environment: of Locust, with its runner.
    """

    def __init__(self, environment: Environment) -> None:
        self._runner = runner_of(environment)
        self._assigned = Event()
        self._assignment: Assignment | None = None
        self._turns: Queue[str | None] = Queue()
        self._runner.register_message(ASSIGNMENT, self._take_assignment)
        self._runner.register_message(TURN, lambda msg, **_: self._turns.put(msg.data))

    def assignment(self) -> Assignment:
        """Wait for the assignment."""
        self._assigned.wait()
        assert self._assignment is not None  # noqa: S101 - it is set before the event
        return self._assignment

    def turn(self) -> str | None:
        """Ask for something to sync: ``district``, a DBN, or ``None`` when all is given out."""
        self._runner.send_message(TURN_WANTED)
        return self._turns.get()

    def report(self, run: SyncRun) -> None:
        """Say that a run has ended."""
        self._runner.send_message(RUN_ENDED, _encode(run).decode())

    def _take_assignment(self, msg: Any, **_: object) -> None:  # noqa: ANN401 - Locust's message
        self._assignment = msgspec.json.decode(msg.data, type=Assignment)
        self._assigned.set()


_desk: list[Desk] = []


def set_up_desk(environment: Environment) -> None:
    """Set up the one desk of this process."""
    _desk[:] = [Desk(environment)]


def desk() -> Desk:
    """Give the desk of this process."""
    return _desk[0]


def runner_of(environment: Environment) -> Runner:
    """Give Locust's runner, which is there once Locust is set up."""
    assert environment.runner is not None  # noqa: S101 - so Locust has it
    return environment.runner


def takes_part(environment: Environment) -> bool:
    """Tell whether this process has users: a leader of others has none."""
    return isinstance(environment.runner, WorkerRunner) or not hasattr(environment.runner, "clients")
