"""What planning takes and gives: Otus as it was read, and the plan."""

from collections.abc import Mapping, Sequence
from typing import Literal, Self

import msgspec
from msgspec import UNSET, UnsetType

from otus_sync.otus_records import (
    Account,
    AccountWrite,
    ByHand,
    ClassDigest,
    ClassRoster,
    Counts,
    Problem,
    Roster,
)

Ref = int | str
"""A member of a planned roster: an account's id, or the Clever id of an account that tonight's run makes."""


VerdictStatus = Literal["clear", "approved", "held", "discarded"]
"""``held`` and ``discarded`` withhold the removals."""


class Ruling(msgspec.Struct, frozen=True):
    """What somebody decided about the removals of the newest held run (A14)."""

    run: int
    """Of the held run in Otus."""
    decision: Literal["approved", "discarded"]
    digest: str
    """Of the removals that were decided on."""
    removals: frozenset[str] = frozenset()
    """Those removals one by one, where the ledger still knows them."""


class OtusSide(msgspec.Struct, frozen=True):
    """All of Otus that one run works with."""

    accounts: tuple[Account, ...] = ()
    """By id: everybody, or everybody whose account is not known to fit."""
    classes: tuple[ClassDigest, ...] = ()
    """The rostered classes but for ``equal_classes``."""
    rosters: Mapping[int, ClassRoster] = {}
    """Members by class, at least of the classes whose digest does not tell enough."""
    equal_classes: frozenset[str] = frozenset()
    """Clever ids of classes that are known to be as Clever has them, and so were not read."""
    ruling: Ruling | None = None


class AccountChange(msgspec.Struct, frozen=True, gc=False):
    """One account to write."""

    name: str
    """Of the person, for messages."""
    write: AccountWrite


class Members(msgspec.Struct, frozen=True, gc=False):
    """Planned rostered members of a class. Nobody is in it twice."""

    teacher: Ref | None = None
    co_teachers: tuple[Ref, ...] = ()
    students: tuple[Ref, ...] = ()

    def everyone(self) -> tuple[Ref, ...]:
        """Give all members, the teacher first."""
        main = () if self.teacher is None else (self.teacher,)
        return (*main, *self.co_teachers, *self.students)

    def size(self) -> int:
        """Count the members."""
        return (self.teacher is not None) + len(self.co_teachers) + len(self.students)

    def is_empty(self) -> bool:
        """Tell whether there is nobody in it."""
        return self.teacher is None and not self.co_teachers and not self.students

    def same_as(self, other: "Members") -> bool:
        """Tell whether the same people have the same parts, in whatever order they stand."""
        return (
            self.teacher == other.teacher
            and set(self.co_teachers) == set(other.co_teachers)
            and set(self.students) == set(other.students)
        )


class Wanted(msgspec.Struct, frozen=True, gc=False):
    """A class as Clever wants it tonight, with the members that can be rostered."""

    clever_id: str
    name: str
    school: str
    """DBN."""
    members: Members


def members_of(roster: Roster) -> Members:
    """Give a roster as it was read in the form in which it is planned."""
    return Members(roster.teacher, roster.co_teachers, roster.students)


class ClassChange(msgspec.Struct, frozen=True, gc=False):
    """One class to write; what is ``UNSET`` stays."""

    clever_id: str
    title: str
    """Its name, for messages."""
    id: int | None = None
    """``None`` makes it."""
    version: int | None = None
    """It is written only if it still is at this version."""
    was: ClassDigest | None = None
    """It as it was read, if it was there."""
    name: str | UnsetType = UNSET
    school: str | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    before: Members = Members()
    """Its rostered members until tonight, if ``after`` says anything."""
    after: Members | UnsetType = UNSET
    remove_by_hand: tuple[int, ...] = ()

    def added(self) -> list[Ref]:
        """Give those who become rostered members."""
        if self.after is UNSET:
            return []
        if self.before.is_empty():
            return list(self.after.everyone())
        there = set(self.before.everyone())
        return [ref for ref in self.after.everyone() if ref not in there]

    def added_count(self) -> int:
        """Count those who become rostered members."""
        if self.after is not UNSET and self.before.is_empty():
            return self.after.size()
        return len(self.added())

    def removed(self) -> list[int]:
        """Give the accounts that are rostered members no longer."""
        if self.after is UNSET or self.before.is_empty():
            return []
        staying = set(self.after.everyone())
        return [ref for ref in self.before.everyone() if ref not in staying and isinstance(ref, int)]

    def is_empty(self) -> bool:
        """Tell whether there is nothing to write."""
        says_nothing = (self.name, self.school, self.archived, self.after) == (UNSET,) * 4
        return self.id is not None and says_nothing and not self.remove_by_hand


