"""Measures one night: serves the district, has Locust do the night, asks the checker, and puts everything together."""

import os
import platform
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import msgspec
import psutil
import urllib3

from loadtests.check import check_district
from loadtests.district import Served, ServeOptions, WorkerDied, copied, serve_district
from loadtests.generate.changes import NightName, change
from loadtests.generate.manifest import read_manifest
from loadtests.load import engine as locust
from loadtests.load.access_log import AccessLogReader, records_read, traffic_of
from loadtests.load.engine import EngineBroke, EngineOptions
from loadtests.load.happenings import SyncRun
from loadtests.load.memory import MemoryWatch
from loadtests.load.plan import PEOPLE, PROGRESS_FILE, RUNS_FILE, Assignment, EventSource, LoadPlan, SyncScope
from loadtests.load.result import Engine, Measured, ShapeName, Verdict
from loadtests.load.slow_line import slow_line
from simulator.sut import UnusableSutError

POLL_SECONDS = 0.1
RAW_PULLS = 3
"""How often the bare pull is measured; the median counts."""
SLICES = 60
"""Into so many slices of time a night is cut at most, for the chart."""
OWN_SYNC = "otus-sync"
KEPT = (locust.HTML_FILE, *(f"{locust.CSV_PREFIX}_{part}.csv" for part in ("stats", "stats_history", "failures")))
"""What of Locust's own files goes into the report."""
ACCESS_LOG = "access.jsonl"


class LoadOptions(NamedTuple):
    """What is measured, and how."""

    district: Path
    """As generated; it is copied first, unless ``in_place``."""
    sut: str = f"command: {OWN_SYNC} run"
    events: EventSource | None = None
    """Where requests and phases of the sync are read; ``None``: its own log if it is ours, else the access log."""
    shape: ShapeName = "night"
    seconds: float = 0.0
    sync: SyncScope = "district"
    school_syncs: int = 4
    teachers: int = 0
    admins: int = 0
    night: NightName | None = None
    """What is changed in Clever before: as ``rostersim change`` has it."""
    seed: int = 0
    nights_max: int = 1
    """Of a soak."""
    rest_seconds: float = 1.0
    """Between two nights of a soak."""
    clever_latency_ms: float = 0.0
    rate_limit_per_minute: int | None = None
    clever_workers: int = 2
    state_folder: Path | None = None
    """Where the sync keeps its state from night to night; ``None``: nowhere."""
    in_place: bool = False
    engine: EngineOptions = EngineOptions()


class Progress(msgspec.Struct, frozen=True):
    """How it stands, for whoever looks on."""

    doing: str
    seconds: float
    users: int = 0
    events: int = 0
    failures: int = 0
    syncs_left: int = 0
    syncs: int = 0
    state: str = ""
    records: int = 0
    memory: Mapping[str, int] = {}


Tell = Callable[[Progress], None]


class Night(NamedTuple):
    """A measured night, and the files of Locust's that go with it."""

    measured: Measured
    files: Mapping[str, bytes]


def measure(options: LoadOptions, tell: Tell) -> Night:
    """Measure one night. The district stays as it is, and nothing is left behind, Ctrl-C or not.

    Args:
        options: what, and how.
        tell: told how it stands, several times a second.

    Raises:
        BrokenDistrict: the folder is no whole district.
        UnusableSutError: the sync cannot be started.
        EngineBroke: Locust, or a worker of it, has failed.
        WorkerDied: a process of the fakes has died.
    """
    read_manifest(options.district)  # first of all: is it one?
    command = command_of(options.sut)
    # On the district's own disk, where there is room for its like.
    beside = options.district.resolve().parent
    with tempfile.TemporaryDirectory(prefix=".rostersim-load-", dir=beside, ignore_cleanup_errors=True) as workspace:
        return _measured(options, command, Path(workspace), tell)


