"""What is done to a served world, written down before it is done: a world is its beginning and its commands.

The log is the only thing that must survive. Each line carries a checksum and is on the disk before the command
takes effect, so a server that is killed at any moment is what it was, once its commands have been done again.
"""

import os
import shutil
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from fakes.shared.moments import read_wire_time

FORMAT = "rostersim world 1"
PRIVATE = 0o600
PRIVATE_FOLDER = 0o700


class Begin(msgspec.Struct, frozen=True, tag="begin", tag_field="do"):
    """How a world begins; the first line of every log."""

    format: str
    label: str
    """What the user calls the story."""
    story: str
    """The whole text of its file: later edits of the file are another world's."""
    plays: bool
    """Whether its steps are played too."""
    seed: int
    sut: str
    """The sync under test."""
    files: dict[str, str] = {}
    """Checksums of the images that the systems begin with, by name (:mod:`rostersim.served.beginning`)."""


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="do"):
    """Something done to a world."""

    at: str
    """The simulated moment at which it is done: a whole second."""


class Advance(Command, frozen=True, kw_only=True, tag="advance"):
    """Time goes on to a moment, and everything that falls due until then happens."""

    to: str


class Paused(Command, frozen=True, kw_only=True, tag="paused"):
    """Somebody stopped the advance before; ``at`` is where it came to."""


class Perform(Command, frozen=True, kw_only=True, tag="perform"):
    """Steps of the story language are done."""

    steps: str
    """YAML."""


class Ask(Command, frozen=True, kw_only=True, tag="ask"):
    """A program outside has written to one of the systems."""

    system: str
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Save(Command, frozen=True, kw_only=True, tag="save"):
    """A snapshot is taken: this place in the log gets a name."""

    name: str


class Restore(Command, frozen=True, kw_only=True, tag="restore"):
    """The world is again as the snapshot has it."""

    name: str


class Rewind(Command, frozen=True, kw_only=True, tag="rewind"):
    """The world is again as it was at a moment; what came after it is undone."""

    to: str


class StartRecord(Command, frozen=True, kw_only=True, tag="start record"):
    """What is done from here on is what the recording is about."""

    title: str


class Mark(Command, frozen=True, kw_only=True, tag="mark"):
    """A remark for whoever reads the recording."""

    words: str


class ExpectInRecord(Command, frozen=True, kw_only=True, tag="expect"):
    """What is wrong here: the recording demands what should be."""

    expect: str
    """YAML, as under ``expect`` in a story."""


class StopRecord(Command, frozen=True, kw_only=True, tag="stop record"):
    """The recording is over."""


AnyCommand = (
    Advance | Paused | Perform | Ask | Save | Restore | Rewind | StartRecord | Mark | ExpectInRecord | StopRecord
)
Line = Begin | AnyCommand
_LINE = msgspec.json.Decoder(Line)


class LogDamagedError(Exception):
    """A log cannot be read, and not because its last line was torn off; nothing has been changed."""


class LogUnwritableError(Exception):
    """A command cannot be written down, so it is not done."""


class Read(NamedTuple):
    """What a log says."""

    begin: Begin
    commands: list[AnyCommand]
    note: str
    """What was left out, if anything."""


def encoded_line(entry: Line) -> bytes:
    """Write one line of a log: a checksum, a space, JSON."""
    body = msgspec.json.encode(entry)
    return b"%08x %s\n" % (zlib.crc32(body), body)


