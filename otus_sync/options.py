"""Every setting as people give it: its name in each place, what is accepted, and what that looks like in a schema."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from urllib3.util import parse_url

Schema = dict[str, object]
"""A piece of JSON Schema."""


class Secret(msgspec.Struct, frozen=True):
    """A token: its text is asked for by name only, and nothing prints it."""

    text: str

    def __repr__(self) -> str:
        return "Secret(...)"


class Kind(NamedTuple):
    """What a setting may be."""

    parse: Callable[[Any], Any]
    """Makes its value from text (environment, command line) or from a TOML value; raises ``ValueError``."""
    expected: str
    """What is accepted, for the error and the help text."""
    schema: Schema


class Option(NamedTuple):
    """One setting as people give it."""

    field: str
    """Its name in :class:`~otus_sync.settings.Settings`, and in the file."""
    variable: str
    """Its name in the environment."""
    kind: Kind
    says: str
    """What it is for, in a few words."""
    secret: bool = False
    """A secret is never given on the command line, where other users of the machine see it."""

    @property
    def flag(self) -> str:
        """Give its name on the command line."""
        return f"--{self.field.replace('_', '-')}"

    @property
    def expected(self) -> str:
        """Tell what is accepted."""
        return self.kind.expected


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


def _url(forbidden_end: str, example: str) -> Kind:
    def parse(value: object) -> str:
        url = _text(value).rstrip("/")
        if not url.startswith(("http://", "https://")) or "?" in url or forbidden_end in url:
            raise ValueError
        if not parse_url(url).host:  # raises a ValueError itself for a port or a host that cannot be
            raise ValueError
        return url

    return Kind(parse, example, {"type": "string", "pattern": "^https?://[^?]+$"})


def _secret(expected: str) -> Kind:
    def parse(value: object) -> Secret:
        text = _text(value)
        if not text.isascii() or any(letter.isspace() for letter in text):
            raise ValueError
        return Secret(text)

    return Kind(parse, expected, {"type": "string", "pattern": r"^\s*[!-~]+\s*$"})


def _folder() -> Kind:
    return Kind(lambda value: Path(_text(value)), "a folder for the ledger", {"type": "string", "minLength": 1})


def _moment() -> Kind:
    def parse(value: object) -> datetime:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(_text(value))
        if moment.tzinfo is None:
            raise ValueError
        return moment

    expected = "a moment with its offset, such as 2026-09-18T01:00:00-04:00"
    return Kind(parse, expected, {"type": "string", "format": "date-time"})


def _schools() -> Kind:
    def parse(value: object) -> tuple[str, ...]:
        names = value.split(",") if isinstance(value, str) else value
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError
        return tuple(sorted({name.strip() for name in names if name.strip()}))

    schema: Schema = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    return Kind(parse, "DBNs with commas between them, such as 02M475,03M859", schema)


def _truth() -> Kind:
    def parse(value: object) -> bool:
        word = str(value).strip().lower()
        if word not in ("true", "false"):
            raise ValueError
        return word == "true"

    return Kind(parse, "true or false", {"type": "boolean"})


def _word(*words: str) -> Kind:
    def parse(value: object) -> str:
        if value not in words:
            raise ValueError
        return str(value)

    *some, last = words
    return Kind(parse, f"{', '.join(some)} or {last}", {"enum": list(words)})


def _whole(least: int, most: int, expected: str) -> Kind:
    def parse(value: object) -> int:
        if not isinstance(value, int | str) or isinstance(value, bool) or not least <= int(value) <= most:
            raise ValueError
        return int(value)

    return Kind(parse, expected, {"type": "integer", "minimum": least, "maximum": most})


def _seconds(least: float, most: float, expected: str) -> Kind:
    def parse(value: object) -> float:
        if not isinstance(value, int | float | str) or isinstance(value, bool) or not least <= float(value) <= most:
            raise ValueError
        return float(value)

    return Kind(parse, expected, {"type": "number", "minimum": least, "maximum": most})


def _up_to(most: int) -> Kind:
    return _whole(1, most, f"a whole number from 1 to {most}")


def _readers(most: int) -> Kind:
    several = _up_to(most)

    def parse(value: object) -> int:
        count: int = several.parse(value)
        if count > 1 and not hasattr(os, "fork"):
            raise ValueError
        return count

    return Kind(parse, f"{several.expected}; above 1 only on a system that forks processes", several.schema)


CLEVER = _url("/v3", "a base URL without a version, such as https://api.clever.com")
OTUS = _url("/api/v1", "a base URL without /api/v1, such as https://otus.example")
PERCENT = _whole(0, 100, "a whole number from 0 to 100")
MANY = _whole(1, 10_000_000, "a whole number, 1 or more")
DAYS = _up_to(365)
MARGIN = _whole(0, 364, "a whole number from 0 to 364")
LEASE = _whole(1, 86_400, "a whole number of seconds from 1 to 86400")
HOUR = _seconds(0, 3600, "seconds from 0 to 3600")
DAY = _seconds(0, 86_400, "seconds from 0 to 86400")
SILENCE = _seconds(0.001, 3600, "seconds above 0, up to 3600")

OPTIONS = (
    Option("clever_url", "CLEVER_URL", CLEVER, "where Clever is"),
    Option(
        "clever_token", "CLEVER_TOKEN", _secret("the district token"), "the district's token at Clever", secret=True
    ),
    Option("otus_url", "OTUS_URL", OTUS, "where Otus is"),
    Option("otus_token", "OTUS_TOKEN", _secret("the sync's token in Otus"), "the sync's token in Otus", secret=True),
    Option("state_dir", "SYNC_STATE_DIR", _folder(), "folder of the ledger, one below it for each named district"),
    Option("now", "SYNC_NOW", _moment(), "a moment to start the clock at"),
    Option("schools", "SYNC_SCHOOLS", _schools(), "the schools to sync, without it the whole district"),
    Option(
        "by_hand_co_teachers",
        "SYNC_BY_HAND_CO_TEACHERS",
        _word("keep", "only_without_rostered"),
        "which co-teachers added by hand stay (H3)",
    ),
    Option("overwrite_class_names", "SYNC_OVERWRITE_CLASS_NAMES", _truth(), "whether Clever's class names win (H10)"),
    Option("guard_percent", "SYNC_GUARD_PERCENT", PERCENT, "removal guard: above this share of a kind (A14)"),
    Option("guard_minimum", "SYNC_GUARD_MINIMUM", MANY, "removal guard: from so many of a kind on (A14)"),
    Option("follow", "SYNC_FOLLOW", _word("auto", "events", "full"), "how to learn what changed in Clever"),
    Option("events_kept_days", "SYNC_EVENTS_KEPT_DAYS", DAYS, "how long Clever keeps an event"),
    Option("events_margin_days", "SYNC_EVENTS_MARGIN_DAYS", MARGIN, "so much before that they are not relied on"),
    Option("full_pull_every_nights", "SYNC_FULL_PULL_EVERY_NIGHTS", DAYS, "with auto: read all of Clever so often"),
    Option("when_busy", "SYNC_WHEN_BUSY", _word("refuse", "wait"), "what to do while another run is in progress"),
    Option("busy_wait_seconds_max", "SYNC_BUSY_WAIT_SECONDS_MAX", DAY, "the longest wait for another run"),
    Option("page_limit", "SYNC_PAGE_LIMIT", _up_to(10_000), "records read at once"),
    Option("batch_rows", "SYNC_BATCH_ROWS", _up_to(10_000), "rows written at once"),
    Option("in_flight", "SYNC_IN_FLIGHT", _up_to(32), "requests under way at once"),
    Option("readers", "SYNC_READERS", _readers(32), "processes that read at once, of a large district"),
    Option("attempts", "SYNC_ATTEMPTS", _up_to(100), "how often one request is tried"),
    Option("backoff_seconds", "SYNC_BACKOFF_SECONDS", HOUR, "first wait; it doubles"),
    Option("wait_seconds_max", "SYNC_WAIT_SECONDS_MAX", DAY, "longest single wait"),
    Option("timeout_seconds", "SYNC_TIMEOUT_SECONDS", SILENCE, "how long a system may be silent"),
    Option("lease_seconds", "SYNC_LEASE_SECONDS", LEASE, "how long Otus keeps other runs out after a sign of life"),
    Option("log_requests", "SYNC_LOG_REQUESTS", _truth(), "whether the log tells of every request, with its time"),
    Option("reads_max", "SYNC_READS_MAX", _up_to(10), "how often Clever is read because it changed meanwhile"),
)

BY_FIELD = {option.field: option for option in OPTIONS}
REQUIRED = ("clever_url", "clever_token", "otus_url", "otus_token")
