"""Serves a generated district: both fakes over their files, each behind worker processes of granian, on loopback."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import msgspec
import psutil

from fakes.clever import Clever
from fakes.clever import Store as CleverStore
from fakes.shared.database import open_to_read
from loadtests.generate.manifest import CLEVER_FILE, OTUS_FILE, BrokenDistrict, Manifest, read_manifest
from loadtests.worker import EXIT_PORT_TAKEN, SYSTEM_VARIABLE, ServedSystem, now

LOOPBACK = "127.0.0.1"
READY_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 10.0
POLL_SECONDS = 0.05
NO_LIMIT_PER_MINUTE = 1_000_000_000


class WorkerDied(RuntimeError):  # noqa: N818 - as the refusals are named
    """A process of a server is gone that should be there; what was measured meanwhile counts for nothing."""


class ServeOptions(NamedTuple):
    """How a district is served."""

    clever_workers: int = 2
    otus_workers: int = 1
    """SQLite lets one process write at a time, so more only help those who read meanwhile."""
    access_log: Path | None = None
    rate_limit_per_minute: int | None = None
    """Of Clever, for a token; ``None`` is no limit. It is counted in a process's memory: Clever then has one worker."""


DEFAULTS = ServeOptions()


class Server:
    """The processes that serve one fake.

    Args:
        served: what they serve.
    """

    def __init__(self, served: ServedSystem) -> None:
        self.system = served.system
        self._served = served
        self._workers = served.workers
        self._process = self._started()

    @property
    def url(self) -> str:
        """Where it is, once it is ready."""
        return f"http://{LOOPBACK}:{self._served.port}"

    def _started(self) -> "subprocess.Popen[bytes]":
        # Python's safe path, and a group of its own: the end of this takes all of it along.
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "loadtests.worker"],
            env={**os.environ, SYSTEM_VARIABLE: msgspec.json.encode(self._served).decode()},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait_until_ready(self) -> None:
        """Wait until every worker listens; on another port, where somebody has taken this one meanwhile.

        Raises:
            WorkerDied: they do not come up.
        """
        deadline = time.monotonic() + READY_SECONDS_MAX
        while True:
            if self._process.poll() == EXIT_PORT_TAKEN:
                self.stop()
                self._served = msgspec.structs.replace(self._served, port=_free_ports(1)[0])
                self._process = self._started()
            if self._process.poll() is not None:
                raise WorkerDied(f"the server of {self.system} did not start; see its message above")
            if sum(map(self._listens, self._living_workers())) == self._workers:
                return
            if time.monotonic() > deadline:
                raise WorkerDied(f"the server of {self.system} was not ready after {READY_SECONDS_MAX:.0f} seconds")
            time.sleep(POLL_SECONDS)

    def pids(self) -> list[int]:
        """List the server's process and its workers."""
        return [self._process.pid, *(worker.pid for worker in self._living_workers())]

    def check(self) -> None:
        """See that all processes are there.

        Raises:
            WorkerDied: one is not.
        """
        code = self._process.poll()
        if code is not None:
            raise WorkerDied(f"the server of {self.system} has ended with code {code}, or a worker of it has died")
        living = len(self._living_workers())
        if living < self._workers:
            raise WorkerDied(f"{self._workers - living} of {self._workers} workers of {self.system} have died")

    def stop(self) -> None:
        """End all processes, in order if they can."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS_MAX)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _living_workers(self) -> list[psutil.Process]:
        try:
            children = psutil.Process(self._process.pid).children()
            return [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
        except psutil.NoSuchProcess:
            return []

    def _listens(self, worker: psutil.Process) -> bool:
        try:
            connections = worker.net_connections("tcp4")
        except psutil.NoSuchProcess:
            return False
        return any(one.status == psutil.CONN_LISTEN and one.laddr.port == self._served.port for one in connections)


class Served(NamedTuple):
    """A district that is served."""

    folder: Path
    manifest: Manifest
    clever: Server
    otus: Server
    clever_token: str
    otus_token: str
    otus_support_token: str

    @property
    def clever_url(self) -> str:
        """Where Clever is."""
        return self.clever.url

    @property
    def otus_url(self) -> str:
        """Where Otus is."""
        return self.otus.url

    def environment(self) -> dict[str, str]:
        """Say to a sync where to read and where to write. The clock is the real one."""
        return {
            "CLEVER_URL": self.clever_url,
            "CLEVER_TOKEN": self.clever_token,
            "OTUS_URL": self.otus_url,
            "OTUS_TOKEN": self.otus_token,
        }

    def pids(self) -> dict[str, list[int]]:
        """List the processes of both systems."""
        return {"clever": self.clever.pids(), "otus": self.otus.pids()}

    def check(self) -> None:
        """See that all processes are there.

        Raises:
            WorkerDied: one is not.
        """
        self.clever.check()
        self.otus.check()


@contextmanager
def serve_district(folder: Path, options: ServeOptions = DEFAULTS) -> Iterator[Served]:
    """Serve a district until the end of the ``with``.

    Args:
        folder: as generated, with an Otus; Otus's file is written.
        options: how.

    Raises:
        BrokenDistrict: the folder is none, or has no Otus.
        WorkerDied: a server does not come up, or a process of one was gone at the end.
    """
    manifest = read_manifest(folder)
    if manifest.otus == "none":
        raise BrokenDistrict(f"{folder} has no Otus; make the district with: rostersim generate --otus first {folder}")
    clever_port, otus_port = _free_ports(2)
    limit = options.rate_limit_per_minute
    log = None if options.access_log is None else str(options.access_log.absolute())
    clever = ServedSystem(
        system="clever",
        store=str(folder / CLEVER_FILE),
        port=clever_port,
        workers=options.clever_workers if limit is None else 1,
        access_log=log,
        rate_limit_per_minute=NO_LIMIT_PER_MINUTE if limit is None else limit,
    )
    otus = ServedSystem(
        system="otus",
        store=str(folder / OTUS_FILE),
        port=otus_port,
        workers=options.otus_workers,
        access_log=log,
        integration_token=secrets.token_hex(20),
        support_token=secrets.token_hex(20),
    )
    with ExitStack() as stack:
        servers = []
        for system in (clever, otus):
            servers.append(Server(system))
            stack.callback(servers[-1].stop)
        for server in servers:
            server.wait_until_ready()
        served = Served(
            folder,
            manifest,
            servers[0],
            servers[1],
            clever_token(folder),
            otus.integration_token,
            otus.support_token,
        )
        yield served
        served.check()


def clever_token(folder: Path) -> str:
    """Give the token that the district has issued to the sync."""
    store = CleverStore(connection=open_to_read(folder / CLEVER_FILE))
    with closing(Clever(now, store=store)) as clever:
        application = clever.admission.connections[0].application
        return clever.admission.grants_of(application.client_id)[0].token


def copied(folder: Path, to: Path) -> Path:
    """Copy a district that is not served, so that it can be measured more than once from the same beginning."""
    shutil.copytree(folder, to, dirs_exist_ok=False)
    return to


def settle(folder: Path) -> None:
    """Have a district's files on the disk, so that the system does not write them out while a night is measured."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _free_ports(count: int) -> list[int]:
    """Find ports that are free; bound all at once, so that they differ."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
