"""One run, from the lease to the report (A15)."""

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

import msgspec

from otus_sync.apply import Applied, StoppedError, apply_plan
from otus_sync.changes import Naming, count_of_write, of_write
from otus_sync.clever import CleverReader, District, Memory
from otus_sync.clock import Clock, clock_from, written
from otus_sync.errors import AnotherRunError, LedgerError, PausedError, StalePlanError, SyncError
from otus_sync.following import doubt_about
from otus_sync.http import Http
from otus_sync.lanes import Lanes
from otus_sync.lease import Lease, Patience
from otus_sync.ledger import Ledger, LedgerRun, is_there
from otus_sync.log import Log
from otus_sync.otus import OtusClient
from otus_sync.otus_records import Counts, Problem, RunEdit, RunStatus, SyncRun
from otus_sync.plan import Plan, Ruling, plan_classes_anew, plan_from
from otus_sync.plan.guard import newest_held, ruling_on
from otus_sync.plan.model import AccountChange, ClassChange
from otus_sync.readers import Readers
from otus_sync.reading import Reading, read_both, read_classes
from otus_sync.saved_plan import SavedPlan, require_fresh
from otus_sync.settings import Settings

PROBLEMS_MAX = 10_000
"""The most problems a report lists; the log tells how many there are."""


class Outcome(msgspec.Struct, frozen=True):
    """How a run ended."""

    status: RunStatus
    reason: str
    counts: Counts = Counts()
    withheld: Counts = Counts()
    problems: tuple[Problem, ...] = ()
    digest: str = ""
    """Of the removals that were withheld."""
    removals: tuple[str, ...] = ()
    """Those removals one by one."""


class Systems:
    """The connections of a run; use it in a ``with`` statement through :func:`connected`.

    Args:
        settings: where the systems are.
        log: told of failed attempts.
    """

    def __init__(self, settings: Settings, log: Log) -> None:
        slots = threading.Semaphore(settings.in_flight)
        self.clever_http = Http("Clever", settings.clever_url, settings.clever_token, settings, log, slots)
        self.otus_http = Http("Otus", settings.otus_url, settings.otus_token, settings, log, slots)
        self.otus = OtusClient(self.otus_http, settings)
        count = settings.reader_count
        self.readers = Readers(count, self._begin_reading) if count > 1 else None

    def _begin_reading(self) -> None:
        """Make a process ready that only reads Clever: the run itself keeps its lease, and its connections."""
        self.clever_http.start_anew(threading.Semaphore(1))

    def close(self) -> None:
        """Close all connections."""
        self.clever_http.close()
        self.otus_http.close()


@contextmanager
def connected(settings: Settings, log: Log) -> Iterator[Systems]:
    """Connect to both systems and take leave of them in the end."""
    systems = Systems(settings, log)
    try:
        yield systems
    finally:
        systems.close()


def run_sync(settings: Settings, log: Log | None = None, saved: SavedPlan | None = None) -> Outcome:
    """Run the sync once: read, plan, write, report.

    A failure while it runs is an outcome, reported in Otus, if it can be reached, and in the ledger.

    Args:
        settings: of the district.
        log: told of everything; by default one on standard error.
        saved: a plan to carry out as it was saved; only if a new one would be made from the same.

    Raises:
        AnotherRunError: another run is in progress; nothing was done.
        PausedError: Otus has paused its sync; nothing was done.
        StalePlanError: the world has moved on since the plan was saved; nothing was written.
        LedgerError: the ledger cannot be used.
    """
    clock = clock_from(settings.now)
    log = log or Log(clock, settings.district)
    patience = Patience(settings, log)
    with (
        Ledger(settings.ledger_folder) as ledger,
        ledger.alone(patience.waits_more),
        connected(settings, log) as systems,
    ):
        left_behind = ledger.left_behind()
        number = ledger.begin(written(clock()), settings.schools)
        log.run = number
        lease = Lease(number, systems.otus, ledger, settings, log, clock)
        return _Run(number, settings, systems, ledger, log, clock, lease, saved).go(left_behind, patience)


