"""Sync runs: the lease that keeps two apart, what a run reports, what Support decides about a held one."""

from datetime import timedelta

import msgspec

from fakes.otus.audit import Audit, Entry
from fakes.otus.listings import RunQuery
from fakes.otus.pause import is_paused
from fakes.otus.records import Approval, NewRun, RunCounts, RunEdit, RunPage, SyncRun
from fakes.otus.rights import Actor, at_large, require
from fakes.otus.store import Store
from fakes.shared.moments import Clock, wire_time
from fakes.shared.refusals import Conflict, NotFound


class Runs:
    """The sync runs of a district.

    Args:
        store: where they are kept.
        clock: of the district; leases run out by it.
        audit: is told when a run begins, ends, or is decided about; not of its signs of life.
    """

    def __init__(self, store: Store, clock: Clock, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit

    def get(self, run_id: int) -> SyncRun:
        """Give one run.

        Raises:
            NotFound: there is none.
        """
        return self._find(run_id)[0]

    def page(self, query: RunQuery) -> RunPage:
        """Give a page of the runs, newest first."""
        found = self._store.last_runs(query)
        items = found[: query.limit]
        return RunPage(items, items[-1].id if len(found) > len(items) else None)

    def start(self, actor: Actor, new: NewRun) -> SyncRun:
        """Begin a run and take the lease.

        A run whose lease ran out, or that ``new`` takes over, becomes failed.

        Raises:
            Forbidden: ``actor`` is not the sync.
            Conflict: another run has the lease.
        """
        require(actor, "report on sync runs", at_large(actor))
        with self._store.transaction():
            self._make_way(new.takes_over)
            moment = wire_time(self._clock())
            run = SyncRun(
                id=self._store.new_ids("run")[0],
                status="running",
                started=moment,
                ended=None,
                lease_until=self._in_seconds(new.lease_seconds),
                scope=new.scope,
                reason="",
                counts=RunCounts(),
                withheld=RunCounts(),
                problems=(),
                removals="",
                approval=None,
                sync_paused=is_paused(self._store),  # H9
            )
            self._store.save_run(run, new.lease_seconds)
            self._audit.note(actor, Entry(f"starts sync run {run.id}"))
            return run

    def edit(self, actor: Actor, run_id: int, edit: RunEdit) -> SyncRun:
        """Take a run's report: it renews the lease, or ends the run and gives the lease back.

        Raises:
            Forbidden: ``actor`` is not the sync.
            NotFound: there is no such run.
            Conflict: the run has ended, perhaps because another took over.
        """
        require(actor, "report on sync runs", at_large(actor))
        with self._store.transaction():
            run, lease_seconds = self._find(run_id)
            if run.status != "running":
                raise Conflict(
                    f"run {run_id} has ended: {run.status} ({run.reason or 'no reason given'})",
                    code="run_ended",
                )
            reported = msgspec.structs.asdict(edit).items()
            given = {name: value for name, value in reported if value is not msgspec.UNSET}
            after = msgspec.structs.replace(run, lease_until=self._in_seconds(lease_seconds), **given)
            if after.status != "running":
                after = self._ended(after)
                self._audit.note(actor, Entry(f"ends sync run {run_id}: {after.status}"))
            self._store.save_run(after, lease_seconds)
            return after

    def approve(self, actor: Actor, run_id: int) -> SyncRun:
        """Let the removals of a held run happen (A14); the next run applies them.

        Raises:
            Forbidden: ``actor`` is neither Otus Support nor the sync.
            NotFound: there is no such run.
            Conflict: the run is not held, or its removals were discarded.
        """
        return self._decide(actor, run_id, "approved")

    def discard(self, actor: Actor, run_id: int) -> SyncRun:
        """Drop the removals of a held run (A14).

        Raises:
            Forbidden: ``actor`` is neither Otus Support nor the sync.
            NotFound: there is no such run.
            Conflict: the run is not held, or its removals were approved.
        """
        return self._decide(actor, run_id, "discarded")

    def _decide(self, actor: Actor, run_id: int, decision: Approval) -> SyncRun:
        require(actor, "decide about withheld removals", at_large(actor))
        with self._store.transaction():
            run, lease_seconds = self._find(run_id)
            if run.status != "held":
                raise Conflict(f"run {run_id} is {run.status}; only a held one is approved or discarded")
            if run.approval not in (None, decision):
                raise Conflict(f"run {run_id} was {run.approval} already", code="decided")
            after = msgspec.structs.replace(run, approval=decision)
            self._store.save_run(after, lease_seconds)
            self._audit.note(actor, Entry(f"has the withheld removals of sync run {run_id} {decision}"))
            return after

    def _make_way(self, takes_over: int | None) -> None:
        running = self._store.running()
        if running is None:
            return
        run, lease_seconds = running
        if run.id == takes_over:
            reason = "abandoned: its sync died, and the next run took over"
        elif run.lease_until <= wire_time(self._clock()):
            reason = f"abandoned: no sign of life before its lease ran out at {run.lease_until}"
        else:
            raise Conflict(
                f"run {run.id} is running, and has the lease until {run.lease_until}; wait for it to end",
                code="run_in_progress",
            )
        failed = msgspec.structs.replace(run, status="failed", reason=reason)
        self._store.save_run(self._ended(failed), lease_seconds)

    def _ended(self, run: SyncRun) -> SyncRun:
        moment = wire_time(self._clock())
        return msgspec.structs.replace(run, ended=moment, lease_until=moment)

    def _in_seconds(self, seconds: int) -> str:
        return wire_time(self._clock() + timedelta(seconds=seconds))

    def _find(self, run_id: int) -> tuple[SyncRun, int]:
        found = self._store.run(run_id)
        if found is None:
            raise NotFound(f"there is no sync run {run_id}")
        return found
