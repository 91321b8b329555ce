"""The charts of a measured night, as static SVG."""

from collections.abc import Mapping

import altair as alt
import vl_convert

from loadtests.load.result import PERCENTILES, Kind, Measured

MEGABYTE = 1024 * 1024
WIDTH_PX = 800
FONT = "Arial, Liberation Sans, sans-serif"
PADDING = {"left": 24, "right": 12, "top": 6, "bottom": 6}
"""Room for texts: they are measured where the chart is drawn, and shown in whatever font the reader has."""
KINDS_MAX = 18
"""Kinds of events in the chart of latencies, the slowest of the frequent ones."""
RUNS_MAX = 40
"""Runs in the chart of phases; of more, the longest."""
MEMORY_POINTS_MAX = 400

COLOURS = {
    "Clever": "#2563eb",
    "Otus": "#a21caf",
    "the process": "#e2e8f0",
    "pull": "#2563eb",
    "plan": "#64748b",
    "write": "#a21caf",
    "sync": "#0d9488",
    "clever": "#2563eb",
    "otus": "#a21caf",
    "locust": "#65a30d",
    "all": "#0f172a",
}


def charts_of(night: Measured) -> Mapping[str, str]:
    """Draw all charts of a night for which there is something to draw.

    Args:
        night: what was measured.

    Returns:
        SVG by name: ``throughput``, ``phases``, ``latency``, ``memory``.
    """
    drawn = {
        "throughput": _throughput(night),
        "phases": _phases(night),
        "latency": _latency(night.kinds),
        "memory": _memory(night),
    }
    return {name: svg_of(chart) for name, chart in drawn.items() if chart is not None}


def svg_of(chart: alt.TopLevelMixin) -> str:
    """Draw a chart as SVG, without a browser or a network."""
    return str(vl_convert.vegalite_to_svg(chart.to_json()))


def _colour(*names: str, title: str | None = None) -> alt.Color:
    scale = alt.Scale(domain=list(names), range=[COLOURS[name] for name in names])
    return alt.Color("what:N", scale=scale, title=title, legend=alt.Legend(orient="top", title=title))


def _chart(rows: list[dict[str, object]], height: int | alt.Step) -> alt.Chart:
    chart = alt.Chart(alt.Data(values=rows)).properties(width=WIDTH_PX, height=height, background="transparent")
    return chart.configure(font=FONT, padding=PADDING).configure_view(stroke=None)


def _throughput(night: Measured) -> alt.TopLevelMixin | None:
    size = night.slice_seconds
    rows: list[dict[str, object]] = [
        {
            "second": there.second - night.began,
            "until": there.second - night.began + size,
            "rate": there.records / size,
            "what": there.system,
        }
        for there in night.traffic
        if there.records
    ]
    if not rows:
        return None
    return (
        _chart(rows, 220)
        .mark_bar(opacity=0.8)
        .encode(
            x=alt.X("second:Q", title="seconds since the first sync began", scale=alt.Scale(domainMin=0)),
            x2="until:Q",
            y=alt.Y("rate:Q", title="records per second", stack=None, axis=alt.Axis(format="~s")),
            y2=alt.Y2Datum(0),
            color=_colour("Clever", "Otus"),
        )
    )


def _phases(night: Measured) -> alt.TopLevelMixin | None:
    longest = sorted(night.runs, key=lambda run: run.began - run.ended)[:RUNS_MAX]
    rows: list[dict[str, object]] = [
        {
            "run": f"{number}. {run.scope}",
            "from": begin - night.began,
            "to": end - night.began,
            "what": name,
        }
        for number, run in enumerate(sorted(longest, key=lambda run: run.began), start=1)
        # Below its phases the whole run, so that its start and its leave show too.
        for name, begin, end in (
            ("the process", run.began, run.ended),
            *((phase.name, phase.began, phase.ended) for phase in run.phases),
        )
    ]
    if not rows:
        return None
    return (
        _chart(rows, alt.Step(26))
        .mark_bar(cornerRadius=2)
        .encode(
            x=alt.X("from:Q", title="seconds since the first sync began", scale=alt.Scale(domainMin=0)),
            x2="to:Q",
            y=alt.Y("run:N", title=None, sort=None),
            color=_colour("the process", "pull", "plan", "write"),
        )
    )


def _latency(kinds: tuple[Kind, ...]) -> alt.TopLevelMixin | None:
    asked = [kind for kind in kinds if kind.type not in ("sync", "phase")]
    slowest = sorted(asked, key=lambda kind: -kind.percentiles["95"])[:KINDS_MAX]
    rows: list[dict[str, object]] = [
        {"kind": kind.label, "percentile": f"p{key}", "ms": max(kind.percentiles[key], 0.1)}
        for kind in slowest
        for key in PERCENTILES
        if key != "100"
    ]
    if not rows:
        return None
    order = [kind.label for kind in slowest]
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("kind:N", title=None, sort=order, axis=alt.Axis(labelLimit=340))
    )
    milliseconds = alt.X("ms:Q", title="milliseconds", scale=alt.Scale(type="log"), axis=alt.Axis(format="~s"))
    shades = alt.Scale(
        domain=[f"p{key}" for key in PERCENTILES if key != "100"],
        range=["#bfdbfe", "#93c5fd", "#60a5fa", "#2563eb", "#1e3a8a"],
    )
    line = base.mark_line(color="#cbd5e1", strokeWidth=2).encode(x=milliseconds, detail="kind:N")
    dots = base.mark_circle(size=70, opacity=1).encode(
        x=milliseconds,
        color=alt.Color("percentile:N", scale=shades, title=None, legend=alt.Legend(orient="top")),
    )
    layered = alt.layer(line, dots).properties(width=WIDTH_PX - 240, height=alt.Step(22), background="transparent")
    return layered.configure(font=FONT, padding=PADDING).configure_view(stroke=None)


def _memory(night: Measured) -> alt.TopLevelMixin | None:
    series = night.memory
    step = max(1, len(series.seconds) // MEMORY_POINTS_MAX)
    rows: list[dict[str, object]] = [
        {"second": series.seconds[number] - night.began, "mb": values[number] / MEGABYTE, "what": name}
        for name, values in series.bytes.items()
        for number in range(0, len(values), step)
        if values[number]
    ]
    if not rows:
        return None
    return (
        _chart(rows, 220)
        .mark_line(interpolate="step-after", strokeWidth=1.8)
        .encode(
            x=alt.X("second:Q", title="seconds since the first sync began"),
            y=alt.Y("mb:Q", title="MiB"),
            color=_colour(*(name for name in ("sync", "clever", "otus", "locust", "all") if name in series.bytes)),
        )
    )
