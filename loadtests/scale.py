"""How a night grows with the district: what was measured at several sizes, as a table and a chart."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import altair as alt
import msgspec

from loadtests.load.charts import FONT, PADDING, svg_of
from loadtests.load.result import Measured
from loadtests.load.thresholds import MEGABYTE

GROWTH_MAX = 2.2
"""Of the time per doubling of the students; from the load test's specification."""
PANEL_PX = 250
TITLES = {"seconds": "seconds", "memory": "MiB at most", "requests": "requests"}
SHADES = ["#2563eb", "#a21caf"]


class Point(msgspec.Struct, frozen=True):
    """One night of a district of one size."""

    night: str
    students: int
    seconds: float
    ratio_to_raw_pull: float | None
    sync_mb: float
    all_mb: float
    """Peaks, in MiB."""
    requests: int
    enrollments_compared: int


class WrongRun(Exception):  # noqa: N818 - as the refusals are named
    """A night went wrong, so it has no speed; the message says what was wrong."""


def point_of(night: str, measured: Measured) -> Point:
    """Take the figures of a measured night.

    Args:
        night: its name.
        measured: as it was.

    Raises:
        WrongRun: the sync failed, or Otus is not as Clever.
    """
    students = measured.counts["students"]
    verdict = measured.verdict
    if not measured.is_right or verdict is None:
        reasons = [*(run.reason for run in measured.runs if run.exit_code), *(verdict.first if verdict else ())]
        said = "; ".join(reasons) or "what was made by hand was touched"
        raise WrongRun(f"the {night} night of {students:,} students was wrong, so it has no speed: {said}")
    return Point(
        night=night,
        students=students,
        seconds=measured.night_seconds,
        ratio_to_raw_pull=measured.ratio_to_raw_pull,
        sync_mb=(measured.memory.peak("sync") or 0) / MEGABYTE,
        all_mb=(measured.memory.peak("all") or 0) / MEGABYTE,
        requests=sum(there.requests for there in measured.traffic),
        enrollments_compared=verdict.compared.get("enrollments", 0),
    )


def growth_per_doubling(smaller: Point, larger: Point) -> float:
    """Tell by what the time is multiplied when the students are doubled.

    Args:
        smaller: a night.
        larger: the same of more students.
    """
    doublings = math.log2(larger.students / smaller.students)
    return float((larger.seconds / smaller.seconds) ** (1 / doublings))


def nights_of(points: Sequence[Point]) -> Iterator[tuple[str, list[Point]]]:
    """Give the points of each night, the smallest district first."""
    for night in dict.fromkeys(point.night for point in points):
        yield night, sorted((point for point in points if point.night == night), key=lambda point: point.students)


def table_of(points: Sequence[Point]) -> str:
    """Write the table, in Markdown, and under it whether the growth is within its limit.

    Args:
        points: all that was measured.
    """
    lines = [
        "| night | students | / raw pull | time | per doubling | sync, peak | all, peak | requests | differences |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    verdicts = []
    for night, own in nights_of(points):
        growths = ["", *(f"{growth_per_doubling(*pair):.2f}x" for pair in pairwise(own))]
        lines += [_row(point, growth) for point, growth in zip(own, growths, strict=True)]
        if len(own) > 1:
            overall = growth_per_doubling(own[0], own[-1])
            held = "within" if overall <= GROWTH_MAX else "NOT within"
            verdicts.append(f"The {night} night takes {overall:.2f}x per doubling, {held} {GROWTH_MAX}x.")
    return "\n".join([*lines, "", *verdicts])


def _row(point: Point, growth: str) -> str:
    ratio = "-" if point.ratio_to_raw_pull is None else f"{point.ratio_to_raw_pull:.1f}x"
    cells = [point.night, f"{point.students:,}", ratio, f"{point.seconds:.1f} s", growth]
    cells += [f"{point.sync_mb:,.0f} MiB", f"{point.all_mb:,.0f} MiB", f"{point.requests:,}"]
    return "| " + " | ".join([*cells, f"0 of {point.enrollments_compared:,}"]) + " |"


def chart_of(points: Sequence[Point]) -> str:
    """Draw time, memory and requests over the number of students, as SVG; both axes are logarithmic.

    Args:
        points: all that was measured.
    """
    panels = [_panel(what, [row for point in points for row in _rows(what, point)]) for what in TITLES]
    whole = alt.hconcat(*panels).configure(font=FONT, padding=PADDING, background="transparent")
    return svg_of(whole.configure_view(stroke=None))


def _rows(what: str, point: Point) -> list[dict[str, object]]:
    if what == "memory":
        values = {"sync": point.sync_mb, "all": point.all_mb}
    else:
        values = {"": float(point.seconds if what == "seconds" else point.requests)}
    return [
        {"students": point.students, "value": value, "night": point.night, "of": f"{process} {point.night}"}
        for process, value in values.items()
    ]


def _panel(what: str, rows: list[dict[str, object]]) -> alt.LayerChart:
    log = alt.Scale(type="log")
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("students:Q", title="students", scale=log, axis=alt.Axis(format="~s")),
        y=alt.Y("value:Q", title=TITLES[what], scale=log, axis=alt.Axis(format="~s")),
        detail="of:N",
        color=alt.Color("night:N", title="night", scale=alt.Scale(range=SHADES), legend=alt.Legend(orient="top")),
    )
    dashes = alt.StrokeDash("of:N", legend=None) if what == "memory" else alt.Undefined
    return (base.mark_line().encode(strokeDash=dashes) + base.mark_circle(size=50, opacity=1)).properties(
        width=PANEL_PX, height=220
    )
