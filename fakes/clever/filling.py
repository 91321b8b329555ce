"""Fills the file of a large district: rows and records that are written elsewhere go into the tables as they are.

:meth:`fakes.clever.rules.Clever.deliver` asks of every row what was there before; where nothing was, that is all it
asks for nothing. Here whoever fills says what the tables hold, and a test holds that it is what a delivery would
have written.

Rows come by the thousand, as bytes that stand one after another and the places where to cut them, and one statement
takes all of them apart. So SQLite works for long stretches by itself, and a program with a thread for it writes the
next rows meanwhile.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from operator import add
from pathlib import Path
from typing import NamedTuple

import msgspec

from fakes.clever.ids import ID_LENGTH
from fakes.clever.schema import SCHEMA
from fakes.clever.sheets import Sheet, Sheets
from fakes.clever.state import State
from fakes.shared.database import give_up_safety

PAGE_BYTES = 16 * 1024
"""Of the file: several records of 1 to 2 kB fit into such a page, and hardly one into SQLite's usual 4 kB."""
CACHE_KIB = 64 * 1024

FIRST_APPLICATION = 1
"""Its bit: a district that is filled has one application."""

SIZE_BITS = 18
"""Of the size of one piece of a row: 256 KiB. A section of a thousand students takes a fifth of it."""
BEGIN_SHIFT = 2 * SIZE_BITS
"""A cut is one number: from this bit on where a row begins, below it the sizes of its two pieces."""

NAMED_SHIFT, HOLDER_SHIFT = 13, 38
"""A mention is one number: its rank, from these bits on who is named, and by whom. 25 bits are more than there are ids,
13 more than a section has students."""

_OUT_OF_ORDER = ("mentions_of", "entries_by_email")
"""The indexes whose rows do not come in their order. One of these is sorted once, at the end; made row by row it would
be searched a million times. The others grow at an end, and made at the end they would need all records read again."""

_SIZE_MASK = (1 << SIZE_BITS) - 1
_FIRST_SIZE = f"((value >> {SIZE_BITS}) & {_SIZE_MASK})"
_FIRST_PIECE = f"substr(:body, value >> {BEGIN_SHIFT}, {_FIRST_SIZE})"
_SECOND_PIECE = f"substr(:body, (value >> {BEGIN_SHIFT}) + {_FIRST_SIZE}, value & {_SIZE_MASK})"


def _text(name: str) -> str:
    """Say in SQL how a row's text is cut from texts of one width; of bytes, as text is searched from its beginning."""
    return f"rtrim(CAST(substr(:{name}, 1 + key * :{name}_width, :{name}_width) AS TEXT))"


class Pieces(NamedTuple):
    """The bytes of many rows, one or two pieces of each, and where to cut them."""

    body: bytes
    cuts: Sequence[int]

    @classmethod
    def of(cls, first: Sequence[bytes], second: Sequence[bytes] | None = None) -> "Pieces":
        """Lay rows one after another.

        Args:
            first: the first piece of every row.
            second: the second one, where rows have two.

        Raises:
            ValueError: a piece is larger than a cut can say.
        """
        pieces = [first] if second is None else [first, second]
        sizes = list(map(len, first))
        more = [0] * len(first) if second is None else list(map(len, second))
        largest = max(max(sizes, default=0), max(more, default=0))
        if largest > _SIZE_MASK:
            raise ValueError(f"a piece of a row has {largest} bytes; at most {_SIZE_MASK} can be cut")
        # SQL counts bytes from 1. There is one begin more than rows: the end.
        begins = accumulate(map(add, sizes, more), initial=1)
        cuts = [
            begin << BEGIN_SHIFT | one << SIZE_BITS | other
            for begin, one, other in zip(begins, sizes, more, strict=False)
        ]
        return cls(b"".join(chain.from_iterable(zip(*pieces, strict=True))), cuts)


class FilledEntries(NamedTuple):
    """Rows of the tables ``entries`` and ``identities``: of one space, their numbers and ids ascending."""

    first_number: int
    space: str
    sis_ids: Sequence[bytes]
    delivered: Pieces
    """A piece of each."""
    emails: Sequence[bytes]
    """Of those who may merge by it; empty for the others."""
    ids: bytes
    """Of their records, one after another."""


class FilledRecords(NamedTuple):
    """Rows of the table ``records``, for the first application alone, their ids ascending."""

    kind: str
    moment: str
    """At which all were made."""
    ids: bytes
    """One after another."""
    bodies: Pieces
    """Two of each: its fragment in v3.0 and in v3.1."""


