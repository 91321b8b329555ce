"""A story's timeline as a drawing: three lines, time from left to right; everything the page puts into SVG.

A pure function of the journal: no colours and no tags, which are the template's and the style sheet's.
"""

from collections.abc import Sequence

import msgspec

from reports.axis import Axis, Stretch, axis_of
from reports.marks import CHARACTER, Label, Mark, Where, labels_of, marks_of, tooltip_of
from reports.shapes import Drawing, Fold, NightBand, PlacedMark, SyncArrow, Tick, Way
from reports.strip import strip_in_words
from reports.timeline import Crossing, Day, Night, crossings_of, days_of
from reports.times import day_in_words, moment_in_words, read_moment, span_in_words
from reports.words import counted, one_line
from simulator.journal import Entry

WIDTH = 1160.0
LEFT = 66.0
RIGHT = 1154.0
MOON_Y = 17.0
TOP = 36.0
GAP = 104.0
"""Between two lines."""
ROW = 18.0
MOON_WIDTH = 18.0
WAYS_NEAR = 14.0
"""Ways to Clever that begin and end nearer to each other than this are drawn as one."""
ARROWS_NEAR = 12.0
"""Nights nearer than this share one arrow for what they wrote."""
LABELLED_FROM = 26.0
"""Where a day is narrower, only what went wrong is written out."""


def draw(entries: Sequence[Entry]) -> Drawing | None:
    """Draw a journal.

    Args:
        entries: in order.

    Returns:
        The drawing, or nothing when nothing happened.
    """
    days = days_of(entries)
    if not days:
        return None
    axis = axis_of(days, entries[0].at, entries[-1].at, LEFT, RIGHT)
    marks = marks_of(entries, axis)
    lines: dict[Where, list[Mark]] = {"ats": [], "clever": [], "sync": [], "otus": []}
    for mark in marks:
        lines[mark.where].append(mark)
    crowded = axis.day_width < LABELLED_FROM
    labels = {where: labels_of(line, LEFT, WIDTH, urgent_only=crowded) for where, line in lines.items()}
    heights = _Heights(_rows_used(labels["ats"]), _rows_used(labels["otus"]), checks=_has_checks(lines["otus"]))
    return Drawing(
        width=WIDTH,
        height=heights.floor + 20,
        ats_y=heights.ats,
        clever_y=heights.clever,
        otus_y=heights.otus,
        floor=heights.floor,
        nights=tuple(_bands(days, axis)),
        folds=tuple(_fold(stretch) for stretch in axis.stretches if stretch.folded),
        ways=tuple(_ways(crossings_of(entries), axis, heights)),
        arrows=tuple(_sync_arrows(days, axis)),
        marks=tuple(
            _placed(mark, labels[where].get(place), heights)
            for where, line in lines.items()
            for place, mark in enumerate(line)
        ),
        ticks=tuple(_ticks(axis)),
        left_out=tuple(_left_out(entries, axis, marks)),
        crowded=crowded,
        summary=strip_in_words(entries),
    )


class _Heights:
    """Where the lines are, once it is known how many rows of labels they need."""

    def __init__(self, rows_ats: int, rows_otus: int, *, checks: bool) -> None:
        self.ats = TOP + max(rows_ats, 0) * ROW + 12
        self.clever = self.ats + GAP
        self.otus = self.clever + GAP
        self.floor = self.otus + max(rows_otus, 1 if checks else 0) * ROW + 22

    def line(self, where: Where) -> float:
        match where:
            case "ats":
                return self.ats
            case "clever":
                return self.clever
            case "sync":
                return self.clever + GAP * 0.6
            case _:
                return self.otus

    def label(self, where: Where, row: int) -> float:
        match where:
            case "ats":
                return self.ats - 16 - row * ROW
            case "clever":
                return self.clever + 20 + row * ROW
            case "sync":
                return self.line("sync") + 4
            case _:
                return self.otus + 24 + row * ROW


def _rows_used(labels: dict[int, Label]) -> int:
    return max((label.row + 1 for label in labels.values()), default=0)


def _has_checks(marks: Sequence[Mark]) -> bool:
    return any(mark.flag for mark in marks)


def _placed(mark: Mark, label: Label | None, heights: _Heights) -> PlacedMark:
    row = 0 if label is None else label.row
    leftward = label is not None and label.leftward
    # Words at a check stand beside its flag; words at a dot hang on a line from it.
    beside = 13 if mark.flag or mark.where == "sync" else 5
    return PlacedMark(
        x=mark.x,
        y=heights.line(mark.where),
        shape=mark.shape,
        where=mark.where,
        count=mark.count,
        tooltip=mark.tooltip,
        label="" if label is None else label.text,
        label_x=mark.x - beside if leftward else mark.x + beside,
        label_y=heights.label(mark.where, row),
        leftward=leftward,
    )


def _bands(days: Sequence[Day], axis: Axis) -> list[NightBand]:
    nights = [night for day in days for night in day.nights if not axis.folds(night.began)]
    moons = _with_moon(nights, axis)
    width = min(30.0, max(2.0, axis.day_width * 0.3))
    return [
        NightBand(axis.x(night.began), width, night.outcome, place in moons, _night_tooltip(night))
        for place, night in enumerate(nights)
    ]


def _with_moon(nights: Sequence[Night], axis: Axis) -> set[int]:
    """Choose the nights that have room for a moon: those that did not succeed come first."""
    taken: list[tuple[float, float]] = []
    chosen: set[int] = set()
    for place in sorted(range(len(nights)), key=lambda place: nights[place].outcome == "succeeded"):
        x = axis.x(nights[place].began)
        half = MOON_WIDTH / 2
        begins, ends = x - half, x + (half if nights[place].outcome == "succeeded" else MOON_WIDTH)
        if all(ends <= other[0] or begins >= other[1] for other in taken):
            taken.append((begins, ends))
            chosen.add(place)
    return chosen


