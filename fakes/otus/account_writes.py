"""The sync writes accounts, many at a time: each row stands or is refused alone."""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

import msgspec

from fakes.otus.audit import Entry
from fakes.otus.emails import EmailChange, refused_changes
from fakes.otus.membership import refresh_digests
from fakes.otus.records import Account, AccountWrite, BulkResult, RowResult, RowStatus
from fakes.otus.store import Store, email_key

SYNCED_ROLES = frozenset({"teacher", "student"})
"""Of accounts that the sync may make and change (F6)."""
NEEDED = ("role", "email", "first_name", "last_name")
"""What a new account cannot do without."""
_needed = attrgetter(*NEEDED)


class _Found(NamedTuple):
    """What the store knows of all that a batch speaks of, and what the rows so far have taken."""

    accounts: Mapping[int, Account]
    linked: dict[str, int | None]
    """Which account has which Clever user; ``None`` is a new account of this batch."""
    written: set[int]


class _Draft(msgspec.Struct, frozen=True, gc=False):
    """What a row that is not refused makes of its account."""

    before: Account | None
    after: Account


class Written(NamedTuple):
    """What became of a batch."""

    result: BulkResult
    entries: list[Entry]
    """For the audit log, one for each row that changed something."""


def write_accounts(store: Store, rows: Sequence[AccountWrite], moment: str) -> Written:
    """Write a batch of accounts in one transaction.

    Args:
        store: where to.
        rows: what the sync wants.
        moment: the present, as on the wire.

    Returns:
        What became of each row. A row may be refused with ``not_found``, ``clever_id_taken``, ``email_taken``
        (A11; nothing else of it is written either) or ``rule``, as is every row about an admin account (F6).
    """
    with store.transaction():
        outcomes = _outcomes(store, rows, moment)
        drafts = [one for one in outcomes if isinstance(one, _Draft) and one.before is not one.after]
        changed = [(draft.before, draft.after) for draft in drafts if draft.before is not None]
        store.save_accounts([draft.after for draft in drafts if draft.before is None], changed)
        refresh_digests(store, {after.id for before, after in changed if before.clever_id != after.clever_id})
    result = BulkResult([_result(one) if isinstance(one, _Draft) else one for one in outcomes])
    return Written(result, [_entry(draft) for draft in drafts])


def changed_fields(before: Account, after: Account) -> list[str]:
    """Name what is not as it was, but for the moment of the change."""
    names = [name for name in Account.__struct_fields__ if name != "updated"]
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def _entry(draft: _Draft) -> Entry:
    if draft.before is None:
        return Entry(f"creates a {draft.after.role} account", (draft.after.id,))
    return Entry(f"updates an account: {', '.join(changed_fields(draft.before, draft.after))}", (draft.after.id,))


def _find(store: Store, rows: Sequence[AccountWrite]) -> _Found:
    return _Found(
        accounts=store.accounts([row.id for row in rows if row.id is not None]),
        linked={**store.holders_of_clever_ids([row.clever_id for row in rows])},
        written=set(),
    )


def _all_are_made(store: Store, found: _Found, rows: Sequence[AccountWrite]) -> bool:
    """Tell at a glance of a batch, as a first night sends them, that each row makes an account: none is refused.

    Whatever it does not know about, it leaves to those who look at each row.
    """
    if found.linked or {row.id for row in rows} != {None} or not {row.role for row in rows} <= SYNCED_ROLES:
        return False
    if msgspec.UNSET in {row.first_name for row in rows} or msgspec.UNSET in {row.last_name for row in rows}:
        return False
    emails = {email_key(row.email) for row in rows if row.email}
    clever_ids = {row.clever_id for row in rows if row.clever_id}
    return len(emails) == len(clever_ids) == len(rows) and not store.holders_of_emails(emails)


def _refusal(found: _Found, row: AccountWrite) -> RowResult | None:
    """Refuse a row for anything but its e-mail, which hangs on all rows."""
    code, message = _objection(found, row)
    if code:
        return RowResult("refused", row.id, code, message)
    found.linked[row.clever_id] = row.id
    if row.id is not None:
        found.written.add(row.id)
    return None


