"""Clever's people against Otus's accounts, most of them at a glance.

On nearly every night nearly everybody's account is as Clever has them. People hang together only through an e-mail
or a SIS id (A10, A11): whoever's account fits, and who shares neither with anybody, is *settled*, and all that has
to be known of them is a number or two. The rest is *open*, and is looked at as objects, in full. Somebody new who
shares neither with anybody is *alone*: the account can be made without a look at anybody else.

Accounts are found by their digests, and only those that are nobody's are read. E-mails and SIS ids are compared as
numbers: two that are equal by chance make two people open who need not be.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import compress
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from otus_sync.otus_records import Account, Digests
from otus_sync.packed import Numbers, Packed, Pieces, packed, viewed
from otus_sync.plan.batches import PeopleBatch, text_number
from otus_sync.plan.comparing import Flags, Heads, find, of_otus
from otus_sync.plan.digests import HEAD_BYTES, account_head
from otus_sync.plan.people import Person, email_key
from otus_sync.plan.scope import Scope

NOBODY = -1
TABLE_BITS = 20
"""Of a table that is read a million times: with more it does not stay where the processor has it at hand."""
Places = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.int64]
"""Of texts; see :func:`otus_sync.plan.batches.text_number`."""


class AccountSource(Protocol):
    """Otus's accounts: all of them in short, and in full those that have to be looked at."""

    def digests(self) -> Iterable[Digests]:
        """Digest all."""

    def of(self, ids: Sequence[int]) -> Iterable[Account]:
        """Give those with some ids, in full."""


class CensusColumns(msgspec.Struct, frozen=True):
    """A census as it is kept for another night."""

    people: bytearray
    people_ends: bytes
    modified: bytearray
    modified_ends: bytes
    numbers_of: bytes
    heads: bytes
    schools: list[tuple[str, ...]]
    schools_of: bytes
    teachers: bytes
    without_email: bytes
    emails: bytes
    sis_ids: bytes
    has_strangers: bool


