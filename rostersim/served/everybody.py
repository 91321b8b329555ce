"""Everybody of a school in short, as each system has them: a row a person, thousands at once."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from rostersim.served.records import Row
from rostersim.served.rolls import NOTHING, Called, Roll
from simulator.views import AtsView, CleverView, OtusView

GONE = ("discharged", "inactive")
"""Of whom a system says this, it knows them and does not count them in."""


class _Listed(NamedTuple):
    """Somebody as a system lists them."""

    role: str
    gone: str = ""
    """One of :data:`GONE`, if they are."""


def everybody_of(
    dbn: str, views: tuple[AtsView, CleverView, OtusView], called: Called, rolls: Mapping[str, Roll]
) -> list[Row]:
    """Give a row for everybody whom any of the systems has at a school, the staff first.

    Args:
        dbn: of the school.
        views: of the three systems.
        called: what everybody is called.
        rolls: of all classes.
    """
    listed, in_classes = _listed(dbn, *views, called), _in_classes(rolls.values())
    unlike: frozenset[str] = frozenset().union(*(roll.differing for roll in rolls.values()))
    rows = []
    for name in _in_order(listed):
        who = [system.get(name) for system in listed]
        counts = [classes[name] for classes in in_classes]
        ats, clever, otus = map(_words, who, counts)
        present = set(map(_counted_in, who, counts))
        rows.append(Row(name, ats, clever, otus, len(present) > 1 or name in unlike, name))
    return rows


def _listed(
    dbn: str, ats: AtsView, clever: CleverView, otus: OtusView, called: Called
) -> tuple[dict[str, _Listed], dict[str, _Listed], dict[str, _Listed]]:
    discharged, inactive = GONE
    people = (person for person in ats.people.values() if dbn in person.schools)
    users = (user for user in clever.users.values() if dbn in user.schools)
    accounts = (account for account in otus.accounts.values() if dbn in account.schools)
    return (
        {called.in_ats[each.id]: _Listed(each.role, discharged if each.discharged else "") for each in people},
        {called.in_clever[each.id]: _Listed(each.role) for each in users},
        {called.in_otus[each.id]: _Listed(each.role, "" if each.active else inactive) for each in accounts},
    )


def _in_classes(rolls: Iterable[Roll]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Count the classes that everybody is in, in each system."""
    counted: tuple[Counter[str], Counter[str], Counter[str]] = (Counter(), Counter(), Counter())
    for roll in rolls:
        for count, names in zip(counted, (roll.in_ats, roll.in_clever, roll.in_otus), strict=True):
            count.update(iter(names))  # the keys alone: each class counts once
    return counted


def _in_order(listed: Iterable[Mapping[str, _Listed]]) -> list[str]:
    """Name everybody, the students after the others; what somebody is says the first system that knows them."""
    known: dict[str, _Listed] = {}
    for system in listed:
        known = {**system, **known}
    students = sorted(name for name, who in known.items() if who.role == "student")
    return [*sorted(known.keys() - set(students)), *students]


@cache
def _words(who: _Listed | None, classes: int) -> str:
    """Say it in short: ``student, 6 classes``; nothing of whom the system does not have."""
    if who is None:
        return NOTHING
    count = {0: "no class", 1: "1 class"}.get(classes, f"{classes} classes")
    return ", ".join(filter(None, (who.role, who.gone, count)))


@cache
def _counted_in(who: _Listed | None, classes: int) -> tuple[str, int] | None:
    """Give what the three should agree about; a system that knows somebody as gone agrees with one without them."""
    return None if who is None or who.gone else (who.role, classes)
