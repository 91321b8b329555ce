"""Whether a night's removals are too many to be made unasked (A14)."""

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


def totals_of(belief: Belief) -> Totals:
    """Count what there is before a night."""
    rostered = [klass for klass in belief.classes.values() if klass.section is not None and not klass.archived]
    return Totals(
        accounts=sum(a.link is not None and a.active and a.role != "admin" for a in belief.accounts.values()),
        classes=len(rostered),
        memberships=sum(m.provenance == "clever" for klass in rostered for m in klass.members.values()),
    )


def decide(removals: frozenset[Item], totals: Totals, ruling: Ruling, night: NightRan, settings: Settings) -> Decision:
    """Decide on the removals of a night.

    An approval is for the removals that were withheld and no others. If some of them are not due any more, the
    run may go by it or ask anew; how it ended tells.

    Args:
        removals: all that the night would remove, by-hand members apart: those are wiped anyway (F8).
        totals: of the belief before it.
        ruling: of Support, on what an earlier run withheld.
        night: that ran.
        settings: the guard's numbers.
    """
    counts = _over(removals, totals, settings)
    if not counts:
        verdict = Verdict("succeeded", Reason(("A14",), (), "the removals are few enough to be made"))
        return Decision(withhold=False, verdict=verdict, ruling=Ruling())
    words = f"{' and '.join(counts)} would be removed"
    if ruling.said == "approved" and removals <= ruling.withheld:
        exact = removals == ruling.withheld
        asked_anew = night.outcome == "held" and not exact
        verdict = Verdict("succeeded", Reason(("A14",), (), f"{words}, which Support has approved"))
        return Decision(asked_anew, verdict if exact else None, Ruling(removals, night.run) if asked_anew else Ruling())
    if ruling.said == "discarded" and removals == ruling.withheld:
        verdict = Verdict("succeeded", Reason(("A14",), (), f"{words}, which Support has discarded"))
        return Decision(withhold=True, verdict=verdict, ruling=ruling)
    limits = f"more than {settings.guard_percent} % and at least {settings.guard_minimum}"
    return Decision(True, Verdict("held", Reason(("A14",), (), f"{words}: {limits}")), Ruling(removals, night.run))


def _over(removals: frozenset[Item], totals: Totals, settings: Settings) -> list[str]:
    """Say of which kinds there are too many removals."""
    counts = dict.fromkeys(KINDS, 0)
    for item in removals:
        counts[item.aspect] += 1
    found = []
    for (aspect, words), total in zip(KINDS.items(), totals, strict=True):
        count = counts[aspect]
        if count >= settings.guard_minimum and count * 100 > settings.guard_percent * total:
            found.append(f"{count} of {total} {words}")
    return found