class Census:
    """Everybody whom Clever has as a teacher or student, packed; each has a place.

    Args:
        numbers: of Clever ids; shared with the sections.
    """

    def __init__(self, numbers: Numbers[str]) -> None:
        self.numbers = numbers
        self.people: Packed[Person] = Packed(Person)
        self.has_strangers = False
        """Whether somebody is of schools none of which is known."""
        self._names: list[str] = []
        self._places: Places | None = None
        self._numbers_of = array("i")
        self._heads = bytearray()
        self._schools = Numbers[tuple[str, ...]]()
        """Each combination of schools that somebody has."""
        self._schools_of = array("i")
        self._teachers = bytearray()
        self._without_email = bytearray()
        self._modified = Pieces()
        self._emails = array("q")
        self._sis_ids = array("q")

    def add(self, batch: PeopleBatch) -> None:
        """Take people in; of one who comes again the last word counts."""
        self.people.extend(batch.people)
        self.has_strangers |= batch.has_strangers
        self._numbers_of.extend(self.numbers.of(batch.clever_ids))
        self._heads += batch.heads
        schools = np.fromiter(self._schools.of(batch.schools), np.int32, len(batch.schools))
        self._schools_of.frombytes(schools[np.frombuffer(batch.schools_of, np.int32)].tobytes())
        self._teachers += batch.teachers
        self._without_email += batch.without_email
        self._emails.frombytes(batch.emails)
        self._sis_ids.frombytes(batch.sis_ids)
        self._modified.extend(batch.modified)
        self._places = None

    def remove(self, clever_ids: Set[str]) -> None:
        """Take some out, if they are there."""
        numbers = [number for key in sorted(clever_ids) if (number := self.numbers.get(key)) is not None]
        gone = np.zeros(len(self.numbers), np.bool_)
        gone[numbers] = True
        kept = np.flatnonzero(~gone[self.numbered()])
        if len(kept) == len(self):
            return
        self.people.keep(kept)
        self._modified.keep(kept)
        self._numbers_of = array("i", self.numbered()[kept].tobytes())
        self._heads = bytearray(self.heads()[kept].tobytes())
        self._schools_of = array("i", viewed(self._schools_of, np.int32)[kept].tobytes())
        self._teachers = bytearray(viewed(self._teachers, np.bool_)[kept].tobytes())
        self._without_email = bytearray(viewed(self._without_email, np.bool_)[kept].tobytes())
        emails, sis_ids = self._hashes()
        self._emails, self._sis_ids = array("q", emails[kept].tobytes()), array("q", sis_ids[kept].tobytes())
        self._places = None

    def modified(self, clever_id: str) -> str | None:
        """Tell when somebody was last modified, in Clever's words; ``None`` if they are not there."""
        place = self.place_of(clever_id)
        return None if place is None else self._modified.piece(place).decode()

    def same_as(self, other: "Census") -> bool:
        """Tell whether another one has the same people, and all as they are here, whenever they were modified."""
        here = sum(1 for _ in self.everybody())
        return here == sum(1 for _ in other.everybody()) and all(
            (there := other.place_of(key)) is not None and other.people.piece(there) == self.people.piece(place)
            for key, place in self.everybody()
        )

    def everybody(self) -> Iterator[tuple[str, int]]:
        """Give everybody's Clever id and place."""
        together = zip(self.names(), self.places().tolist(), strict=True)
        return ((key, place) for key, place in together if place != NOBODY)

    def place_of(self, clever_id: str) -> int | None:
        """Give somebody's place; ``None`` if they are not there."""
        number = self.numbers.get(clever_id)
        place = NOBODY if number is None else int(self.places()[number])
        return None if place == NOBODY else place

    def columns(self) -> CensusColumns:
        """Give all of it, to be kept; the ids are those of its numbers."""
        people, people_ends = self.people.columns()
        modified, modified_ends = self._modified.columns()
        return CensusColumns(
            people,
            people_ends,
            modified,
            modified_ends,
            self._numbers_of.tobytes(),
            bytes(self._heads),
            list(self._schools),
            self._schools_of.tobytes(),
            bytes(self._teachers),
            bytes(self._without_email),
            self._emails.tobytes(),
            self._sis_ids.tobytes(),
            self.has_strangers,
        )

    def fill(self, kept: CensusColumns) -> None:
        """Take what :meth:`columns` gave."""
        self.people.fill(kept.people, kept.people_ends)
        self._modified.fill(kept.modified, kept.modified_ends)
        self._numbers_of = array("i", kept.numbers_of)
        self._heads = bytearray(kept.heads)
        self._schools.update(zip(kept.schools, range(len(kept.schools)), strict=True))
        self._schools_of = array("i", kept.schools_of)
        self._teachers, self._without_email = bytearray(kept.teachers), bytearray(kept.without_email)
        self._emails, self._sis_ids = array("q", kept.emails), array("q", kept.sis_ids)
        self.has_strangers = kept.has_strangers

    def __len__(self) -> int:
        """Count the places; some may be of people who came again."""
        return len(self.people)

    def names(self) -> list[str]:
        """Give the Clever id of each number."""
        if len(self._names) != len(self.numbers):
            self._names = list(self.numbers)
        return self._names

    def person(self, clever_id: str) -> Person | None:
        """Give somebody by the Clever id."""
        place = self.place_of(clever_id)
        return None if place is None else self.people[place]

    def number_at(self, place: int) -> int:
        """Give the number of the Clever id of whoever has a place."""
        return self._numbers_of[place]

    def numbered(self) -> Places:
        """Give the number of each place."""
        return viewed(self._numbers_of, np.int32)

    def heads(self) -> Heads:
        """Give the digest of the account that whoever has a place should have."""
        return viewed(self._heads, np.int64)

    def by_schools(self, places: npt.NDArray[np.int64]) -> Counter[tuple[str, ...]]:
        """Count the people of some places by their schools."""
        counts = np.bincount(viewed(self._schools_of, np.int32)[places], minlength=len(self._schools)).tolist()
        return Counter({schools: count for schools, count in zip(self._schools, counts, strict=True) if count})

    def teachers(self) -> Flags:
        """Tell of each place whether it is a teacher's."""
        return viewed(self._teachers, np.bool_)

    def places(self) -> Places:
        """Give the place of each number; :data:`NOBODY` for a number that is nobody's."""
        if self._places is None or len(self._places) != len(self.numbers):
            self._places = np.full(len(self.numbers), NOBODY, np.int32)
            self._places[self.numbered()] = np.arange(len(self), dtype=np.int32)
        return self._places

    def settle(self, accounts: AccountSource, scope: Scope, *, everybody_open: bool = False) -> "Settled":
        """Find out whose account fits.

        Args:
            accounts: of Otus.
            scope: whose accounts are counted.
            everybody_open: settle nothing, and let everybody be looked at in full; the plan is the same.
        """
        current = self.places()[self.numbered()] == np.arange(len(self), dtype=np.int32)
        no_email = viewed(self._without_email, np.bool_)
        shared = self._shared(current) if not everybody_open else np.ones(len(self), np.bool_)
        settling = Settled(self, self.places(), scope)
        settling.take(accounts, current & ~shared & ~no_email)
        settling.sort_people(current, shared, no_email, *self._hashes())
        return settling

    def _hashes(self) -> tuple[Hashes, Hashes]:
        return viewed(self._emails, np.int64), viewed(self._sis_ids, np.int64)

    def _shared(self, current: Flags) -> Flags:
        """Tell of each place whether somebody else has its e-mail or its SIS id too."""
        emails, sis_ids = self._hashes()
        shared: Flags = _are_repeated(emails, current) | (_are_repeated(sis_ids, current) & (sis_ids != 0))
        return shared & current


