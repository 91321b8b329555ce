"""What a run has written, one aspect of one record at a time, and what of it is left between two nights."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import msgspec
from msgspec import UNSET

from otus_sync.otus_records import Account, AccountWrite
from otus_sync.plan.model import AccountChange, ClassChange, Members, Ref

About = Literal["account", "class", "member"]


class Change(msgspec.Struct, frozen=True, gc=False):
    """One aspect of an account, a class, or a membership."""

    about: About
    key: str
    """The Clever id of the account or class; of a membership those of the class and the account."""
    name: str
    """Of the person or the class."""
    aspect: str
    """Such as ``e-mail``; of a membership the class's name."""
    before: str | None
    """``None`` where there was nothing."""
    after: str | None

    def in_words(self) -> str:
        """Say it as one would tell it."""
        if self.about == "member":
            return _membership_in_words(self)
        if self.aspect == self.about:
            return f"{self.name}: {_existence_in_words(self)}"
        return f"{self.name}: {self.aspect} {self.before or 'none'} became {self.after or 'none'}"


class Naming:
    """The names, and the Clever ids, of accounts that a plan speaks of.

    Args:
        accounts: gives an account by its id as it was read.
        names: gives the name of one of Clever's people by the Clever id.
    """

    def __init__(self, accounts: Callable[[int], Account | None], names: Callable[[str], str]) -> None:
        self._accounts = accounts
        self._names = names

    def account(self, number: int | None) -> Account | None:
        """Give an account as it was read."""
        return None if number is None else self._accounts(number)

    def name(self, ref: Ref) -> str:
        """Give somebody's name."""
        if isinstance(ref, str):
            return self._names(ref)
        account = self._accounts(ref)
        return full_name(account) if account is not None else f"account {ref}"

    def key(self, ref: Ref) -> str:
        """Give what somebody is known by in Clever, or else in Otus."""
        account = self._accounts(ref) if isinstance(ref, int) else None
        return (account.clever_id if account else None) or str(ref)


def full_name(account: Account) -> str:
    """Give the name on an account."""
    return f"{account.first_name} {account.last_name}".strip() or account.email


def of_write(change: AccountChange | ClassChange, naming: Naming) -> Iterator[Change]:
    """Give what one row of a plan changes."""
    return _of_account(change, naming) if isinstance(change, AccountChange) else _of_class(change, naming)


def count_of_write(change: AccountChange | ClassChange, naming: Naming) -> int:
    """Count what one row of a plan changes, without putting it into words."""
    if isinstance(change, AccountChange):
        return 1 if change.write.id is None else sum(1 for _ in of_write(change, naming))
    if change.after is UNSET or not change.before.is_empty():
        return sum(1 for _ in of_write(change, naming))
    aspects = 1 if change.id is None else sum(1 for _ in _of_class_itself(change))
    return aspects + change.after.size() + len(change.remove_by_hand)


def net(changes: Iterable[Change]) -> list[Change]:
    """Join several nights' changes: what was changed and changed back is none.

    Args:
        changes: in the order in which they were made.
    """
    joined: dict[tuple[str, str, str], Change] = {}
    for change in changes:
        # A class may have been renamed in between: of a membership the key tells.
        aspect = "" if change.about == "member" else change.aspect
        first = joined.get((change.about, change.key, aspect))
        before = change.before if first is None else first.before
        joined[change.about, change.key, aspect] = msgspec.structs.replace(change, before=before)
    return [change for change in joined.values() if change.before != change.after]


def _of_account(change: AccountChange, naming: Naming) -> Iterator[Change]:
    write = change.write
    before = naming.account(write.id)
    if before is None:
        made = f"{write.role} {write.email}" if write.role is not UNSET else "account"
        yield Change("account", write.clever_id, change.name, "account", None, made)
        return
    name = full_name(before)
    for aspect, was, becomes in _aspects(before, write):
        if was != becomes:
            yield Change("account", write.clever_id, name, aspect, was, becomes)


def _of_class(change: ClassChange, naming: Naming) -> Iterator[Change]:
    if change.id is None:
        school = "" if change.school is UNSET else change.school
        yield Change("class", change.clever_id, change.title, "class", None, f"class of {school}")
    else:
        yield from _of_class_itself(change)
    yield from _of_members(change, naming)


def _aspects(before: Account, write: AccountWrite) -> Iterator[tuple[str, str | None, str | None]]:
    if write.clever_id != before.clever_id:
        yield "Clever id", before.clever_id, write.clever_id
    texts = (
        ("e-mail", before.email, write.email),
        ("first name", before.first_name, write.first_name),
        ("last name", before.last_name, write.last_name),
        ("SIS id", before.sis_id, write.sis_id),
    )
    for aspect, was, becomes in texts:
        if becomes is not UNSET:
            yield aspect, was, becomes
    if write.schools is not UNSET:
        yield "schools", ", ".join(before.schools), ", ".join(write.schools)
    if write.active is not UNSET:
        states = {True: "active", False: "deactivated"}
        yield "account", states[before.active], states[write.active]


def _of_class_itself(change: ClassChange) -> Iterator[Change]:
    was = change.was
    if change.name is not UNSET:
        yield Change("class", change.clever_id, change.title, "name", was.name if was else None, change.name)
    if change.school is not UNSET:
        yield Change("class", change.clever_id, change.title, "school", was.school if was else None, change.school)
    if change.archived is not UNSET:
        state, becomes = ("open", "archived") if change.archived else ("archived", "open")
        yield Change("class", change.clever_id, change.title, "class", state, becomes)


def _of_members(change: ClassChange, naming: Naming) -> Iterator[Change]:
    def member(ref: Ref, was: str | None, becomes: str | None) -> Change:
        key = f"{change.clever_id} {naming.key(ref)}"
        return Change("member", key, naming.name(ref), change.title, was, becomes)

    if change.after is not UNSET:
        before, after = _parts(change.before), _parts(change.after)
        for ref in {**before, **after}:
            if before.get(ref) != after.get(ref):
                yield member(ref, before.get(ref), after.get(ref))
    for account in change.remove_by_hand:
        yield member(account, "by hand", None)


def _parts(members: Members) -> dict[Ref, str]:
    parts: dict[Ref, str] = dict.fromkeys(members.students, "student")
    parts |= dict.fromkeys(members.co_teachers, "co-teacher")
    return parts if members.teacher is None else {**parts, members.teacher: "teacher"}


def _membership_in_words(change: Change) -> str:
    where = f"{change.name}, {change.aspect}"
    if change.before is None:
        return f"{where}: joined as {change.after}"
    if change.after is None:
        return f"{where}: removed, was in it {'by hand' if change.before == 'by hand' else f'as {change.before}'}"
    return f"{where}: {change.before} became {change.after}"


def _existence_in_words(change: Change) -> str:
    match change.before, change.after:
        case None, made:
            return f"new {made}"
        case _, "deactivated":
            return "deactivated"
        case "deactivated", "active":
            return "active again"
        case _, "archived":
            return "archived"
        case "archived", _:
            return "open again"
    return f"{change.before} became {change.after}"
