"""Holds: a delivery that changes too much waits for a person before Clever takes it in (A5)."""

from collections import Counter
from collections.abc import Mapping, Sequence

from fakes.ats.records import Person, Section, Term
from simulator.oracle.facts import HoldSettings, Key
from simulator.oracle.reasoning.rows import Held, Row, latest


def is_too_much(rows: Sequence[Row], held: Mapping[Key, Held], settings: HoldSettings) -> bool:
    """Tell whether a delivery would be put on hold: it takes too many of one kind away, or changes the terms.

    Args:
        rows: of the delivery.
        held: what Clever holds.
        settings: when it is too much.
    """
    losses: Counter[str] = Counter()
    for row in latest(rows):
        before = held.get(row.key)
        if before is None:
            continue
        losses[row.key.kind] += row.record is None
        losses["enrollment"] += len(_students(before.record) - _students(row.record))
    totals: Counter[str] = Counter(key.kind for key in held)
    totals["enrollment"] = sum(len(_students(each.record)) for each in held.values())
    many = any(
        count >= max(settings.minimum, 1) and count * 100 > settings.percent * totals[kind]
        for kind, count in losses.items()
    )
    return many or (settings.terms and bool(totals["term"]) and _changes_terms(rows, held))


def _changes_terms(rows: Sequence[Row], held: Mapping[Key, Held]) -> bool:
    terms = ((row, held.get(row.key)) for row in latest(rows) if row.key.kind == "term")
    return any(before is None or before.record != row.record for row, before in terms)


def _students(record: Person | Section | Term | None) -> frozenset[str]:
    return frozenset(record.students) if isinstance(record, Section) else frozenset()
