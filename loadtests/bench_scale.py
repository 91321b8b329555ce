"""Measures a first and a quiet night of districts of several sizes: ``make bench-scale``.

It takes what ``rostersim load`` takes of each; a night that is wrong ends it and prints no speed. What was measured of
a size is kept at once, so a run that was stopped is gone on with, and a large size can be measured by itself later.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from loadtests.district import WorkerDied, settle
from loadtests.generate import NoRoom, UnusableSize, Wish, generate
from loadtests.load.engine import EngineBroke
from loadtests.load.measure import LoadOptions, Progress, machine, measure
from loadtests.load.tables import put_between
from loadtests.scale import Point, WrongRun, chart_of, point_of, table_of
from reports.files import write_whole
from simulator.results import EXIT_BROKEN, EXIT_UNUSABLE
from simulator.sut import UnusableSutError

PRESET = "nyc"
SIZES = (10_000, 50_000, 250_000, 1_000_000)
NIGHTS = ("first", "quiet")
BEGIN, END = "<!-- scale: begin -->", "<!-- scale: end -->"
CHART, RESULT = "scale.svg", "scale.json"
EXIT_INTERRUPTED = 130


class Scale(msgspec.Struct, frozen=True):
    """All that was measured on one machine."""

    machine: str
    points: tuple[Point, ...] = ()

    def joined(self, points: Sequence[Point]) -> "Scale":
        """Give it with more points, in place of those it had of the same sizes."""
        anew = {point.students for point in points}
        kept = [point for point in self.points if point.students not in anew]
        return Scale(self.machine, tuple(sorted([*kept, *points], key=lambda point: (point.students, point.night))))


class UnusableReport(Exception):  # noqa: N818 - as the refusals are named
    """What was measured before cannot be joined with; the message says why."""


EXIT_CODES: dict[type[Exception], int] = {
    WrongRun: 1,
    **dict.fromkeys((NoRoom, UnusableReport, UnusableSize, UnusableSutError), EXIT_UNUSABLE),
    **dict.fromkeys((EngineBroke, WorkerDied), EXIT_BROKEN),
}


def measure_size(students: int, sut: str, workspace: Path) -> list[Point]:
    """Measure both nights of a district, the quiet one with what the sync remembers of the first.

    Args:
        students: of the district.
        sut: the sync under test, as ``rostersim load`` takes it.
        workspace: an empty folder.

    Raises:
        WrongRun: a night was wrong.
    """
    district = workspace / "district"
    generate(district, Wish(PRESET, students=students))
    settle(district)
    points = []
    for night in NIGHTS:
        options = LoadOptions(district=district, sut=sut, in_place=True, state_folder=workspace / "state")
        if night == "quiet":
            options = options._replace(night="quiet")
        points.append(point_of(night, measure(options, _say_nothing).measured))
        click.echo(f"  {night} night: {points[-1].seconds:.1f} s", err=True)
    return points


def _say_nothing(_: Progress) -> None:
    """Nobody looks on: a line a night says enough."""


@click.command()
@click.argument("sizes", nargs=-1, type=click.IntRange(1_000, 2_000_000), metavar="[STUDENTS]...")
@click.option("--sut", default="command: otus-sync run", show_default=True, metavar="SPEC", help="The sync, a command.")
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reports/latest/scale"),
    show_default=True,
    help="Where figures and chart go.",
)
@click.option("--join", is_flag=True, help="Join with the other sizes that the report has, instead of beginning anew.")
@click.option(
    "--document",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Put table and chart into this document too, between its marks.",
)
def main(sizes: tuple[int, ...], sut: str, report: Path, document: Path | None, *, join: bool) -> None:
    """Measure districts of so many STUDENTS each (default: 10000 50000 250000 1000000)."""
    try:
        before = _read(report / RESULT) if join else Scale(machine())
        found = _measured(sorted(set(sizes or SIZES)), sut, report, before)
    except tuple(EXIT_CODES) as error:
        click.echo(f"bench-scale: {error}", err=True)
        raise SystemExit(EXIT_CODES[type(error)]) from None
    except KeyboardInterrupt:
        click.echo(f"\nbench-scale: stopped; {report / RESULT} has the sizes that were done", err=True)
        raise SystemExit(EXIT_INTERRUPTED) from None
    table, chart = table_of(found.points), chart_of(found.points).encode()
    write_whole(report / CHART, chart)
    if document is not None:
        beside = document.with_name(document.stem)
        write_whole(beside / CHART, chart)
        text = f"Measured on {found.machine}.\n\n{table}\n\n![growth]({beside.name}/{CHART})"
        put_between(document, BEGIN, END, text)
    click.echo(f"{found.machine}\n\n{table}\n\nchart: {report / CHART}")


def _read(path: Path) -> Scale:
    """Read what was measured before; nothing, where there is no file."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Scale)
    except FileNotFoundError:
        return Scale(machine())
    except (OSError, msgspec.MsgspecError) as error:
        raise UnusableReport(f"{path} cannot be joined with: {error}; measure without --join") from None
    if found.machine != machine():
        raise UnusableReport(
            f"{path} was measured on {found.machine}, and this is {machine()}: figures of two machines make no growth;"
            " name another --report, or measure without --join"
        )
    return found


def _measured(sizes: list[int], sut: str, report: Path, found: Scale) -> Scale:
    report.mkdir(parents=True, exist_ok=True)
    for students in sizes:
        # On the report's disk, where there is room for a large district, and gone afterwards.
        with tempfile.TemporaryDirectory(prefix=".scale-", dir=report, ignore_cleanup_errors=True) as workspace:
            click.echo(f"{students:,} students: generating, a first and a quiet night ...", err=True)
            found = found.joined(measure_size(students, sut, Path(workspace)))
        write_whole(report / RESULT, msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    return found


if __name__ == "__main__":
    main()
