"""What tonight's run writes of accounts (A7, A11, A13)."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import eq
from typing import Self

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from otus_sync.otus_records import Account, AccountWrite, Problem
from otus_sync.packed import viewed
from otus_sync.plan.census import AccountSource, Census, Settled
from otus_sync.plan.comparing import Flags
from otus_sync.plan.emails import Blocker, Emails, grant_emails
from otus_sync.plan.matching import Matching, match
from otus_sync.plan.model import AccountChange, ManyAccountChanges, Ref
from otus_sync.plan.people import Person
from otus_sync.plan.scope import Scope


class People(msgspec.Struct, frozen=True):
    """Everybody who is rostered tonight, and what is written of them."""

    census: Census
    settled: Settled
    accounts: "array[int]"
    """By number; 0 for whoever has none yet, or gets none."""
    known: Flags
    """By number, whom Clever has."""
    teachers: Flags
    """By number, who can be a teacher in a roster."""
    students: Flags
    """By number, who can be a student in a roster."""
    changes: "AccountChanges"
    """To make and to update, by Clever id."""
    chains: tuple[tuple[AccountChange, ...], ...]
    deactivations: tuple[AccountChange, ...]
    active: int
    """How many active rostered accounts the scope has: what the guard measures against (A14)."""
    unlinked_schools: frozenset[str]
    """DBNs where somebody may be in a rostered class whom no Clever id, and so no digest, tells of."""
    problems: tuple[Problem, ...]
    made: Mapping[str, int] = {}
    """Accounts that tonight's run has made, by Clever id."""

    def ref(self, clever_id: str) -> Ref:
        """Give how a planned roster names somebody who can be rostered."""
        return self.accounts[self.census.numbers[clever_id]] or self.made.get(clever_id, clever_id)

    def can_be(self, clever_id: str, part: str) -> bool:
        """Tell whether somebody can be a ``teacher``, or a ``student``, in a roster."""
        number = self.census.numbers.get(clever_id, len(self.known))
        return number < len(self.known) and bool((self.teachers if part == "teacher" else self.students)[number])

    def name(self, clever_id: str) -> str:
        """Give the name of somebody whom Clever has, or else their Clever id."""
        person = self.census.person(clever_id)
        return person.name if person is not None else clever_id

    def refs(self, numbers: Iterable[int]) -> tuple[Ref, ...]:
        """Give how a planned roster names people who can be rostered, by the numbers of their Clever ids."""
        accounts, names, made = self.accounts, self.census.names(), self.made
        if not made:
            return tuple([accounts[number] or names[number] for number in numbers])
        return tuple([accounts[number] or made.get(names[number], names[number]) for number in numbers])

    def account(self, number: int) -> Account | None:
        """Give an account by its id as it was read."""
        return self.settled.account(number)

    def with_accounts(self, made: Mapping[str, int]) -> Self:
        """Give the same, now that new accounts have been made."""
        return msgspec.structs.replace(self, made={**self.made, **made})


class AccountChanges(ManyAccountChanges):
    """Account changes in the order of Clever ids; those of people who are alone are made when they are asked for.

    Args:
        census: of whom.
        alone: places of people who are new and alone.
        changes: of everybody else, by Clever id.
    """

    def __init__(self, census: Census, alone: Sequence[int], changes: Mapping[str, AccountChange]) -> None:
        self._census = census
        self._changes = tuple(changes.values())
        self.creations = len(alone) + sum(change.write.id is None for change in self._changes)
        names = census.names() if alone else ()
        ids = [(names[census.number_at(place)], place) for place in alone]
        keys = [(key, -1 - index) for index, key in enumerate(changes)]
        self._order = array("i", (place for _, place in sorted(ids + keys)))

    def __len__(self) -> int:
        """Count them."""
        return len(self._order)

    def __getitem__(self, index: int) -> AccountChange:  # type: ignore[override]
        """Give one; there are no slices."""
        place = self._order[index]
        return self._changes[-1 - place] if place < 0 else _creation(self._census.people[place])

    def __iter__(self) -> Iterator[AccountChange]:
        """Give them all, in their order."""
        return map(self.__getitem__, range(len(self)))

    def __eq__(self, other: object) -> bool:
        """Tell whether another sequence has the same changes."""
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    def __hash__(self) -> int:
        """Give a hash that equal ones have in common."""
        return hash(len(self))


