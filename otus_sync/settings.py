"""The settings of a run: built-in, overruled by a file, by the environment, by the command line.

Every number the sync works with stands here, once, with its reason.
"""

import difflib
import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from otus_sync.errors import SettingsError

CONFIG_VARIABLE = "SYNC_CONFIG"
"""Names the settings file where the command line does not."""

ByHandCoTeachers = Literal["keep", "only_without_rostered"]


class Secret(msgspec.Struct, frozen=True):
    """A token: its text is asked for by name only, and nothing prints it."""

    text: str

    def __repr__(self) -> str:
        return "Secret(...)"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How one run behaves."""

    clever_url: str
    """Base of Clever, without version."""
    clever_token: Secret
    """The district token."""
    otus_url: str
    """Base of Otus, without ``/api/v1``."""
    otus_token: Secret
    """The token of the sync in Otus."""
    state_dir: Path = Path("~/.local/state/otus-sync")
    """Where the ledger lives."""
    now: datetime | None = None
    """What the clock shows at the start; the real time without it."""
    schools: tuple[str, ...] = ()
    """DBNs to sync, sorted; all of the district when there are none."""
    by_hand_co_teachers: ByHandCoTeachers = "keep"
    """H3: whether co-teachers added by hand stay always, or only in classes without a rostered one."""
    overwrite_class_names: bool = True
    """H10: whether a class name edited in Otus gives way to Clever's."""
    guard_percent: int = 20
    """A14: a run that would remove more than this share of a kind is held ..."""
    guard_minimum: int = 25
    """A14: ... if it is at least so many of them."""
    page_limit: int = 10_000
    """Records asked for at once; neither Clever nor Otus gives more than 10,000."""
    batch_rows: int = 5_000
    """Rows written at once; Otus takes 10,000 at most."""
    attempts: int = 5
    """How often one request is tried."""
    backoff_seconds: float = 1.0
    """The wait after the first failed attempt; it doubles with each."""
    wait_seconds_max: float = 120.0
    """No single wait is longer; Clever's rate limit opens again every 60 seconds."""
    timeout_seconds: float = 60.0
    """How long a system may be silent."""
    lease_seconds: int = 900
    """How long Otus keeps other runs out after this one's last sign of life."""
    reads_max: int = 3
    """How often Clever is read anew because it changed while it was read."""


class Option(NamedTuple):
    """One setting as people give it."""

    field: str
    """Its name in :class:`Settings`, and in the file."""
    variable: str
    """Its name in the environment."""
    parse: Callable[[Any], Any]
    """Makes its value from text (environment, command line) or from a TOML value; raises ``ValueError``."""
    expected: str
    """What is accepted, for the error and the help text."""
    secret: bool = False
    """A secret is never given on the command line, where other users of the machine see it."""


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


