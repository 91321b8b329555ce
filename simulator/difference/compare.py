"""Two states of one system, before and after, and what the rules say to each change."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from simulator.difference.picture import Card, Picture, picture_of_ats, picture_of_clever, picture_of_otus
from simulator.difference.records import Difference, Kind
from simulator.district import ByHandCoTeachers
from simulator.views import AtsView, CleverView, OtusView

ABSENT = "absent"
PRESENT = "present"


class State(NamedTuple):
    """What is known of a moment; what was not looked at is ``None``."""

    ats: AtsView | None = None
    clever: CleverView | None = None
    otus: OtusView | None = None
    by_hand_co_teachers: ByHandCoTeachers = "keep"
    """The district's setting (H3)."""


class _Why(NamedTuple):
    why: str
    rules: tuple[str, ...]


ENTERED = _Why("the DIIT office has changed it in ATS/STARS", ("F1",))
FED = _Why("the feed has brought it", ("F4",))


def compare(before: State, after: State) -> list[Difference]:
    """Compare two moments, as far as both have looked at a system.

    Args:
        before: the earlier one.
        after: the later one.

    Returns:
        Differences: those of ATS/STARS, of Clever, of Otus; people, classes, memberships, in the order of their ids.
    """
    found: list[Difference] = []
    if before.ats is not None and after.ats is not None:
        pictures = picture_of_ats(before.ats), picture_of_ats(after.ats)
        found += [_told("ATS/STARS", change, ENTERED) for change in _changes(*pictures)]
    if before.clever is not None and after.clever is not None:
        pictures = picture_of_clever(before.clever), picture_of_clever(after.clever)
        found += [_told("Clever", change, FED) for change in _changes(*pictures)]
    if before.otus is not None and after.otus is not None:
        pictures = picture_of_otus(before.otus), picture_of_otus(after.otus)
        found += [_told("Otus", change, _why_in_otus(change, after)) for change in _changes(*pictures)]
    return found


class _Change(NamedTuple):
    kind: Kind
    key: tuple[str, ...]
    about: str
    aspect: str
    before: str
    after: str


def _told(system: str, change: _Change, why: _Why) -> Difference:
    return Difference(change.kind, system, change.about, change.aspect, change.before, change.after, *why)


def _changes(before: Picture, after: Picture) -> Iterator[_Change]:
    yield from _card_changes("person", before.people, after.people)
    yield from _card_changes("class", before.classes, after.classes)
    people, classes = before.people | after.people, before.classes | after.classes
    for key in sorted(before.members.keys() | after.members.keys()):
        one, other = before.members.get(key, ABSENT), after.members.get(key, ABSENT)
        if one != other:
            about = f"{_name(people, key[1])} in {_name(classes, key[0])}"
            yield _Change("membership", key, about, "part", one, other)


def _name(cards: Mapping[str, Card], key: str) -> str:
    return cards[key].name if key in cards else key


def _card_changes(kind: Kind, before: Mapping[str, Card], after: Mapping[str, Card]) -> Iterator[_Change]:
    for key in sorted(before.keys() | after.keys()):
        one, other = before.get(key), after.get(key)
        if one is None or other is None:
            name = (one or other or Card(key, {})).name
            there = (PRESENT if one else ABSENT, PRESENT if other else ABSENT)
            yield _Change(kind, (key,), name, "is there", *there)
            continue
        for aspect, value in one.details.items():
            if other.details.get(aspect) != value:
                yield _Change(kind, (key,), other.name, aspect, value, other.details.get(aspect, ""))


# ---------------------------------------------------------------- why Otus has changed


def _why_in_otus(change: _Change, after: State) -> _Why:
    """Say by which rule Otus has changed, from what Clever has at the later moment."""
    if after.clever is None or after.otus is None:
        return _Why("Otus was changed by the sync or by hand; what Clever had is not known", ("F5",))
    if change.kind == "membership":
        return _why_member(change, after.clever, after.otus)
    if change.kind == "class":
        return _why_class(change, after.clever, after.otus)
    return _why_account(change, after.clever, after.otus)


def _why_member(change: _Change, clever: CleverView, otus: OtusView) -> _Why:
    class_id, account_id = int(change.key[0]), int(change.key[1])
    account, klass = otus.accounts.get(account_id), otus.classes.get(class_id)
    if change.after.endswith("by hand"):
        return _Why(
            "somebody was added by hand", ("F10",) if klass is None or klass.clever_id is None else ("F8", "F9")
        )
    section = clever.sections.get(klass.clever_id or "") if klass is not None else None
    people = (*section.teachers, *section.students) if section is not None else ()
    listed = account is not None and account.clever_id in people
    if listed and change.after == ABSENT:
        return _Why("somebody was taken out by hand; the next sync brings them back", ("H1",))
    if listed:
        return _Why("Clever lists them", ("F4", "F7") if change.before == ABSENT else ("A8",))
    if change.before.endswith("by hand") and klass is not None and klass.clever_id is not None:
        return _Why("they were added by hand, and Clever does not list them", ("F8",))
    if change.before.endswith("by hand"):
        return _Why("somebody was taken out by hand", ("F10",))
    return _Why("Clever does not list them any more", ("F4",))


def _why_class(change: _Change, clever: CleverView, otus: OtusView) -> _Why:
    klass = otus.classes.get(int(change.key[0]))
    if klass is None:
        return _Why("it was deleted by hand", ("A17",))
    if klass.clever_id is None:
        return _Why("it was made by hand", ("F10",))
    if klass.archived and klass.clever_id in clever.sections:
        return _Why("it was archived by hand; the next sync brings it back", ("H2",))
    if klass.archived:
        return _Why("it is gone from Clever", ("A12",))
    section = clever.sections.get(klass.clever_id)
    if change.aspect == "name" and section is not None and section.name != klass.name:
        return _Why("it was renamed by hand", ("H10",))
    return _Why("Clever has it so", ("F4",))


def _why_account(change: _Change, clever: CleverView, otus: OtusView) -> _Why:
    account = otus.accounts.get(int(change.key[0]))
    if account is None:
        return _Why("no rule removes an account", ("A13",))
    if change.aspect == "clever id":
        return _Why("their ID was adjusted, or the sync has linked them", ("A10",))
    user = clever.users.get(account.clever_id or "")
    if account.clever_id is None:
        return _Why("it was made by hand", ("F6",) if account.role == "admin" else ("H5",))
    if user is None:
        return _Why("they are gone from Clever", ("A13",))
    said = {"email": user.email, "name": f"{user.first_name} {user.last_name}".strip()}
    if change.aspect in said and said[change.aspect] != change.after:
        return _Why("it was edited by hand; the next sync overwrites it", ("A7",))
    return _Why("Clever has them so", ("F4", "F7"))
