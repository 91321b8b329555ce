"""When the nightly sync runs (F5, A6)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from simulator.clock import NEW_YORK

NIGHTLY_AT = time(1, 0)
"""A6: 01:00 New York time."""


def nights_after(moment: datetime, at: time = NIGHTLY_AT, zone: ZoneInfo = NEW_YORK) -> Iterator[datetime]:
    """Give the moments of the nightly sync, the first strictly after a moment, without end.

    Args:
        moment: with an offset.
        at: the wall time of the sync.
        zone: where the wall hangs.
    """
    day = moment.astimezone(zone).date() - timedelta(days=1)
    while True:
        night = night_of(day, at, zone)
        if night > moment:
            yield night
        day += timedelta(days=1)


def nth_night(start: datetime, number: int, at: time = NIGHTLY_AT) -> datetime:
    """Give the moment of a night of a story.

    Args:
        start: of the story.
        number: of the night, from 1.
        at: the wall time of the sync.
    """
    return next(islice(nights_after(start, at), number - 1, None))


def night_of(day: date, at: time, zone: ZoneInfo = NEW_YORK) -> datetime:
    """Give the one moment of a day's sync, in UTC.

    When the clock goes back the wall time comes twice: the first counts. When it goes forward over the wall
    time, the first instant that exists afterwards counts (A6).
    """
    first = datetime.combine(day, at, tzinfo=zone).replace(fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, at):
        return first
    # The wall time does not exist. Read with fold=1 its offset is the one after the jump, so it lies before the
    # jump by as much as `first` lies after it; the jump itself is the first instant that exists.
    before = datetime.combine(day, at, tzinfo=zone).replace(fold=1).astimezone(UTC)
    return _jump_between(before, first, zone)


def _jump_between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Find the instant at which the offset changes, to the second, between two moments around it."""
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
