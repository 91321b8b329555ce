"""Clever's store: what was delivered, whose id is whose, and the records as bytes ready for the wire.

Everything that is named in the district's own ids is an *entry*, also when it is only mentioned and was
never delivered. A *mention* leads from an entry to one its row names (a section to its students, a user to
their schools), so one table answers every relation of the wire and tells whom a delivery touches.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from fakes.clever.applications import SharingRule
from fakes.clever.event_log import EventLog
from fakes.clever.feed import CourseRow, ResourceRow, SchoolRow, SectionRow, TermRow, UserRow
from fakes.clever.records import Kind, Version
from fakes.clever.schema import SCHEMA, SHARE
from fakes.clever.selections import COLUMNS, Selection, page_statements
from fakes.clever.sheets import PRESSED_VERSION, Sheets
from fakes.clever.shelf import Shelf, StoredPage
from fakes.shared.database import open_database, restore, snapshot
from fakes.shared.touched import Touched, Watched

Delivered = SchoolRow | TermRow | CourseRow | UserRow | SectionRow | ResourceRow

ROW_TYPES: dict[str, type[Delivered]] = {
    "school": SchoolRow,
    "term": TermRow,
    "course": CourseRow,
    "section": SectionRow,
    "resource": ResourceRow,
    "student": UserRow,
    "teacher": UserRow,
    "staff": UserRow,
    "district_admin": UserRow,
    "contact": UserRow,
}
"""What is delivered in every space of ids: users have one space a role, the other kinds one each."""


class Entry(NamedTuple):
    """One thing named in the district's own ids."""

    number: int
    space: str
    sis_id: str
    row: Delivered | None
    """As delivered; ``None`` while it is not."""
    clever_id: str | None
    """Of the record it is written in now."""


class Mention(NamedTuple):
    """An entry that another one names."""

    number: int
    space: str
    rank: int
    clever_id: str | None


class Identity(NamedTuple):
    """An id that an entry has or had."""

    entry: int
    space: str
    clever_id: str
    left_at: str | None
    """``None`` while the entry is written under it."""


class StoredRecord(NamedTuple):
    """A record and its fragment of a list, one for every version of the wire."""

    id: str
    kind: Kind
    created: str
    modified: str
    v30: bytes
    v31: bytes


class View(NamedTuple):
    """A record and who may read it."""

    record: StoredRecord
    shared: int
    """A bit for every application."""


class Member(NamedTuple):
    """Somebody a section names and Clever holds."""

    space: str
    sis_id: str
    shared: bool


class ReadOnlyStore(RuntimeError):  # noqa: N818 - as the refusals are named
    """Something is to be written to a store that only reads."""


