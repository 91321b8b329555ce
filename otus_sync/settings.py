"""The settings of a run: built-in, overruled by a file, by the environment, by the command line.

Every number the sync works with stands here, once, with its reason.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from otus_sync.errors import SettingsError
from otus_sync.options import BY_FIELD, OPTIONS, REQUIRED, Option, Secret
from otus_sync.settings_file import RESERVED, SettingsFile, read_settings_file

__all__ = [
    "CONFIG_VARIABLE",
    "DISTRICT_VARIABLE",
    "Given",
    "Secret",
    "SettingRow",
    "Settings",
    "Source",
    "load_settings",
]

CONFIG_VARIABLE = "SYNC_CONFIG"
"""Names the settings file where the command line does not."""
DISTRICT_VARIABLE = "SYNC_DISTRICT"
"""Names the district of the settings file where the command line does not."""
BUILT_IN = "built in"
MASK = "(hidden)"

ByHandCoTeachers = Literal["keep", "only_without_rostered"]
Follow = Literal["auto", "events", "full"]
WhenBusy = Literal["refuse", "wait"]


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
    district: str = ""
    """Its name in the settings file; empty where no file names districts."""
    state_dir: Path = Path("~/.local/state/otus-sync")
    """Where the ledger lives, or those of the districts."""
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
    follow: Follow = "auto"
    """By Clever's events where that is safe and ``full_pull_every_nights`` allows it; wherever it is safe; never."""
    events_kept_days: int = 30
    """Clever keeps an event so long, and says nothing when a cursor is older."""
    events_margin_days: int = 2
    """Events are not relied on so long before they go: clocks differ, and a run takes its time."""
    full_pull_every_nights: int = 7
    """With ``auto``: whatever events have not told is mended at least so often."""
    when_busy: WhenBusy = "refuse"
    """Whether a run waits while another one of the district is in progress."""
    busy_wait_seconds_max: float = 1800.0
    """It waits no longer; twice the lease, after which a run that died is out of the way."""
    page_limit: int = 10_000
    """Records asked for at once; neither Clever nor Otus gives more than 10,000."""
    batch_rows: int = 5_000
    """Rows written at once; Otus takes 10,000 at most."""
    in_flight: int = 1
    """Requests under way at once. With 1 a run asks in the same order every time."""
    readers: int = 1
    """Processes that read at once, each a list; no more than may be in flight. With 1 the run itself reads."""
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
    log_requests: bool = False
    """Whether the log has a line for every attempt of a request, with its time: for whoever measures a run."""
    reads_max: int = 3
    """How often Clever is read anew because it changed while it was read."""

    @property
    def reader_count(self) -> int:
        """Count the processes that read at once; each has one request under way."""
        return min(self.readers, self.in_flight)

    @property
    def in_flight_of_a_list(self) -> int:
        """Count the requests under way for one list.

        Readers keep to one: a thread that receives beside one that decodes waits for that one at every piece of a page.
        """
        return 1 if self.reader_count > 1 else self.in_flight

    @property
    def ledger_folder(self) -> Path:
        """Give the folder of this district's ledger."""
        return self.state_dir / self.district if self.district else self.state_dir


class Given(NamedTuple):
    """The value of a setting, and where it was given."""

    value: object
    where: str


class SettingRow(msgspec.Struct, frozen=True):
    """A setting as it is shown."""

    setting: str
    value: str
    """A token is never shown, only that there is one."""
    where: str
    """Where the value was given."""
    says: str