def _objection(found: _Found, row: AccountWrite) -> tuple[str, str]:
    if row.id is not None and row.id not in found.accounts:
        return "not_found", f"there is no account {row.id}"
    if row.role == "admin" or (row.id is not None and found.accounts[row.id].role == "admin"):  # F6
        return "rule", "admin accounts are made and changed by hand only, never by the integration"
    if not row.clever_id:
        return "rule", "clever_id is empty; an account the sync writes has one"
    if row.id in found.written:
        return "rule", f"account {row.id} is in an earlier row of this batch"
    if row.clever_id in found.linked and (row.id is None or found.linked[row.clever_id] != row.id):
        holder = found.linked[row.clever_id]
        whose = "a new account of this batch" if holder is None else f"account {holder}"
        return "clever_id_taken", f"Clever user {row.clever_id} is linked to {whose}"
    if row.id is None and msgspec.UNSET in _needed(row):
        missing = [name for name in NEEDED if getattr(row, name) is msgspec.UNSET]
        return "rule", f"a new account needs {', '.join(missing)}"
    return "", ""


def _refuse_taken_emails(
    store: Store, found: _Found, rows: Sequence[AccountWrite], refusals: list[RowResult | None]
) -> None:
    changes = [
        change
        for place, (row, refusal) in enumerate(zip(rows, refusals, strict=True))
        if refusal is None and (change := _email_change(found, place, row)) is not None
    ]
    holders = store.holders_of_emails([change.new for change in changes])
    if not holders and len({change.new for change in changes}) == len(changes):
        return
    refused = refused_changes(changes, holders.keys())
    giving_back = {rows[change.row].id for change in changes if change.row not in refused}
    for change in changes:
        if change.row in refused:
            holder = holders.get(change.new)
            stays = holder is not None and holder not in giving_back
            whose = f"account {holder}" if stays else "the account of an earlier row"
            message = f"the e-mail {change.new} belongs to {whose}; each account has its own"
            refusals[change.row] = RowResult("refused", rows[change.row].id, "email_taken", message)


def _email_change(found: _Found, place: int, row: AccountWrite) -> EmailChange | None:
    if not row.email:
        return None
    new = email_key(row.email)
    old = None if row.id is None else email_key(found.accounts[row.id].email)
    return None if old == new else EmailChange(place, old, new)


def _outcomes(store: Store, rows: Sequence[AccountWrite], moment: str) -> list[_Draft | RowResult]:
    found = _find(store, rows)
    refusals: list[RowResult | None] = [None] * len(rows)
    if not _all_are_made(store, found, rows):
        refusals = [_refusal(found, row) for row in rows]
        _refuse_taken_emails(store, found, rows, refusals)
    together = list(zip(rows, refusals, strict=True))
    ids = iter(store.new_ids("account", sum(row.id is None and refusal is None for row, refusal in together)))
    return [refusal or _draft(found, row, ids, moment) for row, refusal in together]


def _draft(found: _Found, row: AccountWrite, ids: Iterator[int], moment: str) -> _Draft:
    if row.id is None:
        return _Draft(None, _new_account(row, next(ids), moment))
    before = found.accounts[row.id]
    given = {name: value for name, value in msgspec.structs.asdict(row).items() if value is not msgspec.UNSET}
    after = msgspec.structs.replace(before, provenance="clever", **given)
    return _Draft(before, before if after == before else msgspec.structs.replace(after, updated=moment))


def _new_account(row: AccountWrite, account_id: int, moment: str) -> Account:
    """Make an account, field by field: a first night makes a million, and a dictionary of each takes its time."""
    if not (row.role and row.email) or row.first_name is msgspec.UNSET or row.last_name is msgspec.UNSET:
        raise AssertionError(f"the row of Clever user {row.clever_id} lacks what was looked for before")
    return Account(
        id=account_id,
        role=row.role,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        sis_id=None if row.sis_id is msgspec.UNSET else row.sis_id,
        clever_id=row.clever_id,
        provenance="clever",
        active=True if row.active is msgspec.UNSET else row.active,
        schools=row.schools or (),
        created=moment,
        updated=moment,
    )


def _result(draft: _Draft) -> RowResult:
    status: RowStatus = "updated"
    if draft.before is None:
        status = "created"
    elif draft.before is draft.after:
        status = "unchanged"
    return RowResult(status, draft.after.id)
