"""Which account belongs to which of Clever's people (A10, H4)."""

from collections.abc import Iterable, Sequence

import msgspec

from otus_sync.otus_records import Account, Problem
from otus_sync.plan.people import Person, email_key

SUPPORT = "Otus Support must adjust the ID"


class Matching(msgspec.Struct, frozen=True):
    """Everybody in Clever, with what Otus has of them."""

    known: tuple[tuple[Person, Account], ...]
    """Who has an account, linked already or from tonight on."""
    new: tuple[Person, ...]
    """Who has none yet."""
    problems: tuple[Problem, ...]
    """Who cannot be rostered tonight, and why."""


def match(people: Sequence[Person], accounts: Iterable[Account]) -> Matching:
    """Find everybody's account: by Clever id; else by SIS id and role; else by e-mail and role.

    An account is only ever taken over if it is not linked yet. Judged is the state after tonight's updates:
    whose SIS id or e-mail Clever changes tonight stands in nobody's way with the old one.

    Args:
        people: by Clever id.
        accounts: all of Otus's.
    """
    return _Matcher(people, accounts).match(people)


class _Matcher:
    def __init__(self, people: Sequence[Person], accounts: Iterable[Account]) -> None:
        self._alive = {person.clever_id: person for person in people}
        self._linked: dict[str, Account] = {}
        self._free_by_sis_id: dict[tuple[str, str], Account] = {}
        self._free_by_email: dict[tuple[str, str], Account] = {}
        self._gone_by_email: dict[tuple[str, str], Account] = {}
        self._owners_of_sis_id: dict[tuple[str, str], tuple[str, int | None]] = {}
        self._takers: dict[int, Person] = {}
        for account in accounts:
            if account.role != "admin" or account.clever_id is not None:
                self._index(account)

    def match(self, people: Sequence[Person]) -> Matching:
        known: list[tuple[Person, Account]] = []
        new: list[Person] = []
        problems: list[Problem] = []
        strangers: list[Person] = []
        for person in people:
            found = self._by_clever_id(person) or self._hindrance(person) or self._by_sis_id(person)
            if found is None:
                strangers.append(person)
            else:
                _sort_in(person, found, known, problems)
        # A SIS id says more than an e-mail, so everybody's has had its turn before any e-mail.
        for person in strangers:
            found = self._by_email(person)
            if found is None:
                new.append(person)
            else:
                _sort_in(person, found, known, problems)
        return Matching(tuple(known), tuple(new), tuple(problems))

    def _index(self, account: Account) -> None:
        email = (account.role, email_key(account.email))
        if account.clever_id is None:
            self._free_by_email.setdefault(email, account)
            if account.sis_id:
                self._free_by_sis_id.setdefault((account.role, account.sis_id), account)
            return
        self._linked[account.clever_id] = account
        person = self._alive.get(account.clever_id)
        if person is None or person.role != account.role:
            self._gone_by_email[email] = account
            sis_id = account.sis_id
        else:
            sis_id = person.sis_id or account.sis_id
        if sis_id:
            self._owners_of_sis_id.setdefault((account.role, sis_id), (account.clever_id, account.id))

    def _by_clever_id(self, person: Person) -> Account | Problem | None:
        account = self._linked.get(person.clever_id)
        if account is not None and account.role != person.role:
            return _other_role(person, account)
        return account

    def _hindrance(self, person: Person) -> Problem | None:
        """Find what keeps somebody who is not linked from being rostered at all."""
        if not person.email:
            return _no_email(person)
        owner = self._owners_of_sis_id.get((person.role, person.sis_id)) if person.sis_id else None
        if owner is not None:
            return _conflict(person, f"SIS id {person.sis_id}", *owner)
        account = self._gone_by_email.get((person.role, person.email_key))
        # If the other user is in Clever too, it is a clash of e-mails that heals there, and no wrong ID.
        if account is not None:
            return _conflict(person, f"e-mail {person.email}", account.clever_id or "", account.id)
        return None

    def _by_sis_id(self, person: Person) -> Account | None:
        if not person.sis_id:
            return None
        account = self._free_by_sis_id.get((person.role, person.sis_id))
        if account is not None:
            self._takers[account.id] = person
        self._owners_of_sis_id[person.role, person.sis_id] = (
            person.clever_id,
            account.id if account else None,
        )
        return account

    def _by_email(self, person: Person) -> Account | Problem | None:
        account = self._free_by_email.get((person.role, person.email_key))
        if account is None:
            return None
        taker = self._takers.setdefault(account.id, person)
        if taker is person:
            return account
        # Whoever took the account by SIS id and leaves its e-mail tonight stands in nobody's way.
        gives_it_up = taker.email_key != person.email_key
        return None if gives_it_up else _two_for_one(person, account, taker)


def _sort_in(
    person: Person, found: Account | Problem, known: list[tuple[Person, Account]], problems: list[Problem]
) -> None:
    if isinstance(found, Problem):
        problems.append(found)
    else:
        known.append((person, found))


def _other_role(person: Person, account: Account) -> Problem:
    message = (
        f"account {account.id} is linked to Clever user {person.clever_id} and is of a {account.role}, but "
        f"Clever has them as a {person.role}. {SUPPORT} of account {account.id}, then the sync rosters them."
    )
    return Problem("id_conflict", person.name, person.clever_id, message, account.id)


def _no_email(person: Person) -> Problem:
    message = (
        f"Clever has no usable e-mail of this {person.role}, so no account was made. Enter one in ATS/STARS; "
        "the sync rosters them once it has arrived in Clever."
    )
    return Problem("no_email", person.name, person.clever_id, message)


def _conflict(person: Person, shared: str, other: str, account: int | None) -> Problem:
    holder = f"account {account}" if account is not None else "an account that this run makes"
    message = (
        f"{holder} has the {shared} too, and is linked to another Clever user, {other}. {SUPPORT}: if it is "
        f"the same person, link the account to {person.clever_id}; the next sync then rosters them on it."
    )
    return Problem("id_conflict", person.name, person.clever_id, message, account)


def _two_for_one(person: Person, account: Account, taker: Person) -> Problem:
    message = (
        f"account {account.id} fits this person and {taker.name} (Clever user {taker.clever_id}), who has it "
        f"now. {SUPPORT} if it belongs to {person.clever_id}."
    )
    return Problem("id_conflict", person.name, person.clever_id, message, account.id)
