"""Otus's store: the only place with SQL.

Records are kept as JSON beside the columns that are searched. The rostered members of a class are one
record in its row, its by-hand members a table of their own. The store knows no rule: what may be written is
decided before it is called.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice, starmap
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Self
from zlib import crc32

import msgspec

from fakes.otus.codes import class_with
from fakes.otus.listings import AuditLine, AuditQuery, MemberQuery, RunQuery
from fakes.otus.records import (
    NO_DIGEST,
    Account,
    AccountQuery,
    ByHand,
    Class,
    ClassDigest,
    ClassQuery,
    DigestQuery,
    Roster,
    SectionQuery,
    Settings,
    SyncRun,
    Work,
    account_digest,
    section_digest,
)
from fakes.shared.database import insert_many, open_database, open_served, restore, snapshot
from fakes.shared.touched import Touched, Watched

ID_MAX: Final = 2**63 - 1
"""The largest integer SQLite holds; a larger id is nobody's."""

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS district (id INTEGER PRIMARY KEY CHECK (id = 1), settings BLOB NOT NULL);

-- E-mails are found by their numbers: in an index of the texts, three times as large, a bulk write touches nearly every
-- page. That each has one owner (A11) the rules see to, before they write.
CREATE TABLE IF NOT EXISTS account (
    id INTEGER PRIMARY KEY, digest TEXT NOT NULL, email_number INTEGER NOT NULL, email_key TEXT NOT NULL,
    clever_id TEXT UNIQUE, sis_id TEXT, role TEXT NOT NULL, provenance TEXT NOT NULL, active INTEGER NOT NULL,
    searched TEXT NOT NULL, doc BLOB NOT NULL);
-- By this and class_sections nothing is found: they are read, where to read the table takes many times as long.
CREATE INDEX IF NOT EXISTS account_digests ON account (id, digest);
CREATE INDEX IF NOT EXISTS account_by_email ON account (email_number);
CREATE INDEX IF NOT EXISTS account_by_sis_id ON account (sis_id);
CREATE TABLE IF NOT EXISTS account_school (
    school TEXT NOT NULL, account INTEGER NOT NULL, PRIMARY KEY (school, account)) WITHOUT ROWID;

