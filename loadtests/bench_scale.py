"""Measures a first and a quiet night of districts of several sizes: ``make bench-scale``.

It takes what ``rostersim load`` takes of each; a night that is wrong ends it and prints no speed.
"""

import tempfile
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
EXIT_CODES: dict[type[Exception], int] = {
    WrongRun: 1,
    **dict.fromkeys((NoRoom, UnusableSize, UnusableSutError), EXIT_UNUSABLE),
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
)
@click.option(
    "--document",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Put table and chart into this document too, between its marks.",
)
def main(sizes: tuple[int, ...], sut: str, report: Path, document: Path | None) -> None:
    """Measure districts of so many STUDENTS each (default: 10000 50000 250000 1000000)."""
    try:
        points = _measured(sorted(set(sizes or SIZES)), sut, report)
    except tuple(EXIT_CODES) as error:
        click.echo(f"bench-scale: {error}", err=True)
        raise SystemExit(EXIT_CODES[type(error)]) from None
    except KeyboardInterrupt:
        click.echo("\nbench-scale: stopped; nothing is left behind", err=True)
        raise SystemExit(EXIT_INTERRUPTED) from None
    table, chart = table_of(points), chart_of(points).encode()
    write_whole(report / CHART, chart)
    write_whole(report / RESULT, msgspec.json.format(msgspec.json.encode(points), indent=1) + b"\n")
    if document is not None:
        beside = document.with_name(document.stem)
        write_whole(beside / CHART, chart)
        text = f"Measured on {machine()}.\n\n{table}\n\n![growth]({beside.name}/{CHART})"
        put_between(document, BEGIN, END, text)
    click.echo(f"{machine()}\n\n{table}\n\nchart: {report / CHART}")


def _measured(sizes: list[int], sut: str, report: Path) -> list[Point]:
    report.mkdir(parents=True, exist_ok=True)
    points: list[Point] = []
    for students in sizes:
        # On the report's disk, where there is room for a large district, and gone afterwards.
        with tempfile.TemporaryDirectory(prefix=".scale-", dir=report, ignore_cleanup_errors=True) as workspace:
            click.echo(f"{students:,} students: generating, a first and a quiet night ...", err=True)
            points += measure_size(students, sut, Path(workspace))
    return points


if __name__ == "__main__":
    main()
