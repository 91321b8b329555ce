"""What Otus holds, so told that two states can be compared whose new records have other ids, and in people's words."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from fakes.otus.records import Account, Class
from simulator.views import OtusView

Key = str
"""Of an account or a class: its id if it was there before the night; what was made in the night goes by Clever's id."""
DIFFERENCES_MAX = 12
"""Beyond so many it is only more of the same."""
THERE = "is there"


class Point(NamedTuple):
    """Something that is so or otherwise."""

    kind: Literal["account", "class", "member"]
    key: Key
    """Of the account or the class."""
    what: str
    """The field in words; of a member, the key of the account."""


class Picture(NamedTuple):
    """One state of Otus, without moments and versions."""

    facts: Mapping[Point, str]
    people: Mapping[Key, str]
    """Names of accounts."""
    classes: Mapping[Key, str]
    """Names of classes."""


def picture_of(view: OtusView, before: OtusView) -> Picture:
    """Make the picture of a state.

    Args:
        view: the state.
        before: what Otus held before the night; what it had keeps its ids.
    """
    people = {id_: _key(id_, before.accounts, each.clever_id) for id_, each in view.accounts.items()}
    classes = {id_: _key(id_, before.classes, each.clever_id) for id_, each in view.classes.items()}
    facts: dict[Point, str] = {}
    for id_, account in view.accounts.items():
        facts |= {Point("account", people[id_], what): is_ for what, is_ in _account(account).items()}
    for id_, klass in view.classes.items():
        said = _class(klass, with_code=id_ in before.classes)
        facts |= {Point("class", classes[id_], what): is_ for what, is_ in said.items()}
    for id_ in view.rosters:
        for member, (part, provenance) in view.members(id_).items():
            facts[Point("member", classes[id_], people[member])] = f"{part.replace('_', '-')} {_by(provenance)}"
    return Picture(
        facts,
        {people[id_]: f"{account.first_name} {account.last_name}" for id_, account in view.accounts.items()},
        {classes[id_]: klass.name for id_, klass in view.classes.items()},
    )


def _key(id_: int, before: Mapping[int, object], clever_id: str | None) -> Key:
    return str(id_) if id_ in before or clever_id is None else clever_id


def _by(provenance: str) -> str:
    return "by roster" if provenance == "clever" else "by hand"


def _account(account: Account) -> dict[str, str]:
    return {
        THERE: "yes",
        "name": f"{account.first_name} {account.last_name}",
        "e-mail": account.email,
        "role": account.role,
        "number": account.sis_id or "none",
        "Clever id": account.clever_id or "none",
        "origin": _by(account.provenance),
        "state": "active" if account.active else "inactive",
        "schools": ", ".join(account.schools) or "none",
    }


def _class(klass: Class, *, with_code: bool) -> dict[str, str]:
    return {
        THERE: "yes",
        "name": klass.name,
        "school": klass.school,
        "Clever id": klass.clever_id or "none",
        "origin": _by(klass.provenance),
        "state": f"archived by {klass.archived_by}" if klass.archived else "active",
        "class code": klass.code if with_code else "a new one",
    }


def differences(found: Picture, expected: Picture) -> tuple[str, ...]:
    """Say what is otherwise than it must be, the first dozen.

    Args:
        found: the state that is judged.
        expected: the state that it must equal.
    """
    points = sorted(point for point in {**found.facts, **expected.facts} if _differs(point, found, expected))
    people, classes = {**found.people, **expected.people}, {**found.classes, **expected.classes}
    told = [_told(point, people, classes, found, expected) for point in points]
    left_out = len(told) - DIFFERENCES_MAX
    return (*told[:DIFFERENCES_MAX], *([f"and {left_out} more"] if left_out > 0 else []))


def _differs(point: Point, found: Picture, expected: Picture) -> bool:
    """Tell whether a point differs; of what is not there at all on one side, only that counts."""
    if found.facts.get(point) == expected.facts.get(point):
        return False
    there = point._replace(what=THERE)
    return point.kind == "member" or point == there or found.facts.get(there) == expected.facts.get(there)


def _told(
    point: Point, people: Mapping[Key, str], classes: Mapping[Key, str], found: Picture, expected: Picture
) -> str:
    is_, must = found.facts.get(point), expected.facts.get(point)
    if point.kind == "member":
        return _told_member(people[point.what], classes[point.key], is_, must)
    whose = f"{people[point.key]}'s account" if point.kind == "account" else f"the class {classes[point.key]}"
    if point.what == THERE:
        return f"{whose} is not there, and must be" if is_ is None else f"{whose} is there, and must not be"
    return f"{whose}: {point.what} is {is_}, and must be {must}"


def _told_member(person: str, class_: str, is_: str | None, must: str | None) -> str:
    if is_ is None:
        return f"{person} is not in {class_}, and must be ({must})"
    if must is None:
        return f"{person} is in {class_} ({is_}), and must not be"
    return f"{person} is in {class_} as {is_}, and must be there as {must}"


def untouchable(view: OtusView) -> frozenset[tuple[str, str]]:
    """Give what no run may touch at any moment, half done or not: admins (F6), classes by hand, who is in them (F10).

    Args:
        view: of Otus.

    Returns:
        What it is about, and how it is, in words.
    """
    admins = [
        (f"the admin {account.first_name} {account.last_name}", str(sorted(_account(account).items())))
        for account in view.accounts.values()
        if account.role == "admin"
    ]
    by_hand = [
        (f"the class {klass.name}, made by hand", str((klass.archived, klass.name, sorted(view.members(id_).items()))))
        for id_, klass in view.classes.items()
        if klass.provenance == "manual"
    ]
    return frozenset([*admins, *by_hand])
