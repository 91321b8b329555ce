"""Whether a night's removals are too many to be made unasked (A14)."""

from collections.abc import Iterable
from typing import NamedTuple

from simulator.oracle.belief import Belief, Item, Reason, Ruling, Verdict
from simulator.oracle.facts import NightRan, Settings

KINDS = {"active": "accounts", "state": "classes", "member": "memberships"}
"""What is counted, each kind by itself, by the aspect of its items."""


class Totals(NamedTuple):
    """What the removals are measured against: rostered, active and not archived, before the night."""

    accounts: int
    classes: int
    memberships: int


class Decision(NamedTuple):
    """What becomes of the removals of a night, and how it must end; ``None``: the rules leave that open."""

    withhold: bool
    verdict: Verdict | None
    ruling: Ruling


class Measure(NamedTuple):
    """One way to count removals, and what they are measured against."""

    removals: frozenset[Item]
    totals: Totals


def measures(before: Belief, removals: frozenset[Item], returning: frozenset[str]) -> tuple[Measure, Measure]:
    """Give the ways in which removals may be counted: nearly always they say the same.

    Whom the roster of an archived class still names when its section returns no rule says, so they may be
    counted or not.

    Args:
        before: what Otus held before the night.
        removals: all that the night would remove.
        returning: archived classes whose section has come back.
    """
    living = [name for name, klass in before.classes.items() if klass.section is not None and not klass.archived]
    accounts = sum(a.link is not None and a.active and a.role != "admin" for a in before.accounts.values())
    narrow = Totals(accounts, len(living), _memberships(before, living))
    wide = narrow._replace(memberships=narrow.memberships + _memberships(before, returning))
    without = frozenset(item for item in removals if item.class_ not in returning) if returning else removals
    return Measure(without, narrow), Measure(removals, wide)


def _memberships(belief: Belief, names: Iterable[str]) -> int:
    return sum(member.provenance == "clever" for name in names for member in belief.classes[name].members.values())


def decide(counted: tuple[Measure, Measure], ruling: Ruling, night: NightRan, settings: Settings) -> Decision:
    """Decide on the removals of a night.

    An approval is for the removals that were withheld and no others. If some of them are not due any more, the
    run may go by it or ask anew; how it ended tells.

    Args:
        counted: see :func:`measures`; by-hand members do not count, they are wiped anyway (F8).
        ruling: of Support, on what an earlier run withheld.
        night: that ran.
        settings: the guard's numbers.
    """
    narrow, wide = (_over(measure, settings) for measure in counted)
    removals = counted[-1].removals
    if not narrow and not wide:
        verdict = Verdict("succeeded", Reason(("A14",), (), "the removals are few enough to be made"))
        return Decision(withhold=False, verdict=verdict, ruling=Ruling())
    asked = Ruling(removals, night.run)
    words = f"{' and '.join(wide or narrow)} would be removed"
    if ruling.said == "approved" and removals <= ruling.withheld:
        exact = removals == ruling.withheld
        asked_anew = night.outcome == "held" and not exact
        verdict = Verdict("succeeded", Reason(("A14",), (), f"{words}, which Support has approved"))
        return Decision(asked_anew, verdict if exact else None, asked if asked_anew else Ruling())
    if ruling.said == "discarded" and removals == ruling.withheld:
        verdict = Verdict("succeeded", Reason(("A14",), (), f"{words}, which Support has discarded"))
        return Decision(withhold=True, verdict=verdict, ruling=ruling)
    if bool(narrow) != bool(wide):
        was_held = night.outcome == "held"
        return Decision(was_held, None, asked if was_held else Ruling())
    limits = f"more than {settings.guard_percent} % and at least {settings.guard_minimum}"
    return Decision(withhold=True, verdict=Verdict("held", Reason(("A14",), (), f"{words}: {limits}")), ruling=asked)


def _over(measure: Measure, settings: Settings) -> list[str]:
    """Say of which kinds there are too many removals."""
    counts = dict.fromkeys(KINDS, 0)
    for item in measure.removals:
        counts[item.aspect] += 1
    found = []
    for (aspect, words), total in zip(KINDS.items(), measure.totals, strict=True):
        count = counts[aspect]
        if count >= settings.guard_minimum and count * 100 > settings.guard_percent * total:
            found.append(f"{count} of {total} {words}")
    return found
