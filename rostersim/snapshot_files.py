"""What a comparison reads of a snapshot's file: what Clever and Otus held."""

import hashlib
from pathlib import Path

import msgspec

from simulator.difference.compare import State
from simulator.views import CleverView, OtusView

FORMAT = "rostersim snapshot 1"


class _Snapshot(msgspec.Struct, frozen=True):
    format: str
    clever: CleverView
    otus: OtusView


class NotASnapshotError(Exception):
    """A file cannot be used; the message says why."""


def read_states(path: Path) -> State:
    """Read what a snapshot holds: a line of JSON, and a line with its checksum.

    Raises:
        NotASnapshotError: the file cannot be read, was changed, or is none of ours.
    """
    try:
        body, _, checksum = path.read_bytes().rstrip(b"\n").rpartition(b"\n")
    except OSError as error:
        raise NotASnapshotError(f"{path} cannot be read: {error.strerror}") from None
    if checksum != hashlib.sha256(body).hexdigest().encode():
        raise NotASnapshotError(f"{path} is no snapshot, or is corrupt: its last line is not the checksum of the rest")
    try:
        snapshot = msgspec.json.decode(body, type=_Snapshot)
    except msgspec.DecodeError as error:
        raise NotASnapshotError(f"{path} is no snapshot of ours: {error}") from None
    if snapshot.format != FORMAT:
        raise NotASnapshotError(f"{path} is of format {snapshot.format!r}; this rostersim reads {FORMAT!r}")
    return State(snapshot.clever, snapshot.otus)
