"""What changed between two nights: the ledger's word on what the runs in between have written."""

from collections.abc import Sequence

import msgspec

from otus_sync.changes import Change, net
from otus_sync.errors import SettingsError
from otus_sync.ledger import Kept, Ledger, LedgerRun


class Difference(msgspec.Struct, frozen=True):
    """What changed, in words and one by one."""

    heading: str
    notes: tuple[str, ...]
    """What the ledger cannot tell."""
    runs: tuple[LedgerRun, ...]
    changes: tuple[Change, ...]
    """What is left of all that was written: what was changed and changed back is not in it."""
    in_words: tuple[str, ...]


def difference(ledger: Ledger, first: int | None = None, last: int | None = None) -> Difference:
    """Tell what changed.

    Args:
        ledger: of the district.
        first: the run after which to begin, if ``last`` is given; else the only run, by default the last one.
        last: the run with which to end.

    Raises:
        SettingsError: there are no such runs.
    """
    runs = _runs(ledger, first, last)
    kept = ledger.changes_of(runs)
    changes = net(change for one in kept for change in one.changes)
    said = sorted(changes, key=_place)
    return Difference(
        heading=_heading(runs, last),
        notes=tuple(note for one in kept if (note := _note(one))),
        runs=tuple(runs),
        changes=tuple(said),
        in_words=tuple(change.in_words() for change in said),
    )


def _runs(ledger: Ledger, first: int | None, last: int | None) -> list[LedgerRun]:
    if first is None:
        runs = ledger.last_runs(1)
        if not runs:
            raise SettingsError("the ledger has no run yet, so there is nothing to compare")
        return runs
    if last is None:
        first, last = first - 1, first
    if last <= first:
        raise SettingsError(f"runs {first} and {last}: found the later one first, expected the earlier one")
    runs = ledger.runs_between(first + 1, last)
    if not runs or runs[-1].id != last:
        newest = max((run.id for run in ledger.last_runs(1)), default=0)
        raise SettingsError(f"run {last}: found no such run in the ledger, the last one is {newest}")
    return runs


def _place(change: Change) -> tuple[str, str, str, str]:
    return change.about, change.name if change.about != "member" else change.aspect, change.name, change.aspect


def _heading(runs: Sequence[LedgerRun], last: int | None) -> str:
    newest = runs[-1]
    if last is None:
        return f"Run {newest.id} of {newest.started} ({newest.status}) changed:"
    return f"Runs {runs[0].id} to {newest.id}, from {runs[0].started} to {newest.started}, changed:"


def _note(kept: Kept) -> str:
    run = kept.run
    if kept.dropped:
        return f"Run {run.id} wrote {run.changed} changes; the ledger keeps {len(kept.changes)} of them by name."
    if run.ended is None:
        return f"Run {run.id} has not ended or was killed; what it wrote with its last request may be missing here."
    return ""