def create_large(path: Path) -> None:
    """Create an empty store with pages of a size for large districts."""
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.executescript(SCHEMA)
    connection.close()


class Filling:
    """Fills a store that no other process has open. It is not safe against a crash: a half-filled file is useless.

    Its methods may be called from any thread, from one at a time.

    Args:
        path: of a store, as a :class:`~fakes.clever.store.Store` has left it.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        give_up_safety(self._db)
        self._db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._db.execute("PRAGMA threads = 2")  # for the sorting of indexes
        for index in _OUT_OF_ORDER:
            self._db.execute(f"DROP INDEX {index}")
        self._db.execute("BEGIN")
        self._sheets = Sheets(self._db)

    def count(self) -> int:
        """Count the entries that are there; their numbers go from 1 to this."""
        return int(self._db.execute("SELECT count(*) FROM entries").fetchone()[0])

    def state(self) -> State:
        """Read what the store's Clever knows of itself."""
        return msgspec.json.decode(self._db.execute("SELECT body FROM state").fetchone()[0], type=State)

    def entries(self, rows: FilledEntries) -> None:
        """Write entries and their identities."""
        values = {
            "first": rows.first_number,
            "space": rows.space,
            "body": rows.delivered.body,
            "cuts": _listed(rows.delivered.cuts),
            **_of_one_width("sis_ids", rows.sis_ids),
            **_of_one_width("emails", rows.emails),
            **_ids(rows.ids),
        }
        self._db.execute(
            f"INSERT INTO entries SELECT :first + key, :space, {_text('sis_ids')}, {_FIRST_PIECE},"  # noqa: S608 - constants
            f" nullif({_text('emails')}, ''), {_text('ids')} FROM json_each(:cuts)",
            values,
        )
        self._db.execute(
            f"INSERT INTO identities SELECT :first + key, '', {_text('ids')}, NULL FROM json_each(:cuts)",  # noqa: S608
            values,
        )

    def records(self, rows: FilledRecords) -> None:
        """Write records."""
        self._db.execute(
            f"INSERT INTO records SELECT {_text('ids')}, :kind, {FIRST_APPLICATION}, :moment, :moment,"  # noqa: S608 - constants
            f" {_FIRST_PIECE}, {_SECOND_PIECE} FROM json_each(:cuts)",
            {
                "kind": rows.kind,
                "moment": rows.moment,
                "body": rows.bodies.body,
                "cuts": _listed(rows.bodies.cuts),
                **_ids(rows.ids),
            },
        )

    def mentions(self, mentions: Sequence[int]) -> None:
        """Write whom entries name, as numbers (:data:`HOLDER_SHIFT`), ascending."""
        named_mask = (1 << (HOLDER_SHIFT - NAMED_SHIFT)) - 1
        self._db.execute(
            f"INSERT INTO mentions SELECT value >> {HOLDER_SHIFT}, (value >> {NAMED_SHIFT}) & {named_mask},"  # noqa: S608
            f" value & {(1 << NAMED_SHIFT) - 1} FROM json_each(?)",
            (_listed(mentions),),
        )

    def press(self, sheets: Iterable[Sheet]) -> None:
        """Write sheets of lists."""
        self._sheets.write(sheets)

    def finish(self, minted: int) -> None:
        """Write what follows from the entries, make the indexes, and let go of the file.

        Args:
            minted: how many ids were made in all.
        """
        state = msgspec.structs.replace(self.state(), ids_minted=minted)
        self._db.execute("UPDATE state SET body = ?", (msgspec.json.encode(state, order="deterministic"),))
        self._sheets.press_list("school")
        self._sheets.count_as_fresh()
        self._db.execute("COMMIT")
        self._db.executescript(SCHEMA)
        self._db.close()

    def stop(self) -> None:
        """End what another thread has begun here, if it has: it fails."""
        self._db.interrupt()

    def give_up(self) -> None:
        """Let go of the file as it is."""
        self._db.close()


def _listed(numbers: Sequence[int]) -> str:
    """Write numbers as a JSON list; Python's own way of writing one is that, and is quickest."""
    return str(list(numbers))


def _of_one_width(name: str, texts: Sequence[bytes]) -> dict[str, bytes | int]:
    width = max(map(len, texts), default=0)
    return {name: b"".join([text.ljust(width) for text in texts]), f"{name}_width": width}


def _ids(ids: bytes) -> dict[str, bytes | int]:
    return {"ids": ids, "ids_width": ID_LENGTH}
