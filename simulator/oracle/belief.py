"""What Otus must hold, as the oracle sees it, and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple, Self

import msgspec

from simulator.clock import new_york
from simulator.oracle.facts import Key, Part, Role

Provenance = Literal["clever", "manual"]
Aspect = Literal[
    "account",
    "role",
    "email",
    "name",
    "active",
    "schools",
    "account by",
    "class",
    "called",
    "state",
    "member",
    "member as",
    "member by",
    "work",
    "run",
]
"""``account``, ``class``, ``member``: whether there is one · ``account by``, ``member by``: by roster or by hand ·
``member as``: the part · ``called``, ``state``: of a class · ``run``: how the sync ended."""


class Item(NamedTuple):
    """One thing that can be asked about Otus."""

    aspect: Aspect
    class_: str = ""
    """Of a class and of a membership."""
    account: str = ""
    """Of an account and of a membership."""


class Evidence(NamedTuple):
    """What happened, and when: ``added by hand Mon 14 Sep 10:00``."""

    what: str
    at: datetime

    def __str__(self) -> str:
        """Say it as people in New York do."""
        return f"{self.what} {new_york(self.at)}"


class Reason(msgspec.Struct, frozen=True):
    """Why something must be as it must be."""

    rules: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()
    so: str = ""
    """What follows, or what is so at any time: ``Clever does not list them``."""

    def __str__(self) -> str:
        """Say it: ``added by hand Mon 14 Sep 10:00, Clever does not list them (F8)``."""
        parts = [*map(str, self.evidence), *([self.so] if self.so else [])]
        return f"{', '.join(parts)} ({', '.join(self.rules)})"


class Identity(NamedTuple):
    """A Clever user or section: a record, and which of its stints, since after 300 days away another id comes."""

    key: Key
    stint: int


class Account(msgspec.Struct, frozen=True, gc=False):
    """An account that Otus must hold."""

    role: Role
    email: str
    first_name: str
    last_name: str
    sis_id: str | None = None
    link: Identity | str | None = None
    """The Clever user it belongs to; text for an id that is nobody's."""
    provenance: Provenance = "manual"
    active: bool = True
    schools: frozenset[str] | None = None
    """DBNs; ``None`` where nothing is said about them: of an account made by hand."""

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


class Membership(NamedTuple):
    """Somebody in a class."""

    part: Part | None
    """``None`` where the rules do not say which (a main teacher who is replaced and withheld, A14)."""
    provenance: Provenance


class Class(msgspec.Struct, frozen=True, gc=False):
    """A class that Otus must hold."""

    title: str
    """As ATS calls it, or whoever made it."""
    name: str | None
    """In Otus; ``None`` where the rules do not say (H10)."""
    members: Mapping[str, Membership]
    """By account; never changed in place."""
    section: Identity | None = None
    """``None`` for a class made by hand (F10)."""
    archived: bool = False


class Work(NamedTuple):
    """Something a student handed in."""

    class_: str
    account: str
    title: str


class Ruling(NamedTuple):
    """What the removal guard last withheld, and what Support said to it (A14)."""

    withheld: frozenset[Item] = frozenset()
    run: int = 0
    """That was held."""
    said: Literal["", "approved", "discarded"] = ""


class Verdict(NamedTuple):
    """How a run must have ended."""

    must: Literal["succeeded", "held"]
    reason: Reason


class Belief:
    """All that Otus must hold at one moment.

    Attributes:
        accounts: by a name that tells them apart: ``student 201234567``, ``by hand 12``.
        classes: by :func:`~simulator.oracle.facts.rostered_class` and
            :func:`~simulator.oracle.facts.by_hand_class`.
        works: what was handed in, hidden or not (H7).
        kept_out: people of Clever who must not be rostered, and why (A10, A11, H4).
        reasons: why an item is as it is, or why it must not be there.
        ruling: of the removal guard.
        verdict: how the last run must have ended.
        manual_rostering: whether the district has the feature (F11).
    """

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.classes: dict[str, Class] = {}
        self.works: tuple[Work, ...] = ()
        self.kept_out: dict[Key, Reason] = {}
        self.reasons: dict[Item, Reason] = {}
        self.ruling = Ruling()
        self.verdict: Verdict | None = None
        self.manual_rostering = True

    def copy(self) -> Self:
        """Give one that can change without this one."""
        other = type(self)()
        other.accounts = dict(self.accounts)
        other.classes = dict(self.classes)
        other.works = self.works
        other.kept_out = dict(self.kept_out)
        other.reasons = dict(self.reasons)
        other.ruling = self.ruling
        other.verdict = self.verdict
        other.manual_rostering = self.manual_rostering
        return other

    def same_as(self, other: "Belief") -> bool:
        """Tell whether Otus must hold the same by both, whatever the reasons."""
        return (self.accounts, self.classes, self.works, self.ruling, _must(self), set(self.kept_out)) == (
            other.accounts,
            other.classes,
            other.works,
            other.ruling,
            _must(other),
            set(other.kept_out),
        )

    def account_of(self, key: Key) -> str | None:
        """Name the account of a person of ATS."""
        return next((name for name, a in self.accounts.items() if (a.role, a.sis_id) == (key.kind, key.id)), None)

    def shows(self, work: Work) -> bool | None:
        """Tell whether work must be visible: its student is in the class, and active (H7).

        Returns:
            ``None`` where the rules do not say: who is in an archived class.
        """
        klass, account = self.classes[work.class_], self.accounts[work.account]
        if klass.archived and klass.section is not None:
            return None
        membership = klass.members.get(work.account)
        return membership is not None and membership.part == "student" and account.active

    def members_judged(self, class_: str) -> Mapping[str, Membership]:
        """Give the members of a class about whom the rules say something.

        A12 archives a class that Clever has no more; who of its roster is left in it no rule says, but those who
        teach it by hand are there when it comes back.
        """
        members = self.classes[class_].members
        if not self.is_dormant(class_):
            return members
        return {name: each for name, each in members.items() if each == Membership("co_teacher", "manual")}

    def is_dormant(self, class_: str) -> bool:
        """Tell whether a class is a rostered one in the archive."""
        klass = self.classes[class_]
        return klass.archived and klass.section is not None


def _must(belief: Belief) -> str:
    return belief.verdict.must if belief.verdict is not None else ""
