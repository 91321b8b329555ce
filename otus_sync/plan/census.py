"""Clever's people against Otus's accounts, most of them at a glance.

On nearly every night nearly everybody's account is as Clever has them. People hang together only through an e-mail
or a SIS id (A10, A11): whoever's account fits, and who shares neither with anybody, is *settled*, and all that has
to be known of them is a number or two. The rest is *open*, and is looked at as objects, in full. Somebody new who
shares neither with anybody is *alone*: the account can be made without a look at anybody else.

Accounts are held against people byte by byte, as both are packed. E-mails and SIS ids are compared as numbers: two
that are equal by chance make two people open who need not be.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from itertools import compress

import msgspec
import numpy as np
import numpy.typing as npt

from otus_sync.otus_records import Account
from otus_sync.packed import Numbers, Packed, Pieces, packed, packet_of, unpacked
from otus_sync.plan.batches import AccountBatch, PeopleBatch, text_number
from otus_sync.plan.people import Person, email_key
from otus_sync.plan.scope import Scope

NOBODY = -1
HELD_AT_ONCE = 25
"""Accounts held against people together: with more, more of them have to be looked up because of one that differs."""
TABLE_BITS = 20
"""Of a table that is read a million times: with more it does not stay where the processor has it at hand."""
AccountSource = Callable[[Callable[[Sequence[Account]], AccountBatch]], Iterable[AccountBatch]]
"""Reads all accounts and has some at a time looked at, here or in the processes that read them."""
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.int64]
"""Of texts; see :func:`otus_sync.plan.batches.text_number`."""


class CensusColumns(msgspec.Struct, frozen=True):
    """A census as it is kept for another night."""

    people: bytearray
    people_ends: bytes
    modified: bytearray
    modified_ends: bytes
    numbers_of: bytes
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
        self._teachers = bytearray(_flags(self._teachers)[kept].tobytes())
        self._without_email = bytearray(_flags(self._without_email)[kept].tobytes())
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
        return np.frombuffer(self._numbers_of, np.int32) if self._numbers_of else np.empty(0, np.int32)

    def teachers(self) -> Flags:
        """Tell of each place whether it is a teacher's."""
        return _flags(self._teachers)

    def places(self) -> Places:
        """Give the place of each number; :data:`NOBODY` for a number that is nobody's."""
        if self._places is None or len(self._places) != len(self.numbers):
            self._places = np.full(len(self.numbers), NOBODY, np.int32)
            self._places[self.numbered()] = np.arange(len(self), dtype=np.int32)
        return self._places

    def settle(self, accounts: AccountSource, scope: Scope, *, everybody_open: bool = False) -> "Settled":
        """Find out whose account fits.

        Args:
            accounts: gives all of Otus's, in whatever order, once it is told how to look at some.
            scope: whose accounts are counted.
            everybody_open: settle nothing, and let everybody be looked at in full; the plan is the same.
        """
        places = self.places()
        current = places[self.numbered()] == np.arange(len(self), dtype=np.int32)
        shared = self._shared(current) if not everybody_open else np.ones(len(self), np.bool_)
        settling = Settled(self, places, scope)
        look = Look(self.numbers, places, self.people, self.numbered(), current & ~shared)
        settling.take(accounts(look.at))
        settling.sort_people(current, shared, _flags(self._without_email), *self._hashes())
        return settling

    def _hashes(self) -> tuple[Hashes, Hashes]:
        return _hashes(self._emails), _hashes(self._sis_ids)

    def _shared(self, current: Flags) -> Flags:
        """Tell of each place whether somebody else has its e-mail or its SIS id too."""
        emails, sis_ids = self._hashes()
        shared: Flags = _are_repeated(emails, current) | (_are_repeated(sis_ids, current) & (sis_ids != 0))
        return shared & current


