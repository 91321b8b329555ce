"""A story that was drawn: its parts as words, and the file that says the same."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from simulator.clock import MICROSECOND, NEW_YORK
from simulator.nights import nth_night

Value = str | int | bool | Sequence["Value"] | Mapping[str, "Value"]
Words = Mapping[str, Value]
"""A mapping of the story language: ``{"ats": "enroll", "student": "Mei Chen", ...}``."""

IF_POSSIBLE = "if possible"
_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 .@'_/-]*[A-Za-z0-9.])?")
_AN_HOUR = timedelta(hours=1)


class When(NamedTuple):
    """When a step is done; earlier ones are smaller."""

    moment: datetime
    """In UTC; of a step inside a night or after it, just after the night begins."""
    rank: int
    """Of steps at one moment: before, inside, after the night."""
    words: str


class Turn(msgspec.Struct, frozen=True):
    """What happens at one time."""

    when: When
    steps: tuple[Words, ...]


class Tale(msgspec.Struct, frozen=True):
    """A story of random people on random nights."""

    seed: int
    start: datetime
    settings: Words
    district: Words
    others: Words
    turns: tuple[Turn, ...]
    nights: int
    """After which the last expectation is judged."""


def at(moment: datetime) -> When:
    """Say a moment to the second; one that the clock shows a second time is said an hour later, where it is clear."""
    local = moment.astimezone(NEW_YORK)
    if local.fold:
        return at(moment + _AN_HOUR)
    return When(moment, 0, f"{local:%Y-%m-%d %H:%M:%S}".removesuffix(":00"))


def before_night(start: datetime, night: int, nightly_at: str) -> When:
    """Say the very instant of a night, before its sync."""
    return When(_night(start, night, nightly_at), 0, f"before night {night}")


def during_night(start: datetime, night: int, nightly_at: str, point: str) -> When:
    """Say a point inside a night's run, as ``request 7``."""
    return When(_night(start, night, nightly_at) + MICROSECOND, 1, f"during night {night}, after {point}")


def after_night(start: datetime, night: int, nightly_at: str) -> When:
    """Say the end of a night's run."""
    return When(_night(start, night, nightly_at) + MICROSECOND, 2, f"after night {night}")


def _night(start: datetime, night: int, nightly_at: str) -> datetime:
    return nth_night(start, night, datetime.strptime(nightly_at, "%H:%M").time())  # noqa: DTZ007 - a time of day


def story_of(tale: Tale) -> str:
    """Write a tale as a story file."""
    return "\n".join(_lines(tale)) + "\n"


def _lines(tale: Tale) -> Iterator[str]:
    start = tale.start.astimezone(NEW_YORK)
    yield f"title: Bad nights of seed {tale.seed}"
    yield f"about: Drawn by chance; `rostersim soak --world {tale.seed}` draws it again."
    yield "rules: [A15]"
    yield f"start: {start:%Y-%m-%d %H:%M}"
    yield from _mapping("settings", tale.settings)
    yield from _mapping("district", tale.district, deep=True)
    if tale.others:
        yield from _mapping("others", tale.others)
    yield "story:"
    for turn in tale.turns:
        if len(turn.steps) == 1:
            yield f"  - {turn.when.words}: {_said(turn.steps[0])}"
            continue
        yield f"  - {turn.when.words}:"
        yield from (f"      - {_said(step)}" for step in turn.steps)


def _mapping(word: str, values: Words, *, deep: bool = False) -> Iterator[str]:
    yield f"{word}:"
    for key, value in values.items():
        if deep and isinstance(value, Mapping):
            yield from (f"  {line}" for line in _mapping(_said(key), value, deep=key != "sections"))
        else:
            yield f"  {_said(key)}: {_said(value)}"


def _said(value: Value) -> str:
    """Write a value in one line."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value)
        case str():
            return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
        case Mapping():
            return "{" + ", ".join(f"{_said(key)}: {_said(each)}" for key, each in value.items()) + "}"
    return "[" + ", ".join(map(_said, value)) + "]"
