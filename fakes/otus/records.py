"""What Otus keeps and what goes over its wire.

Ids are positive integers. Moments are text as :func:`fakes.shared.moments.wire_time` writes them.
``clever`` and ``manual`` say where a record comes from: *rostered*, or *by hand*.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

import msgspec

from fakes.shared.texts import VISIBLE, many_visible

PAGE_LIMIT = 1000
PAGE_LIMIT_MAX = 10_000
BULK_ROWS_MAX = 10_000
LEASE_SECONDS = 900
"""How long a sync run keeps others out when it says nothing; every sign of life renews it."""

_packed = msgspec.msgpack.Encoder().encode

Role = Literal["admin", "teacher", "student"]
Part = Literal["teacher", "co_teacher", "student"]
Provenance = Literal["clever", "manual"]
RunStatus = Literal["running", "succeeded", "held", "failed"]
Approval = Literal["approved", "discarded"]
RowStatus = Literal["created", "updated", "unchanged", "refused"]

TEXT_LETTERS_MAX = 300
WORD_LETTERS_MAX = 320
EMAIL_LETTERS_MIN = 3
DBNS_MAX = 10_000
DIGEST_DIGITS = 16
NO_DIGEST = "0" * DIGEST_DIGITS
WITHOUT_NUL = r"^[^\x00]*$"
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LETTERS_MAX, pattern=VISIBLE)]
OptionalText = Annotated[str, msgspec.Meta(max_length=TEXT_LETTERS_MAX, pattern=VISIBLE)]
Email = Annotated[str, msgspec.Meta(min_length=EMAIL_LETTERS_MIN, max_length=WORD_LETTERS_MAX, pattern=VISIBLE)]
Word = Annotated[str, msgspec.Meta(max_length=WORD_LETTERS_MAX, pattern=VISIBLE)]
"""What a list is asked for, or what another system calls something."""
Prose = Annotated[str, msgspec.Meta(max_length=20_000, pattern=WITHOUT_NUL)]
Dbns = Annotated[tuple[Word, ...], msgspec.Meta(max_length=DBNS_MAX)]
BulkText = Annotated[str, many_visible(min_length=1, max_length=TEXT_LETTERS_MAX)]
"""This and the next four are as those above, for bodies that bring many of them."""
BulkOptionalText = Annotated[str, many_visible(max_length=TEXT_LETTERS_MAX)]
BulkEmail = Annotated[str, many_visible(min_length=EMAIL_LETTERS_MIN, max_length=WORD_LETTERS_MAX)]
BulkWord = Annotated[str, many_visible(max_length=WORD_LETTERS_MAX)]
BulkDbns = Annotated[tuple[BulkWord, ...], msgspec.Meta(max_length=DBNS_MAX)]
Needle = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=WORD_LETTERS_MAX,
        pattern=VISIBLE,
        description="How a name, an e-mail or a SIS id begins, without regard to case",
        examples=["mei"],
    ),
]
Id = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
After = Annotated[int, msgspec.Meta(description="Only records with a larger id")]
Ids = Annotated[
    str,
    msgspec.Meta(
        max_length=10_000,
        pattern=r"^[1-9][0-9]{0,17}(,[1-9][0-9]{0,17})*$",
        description="Only these, by id, with commas between them",
    ),
]
Limit = Annotated[int, msgspec.Meta(ge=1, le=PAGE_LIMIT_MAX)]


class Account(msgspec.Struct, frozen=True, gc=False):
    """Somebody who can sign in."""

    id: int
    role: Role
    email: str
    """Unique in Otus, without regard to case (A11)."""
    first_name: str
    last_name: str
    sis_id: str | None
    """OSIS or staff number."""
    clever_id: str | None
    """The Clever user it is linked to; unique."""
    provenance: Provenance
    active: bool
    schools: tuple[str, ...]
    """DBNs."""
    created: str
    updated: str


class Roster(msgspec.Struct, frozen=True, gc=False):
    """The rostered members of a class: one record, replaced whole (A15). All are account ids."""

    teacher: int | None = None
    co_teachers: tuple[int, ...] = ()
    students: tuple[int, ...] = ()


class ByHand(msgspec.Struct, frozen=True, gc=False):
    """A member added by hand."""

    account: int
    part: Part


class Class(msgspec.Struct, frozen=True, gc=False):
    """A class without its members."""

    id: int
    name: str
    school: str
    """DBN."""
    clever_id: str | None
    """The Clever section; unique. ``None`` for a class made by hand (F10)."""
    provenance: Provenance
    archived: bool
    archived_by: Literal["sync", "hand"] | None
    code: str
    """The class code with which students join (H6)."""
    version: int
    """Goes up whenever the class itself or its roster changes; for conditional writes."""
    created: str
    updated: str


class Member(msgspec.Struct, frozen=True, gc=False):
    """Who is in a class, and how they got there."""

    account: int
    part: Part
    provenance: Provenance


class ClassRoster(msgspec.Struct, frozen=True, gc=False):
    """All members of one class, in the two records that hold them."""

    class_id: int
    version: int
    roster: Roster
    by_hand: tuple[ByHand, ...]


class Work(msgspec.Struct, frozen=True, gc=False):
    """Something a student handed in; hidden while they are not in the class (H7)."""

    id: int
    class_id: int
    student: int
    title: str
    handed_in: str
    hidden: bool


class Settings(msgspec.Struct, frozen=True):
    """The district's switches."""

    manual_rostering: bool
    """F11: without it nobody makes a class by hand."""
    sync_paused: bool = False
    """H9: as long as it is, Otus takes no accounts and classes from the sync; everything else goes on."""