class ClassState(msgspec.Struct, frozen=True, gc=False):
    """A rostered class as it is in Otus."""

    about: ClassDigest
    members: ClassRoster | None = None
    """``None`` where the digest told enough: the members are Clever's, and nobody is in it by hand."""

    @property
    def by_hand(self) -> tuple[ByHand, ...]:
        """Members by hand."""
        return self.members.by_hand if self.members else ()


class Skipped(msgspec.Struct, frozen=True, gc=False):
    """Ids in a section that lead nowhere (A16)."""

    section: str
    ids: tuple[str, ...]


class Verdict(msgspec.Struct, frozen=True):
    """What the removal guard says (A14)."""

    status: VerdictStatus = "clear"
    reason: str = ""
    withheld: Counts = Counts()
    digest: str = ""
    """Of the removals, if the guard tripped."""
    removals: tuple[str, ...] = ()
    """Those removals one by one."""

    @property
    def withholds(self) -> bool:
        """Tell whether the removals are left out of the plan."""
        return self.status in ("held", "discarded")


class ManyAccountChanges(Sequence[AccountChange]):
    """Account changes that are made only when they are asked for."""

    creations: int
    """How many of them make an account."""


class Plan(msgspec.Struct, frozen=True):
    """Everything a run is going to write, in the order in which it is written."""

    accounts: Sequence[AccountChange] = ()
    """To make and to update."""
    chains: tuple[tuple[AccountChange, ...], ...] = ()
    """Likewise, where one takes the e-mail that the other gives up: each chain goes in one request (A11)."""
    classes: tuple[ClassChange, ...] = ()
    """To make and to update."""
    archives: tuple[ClassChange, ...] = ()
    deactivations: tuple[AccountChange, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    verdict: Verdict = Verdict()

    def is_empty(self) -> bool:
        """Tell whether there is nothing to write."""
        return not (self.accounts or self.chains or self.classes or self.archives or self.deactivations)

    def account_writes(self) -> list[AccountChange]:
        """Give the accounts to make and to update."""
        return [*self.accounts, *(change for chain in self.chains for change in chain)]

    def in_full(self) -> Self:
        """Give the same with every change made, as it is printed and saved."""
        return msgspec.structs.replace(self, accounts=tuple(self.accounts))

    def counts(self) -> Counts:
        """Count what carrying it out changes, if no row is refused."""
        if isinstance(self.accounts, ManyAccountChanges):
            made = self.accounts.creations
        else:
            made = sum(change.write.id is None for change in self.accounts)
        chained = [change for chain in self.chains for change in chain]
        made += sum(change.write.id is None for change in chained)
        new = sum(change.id is None for change in self.classes)
        return Counts(
            accounts_created=made,
            accounts_updated=len(self.accounts) + len(chained) - made,
            accounts_deactivated=len(self.deactivations),
            classes_created=new,
            classes_updated=len(self.classes) - new,
            classes_archived=len(self.archives),
            memberships_added=sum(change.added_count() for change in self.classes),
            memberships_removed=sum(len(change.removed()) for change in self.classes),
            by_hand_removed=sum(len(change.remove_by_hand) for change in self.classes),
        )
