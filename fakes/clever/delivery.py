"""Takes rows in: keeps them, settles the ids, and writes anew every record that they touch (F4)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from fakes.clever.applications import Connection, rule_of
from fakes.clever.feed import CourseRow, Removal, ResourceRow, Row, SchoolRow, SectionRow, TermRow, UserRow
from fakes.clever.fragments import fragment
from fakes.clever.identity import Identification, Settled, merging_email
from fakes.clever.records import Kind
from fakes.clever.rendering import Renderer
from fakes.clever.store import Delivered, Entry, Store, StoredRecord
from fakes.clever.versions import Stamps
from fakes.clever.witness import Witness
from fakes.shared.moments import wire_time

SPACES = ("school", "term", "course", "student", "teacher", "staff", "district_admin", "contact", "section", "resource")
"""In the order in which ids are made within one delivery."""

KIND_OF: dict[str, Kind] = {
    "school": "school",
    "term": "term",
    "course": "course",
    "section": "section",
    "resource": "resource",
    "student": "user",
    "teacher": "user",
    "staff": "user",
    "district_admin": "user",
    "contact": "user",
}

_encode = msgspec.json.Encoder().encode


class Naming(NamedTuple):
    """What a row names: a space, the ``sis_id`` in it, and at which place."""

    space: str
    sis_id: str
    rank: int


class Delivery:
    """One delivery of rows; use it inside a transaction.

    Args:
        store: what Clever holds.
        identification: gives the ids.
        renderer: writes the records.
        witness: writes down what applications see of it.
        connections: the applications, which may read what they are shared.
        district: Clever's id of it.
        now: by the simulated clock.
        names_follow: a section's name is made of its course's and its teacher's, and changes with them.
    """

    def __init__(
        self,
        store: Store,
        identification: Identification,
        renderer: Renderer,
        witness: Witness,
        connections: Sequence[Connection],
        district: str,
        now: datetime,
        *,
        names_follow: bool,
    ) -> None:
        self._store = store
        self._identification = identification
        self._renderer = renderer
        self._witness = witness
        self._connections = [connection for connection in connections if connection.connected]
        self._district = district
        self._now = wire_time(now)
        self._names_follow = names_follow

    def apply(self, rows: Iterable[Row]) -> None:
        """Take rows in; of several rows of one key the last counts."""
        touched = self._changed(rows)
        self._keep(touched)
        settled = self._identification.settle(touched)
        present = self._store.entries(entry.number for entry in touched)
        self._write(self._stale(present, settled))

    def _changed(self, rows: Iterable[Row]) -> list[Entry]:
        """Find the entries whose row is another one than before."""
        entries = ((self._store.entry(*key), row) for key, row in latest_rows(self._store, rows).items())
        changed = [entry._replace(row=row) for entry, row in entries if entry.row != row]
        return sorted(changed, key=lambda entry: SPACES.index(entry.space))

    def _keep(self, touched: Sequence[Entry]) -> None:
        self._store.write_rows(touched, [merging_email(entry) for entry in touched])
        self._store.write_mentions(
            [entry.number for entry in touched],
            [
                (entry.number, self._store.number(naming.space, naming.sis_id), naming.rank)
                for entry in touched
                for naming in namings(entry.row)
            ],
        )

    def _stale(self, touched: Sequence[Entry], settled: Settled) -> list[str]:
        """List the ids of records to write anew: of the rows themselves, and of whoever names them."""
        moved = {entry.number for entry in settled.moved}
        ids = [entry.clever_id for entry in (*touched, *settled.moved) if entry.clever_id is not None]
        ids += settled.left
        for entry in settled.moved:
            ids += self._store.records_naming(entry.number)
        for entry in touched:
            if entry.number not in moved:
                for follower in self._followers(entry):
                    ids += self._store.records_naming(entry.number, follower)
        return list(dict.fromkeys(ids))

    def _followers(self, entry: Entry) -> Sequence[str]:
        """Tell whose records change with the contents of an entry, though its id stays."""
        match entry.space:
            case "course":
                return ("section",)  # its subject
            case "teacher":
                return ("section", "resource") if self._names_follow else ("resource",)
            case "student":
                return ("contact", "resource")  # shared as far as the student is
            case "section":
                return ("resource",)  # likewise
            case _:
                return ()

    def _write(self, ids: Sequence[str]) -> None:
        with self._witness.watching(ids):
            written: list[StoredRecord] = []
            gone: list[str] = []
            kept: list[str] = []
            for clever_id in ids:
                entries = self._store.entries_of(clever_id)
                if not entries:
                    gone.append(clever_id)
                    continue
                kept.append(clever_id)
                written += self._rendered(clever_id, entries)
            self._store.drop_records(gone)
            self._store.write_records(written, sum(connection.bit for connection in self._connections))
            for connection in self._connections:
                if not connection.sharing.whole:
                    self._store.share(rule_of(connection), kept)

    def _rendered(self, clever_id: str, entries: list[Entry]) -> Iterator[StoredRecord]:
        """Write a record, if it is another one than before: only then does ``last_modified`` move."""
        before = self._store.record(clever_id)
        if before is not None:
            stamps = Stamps(clever_id, self._district, before.created, before.modified)
            same = self._record(entries, stamps)
            if same.v31 == before.v31:
                return
        created = self._now if before is None or self._renderer.created_moves(entries) else before.created
        yield self._record(entries, Stamps(clever_id, self._district, created, self._now))

    def _record(self, entries: list[Entry], stamps: Stamps) -> StoredRecord:
        kind = KIND_OF[entries[0].space]
        rendered = self._renderer.render(entries, stamps)
        body = _encode(rendered.v30)
        body_v31 = body if rendered.v31 is rendered.v30 else _encode(rendered.v31)
        return StoredRecord(
            id=stamps.id,
            kind=kind,
            created=stamps.created,
            modified=stamps.last_modified,
            v30=fragment(body, "v3.0", kind, stamps.id),
            v31=fragment(body_v31, "v3.1", kind, stamps.id),
        )


def latest_rows(store: Store, rows: Iterable[Row]) -> dict[tuple[str, str], Delivered | None]:
    """Tell what rows say in the end, by space and ``sis_id``: of several of one key the last counts.

    Args:
        store: knows the roles of a user who is removed without one.
        rows: as delivered; a removal ends as ``None``.
    """
    latest: dict[tuple[str, str], Delivered | None] = {}
    for row in rows:
        for space in _spaces_of(store, row):
            latest.pop((space, row.sis_id), None)
            latest[space, row.sis_id] = None if isinstance(row, Removal) else row
    return latest


def _spaces_of(store: Store, row: Row) -> Sequence[str]:
    match row:
        case SchoolRow():
            return ("school",)
        case TermRow():
            return ("term",)
        case CourseRow():
            return ("course",)
        case SectionRow():
            return ("section",)
        case ResourceRow():
            return ("resource",)
        case UserRow(role=role):
            return (role,)
        case Removal(kind="user", role=None):
            return [entry.space for entry in store.delivered_users(row.sis_id)]
        case Removal(kind="user", role=str(role)):
            return (role,)
        case Removal(kind=kind):
            return (kind,)


def namings(row: Delivered | None) -> Iterator[Naming]:
    """List what a row names."""
    match row:
        case UserRow(schools=schools, students=students):
            yield from (Naming("school", dbn, rank) for rank, dbn in enumerate(schools))
            yield from (Naming("student", student, rank) for rank, student in enumerate(students))
        case SectionRow():
            yield Naming("school", row.school, 0)
            yield Naming("term", row.term, 0)
            yield Naming("course", row.course, 0)
            yield from (Naming("teacher", teacher, rank) for rank, teacher in enumerate(row.teachers))
            yield from (Naming("student", student, rank) for rank, student in enumerate(row.students))
        case ResourceRow():
            for space, named in (
                ("section", row.sections),
                ("course", row.courses),
                ("teacher", row.teachers),
                ("student", row.students),
            ):
                yield from (Naming(space, one, rank) for rank, one in enumerate(named))
        case _:
            return
