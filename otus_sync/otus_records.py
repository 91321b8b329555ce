"""Otus's wire, as far as the sync reads and writes it."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

Role = Literal["admin", "teacher", "student"]
RunStatus = Literal["running", "succeeded", "held", "failed"]
Approval = Literal["approved", "discarded"]
ProblemKind = Literal["id_conflict", "email_clash", "no_email", "refused", "other"]

TEXT_LETTERS_MAX = 300
"""Otus refuses longer names; Clever's are not bounded."""
BULK_ROWS_MAX = 10_000
"""The most rows Otus takes in one request."""
EMAIL_LETTERS_MIN = 3
EMAIL_LETTERS_MAX = 320


class Account(msgspec.Struct, frozen=True, gc=False):
    """Somebody who can sign in."""

    id: int
    role: Role
    email: str
    first_name: str
    last_name: str
    sis_id: str | None
    clever_id: str | None
    provenance: Literal["clever", "manual"]
    active: bool
    schools: tuple[str, ...]
    """DBNs."""


class Digests(msgspec.Struct, frozen=True):
    """Accounts or rostered classes, short: enough to see which of them are as Clever has somebody, or a section."""

    ids: list[int]
    digests: str
    """Of each 16 hex digits, see :mod:`otus_sync.plan.digests`; zeros for what Clever alone does not tell of."""


class ClassDigest(msgspec.Struct, frozen=True, gc=False):
    """A rostered class, short: enough to see whether its members differ from Clever's."""

    id: int
    clever_id: str
    school: str
    name: str
    archived: bool
    version: int
    digest: str
    by_hand: int


class Roster(msgspec.Struct, frozen=True, gc=False):
    """The rostered members of a class, by account id."""

    teacher: int | None = None
    co_teachers: tuple[int, ...] = ()
    students: tuple[int, ...] = ()


class ByHand(msgspec.Struct, frozen=True, gc=False):
    """A member added by hand."""

    account: int
    part: Literal["teacher", "co_teacher", "student"]


class ClassRoster(msgspec.Struct, frozen=True, gc=False):
    """All members of a class."""

    class_id: int
    version: int
    roster: Roster
    by_hand: tuple[ByHand, ...]


class Counts(msgspec.Struct, frozen=True):
    """What a run did, or would have removed."""

    accounts_created: int = 0
    accounts_updated: int = 0
    accounts_deactivated: int = 0
    classes_created: int = 0
    classes_updated: int = 0
    classes_archived: int = 0
    memberships_added: int = 0
    memberships_removed: int = 0
    by_hand_removed: int = 0


class Problem(msgspec.Struct, frozen=True):
    """A person or class that could not be rostered, and what somebody must do about it."""

    kind: ProblemKind
    name: str
    clever_id: str
    message: str
    account: int | None = None
    """The account that stands in the way."""


class SyncRun(msgspec.Struct, frozen=True):
    """A run, as Otus remembers it."""

    id: int
    status: RunStatus
    started: str
    ended: str | None
    scope: tuple[str, ...]
    reason: str
    counts: Counts
    withheld: Counts
    problems: tuple[Problem, ...]
    removals: str
    approval: Approval | None
    sync_paused: bool = False
    """Whether Otus took nothing from its sync when the run began (H9)."""


class AccountWrite(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One account as it should be; what is left out stays. Without ``id`` it is made."""

    clever_id: str
    id: int | None = None
    role: Role | UnsetType = UNSET
    email: str | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    sis_id: str | UnsetType | None = UNSET
    schools: tuple[str, ...] | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class ClassWrite(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One class as it should be; what is left out stays. Without ``id`` it is made."""

    clever_id: str
    id: int | None = None
    name: str | UnsetType = UNSET
    school: str | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    roster: Roster | UnsetType = UNSET
    remove_by_hand: tuple[int, ...] = ()
    if_version: int | None = None


class RowResult(msgspec.Struct, frozen=True, gc=False):
    """What became of one row of a bulk write."""

    status: Literal["created", "updated", "unchanged", "refused"]
    id: int | None
    code: str = ""
    message: str = ""


class NewRun(msgspec.Struct, frozen=True, omit_defaults=True):
    """A run asks for the lease."""

    lease_seconds: int
    scope: tuple[str, ...] = ()
    takes_over: int | None = None


class RunEdit(msgspec.Struct, frozen=True):
    """What a run reports."""

    reason: str
    status: RunStatus | UnsetType = UNSET
    counts: Counts | UnsetType = UNSET
    withheld: Counts | UnsetType = UNSET
    problems: tuple[Problem, ...] | UnsetType = UNSET
    removals: str | UnsetType = UNSET
