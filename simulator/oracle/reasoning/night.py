"""What a night makes of Otus, put together from people, classes, rosters and the guard."""

from typing import NamedTuple

from msgspec.structs import replace

from simulator.oracle.belief import Belief, Evidence, Item, Reason
from simulator.oracle.facts import NightRan, Settings
from simulator.oracle.reasoning.classes import archived_tonight, class_name, class_of, why_class
from simulator.oracle.reasoning.clever import CleverSide
from simulator.oracle.reasoning.guard import decide, measures
from simulator.oracle.reasoning.people import Rostered, roster_people
from simulator.oracle.reasoning.rosters import Rosters


class AfterNight(NamedTuple):
    """What Otus must hold after a night."""

    belief: Belief
    contenders: int
    """How many, at most, compete for what only one can have: as many ways the night may have gone."""


class _Made(NamedTuple):
    belief: Belief
    removals: dict[Item, Reason]
    returning: frozenset[str]
    """Archived classes whose section has come back."""


def after_night(before: Belief, clever: CleverSide, night: NightRan, settings: Settings, turn: int = 0) -> AfterNight:
    """Say what Otus must hold after a night that ran to its end.

    Args:
        before: what it held when the night began.
        clever: what Clever held.
        night: that ran; of one that ``failed`` this is what it was about to do.
        settings: the district's switches.
        turn: which of several gets what only one can have, from 0.
    """
    people = roster_people(before, clever, turn)
    made = _make(before, clever, people, settings, withhold=False)
    counted = measures(before, frozenset(made.removals), made.returning)
    decision = decide(counted, before.ruling, night, settings)
    if decision.withhold:
        removals = made.removals
        made = _make(before, clever, people, settings, withhold=True)
        for item, reason in removals.items():
            held = Evidence("withheld by the sync of", night.started)
            made.belief.reasons[item] = Reason(("A14",), (*reason.evidence, held))
    # A run that failed has neither asked Support anything nor used an approval up.
    failed = night.outcome == "failed"
    made.belief.ruling = before.ruling if failed else decision.ruling
    made.belief.verdict = None if failed else decision.verdict
    return AfterNight(made.belief, people.contenders)


def _make(before: Belief, clever: CleverSide, people: Rostered, settings: Settings, *, withhold: bool) -> _Made:
    after = before.copy()
    after.accounts = dict(people.accounts)
    after.kept_out = people.kept_out
    after.reasons |= people.reasons
    removals: dict[Item, Reason] = {}
    for account, reason in people.leaving.items():
        removals[Item("active", account=account)] = reason
        if not withhold:
            after.accounts[account] = replace(after.accounts[account], active=False)  # A13
    living = _classes(after, before, clever, people, settings, removals, withhold=withhold)
    for name, reason in archived_tonight(before, living, clever).items():
        removals[Item("state", name)] = reason
        if not withhold:
            after.classes[name] = replace(after.classes[name], archived=True)  # A12
    if not withhold:
        after.reasons |= removals
    returning = frozenset(name for name in living if name in before.classes and before.classes[name].archived)
    return _Made(after, removals, returning)


def _classes(
    after: Belief,
    before: Belief,
    clever: CleverSide,
    people: Rostered,
    settings: Settings,
    removals: dict[Item, Reason],
    *,
    withhold: bool,
) -> frozenset[str]:
    """Settle all classes that Clever has, and name them."""
    living = []
    rosters = Rosters(before, clever, people, settings, withhold=withhold)
    for identity, section in clever.sections():
        name = class_name(identity)
        klass = before.classes.get(name)
        roster = rosters.settle(name, klass, section)
        after.classes[name] = class_of(identity, section, klass, roster.members, settings)
        after.reasons |= roster.reasons
        removals.update({Item("member", name, account): reason for account, reason in roster.removed.items()})
        news = why_class(name, klass, section, clever, before)
        if news is not None:
            after.reasons[Item("class", name)] = after.reasons[Item("state", name)] = news
        living.append(name)
    return frozenset(living)
