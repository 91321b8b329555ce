"""Measures the real sync on a sample: a district of the same shape with fewer schools, served by the real fakes."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from loadtests.check import check_district
from loadtests.district import Served, ServeOptions, serve_district, settle
from loadtests.forecast.trace import Trace, Watched, trace_of
from loadtests.forecast.watch import Watch
from loadtests.generate import Wish, generate
from loadtests.generate.changes import change
from loadtests.load.access_log import AccessLogReader
from loadtests.load.slow_line import slow_line
from loadtests.load.sync_log import SyncLog

NightKind = Literal["first", "quiet", "first-week"]
CHECK_SECONDS = 1.0
"""How often it is seen whether all servers are there."""
STOP_SECONDS_MAX = 2.0


class SyncFailed(RuntimeError):  # noqa: N818 - as the refusals are named
    """The sync has failed, or Otus was wrong afterwards: such a run has no speed, and nothing follows from it."""


class Sample(NamedTuple):
    """What is measured."""

    wish: Wish
    """The district."""
    night: NightKind
    seed: int
    command: Sequence[str]
    """The sync: program and arguments."""
    in_flight: int = 1
    """Told to the sync as ``SYNC_IN_FLIGHT``. With 1 it can be told apart who was at work when."""
    latency_ms: float = 0.0
    rate_limit_per_minute: int | None = None
    clever_workers: int = 2
    is_whole: bool = False
    """Whether it is no sample, but what is forecast."""


def measure(sample: Sample, workspace: Path) -> Trace:
    """Generate the district, run its night once, compare Otus with Clever.

    A night that is not the first comes upon an Otus as after last night, and upon a sync without memory of it: it reads
    all of Clever, which is the slower way.

    Args:
        sample: what to measure.
        workspace: an empty folder to do it in; it is left full.

    Raises:
        SyncFailed: the run failed or was wrong.
        WorkerDied: a process of the fakes has died.
        NothingAsked: the sync has not talked to the fakes.
    """
    folder, log = workspace / "district", workspace / "access.jsonl"
    manifest = generate(folder, sample.wish, sample.seed, "first" if sample.night == "first" else "after")
    if sample.night != "first":
        change(folder, sample.night, seed=sample.seed)
    settle(folder)
    serving = ServeOptions(sample.clever_workers, 1, log, sample.rate_limit_per_minute)
    with serve_district(folder, serving) as served, _lines(served, sample.latency_ms) as told:
        environ = {**os.environ, **told, "SYNC_STATE_DIR": str(workspace / "state"), "NO_COLOR": "1"}
        environ["SYNC_IN_FLIGHT"] = str(sample.in_flight)
        span = _run(sample.command, environ, served, workspace / "sync.log")
    verdict = check_district(folder)
    if not verdict.right or not verdict.planted_ok:
        found = "; ".join(verdict.first) or "what was made by hand was touched"
        raise SyncFailed(f"Otus is not as Clever after the night, so it has no speed: {found}")
    return trace_of(AccessLogReader(log).new_lines(), manifest.counts.students, span)


@contextmanager
def _lines(served: Served, latency_ms: float) -> Iterator[dict[str, str]]:
    """Put slow lines before both systems, if there is latency at all."""
    told = served.environment()
    with ExitStack() as stack:
        if latency_ms:
            for variable in ("CLEVER_URL", "OTUS_URL"):
                told[variable] = stack.enter_context(slow_line(told[variable], latency_ms))
        yield told


def _run(command: Sequence[str], environ: dict[str, str], served: Served, log: Path) -> Watched:
    with log.open("wb") as file:
        began = time.time()
        process = subprocess.Popen(  # noqa: S603 - what the user has named
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=file,
            start_new_session=True,  # as the servers: Linux shares cores out by session first, and one looks on in ours
        )
        watch = Watch({"sync": [process.pid], "clever": served.clever.pids(), "otus": served.otus.pids()})
        try:
            with watch.watching():
                ended = _wait(process, served)
        finally:
            _end(process)
    if process.returncode:
        said = SyncLog()
        for line in log.read_bytes().splitlines():
            said.read(line)
        raise SyncFailed(f"the sync ended with {process.returncode}: {said.last_words or 'without a word'}")
    return Watched(began, ended, watch.usage())


def _wait(process: "subprocess.Popen[bytes]", served: Served) -> float:
    """Wait for the end of a process.

    A thread does, as waiting for a limited time means looking again and again, and looking after the servers takes
    milliseconds: both at short intervals had taken half a core from the night that is measured.

    Returns:
        When it was, in seconds since 1970.
    """
    ends: list[float] = []

    def wait() -> None:
        process.wait()
        ends.append(time.time())

    waiting = threading.Thread(target=wait, name="wait", daemon=True)
    waiting.start()
    while waiting.is_alive():
        waiting.join(CHECK_SECONDS)
        served.check()
    return ends[0]


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