def look(settings: Settings, log: Log) -> tuple[Reading, Plan]:
    """Read and plan as a run would now, and write nothing anywhere, not even that somebody looked.

    Raises:
        RequestError: a system cannot be read.
        LedgerError: there is a ledger, and it cannot be read.
    """
    with connected(settings, log) as systems:
        runs = systems.otus.runs()
        if not is_there(settings.ledger_folder):
            clever = CleverReader(systems.clever_http, settings, log, lambda: None, readers=systems.readers)
            return _read_and_plan(clever, systems, settings, ruling_on(runs, settings.schools), log)
        with Ledger(settings.ledger_folder) as ledger:
            memory = _memory(ledger, clock_from(settings.now), runs)._replace(keeps=False)
            clever = CleverReader(systems.clever_http, settings, log, lambda: None, memory, systems.readers)
            return _read_and_plan(clever, systems, settings, _ruling(runs, settings, ledger), log)


def _read_and_plan(
    clever: CleverReader, systems: Systems, settings: Settings, ruling: Ruling | None, log: Log
) -> tuple[Reading, Plan]:
    otus = systems.otus
    reading = read_both(clever, otus, settings, ruling, log)
    plan = plan_from(reading.desired, reading.otus, settings)
    if clever.followed and plan.verdict.status != "clear":
        # So much is removed on Clever's own word of tonight only, never on what was put together from events.
        clever.pull_next("the events would have so much removed that the removal guard has a say")
        reading = read_both(clever, otus, settings, ruling, log)
        plan = plan_from(reading.desired, reading.otus, settings)
    return reading, plan


def _memory(ledger: Ledger, clock: Clock, runs: Collection[SyncRun], number: int = 0) -> Memory:
    standing = ledger.mirror.standing()
    kept_by = ledger.runs_between(standing.run, standing.run) if standing is not None else []
    doubt = doubt_about(standing, kept_by[0].otus_run if kept_by else None, {run.id for run in runs})
    return Memory(ledger.mirror, clock, number, doubt)


def _ruling(runs: Sequence[SyncRun], settings: Settings, ledger: Ledger) -> Ruling | None:
    held = newest_held(runs, settings.schools)
    removals = ledger.removals_of(held.id) if held is not None else ()
    return ruling_on(runs, settings.schools, removals)


