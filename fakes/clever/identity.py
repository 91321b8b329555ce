"""Whose id is whose (facts on Clever's wire, "Identity").

An id belongs to kind, role and ``sis_id``. It comes back to a row that was away for less than 300 days.
Teachers, staff and district admins of one e-mail are one user; students and contacts never merge.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from fakes.clever.feed import TermRow, UserRow
from fakes.clever.ids import ObjectIds
from fakes.clever.store import Entry, Identity, Store
from fakes.shared.moments import wire_time

ADULTS = ("teacher", "staff", "district_admin")
"""The roles that merge; the first of them names the user that two others become."""


class Settled(NamedTuple):
    """What became of the entries that a delivery touched."""

    moved: tuple[Entry, ...]
    """Entries that are written in another record than before, as they are now."""
    left: tuple[str, ...]
    """Ids that these entries had before; a record may still stand under one, by another entry."""


class Claim(NamedTuple):
    """A person's claim to an id; the smallest claim wins."""

    gone: bool
    other_role: bool
    rank: int
    recency: int
    clever_id: str
    person: int


def merging_email(entry: Entry) -> str | None:
    """Give the e-mail by which a row merges with others, without case; ``None`` if it never does."""
    if entry.space in ADULTS and isinstance(entry.row, UserRow) and entry.row.email:
        return entry.row.email.casefold()
    return None


class Identification:
    """Gives ids to the entries of one delivery.

    Args:
        store: where rows are written already, and ids are not.
        ids: makes new ones.
        now: by the simulated clock.
        memory_days: after so many days of absence an id does not come back.
        terms_reissued: a term's id hangs on its name and its dates, not on its ``sis_id`` alone.
    """

    def __init__(
        self, store: Store, ids: ObjectIds, now: datetime, memory_days: float, *, terms_reissued: bool = True
    ) -> None:
        self._terms_reissued = terms_reissued
        self._store = store
        self._ids = ids
        self._now = now
        self._left_after = wire_time(now - timedelta(days=memory_days))

    def settle(self, touched: Sequence[Entry]) -> Settled:
        """Decide under which ids the touched entries, and whoever merges with them, are written now."""
        decided: list[tuple[Entry, str | None]] = []
        adults: list[Entry] = []
        for entry in touched:
            if entry.space in ADULTS:
                adults.append(entry)
            else:
                decided.append((entry, self._id_of_one(entry)))
        decided += self._ids_of_adults(adults)
        return self._write(decided)

    def _id_of_one(self, entry: Entry) -> str | None:
        if entry.row is None:
            return None
        known = self._store.identities(entry.number, self._form_of(entry), self._left_after)
        return known[0].clever_id if known else self._ids.mint(self._now)

    def _ids_of_adults(self, touched: Sequence[Entry]) -> Iterator[tuple[Entry, str | None]]:
        if not touched:
            return
        affected = self._whoever_merges(touched)
        persons = list(_persons([entry for entry in affected if entry.row is not None]))
        ids = self._ids_of_persons(persons, {entry.number for entry in affected})
        yield from ((entry, None) for entry in affected if entry.row is None)
        for person, clever_id in zip(persons, ids, strict=True):
            yield from ((entry, clever_id) for entry in person)

    def _whoever_merges(self, touched: Sequence[Entry]) -> list[Entry]:
        """Find all adults who share a user with a touched one, or an e-mail, and so on from these."""
        affected: dict[int, Entry] = {}
        waiting = list(touched)[::-1]
        while waiting:
            entry = waiting.pop()
            if entry.number in affected:
                continue
            affected[entry.number] = entry
            if entry.clever_id is not None:
                waiting += self._store.entries_of(entry.clever_id)
            email = merging_email(entry)
            if email is not None:
                waiting += self._store.entries_with_email(email)
        return list(affected.values())

    def _ids_of_persons(self, persons: Sequence[Sequence[Entry]], affected: set[int]) -> list[str]:
        chosen: dict[int, str] = {}
        taken: set[str] = set()
        for claim in sorted(self._claims(persons, affected)):
            if claim.person not in chosen and claim.clever_id not in taken:
                chosen[claim.person] = claim.clever_id
                taken.add(claim.clever_id)
        return [chosen.get(number) or self._ids.mint(self._now) for number in range(len(persons))]

    def _claims(self, persons: Sequence[Sequence[Entry]], affected: set[int]) -> Iterator[Claim]:
        for number, person in enumerate(persons):
            for entry in person:
                known = self._store.identities_in(ADULTS, entry.sis_id, self._left_after)
                for recency, identity in enumerate(known):
                    if not self._held_by_another(identity, affected):
                        yield Claim(
                            gone=identity.left_at is not None,
                            other_role=identity.space != entry.space,
                            rank=ADULTS.index(entry.space),
                            recency=recency,
                            clever_id=identity.clever_id,
                            person=number,
                        )

    def _held_by_another(self, identity: Identity, affected: set[int]) -> bool:
        return any(entry.number not in affected for entry in self._store.entries_of(identity.clever_id))

    def _write(self, decided: Iterable[tuple[Entry, str | None]]) -> Settled:
        moved = [(entry, clever_id) for entry, clever_id in decided if entry.clever_id != clever_id]
        left = [(entry.number, entry.clever_id) for entry, _ in moved if entry.clever_id is not None]
        taken = [(entry.number, self._form_of(entry), clever_id) for entry, clever_id in moved if clever_id is not None]
        self._store.leave_identities(left, wire_time(self._now))
        self._store.take_identities(taken)
        self._store.write_holdings((entry.number, clever_id) for entry, clever_id in moved)
        return Settled(
            moved=tuple(entry._replace(clever_id=clever_id) for entry, clever_id in moved),
            left=tuple(dict.fromkeys(clever_id for _, clever_id in left)),
        )

    def _form_of(self, entry: Entry) -> str:
        """Tell what else than the ``sis_id`` an id hangs on: a term's may, on its name and its dates."""
        if isinstance(entry.row, TermRow) and self._terms_reissued:
            return f"{entry.row.name}\n{entry.row.start_date}\n{entry.row.end_date}"
        return ""


def _persons(adults: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Put the rows of one e-mail together, at most one of every role; without an e-mail each stands alone."""
    by_email: dict[str, list[list[Entry]]] = {}
    for entry in sorted(adults, key=lambda entry: (ADULTS.index(entry.space), entry.number)):
        email = merging_email(entry) or f"nobody else's {entry.number}"
        persons = by_email.setdefault(email, [])
        free = (person for person in persons if all(other.space != entry.space for other in person))
        person = next(free, None)
        if person is None:
            persons.append([entry])
        else:
            person.append(entry)
    for persons in by_email.values():
        yield from persons
