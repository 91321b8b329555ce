"""Starts the sync under test in a process of its own, as production would, and reads what it says; Locust's side.

Everything here runs in greenlets: waiting for a line or for the end lets the other users go on.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gevent import spawn, subprocess

from loadtests.load.happenings import Request, SyncRun
from loadtests.load.plan import Assignment
from loadtests.load.sync_log import SyncLog

STOP_SECONDS_MAX = 2.0
OUTPUT_KEPT_BYTES = 2000


def environ_of(assignment: Assignment, scope: str, state: Path) -> dict[str, str]:
    """Put together what one run is told.

    Args:
        assignment: of this process.
        scope: ``district``, or a DBN.
        state: where all syncs keep their state; each scope has its own folder in it.
    """
    folder = state / scope
    folder.mkdir(parents=True, exist_ok=True)
    told = {**os.environ, **assignment.environ, "SYNC_STATE_DIR": str(folder), "NO_COLOR": "1"}
    if scope != "district":
        told["SYNC_SCHOOLS"] = scope
    if assignment.events == "sync-log":
        told["SYNC_LOG_REQUESTS"] = "true"
    return told


@contextmanager
def state_folder(assignment: Assignment) -> Iterator[Path]:
    """Give the folder in which syncs keep their state; one of this process's own is gone afterwards."""
    if assignment.state_folder is not None:
        yield Path(assignment.state_folder)
        return
    with tempfile.TemporaryDirectory(prefix="rostersim-state-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def run_sync(assignment: Assignment, scope: str, state: Path, tell: Callable[[Request], None]) -> SyncRun:
    """Run the sync once.

    Whoever is stopped in the middle (a greenlet that is killed) ends the process too.

    Args:
        assignment: of this process.
        scope: ``district``, or the DBN of a school.
        state: where all syncs keep their state.
        tell: called with each request that the log tells of, while it runs.
    """
    reads_log = assignment.events == "sync-log"  # else the leading process reads the access log
    running = _Running(assignment.command, environ_of(assignment, scope, state))
    began = time.time()
    exit_code = running.to_its_end(tell if reads_log else lambda _request: None)
    reason = running.last_words[-OUTPUT_KEPT_BYTES:]
    return SyncRun(scope, began, time.time(), exit_code, reason, running.log.phases if reads_log else ())


class _Running:
    def __init__(self, command: tuple[str, ...], environ: Mapping[str, str]) -> None:
        self.log = SyncLog()
        self._command = command
        self._environ = environ
        self._output = b""

    def to_its_end(self, tell: Callable[[Request], None]) -> int:
        # A pipe each: results are written to one, the log to the other, and mixed they would tear each other's lines.
        process = subprocess.Popen(
            self._command,
            env=dict(self._environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        drain = spawn(self._drain, process)
        try:
            for line in process.stderr:
                request = self.log.read(line)
                if request is not None:
                    tell(request)
            drain.join()
            code: int = process.wait()
            return code
        finally:
            _end(process)
            drain.kill()

    @property
    def last_words(self) -> str:
        return self.log.last_words or self._output.decode(errors="replace").strip()

    def _drain(self, process: "subprocess.Popen[bytes]") -> None:
        for line in process.stdout:
            self._output = (self._output + line)[-OUTPUT_KEPT_BYTES:]


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
