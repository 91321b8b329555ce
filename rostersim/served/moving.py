"""Where a clock shall go, in the words of people: ``72h``, ``next night``, ``Fri 18 Sep 01:00``."""

import re
from datetime import datetime, time
from typing import NamedTuple

import yaml

from fakes.shared.refusals import Unprocessable
from rostersim.served.deeds import whole_second
from scenarios.located import Wrong, nearest
from scenarios.moments import LONGEST, NIGHTS_MAX, read_duration, read_moment
from simulator.clock import new_york
from simulator.nights import nth_night

EXAMPLES = "`72h`, `3d`, `next night`, `next event`, `night 4`, `Fri 18 Sep 01:00` or `2026-09-18 01:00`"
NEXT = ("next night", "next event")
_NIGHT = re.compile(r"(?:after )?night (\d{1,4})")
_DURATION = re.compile(r"\+?\s*[\d.]+\s*[a-z]")


class Present(NamedTuple):
    """What the words are about."""

    now: datetime
    start: datetime
    """Of the world."""
    next_night: datetime
    next_due: datetime | None
    """When anything falls due next."""
    nightly_at: time
    """The wall time of the nights."""


def read_forward(words: str, present: Present) -> datetime:
    """Read where the clock shall go to.

    Raises:
        Unprocessable: it is no time, lies in the past, or further off than a world may last.
    """
    moment = _read(words.strip(), present)
    if moment < present.now:
        raise Unprocessable(
            f"{words!r} lies before now, {new_york(present.now)}: time goes forward. "
            "Restore a snapshot, or rewind: `rostersim clock rewind`",
            "backward",
        )
    if moment - present.start > LONGEST:
        raise Unprocessable(f"{words!r} lies more than {LONGEST.days} days after the world's start")
    return whole_second(moment)


def read_backward(words: str, present: Present) -> datetime:
    """Read where the clock shall be brought back to.

    Raises:
        Unprocessable: it is no time, lies in the future, or before the world's beginning.
    """
    node = _node(words)
    try:
        moment = present.start if words.strip() == "start" else read_moment(node, words.strip(), present.start)
    except Wrong as error:
        raise Unprocessable(_said(error, "`Tue 15 Sep 08:00`, `2026-09-15 08:00` or `start`")) from None
    if moment < present.start:
        raise Unprocessable(f"{words!r} lies before the world's start, {new_york(present.start)}")
    if moment > present.now:
        raise Unprocessable(f"{words!r} lies after now, {new_york(present.now)}: advance to it instead", "forward")
    return moment


def _read(words: str, present: Present) -> datetime:
    if words == "next night":
        return present.next_night
    if words == "next event":
        if present.next_due is None:
            raise Unprocessable("nothing falls due any more")
        return present.next_due
    night = _NIGHT.fullmatch(words)
    if night:
        number = int(night[1])
        if not 1 <= number <= NIGHTS_MAX:
            raise Unprocessable(f"{words!r}: nights are counted from 1 to {NIGHTS_MAX}")
        return nth_night(present.start, number, present.nightly_at)
    node = _node(words)
    try:
        if _DURATION.match(words):
            return present.now + read_duration(node, words.lstrip("+").strip())
        return read_moment(node, words, present.now)
    except Wrong as error:
        near = nearest(words, NEXT)
        raise Unprocessable(_said(error, near if near.startswith("did you mean") else f"expected {EXAMPLES}")) from None


def _said(error: Wrong, instead: str) -> str:
    hint = error.problem.hint if "expected" not in error.problem.hint else ""
    return f"{error.problem.message} ({hint or instead})"


def _node(words: str) -> yaml.Node:
    """Make a node of words that stand in no file, for the readers of the story language."""
    mark = yaml.Mark("words", 0, 0, 0, words, 0)
    return yaml.ScalarNode("tag:yaml.org,2002:str", words, mark, mark)
