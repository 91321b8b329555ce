"""What has been captured so far, masked, in a file: a capture that was interrupted goes on from there.

Each page is a line, written whole and made sure of before the next one is asked for. The place where the reading
goes on is an id of Clever's, so it is sealed with the key. A line that an interruption has cut short does not count.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from rostersim.capture.masking import MaskedSchool, MaskedSection, MaskedTerm, MaskedUser, Masker
from rostersim.capture.pseudonyms import Pseudonyms
from rostersim.capture.reading import CaptureError

STATE_FILE = "capture-in-progress.jsonl"
FORMAT = "rostersim capture 1"
Collection = Literal["schools", "terms", "users", "sections"]
COLLECTIONS: tuple[Collection, ...] = ("schools", "terms", "users", "sections")


class Captured(msgspec.Struct):
    """Everything that was captured, masked."""

    schools: list[MaskedSchool] = []
    terms: list[MaskedTerm] = []
    users: list[MaskedUser] = []
    sections: list[MaskedSection] = []


class _Head(msgspec.Struct, frozen=True):
    format: str
    key: str
    """A fingerprint: another key would mix two worlds of names."""
    scope: str
    """A fingerprint of where it is read from, and of which school."""


class _Line(msgspec.Struct, frozen=True):
    collection: Collection
    after: str | None
    """Where the next page begins, sealed; ``None`` after the last one."""
    records: Captured


class Pages:
    """The file of a capture.

    Args:
        folder: of the world to be.
        pseudonyms: of the key.
        scope: what is captured, in words that are not written down.

    Attributes:
        captured: all of it so far.
        cursors: per collection, where its next page begins; ``None`` when it is whole, missing before its first page.

    Raises:
        CaptureError: the file was begun with another key, or for something else.
    """

    def __init__(self, folder: Path, pseudonyms: Pseudonyms, scope: str) -> None:
        self._path = folder / STATE_FILE
        self._pseudonyms = pseudonyms
        self.captured = Captured()
        self.cursors: dict[Collection, str | None] = {}
        self._head = _Head(FORMAT, pseudonyms.fingerprint("check", ""), pseudonyms.fingerprint("scope", scope))
        whole = self._read() if self._path.exists() else 0
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(self._file, whole)
        os.lseek(self._file, 0, os.SEEK_END)
        if not whole:
            self._append(msgspec.json.encode(self._head))

    def add(self, collection: Collection, records: Captured, after: str | None) -> None:
        """Keep a page.

        Args:
            collection: that it is of.
            records: masked.
            after: Clever's id after which the next page begins.
        """
        sealed = self._pseudonyms.seal(after) if after is not None else None
        self._append(msgspec.json.encode(_Line(collection, sealed, records)))
        self._take(collection, records)
        self.cursors[collection] = after

    def close(self) -> None:
        """Let go of the file; it stays."""
        os.close(self._file)

    def remove(self) -> None:
        """Take the file away: the world is written."""
        self._path.unlink(missing_ok=True)

    def _append(self, line: bytes) -> None:
        os.write(self._file, line + b"\n")
        os.fsync(self._file)

    def _take(self, collection: Collection, records: Captured) -> None:
        getattr(self.captured, collection).extend(getattr(records, collection))

    def _read(self) -> int:
        """Read what is there; give how many bytes of it are whole lines."""
        whole = 0
        for line in _whole_lines(self._path):
            try:
                self._read_line(line, first=whole == 0)
            except msgspec.DecodeError:
                raise CaptureError(f"{self._path} is damaged; take it away to begin anew") from None
            whole += len(line) + 1
        return whole

    def _read_line(self, line: bytes, *, first: bool) -> None:
        if not first:
            page = msgspec.json.decode(line, type=_Line)
            self._take(page.collection, page.records)
            self.cursors[page.collection] = self._pseudonyms.opened(page.after) if page.after is not None else None
            return
        head = msgspec.json.decode(line, type=_Head)
        if head.key != self._head.key:
            raise CaptureError(
                f"{self._path} was begun with another key: give that one, or take the file away to begin anew "
                "(a key that was made at random is gone with its run)"
            )
        if head != self._head:
            raise CaptureError(f"{self._path} was begun for another Clever or school; take it away to begin anew")


def _whole_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line[:-1]


def masked_page(masker: Masker, collection: Collection, page: bytes) -> Captured:
    """Mask a page.

    Raises:
        CaptureError: it is no page of that collection; what stands in it is not said.
    """
    try:
        match collection:
            case "schools":
                return Captured(schools=masker.schools(page))
            case "terms":
                return Captured(terms=masker.terms(page))
            case "users":
                return Captured(users=masker.users(page))
            case "sections":
                return Captured(sections=masker.sections(page))
    except msgspec.DecodeError:
        raise CaptureError(f"an answer of Clever is no page of {collection}") from None
