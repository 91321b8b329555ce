"""Otus held against Clever: what differs, why, and whether the next sync mends it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fakes.otus.records import Account
from simulator.difference.compare import ABSENT, PRESENT
from simulator.difference.picture import PARTS
from simulator.difference.records import Difference, Kind
from simulator.district import ByHandCoTeachers
from simulator.views import CleverSection, CleverUser, CleverView, OtusView

NEXT_SYNC = "no sync has brought it yet; the next one does"


class Views(NamedTuple):
    """Clever and Otus at one moment, and the district's setting that decides about co-teachers (H3)."""

    clever: CleverView
    otus: OtusView
    by_hand_co_teachers: ByHandCoTeachers


def clever_against_otus(
    clever: CleverView, otus: OtusView, by_hand_co_teachers: ByHandCoTeachers = "keep"
) -> list[Difference]:
    """Say where Otus is not as Clever has it, and by which rule.

    Args:
        clever: what it shares with Otus.
        otus: at the same moment.
        by_hand_co_teachers: the district's setting (H3).

    Returns:
        People, classes, memberships; ``before`` is Clever's side, ``after`` is Otus's.
    """
    views = Views(clever, otus, by_hand_co_teachers)
    return [*_people(views), *_classes(views), *_memberships(views)]


def _told(
    kind: Kind, about: str, aspect: str, sides: tuple[str, str], why: str, rule: str, *, stays: bool = False
) -> Difference:
    return Difference(kind, "Otus", about, aspect, *sides, why, tuple(rule.split()), stays)


# ---------------------------------------------------------------- people


def _people(views: Views) -> Iterator[Difference]:
    for _, user in sorted(views.clever.users.items()):
        account = views.otus.account_of(user.id)
        if account is None:
            why, rule = why_no_account(views.otus, user)
            yield _told("person", _called(user), "is there", (PRESENT, ABSENT), why, rule)
            continue
        yield from _details(views, user, account)
    for _, account in sorted(views.otus.accounts.items()):
        if account.clever_id is None:
            rule = "F6" if account.role == "admin" else "H5"
            yield _told("person", _named(account), "is there", (ABSENT, PRESENT), "made by hand", rule, stays=True)
        elif account.active and account.clever_id not in views.clever.users:
            why, rule = _why_unknown(views.clever, account)
            yield _told("person", _named(account), "is there", (ABSENT, PRESENT), why, rule)


def _why_unknown(clever: CleverView, account: Account) -> tuple[str, str]:
    """Say why an account is linked to nobody whom Clever has."""
    theirs = (user for user in clever.users.values() if (user.sis_id, user.role) == (account.sis_id, account.role))
    user = next(theirs, None)
    if user is None:
        return "gone from Clever; the next sync deactivates the account", "A13"
    return f"linked to another Clever user than {user.id}: Support adjusts the ID; until then it is inactive", "A10"


def why_no_account(otus: OtusView, user: CleverUser) -> tuple[str, str]:
    """Say why Otus has no account that is linked to a user of Clever, and by which rule."""
    if not user.email:
        return "Clever has no e-mail for them", "H4"
    for account in otus.accounts.values():
        same = (account.sis_id, account.role) == (user.sis_id, user.role)
        email = account.email.casefold() == user.email.casefold()
        if account.clever_id is not None and (same or (email and account.role == user.role)):
            return f"account {account.id} is theirs and linked to another Clever user: Support adjusts the ID", "A10"
        if email and account.role != user.role:
            return f"account {account.id}, of another role, has their e-mail", "A11"
    return NEXT_SYNC, "F5"


def _details(views: Views, user: CleverUser, account: Account) -> Iterator[Difference]:
    if not account.active:
        yield _told("person", _called(user), "state", ("active", "inactive"), NEXT_SYNC, "A13")
    if _called(user) != _named(account):
        why = "changed in Clever since, or edited in Otus; the next sync overwrites it"
        yield _told("person", _called(user), "name", (_called(user), _named(account)), why, "A7")
    if user.email == account.email:
        return
    sides = (user.email or "none", account.email)
    if not user.email:
        yield _told("person", _called(user), "email", sides, "Clever has lost it; Otus keeps it", "H4", stays=True)
        return
    others = (a for a in views.otus.accounts.values() if a.id != account.id)
    clash = next((a for a in others if a.email.casefold() == user.email.casefold()), None)
    if clash is not None and not _gives_up(views.clever, clash):
        yield _told("person", _called(user), "email", sides, f"account {clash.id} has that e-mail", "A11")
        return
    why = "changed in Clever since, or edited in Otus; the next sync overwrites it"
    yield _told("person", _called(user), "email", sides, why, "A7")