class GivenAccounts:
    """Accounts that are there as objects.

    Args:
        accounts: all of Otus's.
    """

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._accounts = {account.id: account for account in accounts}

    def digests(self) -> Iterable[Digests]:
        """Digest all of them."""
        yield Digests(list(self._accounts), b"".join(map(_head_of, self._accounts.values())).hex())

    def of(self, ids: Sequence[int]) -> Iterable[Account]:
        """Give some."""
        return [self._accounts[key] for key in ids]


class Settled:
    """Who is settled, and who is not.

    Args:
        census: of whom.
        places: of numbers.
        scope: whose accounts are counted.
    """

    def __init__(self, census: Census, places: Places, scope: Scope) -> None:
        self._census = census
        self._places = places
        self._scope = scope
        self.accounts = array("q", bytes(8 * len(places)))
        """The account of each number; 0 where there is none, or where it is open which one it is."""
        self.open_accounts: list[Account] = []
        """By id."""
        self.active = 0
        """How many settled accounts of the scope are active; all of them are rostered."""
        self.by_school: Counter[tuple[str, ...]] = Counter()
        """How many settled accounts have these schools."""
        self.open: Sequence[int] = ()
        """Places of the people who are open, by Clever id."""
        self.alone: Sequence[int] = ()
        """Places of the people who are new, and share nothing with anybody; by Clever id."""
        self._found: dict[int, Account] | None = None
        self._holders: tuple[Places, Hashes] | None = None

    def account(self, account: int) -> Account | None:
        """Give an account by its id as it was read; one that is settled is as Clever has it."""
        if self._found is None:
            self._found = {there.id: there for there in self.open_accounts}
        if account in self._found:
            return self._found[account]
        if self._holders is None:
            accounts = np.frombuffer(self.accounts, np.int64)
            self._holders = (np.argsort(accounts, kind="stable").astype(np.int32), np.sort(accounts))
        numbers, ids = self._holders
        index = int(ids.searchsorted(np.int64(account)))  # of another type, numpy would copy all ids for each look
        if not account or index == len(ids) or ids[index] != account:
            return None
        return _as_account(account, self._census.people[int(self._places[numbers[index]])])

    def fitting(self) -> Iterator[int]:
        """Give the accounts that fit, in the order of the Clever ids of whoever has them."""
        pairs = zip(self._census.numbers, self.accounts, strict=True)
        return (account for _, account in sorted(pairs) if account)

    def take(self, accounts: AccountSource, settles: Flags) -> None:
        """Take the accounts in: whose digest is that of somebody who can be settled, is theirs; the rest is read.

        Args:
            accounts: of Otus.
            settles: of each place whether a fitting account is all that has to be known.
        """
        ids, theirs = of_otus(accounts.digests())
        able = np.flatnonzero(settles)
        places, fit = find(self._census.heads()[able], theirs)
        holders = np.frombuffer(self.accounts, np.int64)
        holders[self._census.numbered()[able[places]]] = ids[fit]
        self.by_school = self._census.by_schools(able[places])
        self.open_accounts = sorted(accounts.of(ids[~fit].tolist()), key=lambda account: account.id)
        self.active = sum(count for of, count in self.by_school.items() if self._scope.touches(of))

    def sort_people(self, current: Flags, shared: Flags, no_email: Flags, emails: Hashes, sis_ids: Hashes) -> None:
        """Sort everybody else into those who are open and those who are alone."""
        settled = viewed(self.accounts, np.int64)[self._census.numbered()] != 0
        linked, with_emails, with_sis_ids = self._held_by_open_accounts(len(current))
        contested = shared | no_email | linked | _are_among(with_emails, emails) | _are_among(with_sis_ids, sis_ids)
        self.open = self._by_id(current & ~settled & contested)
        self.alone = self._by_id(current & ~settled & ~contested)

    def _held_by_open_accounts(self, count: int) -> tuple[Flags, Hashes, Hashes]:
        linked, numbers = np.zeros(count, np.bool_), self._census.numbers
        for account in self.open_accounts:
            number = numbers.get(account.clever_id or "", len(self._places))
            if number < len(self._places) and self._places[number] != NOBODY:
                linked[self._places[number]] = True
        emails = [text_number(email_key(account.email)) for account in self.open_accounts]
        sis_ids = [text_number(account.role + account.sis_id) for account in self.open_accounts if account.sis_id]
        return linked, np.array(emails, np.int64), np.array(sis_ids, np.int64)

    def _by_id(self, chosen: Flags) -> Sequence[int]:
        ids = list(compress(range(len(chosen)), chosen.tolist()))
        names = self._census.names()
        return array("i", sorted(ids, key=lambda place: names[self._census.number_at(place)])) if ids else ()


