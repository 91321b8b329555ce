"""The axis of a drawing: days from left to right, quiet stretches folded."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

import msgspec

from reports.timeline import Day
from reports.times import NEW_YORK, read_moment

FOLDED_FROM = 4
"""As many quiet days in a row are drawn as one narrow stretch."""
FOLD_WEIGHT = 1.2
"""How wide a folded stretch is, in days."""
MARGIN_BEFORE = timedelta(hours=4)
MARGIN_AFTER = timedelta(hours=9)
"""Room around the first and the last entry, so that no mark stands on the edge."""


class Stretch(msgspec.Struct, frozen=True):
    """One day of the axis, or several quiet ones folded."""

    begins: datetime
    ends: datetime
    left: float
    right: float
    days: tuple[Day, ...]

    @property
    def folded(self) -> bool:
        """Whether it stands for several days."""
        return len(self.days) > 1


class Axis(msgspec.Struct, frozen=True):
    """Where on the drawing a moment is."""

    stretches: tuple[Stretch, ...]

    def x(self, at: str) -> float:
        """Give the horizontal place of a moment; moments beyond the ends are at the ends."""
        moment = read_moment(at)
        for stretch in self.stretches:
            if moment < stretch.ends:
                part = (moment - stretch.begins) / (stretch.ends - stretch.begins)
                return stretch.left + max(part, 0.0) * (stretch.right - stretch.left)
        return self.stretches[-1].right

    def folds(self, at: str) -> bool:
        """Tell whether a moment lies in a folded stretch, where nothing is drawn."""
        moment = read_moment(at)
        return any(stretch.folded and stretch.begins <= moment < stretch.ends for stretch in self.stretches)

    @property
    def day_width(self) -> float:
        """The width of the widest whole day; what decides how much can be written."""
        return max(stretch.right - stretch.left for stretch in self.stretches)


def axis_of(days: Sequence[Day], first: str, last: str, left: float, right: float) -> Axis:
    """Lay out days between two margins.

    Args:
        days: without gaps, at least one.
        first: the moment of the first entry, on the first day.
        last: of the last entry, on the last day.
        left: where the axis begins.
        right: where it ends.
    """
    starts = read_moment(first) - MARGIN_BEFORE
    stops = read_moment(last) + MARGIN_AFTER
    runs = list(_runs(days))
    spans = [(_midnight(run[0]), _midnight_after(run[-1])) for run in runs]
    # The axis is cut where the story begins and ends; the days between reach from midnight to midnight.
    spans[0] = (starts, spans[0][1])
    spans[-1] = (spans[-1][0], stops)
    weights = [
        FOLD_WEIGHT if len(run) > 1 else max((ends - begins) / timedelta(days=1), 0.05)
        for run, (begins, ends) in zip(runs, spans, strict=True)
    ]
    unit = (right - left) / sum(weights)
    stretches: list[Stretch] = []
    for run, (begins, ends), weight in zip(runs, spans, weights, strict=True):
        stretches.append(Stretch(begins, ends, left, left + weight * unit, run))
        left += weight * unit
    return Axis(tuple(stretches))


def _runs(days: Sequence[Day]) -> Iterator[tuple[Day, ...]]:
    """Fold what is quiet, but never the first or the last two days: how it began and ended must be seen."""
    yield from ((day,) for day in days[:1])
    for quiet, group in groupby(days[1:-2], key=lambda day: day.quiet):
        run = tuple(group)
        if quiet and len(run) >= FOLDED_FROM:
            yield run
        else:
            yield from ((day,) for day in run)
    yield from ((day,) for day in days[1:][-2:])


def _midnight(day: Day) -> datetime:
    return _utc_midnight(day.date)


def _midnight_after(day: Day) -> datetime:
    return _utc_midnight(day.date + timedelta(days=1))


def _utc_midnight(day: date) -> datetime:
    # In UTC, as the days on which the clock changes have 23 and 25 hours.
    return datetime(day.year, day.month, day.day, tzinfo=NEW_YORK).astimezone(UTC)
