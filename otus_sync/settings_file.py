"""The settings file: TOML, settings for all districts at the top, a ``[[district]]`` table for each by name."""

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from otus_sync.errors import SettingsError
from otus_sync.options import BY_FIELD, OPTIONS, Schema

TABLE = "district"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
"""A district's name is a folder's name and, in capitals, part of a variable's."""
RESERVED = "all"
NAME_EXPECTED = "lower-case letters, digits and hyphens, not the word all, such as bronx"

Values = Mapping[str, object]


class SettingsFile(msgspec.Struct, frozen=True):
    """A settings file as it was read: names are known, values are not judged yet."""

    path: Path
    shared: Values
    """For all districts."""
    districts: Mapping[str, Values]
    """By district, in the file's order; none if the file names none."""


def read_settings_file(path: Path) -> SettingsFile:
    """Read a settings file.

    Raises:
        SettingsError: it cannot be read, is no TOML, or names a setting that there is not.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"the settings file {path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the settings file {path} is no TOML: {error}") from None
    tables = content.pop(TABLE, [])
    _require_known(content, path, (TABLE,))
    return SettingsFile(path, content, _districts(tables, path))


def file_schema() -> Schema:
    """Give the JSON Schema of a settings file, for editors that check TOML with one."""
    settings: Schema = {option.field: {"description": option.says, **option.kind.schema} for option in OPTIONS}
    name: Schema = {
        "description": "its name",
        "type": "string",
        "pattern": f"^{NAME.pattern}$",
        "not": {"const": "all"},
    }
    table: Schema = {
        "type": "object",
        "properties": {"name": name, **settings},
        "required": ["name"],
        "additionalProperties": False,
    }
    districts: Schema = {"description": "one table for each district", "type": "array", "items": table}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of otus-sync",
        "type": "object",
        "properties": {**settings, TABLE: districts},
        "additionalProperties": False,
    }


def _districts(tables: object, path: Path) -> dict[str, Values]:
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SettingsError(f"{TABLE} in {path}: expected tables that begin with [[{TABLE}]]")
    districts: dict[str, Values] = {}
    for table in tables:
        name = table.pop("name", None)
        if not isinstance(name, str) or not NAME.fullmatch(name) or name == RESERVED:
            raise SettingsError(f"name in a [[{TABLE}]] of {path}: found {name!r}, expected {NAME_EXPECTED}")
        if name in districts:
            raise SettingsError(f"name in a [[{TABLE}]] of {path}: there are two districts {name!r}")
        _require_known(table, path, ("name",))
        districts[name] = table
    return districts


def _require_known(table: Collection[str], path: Path, besides: tuple[str, ...]) -> None:
    for key in table:
        if key not in BY_FIELD:
            near = difflib.get_close_matches(key, (*BY_FIELD, *besides), n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(BY_FIELD)}"
            raise SettingsError(f"{key} in {path}: there is no such setting; {hint}")