def plan_people(
    census: Census, accounts: AccountSource, scope: Scope, in_sections: Flags, *, everybody_open: bool = False
) -> People:
    """Decide who has which account tonight.

    Args:
        census: of all of Clever's people.
        accounts: of Otus.
        scope: which schools' people are made, updated and deactivated.
        in_sections: by number, who is in sections of the scope; they count as in it.
        everybody_open: look at everybody in full; the plan is the same.
    """
    settled = census.settle(accounts, scope, everybody_open=everybody_open)
    people = [census.people[place] for place in settled.open]
    there = settled.open_accounts
    matching = match(people, there)

    def ours(person: Person) -> bool:
        return scope.touches(person.schools) or bool(in_sections[census.numbers[person.clever_id]])

    known = [(person, account) for person, account in matching.known if ours(person)]
    new = [person for person in matching.new if ours(person)]
    emails = grant_emails(known, new, there)
    made = [person for person in new if person.clever_id not in emails.denied]
    changes = {person.clever_id: _creation(person) for person in made}
    for person, account in known:
        change = _update(person, account, emails)
        if change is not None:
            changes[person.clever_id] = change
    chained = {clever_id for chain in emails.chains for clever_id in chain}
    linked = {person.clever_id for person, _ in matching.known}
    rostered = [account for account in there if _is_rostered(account, scope)]
    of_problems = {person.clever_id for person in people if ours(person)}
    alone = [place for place in settled.alone if not scope.schools or ours(census.people[place])]
    numbers_of_places = census.numbered()
    known_to_clever = np.zeros(len(census.numbers), np.bool_)
    known_to_clever[numbers_of_places] = True
    teachers, students = _rosterable(census, settled, matching, made, alone)
    return People(
        census=census,
        settled=settled,
        accounts=settled.accounts,
        known=known_to_clever,
        teachers=teachers,
        students=students,
        changes=AccountChanges(census, alone, {key: changes[key] for key in sorted(changes) if key not in chained}),
        chains=tuple(tuple(changes[key] for key in chain) for chain in emails.chains),
        deactivations=tuple(_deactivation(account) for account in rostered if account.clever_id not in linked),
        active=settled.active + len(rostered),
        unlinked_schools=_unlinked_schools(there),
        problems=(
            *(problem for problem in matching.problems if problem.clever_id in of_problems),
            *(_clash(person, account, emails) for person, account in known if person.clever_id in emails.denied),
            *(_clash(person, None, emails) for person in new if person.clever_id in emails.denied),
        ),
    )


def _rosterable(
    census: Census, settled: Settled, matching: Matching, made: Iterable[Person], alone: Iterable[int]
) -> tuple[Flags, Flags]:
    """Tell by number who can be a teacher, and who a student; enter the accounts of those who were open."""
    numbers = census.numbers
    able = viewed(settled.accounts, np.int64) != 0
    for person, account in matching.known:
        number = numbers[person.clever_id]
        settled.accounts[number] = account.id
        able[number] = True
    for person in made:
        able[numbers[person.clever_id]] = True
    able[[census.number_at(place) for place in alone]] = True
    teaches = np.zeros(len(able), np.bool_)
    teaches[census.numbered()] = census.teachers()
    return able & teaches, able & ~teaches


def _is_rostered(account: Account, scope: Scope) -> bool:
    rostered = account.clever_id is not None and account.role != "admin"  # F6
    return rostered and account.active and scope.touches(account.schools)


def _unlinked_schools(accounts: Sequence[Account]) -> frozenset[str]:
    unlinked = (account for account in accounts if account.clever_id is None and account.provenance == "clever")
    return frozenset(school for account in unlinked for school in account.schools)


def _creation(person: Person) -> AccountChange:
    write = AccountWrite(
        clever_id=person.clever_id,
        role=person.role,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        sis_id=person.sis_id or None,
        schools=person.schools,
    )
    return AccountChange(person.name, write)


def _update(person: Person, account: Account, emails: Emails) -> AccountChange | None:
    # H4: an e-mail or SIS id that Clever has lost stays as it is.
    email = "" if person.clever_id in emails.denied else person.email
    write = AccountWrite(
        clever_id=person.clever_id,
        id=account.id,
        email=_text_if_new(email or account.email, account.email),
        first_name=_text_if_new(person.first_name, account.first_name),
        last_name=_text_if_new(person.last_name, account.last_name),
        sis_id=UNSET if person.sis_id in ("", account.sis_id) else person.sis_id,
        schools=UNSET if set(person.schools) == set(account.schools) else person.schools,
        active=UNSET if account.active else True,
    )
    same = AccountWrite(clever_id=account.clever_id or "", id=account.id)
    return None if write == same else AccountChange(person.name, write)


def _text_if_new(wanted: str, there: str) -> str | UnsetType:
    return UNSET if wanted == there else wanted


def _deactivation(account: Account) -> AccountChange:
    name = f"{account.first_name} {account.last_name}".strip()
    return AccountChange(name, AccountWrite(account.clever_id or "", account.id, active=False))


def _clash(person: Person, account: Account | None, emails: Emails) -> Problem:
    blocker: Blocker = emails.denied[person.clever_id]
    kept = "was not rostered" if account is None else f"keeps {account.email} and their classes"
    message = (
        f"the e-mail {person.email} is not free: {blocker.why}. {person.name} {kept} until it is; free it "
        "in Otus, or correct it in ATS/STARS, and the next sync does the rest."
    )
    return Problem("email_clash", person.name, person.clever_id, message, blocker.account)
