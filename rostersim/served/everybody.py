"""Everybody of a school in short, as each system has them: a row a person, thousands at once."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple, Protocol, TypeVar

from rostersim.served.changed import Changed, Views
from rostersim.served.naming import Called
from rostersim.served.records import Row
from rostersim.served.rolls import NOTHING, Rolls

Key = TypeVar("Key", str, int)

GONE = ("discharged", "inactive")
"""Of whom a system says this, it knows them and does not count them in."""


class _Listed(NamedTuple):
    """Somebody as a system lists them."""

    role: str
    gone: str = ""
    """One of :data:`GONE`, if they are."""


class Schools:
    """Whom the systems have at which school, kept from one look to the next."""

    def __init__(self) -> None:
        self.in_ats: dict[str, set[str]] = {}
        """OSIS and staff numbers, by DBN; also of who is discharged."""
        self.in_clever: dict[str, set[str]] = {}
        """Ids of users."""
        self.in_otus: dict[str, set[int]] = {}
        """Ids of accounts, also of inactive ones."""

    def look(self, before: Views, after: Views, changed: Changed) -> None:
        """Take note of a change.

        Args:
            before: the look before.
            after: the systems now.
            changed: between the two.
        """
        _move(self.in_ats, changed.people, before.ats.people, after.ats.people)
        _move(self.in_clever, changed.users, before.clever.users, after.clever.users)
        _move(self.in_otus, changed.accounts, before.otus.accounts, after.otus.accounts)

    def counts(self, dbn: str, views: Views) -> tuple[int, int, int]:
        """Count who is at a school now, in each system."""
        people, accounts = views.ats.people, views.otus.accounts
        return (
            sum(not people[key].discharged for key in self.in_ats.get(dbn, ())),
            len(self.in_clever.get(dbn, ())),
            sum(accounts[key].active for key in self.in_otus.get(dbn, ())),
        )


class _AtSchools(Protocol):
    @property
    def schools(self) -> tuple[str, ...]:
        """DBNs."""


def _move(
    there: dict[str, set[Key]], keys: set[Key], before: Mapping[Key, _AtSchools], after: Mapping[Key, _AtSchools]
) -> None:
    for key in keys:
        was, now = before.get(key), after.get(key)
        for dbn in was.schools if was is not None else ():
            there[dbn].discard(key)
        for dbn in now.schools if now is not None else ():
            there.setdefault(dbn, set()).add(key)


def everybody_of(dbn: str, schools: Schools, views: Views, called: Called, rolls: Rolls) -> list[Row]:
    """Give a row for everybody whom any of the systems has at a school, the staff first.

    Args:
        dbn: of the school.
        schools: who is at which.
        views: of the three systems.
        called: what everybody is called.
        rolls: of all classes.
    """
    listed, unlike = _listed(dbn, schools, views, called), rolls.unlike
    rows = []
    for name in _in_order(listed):
        who = [system.get(name) for system in listed]
        counts = [classes[name] for classes in rolls.counts]
        ats, clever, otus = map(_words, who, counts)
        present = set(map(_counted_in, who, counts))
        rows.append(Row(name, ats, clever, otus, len(present) > 1 or unlike[name] > 0, name))
    return rows


def _listed(
    dbn: str, schools: Schools, views: Views, called: Called
) -> tuple[dict[str, _Listed], dict[str, _Listed], dict[str, _Listed]]:
    discharged, inactive = GONE
    people = [views.ats.people[key] for key in schools.in_ats.get(dbn, ())]
    users = [views.clever.users[key] for key in schools.in_clever.get(dbn, ())]
    accounts = [views.otus.accounts[key] for key in sorted(schools.in_otus.get(dbn, ()))]
    return (
        {called.in_ats[each.id]: _Listed(each.role, discharged if each.discharged else "") for each in people},
        {called.in_clever[each.id]: _Listed(each.role) for each in users},
        {called.in_otus[each.id]: _Listed(each.role, "" if each.active else inactive) for each in accounts},
    )


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
