"""Snapshots as files: what the three systems held at a moment, with a checksum; two of them can be compared.

A world comes back by its commands, not by these files; but one whose file is damaged is not trusted.
"""

import hashlib
from pathlib import Path

import msgspec

from rostersim.served.commands import write_durably
from simulator.views import AtsView, CleverView, OtusView

FORMAT = "rostersim snapshot 1"
SUFFIX = ".json"


class Snapshot(msgspec.Struct, frozen=True):
    """What a snapshot holds."""

    format: str
    name: str
    at: str
    """The simulated moment, UTC."""
    nights: int
    """How many nights had been."""
    journal_sha256: str
    """Of the whole journal until then: a world that is brought back must have the same."""
    ats: AtsView
    clever: CleverView
    otus: OtusView


class SnapshotDamagedError(Exception):
    """A snapshot cannot be used; the message says why."""


def write_snapshot(folder: Path, snapshot: Snapshot) -> Path:
    """Write a snapshot, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    body = msgspec.json.encode(snapshot)
    path = folder / f"{snapshot.name}{SUFFIX}"
    write_durably(path, body + b"\n" + _checksum(body) + b"\n")
    return path


def read_snapshot(path: Path) -> Snapshot:
    """Read a snapshot.

    Raises:
        SnapshotDamagedError: the file is not there, was changed, or is none of ours.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SnapshotDamagedError(f"{path.name} cannot be read: {error.strerror}") from None
    body, _, checksum = content.rstrip(b"\n").rpartition(b"\n")
    if checksum != _checksum(body):
        raise SnapshotDamagedError(f"{path.name} is corrupt: its checksum is another")
    try:
        snapshot = msgspec.json.decode(body, type=Snapshot)
    except msgspec.DecodeError as error:
        raise SnapshotDamagedError(f"{path.name} is no snapshot of ours: {error}") from None
    if snapshot.format != FORMAT:
        raise SnapshotDamagedError(f"{path.name} is of format {snapshot.format!r}; this rostersim reads {FORMAT!r}")
    return snapshot


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()
