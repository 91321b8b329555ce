"""What an oracle is told: the things that happened, one struct each, in the words of the FAQ.

Nothing here says what anybody made of it. ATS's records come as they were written into its history; people and
classes of Otus are pointed at the way somebody who sits before the screen would.
"""

from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from fakes.ats.records import Person, Section, Term

Role = Literal["admin", "teacher", "student"]
Part = Literal["teacher", "co_teacher", "student"]
Outcome = Literal["succeeded", "held", "failed"]


class HoldSettings(msgspec.Struct, frozen=True):
    """When Clever finds that a delivery changes too much to be taken in unseen (A5)."""

    percent: float
    """More than so much of what is held of a kind would go."""
    minimum: int
    """And at least so many."""
    terms: bool
    """Also when a term comes, goes or changes."""


class Settings(msgspec.Struct, frozen=True):
    """The district's switches that decide what a night does."""

    by_hand_co_teachers: Literal["keep", "only_without_rostered"] = "keep"
    """H3."""
    overwrite_class_names: bool = True
    """H10."""
    guard_percent: int = 20
    """A14: more than this much of a kind."""
    guard_minimum: int = 25
    """A14: and at least so many."""
    hold: HoldSettings | None = None
    """When Clever takes nothing in before a person has looked; ``None`` is never."""
    identity_days: int = 300
    """Clever, "Identity": a record that was away for so many days or more comes back under another id."""


class Key(NamedTuple):
    """What a record is to ATS and to Clever: ``("student", "201234567")``, ``("section", "02M475-2026-1-ALG1-01")``."""

    kind: Literal["student", "teacher", "section", "term"]
    id: str


class Card(msgspec.Struct, frozen=True, gc=False):
    """An account as its page in Otus shows it: the number tells it from all others, else the e-mail does (A11)."""

    role: Role
    email: str
    sis_id: str | None = None
    """OSIS or staff number, once the account is a rostered one."""


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened."""

    at: datetime
    """When, with an offset."""


# ---------------------------------------------------------------- ATS, the feed, Clever


class AtsChange(Happening, frozen=True, kw_only=True):
    """ATS has let a change go (F3): the whole record after it, and when the feed has it in Clever (A2)."""

    record: Person | Section | Term
    shared_at: datetime
    """``at`` is when the office made the change; this is when Clever is given it."""


class SchoolLost(Happening, frozen=True, kw_only=True):
    """The feed delivers a school as if nobody and nothing were in it, until it is found again."""

    dbn: str


class SchoolFound(Happening, frozen=True, kw_only=True):
    """The feed delivers a lost school whole again, as far as its changes are due."""

    dbn: str


class SchoolDeliveredAgain(Happening, frozen=True, kw_only=True):
    """The feed delivers a second time what it has delivered of a school, also of one that is lost."""

    dbn: str


class StaffListed(Happening, frozen=True, kw_only=True):
    """The district lists somebody as staff, past ATS: with a teacher of the same e-mail they may be one user."""

    staff_id: str
    """Among the staff."""
    schools: tuple[str, ...] = ()
    """DBNs, where they are staff."""


class TeacherIsUser(Happening, frozen=True, kw_only=True):
    """Which user a teacher is, where there are staff: whose id a user of two roles has, and keeps, no rule says."""

    key: Key
    user: str
    """Clever's id; another one is another user."""
    staff_at: frozenset[str] = frozenset()
    """DBNs of the schools where this user is staff: Otus is shown who they are if one of these is shared (H11)."""


class CleverPaused(Happening, frozen=True, kw_only=True):
    """From now on what the feed delivers waits (F4); Clever goes on showing what it holds."""


class CleverResumed(Happening, frozen=True, kw_only=True):
    """Clever takes in what has waited."""


class HoldReleased(Happening, frozen=True, kw_only=True):
    """The district approves what Clever holds: it is taken in, and what has waited behind it."""


class HoldDiscarded(Happening, frozen=True, kw_only=True):
    """The district throws away what Clever holds; what has waited behind it is taken in."""


class SchoolUnshared(Happening, frozen=True, kw_only=True):
    """The district shows Otus nothing of a school any more (H11)."""

    dbn: str


class SchoolShared(Happening, frozen=True, kw_only=True):
    """The district shows Otus a school (H11)."""

    dbn: str


# ---------------------------------------------------------------- by hand, in Otus


class AccountMade(Happening, frozen=True, kw_only=True):
    """Somebody has made an account by hand (F6, H5)."""

    role: Role
    email: str
    first_name: str
    last_name: str


