"""The chart of a forecast night as static SVG: what happens when, and how many requests there are over time."""

import altair as alt

from loadtests.forecast.forecast import Forecast, Planned
from loadtests.load.charts import COLOURS, FONT, PADDING, WIDTH_PX, svg_of

ROWS_MAX = 24
"""Groups of requests in the chart; of more, the longest."""
NAMES = {"clever": "Clever", "otus": "Otus", "refused": "refused (429)"}
SHADES = {**COLOURS, "the sync": "#64748b", "refused (429)": "#b91c1c"}
KIND_WIDTH_PX = 300


def chart_of(night: Forecast) -> str:
    """Draw a forecast.

    Args:
        night: the forecast.

    Returns:
        SVG.
    """
    both = alt.vconcat(_steps(night), _requests(night), spacing=24).resolve_scale(color="independent")
    return svg_of(both.configure(font=FONT, padding=PADDING, background="transparent").configure_view(stroke=None))


def _colour(*names: str) -> alt.Color:
    scale = alt.Scale(domain=list(names), range=[SHADES[name] for name in names])
    return alt.Color("what:N", scale=scale, title=None, legend=alt.Legend(orient="top"))


def _steps(night: Forecast) -> alt.Chart:
    """Draw each group of requests as a bar, and behind it the work that the sync does until the next one."""
    longest = sorted(night.plan, key=lambda there: there.began - there.ended)[:ROWS_MAX]
    shown = sorted(longest, key=lambda there: there.began)
    rows = [row for number, there in enumerate(shown, start=1) for row in _bars(number, there)]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(cornerRadius=2)
        .encode(
            x=alt.X("from:Q", title="seconds since 01:00", scale=alt.Scale(domainMin=0)),
            x2="to:Q",
            y=alt.Y("kind:N", title=None, sort=None, axis=alt.Axis(labelLimit=KIND_WIDTH_PX)),
            color=_colour("Clever", "Otus", "the sync"),
        )
        .properties(width=WIDTH_PX - KIND_WIDTH_PX, height=alt.Step(20))
    )


def _bars(number: int, there: Planned) -> list[dict[str, object]]:
    kind = f"{number}. {there.step.kind}"
    return [
        {"kind": kind, "from": there.began, "to": there.answered, "what": NAMES[there.step.system]},
        {"kind": kind, "from": there.answered, "to": there.ended, "what": "the sync"},
    ]


def _requests(night: Forecast) -> alt.Chart:
    rows = [
        {
            "second": there.second,
            "until": there.second + night.slice_seconds,
            "requests": there.requests,
            "what": NAMES[there.system],
        }
        for there in night.traffic
    ]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(opacity=0.8)
        .encode(
            x=alt.X("second:Q", title="seconds since 01:00", scale=alt.Scale(domainMin=0)),
            x2="until:Q",
            y=alt.Y("requests:Q", title=f"requests in {night.slice_seconds:,.1f} s", stack=None),
            y2=alt.Y2Datum(0),
            color=_colour(*NAMES.values()),
        )
        .properties(width=WIDTH_PX - KIND_WIDTH_PX, height=160)
    )
