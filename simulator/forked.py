"""A sync under test that is a Python function, each run of it in a process of its own, forked from one that is warm.

As cheap as a thread and as mortal as a process: SIGKILL ends a run wherever it stands. The process that forks is
started once for each function and imports it once; see :mod:`simulator.fork_server`, its other side.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from multiprocessing import Pipe

import msgspec

from simulator.callables import OUTPUT_TAIL_CHARACTERS, UnusableSutError
from simulator.fork_server import Died, Kill, Leave, Order, Ready, Slept, Start, Unusable, Wake, Word
from simulator.gateway import Ended, Inbox, Sleep
from simulator.interrupts import interrupts_deferred

BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from simulator.fork_server import main;"
    " main(int(sys.argv[2]), sys.argv[3])"
)
"""The server's program: it finds modules where the harness does."""
INSIDE = "ROSTERSIM_FORKS"
"""Stands in the environment of a server; a run has the harness's own, without it."""
IMPORT_SECONDS_MAX = 120.0
"""How long a sync's module may take to be imported, in real time."""
DEATH_SECONDS_MAX = 5.0
"""How long a killed process may take to be gone, in real time."""

_words: msgspec.msgpack.Decoder[Word] = msgspec.msgpack.Decoder(Word)
_encode = msgspec.msgpack.Encoder().encode


class ForkedSut:
    """A Python function that takes the environment and returns an exit code; every run is a process.

    Args:
        path: ``package.module:function``.

    Raises:
        UnusableSutError: there is no such function, or importing its module fails.
    """

    in_process = False
    sleeps_really = False
    has_our_disk = True

    def __init__(self, path: str) -> None:
        self._path = path
        warm_server(path)

    def start(self, environ: Mapping[str, str], inbox: Inbox, *, disk_full: bool = False) -> "ForkedRun":
        """Fork a run; it is told what a command would be.

        On a full disk every file that it or its children write is full at 0 bytes; pipes and sockets are none.
        """
        told = {**os.environ, "NO_COLOR": "1", **environ}
        return warm_server(self._path).start(told, inbox, disk_full=disk_full)


class ForkedRun:
    """A run in a process of its own.

    Args:
        number: among the runs of its server.
        server: whose child it is.
        inbox: of the world.
    """

    ends_with_report = False

    def __init__(self, number: int, server: "_Server", inbox: Inbox) -> None:
        self._number = number
        self._server = server
        self._inbox = inbox
        self._stopped = False
        self._over = threading.Event()

    def stop(self) -> None:
        """Kill the process and all that it started, see it dead, and say nothing of it."""
        self._stopped = True
        if not self._over.is_set():
            self._server.send(Kill(self._number))
            self._over.wait(DEATH_SECONDS_MAX)

    def is_over(self) -> bool:
        """Tell whether the process is gone."""
        return self._over.is_set()

    def sleeps(self, seconds: float) -> None:
        """Hand a sleep to the simulation."""
        if not self._stopped:
            self._inbox.put(Sleep(timedelta(seconds=seconds), _Pillow(self._number, self._server)))

    def died(self, exit_code: int, output: str) -> None:
        """Hand the end to the simulation, unless it has asked for it."""
        if not self._stopped:
            self._inbox.put(Ended(exit_code, output))
        self._over.set()


class _Pillow:
    """Where a sleeping process is woken."""

    def __init__(self, number: int, server: "_Server") -> None:
        self._number = number
        self._server = server

    def put(self, item: bool, /) -> None:
        """Wake it; one that was stopped needs no waking any more."""
        if item:
            self._server.send(Wake(self._number))


class _Server:
    """The process that forks.

    Args:
        path: of the sync.

    Raises:
        UnusableSutError: the sync cannot be imported.
    """

    def __init__(self, path: str) -> None:
        if INSIDE in os.environ:
            raise UnusableSutError(f"--sut forked {path!r}: importing it starts another fork of a sync, without end")
        self._runs: dict[int, ForkedRun] = {}
        self._numbers = count(1)
        self._sending = threading.Lock()
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the server
        self._reader: threading.Thread | None = None
        self._channel, theirs = Pipe()
        words = [json.dumps(sys.path), str(theirs.fileno()), path]
        with interrupts_deferred():
            self._process = subprocess.Popen(  # noqa: S603 - this very Python
                [sys.executable, "-P", "-c", BOOT, *words],
                env={**os.environ, INSIDE: "1"},
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.STDOUT,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
            theirs.close()
        try:
            self._see_it_ready(path)
        except BaseException:
            self._process.kill()  # it has no children yet
            self.close()
            raise
        self._reader = threading.Thread(target=self._read, name="rostersim-forks", daemon=True)
        self._reader.start()

    def _see_it_ready(self, path: str) -> None:
        try:
            word = _words.decode(self._channel.recv_bytes()) if self._channel.poll(IMPORT_SECONDS_MAX) else None
        except (EOFError, OSError):
            code = self._process.wait(DEATH_SECONDS_MAX)
            raise UnusableSutError(f"--sut forked {path!r}: importing it ends the process, exit code {code}") from None
        match word:
            case Ready():
                return
            case Unusable(message):
                raise UnusableSutError(message)
        raise UnusableSutError(f"--sut forked {path!r}: importing it takes longer than {IMPORT_SECONDS_MAX:g} s")

    @property
    def lives(self) -> bool:
        """Whether it can fork."""
        return self._process.poll() is None

    def start(self, environ: dict[str, str], inbox: Inbox, *, disk_full: bool) -> ForkedRun:
        """Fork a run."""
        number = next(self._numbers)
        run = self._runs[number] = ForkedRun(number, self, inbox)
        if not self.send(Start(number, environ, disk_full)):
            run.died(1, self._last_words())
        return run

    def send(self, order: Order) -> bool:
        """Send an order, and tell whether there is still somebody to send it to."""
        with self._sending:
            try:
                self._channel.send_bytes(_encode(order))
            except OSError:
                return False
        return True

    def close(self) -> None:
        """Let the process end, with all its children."""
        self.send(Leave())
        self._process.wait(DEATH_SECONDS_MAX)
        if self._reader is not None:
            self._reader.join(DEATH_SECONDS_MAX)
        self._channel.close()
        self._output.close()

    def _last_words(self) -> str:
        self._output.seek(0)
        return f"the process that forks the sync has died: {self._output.read()[-OUTPUT_TAIL_CHARACTERS:].decode()}"

    def _read(self) -> None:
        """Pass on what the server says, on a thread of its own."""
        while True:
            try:
                word = _words.decode(self._channel.recv_bytes())
            except (EOFError, OSError):
                break
            match word:
                case Slept(number, seconds):
                    self._runs[number].sleeps(seconds)
                case Died(number, exit_code, output):
                    self._runs.pop(number).died(exit_code, output)
        for run in list(self._runs.values()):
            run.died(1, self._last_words())
        self._runs.clear()


_SERVERS: dict[tuple[str, str], _Server] = {}
"""Those of this process, by the sync's name and the folder in which it was looked for."""


def warm_server(path: str) -> _Server:
    """Give the process that forks a sync; it is started if there is none, and ends with this one.

    Args:
        path: of the sync.

    Raises:
        UnusableSutError: the sync cannot be imported.
    """
    key = (path, os.getcwd())  # noqa: PTH109 - a key
    if key not in _SERVERS or not _SERVERS[key].lives:
        server = _SERVERS[key] = _Server(path)
        atexit.register(server.close)
    return _SERVERS[key]
