"""Moments in words, in New York time: what a person in a school reads."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Not strftime: its names depend on the machine's locale, and the same results must give the same bytes.


def read_moment(at: str) -> datetime:
    """Read an entry's moment.

    Raises:
        ValueError: it is no ISO 8601 text.
    """
    return datetime.fromisoformat(at).astimezone(UTC)


def new_york(at: str) -> datetime:
    """Read an entry's moment as the clock on a wall in New York shows it."""
    return read_moment(at).astimezone(NEW_YORK)


def moment_in_words(at: str) -> str:
    """Say a moment: ``Mon 14 Sep 10:00``.

    In the hour that comes twice when the clock goes back, the zone follows: ``Sun 1 Nov 01:00 EDT``.
    """
    local = new_york(at)
    words = f"{day_in_words(local.date())} {local:%H:%M}"
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return words
    return f"{words} {local.tzname()}"


def day_in_words(day: date) -> str:
    """Say a day: ``Mon 14 Sep``."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def period_in_words(starts: str, ends: str) -> str:
    """Say from when to when: ``Mon 14 Sep to Fri 18 Sep 2026``."""
    first, last = new_york(starts).date(), new_york(ends).date()
    if first == last:
        return f"{day_in_words(first)} {first.year}"
    year = f" {first.year}" if first.year != last.year else ""
    return f"{day_in_words(first)}{year} to {day_in_words(last)} {last.year}"


def span_in_words(starts: datetime, ends: datetime) -> str:
    """Say how long something took: ``72 h``, or ``9 days`` from a week on."""
    length = ends - starts
    hours = round(length / timedelta(hours=1))
    return f"{hours} h" if length < timedelta(days=7) else f"{round(hours / 24)} days"


def seconds_in_words(seconds: float) -> str:
    """Say real time: ``0.42 s``, ``75 s`` as ``1 min 15 s``."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