def _gives_up(clever: CleverView, account: Account) -> bool:
    """Tell whether the next sync gives an account another e-mail, so that its own is free (A11)."""
    user = clever.users.get(account.clever_id or "")
    return user is not None and bool(user.email) and user.email.casefold() != account.email.casefold()


# ---------------------------------------------------------------- classes


def _classes(views: Views) -> Iterator[Difference]:
    for _, section in sorted(views.clever.sections.items()):
        klass = views.otus.class_of(section.id)
        if klass is None:
            yield _told("class", section.name, "is there", (PRESENT, ABSENT), NEXT_SYNC, "F5")
        elif klass.archived:
            why = "archived by hand; the next sync brings it back" if klass.archived_by == "hand" else NEXT_SYNC
            rule = "H2" if klass.archived_by == "hand" else "A12"
            yield _told("class", section.name, "state", ("active", "archived"), why, rule)
        elif klass.name != section.name:
            why = "changed in Clever since, or renamed in Otus: a setting of the district decides"
            yield _told("class", section.name, "name", (section.name, klass.name), why, "H10")
    for _, klass in sorted(views.otus.classes.items()):
        if klass.clever_id is None:
            yield _told("class", klass.name, "is there", (ABSENT, PRESENT), "made by hand", "F10", stays=True)
        elif not klass.archived and klass.clever_id not in views.clever.sections:
            why = "gone from Clever; the next sync archives it"
            yield _told("class", klass.name, "is there", (ABSENT, PRESENT), why, "A12")


# ---------------------------------------------------------------- memberships


def _memberships(views: Views) -> Iterator[Difference]:
    for _, section in sorted(views.clever.sections.items()):
        klass = views.otus.class_of(section.id)
        held = views.otus.members(klass.id) if klass is not None else {}
        wanted = _parts(section)
        for user_id, part in wanted.items():
            yield from _wanted(views, section, (user_id, part), held)
        for account_id, (part, provenance) in sorted(held.items()):
            account = views.otus.accounts[account_id]
            if account.clever_id not in wanted:
                yield _unwanted(views, section, account, (PARTS[part], provenance))


def _parts(section: CleverSection) -> dict[str, str]:
    parts = dict.fromkeys(section.students, "student")
    parts |= {teacher: "teacher" if place == 0 else "co-teacher" for place, teacher in enumerate(section.teachers)}
    return parts


def _wanted(
    views: Views, section: CleverSection, wanted: tuple[str, str], held: Mapping[int, tuple[str, str]]
) -> Iterator[Difference]:
    """Say where somebody whom Clever lists is not in the class as Clever has it."""
    user, part = views.clever.users.get(wanted[0]), wanted[1]
    if user is None:
        return  # A16: a dangling or unshared id is nobody to Otus
    about = f"{_called(user)} in {section.name}"
    account = views.otus.account_of(user.id)
    if account is None:
        why, rule = why_no_account(views.otus, user)
        yield _told("membership", about, "part", (part, ABSENT), why, rule)
        return
    found = held.get(account.id)
    if found is None:
        why = "no sync has brought it yet, or somebody was taken out by hand; the next one does"
        yield _told("membership", about, "part", (part, ABSENT), why, "F5 H1")
    elif found[1] == "manual":
        why = "added by hand before Clever had them; the next sync makes it rostered"
        rule = "F8" if found[0] == "student" else "A8"
        yield _told("membership", about, "part", (part, f"{PARTS[found[0]]} by hand"), why, rule)
    elif PARTS[found[0]] != part:
        yield _told("membership", about, "part", (part, PARTS[found[0]]), NEXT_SYNC, "F5")


def _unwanted(views: Views, section: CleverSection, account: Account, held: tuple[str, str]) -> Difference:
    """Say what becomes of somebody in the class whom Clever does not list."""
    about, (part, provenance) = f"{_named(account)} in {section.name}", held
    if provenance == "clever":
        why = "Clever does not list them any more; the next sync removes them"
        return _told("membership", about, "part", (ABSENT, part), why, "F4")
    sides = (ABSENT, f"{part} by hand")
    if part == "student":
        why = "added by hand, and Clever does not list them; the next sync removes them"
        return _told("membership", about, "part", sides, why, "F8")
    if views.by_hand_co_teachers == "only_without_rostered" and len(section.teachers) > 1:
        why = "the class has a co-teacher from Clever, and the district keeps no other by hand"
        return _told("membership", about, "part", sides, why, "H3")
    return _told("membership", about, "part", sides, "co-teachers added by hand stay", "F9", stays=True)


def _called(user: CleverUser) -> str:
    return f"{user.first_name} {user.last_name}".strip()


def _named(account: Account) -> str:
    return f"{account.first_name} {account.last_name}".strip()
