"""Puts measured nights into a document: a table with the ratios first, the machine named, and the charts beside it."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click
import msgspec

from loadtests.load.report import RESULT, Result
from loadtests.load.result import Measured
from loadtests.load.thresholds import MEGABYTE
from reports.files import write_whole

BEGIN, END = "<!-- load: begin -->", "<!-- load: end -->"
"""What stands between these in the document is written anew."""
CHARTS = ("throughput", "phases", "memory")


class NoNight(click.ClickException):
    """A folder holds no measured night that has a speed."""

    exit_code = 2


def read_night(folder: Path) -> Measured:
    """Read a night from its report.

    Args:
        folder: of the report.

    Raises:
        NoNight: there is none, or it is wrong.
    """
    path = folder / RESULT
    try:
        night = msgspec.json.decode(path.read_bytes(), type=Result).measured
    except (OSError, msgspec.MsgspecError) as error:
        raise NoNight(f"{path} holds no measured night: {error}") from None
    if not night.is_right:
        raise NoNight(f"{path} is of a run that was wrong, and has no speed")
    return night


def table_of(nights: Sequence[tuple[str, Measured]]) -> str:
    """Write the table, in Markdown.

    Args:
        nights: each with its name, in the order of the columns.
    """
    names = " | ".join(name for name, _ in nights)
    lines = [f"| | {names} |", "|---|" + "--:|" * len(nights)]
    rows = [list(_figures(night)) for _, night in nights]
    for place, (what, _) in enumerate(rows[0]):
        lines.append(f"| {what} | " + " | ".join(row[place][1] for row in rows) + " |")
    return "\n".join(lines)


def _figures(night: Measured) -> Iterator[tuple[str, str]]:
    ratio, raw = night.ratio_to_raw_pull, night.raw_pull_seconds
    yield "night / bare pull of the same data", "-" if ratio is None else f"**{ratio:.1f}x**"
    yield "night, from start to end of the process", f"{night.night_seconds:.1f} s"
    yield "bare pull", "-" if raw is None else f"{raw:.2f} s"
    for name in ("pull", "plan", "write"):
        seconds = sum(phase.milliseconds for run in night.runs for phase in run.phases if phase.name == name) / 1000
        yield f"of the night: {name}", f"{seconds:.1f} s"
    yield "records read from Clever", f"{night.records_read:,}"
    yield "records a second", f"{night.records_per_second:,.0f}"
    for process, says in (("sync", "peak memory, sync"), ("all", "peak memory, all processes together")):
        yield says, f"{(night.memory.peak(process) or 0) / MEGABYTE:,.0f} MiB"
    compared = night.verdict.compared if night.verdict is not None else {}
    yield "differences between Otus and Clever", f"0 of {compared.get('enrollments', 0):,} enrollments"


def put_into(document: Path, nights: Sequence[tuple[str, Measured]], charts: Path) -> None:
    """Write the table and the charts' places into a document, between its marks.

    Args:
        document: in Markdown.
        nights: each with its name.
        charts: the folder of the charts, as :func:`copy_charts` has written them.

    Raises:
        NoNight: the document has no marks.
    """
    counts = {name: f"{number:,}" for name, number in nights[0][1].counts.items() if number}
    size = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items())
    parts = [f"{size}. Measured on {nights[0][1].machine}; {date.today():%B %Y}.", table_of(nights)]  # noqa: DTZ011
    for name, _ in nights:
        places = [f"![{chart} of the {name}]({charts.name}/{_slug(name)}-{chart}.svg)" for chart in CHARTS]
        parts.append(f"### The {name}\n\n" + "\n\n".join(places))
    put_between(document, BEGIN, END, "\n\n".join(parts))


def put_between(document: Path, begin: str, end: str, text: str) -> None:
    """Write a text into a document, between two marks, instead of what stands there.

    Args:
        document: in Markdown.
        begin: the mark before it.
        end: the mark behind it.
        text: to be written.

    Raises:
        NoNight: the document has no such marks.
    """
    before = document.read_text(encoding="utf-8")
    if begin not in before or end not in before:
        raise NoNight(f"{document} has no place for it: no {begin} and {end}")
    between = "\n\n".join([begin, text, end])
    whole = re.sub(f"{re.escape(begin)}.*{re.escape(end)}", lambda _: between, before, flags=re.DOTALL)
    write_whole(document, whole.encode())


def copy_charts(folder: Path, name: str, charts: Path) -> None:
    """Copy the charts of a night under its name."""
    for chart in CHARTS:
        drawn = folder / f"{chart}.svg"
        if drawn.exists():
            write_whole(charts / f"{_slug(name)}-{chart}.svg", drawn.read_bytes())


def _slug(name: str) -> str:
    return name.replace(" ", "-")


@click.command()
@click.argument("document", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("nights", nargs=-1, required=True, metavar="NAME=REPORT...")
def main(document: Path, nights: tuple[str, ...]) -> None:
    """Write the nights, each the folder of a report of `rostersim load`, into DOCUMENT."""
    charts = document.with_name(document.stem)
    read = []
    for given in nights:
        name, equals, folder = given.partition("=")
        if not equals:
            raise NoNight(f"{given!r}: expected NAME=REPORT, such as 'first night=reports/latest/load'")
        read.append((name, read_night(Path(folder)), Path(folder)))
    for name, _, report in read:
        copy_charts(report, name, charts)
    put_into(document, [(name, night) for name, night, _ in read], charts)


if __name__ == "__main__":
    main()
