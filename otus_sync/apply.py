"""Writing a plan to Otus: accounts, then classes, then whoever and whatever goes.

In this order nobody is ever missed: an account exists before a roster names it, a class has its new members
before an old class is archived, and people leave their classes before they are deactivated. A row that Otus
refuses becomes a problem; the rest goes on.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from otus_sync.errors import LedgerError, RequestError, SyncError
from otus_sync.lanes import Lanes
from otus_sync.otus import OtusClient
from otus_sync.otus_records import (
    BULK_ROWS_MAX,
    AccountWrite,
    ClassWrite,
    Counts,
    Problem,
    ProblemKind,
    Roster,
    RowResult,
)
from otus_sync.plan.model import AccountChange, ClassChange, Members, Plan, Ref
from otus_sync.plan.moves import requests, take_two_steps

LOOKUPS_MAX = 20
"""From so many records on, reading all is cheaper than asking for each."""

Replan = Callable[[Sequence[str], Mapping[str, int]], Mapping[str, ClassChange]]
"""Reads some classes again and tells what is still to be written of them.

It is given their Clever ids, and the ids of the accounts made so far, by Clever id.
"""

Noted = Callable[[Sequence[AccountChange | ClassChange]], None]
"""Takes down what a request has written; of a class only members who have an account by now."""

READ_AGAIN = frozenset({"version", "clever_id_taken", "not_found"})
"""Codes of refusals that say that the class is not as it was read."""


class Applied(msgspec.Struct, frozen=True):
    """What became of a plan."""

    counts: Counts
    problems: tuple[Problem, ...]
    """Of the rows that were refused."""


class StoppedError(SyncError):
    """Otus could not be reached any more in the middle of a plan, or the ledger not be written.

    Args:
        cause: why.
        applied: what had been written until then.
    """

    def __init__(self, cause: SyncError, applied: Applied) -> None:
        super().__init__(str(cause))
        self.applied = applied


def apply_plan(
    plan: Plan,
    otus: OtusClient,
    rows_max: int,
    replan: Replan,
    noted: Noted = lambda _: None,
    lanes: Lanes | None = None,
) -> Applied:
    """Write a plan.

    Args:
        plan: what is to be written.
        otus: where to.
        rows_max: the most a request holds.
        replan: called once for classes that somebody changed since they were read.
        noted: called after every request that has written something.
        lanes: how many requests of one kind may be under way at once.

    Raises:
        StoppedError: Otus cannot be reached any more, or what was written not be noted; the next run goes on from
            whatever was written.
    """
    writing = _Writing(otus, rows_max, replan, noted, lanes or Lanes())
    try:
        writing.write(plan)
    except (RequestError, LedgerError) as error:
        raise StoppedError(error, writing.applied()) from error
    return writing.applied()


class _Writing:
    def __init__(self, otus: OtusClient, rows_max: int, replan: Replan, noted: Noted, lanes: Lanes) -> None:
        self._otus = otus
        self._rows_max = rows_max
        self._replan = replan
        self._noted = noted
        self._lanes = lanes
        self._written: list[AccountChange | ClassChange] = []
        """By the request whose answer is being looked at."""
        self._made: dict[str, int] = {}
        """Ids of the accounts made tonight, by Clever id."""
        self._counts: Counter[str] = Counter()
        self._updated: set[str] = set()
        self._problems: list[Problem] = []

    def applied(self) -> Applied:
        counts = Counts(**self._counts, classes_updated=len(self._updated))
        return Applied(counts, tuple(self._problems))

    def write(self, plan: Plan) -> None:
        # Where rows of several requests have to be written in their order, only one is under way.
        ordered = Lanes()
        is_cut = any(len(chain) > BULK_ROWS_MAX for chain in plan.chains)
        rows = chain(plan.chains, ((change,) for change in plan.accounts))
        self._write_accounts(_packed(rows, self._rows_max), ordered if is_cut else self._lanes)
        in_steps = take_two_steps(plan.classes, self._rows_max)
        self._write_classes(requests(plan.classes, self._rows_max), ordered if in_steps else self._lanes)
        self._write_classes(requests(plan.archives, self._rows_max), self._lanes)
        leaving = [(change,) for change in plan.deactivations]
        self._write_accounts(_packed(leaving, self._rows_max), self._lanes)

    def _note(self) -> None:
        written, self._written = self._written, []
        if written:
            self._noted(written)

    # ------------------------------------------------------------ accounts

    def _write_accounts(self, batches: Iterable[Sequence[AccountChange]], lanes: Lanes) -> None:
        for changes, results in lanes.in_turn(partial(self._send_accounts, batch) for batch in batches):
            refused: list[tuple[AccountChange, RowResult]] = []
            for change, result in zip(changes, results, strict=True):
                if result.status == "refused":
                    refused.append((change, result))
                else:
                    self._count_account(change, result.id)
            self._settle_refused_accounts(refused)
            self._note()

    def _send_accounts(self, batch: Sequence[AccountChange]) -> tuple[Sequence[AccountChange], list[RowResult]]:
        return batch, self._otus.write_accounts([change.write for change in batch])

    def _count_account(self, change: AccountChange, account: int | None) -> None:
        # A row may be "unchanged" although it was planned: then its first answer was lost, and it was sent again.
        self._written.append(change)
        if change.write.id is None and account is not None:
            self._made[change.write.clever_id] = account
            self._counts["accounts_created"] += 1
        else:
            self._counts["accounts_deactivated" if change.write.active is False else "accounts_updated"] += 1

    def _settle_refused_accounts(self, refused: Sequence[tuple[AccountChange, RowResult]]) -> None:
        """Find refused creations that are there already: sent again, as the first answer was lost."""
        creations = [change.write.clever_id for change, _ in refused if change.write.id is None]
        there = self._accounts_of(creations)
        for change, result in refused:
            account = there.get(change.write.clever_id)
            if account is None:
                self._problems.append(_account_problem(change, result))
            else:
                self._count_account(change, account)

    def _accounts_of(self, clever_ids: Sequence[str]) -> dict[str, int]:
        wanted = set(clever_ids)
        if len(clever_ids) > LOOKUPS_MAX:
            found = [account for account in self._otus.accounts() if account.clever_id in wanted]
        else:
            found = [account for clever_id in clever_ids for account in self._otus.accounts(clever_id)]
        return {account.clever_id: account.id for account in found if account.clever_id is not None}

    # ------------------------------------------------------------ classes

    def _write_classes(self, batches: Iterable[Sequence[ClassChange]], lanes: Lanes) -> None:
        for sent in lanes.in_turn(partial(self._send_classes, batch) for batch in batches):
            stale: list[_Sent] = []
            for one in sent:
                if one.result.code in READ_AGAIN:
                    stale.append(one)
                else:
                    self._settle_class(one)
            if stale:
                self._write_anew(stale)
            self._note()

    def _write_anew(self, stale: Sequence["_Sent"]) -> None:
        anew = self._replan([one.change.clever_id for one in stale], self._made)
        for one in stale:
            # Of what is there already the answer was lost, and it was sent again.
            if one.change.clever_id not in anew:
                self._count_class(one)
        for request in requests(list(anew.values()), self._rows_max):
            for one in self._send_classes(request):
                self._settle_class(one)

    def _send_classes(self, batch: Sequence[ClassChange]) -> list["_Sent"]:
        writes = [self._class_write(change) for change in batch]
        results = self._otus.write_classes(writes)
        return [_Sent(*row) for row in zip(batch, writes, results, strict=True)]

    def _class_write(self, change: ClassChange) -> ClassWrite:
        return ClassWrite(
            clever_id=change.clever_id,
            id=change.id,
            name=change.name,
            school=change.school,
            archived=change.archived,
            roster=UNSET if change.after is UNSET else self._roster(change.after),
            remove_by_hand=change.remove_by_hand,
            if_version=change.version,
        )

    def _roster(self, members: Members) -> Roster:
        """Put account ids for Clever ids; whose account was refused is left out, a problem by name."""
        return Roster(
            teacher=None if members.teacher is None else self._account(members.teacher),
            co_teachers=self._accounts(members.co_teachers),
            students=self._accounts(members.students),
        )

    def _accounts(self, refs: Sequence[Ref]) -> tuple[int, ...]:
        try:
            # As in a first night: nobody had an account before, and everybody has one now.
            return tuple([self._made[ref] for ref in refs])  # type: ignore[index]  # of a number it has none
        except KeyError:
            pass
        return tuple(account for ref in refs if (account := self._account(ref)) is not None)

    def _account(self, ref: Ref) -> int | None:
        return ref if isinstance(ref, int) else self._made.get(ref)

    def _settle_class(self, sent: "_Sent") -> None:
        change, result = sent.change, sent.result
        if result.status == "refused":
            message = f"Otus refused this class: {result.message} ({result.code}); the next sync tries again."
            self._problems.append(Problem("refused", change.title, change.clever_id, message))
        else:
            self._count_class(sent)

    def _count_class(self, sent: "_Sent") -> None:
        change = sent.change
        written = change if _is_whole(change, sent.write) else self._with_accounts(change)
        self._written.append(written)
        if change.id is None:
            self._counts["classes_created"] += 1
        elif change.archived is True:
            self._counts["classes_archived"] += 1
        else:
            self._updated.add(change.clever_id)
        self._counts["memberships_added"] += written.added_count()
        self._counts["memberships_removed"] += len(change.removed())
        self._counts["by_hand_removed"] += len(change.remove_by_hand)

    def _with_accounts(self, change: ClassChange) -> ClassChange:
        """Leave out of a change the members whose account was refused."""
        after = change.after
        if after is UNSET:
            return change

        def there(refs: Iterable[Ref]) -> tuple[Ref, ...]:
            return tuple(ref for ref in refs if self._account(ref) is not None)

        teacher = None if after.teacher is None or self._account(after.teacher) is None else after.teacher
        written = Members(teacher, there(after.co_teachers), there(after.students))
        return msgspec.structs.replace(change, after=written)


class _Sent(NamedTuple):
    """A class change with what was sent of it, and what became of that."""

    change: ClassChange
    write: ClassWrite
    result: RowResult


def _is_whole(change: ClassChange, write: ClassWrite) -> bool:
    """Tell whether nobody was left out of a roster because their account was refused."""
    if change.after is UNSET or write.roster is UNSET:
        return True
    planned, sent = change.after, write.roster
    return (planned.teacher is None, len(planned.co_teachers), len(planned.students)) == (
        sent.teacher is None,
        len(sent.co_teachers),
        len(sent.students),
    )


def _packed(chains: Iterable[Sequence[AccountChange]], rows_max: int) -> Iterator[list[AccountChange]]:
    """Fill requests; a chain is never cut below the size that Otus itself takes."""
    batch: list[AccountChange] = []
    for together in chains:
        if len(batch) + len(together) > rows_max and batch:
            yield batch
            batch = []
        batch += together
        while len(batch) > BULK_ROWS_MAX:
            yield batch[:BULK_ROWS_MAX]
            batch = batch[BULK_ROWS_MAX:]
    if batch:
        yield batch


def _account_problem(change: AccountChange, result: RowResult) -> Problem:
    kind: ProblemKind = "email_clash" if result.code == "email_taken" else "refused"
    message = f"Otus refused to write this account: {result.message} ({result.code}); the next sync tries again."
    write: AccountWrite = change.write
    return Problem(kind, change.name, write.clever_id, message, write.id)
