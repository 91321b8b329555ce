"""The page of a measured night: one HTML file with everything in it, and its charts as files beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from loadtests.load.charts import charts_of
from loadtests.load.measure import Night
from loadtests.load.result import Kind, Measured
from loadtests.load.thresholds import MEGABYTE, Check
from reports.files import write_whole
from reports.words import printable

PAGE, RESULT = "index.html", "result.json"
PROCESSES = ("sync", "clever", "otus", "locust", "all")


class Headline(msgspec.Struct, frozen=True):
    """One of the large figures."""

    figure: str
    says: str


class Result(msgspec.Struct, frozen=True):
    """What ``result.json`` holds."""

    measured: Measured
    checks: tuple[Check, ...]


def write_report(night: Night, checks: Sequence[Check], folder: Path) -> Path:
    """Write page, charts, ``result.json`` and Locust's own files; each whole or not at all.

    Args:
        night: what was measured.
        checks: how it did against its thresholds.
        folder: where to; it is made if it is missing, and what else lies there stays.

    Returns:
        The page.

    Raises:
        ReportError: the folder cannot be written.
    """
    charts = charts_of(night.measured) if night.measured.is_right else {}
    for name, svg in charts.items():
        write_whole(folder / f"{name}.svg", svg.encode())
    for name, content in night.files.items():
        write_whole(folder / name, content)
    result = msgspec.json.encode(Result(night.measured, tuple(checks)))
    write_whole(folder / RESULT, msgspec.json.format(result, indent=1) + b"\n")
    return write_whole(folder / PAGE, render(night.measured, checks, charts, sorted(night.files)).encode())


def render(night: Measured, checks: Sequence[Check], charts: Mapping[str, str], files: Sequence[str]) -> str:
    """Render the page.

    Args:
        night: what was measured.
        checks: how it did.
        charts: SVG by name.
        files: of Locust's, that lie beside it.
    """
    environment = Environment(
        loader=PackageLoader("loadtests.load"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("night.html.jinja").render(
        night=night,
        checks=checks,
        passed=all(check.held for check in checks),
        headlines=headlines_of(night),
        charts={name: Markup(svg) for name, svg in charts.items()},  # noqa: S704 - drawn by us; its texts are escaped
        kinds=night.kinds,
        files=files,
        memory=[(name, f"{peak / MEGABYTE:,.0f}") for name in PROCESSES if (peak := night.memory.peak(name))],
        milliseconds=milliseconds,
    )


def headlines_of(night: Measured) -> list[Headline]:
    """Give the large figures, ratios first; a run that is wrong has no speed."""
    if not night.is_right:
        return []
    ratio = night.ratio_to_raw_pull
    found = [Headline("-" if ratio is None else f"{ratio:.1f}x", "of a bare pull of the same data")]
    found.append(Headline(_seconds(night.night_seconds), f"from 01:00 to {night.finished_at}"))
    found.append(Headline(f"{night.records_per_second:,.0f}", "records a second from Clever"))
    for process, says in (("sync", "MiB at most in the sync"), ("all", "MiB at most, all together")):
        peak = night.memory.peak(process)
        if peak is not None:
            found.append(Headline(f"{peak / MEGABYTE:,.0f}", says))
    return found


def milliseconds(kind: Kind, percentile: str) -> str:
    """Write a percentile for a table."""
    number = kind.percentiles[percentile]
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def _finalize(value: object) -> object:
    return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
