"""The plan, put together."""

from collections.abc import Iterable, Mapping

from otus_sync.clever_records import CleverSide
from otus_sync.otus_records import ClassRoster
from otus_sync.plan.census import GivenAccounts
from otus_sync.plan.classes import archiving, creation, is_as_wanted, update
from otus_sync.plan.desired import Desired, desired
from otus_sync.plan.gathering import gathered
from otus_sync.plan.guard import Totals, guarded, withhold
from otus_sync.plan.model import ClassChange, ClassState, OtusSide, Plan
from otus_sync.settings import Settings


def plan(clever: CleverSide, otus: OtusSide, settings: Settings, *, everybody_open: bool = False) -> Plan:
    """Decide what a run writes.

    Args:
        clever: as read.
        otus: as read.
        settings: the district's switches, the guard's numbers, the scope.
        everybody_open: look at everybody in full; the plan is the same.
    """
    wanted = desired(gathered(clever), GivenAccounts(otus.accounts), settings, everybody_open=everybody_open)
    return plan_from(wanted, otus, settings)


def plan_from(wanted: Desired, otus: OtusSide, settings: Settings) -> Plan:
    """Decide what a run writes, once it is known what Clever wants."""
    states = _states(otus)
    going = [state for state in states.values() if _is_going(state, wanted)]
    everything = Plan(
        accounts=wanted.people.changes,
        chains=wanted.people.chains,
        classes=tuple(_class_changes(wanted, states, otus.equal_classes, settings)),
        archives=tuple(archiving(state) for state in going),
        deactivations=wanted.people.deactivations,
        problems=wanted.people.problems,
        skipped=wanted.skipped,
    )
    return guarded(everything, _totals(wanted, states, going, otus.equal_classes), otus.ruling, settings)


def plan_classes_anew(
    wanted: Desired,
    clever_ids: Iterable[str],
    otus: OtusSide,
    settings: Settings,
    *,
    withholding: bool,
) -> dict[str, ClassChange]:
    """Decide anew about classes that somebody else changed since they were read.

    Args:
        wanted: what Clever wants.
        clever_ids: of the classes.
        otus: those classes, read again.
        settings: the district's switches.
        withholding: whether the run's removals are withheld (A14).

    Returns:
        For each class what is still to be written, if anything is.
    """
    states = _states(otus)
    changes: dict[str, ClassChange] = {}
    for key in clever_ids:
        state = states.get(key)
        if key in wanted.classes:
            change = _class_change(wanted, key, state, settings)
            changes[key] = withhold(change) if withholding else change
        elif state is not None and _is_going(state, wanted):
            changes[key] = archiving(state)
    return {key: change for key, change in changes.items() if not change.is_empty()}


def _states(otus: OtusSide) -> dict[str, ClassState]:
    rosters: Mapping[int, ClassRoster] = otus.rosters
    return {about.clever_id: ClassState(about, rosters.get(about.id)) for about in otus.classes}


def _class_changes(
    wanted: Desired, states: Mapping[str, ClassState], equal: frozenset[str], settings: Settings
) -> Iterable[ClassChange]:
    for key, name, school in wanted.classes.lines():
        if key in equal:
            continue
        state = states.get(key)
        if state is not None and is_as_wanted(name, school, state):
            continue
        change = _class_change(wanted, key, state, settings)
        if not change.is_empty():
            yield change


def _class_change(wanted: Desired, key: str, state: ClassState | None, settings: Settings) -> ClassChange:
    wanted_class = wanted.classes.wanted(key, wanted.people)
    return creation(wanted_class) if state is None else update(wanted_class, state, settings)


def _is_going(state: ClassState, wanted: Desired) -> bool:
    about = state.about
    gone = about.clever_id not in wanted.living and wanted.scope.covers(about.school)
    return gone and not about.archived


def _totals(
    wanted: Desired,
    states: Mapping[str, ClassState],
    going: list[ClassState],
    equal: frozenset[str],
) -> Totals:
    staying = [state for key, state in states.items() if key in wanted.classes]
    sizes = [_size(state, wanted) for state in (*staying, *going)]
    return Totals(
        accounts=wanted.people.active,
        classes=len(equal) + sum(not state.about.archived for state in staying) + len(going),
        memberships=sum(map(wanted.classes.size_of, equal)) + sum(sizes),
    )


def _size(state: ClassState, wanted: Desired) -> int:
    if state.members is None:
        key = state.about.clever_id
        return wanted.classes.size_of(key) if key in wanted.classes else 0
    roster = state.members.roster
    return (roster.teacher is not None) + len(roster.co_teachers) + len(roster.students)
