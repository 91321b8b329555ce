"""The removal guard: a feed that has lost half the district does not empty Otus (A14)."""

from collections.abc import Sequence

import msgspec
from msgspec import UNSET

from otus_sync.otus_records import Counts, SyncRun
from otus_sync.plan.digests import digest
from otus_sync.plan.model import ClassChange, Members, Plan, Ruling, Verdict, VerdictStatus
from otus_sync.settings import Settings


class Totals(msgspec.Struct, frozen=True):
    """What the scope has before the run, rostered, active and not archived."""

    accounts: int
    classes: int
    memberships: int


def guarded(plan: Plan, totals: Totals, ruling: Ruling | None, settings: Settings) -> Plan:
    """Hold a plan's removals back if they are too many and nobody has approved them.

    Args:
        plan: with all its removals.
        totals: what they are measured against, each kind by itself.
        ruling: what somebody decided on an earlier run's removals.
        settings: percent and minimum.

    Returns:
        The plan with a verdict; without its removals if the verdict withholds them.
    """
    counted = _removed(plan)
    reasons = _reasons(counted, totals, settings)
    if not reasons:
        return plan
    removals = _listed(plan)
    verdict = Verdict(
        status=_status(ruling, removals),
        reason=_reason(reasons, ruling, removals, settings),
        withheld=counted,
        digest=digest("\n".join(removals)),
        removals=removals,
    )
    if not verdict.withholds:
        return msgspec.structs.replace(plan, verdict=msgspec.structs.replace(verdict, withheld=Counts()))
    kept = (withhold(change) for change in plan.classes)
    return msgspec.structs.replace(
        plan,
        classes=tuple(change for change in kept if not change.is_empty()),
        archives=(),
        deactivations=(),
        verdict=verdict,
    )


def withhold(change: ClassChange) -> ClassChange:
    """Leave the members in a class who would be removed from it; they keep their part where it is free."""
    leaving = set(change.removed())
    after, before = change.after, change.before
    if not leaving or after is UNSET:
        return change
    stays_main = before.teacher in leaving and after.teacher is None
    teacher = before.teacher if stays_main else after.teacher
    displaced = [] if stays_main or before.teacher is None else [before.teacher]
    union = Members(
        teacher=teacher,
        co_teachers=(
            *after.co_teachers,
            *(ref for ref in (*displaced, *before.co_teachers) if ref in leaving),
        ),
        students=(*after.students, *(ref for ref in before.students if ref in leaving)),
    )
    if union.same_as(before):
        return msgspec.structs.replace(change, before=Members(), after=UNSET)
    return msgspec.structs.replace(change, after=union)


def ruling_on(runs: Sequence[SyncRun], scope: tuple[str, ...], held_removals: Sequence[str] = ()) -> Ruling | None:
    """Find what was decided about the newest held run.

    An approval is used once: after a run of the same scope has succeeded without withholding anything, it is
    void.

    Args:
        runs: the last ones, newest first.
        scope: of this run; another scope's removals are others.
        held_removals: what the ledger knows that run would have removed.
    """
    void = False
    for run in runs:
        if run.scope != scope:
            continue
        if run.status == "held":
            if run.approval is None or (void and run.approval == "approved"):
                return None
            return Ruling(run.id, run.approval, run.removals, frozenset(held_removals))
        void = void or (run.status == "succeeded" and not run.removals)
    return None


def newest_held(runs: Sequence[SyncRun], scope: tuple[str, ...]) -> SyncRun | None:
    """Give the newest held run of a scope."""
    return next((run for run in runs if run.status == "held" and run.scope == scope), None)


def _removed(plan: Plan) -> Counts:
    return Counts(
        accounts_deactivated=len(plan.deactivations),
        classes_archived=len(plan.archives),
        memberships_removed=sum(len(change.removed()) for change in plan.classes),
    )


def _reasons(removed: Counts, totals: Totals, settings: Settings) -> list[str]:
    kinds = (
        (removed.accounts_deactivated, totals.accounts, "accounts"),
        (removed.classes_archived, totals.classes, "classes"),
        (removed.memberships_removed, totals.memberships, "memberships"),
    )
    return [
        f"{count} of {total} {what}"
        for count, total, what in kinds
        if count >= settings.guard_minimum and count * 100 > settings.guard_percent * total
    ]


def _listed(plan: Plan) -> tuple[str, ...]:
    """Name every removal, in an order that does not depend on the order of reading."""
    accounts = [f"account {change.write.id}" for change in plan.deactivations]
    classes = [f"class {change.id}" for change in plan.archives]
    members = [f"class {change.id} member {account}" for change in plan.classes for account in change.removed()]
    return tuple(sorted([*accounts, *classes, *members]))


def _status(ruling: Ruling | None, removals: tuple[str, ...]) -> VerdictStatus:
    if ruling is None:
        return "held"
    if ruling.digest == digest("\n".join(removals)):
        return ruling.decision
    # What a crash left over of approved removals is approved as well.
    if ruling.decision == "approved" and ruling.removals.issuperset(removals):
        return "approved"
    return "held"


def _reason(reasons: list[str], ruling: Ruling | None, removals: tuple[str, ...], settings: Settings) -> str:
    what = f"removing {' and '.join(reasons)}"
    status = _status(ruling, removals)
    if ruling is not None and status == "approved":
        return f"{what} was approved with run {ruling.run}"
    if ruling is not None and status == "discarded":
        return f"{what} was discarded with run {ruling.run} and stays withheld"
    limits = f"over {settings.guard_percent} % and at least {settings.guard_minimum}"
    changed = f", and not what was decided on with run {ruling.run}" if ruling is not None else ""
    return f"{what} is {limits}{changed}: no removal was made; approve or discard them"
