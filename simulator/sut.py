"""The sync under test, however it is started: a Python callable, here or forked, a command, over HTTP, or by others.

It is told its world by environment variables and nothing else, the same for every sync in any language:
:data:`VARIABLES`. It reads Clever and writes Otus over HTTP, and its exit code says how it ended.
"""

import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Protocol

from fakes.shared.moments import read_wire_time
from simulator.callables import (
    OUTPUT_TAIL_CHARACTERS,
    NightlySync,
    UnusableSutError,
    find_callable,
    run_to_end,
)
from simulator.external import ExternalSut
from simulator.forked import ForkedSut
from simulator.gateway import Ended, Inbox
from simulator.guest import seat, stop_threads
from simulator.root import PowerlessError, check_permissions_can_count, heed_permissions, is_almighty
from simulator.trigger import HttpSut, is_http_url

__all__ = [
    "OUTPUT_TAIL_CHARACTERS",
    "VARIABLES",
    "CallableSut",
    "ClockKind",
    "CommandSut",
    "ForkedSut",
    "NightlySync",
    "Run",
    "Sut",
    "UnusableSutError",
    "read_spec",
]

VARIABLES: dict[str, str] = {
    "CLEVER_URL": "base URL of Clever, without version: `$CLEVER_URL/v3.0/users`, `$CLEVER_URL/v3.1/users`",
    "CLEVER_TOKEN": "bearer token of the district at Clever",
    "OTUS_URL": "base URL of Otus: `$OTUS_URL/api/v1/accounts`",
    "OTUS_TOKEN": "bearer token of the integration at Otus",
    "SYNC_NOW": "the simulated moment at which the run starts, ISO 8601 in UTC",
    "SYNC_STATE_DIR": "a folder that is the sync's own and stays from night to night",
    "SYNC_BY_HAND_CO_TEACHERS": "`keep` or `only_without_rostered` (H3)",
    "SYNC_OVERWRITE_CLASS_NAMES": "`true` or `false` (H10)",
    "SYNC_GUARD_PERCENT": "share of removals above which a run is held (A14)",
    "SYNC_GUARD_MINIMUM": "fewest removals for which a run is held (A14)",
}
"""What the sync under test is told, and in which words."""

ClockKind = Literal["environment", "faketime"]
"""What time a command sees: the real one, with the simulated one in ``SYNC_NOW``; or through libfaketime one that
begins at the simulated moment, and goes on as time does."""


class Run(Protocol):
    """A sync that is running."""

    @property
    def ends_with_report(self) -> bool:
        """Whether it is over as soon as it has told Otus so: nobody here sees its process end."""

    def stop(self) -> None:
        """End it, whatever it does."""

    def is_over(self) -> bool:
        """Tell whether nothing of it runs any more."""


class Sut(Protocol):
    """A sync under test."""

    @property
    def in_process(self) -> bool:
        """Whether it sees the simulated clock as the process's time."""

    @property
    def sleeps_really(self) -> bool:
        """Whether its sleeps take real time, so that the simulated one has to follow them."""

    @property
    def has_our_disk(self) -> bool:
        """Whether it is started here, so that its disk can be full."""

    def start(self, environ: Mapping[str, str], inbox: Inbox, *, disk_full: bool = False) -> Run:
        """Start one run; its end arrives in the inbox.

        Args:
            environ: what it is told.
            inbox: of the world.
            disk_full: whether it finds no more room for its ledger.

        Raises:
            UnusableSutError: it cannot be started.
        """


def read_spec(spec: str, clock: ClockKind = "environment") -> Sut:
    """Find the sync under test that a ``--sut`` option names.

    Args:
        spec: ``callable: package.module:function``, ``forked: package.module:function``,
            ``command: program and arguments``, ``http: URL`` or ``external``.
        clock: which time a command sees.

    Raises:
        UnusableSutError: the spec cannot be read, the callable not imported, the program or libfaketime not found.
    """
    kind, colon, rest = spec.partition(":")
    if clock == "faketime" and kind.strip() != "command":
        raise UnusableSutError(f"--clock faketime is for commands; {spec!r} is none")
    match kind.strip() if colon or spec.strip() == "external" else "":
        case "callable":
            return CallableSut(find_callable("callable", rest.strip()))
        case "forked":
            return ForkedSut(rest.strip())
        case "command":
            return CommandSut(_command(rest.strip()), None if clock == "environment" else _faketime())
        case "http":
            return HttpSut(_url(rest.strip()))
        case "external":
            return ExternalSut()
    raise UnusableSutError(
        f"--sut {spec!r}: expected `callable: package.module:function` or `command: program and arguments`"
        " (or `forked: package.module:function`, `http: URL`, or `external`)"
    )


def _url(url: str) -> str:
    if not is_http_url(url):
        raise UnusableSutError(f"--sut http {url!r}: expected a URL, http://127.0.0.1:8080/run")
    return url


def _faketime() -> str:
    program = shutil.which("faketime")
    if program is None:
        raise UnusableSutError(
            "--clock faketime: there is no program 'faketime' on the PATH; install libfaketime, or leave --clock out:"
            " a command is told the time by SYNC_NOW"
        )
    return program


