"""The other side of :mod:`simulator.forked`: a process that has imported a sync once, and forks a child for every run.

It starts from a fresh interpreter, has one thread, and holds nothing of the harness but one end of a socket: so no
child inherits the harness's sockets, stores or threads, and each is a process of its own that can be killed like one.

What a child sees:

- it is told its world by the function's argument and by ``os.environ``, as a command is;
- its time is frozen at ``SYNC_NOW``, as for a callable, and moved by nothing but its own sleeps;
- ``time.sleep`` is an event of the simulation and takes no real time; those of several threads come one after the
  other, and what waits otherwise (``Event.wait``, ``select``) waits for real;
- when its function has returned, it sleeps for no time once more: the last moment at which it can be killed.
"""

import encodings.idna  # noqa: F401 - every client imports it with its first request; here once for all
import gc
import os
import resource
import signal
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import NoReturn, Protocol

import freezegun
import msgspec

import simulator.frozen  # noqa: F401 - tells freezegun which modules keep the real time
from simulator.callables import OUTPUT_TAIL_CHARACTERS, NightlySync, UnusableSutError, find_callable, run_to_end

EXIT_CODE_MAX = 255
OUTPUT_TAIL_BYTES = 4 * OUTPUT_TAIL_CHARACTERS
"""No character of UTF-8 is longer than four bytes."""
PIPE_BYTES = 65_536


class Start(msgspec.Struct, frozen=True, tag=True):
    """The harness wants a run."""

    run: int
    environ: dict[str, str]
    disk_full: bool


class Wake(msgspec.Struct, frozen=True, tag=True):
    """A sleep of a run is over."""

    run: int


class Kill(msgspec.Struct, frozen=True, tag=True):
    """The harness wants a run dead, with all that it started: SIGKILL."""

    run: int


class Leave(msgspec.Struct, frozen=True, tag=True):
    """The harness wants nothing more."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The sync is imported."""


class Unusable(msgspec.Struct, frozen=True, tag=True):
    """The sync cannot be imported."""

    message: str


class Slept(msgspec.Struct, frozen=True, tag=True):
    """A run sleeps."""

    run: int
    seconds: float


class Died(msgspec.Struct, frozen=True, tag=True):
    """A run's process is gone."""

    run: int
    exit_code: int
    """As of a command: negative for the number of the signal that ended it."""
    output: str
    """The tail of what it wrote."""


Order = Start | Wake | Kill | Leave
Word = Ready | Unusable | Slept | Died

_orders: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)
_encode = msgspec.msgpack.Encoder().encode


class Frozen(Protocol):
    """The process's frozen time (freezegun's)."""

    def move_to(self, target_datetime: datetime) -> None:
        """Show this moment."""

    def tick(self, delta: timedelta, /) -> object:
        """Let time pass."""