class AccountEdited(Happening, frozen=True, kw_only=True):
    """Somebody has edited an account's e-mail or name (A7); ``None`` is as it was."""

    account: Card
    """As it was before."""
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class IdAdjusted(Happening, frozen=True, kw_only=True):
    """Support has said which Clever user an account belongs to (F12, A10)."""

    account: Card
    to: Key | str | None
    """The person who is that Clever user now; text for an id that is nobody's; ``None``: to none at all."""


class ClassMade(Happening, frozen=True, kw_only=True):
    """Somebody has made a class by hand (F10)."""

    class_: str
    """What it is called from here on; :func:`by_hand_class` makes it of the number Otus answered."""
    name: str
    teacher: Card


class ClassEdited(Happening, frozen=True, kw_only=True):
    """Somebody has renamed, archived or unarchived a class (H2, H10); ``None`` is as it was."""

    class_: str
    """:func:`rostered_class` or :func:`by_hand_class`."""
    name: str | None = None
    archived: bool | None = None


class ClassDeleted(Happening, frozen=True, kw_only=True):
    """Somebody has deleted a class, with all that was in it (A17)."""

    class_: str


class MemberAdded(Happening, frozen=True, kw_only=True):
    """Somebody has been added to a class by hand, or joined with its code (H6)."""

    class_: str
    account: Card
    """Where no account has its e-mail, one is made by hand (H5)."""
    part: Part
    joined: bool = False
    """Whether they came with the class code (H6)."""
    first_name: str = ""
    """Of an account that is made so (H5)."""
    last_name: str = ""


class MemberRemoved(Happening, frozen=True, kw_only=True):
    """Somebody has been taken out of a class by hand (H1)."""

    class_: str
    account: Card


class WorkHandedIn(Happening, frozen=True, kw_only=True):
    """A student has handed something in (H7)."""

    class_: str
    account: Card
    title: str


class ManualRosteringSwitched(Happening, frozen=True, kw_only=True):
    """The district's manual-rostering feature has been turned on or off (F11, A9)."""

    on: bool


class SyncPaused(Happening, frozen=True, kw_only=True):
    """Otus has paused its sync (H9): from now on it takes no accounts and no classes from it."""


class SyncResumed(Happening, frozen=True, kw_only=True):
    """Otus takes accounts and classes from its sync again (H9)."""


class RemovalsApproved(Happening, frozen=True, kw_only=True):
    """Support has approved what a held run withheld (A14); void once another run has been held since."""

    run: int = 0
    """As Otus numbers it."""


class RemovalsDiscarded(Happening, frozen=True, kw_only=True):
    """Support has discarded what a held run withheld (A14); void once another run has been held since."""

    run: int = 0
    """As Otus numbers it."""


# ---------------------------------------------------------------- the nights


class NightRan(Happening, frozen=True, kw_only=True):
    """A run of the sync is over. Of what happened while it lasted it may have seen some, all or nothing."""

    started: datetime
    """``at`` is when it ended."""
    outcome: Outcome
    """``failed`` also stands for a run that crashed or had to be stopped: how far it came nobody knows."""
    night: int = 0
    """Its number in the story; 0 for what was synced before the story began."""
    run: int = 0
    """As Otus numbers it; a run that could not report itself has no number."""


ByHand = (
    AccountMade
    | AccountEdited
    | IdAdjusted
    | ClassMade
    | ClassEdited
    | ClassDeleted
    | MemberAdded
    | MemberRemoved
    | WorkHandedIn
    | ManualRosteringSwitched
    | SyncPaused
    | SyncResumed
    | RemovalsApproved
    | RemovalsDiscarded
)
AtClever = (
    SchoolLost
    | SchoolFound
    | SchoolDeliveredAgain
    | StaffListed
    | TeacherIsUser
    | CleverPaused
    | CleverResumed
    | HoldReleased
    | HoldDiscarded
    | SchoolUnshared
    | SchoolShared
)
Fact = AtsChange | AtClever | ByHand | NightRan


class Told(msgspec.Struct, frozen=True):
    """A fact that is no night, with its place in what the oracle was told."""

    number: int
    fact: AtsChange | AtClever | ByHand


def rostered_class(section_id: str, stint: int = 1) -> str:
    """Name the class of a section.

    Args:
        section_id: ATS's id of it.
        stint: a section that was away from Clever for very long comes back as another one; counted from 1.
    """
    return section_id if stint == 1 else f"{section_id} ({stint})"


def by_hand_class(number: int) -> str:
    """Name a class that was made by hand, by the number that Otus gave it."""
    return f"by hand {number}"