def _url(forbidden_end: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        url = _text(value).rstrip("/")
        if not url.startswith(("http://", "https://")) or "?" in url or forbidden_end in url:
            raise ValueError
        return url

    return parse


def _secret(value: object) -> Secret:
    text = _text(value)
    if not text.isascii() or any(letter.isspace() for letter in text):
        raise ValueError
    return Secret(text)


def _moment(value: object) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _schools(value: object) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError
    return tuple(sorted({name.strip() for name in names if name.strip()}))


def _truth(value: object) -> bool:
    word = str(value).strip().lower()
    if word not in ("true", "false"):
        raise ValueError
    return word == "true"


def _word(*words: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if value not in words:
            raise ValueError
        return str(value)

    return parse


def _whole(least: int, most: int) -> Callable[[object], int]:
    def parse(value: object) -> int:
        if not isinstance(value, int | str) or isinstance(value, bool) or not least <= int(value) <= most:
            raise ValueError
        return int(value)

    return parse


def _seconds(least: float, most: float) -> Callable[[object], float]:
    def parse(value: object) -> float:
        if not isinstance(value, int | float | str) or isinstance(value, bool) or not least <= float(value) <= most:
            raise ValueError
        return float(value)

    return parse


OPTIONS = (
    Option(
        "clever_url",
        "CLEVER_URL",
        _url("/v3"),
        "a base URL without a version, such as https://api.clever.com",
    ),
    Option("clever_token", "CLEVER_TOKEN", _secret, "the district token", secret=True),
    Option("otus_url", "OTUS_URL", _url("/api/v1"), "a base URL without /api/v1, such as https://otus.example"),
    Option("otus_token", "OTUS_TOKEN", _secret, "the sync's token in Otus", secret=True),
    Option("state_dir", "SYNC_STATE_DIR", lambda value: Path(_text(value)), "a folder for the ledger"),
    Option("now", "SYNC_NOW", _moment, "a moment with its offset, such as 2026-09-18T01:00:00-04:00"),
    Option("schools", "SYNC_SCHOOLS", _schools, "DBNs with commas between them, such as 02M475,03M859"),
    Option(
        "by_hand_co_teachers",
        "SYNC_BY_HAND_CO_TEACHERS",
        _word("keep", "only_without_rostered"),
        "keep or only_without_rostered",
    ),
    Option("overwrite_class_names", "SYNC_OVERWRITE_CLASS_NAMES", _truth, "true or false"),
    Option("guard_percent", "SYNC_GUARD_PERCENT", _whole(0, 100), "a whole number from 0 to 100"),
    Option("guard_minimum", "SYNC_GUARD_MINIMUM", _whole(1, 10_000_000), "a whole number, 1 or more"),
    Option("page_limit", "SYNC_PAGE_LIMIT", _whole(1, 10_000), "a whole number from 1 to 10000"),
    Option("batch_rows", "SYNC_BATCH_ROWS", _whole(1, 10_000), "a whole number from 1 to 10000"),
    Option("attempts", "SYNC_ATTEMPTS", _whole(1, 100), "a whole number from 1 to 100"),
    Option("backoff_seconds", "SYNC_BACKOFF_SECONDS", _seconds(0, 3600), "seconds from 0 to 3600"),
    Option("wait_seconds_max", "SYNC_WAIT_SECONDS_MAX", _seconds(0, 86_400), "seconds from 0 to 86400"),
    Option("timeout_seconds", "SYNC_TIMEOUT_SECONDS", _seconds(0.001, 3600), "seconds above 0, up to 3600"),
    Option("lease_seconds", "SYNC_LEASE_SECONDS", _whole(1, 86_400), "a whole number of seconds from 1 to 86400"),
    Option("reads_max", "SYNC_READS_MAX", _whole(1, 10), "a whole number from 1 to 10"),
)

_BY_FIELD = {option.field: option for option in OPTIONS}
_REQUIRED = ("clever_url", "clever_token", "otus_url", "otus_token")


def load_settings(
    environ: Mapping[str, str], flags: Mapping[str, str] | None = None, config: Path | None = None
) -> Settings:
    """Put the settings together.

    Args:
        environ: the environment; an empty value counts as none.
        flags: what the command line gave, by field.
        config: a TOML file; by default the one that ``SYNC_CONFIG`` names, if any.

    Raises:
        SettingsError: something is missing, wrong, or unknown.
    """
    if config is None and environ.get(CONFIG_VARIABLE):
        config = Path(environ[CONFIG_VARIABLE])
    values: dict[str, Any] = {}
    if config is not None:
        for field, value in _read_file(config).items():
            values[field] = _parsed(_BY_FIELD[field], value, f"{field} in {config}")
    for option in OPTIONS:
        if environ.get(option.variable):
            values[option.field] = _parsed(option, environ[option.variable], f"{option.variable} in the environment")
    for field, text in (flags or {}).items():
        values[field] = _parsed(_BY_FIELD[field], text, f"--{field.replace('_', '-')} on the command line")
    missing = [_BY_FIELD[field] for field in _REQUIRED if field not in values]
    if missing:
        wanted = "; ".join(f"{option.variable} ({option.expected})" for option in missing)
        raise SettingsError(f"missing: {wanted}. Set them in the environment or in a file named by {CONFIG_VARIABLE}.")
    return Settings(**values)


def _parsed(option: Option, value: object, where: str) -> object:
    try:
        return option.parse(value)
    except (ValueError, TypeError):
        found = "a value that cannot be one" if option.secret else repr(value)
        raise SettingsError(f"{where}: found {found}, expected {option.expected}") from None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"the settings file {path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the settings file {path} is no TOML: {error}") from None
    for key in content:
        if key not in _BY_FIELD:
            near = difflib.get_close_matches(key, _BY_FIELD, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_BY_FIELD)}"
            raise SettingsError(f"{key} in {path}: there is no such setting; {hint}")
    return content
