"""The audit log: who did what, when, and about whom; bounded, and it says when it drops."""

from fakes.otus.listings import AuditPage, AuditQuery
from fakes.otus.rights import Actor
from fakes.otus.store import AuditBlock, Entry, Store
from fakes.shared.moments import Clock, wire_time

LINES_MAX = 100_000
"""Lines kept; the oldest go first. A district's ordinary nights of a year, some 20 MB."""

__all__ = ["LINES_MAX", "Audit", "Entry"]


class Audit:
    """The audit log of a district. A line is written in the transaction of what it tells of, or not at all.

    Args:
        store: where it is kept.
        clock: of the district.
        lines_max: how many lines are kept.
    """

    def __init__(self, store: Store, clock: Clock, lines_max: int = LINES_MAX) -> None:
        self._store = store
        self._clock = clock
        self._lines_max = lines_max

    def note(self, actor: Actor, *entries: Entry) -> None:
        """Write down what somebody has done, a line for each thing."""
        if not entries:
            return
        numbers = self._store.new_ids("audit", len(entries))
        by_account = actor.account.id if actor.account else None
        block = AuditBlock(numbers[0], wire_time(self._clock()), actor.name, by_account, entries)
        self._store.add_audit_block(block, keep_after=numbers[-1] - self._lines_max)

    def page(self, query: AuditQuery) -> AuditPage:
        """Give a page of the log, the oldest line first."""
        with self._store.reading():
            found = self._store.audit_page(query)
            dropped = self._store.audit_lines_dropped()
        items = found[: query.limit]
        return AuditPage(items, items[-1].number if len(found) > len(items) else None, dropped, self._lines_max)
