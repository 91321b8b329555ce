"""Time as the fakes see it: a clock they are given, and the text of a moment on the wire."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

Clock = Callable[[], datetime]
"""Answers the present moment as an aware datetime in UTC. A fake never looks at any other clock."""


def wire_time(moment: datetime) -> str:
    """Write a moment the way all three wires do: ISO 8601, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def read_wire_time(text: str) -> datetime:
    """Read what :func:`wire_time` wrote (any ISO 8601 text with an offset).

    Raises:
        ValueError: the text is no ISO 8601 moment, or it has no offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset: a moment on the wire ends in Z or +hh:mm")
    return moment.astimezone(UTC)


def http_date(moment: datetime) -> str:
    """Write a moment for the ``Date`` header (RFC 9110)."""
    return _date_of_second(moment.replace(microsecond=0))


@lru_cache(maxsize=4)
def _date_of_second(moment: datetime) -> str:
    """Write the date once: many requests are answered in one second of a simulated night."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)