class RunCounts(msgspec.Struct, frozen=True):
    """What a sync run did, or, in ``withheld``, what it would have removed (A14)."""

    accounts_created: int = 0
    accounts_updated: int = 0
    accounts_deactivated: int = 0
    classes_created: int = 0
    classes_updated: int = 0
    classes_archived: int = 0
    memberships_added: int = 0
    memberships_removed: int = 0
    by_hand_removed: int = 0


class RunProblem(msgspec.Struct, frozen=True):
    """A person or class a run could not roster, and what somebody must do about it."""

    kind: Literal["id_conflict", "email_clash", "no_email", "refused", "other"]
    name: str
    """Of the person or class."""
    clever_id: str
    message: str
    account: int | None = None
    """The account that stands in the way."""


class SyncRun(msgspec.Struct, frozen=True):
    """A run of the sync, as it reported itself."""

    id: int
    status: RunStatus
    started: str
    ended: str | None
    lease_until: str
    """Until then no other run may start (two syncs never interleave)."""
    scope: tuple[str, ...]
    """DBNs; empty for the whole district."""
    reason: str
    counts: RunCounts
    withheld: RunCounts
    """Removals withheld by the removal guard (A14)."""
    problems: tuple[RunProblem, ...]
    removals: str
    """A digest of the withheld removals: an approval is for these and no others."""
    approval: Approval | None
    sync_paused: bool = False
    """Whether the sync was paused when the run began (H9): it could write nothing."""


# ---------------------------------------------------------------- what people send


class NewAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account to make by hand (F6: admins are always made so; H5)."""

    role: Role
    email: Email
    first_name: Text
    last_name: Text
    schools: Dbns = ()


class AccountEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody edits by hand; the rest stays (A7: the sync overwrites it on a rostered account)."""

    email: Email | msgspec.UnsetType = msgspec.UNSET
    first_name: Text | msgspec.UnsetType = msgspec.UNSET
    last_name: Text | msgspec.UnsetType = msgspec.UNSET


class IdAdjustment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Support's remedy for an ID conflict (F12, A10): which Clever user the account belongs to."""

    clever_id: Word | None
    """``None`` unlinks the account, so that the next sync may match it by SIS id or e-mail."""


class NewClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A class to make by hand (F10); needs manual rostering (F11)."""

    name: Text
    school: Text
    teacher: int | None = None
    """By default whoever asks."""


class ClassEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody edits of a class by hand; what is left out stays (H2, H10)."""

    name: Text | msgspec.UnsetType = msgspec.UNSET
    archived: bool | msgspec.UnsetType = msgspec.UNSET