-- "class" is the class without its members, "teacher" the rostered main teacher. No index finds a class by its code, as
-- the code itself tells whose it is.
CREATE TABLE IF NOT EXISTS class (
    id INTEGER PRIMARY KEY, school TEXT NOT NULL, clever_id TEXT UNIQUE, provenance TEXT NOT NULL,
    archived INTEGER NOT NULL, code TEXT NOT NULL, teacher INTEGER, searched TEXT NOT NULL, doc BLOB NOT NULL,
    roster BLOB NOT NULL, digest TEXT NOT NULL, section TEXT NOT NULL, by_hand INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS class_sections ON class (id, section, archived, by_hand);
CREATE INDEX IF NOT EXISTS class_by_school ON class (school);
CREATE INDEX IF NOT EXISTS class_by_teacher ON class (teacher);
CREATE TABLE IF NOT EXISTS by_hand (
    class INTEGER NOT NULL REFERENCES class ON DELETE CASCADE, account INTEGER NOT NULL REFERENCES account,
    part TEXT NOT NULL, PRIMARY KEY (class, account)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_hand_of_account ON by_hand (account);
CREATE TRIGGER IF NOT EXISTS by_hand_added AFTER INSERT ON by_hand
    BEGIN UPDATE class SET by_hand = by_hand + 1 WHERE id = NEW.class; END;
CREATE TRIGGER IF NOT EXISTS by_hand_removed AFTER DELETE ON by_hand
    BEGIN UPDATE class SET by_hand = by_hand - 1 WHERE id = OLD.class; END;

CREATE TABLE IF NOT EXISTS work (
    id INTEGER PRIMARY KEY, class INTEGER NOT NULL REFERENCES class ON DELETE CASCADE, doc BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS work_of_class ON work (class);
CREATE TABLE IF NOT EXISTS run (
    id INTEGER PRIMARY KEY, status TEXT NOT NULL, lease_seconds INTEGER NOT NULL, doc BLOB NOT NULL);

-- A row is a block: the lines of one deed, under the number of the last one. No index tells what they are about: a page
-- that asks looks through the log, which is bounded, and a first night would write two rows more for each of its lines.
CREATE TABLE IF NOT EXISTS audit (number INTEGER PRIMARY KEY, doc BLOB NOT NULL);

CREATE TABLE IF NOT EXISTS kept_answer (
    number INTEGER PRIMARY KEY, who TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL, fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE (who, key));
CREATE INDEX IF NOT EXISTS kept_answer_size ON kept_answer (size);
"""

ACCOUNT_COLUMNS: Final = (
    "id",
    "digest",
    "email_number",
    "email_key",
    "clever_id",
    "sis_id",
    "role",
    "provenance",
    "active",
    "searched",
    "doc",
)
"""What :func:`account_row` gives."""

CLASS_COLUMNS: Final = (
    "id",
    "school",
    "clever_id",
    "provenance",
    "archived",
    "code",
    "teacher",
    "searched",
    "doc",
    "roster",
    "digest",
    "section",
)
"""What :func:`class_row` gives."""

TOUCHED = (Watched("account", "id"), Watched("class", "id"))
"""Whoever is added or removed by hand changes the row of the class too, which counts them."""

Kind = Literal["account", "class", "work", "run", "audit", "dropped audit line", "dropped answer"]


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One thing that was done."""

    what: str
    accounts: tuple[int, ...] = ()
    """About whom."""
    class_id: int | None = None


class AuditBlock(msgspec.Struct, frozen=True, array_like=True):
    """What somebody did at once: a line of the audit log for each thing."""

    first: int
    """The number of the first line."""
    at: str
    who: str
    by_account: int | None
    entries: tuple[Entry, ...]

    def lines(self, query: AuditQuery) -> Iterator[AuditLine]:
        """Give those of the lines that are asked for."""
        if query.by_account not in (None, self.by_account):
            return
        for number, done in enumerate(self.entries, start=self.first):
            about = query.account in (None, *done.accounts) and query.class_id in (None, done.class_id)
            if about and number > query.after:
                yield AuditLine(number, self.at, self.who, self.by_account, done.what, done.accounts, done.class_id)


class StoredClass(msgspec.Struct, frozen=True, gc=False):
    """A class with its rostered members, as they are kept in one row."""

    about: Class
    roster: Roster
    digest: str
    """:func:`fakes.otus.records.roster_digest` of the roster."""


class StoredRoster(NamedTuple):
    """The rostered members of a class, as they are kept."""

    class_id: int
    version: int
    roster: bytes
    """A :class:`Roster`, as on the wire."""


class _InShort(msgspec.Struct, frozen=True, gc=False):
    """What of a class is in no column of its own."""

    name: str
    version: int


class KeptAnswer(NamedTuple):
    """An answer that is remembered by the key of its request."""

    at: str
    fingerprint: bytes
    """Of the request."""
    status: int
    body: bytes


_encode = msgspec.json.Encoder().encode
_account = msgspec.json.Decoder(Account).decode
_class = msgspec.json.Decoder(Class).decode
_in_short = msgspec.json.Decoder(_InShort).decode
_roster = msgspec.json.Decoder(Roster).decode
_work = msgspec.json.Decoder(Work).decode
_run = msgspec.json.Decoder(SyncRun).decode
_audit_block = msgspec.json.Decoder(AuditBlock).decode
_settings = msgspec.json.Decoder(Settings).decode


def email_key(email: str) -> str:
    """Give the form of an e-mail in which two that differ in case only are one (A11)."""
    return email.casefold()


def email_number(key: str) -> int:
    """Give the number of 32 bits, with its sign, by which an e-mail is found; a few others may have the same one."""
    return crc32(key.encode()) - (1 << 31)


class Store:
    """Everything one Otus keeps.

    Args:
        path: a file, or ``:memory:``.
        image: what :meth:`snapshot` gave, to open a copy of it in memory; the path is not looked at then.
        served: whether a server's threads take turns with it, and other processes may have the file open too.
    """

    def __init__(self, path: str | Path = ":memory:", *, image: bytes | None = None, served: bool = False) -> None:
        if image is not None:
            self._database = restore(image)
        else:
            self._database = open_served(SCHEMA, path) if served else open_database(SCHEMA, path)

    @classmethod
    def restored(cls, image: bytes) -> Self:
        """Open a copy in memory of what :meth:`snapshot` gave."""
        return cls(image=image)

    def touched(self) -> Touched:
        """Take down from now on which accounts and classes are written, these also in their members; asked once."""
        return Touched(self._database, TOUCHED)

    def snapshot(self) -> bytes:
        """Copy everything into bytes."""
        return snapshot(self._database)

    def close(self) -> None:
        """Give the connection back; nothing can be asked of the store afterwards."""
        self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all of what follows, or on any exception none of it (A15).

        A transaction inside another is a part of that one.
        """
        with self._scope("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See one state in several reads, whatever other processes write meanwhile."""
        with self._scope("BEGIN"):
            yield

    @contextmanager
    def _scope(self, begin: str) -> Iterator[None]:
        if self._database.in_transaction:
            yield
            return
        self._database.execute(begin)
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def new_ids(self, kind: Kind, count: int = 1) -> range:
        """Take the next ids of a kind; an id is never given twice, not even after a deletion."""
        (last,) = self._database.execute(
            "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET last = last + excluded.last"
            " RETURNING last",
            (kind, count),
        ).fetchone()
        return range(last - count + 1, last + 1)

    # ------------------------------------------------------------ the district

    def settings(self) -> Settings | None:
        """Give the district's switches, ``None`` in a store that is new."""
        row = self._database.execute("SELECT settings FROM district").fetchone()
        return _settings(row[0]) if row else None

    def save_settings(self, settings: Settings) -> None:
        """Replace the district's switches."""
        self._database.execute(
            "INSERT INTO district VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET settings = excluded.settings",
            (_encode(settings),),
        )

    # ------------------------------------------------------------ accounts

    def accounts(self, ids: Iterable[int]) -> dict[int, Account]:
        """Give those of the accounts that exist, by id."""
        rows = self._database.execute(
            "SELECT id, doc FROM account WHERE id IN (SELECT value FROM json_each(?))", (_packed(ids),)
        )
        return {account: _account(doc) for account, doc in rows}

    def account(self, account_id: int) -> Account | None:
        """Give one account."""
        return self.accounts([account_id]).get(account_id)

    def account_page(self, query: AccountQuery) -> list[tuple[int, bytes]]:
        """Give the ids and documents of a page of accounts, and one more, which tells that there is a next page."""
        found = {
            "role = ?": query.role,
            "email_number = ?": None if query.email is None else email_number(email_key(query.email)),
            "email_key = ?": None if query.email is None else email_key(query.email),
            "clever_id = ?": query.clever_id,
            "sis_id = ?": query.sis_id,
            "id IN (SELECT account FROM account_school WHERE school = ?)": query.school,
            "provenance = ?": query.provenance,
            "active = ?": query.active,
            BEGINS: _needle(query.q),
            AMONG: None if query.ids is None else f"[{query.ids}]",
        }
        return self._page("SELECT id, doc FROM account", found, query)

    def account_digest_page(self, query: DigestQuery) -> list[tuple[int, str]]:
        """Give the ids and digests of a page of accounts, and one more."""
        return self._page("SELECT id, digest FROM account INDEXED BY account_digests", {}, query)

    def holders_of_emails(self, keys: Iterable[str]) -> dict[str, int]:
        """Tell who has which of some e-mails, given by :func:`email_key`."""
        asked = set(keys)
        numbers = sorted(map(email_number, asked))
        rows = self._database.execute(
            "SELECT email_key, id FROM account WHERE email_number IN (SELECT value FROM json_each(?))",
            (_encode(numbers),),
        )
        # Several e-mails may have one number.
        return {key: account for key, account in rows if key in asked}

    def holders_of_clever_ids(self, clever_ids: Iterable[str]) -> dict[str, int]:
        """Tell which accounts are linked to which of some Clever users."""
        rows = self._database.execute(
            "SELECT clever_id, id FROM account WHERE clever_id IN (SELECT value FROM json_each(?))",
            (_encode(sorted(clever_ids)),),
        )
        return dict(rows.fetchall())

    def clever_ids(self, ids: Iterable[int]) -> dict[int, str | None]:
        """Give the Clever ids of those of the accounts that exist."""
        rows = self._database.execute(
            "SELECT id, clever_id FROM account WHERE id IN (SELECT value FROM json_each(?))", (_packed(ids),)
        )
        return dict(rows.fetchall())

    def save_accounts(self, made: Sequence[Account], changed: Sequence[tuple[Account, Account]] = ()) -> None:
        """Write accounts: the new ones, and for each of the others what it was and what it becomes.

        E-mails must be unique after all of them (A11).
        """
        insert_many(self._database, "account", [account_row(new) for new in made])
        self._update_accounts(changed)
        self._save_schools(made, changed)

    def _update_accounts(self, changes: Sequence[tuple[Account, Account]]) -> None:
        """Write what is different: SQLite enters a row into an index anew for any column of it that it is given."""
        by_columns: dict[tuple[int, ...], list[tuple[object, ...]]] = {}
        for old, new in changes:
            before, after = account_row(old), account_row(new)
            different = tuple(place for place in range(1, len(after)) if after[place] != before[place])
            by_columns.setdefault(different, []).append((*(after[place] for place in different), new.id))
        for columns, rows in sorted(by_columns.items()):
            settings = ", ".join(f"{ACCOUNT_COLUMNS[place]} = ?" for place in columns)
            self._database.executemany(f"UPDATE account SET {settings} WHERE id = ?", rows)  # noqa: S608 - constants

    def _save_schools(self, made: Sequence[Account], changed: Sequence[tuple[Account, Account]]) -> None:
        entered = [(school, new.id) for new in made for school in new.schools]
        entered += [(school, new.id) for old, new in changed for school in new.schools if school not in old.schools]
        left = [(school, new.id) for old, new in changed for school in old.schools if school not in new.schools]
        self._database.executemany("DELETE FROM account_school WHERE school = ? AND account = ?", left)
        insert_many(self._database, "account_school", entered, "IGNORE")

    # ------------------------------------------------------------ classes

    def classes(self, ids: Iterable[int]) -> dict[int, StoredClass]:
        """Give those of the classes that exist, by id."""
        rows = self._database.execute(
            "SELECT id, doc, roster, digest FROM class WHERE id IN (SELECT value FROM json_each(?))",
            (_packed(ids),),
        )
        return {id_: StoredClass(_class(doc), _roster(roster), digest) for id_, doc, roster, digest in rows}

    def class_(self, class_id: int) -> StoredClass | None:
        """Give one class."""
        return self.classes([class_id]).get(class_id)

    def every_class(self) -> Iterator[StoredClass]:
        """Walk through all classes, by id."""
        rows = self._database.execute("SELECT doc, roster, digest FROM class ORDER BY id")
        return (StoredClass(_class(doc), _roster(roster), digest) for doc, roster, digest in rows)

    def class_page(self, query: ClassQuery) -> list[StoredClass]:
        """Give a page of classes and one more, which tells that there is a next page."""
        rows = self._page("SELECT doc, roster, digest FROM class", _of_class(query), query)
        return [StoredClass(_class(doc), _roster(roster), digest) for doc, roster, digest in rows]

    def section_digest_page(self, query: SectionQuery) -> list[tuple[int, str]]:
        """Give the ids and digests of a page of rostered classes, and one more."""
        select = f"SELECT id, CASE WHEN archived OR by_hand THEN '{NO_DIGEST}' ELSE section END FROM class"  # noqa: S608
        index = " INDEXED BY class_sections" if query.school is None else ""
        return self._page(select + index, {"(section != '') = ?": True, "school = ?": query.school}, query)

    def roster_page(self, query: ClassQuery) -> list[StoredRoster]:
        """Give the rostered members of a page of classes and one more."""
        rows = self._page("SELECT id, doc, roster FROM class", _of_class(query), query)
        return [StoredRoster(id_, _in_short(doc).version, roster) for id_, doc, roster in rows]

    def digest_page(self, query: ClassQuery) -> list[ClassDigest]:
        """Give the digests of a page of rostered classes, and one more."""
        rostered = {"(clever_id IS NOT NULL) = ?": True, **_of_class(query)}
        return list(starmap(_class_digest, self._page(SELECT_DIGESTS, rostered, query)))

    def every_digest(self) -> Iterator[ClassDigest]:
        """Walk through the digests of all rostered classes."""
        return starmap(_class_digest, self._database.execute(f"{SELECT_DIGESTS} WHERE clever_id IS NOT NULL"))

    def holders_of_sections(self, clever_ids: Iterable[str]) -> dict[str, int]:
        """Tell which classes are linked to which of some Clever sections."""
        rows = self._database.execute(
            "SELECT clever_id, id FROM class WHERE clever_id IN (SELECT value FROM json_each(?))",
            (_encode(sorted(clever_ids)),),
        )
        return dict(rows.fetchall())

    def class_with_code(self, code: str) -> StoredClass | None:
        """Give the class that students join with this code."""
        class_id = class_with(code)
        stored = None if class_id is None else self.class_(class_id)
        return stored if stored is not None and stored.about.code == code else None

    def classes_led_by(self, account_id: int) -> list[StoredClass]:
        """Give the classes somebody is the main teacher of, rostered or by hand."""
        rows = self._database.execute(
            "SELECT id FROM class WHERE teacher = :account"
            " UNION SELECT class FROM by_hand WHERE account = :account AND part = 'teacher'",
            {"account": account_id},
        ).fetchall()
        return list(self.classes(class_id for (class_id,) in rows).values())

    def add_classes(self, classes: Iterable[StoredClass]) -> None:
        """Write new classes, each whole, with its rostered members."""
        insert_many(self._database, f"class ({', '.join(CLASS_COLUMNS)})", [class_row(stored) for stored in classes])

    def save_classes(self, classes: Iterable[StoredClass]) -> None:
        """Write classes that are there already, each whole, with its rostered members; a code stays as it is."""
        self._database.executemany(
            "UPDATE class SET school = ?2, clever_id = ?3, provenance = ?4, archived = ?5, teacher = ?7,"
            " searched = ?8, doc = ?9, roster = ?10, digest = ?11, section = ?12 WHERE id = ?1",
            map(class_row, classes),
        )

    def delete_class(self, class_id: int) -> None:
        """Delete a class, its memberships and the work in it."""
        self._database.execute("DELETE FROM class WHERE id = ?", (class_id,))

    # ------------------------------------------------------------ members by hand

    def by_hand(self, class_ids: Iterable[int]) -> dict[int, tuple[ByHand, ...]]:
        """Give the by-hand members of those of the classes that have any, by account id."""
        rows = self._database.execute(
            "SELECT class, account, part FROM by_hand WHERE class IN (SELECT value FROM json_each(?))"
            " ORDER BY class, account",
            (_packed(class_ids),),
        )
        members: dict[int, list[ByHand]] = {}
        for class_id, account, part in rows:
            members.setdefault(class_id, []).append(ByHand(account, part))
        return {class_id: tuple(some) for class_id, some in members.items()}

    def add_by_hand(self, class_id: int, member: ByHand) -> None:
        """Add a member by hand."""
        self._database.execute("INSERT INTO by_hand VALUES (?, ?, ?)", (class_id, member.account, member.part))

    def remove_by_hand(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Remove by-hand members, each given as class and account."""
        self._database.executemany("DELETE FROM by_hand WHERE class = ? AND account = ?", pairs)

    # ------------------------------------------------------------ work

    def add_work(self, work: Work) -> None:
        """Keep something that was handed in."""
        self._database.execute("INSERT INTO work VALUES (?, ?, ?)", (work.id, work.class_id, _encode(work)))

    def work(self, class_id: int, query: MemberQuery) -> list[Work]:
        """Give a page of what was handed in to a class, oldest first, and one more."""
        rows = self._database.execute(
            "SELECT doc FROM work WHERE class = ? AND id > ? ORDER BY id LIMIT ?",
            (class_id, _after(query.after), query.limit + 1),
        )
        return [_work(doc) for (doc,) in rows]

    # ------------------------------------------------------------ sync runs

    def save_run(self, run: SyncRun, lease_seconds: int) -> None:
        """Write a run; ``lease_seconds`` is by how much a sign of life renews its lease."""
        self._database.execute(
            "INSERT INTO run VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " status = excluded.status, lease_seconds = excluded.lease_seconds, doc = excluded.doc",
            (run.id, run.status, lease_seconds, _encode(run)),
        )

    def run(self, run_id: int) -> tuple[SyncRun, int] | None:
        """Give a run and its ``lease_seconds``."""
        row = self._database.execute("SELECT doc, lease_seconds FROM run WHERE id = ?", (run_id,)).fetchone()
        return (_run(row[0]), row[1]) if row else None

    def running(self) -> tuple[SyncRun, int] | None:
        """Give the run that says it is running, and its ``lease_seconds``; there is never more than one."""
        row = self._database.execute("SELECT doc, lease_seconds FROM run WHERE status = 'running'").fetchone()
        return (_run(row[0]), row[1]) if row else None

    def last_runs(self, query: RunQuery) -> list[SyncRun]:
        """Give a page of runs, newest first, and one more."""
        before = ID_MAX if query.before is None else query.before
        rows = self._database.execute(
            "SELECT doc FROM run WHERE id < ? ORDER BY id DESC LIMIT ?", (before, query.limit + 1)
        )
        return [_run(doc) for (doc,) in rows]

    # ------------------------------------------------------------ the audit log

    def add_audit_block(self, block: AuditBlock, keep_after: int) -> None:
        """Write a block at the end of the audit log.

        Args:
            block: with at least one entry.
            keep_after: lines up to this number are dropped.
        """
        last = block.first + len(block.entries) - 1
        self._database.execute("INSERT INTO audit VALUES (?, ?)", (last, _encode(block)))
        if keep_after > 0:
            self._database.execute("DELETE FROM audit WHERE number <= ?", (keep_after,))
            # Of a block that begins before it the first lines are passed over from now on.
            self.new_ids("dropped audit line", max(keep_after - self.audit_lines_dropped(), 0))

    def audit_page(self, query: AuditQuery) -> list[AuditLine]:
        """Give a page of the audit log and one line more."""
        query = msgspec.structs.replace(query, after=max(_after(query.after), self.audit_lines_dropped()))
        rows = self._database.execute("SELECT doc FROM audit WHERE number > ? ORDER BY number", (query.after,))
        lines = chain.from_iterable(_audit_block(doc).lines(query) for (doc,) in rows)
        return list(islice(lines, query.limit + 1))

    def audit_lines_dropped(self) -> int:
        """Count the lines that are gone: the numbers before the first one kept."""
        return self._counted("dropped audit line")

    # ------------------------------------------------------------ answers kept by their keys

    def kept_answer(self, who: str, key: str, since: str) -> KeptAnswer | None:
        """Give the answer kept by a key, if it is not older than a moment."""
        row = self._database.execute(
            "SELECT at, fingerprint, status, body FROM kept_answer WHERE who = ? AND key = ? AND at > ?",
            (who, key, since),
        ).fetchone()
        return None if row is None else KeptAnswer(*row)

    def keep_answer(self, who: str, key: str, kept: KeptAnswer) -> None:
        """Keep an answer by its key."""
        self._database.execute(
            "INSERT INTO kept_answer (who, key, at, fingerprint, status, size, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (who, key, kept.at, kept.fingerprint, kept.status, len(kept.body), kept.body),
        )

    def forget_answers(self, until: str) -> None:
        """Forget the answers kept up to a moment: their time is over."""
        self._database.execute("DELETE FROM kept_answer WHERE at <= ?", (until,))

    def drop_answers(self, kept_max: int, bytes_max: int) -> None:
        """Drop the oldest answers until no more are kept than there may be, and count what is dropped."""
        count, size, _ = self.kept_answers_count()
        if count <= kept_max and size <= bytes_max:
            return
        over = self._database.execute(
            "SELECT number FROM (SELECT number, row_number() OVER newest AS place, sum(size) OVER newest AS bytes"
            " FROM kept_answer WINDOW newest AS (ORDER BY number DESC)) WHERE place > ? OR bytes > ?",
            (kept_max, bytes_max),
        ).fetchall()
        self._database.executemany("DELETE FROM kept_answer WHERE number = ?", over)
        self.new_ids("dropped answer", len(over))

    def kept_answers_count(self) -> tuple[int, int, int]:
        """Count the answers kept, their bytes, and the answers dropped before their time."""
        count, size = self._database.execute("SELECT count(*), coalesce(sum(size), 0) FROM kept_answer").fetchone()
        return int(count), int(size), self._counted("dropped answer")

    def _counted(self, kind: Kind) -> int:
        row = self._database.execute("SELECT last FROM counter WHERE name = ?", (kind,)).fetchone()
        return int(row[0]) if row else 0

    def _page(
        self, select: str, found: Mapping[str, object], query: AccountQuery | ClassQuery | DigestQuery
    ) -> list[Any]:
        asked = {condition: value for condition, value in found.items() if value is not None}
        where = " AND ".join(["id > ?", *asked])
        # The texts put together are constants of this file; what was asked for goes in as parameters.
        return self._database.execute(
            f"{select} WHERE {where} ORDER BY id LIMIT ?",
            (_after(query.after), *asked.values(), query.limit + 1),
        ).fetchall()


SELECT_DIGESTS: Final = "SELECT id, clever_id, school, archived, digest, by_hand, doc FROM class"


def _class_digest(
    id_: int, clever_id: str, school: str, archived: int, digest: str, by_hand: int, doc: bytes
) -> ClassDigest:
    about = _in_short(doc)
    return ClassDigest(id_, clever_id, school, about.name, archived != 0, about.version, digest, by_hand)


AMONG: Final = "id IN (SELECT value FROM json_each(?))"
"""Whether an id is among those that are looked for."""
BEGINS: Final = "instr(searched, ?) > 0"
"""Whether one of the lines of what is searched begins with what is looked for; see :func:`_searched`."""


def _searched(*lines: str) -> str:
    """Put together what a record is found by: a line each, in a form without case."""
    return "\n".join(("", *filter(None, lines))).casefold()


def _needle(beginning: str | None) -> str | None:
    return None if beginning is None else f"\n{beginning.strip().casefold()}"


def _names(account: Account) -> tuple[str, str]:
    """Give what names somebody: whoever types either name, or both in either order, finds them."""
    return f"{account.first_name} {account.last_name}".strip(), f"{account.last_name} {account.first_name}".strip()


def _beginnings(name: str) -> list[str]:
    """Give a name from each of its words on: whoever types any word of it finds it."""
    words = name.split()
    return [" ".join(words[first:]) for first in range(len(words))]


def _after(id_: int) -> int:
    return min(max(id_, 0), ID_MAX)


def _packed(ids: Iterable[int]) -> bytes:
    """Put together ids to look up: in order, since SQLite takes twice as long to look them up crisscross."""
    return _encode(sorted([id_ for id_ in ids if 0 < id_ <= ID_MAX]))


def account_row(account: Account) -> tuple[object, ...]:
    """Write an account as a row of its table."""
    key = email_key(account.email)
    return (
        account.id,
        account_digest(account),
        email_number(key),
        key,
        account.clever_id,
        account.sis_id,
        account.role,
        account.provenance,
        account.active,
        _searched(*_names(account), account.email, account.sis_id or ""),
        _encode(account),
    )


def class_row(stored: StoredClass) -> tuple[object, ...]:
    """Write a class as a row of its table, but for how many are in it by hand, which its triggers count."""
    about = stored.about
    return (
        about.id,
        about.school,
        about.clever_id,
        about.provenance,
        about.archived,
        about.code,
        stored.roster.teacher,
        _searched(*_beginnings(about.name)),
        _encode(about),
        _encode(stored.roster),
        stored.digest,
        section_digest(about, stored.digest),
    )


def _of_class(query: ClassQuery) -> dict[str, object]:
    return {
        "school = ?": query.school,
        "clever_id = ?": query.clever_id,
        "provenance = ?": query.provenance,
        "archived = ?": query.archived,
        BEGINS: _needle(query.q),
        AMONG: None if query.ids is None else f"[{query.ids}]",
    }