def _night_tooltip(night: Night) -> str:
    requests = counted(night.requests, "request")
    refused = f", {night.refused:,} of them refused" if night.refused else ""
    writes = [f"wrote {one_line(write)}" for write in night.writes]
    return tooltip_of(
        [
            f"Night {night.number}, {moment_in_words(night.began)}: {night.outcome}",
            one_line(night.what),
            requests + refused,
            *(writes or ["wrote nothing to Otus"]),
        ]
    )


def _sync_arrows(days: Sequence[Day], axis: Axis) -> list[SyncArrow]:
    near: dict[int, list[Night]] = {}
    for day in days:
        for night in day.nights:
            if night.writes:
                near.setdefault(int(axis.x(night.began) // ARROWS_NEAR), []).append(night)
    roomy = axis.day_width >= 80
    return [
        SyncArrow(
            x=axis.x(group[0].began),
            label=counted(sum(len(night.writes) for night in group), "write") if roomy else "",
            tooltip="\n".join(_night_tooltip(night) for night in group),
        )
        for group in near.values()
    ]


def _ways(crossings: Sequence[Crossing], axis: Axis, heights: _Heights) -> list[Way]:
    near: dict[tuple[int, int, bool], list[Crossing]] = {}
    for crossing in crossings:
        x1, x2 = axis.x(crossing.since), axis.x(crossing.arrives)
        place = (int(x1 // WAYS_NEAR), int((x2 - x1) // WAYS_NEAR), crossing.arrived)
        near.setdefault(place, []).append(crossing)
    ways: list[Way] = []
    labelled_to = 0.0
    for group in near.values():
        way = _way(group, axis, heights)
        half = len(way.label) * CHARACTER / 2 + 8
        if way.x2 - way.x1 < 2 * half or way.middle[0] - half < labelled_to:
            way = msgspec.structs.replace(way, label="")
        else:
            labelled_to = way.middle[0] + half
        ways.append(way)
    return ways


def _way(group: Sequence[Crossing], axis: Axis, heights: _Heights) -> Way:
    crossing = group[0]
    end = axis.stretches[-1].ends
    since, arrives = read_moment(crossing.since), read_moment(crossing.arrives)
    # What has not arrived when the story ends breaks off at the edge, as far down as it has come.
    part = 1.0 if arrives <= end else max((end - since) / (arrives - since), 0.05)
    return Way(
        x1=axis.x(crossing.since),
        y1=heights.ats,
        x2=axis.x(crossing.arrives),
        y2=heights.ats + part * GAP,
        label=span_in_words(since, arrives),
        arrived=crossing.arrived,
        tooltip=tooltip_of([line for crossing in group for line in _way_in_words(crossing)]),
    )


def _way_in_words(crossing: Crossing) -> list[str]:
    took = span_in_words(read_moment(crossing.since), read_moment(crossing.arrives))
    arrival = "in Clever" if crossing.arrived else "not in Clever yet, due"
    heading = f"{moment_in_words(crossing.since)} changed in ATS, {arrival} {moment_in_words(crossing.arrives)}"
    return [f"{heading} ({took})", *(one_line(change) for change in crossing.changes)]


def _fold(stretch: Stretch) -> Fold:
    nights = sum(len(day.nights) for day in stretch.days)
    checks = sum(len(day.entries) for day in stretch.days)
    label = counted(nights, "quiet night") if nights else counted(len(stretch.days), "quiet day")
    if checks:
        label += f", {counted(checks, 'check')} held"
    width = stretch.right - stretch.left
    first, last = stretch.days[0].date, stretch.days[-1].date
    return Fold(
        x=stretch.left,
        width=width,
        label=label,
        upright=len(label) * CHARACTER + 12 > width,
        nights=nights,
        tooltip=f"{day_in_words(first)} to {day_in_words(last)}: {label}; nothing changed, nothing failed",
    )


def _ticks(axis: Axis) -> list[Tick]:
    """Write days as long as there is room: all of them, or the Mondays, or the first of what fits."""
    ticks: list[Tick] = []
    written_to = 0.0
    for stretch in axis.stretches:
        width = stretch.right - stretch.left
        day = stretch.days[0].date
        middle = (stretch.left + stretch.right) / 2
        label = "" if stretch.folded else day_in_words(day)
        half = len(label) * CHARACTER / 2
        wanted = width >= 2 * half + 8 or day.weekday() == 0
        if not wanted or middle - half < written_to or middle + half > WIDTH:
            label = ""
        if label:
            written_to = middle + half + 8
        ticks.append(Tick(stretch.left, middle, label))
    return ticks


def _left_out(entries: Sequence[Entry], axis: Axis, marks: Sequence[Mark]) -> list[str]:
    requests = sum(entry.kind == "request" for entry in entries)
    invariants = sum(entry.kind == "invariant" and entry.good is True for entry in entries)
    folded = sum(len(stretch.days) for stretch in axis.stretches if stretch.folded)
    joined = sum(mark.count - 1 for mark in marks)
    said = [
        (counted(folded, "quiet day"), folded),
        (counted(joined, "mark") + " joined to a neighbour", joined),
        (counted(requests, "request"), requests),
        (counted(invariants, "invariant") + " that held", invariants),
    ]
    return [words for words, count in said if count]