def _command(line: str) -> list[str]:
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UnusableSutError(f"--sut command {line!r}: {error}") from None
    if not words:
        raise UnusableSutError("--sut command: expected a program and its arguments")
    program = shutil.which(words[0], path=_search_path())
    if program is None:
        raise UnusableSutError(f"--sut command: there is no program {words[0]!r} on the PATH")
    return [program, *words[1:]]


def _search_path() -> str:
    """Give the PATH, with the programs of this Python's environment first (``otus-sync`` among them)."""
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"


class CallableSut:
    """A Python function that takes the environment and returns an exit code; it runs in a thread of this process."""

    in_process = True
    sleeps_really = False
    has_our_disk = True

    def __init__(self, function: NightlySync) -> None:
        self._function = function

    def start(self, environ: Mapping[str, str], inbox: Inbox, *, disk_full: bool = False) -> Run:
        """Start the function in a thread; a full disk is a folder that is read-only already, to root as well."""
        heeds_permissions = disk_full and is_almighty()
        if heeds_permissions:
            try:
                check_permissions_can_count()
            except PowerlessError as error:
                advice = "run rostersim as another user, or give the sync as a command"
                raise UnusableSutError(f"the sync's disk cannot be full: {error}; {advice}") from None
        return _ThreadRun(self._function, dict(environ), inbox, heeds_permissions=heeds_permissions)


class _ThreadRun:
    ends_with_report = False

    def __init__(
        self, function: NightlySync, environ: Mapping[str, str], inbox: Inbox, *, heeds_permissions: bool
    ) -> None:
        self._heeds_permissions = heeds_permissions
        self._function = function
        self._environ = environ
        self._inbox = inbox
        self._stopped = False
        self._hosts = frozenset(threading.enumerate())
        self._thread = threading.Thread(target=self._run, name="sync-under-test", daemon=True)
        seat(self._thread, inbox)
        self._thread.start()

    def _run(self) -> None:
        if self._heeds_permissions:
            heed_permissions()
        ended = Ended(*run_to_end(self._function, self._environ))
        if not self._stopped:
            self._inbox.put(ended)

    def stop(self) -> None:
        """Let its threads end, and say nothing of it; see :func:`~simulator.guest.stop_threads`."""
        self._stopped = True
        stop_threads(self._hosts, self._inbox)

    def is_over(self) -> bool:
        """Tell whether the function has returned."""
        return not self._thread.is_alive()


WITHOUT_ROOM = ("/bin/sh", "-c", 'ulimit -f 0; exec "$@"', "sh")
"""Runs a program for which every file is full."""


class CommandSut:
    """A program in any language, started anew for every run."""

    in_process = False
    sleeps_really = True
    has_our_disk = True

    def __init__(self, words: list[str], faketime: str | None = None) -> None:
        self._words = words
        self._faketime = faketime

    def start(self, environ: Mapping[str, str], inbox: Inbox, *, disk_full: bool = False) -> Run:
        """Start the program; its output is kept for the case that it fails.

        On a full disk every file that it or its children write is full at 0 bytes; pipes and sockets are none.
        """
        inherited = {**os.environ, "PATH": _search_path(), "NO_COLOR": "1"}
        try:
            process = subprocess.Popen(  # noqa: S603 - running the user's program is what it is for
                [*(WITHOUT_ROOM if disk_full else ()), *self._at(environ), *self._words],
                env=inherited | dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise UnusableSutError(f"--sut command {self._words[0]!r} cannot be started: {error.strerror}") from None
        return _ProcessRun(process, inbox)

    def _at(self, environ: Mapping[str, str]) -> tuple[str, ...]:
        """Give the words that let a program see the simulated time, if it shall."""
        if self._faketime is None:
            return ()
        local = read_wire_time(environ["SYNC_NOW"]).astimezone()  # libfaketime reads the time of the machine's zone
        return (self._faketime, "-f", f"@{local:%Y-%m-%d %H:%M:%S}")


class _ProcessRun:
    ends_with_report = False

    def __init__(self, process: "subprocess.Popen[bytes]", inbox: Inbox) -> None:
        self._process = process
        self._inbox = inbox
        self._stopped = False
        self._watch = threading.Thread(target=self._wait, name="rostersim-watch", daemon=True)
        self._watch.start()

    def _wait(self) -> None:
        output, _ = self._process.communicate()
        tail = output.decode(errors="replace")[-OUTPUT_TAIL_CHARACTERS:]
        if not self._stopped:
            self._inbox.put(Ended(self._process.returncode, tail))

    def stop(self) -> None:
        """Kill the program and all that it started, and say nothing of it."""
        self._stopped = True
        try:
            os.killpg(self._process.pid, 9)
        except ProcessLookupError:
            return
        self._watch.join(timeout=5)

    def is_over(self) -> bool:
        """Tell whether the program has ended, and all that holds its output."""
        return not self._watch.is_alive()