def _measured(options: LoadOptions, command: list[str], workspace: Path, tell: Tell) -> Night:
    began = time.monotonic()

    def say(doing: str) -> None:
        tell(Progress(doing, time.monotonic() - began))

    folder = options.district
    if not options.in_place:
        say("copying the district")
        folder = copied(options.district, workspace / "district")
    if options.night is not None:
        say(f"changing Clever: {options.night}")
        change(folder, options.night, seed=options.seed)
    results = workspace / "results"
    results.mkdir()
    access_log = results / ACCESS_LOG
    serving = ServeOptions(
        clever_workers=options.clever_workers,
        access_log=access_log,
        rate_limit_per_minute=options.rate_limit_per_minute,
    )
    say("starting the servers")
    with serve_district(folder, serving) as served:
        engine, watch = _run_night(options, command, served, results, tell)
        lines = list(AccessLogReader(access_log).new_lines())
        raw_pull_seconds = None
        if options.rate_limit_per_minute is None:  # else it would be stopped, and measure the limit
            say("pulling the same data bare")
            raw_pull_seconds = _raw_pull_seconds(served)
    say("comparing Otus with Clever")
    verdict = check_district(folder)
    runs = _runs_of(results)
    slice_seconds = _slice_seconds(runs)
    measured = Measured(
        title=_title(options, command),
        machine=machine(),
        shape=options.shape,
        counts=msgspec.structs.asdict(served.manifest.counts),
        runs=runs,
        kinds=engine.kinds,
        errors=engine.errors,
        traffic=traffic_of(lines, slice_seconds),
        slice_seconds=slice_seconds,
        records_read=records_read(lines),
        memory=watch.series(),
        raw_pull_seconds=raw_pull_seconds,
        verdict=msgspec.convert(verdict, Verdict, from_attributes=True),
        users_peak=engine.users_peak,
        workers=engine.workers,
    )
    return Night(measured, {name: (results / name).read_bytes() for name in KEPT if (results / name).exists()})


def command_of(sut: str) -> list[str]:
    """Read a ``--sut``: here it is a command always, as in production.

    Raises:
        UnusableSutError: it is none, or there is no such program.
    """
    kind, colon, rest = sut.partition(":")
    if not colon or kind.strip() != "command":
        raise UnusableSutError(f"--sut {sut!r}: under load the sync is a command of its own, `command: otus-sync run`")
    try:
        words = shlex.split(rest)
    except ValueError as error:
        raise UnusableSutError(f"--sut {sut!r}: {error}") from None
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    program = shutil.which(words[0], path=search) if words else None
    if program is None:
        raise UnusableSutError(f"--sut {sut!r}: there is no program {words[0] if words else ''!r} on the PATH")
    return [program, *words[1:]]


def machine() -> str:
    """Name this machine and what runs on it, as far as figures hang on it."""
    memory_gb = psutil.virtual_memory().total / 1024**3
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory_gb:.0f} GiB, {platform.system()} {platform.machine()}, {python}"


def _run_night(
    options: LoadOptions, command: list[str], served: Served, results: Path, tell: Tell
) -> tuple[Engine, MemoryWatch]:
    process: list[subprocess.Popen[bytes]] = []
    watch = MemoryWatch(served.pids, lambda: process[0].pid if process else None)
    with ExitStack() as stack:
        told = dict(served.environment())
        if options.clever_latency_ms:
            told["CLEVER_URL"] = stack.enter_context(slow_line(served.clever_url, options.clever_latency_ms))
        plan = _plan(options, command, served, told, results)
        leading = locust.leading_command(results, options.engine)
        stack.enter_context(watch.watching())
        process.append(stack.enter_context(locust.running(leading, plan, results / "plan.json")))
        code = _look_on(process[0], served, results, watch, tell)
    return locust.read_engine(results, code), watch


def _look_on(process: "subprocess.Popen[bytes]", served: Served, results: Path, watch: MemoryWatch, tell: Tell) -> int:
    """Look on until Locust has ended; see that the servers live."""
    began = time.monotonic()
    follow = _Following(results)
    while True:
        try:
            code = process.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            served.check()
            tell(follow.progress(time.monotonic() - began, watch.now()))
        except KeyboardInterrupt:
            if not follow.is_over:
                raise
            # With Locust's web interface a run that is over waits to be looked at; Ctrl-C takes leave of it.
            locust.end(process)
            return 0
        else:
            served.check()
            return code


