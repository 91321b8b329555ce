"""Who gets which e-mail tonight (A11).

An e-mail belongs to one account at a time, without regard to case. Some of tonight's wishes are for e-mails
that others give up tonight; a wish that cannot be granted leaves the old e-mail where it is, which may deny
another wish.
"""

from collections.abc import Iterable

import msgspec

from otus_sync.otus_records import Account
from otus_sync.plan.people import Person, email_key


class Blocker(msgspec.Struct, frozen=True, gc=False):
    """Who keeps somebody from an e-mail."""

    account: int | None
    """``None`` for an account that tonight's run makes."""
    name: str
    why: str


class Emails(msgspec.Struct, frozen=True):
    """What became of tonight's wishes."""

    denied: dict[str, Blocker]
    """By the Clever id of who wished."""
    chains: tuple[tuple[str, ...], ...]
    """Clever ids of people who hang together: each takes what the one before gives up, or in a circle."""


class _Wish(msgspec.Struct, frozen=True, gc=False):
    person: Person
    account: Account | None
    key: str


def grant_emails(known: Iterable[tuple[Person, Account]], new: Iterable[Person], accounts: Iterable[Account]) -> Emails:
    """Settle all wishes at once.

    Args:
        known: people with the accounts they have, whose e-mail follows Clever (A7).
        new: people without an account.
        accounts: all of Otus's.
    """
    return _Settling(known, new, accounts).settle()


class _Settling:
    def __init__(
        self, known: Iterable[tuple[Person, Account]], new: Iterable[Person], accounts: Iterable[Account]
    ) -> None:
        self._holders = {email_key(account.email): account for account in accounts}
        self._moving: dict[int, _Wish] = {}
        self._wishes: dict[str, list[_Wish]] = {}
        self._denied: dict[str, Blocker] = {}
        for person, account in known:
            if person.email and person.email_key != email_key(account.email):
                wish = _Wish(person, account, person.email_key)
                self._moving[account.id] = wish
                self._wishes.setdefault(wish.key, []).append(wish)
        for person in new:
            self._wishes.setdefault(person.email_key, []).append(_Wish(person, None, person.email_key))

    def settle(self) -> Emails:
        unsettled = [key for key in self._wishes if len(self._wishes[key]) > 1 or key in self._holders]
        while unsettled:
            unsettled += self._settle(unsettled.pop())
        return Emails(self._denied, self._chains())

    def _settle(self, key: str) -> list[str]:
        """Deny whom an e-mail is not for; give the e-mails that are therefore not given up after all."""
        wishes = sorted(self._wishes.get(key, ()), key=lambda wish: wish.person.clever_id)
        holder = self._holders.get(key)
        if holder is not None and holder.id not in self._moving:
            blocker, losers = _holder(holder), wishes
        elif len(wishes) > 1:
            blocker, losers = _earlier(wishes[0]), wishes[1:]
        else:
            return []
        kept = []
        for wish in losers:
            if wish.person.clever_id in self._denied:
                continue
            self._denied[wish.person.clever_id] = blocker
            if wish.account is not None:
                del self._moving[wish.account.id]
                kept.append(email_key(wish.account.email))
        return kept

    def _chains(self) -> tuple[tuple[str, ...], ...]:
        granted = [
            wish for wishes in self._wishes.values() for wish in wishes if wish.person.clever_id not in self._denied
        ]
        waits_for = {}
        for wish in granted:
            holder = self._holders.get(wish.key)
            if holder is not None:
                waits_for[wish.person.clever_id] = self._moving[holder.id].person.clever_id
        return _in_order(waits_for)


def _in_order(waits_for: dict[str, str]) -> tuple[tuple[str, ...], ...]:
    """Walk from whoever waits to whom they wait for, and list each walk from its end.

    A walk that is no circle can then be cut anywhere: whoever gives an e-mail up comes before who takes it.
    """
    awaited = set(waits_for.values())
    starts = sorted(set(waits_for) - awaited) + sorted(awaited)
    seen: set[str] = set()
    chains: list[tuple[str, ...]] = []
    for start in starts:
        chain: list[str] = []
        step: str | None = start
        while step is not None and step not in seen:
            seen.add(step)
            chain.append(step)
            step = waits_for.get(step)
        if chain:
            chains.append(tuple(reversed(chain)))
    return tuple(chains)


def _holder(account: Account) -> Blocker:
    state = "" if account.active else "deactivated "
    name = f"{account.first_name} {account.last_name}".strip()
    return Blocker(account.id, name, f"it belongs to the {state}{account.role} account {account.id} ({name})")


def _earlier(wish: _Wish) -> Blocker:
    person = wish.person
    account = wish.account.id if wish.account else None
    return Blocker(account, person.name, f"Clever has it for {person.name} ({person.clever_id}) too")
