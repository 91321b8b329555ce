"""What Locust loads: its users, one shape, and the desks at which its processes meet.

``rostersim load`` starts Locust with this file; a worker on another machine needs nothing else.
"""

import os
import signal
from pathlib import Path

import gevent
import msgspec
from locust import LoadTestShape, events
from locust.env import Environment
from locust.runners import STATE_MISSING, MasterRunner

from fakes.shared.access_log import Line
from loadtests.load import events as happened
from loadtests.load.access_log import AccessLogReader, phases_of, request_of
from loadtests.load.desk import LeadingDesk, runner_of, set_up_desk, takes_part
from loadtests.load.happenings import SyncRun
from loadtests.load.plan import ENGINE_FILE, PROGRESS_FILE, LoadPlan, plan_of_this_process
from loadtests.load.result import PERCENTILES, Engine, Kind
from loadtests.load.shapes import Standing, people_at
from loadtests.load.users import Admin, NightlySync, Teacher

__all__ = ["Admin", "Course", "NightlySync", "Teacher"]

SPAWN_PER_SECOND = 50.0
LOOK_SECONDS = 0.25
"""How often the access log, the workers and the progress are looked after."""
EXIT_BROKEN = 3
ERRORS_MAX = 20

PLAN = plan_of_this_process()
if PLAN is not None:
    NightlySync.fixed_count = PLAN.syncs
    NightlySync.abstract = PLAN.syncs == 0
    Teacher.weight, Teacher.abstract = PLAN.teachers, PLAN.teachers == 0
    Admin.weight, Admin.abstract = PLAN.admins, PLAN.admins == 0


class Lead:
    """What whoever leads the run keeps: the desk, what is read from the access log, and how it stands.

    Args:
        environment: of Locust.
        plan: of the run.
    """

    def __init__(self, environment: Environment, plan: LoadPlan) -> None:
        self.environment = environment
        self.plan = plan
        self.desk = LeadingDesk(environment, plan, self._heard)
        self.users_peak = 0
        self.broken = ""
        self.completed = False
        self._parent = os.getppid()
        self._runner = runner_of(environment)
        self._seen_workers: set[str] = set()
        foreign = plan.assignment.events == "access-log" and plan.access_log is not None
        self._foreign = AccessLogReader(Path(plan.access_log or "")) if foreign else None
        self._lines: list[Line] = []  # of the access log, until the run that they belong to has ended

    def look_after(self) -> None:
        """Read the access log, count the workers and write down how it stands, until the run is over."""
        while True:
            gevent.sleep(LOOK_SECONDS)
            if os.getppid() != self._parent:
                # Whoever started this is gone without a word: nobody else would end this, its forks and its syncs.
                os.killpg(0, signal.SIGKILL)
            self._read_access_log()
            self._miss_workers()
            self._tell_progress()

    def leave(self) -> None:
        """Write down what Locust has counted."""
        kinds = tuple(
            Kind(
                type=entry.method,
                name=entry.name,
                requests=entry.num_requests,
                failures=entry.num_failures,
                percentiles={key: float(entry.get_response_time_percentile(int(key) / 100)) for key in PERCENTILES},
                bytes=float(entry.total_content_length),
            )
            for entry in sorted(self._runner.stats.entries.values(), key=lambda entry: (entry.method, entry.name))
        )
        most_frequent = sorted(self._runner.errors.values(), key=lambda error: -error.occurrences)[:ERRORS_MAX]
        errors = [f"{error.occurrences} x {error.method} {error.name}: {error.error}" for error in most_frequent]
        errors += [f"{crash['count']} x {crash['msg']}" for crash in self._runner.exceptions.values()]
        left = Engine(kinds, tuple(errors), self.users_peak, len(self._seen_workers), self._breakage(), self.completed)
        (Path(self.plan.folder) / ENGINE_FILE).write_bytes(msgspec.json.encode(left))

    def _breakage(self) -> str:
        if self.broken or not self._runner.exceptions:
            return self.broken
        return f"a user of Locust has failed: {next(iter(self._runner.exceptions.values()))['msg']}"

    def _heard(self, run: SyncRun) -> SyncRun:
        """Add its phases to the run of a foreign sync, whose events nobody else tells."""
        if self._foreign is None:
            return run
        self._read_access_log()
        phases = phases_of(self._lines, run.began, run.ended)
        self._lines = []
        for phase in phases:
            happened.fire_phase(self.environment, phase)
        return msgspec.structs.replace(run, phases=phases)

    def _read_access_log(self) -> None:
        for line in self._foreign.new_lines() if self._foreign is not None else ():
            happened.fire_request(self.environment, request_of(line))
            self._lines.append(line)

    def _miss_workers(self) -> None:
        if not isinstance(self._runner, MasterRunner) or self.broken or self.completed:
            return
        here = {client.id for client in self._runner.clients.all if client.state != STATE_MISSING}
        lost = self._seen_workers - here
        self._seen_workers |= here
        if lost:
            self.broken = f"{len(lost)} of {len(self._seen_workers)} Locust workers died or fell silent"
            self.environment.process_exit_code = EXIT_BROKEN
            gevent.spawn(self._runner.quit)  # it kills this greenlet too

    def _tell_progress(self) -> None:
        total = self._runner.stats.total
        self.users_peak = max(self.users_peak, self._runner.user_count)
        line = {
            "users": self._runner.user_count,
            "events": total.num_requests,
            "failures": total.num_failures,
            "syncs_left": self.desk.syncs_left,
            "syncs": self.plan.sync_runs,
            "state": self._runner.state,
        }
        with (Path(self.plan.folder) / PROGRESS_FILE).open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")


_lead: list[Lead] = []
"""Of the process that leads; empty in the others."""


@events.init.add_listener
def set_up(environment: Environment, **_: object) -> None:
    """Set up the desks of this process."""
    if takes_part(environment):
        set_up_desk(environment)
    if PLAN is None or not _leads(environment):
        return
    lead = Lead(environment, PLAN)
    _lead[:] = [lead]
    environment.events.test_start.add_listener(lambda **_: lead.desk.begin())
    environment.events.quitting.add_listener(lambda **_: lead.leave())
    runner_of(environment).greenlet.spawn(lead.look_after)


def _leads(environment: Environment) -> bool:
    return isinstance(environment.runner, MasterRunner) or not hasattr(environment.runner, "master_host")


if PLAN is not None:

    class Course(LoadTestShape):
        """How many users there are at each moment, as :mod:`loadtests.load.shapes` says."""

        def tick(self) -> tuple[int, float] | None:
            """Give the number of users and how fast they come; ``None`` ends the run."""
            (lead,) = _lead
            standing = Standing(self.get_run_time(), lead.desk.syncs_left)
            people = people_at(lead.plan, standing)
            if people is None:
                lead.completed = True
                return None
            return lead.plan.syncs + people, SPAWN_PER_SECOND