def read_log(path: Path) -> Read:
    """Read a log, but for a last line that was torn while it was written.

    Raises:
        LogDamagedError: a line in the middle is damaged, the first is no beginning, or the file cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LogDamagedError(f"{path} cannot be read: {error.strerror}") from None
    whole, _, torn = content.rpartition(b"\n")
    lines = whole.split(b"\n") if whole else []
    entries = [_entry(path, number, line) for number, line in enumerate(lines, start=1)]
    if not entries or not isinstance(entries[0], Begin):
        raise LogDamagedError(f"{path}:1: a world's beginning was expected here")
    if entries[0].format != FORMAT:
        raise LogDamagedError(f"{path}:1: is of format {entries[0].format!r}; this rostersim reads {FORMAT!r}")
    commands = [entry for entry in entries[1:] if not isinstance(entry, Begin)]
    if not torn:
        return Read(entries[0], commands, "")
    note = f"the last command ({len(torn)} bytes) was torn off while it was written; it was never done, and is dropped"
    return Read(entries[0], commands, note)


def _entry(path: Path, number: int, line: bytes) -> Line:
    checksum, _, body = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(body):
        raise LogDamagedError(
            f"{path}:{number}: this line is damaged (its checksum is another); nothing was changed. "
            "Put the file back from a copy, or cut it off before this line"
        )
    try:
        line_read: Line = _LINE.decode(body)
    except msgspec.DecodeError as error:
        raise LogDamagedError(f"{path}:{number}: {error}") from None
    return line_read


class CommandLog:
    """Writes commands down; every one is on the disk when :meth:`append` returns.

    Args:
        path: of the file, which has its beginning already; a last line that was torn is cut off.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        whole, end, _ = path.read_bytes().rpartition(b"\n")
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.ftruncate(self._file, len(whole) + len(end))

    def append(self, command: AnyCommand) -> None:
        """Write a command down, before it is done.

        Raises:
            LogUnwritableError: the disk does not take it; the log is what it was.
        """
        line = encoded_line(command)
        before = os.fstat(self._file).st_size
        try:
            written = os.write(self._file, line)
            if written != len(line):
                raise OSError(0, f"{written} of {len(line)} bytes were written")
            os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, before)
            raise LogUnwritableError(f"{self._path} cannot be written: {error.strerror}") from None

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def write_beginning(folder: Path, begin: Begin, put: Callable[[Path, Begin], Begin] = lambda _, begin: begin) -> Path:
    """Make a world's folder with the first line of its log, whole or not at all.

    Args:
        folder: which must not be there yet.
        begin: of the world.
        put: puts into the folder what else the world begins with, and says so in the beginning.

    Returns:
        The log.

    Raises:
        OSError: it cannot be written.
    """
    making = folder.with_name(f"{folder.name}.new")
    making.mkdir(mode=PRIVATE_FOLDER)
    try:
        write_durably(making / LOG_NAME, encoded_line(put(making, begin)))
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making)
        raise
    sync_folder(folder.parent)
    return folder / LOG_NAME


LOG_NAME = "commands.log"


def write_durably(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, so that after a crash it is there whole, or as it was before.

    Raises:
        OSError: it cannot be written.
    """
    making = path.with_name(f"{path.name}.new")
    file = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        making.rename(path)
    except OSError:
        making.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Saved(NamedTuple):
    """A snapshot, as the log has it."""

    at: str
    commands: tuple[AnyCommand, ...]
    """That led to it."""


class History(NamedTuple):
    """What has come of a log: the commands that count, and where each snapshot stands."""

    commands: tuple[AnyCommand, ...]
    saved: dict[str, Saved]


def history_of(log: Sequence[AnyCommand]) -> History:
    """Give the commands that count: those before a restored snapshot and after it, none that were undone."""
    kept: list[AnyCommand] = []
    saved: dict[str, Saved] = {}
    for command in log:
        match command:
            case Save(name=name, at=at):
                saved[name] = Saved(at, tuple(kept))
            case Restore(name=name):
                kept = list(saved[name].commands)
            case Rewind(to=to):
                kept = _rewound(kept, to)
            case Paused(at=at):
                kept = [*kept[:-1], msgspec.structs.replace(kept[-1], to=at)]
            case _:
                kept.append(command)
    return History(tuple(kept), saved)


def _rewound(commands: Sequence[AnyCommand], to: str) -> list[AnyCommand]:
    """Keep what was done until a moment, which time then goes on to."""
    end = read_wire_time(to)
    kept = [command for command in commands if read_wire_time(command.at) <= end]
    while kept and isinstance(kept[-1], Advance):
        kept.pop()
    return [*kept, Advance(at=to, to=to)]
