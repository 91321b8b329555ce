"""``rostersim forecast``: when will the night finish?"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from reports.errors import ReportError
from reports.files import write_whole
from rostersim.stopping import EXIT_INTERRUPTED, ended_by_sigterm
from rostersim.unusable import Unusable
from simulator.results import EXIT_BROKEN
from simulator.sut import UnusableSutError

if TYPE_CHECKING:
    from loadtests.forecast.forecast import Asking, Forecast, Tell

PRESETS = ("small", "sandbox", "nyc")
NIGHTS = ("first", "quiet", "first-week")
NEEDED = ("simpy", "altair", "vl_convert", "psutil", "granian")
EXIT_LATE = 1
REPORT = Path("reports/latest/forecast")


@click.command()
@click.option(
    "--preset", type=click.Choice(PRESETS), default="nyc", show_default=True, help="How large the district is."
)
@click.option("--schools", type=click.IntRange(1), metavar="N", help="So many schools, the rest in proportion.")
@click.option("--students", type=click.IntRange(1), metavar="N", help="So many students, the rest in proportion.")
@click.option("--night", type=click.Choice(NIGHTS), default="first", show_default=True, help="What there is to do.")
@click.option(
    "--latency-ms",
    type=click.FloatRange(0, 60_000),
    default=0.0,
    show_default=True,
    help="Of every request, to either system and back.",
)
@click.option("--rate-limit", type=click.IntRange(1), metavar="N", help="Clever answers N requests a minute.")
@click.option(
    "--in-flight",
    type=click.IntRange(1, 32),
    default=1,
    show_default=True,
    metavar="K",
    help="Requests under way at once.",
)
@click.option("--clever-workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes of Clever.")
@click.option(
    "--finish-by",
    "deadline",
    type=click.DateTime(["%H:%M"]),
    default="06:00",
    show_default=True,
    metavar="HH:MM",
    help="By when it should be over; it begins at 01:00.",
)
@click.option(
    "--sut", default="command: otus-sync run", show_default=True, metavar="SPEC", help="The sync under test, a command."
)
@click.option("--repeats", type=click.IntRange(1, 20), default=3, show_default=True, help="Samples of each size.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the samples' districts.")
@click.option("--validate", is_flag=True, help="Measure the whole night too, and say how far off the forecast was.")
@click.option("--json", "as_json", is_flag=True, help="Print the forecast as JSON, and nothing else.")
@click.option(
    "--chart", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.svg", help="Write the chart there."
)
@click.option("--report", type=click.Path(path_type=Path), default=REPORT, show_default=True, metavar="DIR")
def forecast(**given: Any) -> None:  # noqa: ANN401 - each as click has checked it, into the struct below
    """Say when a night will finish, without running it.

    The real sync runs against the real fakes for samples: an eighth of the schools, 96 if that is less, and fewer. What
    grows with the district and what does not is told apart by their sizes; the night of the whole district is then
    played in simulated time.

    \b
    Exit codes: 0 before the deadline · 1 not surely, or --validate found it more than 10 % off · 2 the input was
    wrong · 3 the harness itself failed, or the sync did on a sample

    \b
    Examples:
      rostersim forecast --preset nyc --latency-ms 80 --rate-limit 1200
      rostersim forecast --preset nyc --night quiet --in-flight 4 --chart quiet.svg
      rostersim forecast --preset sandbox --validate
    """
    asked = Asked(**given)
    _require_installed()
    try:
        with ended_by_sigterm():
            code = _forecast(asked)
    except KeyboardInterrupt:
        click.echo("\nrostersim: stopped; nothing is left behind", err=True)
        raise SystemExit(EXIT_INTERRUPTED) from None
    raise SystemExit(code)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line said."""

    preset: str
    schools: int | None
    students: int | None
    night: Literal["first", "quiet", "first-week"]
    latency_ms: float
    rate_limit: int | None
    in_flight: int
    clever_workers: int
    deadline: Any
    """A datetime, of which the time counts."""
    sut: str
    repeats: int
    seed: int
    validate: bool
    as_json: bool
    chart: Path | None
    report: Path


def _require_installed() -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise Unusable(f"{', '.join(missing)} not installed; a forecast needs: pip install 'rostersim[load]'")


def _forecast(asked: Asked) -> int:
    from loadtests.district import WorkerDied  # noqa: PLC0415 - importing all of it takes a second
    from loadtests.forecast import forecast as forecasting  # noqa: PLC0415
    from loadtests.forecast.report import as_json as json_of  # noqa: PLC0415
    from loadtests.forecast.report import print_summary  # noqa: PLC0415
    from loadtests.forecast.sample import SyncFailed  # noqa: PLC0415
    from loadtests.forecast.trace import NothingAsked  # noqa: PLC0415
    from loadtests.generate import NoRoom, UnusableSize  # noqa: PLC0415

    try:
        with _progress() as tell:
            found = forecasting.forecast(_asking(asked), tell)
    except (UnusableSize, UnusableSutError, NoRoom, NothingAsked) as error:
        raise Unusable(str(error)) from None
    except (SyncFailed, WorkerDied) as error:
        click.echo(f"rostersim: {error}", err=True)
        return EXIT_BROKEN
    deadline = f"{asked.deadline:%H:%M}"
    page = _write(found, asked)
    if asked.as_json:
        click.echo(json_of(found), nl=False)
    else:
        console = Console(highlight=False)
        print_summary(console, found, deadline)
        console.print(f"report: {page}", markup=False, soft_wrap=True)
    wrong = found.validation is not None and not found.validation.held
    return EXIT_LATE if wrong or not found.is_before(deadline) else 0


def _asking(asked: Asked) -> "Asking":
    from loadtests.forecast.forecast import Asking  # noqa: PLC0415
    from loadtests.forecast.simulate import Conditions  # noqa: PLC0415
    from loadtests.forecast.watch import cores_here  # noqa: PLC0415
    from loadtests.generate import Wish  # noqa: PLC0415

    # A limit is counted in a process's memory: Clever then has one worker, as when it is served.
    workers = asked.clever_workers if asked.rate_limit is None else 1
    conditions = Conditions(asked.latency_ms, asked.rate_limit, asked.in_flight, workers, cores=cores_here())
    wish = Wish(asked.preset, asked.schools, asked.students)
    return Asking(wish, asked.night, conditions, asked.sut, asked.seed, asked.repeats, asked.validate)


def _write(found: "Forecast", asked: Asked) -> Path:
    from loadtests.forecast.chart import chart_of  # noqa: PLC0415
    from loadtests.forecast.report import write_report  # noqa: PLC0415

    try:
        if asked.chart is not None:
            write_whole(asked.chart, chart_of(found).encode())
        return write_report(found, asked.report)
    except ReportError as error:
        raise Unusable(str(error)) from None


@contextmanager
def _progress() -> "Iterator[Tell]":
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} of {task.total}"))
    console = Console(stderr=True)
    with Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("samples", total=None)

        def tell(what: str, done: int, of: int) -> None:
            progress.update(task, description=what, completed=done, total=of)

        yield tell