class _Run:
    def __init__(
        self,
        number: int,
        settings: Settings,
        systems: Systems,
        ledger: Ledger,
        log: Log,
        clock: Clock,
        lease: Lease,
        saved: SavedPlan | None,
    ) -> None:
        self._number = number
        self._settings = settings
        self._systems = systems
        self._otus = systems.otus
        self._ledger = ledger
        self._log = log
        self._clock = clock
        self._lease = lease
        self._saved = saved

    def go(self, left_behind: Sequence[LedgerRun], patience: Patience) -> Outcome:
        try:
            runs = self._lease.take(left_behind, patience.waits_more)
            outcome = self._sync(runs)
        except AnotherRunError as error:
            self._remember(Outcome("failed", str(error)), told=True)
            raise
        except (SyncError, KeyboardInterrupt) as error:
            done = error.applied.counts if isinstance(error, StoppedError) else Counts()
            outcome = Outcome("failed", str(error) or "interrupted", done)
            self._log.error("run.failed", reason=outcome.reason)
            self._end_after_failure(outcome)
            if isinstance(error, KeyboardInterrupt | PausedError | StalePlanError):
                raise
            return outcome
        except Exception as error:
            self._end_after_failure(Outcome("failed", f"a defect of the sync: {type(error).__name__}: {error}"))
            raise
        self._end(outcome)
        return outcome

    # ------------------------------------------------------------ the work

    def _sync(self, runs: Sequence[SyncRun]) -> Outcome:
        memory = _memory(self._ledger, self._clock, runs, self._number)
        systems, settings, log = self._systems, self._settings, self._log
        clever = CleverReader(systems.clever_http, settings, log, self._alive, memory, systems.readers)
        ruling = _ruling(runs, settings, self._ledger)
        reading, plan = _read_and_plan(clever, systems, settings, ruling, log)
        self._ledger.read(self._number, "events" if clever.followed else f"whole: {clever.why_pulled}")
        if self._saved is not None:
            require_fresh(self._saved, reading, self._settings)
            plan = self._saved.plan
        self._log_plan(plan)
        applied = self._apply(reading, plan)
        return _outcome(plan, applied, reading.clever.district)

    def _alive(self) -> None:
        """Give a sign of life, as long as this process is the one that has the lease."""
        self._otus.alive()

    def _apply(self, reading: Reading, plan: Plan) -> Applied:
        people = reading.desired.people
        naming = Naming(people.account, people.name)

        def replan(clever_ids: Sequence[str], made: Mapping[str, int]) -> Mapping[str, ClassChange]:
            wanted = reading.desired.with_accounts(made)
            again = read_classes(self._otus, clever_ids)
            withholding = plan.verdict.withholds
            return plan_classes_anew(wanted, clever_ids, again, self._settings, withholding=withholding)

        def noted(rows: Sequence[AccountChange | ClassChange]) -> None:
            of_row, count = partial(of_write, naming=naming), partial(count_of_write, naming=naming)
            self._ledger.wrote(self._number, rows, of_row, count)

        lanes = Lanes(self._settings.in_flight)
        return apply_plan(plan, self._otus, self._settings.batch_rows, replan, noted, lanes)

    def _log_plan(self, plan: Plan) -> None:
        self._log.info("planned", verdict=plan.verdict.status, counts=msgspec.structs.asdict(plan.counts()))
        if plan.skipped:
            ids = [key for skipped in plan.skipped for key in skipped.ids]
            self._log.warning("ids.skipped", sections=len(plan.skipped), ids=len(ids), first=ids[:10])  # A16

    # ------------------------------------------------------------ the end

    def _end(self, outcome: Outcome) -> None:
        try:
            self._remember(outcome, told=False)
        except LedgerError as error:
            # What was written stands, and the next run finds it there; but the lease must not be left behind.
            self._tell(msgspec.structs.replace(outcome, status="failed", reason=str(error)))
            raise
        self._tell(outcome)
        self._ledger.told(self._number)
        self._log.info("run.ended", status=outcome.status, reason=outcome.reason, problems=len(outcome.problems))

    def _end_after_failure(self, outcome: Outcome) -> None:
        """Report a failure wherever it can be reported; what the run failed of is the message that counts."""
        told = not self._lease.may_go_on
        try:
            self._tell(outcome)
        except SyncError as error:
            told = False
            self._log.warning("report.failed", reason=str(error))
        self._remember(outcome, told=told)

    def _tell(self, outcome: Outcome) -> None:
        if self._lease.run is None:
            return
        edit = RunEdit(
            status=outcome.status,
            reason=outcome.reason,
            counts=outcome.counts,
            withheld=outcome.withheld,
            problems=outcome.problems[:PROBLEMS_MAX],
            removals=outcome.digest,
        )
        self._otus.report(self._lease.run, edit)

    def _remember(self, outcome: Outcome, *, told: bool) -> None:
        self._ledger.ended(
            self._number,
            written(self._clock()),
            outcome.status,
            outcome.reason,
            outcome.counts,
            outcome.withheld,
            outcome.removals,
        )
        if told:
            self._ledger.told(self._number)


def _outcome(plan: Plan, applied: Applied, district: District) -> Outcome:
    problems = (*plan.problems, *applied.problems)
    done = [plan.verdict.reason or ("nothing to do" if plan.is_empty() else "Otus is as Clever has it")]
    if problems:
        done.append(f"{len(problems)} could not be rostered as Clever has them, see the problems")
    if district.state == "paused":
        done.append(f"Clever is paused, its data is of {district.last_sync or 'an unknown day'}")
    return Outcome(
        status="held" if plan.verdict.status == "held" else "succeeded",
        reason="; ".join(done),
        counts=applied.counts,
        withheld=plan.verdict.withheld,
        problems=problems,
        digest=plan.verdict.digest if plan.verdict.withholds else "",
        removals=plan.verdict.removals if plan.verdict.withholds else (),
    )