class NewMember(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody to add to a class by hand: a known account, or a new one under an unknown e-mail (H5)."""

    part: Literal["co_teacher", "student"]
    account: int | None = None
    email: Email | None = None
    first_name: OptionalText = ""
    last_name: OptionalText = ""


class Joining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A student joins with a class code (H6)."""

    code: Text


class NewWork(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something a student hands in."""

    title: Text


class SettingsEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of the district's switches."""

    manual_rostering: bool | msgspec.UnsetType = msgspec.UNSET
    sync_paused: bool | msgspec.UnsetType = msgspec.UNSET


# ---------------------------------------------------------------- what the sync sends


class AccountWrite(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One account as the sync wants it. Fields left out stay as they are."""

    clever_id: BulkWord
    id: int | None = None
    """``None`` makes a new account (then role, email and names are needed)."""
    role: Role | msgspec.UnsetType = msgspec.UNSET
    email: BulkEmail | msgspec.UnsetType = msgspec.UNSET
    first_name: BulkOptionalText | msgspec.UnsetType = msgspec.UNSET
    last_name: BulkOptionalText | msgspec.UnsetType = msgspec.UNSET
    sis_id: BulkWord | msgspec.UnsetType | None = msgspec.UNSET
    schools: BulkDbns | msgspec.UnsetType = msgspec.UNSET
    active: bool | msgspec.UnsetType = msgspec.UNSET


class AccountWrites(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Accounts written together; e-mails must be unique after all of them only (a swap works, A11)."""

    rows: Annotated[list[AccountWrite], msgspec.Meta(max_length=BULK_ROWS_MAX)]


class ClassWrite(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One class as the sync wants it, written whole or not at all. Fields left out stay as they are."""

    clever_id: BulkWord
    id: int | None = None
    """``None`` makes a new class (then name and school are needed)."""
    name: BulkText | msgspec.UnsetType = msgspec.UNSET
    school: BulkText | msgspec.UnsetType = msgspec.UNSET
    archived: bool | msgspec.UnsetType = msgspec.UNSET
    roster: Roster | msgspec.UnsetType = msgspec.UNSET
    """Replaces the rostered members. A member by hand who is in it becomes rostered (F8, A8)."""
    remove_by_hand: tuple[int, ...] = ()
    """By-hand members to take out (F8); who is none is passed over."""
    if_version: int | None = None
    """Write only if the class is still at this version; otherwise the row is refused with ``version``."""


class ClassWrites(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Classes written in one transaction: a student who moves between two of them is never in neither."""

    rows: Annotated[list[ClassWrite], msgspec.Meta(max_length=BULK_ROWS_MAX)]


class RowResult(msgspec.Struct, frozen=True, gc=False):
    """What became of one row of a bulk write, in the order of the rows."""

    status: RowStatus
    id: int | None
    code: str = ""
    """Of a refused row: ``email_taken``, ``clever_id_taken``, ``version``, ``not_found``, ``rule``."""
    message: str = ""


class BulkResult(msgspec.Struct, frozen=True):
    """What became of each row."""

    results: list[RowResult]


class NewRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sync run begins and asks for the lease."""

    scope: Dbns = ()
    lease_seconds: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = LEASE_SECONDS
    takes_over: int | None = None
    """A run of the asker's own that died; its lease is void, and it becomes ``failed``."""


class RunEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a run reports; what is left out stays. Any report renews the lease; an end gives it back."""

    status: RunStatus | msgspec.UnsetType = msgspec.UNSET
    reason: Prose | msgspec.UnsetType = msgspec.UNSET
    counts: RunCounts | msgspec.UnsetType = msgspec.UNSET
    withheld: RunCounts | msgspec.UnsetType = msgspec.UNSET
    problems: tuple[RunProblem, ...] | msgspec.UnsetType = msgspec.UNSET
    removals: Prose | msgspec.UnsetType = msgspec.UNSET


# ---------------------------------------------------------------- queries and pages


class AccountQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which accounts."""

    after: After = 0
    limit: Limit = PAGE_LIMIT
    q: Needle | None = None
    role: Role | None = None
    email: Word | None = None
    clever_id: Word | None = None
    sis_id: Word | None = None
    school: Word | None = None
    provenance: Provenance | None = None
    active: bool | None = None
    ids: Ids | None = None


class DigestQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which page of digests."""

    after: After = 0
    limit: Limit = PAGE_LIMIT


class SectionQuery(DigestQuery, frozen=True, forbid_unknown_fields=True):
    """Which page of digests, and of which classes."""

    school: Word | None = None


class ClassQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which classes; also for rosters and digests."""

    after: After = 0
    limit: Limit = PAGE_LIMIT
    q: Needle | None = None
    school: Word | None = None
    clever_id: Word | None = None
    provenance: Provenance | None = None
    archived: bool | None = None
    ids: Ids | None = None


class AccountPage(msgspec.Struct, frozen=True):
    """Some accounts; ``next`` is the ``after`` of the next page."""

    items: list[Account]
    next: int | None


class ClassPage(msgspec.Struct, frozen=True):
    """Some classes; ``next`` is the ``after`` of the next page."""

    items: list[Class]
    next: int | None


class RosterPage(msgspec.Struct, frozen=True):
    """Members of some classes; ``next`` is the ``after`` of the next page."""

    items: list[ClassRoster]
    next: int | None


class MemberPage(msgspec.Struct, frozen=True):
    """Members of one class, by account id; ``next`` is the ``after`` of the next page."""

    items: list[Member]
    next: int | None = None


class WorkPage(msgspec.Struct, frozen=True):
    """What was handed in to one class, hidden work too; ``next`` is the ``after`` of the next page."""

    items: list[Work]
    next: int | None = None


class RunPage(msgspec.Struct, frozen=True):
    """The last runs, newest first; ``next`` is the ``before`` of the next page."""

    items: list[SyncRun]
    next: int | None = None


class DigestPage(msgspec.Struct, frozen=True):
    """Accounts or classes for a quick comparison; ``next`` is the ``after`` of the next page."""

    ids: list[int]
    digests: str
    """16 hex digits for each of them, one after the other: a million are told in few bytes.

    :func:`account_digest`, or :func:`section_digest`; zeros for what Clever alone does not tell of.
    """
    next: int | None


class ClassDigest(msgspec.Struct, frozen=True, gc=False):
    """One class for a quick comparison: what can be computed from Clever alone, and what cannot."""

    id: int
    clever_id: str
    school: str
    name: str
    archived: bool
    version: int
    digest: str
    """:func:`roster_digest` of its rostered members, by their Clever ids."""
    by_hand: int
    """How many members by hand it has."""


class ClassDigestPage(msgspec.Struct, frozen=True):
    """Digests of rostered classes; ``next`` is the ``after`` of the next page."""

    items: list[ClassDigest]
    next: int | None


class SchoolDigest(msgspec.Struct, frozen=True, gc=False):
    """All rostered classes of one school in one number."""

    school: str
    classes: int
    digest: str
    """:func:`school_digest` of its rostered classes."""


class SchoolDigestPage(msgspec.Struct, frozen=True):
    """A digest for schools that have rostered classes, by DBN; ``next`` is the ``after`` of the next page."""

    items: list[SchoolDigest]
    next: str | None = None


def digests_of(found: Sequence[tuple[int, str]], limit: int) -> DigestPage:
    """Put a page together.

    Args:
        found: ids and digests, one more than the page has if there is a next one.
        limit: of the page.
    """
    page = found[:limit]
    ids = [number for number, _ in page]
    return DigestPage(ids, "".join([digest for _, digest in page]), ids[-1] if len(found) > len(ids) else None)


def account_digest(account: Account) -> str:
    """Digest an account by what Clever can know of it.

    Returns:
        16 hex digits: the head of the SHA-256 of a MessagePack array of ``clever_id``, ``role``, ``email``,
        ``first_name``, ``last_name``, ``sis_id`` (what is not there is an empty text) and the array ``schools``. Zeros
        for an account that is not active.
    """
    if not account.active:
        return NO_DIGEST
    known = (
        account.clever_id or "",
        account.role,
        account.email,
        account.first_name,
        account.last_name,
        account.sis_id or "",
        account.schools,
    )
    return _head(_packed(known))


def section_digest(about: Class, roster: str) -> str:
    """Digest a rostered class by all that Clever decides of it.

    Args:
        about: the class.
        roster: :func:`roster_digest` of its members.

    Returns:
        16 hex digits: the head of the SHA-256 of a MessagePack array of ``clever_id``, ``school``, ``name`` and the
        digest of the roster. Empty for a class that is not rostered.
    """
    if about.clever_id is None:
        return ""
    return _head(_packed((about.clever_id, about.school, about.name, roster)))


def roster_digest(teacher: str | None, co_teachers: Iterable[str], students: Iterable[str]) -> str:
    """Digest a roster by the Clever ids of its members.

    Args:
        teacher: of the main teacher, if there is one.
        co_teachers: in any order.
        students: in any order.

    Returns:
        16 hex digits: the head of the SHA-256 of ``teacher|co,teachers|stu,dents``, each list sorted.
    """
    text = f"{teacher or ''}|{','.join(sorted(co_teachers))}|{','.join(sorted(students))}"
    return _head(text.encode())


def school_digest(classes: list[tuple[str, str, bool, str, int]]) -> str:
    """Digest a school's rostered classes.

    Args:
        classes: for each its Clever id, name, whether it is archived, roster digest, and how many by-hand
            members it has.

    Returns:
        16 hex digits: the head of the SHA-256 of one line a class, by Clever id,
        ``clever_id|name|0 or 1|digest|by_hand``.
    """
    lines = sorted(
        f"{key}|{name}|{int(archived)}|{digest}|{by_hand}" for key, name, archived, digest, by_hand in classes
    )
    return _head("\n".join(lines).encode())


def _head(of: bytes) -> str:
    return hashlib.sha256(of).hexdigest()[:DIGEST_DIGITS]