class Source:
    """All places where settings are given. What stands nearer to one run counts.

    In this order: built in, the file, the environment, the file's table of the district, the environment with
    the district's name behind the variable's (``CLEVER_TOKEN_BRONX``), the command line.

    Args:
        environ: the environment; an empty value counts as none.
        flags: what the command line gave, by field.
        config: a TOML file; by default the one that ``SYNC_CONFIG`` names, if any.

    Raises:
        SettingsError: the file cannot be read, or names a setting that there is not.
    """

    def __init__(
        self, environ: Mapping[str, str], flags: Mapping[str, str] | None = None, config: Path | None = None
    ) -> None:
        self._environ = environ
        self._flags = flags or {}
        path = config or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
        self._file: SettingsFile | None = None if path is None else read_settings_file(path)

    def districts(self, asked: str | None = None) -> tuple[str, ...]:
        """Give the districts that are meant: all, one, or the nameless one where the file names none.

        Args:
            asked: a name, or ``all``; by default what ``SYNC_DISTRICT`` says.

        Raises:
            SettingsError: there is no such district, or several and none was named.
        """
        asked = asked or self._environ.get(DISTRICT_VARIABLE) or ""
        names = tuple(self._file.districts) if self._file else ()
        if asked and asked != RESERVED and asked not in names:
            there = f"there are {', '.join(names)}" if names else "the settings file names no district"
            raise SettingsError(f"district {asked!r}: found no such district; {there}")
        if asked == RESERVED or len(names) < 2:
            return names or ("",)
        if not asked:
            raise SettingsError(f"which district? Name it with --district: {', '.join(names)}, or all for one by one")
        return (asked,)

    def one_district(self, asked: str | None = None) -> str:
        """Give the one district that is meant.

        Args:
            asked: its name; by default what ``SYNC_DISTRICT`` says.

        Raises:
            SettingsError: there is no such district, or several are meant.
        """
        names = self.districts(asked)
        if len(names) > 1:
            raise SettingsError(f"the district: found {RESERVED}, expected one of {', '.join(names)}")
        return names[0]

    def settings(self, district: str = "") -> Settings:
        """Put the settings of a district together.

        Args:
            district: its name, as :meth:`districts` gave it.

        Raises:
            SettingsError: something is missing or wrong.
        """
        given = self.given(district)
        self._require_own_tokens(given, district)
        missing = [BY_FIELD[field] for field in REQUIRED if field not in given]
        if missing:
            wanted = "; ".join(f"{option.variable} ({option.expected})" for option in missing)
            of = f" for district {district}" if district else ""
            message = f"missing{of}: {wanted}. Set them in the environment or in a file named by {CONFIG_VARIABLE}."
            raise SettingsError(message)
        values = {field: found.value for field, found in given.items() if found.where != BUILT_IN}
        return Settings(district=district, **values)  # type: ignore[arg-type]  # judged by their options

    def given(self, district: str = "") -> dict[str, Given]:
        """Give every setting that has a value, and where that comes from.

        Raises:
            SettingsError: a value is wrong.
        """
        found = dict(_built_in())
        if self._file is not None:
            found |= _judged(self._file.shared, f"in {self._file.path}")
        found |= self._from_environment("")
        if self._file is not None and district:
            found |= _judged(self._file.districts[district], f"of district {district} in {self._file.path}")
            found |= self._from_environment(f"_{_in_capitals(district)}")
        for field, text in self._flags.items():
            option = BY_FIELD[field]
            found[field] = _parsed(option, text, option.flag, "on the command line")
        return found

    def rows(self, district: str = "") -> list[SettingRow]:
        """Give every setting as it can be shown, also those that are missing.

        Raises:
            SettingsError: a value is wrong.
        """
        given = self.given(district)
        missing = Given("", "missing")
        return [_row(option, given.get(option.field, missing)) for option in OPTIONS]

    def _require_own_tokens(self, given: Mapping[str, Given], district: str) -> None:
        """Refuse a token that several districts share: it would bring one's people into the other."""
        if self._file is None or len(self._file.districts) < 2:
            return
        for option in OPTIONS:
            shared = (f"{option.field} in {self._file.path}", f"{option.variable} in the environment")
            if option.secret and option.field in given and given[option.field].where in shared:
                own = f"{option.variable}_{_in_capitals(district)}"
                found = f"{option.field} of district {district}: found the one for all districts"
                raise SettingsError(f"{found}, expected its own: {option.field} in its table, or {own}")

    def _from_environment(self, ending: str) -> dict[str, Given]:
        return {
            option.field: _parsed(option, text, variable, "in the environment")
            for option in OPTIONS
            if (text := self._environ.get(variable := option.variable + ending))
        }


def load_settings(
    environ: Mapping[str, str], flags: Mapping[str, str] | None = None, config: Path | None = None
) -> Settings:
    """Put the settings of one run together.

    Args:
        environ: the environment; an empty value counts as none.
        flags: what the command line gave, by field.
        config: a TOML file; by default the one that ``SYNC_CONFIG`` names, if any.

    Raises:
        SettingsError: something is missing, wrong, or unknown, or several districts are meant.
    """
    source = Source(environ, flags, config)
    return source.settings(source.one_district())


def _row(option: Option, given: Given) -> SettingRow:
    value = given.value
    if isinstance(value, Secret):
        shown = MASK
    elif isinstance(value, tuple):
        shown = ",".join(value)
    elif isinstance(value, bool):
        shown = str(value).lower()
    else:
        shown = "" if value is None else str(value)
    return SettingRow(option.field, shown, given.where, option.says)


def _in_capitals(district: str) -> str:
    return district.replace("-", "_").upper()


@cache
def _built_in() -> dict[str, Given]:
    fields = msgspec.structs.fields(Settings)
    return {
        field.name: Given(field.default, BUILT_IN)
        for field in fields
        if field.name in BY_FIELD and field.default is not msgspec.NODEFAULT
    }


def _judged(values: Mapping[str, object], where: str) -> dict[str, Given]:
    return {field: _parsed(BY_FIELD[field], value, field, where) for field, value in values.items()}


def _parsed(option: Option, value: object, name: str, where: str) -> Given:
    try:
        return Given(option.kind.parse(value), f"{name} {where}")
    except (ValueError, TypeError):
        found = "a value that cannot be one" if option.secret else repr(value)
        raise SettingsError(f"{name} {where}: found {found}, expected {option.expected}") from None
