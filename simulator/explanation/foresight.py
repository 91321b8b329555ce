"""What will come by itself: what the feed brings to Clever, and what the nights make of it in Otus.

Told from ATS's history, the feed and the calendar of the nights; the sync is never asked. That no night fails and
nobody does anything more is taken for granted; :func:`conditions` says what stands against it.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from fakes.ats.records import Person, Section
from fakes.otus.records import Account
from simulator.explanation.case import Where, Who, is_listed, on_its_way
from simulator.explanation.records import Status
from simulator.feed import members_of
from simulator.nights import nights_after, nth_night

NIGHTS_AHEAD_MAX = 400
"""As many nights as a story may have."""


class Coming(NamedTuple):
    """What Clever holds about a person and a class from a moment on."""

    since: datetime | None
    """``None``: it holds that now."""
    known: bool
    """Whether it has the person."""
    email: str
    listed: bool
    """Whether it has the class, and them in it."""
    has_class: bool
    has_co_teachers: bool


class Night(NamedTuple):
    """How somebody is in a class after a coming night, and what Clever holds at its moment."""

    at: datetime
    status: Status
    coming: Coming


def coming_nights(who: Who) -> Iterator[datetime]:
    """Give the moments of the nights that are still to come, this very moment's if its run has not begun."""
    setup = who.world.setup
    following = nth_night(setup.start, who.world.nights + 1, setup.nightly_at)
    if following < who.now:
        following = next(nights_after(who.now, setup.nightly_at))
    yield following
    yield from nights_after(following, setup.nightly_at)


def nights_until(who: Who, moments: list[datetime]) -> list[datetime]:
    """Give the coming nights up to the first one that sees all of some moments; at least one."""
    last = max(moments, default=who.now)
    nights = []
    for night in islice(coming_nights(who), NIGHTS_AHEAD_MAX):
        nights.append(night)
        if night >= last:  # A4: what arrives at the very instant comes first
            break
    return nights


def comings(who: Who, where: Where) -> list[Coming]:
    """Give what Clever holds now, and what it will hold after each delivery that is on its way."""
    user, section = who.clever, where.clever
    listed = is_listed(who, where)
    co_teachers = section is not None and len(section.teachers) > 1
    email = user.email if user is not None else ""
    states = [Coming(None, user is not None, email, listed, section is not None, co_teachers)]
    deliveries = [*on_its_way(who, who.subject.number), *on_its_way(who, where.course.section_id)]
    for delivery in sorted(deliveries, key=lambda each: each.due):
        before, record, due = states[-1], delivery.change.record, delivery.due
        if isinstance(record, Section):
            listed = who.subject.number in members_of(record)
            gone = record.canceled or not who.world.shares_school(record.dbn)  # H11
            listed = listed and not gone
            states.append(
                before._replace(
                    since=due, listed=listed, has_class=not gone, has_co_teachers=bool(record.co_teachers) and not gone
                )
            )
        elif isinstance(record, Person):
            shared = any(who.world.shares_school(dbn) for dbn in record.schools)  # H11
            known = shared and not record.discharged
            states.append(before._replace(since=due, known=known, email=record.email.strip()))
    return states


def nights_of(who: Who, where: Where) -> list[Night]:
    """Say how somebody is in a rostered class after each night that changes anything, and after the next one."""
    states = comings(who, where)
    nights, status = [], where.status
    for night in nights_until(who, [state.since for state in states if state.since is not None]):
        state = at_night(states, night)
        status = _status_after(who, where, status, state)
        nights.append(Night(night, status, state))
    return nights


def at_night(states: list[Coming], night: datetime) -> Coming:
    """Give what Clever holds at the moment of a night."""
    return next(state for state in reversed(states) if state.since is None or state.since <= night)


def _status_after(who: Who, where: Where, before: Status, state: Coming) -> Status:
    if before == "hand" and where.by_hand:
        return "hand"  # F10
    if state.listed and state.has_class and can_be_rostered(who, state.known, state.email):
        return "roster"  # F7, H1; of one by hand too (F8, A8)
    if before != "hand":
        return "none"
    if not state.has_class:
        return "hand"  # A12: archived as it is
    if where.part == "co_teacher":
        goes = who.world.setup.by_hand_co_teachers == "only_without_rostered" and state.has_co_teachers
        return "none" if goes else "hand"  # H3, F9
    return "none"  # F8


def can_be_rostered(who: Who, known: bool, email: str) -> bool:
    """Tell whether the sync can give somebody the account that a membership needs (A10, H4)."""
    if not known:
        return False
    return who.linked or (bool(email) and obstacle(who, email) is None)


def obstacle(who: Who, email: str) -> Account | None:
    """Give the account that keeps the sync from linking or making one for a person (A10, A11).

    It has their number or their e-mail, and is linked to another Clever user, or is of another role.
    """
    if who.linked:
        return None
    for account in who.systems.otus.accounts.values():
        ours = account.role == who.subject.role
        if ours and account.sis_id is not None and account.sis_id == who.subject.number:
            return account if account.clever_id is not None else None
    for account in who.systems.otus.accounts.values():
        if email and account.email.casefold() == email.casefold():
            return account if account.role != who.subject.role or account.clever_id is not None else None
    return None


def conditions(who: Who) -> tuple[str, ...]:
    """Say what stands against the moments that are foretold."""
    world = who.world
    told = []
    names = {"clever": "Clever", "otus": "Otus"}
    told += [f"{names[system]} is down: provided it is back by then" for system in sorted(world.down & names.keys())]
    told += [
        f"the sync has no valid token of {names[system]}: provided it is given one"
        for system in sorted(world.locked_out)
    ]
    if world.clever.paused or world.clever.held is not None:
        told.append(f"Clever takes nothing in ({world.why_waiting()}): provided it does again by then")
    if world.runner.ends and world.runner.ends[-1].outcome == "held":
        told.append("the last run held removals back (A14): provided they are approved in Otus")
    if world.running is not None:
        told.append("a run of the sync goes on at this moment: it may bring some of it already")
    return tuple(told)