class Look:
    """How accounts are held against people.

    Accounts and people mostly stand in the same order, as a first night makes accounts in the order of Clever's ids. So
    some accounts are held at once against as many people, from whose account the first one is: if all the bytes are
    equal, so are the Clever ids in them. Only where they are not is each of these accounts looked up.

    Args:
        numbers: of Clever ids.
        places: of numbers.
        people: by place.
        numbered: the number of each place.
        settles: of each place whether a fitting account is all that has to be known.
    """

    def __init__(
        self, numbers: Numbers[str], places: Places, people: Packed[Person], numbered: Places, settles: Flags
    ) -> None:
        self._number_of = numbers.get
        self._places = places
        self._people = people
        self._numbered = numbered
        self._settles = settles

    def at(self, accounts: Sequence[Account]) -> AccountBatch:
        """Find those of some accounts that fit."""
        persons = list(map(_as_person, accounts))
        able = [account.active and account.email != "" for account in accounts]
        # Whose account each is, if it fits.
        numbers = np.full(len(accounts), NOBODY, np.int32)
        for first in range(0, len(accounts), HELD_AT_ONCE):
            some = slice(first, first + HELD_AT_ONCE)
            found = self._all_of(persons[some]) if all(able[some]) else None
            numbers[some] = list(map(self._one_of, persons[some], able[some])) if found is None else found
        fit = numbers != NOBODY
        counts = Counter(person.schools for person in compress(persons, fit.tolist()))
        return AccountBatch(
            numbers=numbers[fit].tobytes(),
            ids=np.array([account.id for account in accounts], np.int64)[fit].tobytes(),
            schools=list(counts),
            counts=list(counts.values()),
            open=packet_of(compress(accounts, (~fit).tolist())),
        )

    def _all_of(self, persons: Sequence[Person]) -> Places | None:
        """Give the numbers of those who stand side by side in this order and are settled so; else ``None``."""
        first = self._place_of(persons[0])
        end = first + len(persons)
        if first == NOBODY or end > len(self._people) or not self._settles[first:end].all():
            return None
        same = self._people.pieces(first, end) == b"".join(map(packed, persons))
        return self._numbered[first:end] if same else None

    def _one_of(self, person: Person, able: bool) -> int:
        """Give the number of whoever is settled as this person, if their account is able to; else :data:`NOBODY`."""
        place = self._place_of(person) if able else NOBODY
        if place == NOBODY or not self._settles[place] or self._people.piece(place) != packed(person):
            return NOBODY
        return int(self._numbered[place])

    def _place_of(self, person: Person) -> int:
        number = self._number_of(person.clever_id, len(self._places))
        return int(self._places[number]) if number < len(self._places) else NOBODY


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

    def take(self, accounts: Iterable[AccountBatch]) -> None:
        """Take the accounts in; they are many, and come in batches."""
        holders = np.frombuffer(self.accounts, np.int64)
        for batch in accounts:
            holders[np.frombuffer(batch.numbers, np.int32)] = np.frombuffer(batch.ids, np.int64)
            self.by_school.update(dict(zip(batch.schools, batch.counts, strict=True)))
            self.open_accounts += unpacked(batch.open, Account)
        self.open_accounts.sort(key=lambda account: account.id)
        self.active = sum(count for of, count in self.by_school.items() if self._scope.touches(of))

    def sort_people(self, current: Flags, shared: Flags, no_email: Flags, emails: Hashes, sis_ids: Hashes) -> None:
        """Sort everybody else into those who are open and those who are alone."""
        settled = np.frombuffer(self.accounts, np.int64)[self._census.numbered()] != 0 if len(current) else current
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


def _as_person(account: Account) -> Person:
    """Give whom an account is of, if it fits; of an admin's there is no such person."""
    return Person(
        account.clever_id or "",
        account.role,  # type: ignore[arg-type]  # it is packed and compared, and no more
        account.email,
        account.first_name,
        account.last_name,
        account.sis_id or "",
        account.schools,
    )


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


def _hashes(of: "array[int]") -> Hashes:
    return np.frombuffer(of, np.int64) if of else np.empty(0, np.int64)


def _flags(of: bytearray) -> Flags:
    return np.frombuffer(of, np.bool_) if of else np.empty(0, np.bool_)


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
