"""The sync writes accounts, many at a time: each row stands or is refused alone."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from fakes.otus.audit import Entry
from fakes.otus.emails import EmailChange, refused_changes
from fakes.otus.membership import refresh_digests
from fakes.otus.records import Account, AccountWrite, BulkResult, RowResult, RowStatus
from fakes.otus.store import Store, email_key

ROW_KEYS = ("clever_id", "id")
NEEDED = ("role", "email", "first_name", "last_name")
"""What a new account cannot do without."""


class _Draft(NamedTuple):
    """What a row that is not refused yet would make of its account."""

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
        judged = _judge(store, rows, moment)
        _refuse_taken_emails(store, judged)
        judged = _number_new_accounts(store, judged)
        drafts = [draft for draft in judged if isinstance(draft, _Draft) and draft.before is not draft.after]
        store.save_accounts([(draft.before, draft.after) for draft in drafts])
        refresh_digests(store, {d.after.id for d in drafts if d.before and d.before.clever_id != d.after.clever_id})
    result = BulkResult([entry if isinstance(entry, RowResult) else _result(entry) for entry in judged])
    return Written(result, [_entry(draft) for draft in drafts])


def changed_fields(before: Account, after: Account) -> list[str]:
    """Name what is not as it was, but for the moment of the change."""
    names = [name for name in Account.__struct_fields__ if name != "updated"]
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def _entry(draft: _Draft) -> Entry:
    if draft.before is None:
        return Entry(f"creates a {draft.after.role} account", (draft.after.id,))
    return Entry(f"updates an account: {', '.join(changed_fields(draft.before, draft.after))}", (draft.after.id,))


def _judge(store: Store, rows: Sequence[AccountWrite], moment: str) -> list[_Draft | RowResult]:
    known = store.accounts(row.id for row in rows if row.id is not None)
    linked: dict[str, int | None] = {**store.holders_of_clever_ids(row.clever_id for row in rows)}
    written: set[int] = set()
    judged: list[_Draft | RowResult] = []
    for row in rows:
        refusal = _refusal(row, known, linked, written)
        if refusal is not None:
            judged.append(refusal)
            continue
        linked[row.clever_id] = row.id
        before = None if row.id is None else known[row.id]
        if before is not None:
            written.add(before.id)
        judged.append(_Draft(before, _merged(before, row, moment)))
    return judged


def _refusal(
    row: AccountWrite, known: Mapping[int, Account], linked: Mapping[str, int | None], written: set[int]
) -> RowResult | None:
    if row.id is not None and row.id not in known:
        return RowResult("refused", row.id, "not_found", f"there is no account {row.id}")
    if row.role == "admin" or (row.id is not None and known[row.id].role == "admin"):  # F6
        return RowResult(
            "refused", row.id, "rule", "admin accounts are made and changed by hand only, never by the integration"
        )
    if not row.clever_id:
        return RowResult("refused", row.id, "rule", "clever_id is empty; an account the sync writes has one")
    if row.id in written:
        return RowResult("refused", row.id, "rule", f"account {row.id} is in an earlier row of this batch")
    if row.clever_id in linked and (row.id is None or linked[row.clever_id] != row.id):
        holder = linked[row.clever_id]
        whose = "a new account of this batch" if holder is None else f"account {holder}"
        return RowResult("refused", row.id, "clever_id_taken", f"Clever user {row.clever_id} is linked to {whose}")
    missing = [name for name in NEEDED if row.id is None and getattr(row, name) is msgspec.UNSET]
    if missing:
        return RowResult("refused", None, "rule", f"a new account needs {', '.join(missing)}")
    return None


def _merged(before: Account | None, row: AccountWrite, moment: str) -> Account:
    if before is None:
        return _new_account(row, moment)
    given = {name: value for name, value in msgspec.structs.asdict(row).items() if value is not msgspec.UNSET}
    given.pop("id")
    after = msgspec.structs.replace(before, provenance="clever", **given)
    return before if after == before else msgspec.structs.replace(after, updated=moment)


def _new_account(row: AccountWrite, moment: str) -> Account:
    """Make an account, field by field: a first night makes a million, and a dictionary of each takes its time."""
    if not (row.role and row.email) or row.first_name is msgspec.UNSET or row.last_name is msgspec.UNSET:
        raise AssertionError(f"the row of Clever user {row.clever_id} lacks what was looked for before")
    return Account(
        id=0,
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


def _refuse_taken_emails(store: Store, judged: list[_Draft | RowResult]) -> None:
    changes = [
        change
        for row, draft in enumerate(judged)
        if isinstance(draft, _Draft) and (change := _email_change(row, draft)) is not None
    ]
    holders = store.holders_of_emails(change.new for change in changes)
    refused = refused_changes(changes, holders.keys())
    giving_back = {_id_before(judged[change.row]) for change in changes if change.row not in refused}
    for change in changes:
        if change.row in refused:
            holder = holders.get(change.new)
            stays = holder is not None and holder not in giving_back
            whose = f"account {holder}" if stays else "the account of an earlier row"
            message = f"the e-mail {change.new} belongs to {whose}; each account has its own"
            judged[change.row] = RowResult("refused", _id_before(judged[change.row]), "email_taken", message)


def _id_before(entry: _Draft | RowResult) -> int | None:
    return entry.before.id if isinstance(entry, _Draft) and entry.before else None


def _email_change(row: int, draft: _Draft) -> EmailChange | None:
    old = email_key(draft.before.email) if draft.before else None
    new = email_key(draft.after.email)
    return None if old == new else EmailChange(row, old, new)


def _number_new_accounts(store: Store, judged: Sequence[_Draft | RowResult]) -> list[_Draft | RowResult]:
    new = [entry for entry in judged if isinstance(entry, _Draft) and entry.before is None]
    ids = iter(store.new_ids("account", len(new)))
    return [
        entry._replace(after=msgspec.structs.replace(entry.after, id=next(ids)))
        if isinstance(entry, _Draft) and entry.before is None
        else entry
        for entry in judged
    ]


def _result(draft: _Draft) -> RowResult:
    status: RowStatus = "updated"
    if draft.before is None:
        status = "created"
    elif draft.before is draft.after:
        status = "unchanged"
    return RowResult(status, draft.after.id)
