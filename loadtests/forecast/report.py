"""What is written and printed of a forecast: a page with its chart, the figures for programs, a summary to look at."""

from pathlib import Path

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from rich.console import Console
from rich.table import Table
from rich.text import Text

from loadtests.forecast.chart import chart_of
from loadtests.forecast.forecast import ERROR_PERCENT_GOAL, Forecast, Validation
from loadtests.forecast.model import Growth
from reports.files import write_whole

PAGE, RESULT, CHART = "index.html", "forecast.json", "forecast.svg"
SHOWN_MAX = 20
KIND_WIDTH = 30
"""Letters of a kind on the console, so that all figures fit on 80."""


def write_report(night: Forecast, folder: Path) -> Path:
    """Write page, figures and chart; each whole or not at all.

    Args:
        night: the forecast.
        folder: where to; it is made if it is missing.

    Returns:
        The page.

    Raises:
        ReportError: the folder cannot be written.
    """
    chart = chart_of(night)
    write_whole(folder / CHART, chart.encode())
    write_whole(folder / RESULT, as_json(night))
    return write_whole(folder / PAGE, render(night, chart).encode())


def as_json(night: Forecast) -> bytes:
    """Write a forecast for programs."""
    return msgspec.json.format(msgspec.json.encode(night), indent=1) + b"\n"


def render(night: Forecast, chart: str) -> str:
    """Render the page.

    Args:
        night: the forecast.
        chart: its SVG.
    """
    environment = Environment(
        loader=PackageLoader("loadtests.forecast"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("forecast.html.jinja").render(
        night=night,
        under=conditions_of(night),
        says=None if night.validation is None else validation_words(night.validation),
        grows=None if night.growth is None else growth_words(night.growth),
        chart=Markup(chart),  # noqa: S704 - drawn by us; its texts are escaped
    )


def conditions_of(night: Forecast) -> str:
    """Say under which conditions a night was forecast."""
    under = night.conditions
    limit = under.rate_limit_per_minute
    parts = [
        f"latency {under.latency_ms:g} ms",
        "no rate limit" if limit is None else f"{limit:,} requests a minute from Clever",
        f"{under.in_flight} in flight",
    ]
    return ", ".join(parts)


def validation_words(found: Validation) -> str:
    """Say how far a forecast was from the night itself, also if it was far."""
    goal = f"{'within' if found.held else 'NOT within'} the goal of {ERROR_PERCENT_GOAL:g} %"
    asked = f"{found.requests_forecast:,} requests forecast, {found.requests:,} measured"
    times = f"forecast {found.forecast_seconds:.1f} s, measured {found.measured_seconds:.1f} s"
    others = f"while {found.others:.1f} others wanted a core"
    errors = ", ".join(f"{error:+.1f}" for error in found.errors_percent)
    median = f" (the median of {errors})" if len(found.errors_percent) > 1 else ""
    return f"{times}: {found.error_percent:+.1f} %{median}, {goal}, {others}; {asked}"


def growth_words(found: Growth) -> str:
    """Say whether samples grow faster than a line."""
    small, large = (1_000_000 * seconds for seconds in (found.seconds_small, found.seconds_large))
    return f"a further student adds {small:.0f} µs to the small samples, {large:.0f} µs to the large ones"


def print_summary(console: Console, night: Forecast, deadline: str) -> None:
    """Print what a forecast says.

    Args:
        console: of rich.
        night: the forecast.
        deadline: by when the night should be over.
    """
    size = night.size
    console.print(
        Text(f"{night.night} night of {size.students:,} students in {size.schools:,} schools", style="bold"),
        Text(f"  {conditions_of(night)}", style="dim"),
        sep="\n",
    )
    console.print(_steps(night))
    if night.limited_seconds:
        console.print(f"of this {night.limited_seconds:,.1f} s are waits for the rate limit")
    band = f"{night.seconds:,.1f} s, {night.low_seconds:,.1f} to {night.high_seconds:,.1f} s"
    console.print(f"{night.requests:,} requests; {band}", style="dim")
    if night.growth is not None:
        console.print(growth_words(night.growth), style="dim")
    held = night.is_before(deadline)
    verdict = f"before {deadline}" if held else f"NOT surely before {deadline}"
    console.print(Text(f"finishes at {night.finishes}, {verdict}", style="bold green" if held else "bold red"))
    if night.validation is not None:
        console.print(Text(validation_words(night.validation), style="green" if night.validation.held else "bold red"))


def _steps(night: Forecast) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("requests of a kind", no_wrap=True, max_width=KIND_WIDTH)
    for heading in ("count", "records", "system s", "sync s", "all s"):
        table.add_column(heading, justify="right", no_wrap=True)
    longest = sorted(night.plan, key=lambda there: there.began - there.ended)[:SHOWN_MAX]
    for there in sorted(longest, key=lambda there: there.began):
        step = there.step
        seconds = (step.server_seconds, step.client_seconds, there.ended - there.began)
        figures = (f"{step.requests:,}", f"{step.records:,}")
        table.add_row(Text(step.kind), *figures, *(f"{number:,.2f}" for number in seconds))
    if len(night.plan) > len(longest):
        table.add_row(Text(f"... and {len(night.plan) - len(longest)} more, in the report", style="dim"))
    return table