class Store:
    """Clever's store.

    Args:
        path: a file, or ``:memory:``.
        connection: one that is open already, instead; it may be one that only reads
            (:func:`fakes.shared.database.open_to_read`).
    """

    def __init__(self, path: str | Path = ":memory:", connection: sqlite3.Connection | None = None) -> None:
        self._db = connection or open_database(SCHEMA, path)
        self.only_reads = bool(self._db.execute("PRAGMA query_only").fetchone()[0])
        """Whether nothing may be written: another process has the store, and this one serves it."""
        self._seen_version = 0
        self._decoders = {space: msgspec.json.Decoder(kind) for space, kind in ROW_TYPES.items()}
        self._encode = msgspec.json.Encoder().encode
        self._numbers: dict[tuple[str, str], int] = {}
        self._shelf = Shelf()
        self.events = EventLog(self._db)
        self.sheets = Sheets(self._db)

    @classmethod
    def restored(cls, image: bytes) -> "Store":
        """Open a copy in memory of what :meth:`snapshot` gave."""
        return cls(connection=restore(image))

    def touched(self) -> Touched:
        """Take down from now on which records are written, or shared otherwise; asked once."""
        return Touched(self._db, [Watched("records", "id", kind="kind")])

    def snapshot(self) -> bytes:
        """Copy the whole store."""
        return snapshot(self._db)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of it or nothing.

        Raises:
            ReadOnlyStore: this store is one that only reads.
        """
        if self.only_reads:
            raise ReadOnlyStore("this Clever is served from a file that it only reads; change the file, not the server")
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        else:
            self._db.execute("COMMIT")
        finally:
            self._numbers.clear()
            self._shelf.clear()

    # State

    def state(self) -> bytes | None:
        """Read what :meth:`save_state` wrote."""
        found = self._db.execute("SELECT body FROM state").fetchone()
        return None if found is None else bytes(found[0])

    def save_state(self, body: bytes) -> None:
        """Write what is to be known besides rows and records."""
        self._db.execute("INSERT INTO state VALUES (1, ?) ON CONFLICT DO UPDATE SET body = excluded.body", (body,))

    # Entries

    def entry(self, space: str, sis_id: str) -> Entry:
        """Find an entry, or make one."""
        return self.entries([self.number(space, sis_id)])[0]

    def number(self, space: str, sis_id: str) -> int:
        """Find the number of an entry, or make the entry."""
        key = (space, sis_id)
        known = self._numbers.get(key)
        if known is None:
            found = self._db.execute("SELECT number FROM entries WHERE space = ? AND sis_id = ?", key).fetchone()
            if found is None:
                found = self._db.execute(
                    "INSERT INTO entries (space, sis_id) VALUES (?, ?) RETURNING number", key
                ).fetchone()
            known = self._numbers[key] = int(found[0])
        return known

    def entries(self, numbers: Iterable[int]) -> list[Entry]:
        """Read entries by their numbers, in the order asked."""
        ask = "SELECT number, space, sis_id, delivered, clever_id FROM entries WHERE number = ?"
        return [self._entry(self._db.execute(ask, (number,)).fetchone()) for number in numbers]

    def entries_of(self, clever_id: str) -> list[Entry]:
        """Read the entries that are written in one record; several only of a user with several roles."""
        return self._entries_where("clever_id = ?", clever_id)

    def entries_with_email(self, email: str) -> list[Entry]:
        """Read the adults of one e-mail; it is given in lower case."""
        return self._entries_where("email = ?", email)

    def entry_id(self, space: str, sis_id: str) -> str | None:
        """Give the id of the record in which something is written now, if it is."""
        ask = "SELECT clever_id FROM entries WHERE space = ? AND sis_id = ?"
        found = self._db.execute(ask, (space, sis_id)).fetchone()
        return None if found is None else found[0]

    def delivered(self, space: str, sis_id: str) -> Delivered | None:
        """Give a row as it was delivered, if it was."""
        ask = "SELECT delivered FROM entries WHERE space = ? AND sis_id = ?"
        found = self._db.execute(ask, (space, sis_id)).fetchone()
        return None if found is None or found[0] is None else self._decoders[space].decode(found[0])

    def delivered_rows(self, space: str) -> Iterator[Delivered]:
        """Read all rows of a space as they were delivered, by ``sis_id``; the store must rest meanwhile."""
        ask = "SELECT delivered FROM entries WHERE space = ? AND delivered IS NOT NULL ORDER BY sis_id"
        for (delivered,) in self._db.execute(ask, (space,)):
            yield self._decoders[space].decode(delivered)

    def delivered_count(self, space: str) -> int:
        """Count the rows of a space."""
        ask = "SELECT count(*) FROM entries WHERE space = ? AND delivered IS NOT NULL"
        return int(self._db.execute(ask, (space,)).fetchone()[0])

    def enrollment_count(self) -> int:
        """Count the students of all sections, a student in two of them twice."""
        ask = """
            SELECT count(*) FROM entries s
            CROSS JOIN mentions m ON m.holder = s.number
            JOIN entries student ON student.number = m.named AND student.space = 'student'
            WHERE s.space = 'section' AND s.delivered IS NOT NULL
        """
        return int(self._db.execute(ask).fetchone()[0])

    def delivered_users(self, sis_id: str) -> list[Entry]:
        """Read the users of one ``sis_id``, whatever their role."""
        roles = "('student', 'teacher', 'staff', 'district_admin', 'contact')"
        return self._entries_where(f"sis_id = ? AND space IN {roles} AND delivered IS NOT NULL", sis_id)

    def _entries_where(self, condition: str, value: str) -> list[Entry]:
        columns = "number, space, sis_id, delivered, clever_id"
        ask = f"SELECT {columns} FROM entries WHERE {condition} ORDER BY number"  # noqa: S608 - constants of this file
        return [self._entry(found) for found in self._db.execute(ask, (value,))]

    def _entry(self, found: tuple[int, str, str, bytes | None, str | None]) -> Entry:
        number, space, sis_id, delivered, clever_id = found
        row = None if delivered is None else self._decoders[space].decode(delivered)
        return Entry(number, space, sis_id, row, clever_id)

    def write_rows(self, entries: Sequence[Entry], emails: Sequence[str | None]) -> None:
        """Keep rows as delivered; ``emails`` are those by which users merge."""
        self._db.executemany(
            "UPDATE entries SET delivered = ?, email = ? WHERE number = ?",
            [
                (None if entry.row is None else self._encode(entry.row), email, entry.number)
                for entry, email in zip(entries, emails, strict=True)
            ],
        )

    def write_holdings(self, holdings: Iterable[tuple[int, str | None]]) -> None:
        """Say in which record each entry is written from now on."""
        self._db.executemany(
            "UPDATE entries SET clever_id = ? WHERE number = ?",
            [(clever_id, number) for number, clever_id in holdings],
        )

    # Mentions

    def write_mentions(self, holders: Iterable[int], mentions: Iterable[tuple[int, int, int]]) -> None:
        """Replace what some entries name; a mention is holder, named and rank; of two the first counts."""
        self._db.executemany("DELETE FROM mentions WHERE holder = ?", [(holder,) for holder in holders])
        self._db.executemany("INSERT OR IGNORE INTO mentions VALUES (?, ?, ?)", mentions)

    def mentions(self, holder: int) -> list[Mention]:
        """Read what an entry names, in the order of the row."""
        ask = """
            SELECT e.number, e.space, m.rank, e.clever_id
            FROM mentions m JOIN entries e ON e.number = m.named WHERE m.holder = ? ORDER BY m.rank
        """
        return [Mention._make(found) for found in self._db.execute(ask, (holder,))]

    def records_naming(self, named: int, space: str | None = None) -> list[str]:
        """List the records whose rows name an entry, all or those of one space."""
        ask = """
            SELECT DISTINCT h.clever_id FROM mentions m JOIN entries h ON h.number = m.holder
            WHERE m.named = ? AND h.clever_id IS NOT NULL AND (? IS NULL OR h.space = ?)
        """
        return [found[0] for found in self._db.execute(ask, (named, space, space))]

    def section_members(self, sis_id: str, bit: int) -> list[Member]:
        """List the held people of a section that is shared: teachers, then students, as delivered.

        Args:
            sis_id: of the section.
            bit: of the application that is asked about.
        """
        ask = """
            SELECT e.space, e.sis_id, person.shared & :bit
            FROM entries s
            JOIN records section ON section.id = s.clever_id AND section.shared & :bit
            JOIN mentions m ON m.holder = s.number
            JOIN entries e ON e.number = m.named AND e.space IN ('teacher', 'student')
            JOIN records person ON person.id = e.clever_id
            WHERE s.space = 'section' AND s.sis_id = :sis_id
            ORDER BY e.space DESC, m.rank
        """
        found = self._db.execute(ask, {"sis_id": sis_id, "bit": bit})
        return [Member(space, who, bool(shared)) for space, who, shared in found]

    # Identities

    def identities(self, entry: int, form: str, left_after: str) -> list[Identity]:
        """List the ids that an entry has or had since some moment, the present one first, then the latest."""
        ask = """
            SELECT i.entry, e.space, i.clever_id, i.left_at
            FROM identities i JOIN entries e ON e.number = i.entry
            WHERE i.entry = ? AND i.form = ? AND (i.left_at IS NULL OR i.left_at > ?)
            ORDER BY i.left_at IS NOT NULL, i.left_at DESC, i.clever_id
        """
        return [Identity._make(found) for found in self._db.execute(ask, (entry, form, left_after))]

    def identities_in(self, spaces: Sequence[str], sis_id: str, left_after: str) -> list[Identity]:
        """List the ids that a ``sis_id`` has or had in any of some spaces; the present ones first."""
        found = [
            identity
            for space in spaces
            for (number,) in self._db.execute(
                "SELECT number FROM entries WHERE space = ? AND sis_id = ?", (space, sis_id)
            ).fetchall()
            for identity in self.identities(number, "", left_after)
        ]
        return sorted(found, key=lambda identity: identity.left_at is not None)

    def holders(self, clever_id: str) -> list[Identity]:
        """List the entries that have, or ever had, an id; those that have it first."""
        ask = """
            SELECT i.entry, e.space, i.clever_id, i.left_at
            FROM identities i JOIN entries e ON e.number = i.entry
            WHERE i.clever_id = ? ORDER BY i.left_at IS NOT NULL, e.number
        """
        return [Identity._make(found) for found in self._db.execute(ask, (clever_id,))]

    def leave_identities(self, left: Iterable[tuple[int, str]], at: str) -> None:
        """Say that entries are no longer written under their ids."""
        self._db.executemany(
            "UPDATE identities SET left_at = ? WHERE entry = ? AND clever_id = ? AND left_at IS NULL",
            [(at, entry, clever_id) for entry, clever_id in left],
        )

    def take_identities(self, taken: Iterable[tuple[int, str, str]]) -> None:
        """Say that entries (each with its form) are written under ids from now on."""
        self._db.executemany(
            "INSERT INTO identities VALUES (?, ?, ?, NULL) ON CONFLICT DO UPDATE SET left_at = NULL", taken
        )

    # Records

    def record(self, clever_id: str) -> StoredRecord | None:
        """Read a record, shared or not."""
        found = self.view(clever_id)
        return None if found is None else found.record

    def view(self, clever_id: str) -> View | None:
        """Read a record and who may read it."""
        ask = "SELECT id, kind, created, modified, v30, v31, shared FROM records WHERE id = ?"
        found = self._db.execute(ask, (clever_id,)).fetchone()
        return None if found is None else View(StoredRecord._make(found[:-1]), found[-1])

    def ids(self) -> list[str]:
        """List all records, shared or not."""
        return [found[0] for found in self._db.execute("SELECT id FROM records ORDER BY id")]

    def write_records(self, records: Sequence[StoredRecord], shared: int) -> None:
        """Keep records under their ids.

        Args:
            records: new ones, and ones that were there.
            shared: a bit for every application that may read the new ones.
        """
        self._db.executemany(
            """
            INSERT INTO records (id, kind, created, modified, v30, v31, shared) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE
            SET created = excluded.created, modified = excluded.modified,
                v30 = excluded.v30, v31 = excluded.v31
            """,
            [(*record, shared) for record in records],
        )
        self.sheets.forget(sorted({record.kind for record in records}))

    def drop_records(self, ids: Iterable[str]) -> None:
        """Take records away."""
        gone = [(clever_id,) for clever_id in ids]
        if gone:
            self._db.executemany("DELETE FROM records WHERE id = ?", gone)
            self.sheets.forget_all()

    # Sharing

    def share(self, rule: SharingRule, ids: Iterable[str] | None = None) -> None:
        """Decide what an application may read (H11).

        Args:
            rule: the application's.
            ids: of the records to decide about; without them all.
        """
        self.sheets.forget_all()
        if ids is None:
            self._db.execute(SHARE, rule._asdict())
        else:
            values = rule._asdict()
            self._db.executemany(f"{SHARE} WHERE id = :id", [{**values, "id": one} for one in ids])

    def shares(self, clever_id: str, bit: int) -> bool:
        """Tell whether there is such a record and an application may read it."""
        ask = "SELECT 1 FROM records WHERE id = ? AND shared & ?"
        return self._db.execute(ask, (clever_id, bit)).fetchone() is not None

    # Queue

    def queue(self, rows: Iterable[bytes]) -> None:
        """Put rows off, in their order."""
        self._db.executemany("INSERT INTO queued (row) VALUES (?)", [(row,) for row in rows])

    def take_queue(self) -> list[bytes]:
        """Take the rows that were put off."""
        rows = [found[0] for found in self._db.execute("SELECT row FROM queued ORDER BY number")]
        self._db.execute("DELETE FROM queued")
        return rows

    # Reading, for one application

    def page(
        self,
        version: Version,
        selection: Selection,
        bit: int,
        limit: int,
        *,
        after: str = "",
        before: str | None = None,
    ) -> StoredPage:
        """Read records, ascending.

        Args:
            version: which fragment.
            selection: which records.
            bit: of the application that asks.
            limit: at most so many.
            after: only larger ids; from these the first ones.
            before: only smaller ids, and from these the last ones.
        """
        self._look_for_writing()
        statements = page_statements(version, selection)
        statement = statements.forward if before is None else statements.backward
        values: dict[str, str | int] = {**selection.values, "bit": bit, "limit": limit}
        values |= {"after": after} if before is None else {"before": before}
        key = (statement, *values.values())
        stored = self._shelf.find(key)
        if stored is not None:
            return stored
        if before is None and selection.name and version == PRESSED_VERSION:
            stored = self.sheets.page(selection.name, bit, limit, after)
        if stored is None:
            found = self._db.execute(statement, values).fetchall()
            stored = StoredPage.of(found if before is None else found[::-1])
        self._shelf.put(key, stored)
        return stored

    def _look_for_writing(self) -> None:
        """Forget the pages that were read, if another connection has written; only who reads alone must look."""
        if self.only_reads:
            version = int(self._db.execute("PRAGMA data_version").fetchone()[0])
            if version != self._seen_version:
                self._shelf.clear()
                self._seen_version = version

    def fragment(self, version: Version, kind: Kind, clever_id: str, bit: int) -> bytes | None:
        """Read a record as it stands in a list, if there is such a one and it is shared."""
        column = COLUMNS[version]
        ask = f"SELECT {column} FROM records WHERE id = ? AND kind = ? AND shared & ?"  # noqa: S608 - constants
        found = self._db.execute(ask, (clever_id, kind, bit)).fetchone()
        return None if found is None else bytes(found[0])

    def count(self, selection: Selection, bit: int) -> int:
        """Count the records of a selection."""
        ask = f"SELECT count(*) FROM {selection.source}"  # noqa: S608 - sources stand in selections.py
        return int(self._db.execute(ask, {**selection.values, "bit": bit}).fetchone()[0])
