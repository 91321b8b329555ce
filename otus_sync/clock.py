"""The time of a run, for its ledger and its lease."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Answers the present moment, aware, in UTC."""


def clock_from(start: datetime | None) -> Clock:
    """Make the clock of a run.

    Args:
        start: what it shows now; from here on it goes at the usual pace. ``None`` for the real time.
    """
    if start is None:
        return lambda: datetime.now(UTC)
    base = time.monotonic()
    return lambda: start.astimezone(UTC) + timedelta(seconds=time.monotonic() - base)


def written(moment: datetime) -> str:
    """Write a moment as Otus and Clever do: ISO 8601, milliseconds, ``Z``."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
