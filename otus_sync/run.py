"""One run, from the lease to the report (A15)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import msgspec

from otus_sync.apply import Applied, StoppedError, apply_plan
from otus_sync.clever import CleverReader, District
from otus_sync.clock import Clock, clock_from, written
from otus_sync.errors import AnotherRunError, SyncError, UnreachableError
from otus_sync.http import Http
from otus_sync.ledger import Ledger, LedgerRun
from otus_sync.log import Log
from otus_sync.otus import OtusClient
from otus_sync.otus_records import Counts, NewRun, Problem, RunEdit, RunStatus, SyncRun
from otus_sync.plan import Plan, Ruling, plan_classes_anew, plan_from
from otus_sync.plan.guard import newest_held, ruling_on
from otus_sync.plan.model import ClassChange
from otus_sync.reading import Reading, read_both, read_classes
from otus_sync.settings import Settings

PROBLEMS_MAX = 10_000
"""The most problems a report lists; the log tells how many there are."""
RENEWALS_A_LEASE = 3
"""A run gives a sign of life after this part of its lease."""


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
        self.clever_http = Http("Clever", settings.clever_url, settings.clever_token, settings, log)
        self.otus_http = Http("Otus", settings.otus_url, settings.otus_token, settings, log)
        self.otus = OtusClient(self.otus_http, settings)

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


def run_sync(settings: Settings, log: Log | None = None) -> Outcome:
    """Run the sync once: read, plan, write, report.

    A failure while it runs is an outcome, reported in Otus, if it can be reached, and in the ledger.

    Raises:
        AnotherRunError: another run is in progress; nothing was done.
        LedgerError: the ledger cannot be used.
    """
    clock = clock_from(settings.now)
    log = log or Log(clock)
    with Ledger(settings.state_dir) as ledger, ledger.alone(), connected(settings, log) as systems:
        left_behind = ledger.left_behind()
        number = ledger.begin(written(clock()), settings.schools)
        log.run = number
        return _Run(number, settings, systems, ledger, log, clock).go(left_behind)


def look(settings: Settings, log: Log) -> tuple[Reading, Plan]:
    """Read and plan, and write nothing anywhere, not even that somebody looked.

    Raises:
        RequestError: a system cannot be read.
    """
    with connected(settings, log) as systems:
        ruling = ruling_on(systems.otus.runs(), settings.schools)
        clever = CleverReader(systems.clever_http, settings, log, alive=lambda: None)
        reading = read_both(clever, systems.otus, settings, ruling, log)
        return reading, plan_from(reading.desired, reading.otus, settings)


class _Run:
    def __init__(
        self, number: int, settings: Settings, systems: Systems, ledger: Ledger, log: Log, clock: Clock
    ) -> None:
        self._number = number
        self._settings = settings
        self._systems = systems
        self._otus = systems.otus
        self._ledger = ledger
        self._log = log
        self._clock = clock
        self._otus_run: int | None = None
        self._may_go_on = False
        """Whether Otus may believe that this run goes on, under an id that this run never got to know."""

    def go(self, left_behind: Sequence[LedgerRun]) -> Outcome:
        try:
            runs = self._otus.runs()
            self._take_lease(runs, left_behind)
            outcome = self._sync(self._ruling(runs))
        except AnotherRunError as error:
            self._remember(Outcome("failed", str(error)), told=True)
            raise
        except (SyncError, KeyboardInterrupt) as error:
            done = error.applied.counts if isinstance(error, StoppedError) else Counts()
            outcome = Outcome("failed", str(error) or "interrupted", done)
            self._log.error("run.failed", reason=outcome.reason)
            self._end_after_failure(outcome)
            if isinstance(error, KeyboardInterrupt):
                raise
            return outcome
        except Exception as error:
            self._end_after_failure(Outcome("failed", f"a defect of the sync: {type(error).__name__}: {error}"))
            raise
        self._end(outcome)
        return outcome

    # ------------------------------------------------------------ the lease

    def _take_lease(self, runs: Sequence[SyncRun], left_behind: Sequence[LedgerRun]) -> None:
        seen_run = max((run.id for run in runs), default=0)
        self._ledger.asks(self._number, seen_run)
        new = NewRun(
            lease_seconds=self._settings.lease_seconds,
            scope=self._settings.schools,
            takes_over=_left_behind(runs, left_behind),
        )
        try:
            started = self._otus.start_run(new, [run.id for run in runs])
        except UnreachableError:
            self._may_go_on = True
            raise
        if started is None:
            raise AnotherRunError("another run is in progress: Otus has given the lease to it")
        self._otus_run = started.id
        self._ledger.joined(self._number, started.id)
        self._otus.alive = self._renewal(started.id)
        self._log.info("run.started", otus_run=started.id, took_over=new.takes_over)

    def _renewal(self, otus_run: int) -> Callable[[], None]:
        interval = timedelta(seconds=self._settings.lease_seconds / RENEWALS_A_LEASE)
        next_sign: datetime = self._clock() + interval

        def renew() -> None:
            nonlocal next_sign
            if self._clock() >= next_sign:
                next_sign = self._clock() + interval
                self._otus.report(otus_run, RunEdit(reason="at work"))

        return renew

    # ------------------------------------------------------------ the work

    def _ruling(self, runs: Sequence[SyncRun]) -> Ruling | None:
        held = newest_held(runs, self._settings.schools)
        removals = self._ledger.removals_of(held.id) if held is not None else ()
        return ruling_on(runs, self._settings.schools, removals)

    def _sync(self, ruling: Ruling | None) -> Outcome:
        clever = CleverReader(self._systems.clever_http, self._settings, self._log, self._otus.alive)
        reading = read_both(clever, self._otus, self._settings, ruling, self._log)
        plan = plan_from(reading.desired, reading.otus, self._settings)
        self._log_plan(plan)

        def replan(clever_ids: Sequence[str], made: Mapping[str, int]) -> Mapping[str, ClassChange]:
            wanted = reading.desired.with_accounts(made)
            again = read_classes(self._otus, clever_ids)
            withholding = plan.verdict.withholds
            return plan_classes_anew(wanted, clever_ids, again, self._settings, withholding=withholding)

        applied = apply_plan(plan, self._otus, self._settings.batch_rows, replan)
        return _outcome(plan, applied, reading.clever.district)

    def _log_plan(self, plan: Plan) -> None:
        self._log.info("planned", verdict=plan.verdict.status, counts=msgspec.structs.asdict(plan.counts()))
        if plan.skipped:
            ids = [key for skipped in plan.skipped for key in skipped.ids]
            self._log.warning("ids.skipped", sections=len(plan.skipped), ids=len(ids), first=ids[:10])  # A16

    # ------------------------------------------------------------ the end

    def _end(self, outcome: Outcome) -> None:
        self._remember(outcome, told=False)
        self._tell(outcome)
        self._ledger.told(self._number)
        self._log.info("run.ended", status=outcome.status, reason=outcome.reason, problems=len(outcome.problems))

    def _end_after_failure(self, outcome: Outcome) -> None:
        """Report a failure wherever it can be reported; what the run failed of is the message that counts."""
        told = not self._may_go_on
        try:
            self._tell(outcome)
        except SyncError as error:
            told = False
            self._log.warning("report.failed", reason=str(error))
        self._remember(outcome, told=told)

    def _tell(self, outcome: Outcome) -> None:
        if self._otus_run is None:
            return
        edit = RunEdit(
            status=outcome.status,
            reason=outcome.reason,
            counts=outcome.counts,
            withheld=outcome.withheld,
            problems=outcome.problems[:PROBLEMS_MAX],
            removals=outcome.digest,
        )
        self._otus.report(self._otus_run, edit)

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


def _left_behind(runs: Sequence[SyncRun], ours: Sequence[LedgerRun]) -> int | None:
    """Find the run that goes on in Otus though its sync, one of ours, is dead."""
    running = next((run.id for run in runs if run.status == "running"), None)
    if running is None:
        return None
    if running in [run.otus_run for run in ours]:
        return running
    # One that died before it knew its id began the first run after it had asked.
    asked = [run.seen_run for run in ours if run.otus_run is None and run.seen_run is not None]
    first_after = [min((run.id for run in runs if run.id > seen), default=None) for seen in asked]
    return running if running in first_after else None


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
