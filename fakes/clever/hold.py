"""Holds: a sync that would take much away, or that changes the terms, waits for a person to approve it.

Clever publishes no number for "a significant drop" (facts on Clever's wire, "How data gets in"), so both numbers are
settings, and a Clever without them holds nothing.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from fakes.clever.delivery import latest_rows
from fakes.clever.feed import Row, SectionRow, TermRow
from fakes.clever.store import Delivered, Store

REMOVED_PERCENT = 20
REMOVED_MIN = 25
"""Both are assumptions: so much of what is held of one kind must go, and at least so many, to be a significant drop."""

WORDS = {
    "school": "schools",
    "term": "terms",
    "course": "courses",
    "student": "students",
    "teacher": "teachers",
    "staff": "staff",
    "district_admin": "district admins",
    "contact": "contacts",
    "section": "sections",
    "resource": "resources",
    "enrollment": "enrollments",
}
"""What can be lost, in the words of the reason."""


class HoldSettings(msgspec.Struct, frozen=True):
    """When a sync is put on hold."""

    removed_percent: float = REMOVED_PERCENT
    """More than so many of what is held of one kind."""
    removed_min: int = REMOVED_MIN
    """And at least so many."""
    term_change: bool = False
    """Also when a term comes, goes, or changes its name or its dates."""


class Loss(msgspec.Struct, frozen=True):
    """What a sync would take away of one kind."""

    kind: str
    removed: int
    held: int


class Hold(msgspec.Struct, frozen=True):
    """A sync that waits for a person."""

    since: str
    rows: int
    """How many of the waiting rows are its own; what comes later waits behind them."""
    losses: tuple[Loss, ...] = ()
    terms: tuple[str, ...] = ()
    """The terms that would change."""

    @property
    def reason(self) -> str:
        """Say why, for a person."""
        parts = [f"{loss.removed} of {loss.held} {WORDS[loss.kind]} would be removed" for loss in self.losses]
        if self.terms:
            parts.append(f"terms change: {', '.join(self.terms)}")
        return f"on hold, significant changes: {'; '.join(parts)}"


class NothingHeld(RuntimeError):  # noqa: N818 - as the refusals are named
    """A hold is to be released or discarded, and there is none."""


def look(store: Store, rows: Iterable[Row], settings: HoldSettings) -> tuple[tuple[Loss, ...], tuple[str, ...]]:
    """Tell why a sync is to be put on hold: what it takes too much of, and which terms it changes.

    Args:
        store: what is held.
        rows: the sync.
        settings: when it is too much.
    """
    removed: Counter[str] = Counter()
    terms: list[str] = []
    for (space, sis_id), row in latest_rows(store, rows).items():
        before = store.delivered(space, sis_id)
        if before is not None and row is None:
            removed[space] += 1
        removed["enrollment"] += _enrollments_lost(before, row)
        if space == "term" and before != row:
            terms.append(_term_name(before, row))
    losses = _too_many(removed, store, settings)
    # The very first terms change nothing that anybody reads.
    changed = tuple(terms) if settings.term_change and store.delivered_count("term") else ()
    return losses, changed


def _too_many(removed: Counter[str], store: Store, settings: HoldSettings) -> tuple[Loss, ...]:
    losses = []
    for kind in WORDS:
        if removed[kind] < max(settings.removed_min, 1):
            continue
        held = store.enrollment_count() if kind == "enrollment" else store.delivered_count(kind)
        if removed[kind] * 100 > settings.removed_percent * held:
            losses.append(Loss(kind, removed[kind], held))
    return tuple(losses)


def _enrollments_lost(before: Delivered | None, row: Delivered | None) -> int:
    if not isinstance(before, SectionRow):
        return 0
    left = row.students if isinstance(row, SectionRow) else ()
    return len(set(before.students).difference(left))


def _term_name(before: Delivered | None, row: Delivered | None) -> str:
    return next((term.name or term.sis_id for term in (row, before) if isinstance(term, TermRow)), "")
