"""``rostersim load``: a night of a generated district, measured by Locust."""

import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import msgspec
from rich.console import Console

from reports.errors import ReportError
from rostersim.stopping import EXIT_INTERRUPTED, ended_by_sigterm
from rostersim.unusable import Unusable
from simulator.results import EXIT_BROKEN
from simulator.sut import UnusableSutError

if TYPE_CHECKING:
    from loadtests.load.measure import LoadOptions
    from loadtests.load.thresholds import Thresholds

SHAPES = ("night", "term-start", "soak")
SYNCS = ("district", "schools", "none")
SOURCES = ("sync-log", "access-log")
NIGHTS = ("quiet", "first-week", "first", "school-moves", "outage")
NEEDED = ("locust", "altair", "vl_convert", "psutil", "granian")
EXIT_MISSED = 1
PEOPLE_MAX = 10_000
PROCESSES_MAX = 64
LOOPBACK = "127.0.0.1"
REPORT = Path("reports/latest/load")


@click.command()
@click.argument("district", type=click.Path(path_type=Path), required=False, metavar="[DIR]")
@click.option(
    "--sut", default="command: otus-sync run", show_default=True, metavar="SPEC", help="The sync under test, a command."
)
@click.option(
    "--events",
    type=click.Choice(SOURCES),
    help="Where its requests and phases are read. Default: otus-sync's own log, else the fakes' access log.",
)
@click.option("--shape", type=click.Choice(SHAPES), default="night", show_default=True, help="How the load goes.")
@click.option(
    "--seconds",
    type=click.FloatRange(0, 86_400),
    default=0.0,
    show_default=True,
    help="How long at least; of a term's start, the ramp; of a soak, how long new nights are begun.",
)
@click.option(
    "--sync",
    type=click.Choice(SYNCS),
    default="district",
    show_default=True,
    help="One sync of the whole district, one of each school, or none.",
)
@click.option(
    "--school-syncs", type=click.IntRange(1, 64), default=4, show_default=True, help="Users who share the schools out."
)
@click.option("--teachers", type=click.IntRange(0, PEOPLE_MAX), default=0, show_default=True, help="In Otus meanwhile.")
@click.option("--admins", type=click.IntRange(0, PEOPLE_MAX), default=0, show_default=True, help="Likewise.")
@click.option("--night", type=click.Choice(NIGHTS), help="Change Clever so before, as `rostersim change` does.")
@click.option(
    "--nights", type=click.IntRange(1, 1000), default=1, show_default=True, help="Of a soak: at most so many."
)
@click.option("--rest", type=click.FloatRange(0, 3600), default=1.0, show_default=True, help="Seconds between them.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of that change.")
@click.option(
    "--clever-latency-ms",
    type=click.FloatRange(0, 60_000),
    default=0.0,
    show_default=True,
    help="Let every request to Clever wait.",
)
@click.option("--rate-limit", type=click.IntRange(1), metavar="N", help="Let Clever answer N requests a minute.")
@click.option("--clever-workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes of Clever.")
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the sync keeps its state from night to night. Default: nowhere, it is new to the district.",
)
@click.option("--in-place", is_flag=True, help="Measure in DIR itself, which is changed by it, instead of in a copy.")
@click.option(
    "--thresholds",
    "thresholds_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What must hold (TOML, see docs/load-tests.md). Without it: that Otus is right and nothing fails.",
)
@click.option("--thresholds-schema", is_flag=True, help="Print the JSON Schema of that file, and do nothing else.")
@click.option("--report", type=click.Path(path_type=Path), default=REPORT, show_default=True, metavar="DIR")
@click.option("--web", is_flag=True, help="Show Locust's own web interface while it runs, until Ctrl-C.")
@click.option("--web-port", type=click.IntRange(1, 65535), default=8089, show_default=True, help="Its port.")
@click.option(
    "--processes", type=click.IntRange(0, PROCESSES_MAX), default=0, show_default=True, help="Locust workers, forked."
)
@click.option("--master", is_flag=True, help="Lead Locust workers that were started elsewhere.")
@click.option("--expect-workers", type=click.IntRange(1, PROCESSES_MAX), default=1, show_default=True, help="So many.")
@click.option("--bind", default=LOOPBACK, show_default=True, metavar="HOST", help="Where a master listens for them.")
@click.option("--worker", is_flag=True, help="Be a Locust worker of a master elsewhere; needs no DIR.")
@click.option("--master-host", default=LOOPBACK, show_default=True, metavar="HOST", help="Where the master is.")
@click.option("--master-port", type=click.IntRange(1, 65535), default=5557, show_default=True, help="And its port.")
def load(**given: Any) -> None:  # noqa: ANN401 - each as click has checked it, into the struct below
    """Measure a night of the district in DIR (see `rostersim generate`) under load.

    The fakes are served by worker processes, the sync runs in its own, Locust starts and counts everything. What the
    thresholds say decides the exit code; a run that is wrong fails and prints no speed.

    \b
    Exit codes: 0 all thresholds held · 1 some did not · 2 the input was wrong · 3 the harness itself failed

    \b
    Examples:
      rostersim load sandbox --thresholds loadtests/thresholds/sandbox.toml
      rostersim load sandbox --night quiet --teachers 20 --admins 5
      rostersim load nyc --sync schools --processes 2
      rostersim load sandbox --shape soak --seconds 600 --nights 100 --web
    """
    asked = Asked(**given)
    if asked.thresholds_schema:
        _print_schema()
        return
    _require_installed()
    try:
        with ended_by_sigterm():
            code = _take_part(asked) if asked.worker else _measure(asked)
    except KeyboardInterrupt:
        click.echo("\nrostersim: stopped; nothing is left running", err=True)
        raise SystemExit(EXIT_INTERRUPTED) from None
    raise SystemExit(code)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line said."""

    district: Path | None
    sut: str
    events: Literal["sync-log", "access-log"] | None
    shape: Literal["night", "term-start", "soak"]
    seconds: float
    sync: Literal["district", "schools", "none"]
    school_syncs: int
    teachers: int
    admins: int
    night: Literal["quiet", "first-week", "first", "school-moves", "outage"] | None
    nights: int
    rest: float
    seed: int
    clever_latency_ms: float
    rate_limit: int | None
    clever_workers: int
    state: Path | None
    in_place: bool
    thresholds_file: Path | None
    thresholds_schema: bool
    report: Path
    web: bool
    web_port: int
    processes: int
    master: bool
    expect_workers: int
    bind: str
    worker: bool
    master_host: str
    master_port: int


def _require_installed() -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise Unusable(f"{', '.join(missing)} not installed; load tests need: pip install 'rostersim[load]'")


def _print_schema() -> None:
    from loadtests.load.thresholds import thresholds_schema  # noqa: PLC0415 - as all of load tests, for this command alone

    click.echo(msgspec.json.format(msgspec.json.encode(thresholds_schema()), indent=2).decode())


def _take_part(asked: Asked) -> int:
    """Be a worker until the master says that it is over; 3 if that never came to be."""
    from loadtests.load.engine import end, environ, worker_command  # noqa: PLC0415

    command = worker_command(asked.master_host, asked.master_port)
    click.echo(f"a Locust worker of {asked.master_host}:{asked.master_port}; Ctrl-C ends it")
    process = subprocess.Popen(command, env=environ(None), stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    try:
        code = process.wait()
    finally:
        end(process)
    return EXIT_BROKEN if code else 0


def _measure(asked: Asked) -> int:
    from loadtests.district import WorkerDied  # noqa: PLC0415 - importing all of it takes a second
    from loadtests.generate.manifest import BrokenDistrict  # noqa: PLC0415
    from loadtests.load.console import LoadConsole, print_summary  # noqa: PLC0415
    from loadtests.load.engine import EngineBroke  # noqa: PLC0415
    from loadtests.load.measure import measure  # noqa: PLC0415
    from loadtests.load.report import write_report  # noqa: PLC0415
    from loadtests.load.thresholds import judge  # noqa: PLC0415

    options, thresholds = _options(asked), _thresholds(asked.thresholds_file)
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    following = LoadConsole(console)
    if asked.web:
        console.print(f"Locust's web interface: http://{LOOPBACK}:{asked.web_port}  (Ctrl-C when it is over)")
    try:
        with following.following():
            night = measure(options, following.tell)
    except (BrokenDistrict, UnusableSutError) as error:
        raise Unusable(str(error)) from None
    except (EngineBroke, WorkerDied) as error:
        click.echo(f"rostersim: {error}", err=True)
        return EXIT_BROKEN
    checks = judge(night.measured, thresholds)
    try:
        page = write_report(night, checks, asked.report)
    except ReportError as error:
        print_summary(console, night.measured, checks, None)
        raise Unusable(str(error)) from None
    print_summary(console, night.measured, checks, page)
    return 0 if all(check.held for check in checks) else EXIT_MISSED


def _thresholds(path: Path | None) -> "Thresholds":
    from loadtests.load.thresholds import BrokenThresholds, Thresholds, read_thresholds  # noqa: PLC0415

    if path is None:
        return Thresholds()
    try:
        return read_thresholds(path)
    except BrokenThresholds as error:
        raise Unusable(str(error)) from None


def _options(asked: Asked) -> "LoadOptions":
    """Make options of what was asked, unless it contradicts itself."""
    from loadtests.load.engine import EngineOptions  # noqa: PLC0415
    from loadtests.load.measure import LoadOptions  # noqa: PLC0415

    if asked.district is None:
        raise Unusable("name the folder of a district; make one with: rostersim generate --preset small DIR")
    _require_sense(asked)
    engine = EngineOptions(
        processes=asked.processes,
        master=asked.master,
        master_bind=asked.bind,
        # Forked workers find their master by a port of the system's choice: two runs at once do not meet.
        master_port=asked.master_port if asked.master else _free_port(),
        expect_workers=asked.expect_workers,
        web_port=asked.web_port if asked.web else None,
    )
    return LoadOptions(
        district=asked.district,
        sut=asked.sut,
        events=asked.events,
        shape=asked.shape,
        seconds=asked.seconds,
        sync=asked.sync,
        school_syncs=asked.school_syncs,
        teachers=asked.teachers,
        admins=asked.admins,
        night=asked.night,
        seed=asked.seed,
        nights_max=asked.nights,
        rest_seconds=asked.rest,
        clever_latency_ms=asked.clever_latency_ms,
        rate_limit_per_minute=asked.rate_limit,
        clever_workers=asked.clever_workers,
        state_folder=asked.state,
        in_place=asked.in_place,
        engine=engine,
    )


def _require_sense(asked: Asked) -> None:
    if asked.master and asked.processes:
        raise Unusable("--master leads workers from elsewhere, --processes forks its own: name one of them")
    if asked.nights > 1 and asked.shape != "soak":
        raise Unusable(f"--nights {asked.nights} is for --shape soak; a {asked.shape} has one night")
    if asked.sync == "none" and not asked.teachers + asked.admins:
        raise Unusable("--sync none without --teachers and --admins leaves nobody to do anything")
    if asked.shape != "night" and not asked.seconds:
        raise Unusable(f"--shape {asked.shape} needs --seconds: how long it goes on")
    if asked.shape == "term-start" and not asked.teachers + asked.admins:
        raise Unusable("--shape term-start is a ramp of people: give --teachers or --admins")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
