"""Times as people name them: ``Mon 14 Sep 10:00``, ``2026-09-14 10:00``, ``+72h``, ``after night 2``."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import yaml

from scenarios.located import Wrong
from simulator.clock import NEW_YORK
from simulator.progress import ALL, Point, PointKind, Span

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NIGHTS_MAX = 400
"""A story is at most some 13 months long."""

LONGEST = timedelta(days=NIGHTS_MAX)
YEARS = range(2000, 2100)

_DURATION = re.compile(r"(\d{1,7}(?:\.\d{1,6})?)\s*(min|s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_NAMED = re.compile(
    r"(?:(?P<weekday>[A-Za-z]{3})[a-z]*,?\s+)?(?P<day>\d{1,2})\s+(?P<month>[A-Za-z]{3})[a-z]*"
    r"(?:\s+(?P<year>\d{4}))?\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?")
_NIGHT = re.compile(r"(?P<side>after|before)\s+nights?\s+(?P<first>\d{1,4})(?:\s*(?:-|to)\s*(?P<last>\d{1,4}))?")

_DURING = re.compile(
    r"during\s+night\s+(?P<night>\d{1,4}),?\s+after\s+"
    r"(?:(?P<kind>request|read|write)\s+(?P<number>\d{1,5})(?:\s+to\s+(?P<system>Clever|Otus))?"
    r"|page\s+(?P<page>\d{1,5})\s+of\s+(?P<list>[a-z][a-z-]*))"
)
_SPAN = re.compile(r"first(?:\s+(?P<many>\d{1,5}))?|(?P<first>\d{1,5})(?:\s*(?:-|to)\s*(?P<last>\d{1,5}))?")

FORMS = (
    "expected `Mon 14 Sep 10:00`, `2026-09-14 10:00`, `+72h`, `before night 2`, `after night 2`, `after nights 1-30` "
    "or `during night 2, after page 1 of sections`"
)


class At(NamedTuple):
    """A moment, in UTC."""

    moment: datetime


class Later(NamedTuple):
    """Some time after the step before."""

    wait: timedelta


class BeforeNight(NamedTuple):
    """At the very instant of a night, just before the sync."""

    night: int


class AfterNights(NamedTuple):
    """When the sync of a night, or of each night from one to another, has ended."""

    first: int
    last: int


class During(NamedTuple):
    """Inside the run of a night: when the sync has its answer to a request, before it asks the next thing."""

    night: int
    point: Point


When = At | Later | BeforeNight | AfterNights | During


def read_duration(node: yaml.Node, words: str) -> timedelta:
    """Read ``72h``, ``3d``, ``1d 2h``, ``90s``.

    Raises:
        Wrong: it is no duration.
    """
    rest = _DURATION.sub("", words)
    parts = _DURATION.findall(words)
    if not parts or rest.strip():
        raise Wrong(node, f"{words!r} is no duration", "write 72h, 3d, 1d 12h, 15min or 30s")
    duration = sum((timedelta(**{_UNITS[unit]: float(number)}) for number, unit in parts), timedelta())
    if duration > LONGEST:
        raise Wrong(node, f"{words!r} is longer than a story may be, {LONGEST.days} days")
    return duration


def read_wall_time(node: yaml.Node, words: str) -> time:
    """Read ``01:00``.

    Raises:
        Wrong: it is no time of day.
    """
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", words)
    if match and int(match[1]) < 24 and int(match[2]) < 60:
        return time(int(match[1]), int(match[2]))
    raise Wrong(node, f"{words!r} is no time of day", "write hours and minutes, 01:00")


def read_span(node: yaml.Node, words: str) -> Span:
    """Read ``first``, ``first 2``, ``3``, ``2-4``, ``all``.

    Raises:
        Wrong: it does not say which of things that are counted from 1.
    """
    if words == "all":
        return ALL
    match = _SPAN.fullmatch(words)
    if match is None:
        raise Wrong(node, f"{words!r} does not say which", "write 3, 2-4, first, first 2 or all")
    first = int(match["first"] or 1)
    last = int(match["last"] or match["first"] or match["many"] or 1)
    if not 1 <= first <= last:
        raise Wrong(node, f"{words!r}: things are counted from 1, upwards")
    return Span(first, last)


def read_when(node: yaml.Node, words: str, not_before: datetime) -> When:
    """Read the time of a step.

    Args:
        node: where it stands.
        words: what stands there.
        not_before: the moment of the step before; a date without a year is the first such day from there on.

    Raises:
        Wrong: it is no time, or one that cannot be.
    """
    if words.startswith("+"):
        return Later(read_duration(node, words[1:]))
    match = _NIGHT.fullmatch(words)
    if match:
        return _nights(node, match)
    match = _DURING.fullmatch(words)
    if match:
        return _during(node, match)
    return At(read_moment(node, words, not_before))


def _nights(node: yaml.Node, match: re.Match[str]) -> When:
    first = int(match["first"])
    last = int(match["last"] or first)
    if not 1 <= first <= last <= NIGHTS_MAX:
        raise Wrong(node, f"{match[0]!r}: nights are counted from 1, upwards, to {NIGHTS_MAX}")
    if match["side"] == "before":
        if last != first:
            raise Wrong(node, f"{match[0]!r}: name one night", "only `after nights 1-30` may name several")
        return BeforeNight(first)
    return AfterNights(first, last)


def _during(node: yaml.Node, match: re.Match[str]) -> When:
    night, number = int(match["night"]), int(match["number"] or match["page"])
    if not 1 <= night <= NIGHTS_MAX or number < 1:
        raise Wrong(node, f"{match[0]!r}: nights and requests are counted from 1, nights to {NIGHTS_MAX}")
    if match["page"] is not None:
        return During(night, Point("page", Span(number, number), collection=match["list"]))
    kinds: dict[str, PointKind] = {"request": "request", "read": "read", "write": "write"}
    system = match["system"].lower() if match["system"] else None
    return During(night, Point(kinds[match["kind"]], Span(number, number), system))


def read_moment(node: yaml.Node, words: str, not_before: datetime) -> datetime:
    """Read a moment in New York, and give it in UTC.

    Raises:
        Wrong: it is no moment, its weekday is another, or the clock skips it.
    """
    iso = _ISO.fullmatch(words)
    if iso:
        year, month, day, hour, minute, second = (int(part or 0) for part in iso.groups())
        return _in_utc(node, words, (year, month, day), (hour, minute, second))
    named = _NAMED.fullmatch(words)
    if named is None:
        raise Wrong(node, f"{words!r} is no time", FORMS)
    return _named_moment(node, words, named, not_before)


def _named_moment(node: yaml.Node, words: str, named: re.Match[str], not_before: datetime) -> datetime:
    month_name = named["month"].title()
    if month_name not in MONTHS:
        raise Wrong(node, f"{words!r}: {named['month']!r} is no month", f"expected one of {' '.join(MONTHS)}")
    month, day = MONTHS.index(month_name) + 1, int(named["day"])
    clock = (int(named["hour"]), int(named["minute"]), int(named["second"] or 0))
    here = not_before.astimezone(NEW_YORK).year
    years = [int(named["year"])] if named["year"] else [here, here + 1]
    if not named["year"] and (month, day) == (2, 29):
        years = [year for year in range(here, here + 5) if year % 4 == 0]
    moment = _in_utc(node, words, (years[0], month, day), clock)
    if moment < not_before and len(years) > 1:
        following = _in_utc(node, words, (years[1], month, day), clock)
        # A step a little before the last one is a slip, not a jump of a year.
        moment = following if not_before - moment > timedelta(days=90) else moment
    _check_weekday(node, words, named["weekday"], moment)
    return moment


def _check_weekday(node: yaml.Node, words: str, weekday: str | None, moment: datetime) -> None:
    if weekday is None:
        return
    local = moment.astimezone(NEW_YORK)
    right = WEEKDAYS[local.weekday()]
    if weekday.title() != right:
        message = f"{words!r}: {local.day} {MONTHS[local.month - 1]} {local.year} is a {right}, not a {weekday}"
        another = f"{local.day} {MONTHS[local.month - 1]} {local.year + 1} {local:%H:%M}"
        raise Wrong(node, message, f"if another year is meant, say it: {another}")


def _in_utc(node: yaml.Node, words: str, day: tuple[int, int, int], clock: tuple[int, int, int]) -> datetime:
    try:
        local = datetime.combine(date(*day), time(*clock), tzinfo=NEW_YORK)
    except ValueError as error:
        raise Wrong(node, f"{words!r} cannot be: {error}") from None
    if local.year not in YEARS:
        raise Wrong(node, f"{words!r}: expected a year from {YEARS[0]} to {YEARS[-1]}")
    moment = local.astimezone(UTC)
    if moment.astimezone(NEW_YORK).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Wrong(node, f"{words!r} does not exist: New York's clock goes forward over it")
    return moment
