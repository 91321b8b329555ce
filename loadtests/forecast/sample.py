"""Measures the real sync on a sample: a district of the same shape with fewer schools, served by the real fakes."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from loadtests.check import check_district
from loadtests.district import Served, ServeOptions, serve_district, settle
from loadtests.forecast.trace import Trace, trace_of
from loadtests.generate import Wish, generate
from loadtests.generate.changes import change
from loadtests.load.access_log import AccessLogReader
from loadtests.load.slow_line import slow_line
from loadtests.load.sync_log import SyncLog

NightKind = Literal["first", "quiet", "first-week"]
POLL_SECONDS = 0.01
"""Short, as the end of the run is only seen so exactly."""
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
        began = time.time()
        _run(sample.command, {**environ, "SYNC_IN_FLIGHT": str(sample.in_flight)}, served, workspace / "sync.log")
        ended = time.time()
    verdict = check_district(folder)
    if not verdict.right or not verdict.planted_ok:
        found = "; ".join(verdict.first) or "what was made by hand was touched"
        raise SyncFailed(f"Otus is not as Clever after the night, so it has no speed: {found}")
    return trace_of(AccessLogReader(log).new_lines(), manifest.counts.students, began, ended)


@contextmanager
def _lines(served: Served, latency_ms: float) -> Iterator[dict[str, str]]:
    """Put slow lines before both systems, if there is latency at all."""
    told = served.environment()
    with ExitStack() as stack:
        if latency_ms:
            for variable in ("CLEVER_URL", "OTUS_URL"):
                told[variable] = stack.enter_context(slow_line(told[variable], latency_ms))
        yield told


def _run(command: Sequence[str], environ: dict[str, str], served: Served, log: Path) -> None:
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 - what the user has named
            command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=file
        )
        try:
            code = _wait(process, served)
        finally:
            _end(process)
    if code:
        said = SyncLog()
        for line in log.read_bytes().splitlines():
            said.read(line)
        raise SyncFailed(f"the sync ended with {code}: {said.last_words or 'without a word'}")


def _wait(process: "subprocess.Popen[bytes]", served: Served) -> int:
    while True:
        try:
            return process.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            served.check()


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
