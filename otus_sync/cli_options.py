"""What all commands of ``otus-sync`` share: the options for settings, and how an end is told."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from otus_sync.app import complain, exit_code_of
from otus_sync.errors import SyncError
from otus_sync.options import OPTIONS
from otus_sync.settings import CONFIG_VARIABLE, DISTRICT_VARIABLE, Settings, Source

Command = TypeVar("Command", bound=Callable[..., Any])

EXIT_CODE_LINES = (
    "0  succeeded",
    "1  failed",
    "2  bad settings or usage",
    "3  held: too many removals, see otus-sync approve",
    "4  another run is in progress",
    "5  the saved plan is stale",
    "6  Otus has paused its sync: nothing to do until it goes on",
)


def settings_options(command: Command) -> Command:
    """Give a command an option for every setting that is no secret, for the file, and for the district."""
    for option in reversed(OPTIONS):
        if not option.secret:
            help_text = f"{option.says}: {option.expected} [{option.variable}]"
            command = click.option(option.flag, option.field, metavar="VALUE", help=help_text)(command)
    help_text = f"which [[district]] of the file [{DISTRICT_VARIABLE}]"
    command = click.option("--district", metavar="NAME", help=help_text)(command)
    help_text = f"a TOML file with settings [{CONFIG_VARIABLE}]"
    path = click.Path(path_type=Path, dir_okay=False)
    return click.option("--config", type=path, metavar="FILE", help=help_text)(command)


def as_it_stands(heading: str, lines: tuple[str, ...]) -> str:
    """Give a paragraph of help whose lines stay as they are."""
    # click does not wrap a paragraph that begins with this character
    return "\n".join(("\b", heading, *(f"  {line}" for line in lines)))


def examples(*lines: str) -> str:
    """Give the examples below a command's help."""
    return as_it_stands("Examples:", lines)


def source_of(config: Path | None, flags: dict[str, str | None]) -> Source:
    """Give all places where this command's settings are given."""
    return Source(os.environ, {field: text for field, text in flags.items() if text is not None}, config)


def settings_of(config: Path | None, district: str | None, flags: dict[str, str | None]) -> Settings:
    """Give the settings of the one district that a command is about.

    Raises:
        SettingsError: something is missing or wrong, or several districts are meant.
    """
    source = source_of(config, flags)
    return source.settings(source.one_district(district))


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn what stops a command into a message and an exit code; only a defect shows a traceback."""
    try:
        yield
    except SyncError as error:
        complain(error)
        sys.exit(exit_code_of(error))


def print_json(value: object) -> None:
    """Print a value as JSON for people and programs."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