def _head_of(account: Account) -> bytes:
    person = Person(
        account.clever_id or "",
        account.role,  # type: ignore[arg-type]  # it is digested, and no more: an admin is nobody whom Clever has
        account.email,
        account.first_name,
        account.last_name,
        account.sis_id or "",
        account.schools,
    )
    return account_head(packed(person)) if account.active else bytes(HEAD_BYTES)


def _as_account(account: int, person: Person) -> Account:
    return Account(
        id=account,
        role=person.role,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        sis_id=person.sis_id or None,
        clever_id=person.clever_id,
        provenance="clever",
        active=True,
        schools=person.schools,
    )


def _are_repeated(hashes: Hashes, counted: Flags) -> Flags:
    """Tell of each hash whether it stands there more than once, among those that are counted."""
    order = np.sort(hashes[counted])
    repeated = order[1:][order[1:] == order[:-1]]
    return _are_among(repeated, hashes)


def _are_among(few: Hashes, hashes: Hashes) -> Flags:
    """Tell of each hash whether it is one of a few; ``numpy.isin`` would sort all of them for it."""
    found = np.zeros(len(hashes), np.bool_)
    if len(few):
        # A look-up in some thousand costs more than one in a table, which lets pass few that are not among them.
        table = np.zeros(1 << TABLE_BITS, np.bool_)
        table[few & (len(table) - 1)] = True
        likely = np.flatnonzero(table[hashes & (len(table) - 1)])
        in_order = np.sort(few)
        places = in_order.searchsorted(hashes[likely])
        found[likely] = in_order[np.minimum(places, len(few) - 1)] == hashes[likely]
    return found
