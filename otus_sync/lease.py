"""One run of a district at a time: Otus gives a lease, and whoever comes second waits or goes (A15)."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Lock

from otus_sync.clock import Clock
from otus_sync.errors import AnotherRunError, PausedError, UnreachableError
from otus_sync.ledger import Ledger, LedgerRun
from otus_sync.log import Log
from otus_sync.otus import OtusClient
from otus_sync.otus_records import NewRun, RunEdit, SyncRun
from otus_sync.settings import Settings

RENEWALS_A_LEASE = 3
"""A run gives a sign of life after this part of its lease."""
PAUSED = "Otus has paused its sync: nothing was read, nothing written; the first night after the pause makes up for it"
PAUSE_SECONDS = 15.0
"""A run that waits for another looks again after so long."""


class Patience:
    """How long a run goes on waiting for another one.

    Args:
        settings: whether it waits at all, and how long at most.
        log: told that it waits.
    """

    def __init__(self, settings: Settings, log: Log) -> None:
        self._left_seconds = settings.busy_wait_seconds_max if settings.when_busy == "wait" else 0.0
        self._log = log

    def waits_more(self) -> bool:
        """Wait a while; or say no, if there is no patience left."""
        pause_seconds = min(PAUSE_SECONDS, self._left_seconds)
        if pause_seconds <= 0:
            return False
        self._left_seconds -= pause_seconds
        self._log.info("run.waits", seconds=pause_seconds, seconds_left=self._left_seconds)
        time.sleep(pause_seconds)
        return True


class Lease:
    """A run's lease.

    Args:
        number: of the run in the ledger.
        otus: who gives it.
        ledger: told before it is asked for, and once it is had.
        settings: how long it lasts, and for which scope.
        log: told of it.
        clock: of the run.
    """

    def __init__(
        self, number: int, otus: OtusClient, ledger: Ledger, settings: Settings, log: Log, clock: Clock
    ) -> None:
        self._number = number
        self._otus = otus
        self._ledger = ledger
        self._settings = settings
        self._log = log
        self._clock = clock
        self.run: int | None = None
        """The run's id in Otus, once it has the lease."""
        self.may_go_on = False
        """Whether Otus may believe that this run goes on, under an id that this run never got to know."""

    def take(self, left_behind: Sequence[LedgerRun], waits_more: Callable[[], bool]) -> list[SyncRun]:
        """Take the lease, and from then on renew it while Otus is talked to.

        Args:
            left_behind: runs of this ledger of which Otus may still believe that they go on.
            waits_more: called while another run has it; waits a while, or says no.

        Returns:
            The runs there were in Otus just before, newest first.

        Raises:
            AnotherRunError: another run has it, and there is no more waiting.
            PausedError: Otus takes nothing from its sync; the run has the lease, to say so.
            RequestError: Otus cannot be asked.
        """
        while True:
            runs = self._otus.runs()
            takes_over = left_behind_of(runs, left_behind)
            started = self._ask(runs, takes_over)
            if started is not None:
                break
            if not waits_more():
                raise AnotherRunError("another run is in progress: Otus has given the lease to it")
        self.run = started.id
        self._ledger.joined(self._number, started.id)
        self._otus.alive = self._renewal(started.id)
        self._log.info("run.started", otus_run=started.id, took_over=takes_over)
        if started.sync_paused:
            raise PausedError(PAUSED)  # H9
        return runs

    def _ask(self, runs: Sequence[SyncRun], takes_over: int | None) -> SyncRun | None:
        self._ledger.asks(self._number, max((run.id for run in runs), default=0))
        scope, lease_seconds = self._settings.schools, self._settings.lease_seconds
        new = NewRun(lease_seconds=lease_seconds, scope=scope, takes_over=takes_over)
        try:
            return self._otus.start_run(new, [run.id for run in runs])
        except UnreachableError:
            self.may_go_on = True
            raise

    def _renewal(self, otus_run: int) -> Callable[[], None]:
        interval = timedelta(seconds=self._settings.lease_seconds / RENEWALS_A_LEASE)
        next_sign: datetime = self._clock() + interval
        giving_a_sign = Lock()

        def renew() -> None:
            nonlocal next_sign
            # Of several requests that end at once, one is enough to say so.
            if self._clock() >= next_sign and giving_a_sign.acquire(blocking=False):
                try:
                    next_sign = self._clock() + interval
                    self._otus.report(otus_run, RunEdit(reason="at work"))
                finally:
                    giving_a_sign.release()

        return renew


def left_behind_of(runs: Sequence[SyncRun], ours: Sequence[LedgerRun]) -> int | None:
    """Find the run that goes on in Otus though its sync, one of ours, is dead.

    Args:
        runs: of Otus.
        ours: those of which Otus may not know the end.
    """
    running = next((run.id for run in runs if run.status == "running"), None)
    if running is None:
        return None
    if running in [run.otus_run for run in ours]:
        return running
    # One that died before it knew its id began the first run after it had asked.
    asked = [run.seen_run for run in ours if run.otus_run is None and run.seen_run is not None]
    first_after = [min((run.id for run in runs if run.id > seen), default=None) for seen in asked]
    return running if running in first_after else None