class _Child:
    """A run, as its server knows it.

    Args:
        run: its number.
        pid: of the process, and of its group.
        channel: where it tells of its sleeps; it closes with the process.
        output: the pipe that takes its output.
    """

    def __init__(self, run: int, pid: int, channel: Connection, output: int) -> None:
        self.run = run
        self.pid = pid
        self.channel = channel
        self.output = output
        self.sources: list[Connection | int] = [channel, output]
        """What is listened to."""
        self._tail = bytearray()

    def take_output(self) -> None:
        """Read what is there of the output."""
        while self.output in self.sources:
            try:
                read = os.read(self.output, PIPE_BYTES)
            except BlockingIOError:
                return
            self._tail.extend(read)
            del self._tail[:-OUTPUT_TAIL_BYTES]
            if not read:
                self.sources.remove(self.output)

    def kill(self) -> None:
        """Kill it and all that it has started. It is still held as a child, so its number is nobody else's."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def bury(self) -> Died:
        """Tell how it ended, and end what it has left behind.

        Nothing here waits for long: it is killed if it still lives, which changes nothing for one that is ending.
        """
        self.kill()
        _, status = os.waitpid(self.pid, 0)
        self.take_output()
        self.channel.close()
        os.close(self.output)
        said = bytes(self._tail).decode(errors="replace")[-OUTPUT_TAIL_CHARACTERS:]
        return Died(self.run, os.waitstatus_to_exitcode(status), said)


class ForkServer:
    """The process's one loop.

    Args:
        harness: the socket.
        function: the sync.
        frozen: the time of this process and of all its children.
    """

    def __init__(self, harness: Connection, function: NightlySync, frozen: Frozen) -> None:
        self._harness = harness
        self._function = function
        self._frozen = frozen
        self._children: dict[int, _Child] = {}

    def serve(self) -> None:
        """Do what the harness wants, until it leaves or is gone; whatever runs then is killed."""
        while True:
            for source in wait([self._harness, *self._sources()]):
                if source is not self._harness:
                    self._listen(source)
                elif not self._obey(self._ordered()):
                    for child in self._children.values():
                        child.bury()
                    return

    def _sources(self) -> list[Connection | int]:
        return [source for child in self._children.values() for source in child.sources]

    def _ordered(self) -> Order:
        try:
            return _orders.decode(self._harness.recv_bytes())
        except (EOFError, OSError):
            return Leave()

    def _obey(self, order: Order) -> bool:
        """Do what is wanted, and tell whether to go on."""
        match order:
            case Start():
                self._start(order)
            case Wake(run) if run in self._children:
                _tell(self._children[run].channel, b"")
            case Kill(run) if run in self._children:
                self._children[run].kill()
        return not isinstance(order, Leave)

    def _start(self, order: Start) -> None:
        ours, theirs = Pipe()
        read_end, write_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._leave_behind(ours, read_end)
            _Life(theirs, self._frozen).live(self._function, order, write_end)
        _lead_group(pid)
        theirs.close()
        os.close(write_end)
        os.set_blocking(read_end, False)
        self._children[order.run] = _Child(order.run, pid, ours, read_end)

    def _leave_behind(self, ours: Connection, read_end: int) -> None:
        """Close in a child all that belongs to the server and to other children."""
        self._harness.close()
        ours.close()
        os.close(read_end)
        for child in self._children.values():
            child.channel.close()
            os.close(child.output)

    def _listen(self, source: object) -> None:
        child = next((child for child in self._children.values() if source in child.sources), None)
        if child is None:
            return  # it has died while this loop went over what was ready
        if source == child.output:
            child.take_output()
            return
        try:
            said = child.channel.recv_bytes()
        except (EOFError, OSError):
            del self._children[child.run]
            said = _encode(child.bury())
        _tell(self._harness, said)


def _lead_group(pid: int) -> None:
    """Make a child the leader of a group; both sides do it, as nobody knows who comes first."""
    try:
        os.setpgid(pid, pid)
    except (PermissionError, ProcessLookupError):
        return  # it is one already, or over


def _tell(channel: Connection, message: bytes) -> None:
    try:
        channel.send_bytes(message)
    except OSError:
        return  # nobody listens any more, which the next look at the channel tells


class _Life:
    """The life of a child.

    Args:
        channel: to the server.
        frozen: its time.
    """

    def __init__(self, channel: Connection, frozen: Frozen) -> None:
        self._channel = channel
        self._frozen = frozen
        self._one_by_one = threading.Lock()
        self._run = 0

    def live(self, function: NightlySync, order: Start, output: int) -> NoReturn:
        """Run a sync; the process ends with it, whatever threads are left."""
        code = 1
        try:
            self._settle(order, output)
            ended = run_to_end(function, order.environ)
            code = ended.code if 0 <= ended.code <= EXIT_CODE_MAX else 1
            sys.stderr.write(ended.said)
            self._sleep(0)
        finally:
            _flush()
            os._exit(code)

    def _settle(self, order: Start, output: int) -> None:
        _lead_group(0)
        self._run = order.run
        for stream in (1, 2):
            os.dup2(output, stream)
        os.close(output)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(order.environ)
        if order.disk_full:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        if "SYNC_NOW" in order.environ:
            self._frozen.move_to(datetime.fromisoformat(order.environ["SYNC_NOW"]).astimezone(UTC).replace(tzinfo=None))
        time.sleep = self._sleep  # type: ignore[assignment]  # its annotation takes any number-like

    def _sleep(self, seconds: float) -> None:
        pause = timedelta(seconds=seconds)  # raises in the sync, as a sleep of no number would
        if pause < timedelta():
            raise ValueError("sleep length must be non-negative")
        with self._one_by_one:
            self._channel.send_bytes(_encode(Slept(self._run, pause.total_seconds())))
            self._channel.recv_bytes()
            self._frozen.tick(pause)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue  # closed by the sync, or full: then there is nothing more to say


def main(socket: int, path: str) -> None:
    """Import the sync and serve.

    Args:
        socket: the descriptor of the harness's socket.
        path: of the sync, ``package.module:function``.
    """
    harness = Connection(socket)
    os.set_inheritable(socket, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells every process; the harness hangs up in its time
    try:
        function = find_callable("forked", path)
    except UnusableSutError as error:
        harness.send_bytes(_encode(Unusable(str(error))))
        return
    with freezegun.freeze_time() as frozen:
        gc.collect()
        gc.freeze()  # else the collector would touch, and so copy, every page in every child
        harness.send_bytes(_encode(Ready()))
        ForkServer(harness, function, frozen).serve()