class _Following:
    """Puts together what there is to see while Locust works."""

    def __init__(self, results: Path) -> None:
        self._file = results / PROGRESS_FILE
        self._access = AccessLogReader(results / ACCESS_LOG)
        self._records = 0
        self._last = Progress("Locust starts", 0.0)

    @property
    def is_over(self) -> bool:
        return self._last.state == "stopped"

    def progress(self, seconds: float, memory: Mapping[str, int]) -> Progress:
        self._records += records_read(self._access.new_lines())
        lines = self._file.read_bytes().splitlines() if self._file.exists() else []
        for line in reversed(lines):
            try:
                self._last = msgspec.convert(
                    {"doing": "the night", "seconds": 0.0, **msgspec.json.decode(line)}, Progress
                )
            except msgspec.MsgspecError:
                continue  # half a line
            break
        return msgspec.structs.replace(self._last, seconds=seconds, records=self._records, memory=dict(memory))


def _plan(options: LoadOptions, command: list[str], served: Served, told: Mapping[str, str], results: Path) -> LoadPlan:
    ours = Path(command[0]).name == OWN_SYNC
    assignment = Assignment(
        command=tuple(command),
        environ=told,
        events=options.events or ("sync-log" if ours else "access-log"),
        otus_url=served.otus_url,
        support_token=served.otus_support_token,
        schools=_schools_of(served),
        rest_seconds=options.rest_seconds,
        nights_max=options.nights_max,
        state_folder=None if options.state_folder is None else str(options.state_folder.absolute()),
    )
    return LoadPlan(
        folder=str(results),
        shape=options.shape,
        seconds=options.seconds,
        sync=options.sync,
        school_syncs=options.school_syncs,
        teachers=options.teachers,
        admins=options.admins,
        workers=options.engine.workers,
        access_log=str(results / ACCESS_LOG),
        assignment=assignment,
    )


class _School(msgspec.Struct):
    sis_id: str = ""


class _Row(msgspec.Struct):
    data: _School


class _Page(msgspec.Struct):
    data: list[_Row]


def _schools_of(served: Served) -> tuple[str, ...]:
    """List the DBNs of the district, as Clever gives them."""
    headers = {"Authorization": f"Bearer {served.clever_token}", "X-Sync-Run": PEOPLE}
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", f"{served.clever_url}/v3.1/schools?limit=10000", headers=headers)
    if answer.status != 200:
        raise WorkerDied(f"Clever answers {answer.status} where its schools should be: {answer.data[:200]!r}")
    page = msgspec.json.decode(answer.data, type=_Page)
    return tuple(sorted(row.data.sis_id for row in page.data if row.data.sis_id))


class _Pull(msgspec.Struct):
    seconds: float


def _raw_pull_seconds(served: Served) -> float:
    """Measure the bare pull, in a process of its own as the sync has one."""
    command = [sys.executable, "-P", "-m", "loadtests.raw_pull", "--url", served.clever_url]
    told = {**os.environ, "CLEVER_TOKEN": served.clever_token}
    seconds = []
    for _ in range(RAW_PULLS):
        done = subprocess.run(command, env=told, capture_output=True, check=False)  # noqa: S603 - this project
        if done.returncode:
            raise EngineBroke(f"the bare pull failed: {done.stderr.decode(errors='replace').strip()}")
        seconds.append(msgspec.json.decode(done.stdout, type=_Pull).seconds)
    return statistics.median(seconds)


def _runs_of(results: Path) -> tuple[SyncRun, ...]:
    file = results / RUNS_FILE
    lines = file.read_bytes().splitlines() if file.exists() else []
    return tuple(sorted((msgspec.json.decode(line, type=SyncRun) for line in lines), key=lambda run: run.began))


def _slice_seconds(runs: tuple[SyncRun, ...]) -> float:
    """Choose how finely the night is cut, for the chart: fine enough for its seconds, few enough to see."""
    seconds = max((run.ended for run in runs), default=0.0) - min((run.began for run in runs), default=0.0)
    return next((size for size in (0.1, 0.25, 0.5, 1, 5, 15, 60, 300) if seconds / size <= SLICES), 900.0)


def _title(options: LoadOptions, command: list[str]) -> str:
    what = {"night": "Night", "term-start": "Term's start", "soak": "Soak"}[options.shape]
    of = f", after {options.night}" if options.night else ""
    slow = f", Clever {options.clever_latency_ms:g} ms away" if options.clever_latency_ms else ""
    limit = f", {options.rate_limit_per_minute} requests a minute" if options.rate_limit_per_minute else ""
    return f"{what} of {options.district.name}{of}: {Path(command[0]).name}{slow}{limit}"
