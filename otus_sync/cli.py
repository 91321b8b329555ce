"""The command ``otus-sync``."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import click
import msgspec

from otus_sync import __version__
from otus_sync.app import EXIT_CODES, FAILED, exit_code_of
from otus_sync.clock import clock_from
from otus_sync.errors import RequestError, SyncError
from otus_sync.ledger import LedgerRun, remembered_runs
from otus_sync.log import Log
from otus_sync.options import OPTIONS
from otus_sync.otus_records import SyncRun
from otus_sync.plan.guard import newest_held
from otus_sync.run import connected, look, run_sync
from otus_sync.settings import CONFIG_VARIABLE, Settings, load_settings

Command = TypeVar("Command", bound=Callable[..., Any])


class Status(msgspec.Struct):
    """What ``otus-sync status --json`` prints."""

    ledger: list[LedgerRun]
    otus: list[SyncRun]
    otus_error: str = ""
    """Why there is nothing of Otus's, if it could not be asked."""


def settings_options(command: Command) -> Command:
    """Give a command an option for every setting that is no secret."""
    for option in reversed(OPTIONS):
        if not option.secret:
            flag = f"--{option.field.replace('_', '-')}"
            help_text = f"{option.expected} [{option.variable}]"
            command = click.option(flag, option.field, metavar="VALUE", help=help_text)(command)
    help_text = f"a TOML file with settings [{CONFIG_VARIABLE}]"
    path = click.Path(path_type=Path, dir_okay=False)
    return click.option("--config", type=path, metavar="FILE", help=help_text)(command)


def _as_it_stands(heading: str, lines: tuple[str, ...]) -> str:
    # click does not wrap a paragraph that begins with this character
    return "\n".join(("\b", heading, *(f"  {line}" for line in lines)))


def _examples(*lines: str) -> str:
    return _as_it_stands("Examples:", lines)


EXIT_CODE_LINES = (
    "0  succeeded",
    "1  failed",
    "2  bad settings or usage",
    "3  held: too many removals, see otus-sync approve",
    "4  another run is in progress",
)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_as_it_stands("Exit codes:", EXIT_CODE_LINES),
)
@click.version_option(__version__, prog_name="otus-sync")
def commands() -> None:
    """Bring Otus to what Clever has: accounts, classes and rosters.

    Settings come from the command line, from the environment (CLEVER_URL, CLEVER_TOKEN, OTUS_URL, OTUS_TOKEN,
    SYNC_...), and from a TOML file, the first of these counts. Tokens are never given on the command line.
    """


@commands.command(
    epilog=_examples(
        "otus-sync run",
        "otus-sync run --schools 02M475,03M859",
        "otus-sync run --config /etc/otus-sync.toml --guard-percent 10",
    )
)
@settings_options
def run(config: Path | None, **flags: str | None) -> None:
    """Run the sync once."""
    with _told_plainly():
        _run_and_exit(_settings(config, flags))


@commands.command(epilog=_examples("otus-sync plan", "otus-sync plan --json > plan.json"))
@click.option("--json", "as_json", is_flag=True, help="Print the whole plan as JSON.")
@settings_options
def plan(config: Path | None, as_json: bool, **flags: str | None) -> None:
    """Show what a run would write now. Nothing is written anywhere."""
    with _told_plainly():
        settings = _settings(config, flags)
        _, planned = look(settings, Log(clock_from(settings.now)))
        if as_json:
            _print_json(planned)
        else:
            tables = _tables()
            tables.print_plan(tables.console(), planned)


@commands.command(epilog=_examples("otus-sync approve", "otus-sync approve 41"))
@click.argument("run_id", metavar="[RUN]", type=click.IntRange(min=1), required=False)
@settings_options
def approve(config: Path | None, run_id: int | None, **flags: str | None) -> None:
    """Approve the removals of a held run, by default the last one, and run at once.

    The approval is for these removals and no others: if Clever has changed since, the run is held anew.
    """
    with _told_plainly():
        settings = _settings(config, flags)
        _decide(settings, run_id, "approve")
        _run_and_exit(settings)


@commands.command(epilog=_examples("otus-sync discard", "otus-sync discard 41"))
@click.argument("run_id", metavar="[RUN]", type=click.IntRange(min=1), required=False)
@settings_options
def discard(config: Path | None, run_id: int | None, **flags: str | None) -> None:
    """Discard the removals of a held run, by default the last one.

    Later runs go on withholding just these removals, and succeed.
    """
    with _told_plainly():
        decided = _decide(_settings(config, flags), run_id, "discard")
        click.echo(f"The removals of run {decided.id} are discarded.")


@commands.command(epilog=_examples("otus-sync status", "otus-sync status -n 30 --json"))
@click.option("-n", "count", type=click.IntRange(1, 400), default=10, show_default=True, help="How many runs.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@settings_options
def status(config: Path | None, count: int, as_json: bool, **flags: str | None) -> None:
    """Show the last runs, from the ledger and from Otus."""
    with _told_plainly():
        found = _status(_settings(config, flags), count)
        if as_json:
            _print_json(found)
            return
        tables = _tables()
        console = tables.console()
        tables.print_ledger(console, found.ledger)
        if found.otus_error:
            console.print(found.otus_error, markup=False)
            return
        tables.print_runs(console, found.otus)
        tables.print_problems(console, found.otus[0].problems if found.otus else ())


def _tables() -> ModuleType:
    """Import what draws tables only where one is drawn: the nightly run starts in half the time without it."""
    from otus_sync import tables  # noqa: PLC0415

    return tables


def main() -> None:
    """Run the command; this is the console script."""
    commands.main(prog_name="otus-sync")


def _settings(config: Path | None, flags: dict[str, str | None]) -> Settings:
    return load_settings(os.environ, {field: text for field, text in flags.items() if text is not None}, config)


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Turn what stops a run into a message and an exit code; only a defect shows a traceback."""
    try:
        yield
    except SyncError as error:
        click.echo(f"otus-sync: {error}", err=True)
        sys.exit(exit_code_of(error))


def _run_and_exit(settings: Settings) -> None:
    outcome = run_sync(settings)
    click.echo(f"{outcome.status}: {outcome.reason}")
    sys.exit(EXIT_CODES[outcome.status])


def _decide(settings: Settings, run_id: int | None, decision: str) -> SyncRun:
    with connected(settings, Log(clock_from(settings.now))) as systems:
        if run_id is None:
            held = newest_held(systems.otus.runs(), settings.schools)
            if held is None:
                click.echo("otus-sync: there is no held run, so nothing to decide", err=True)
                sys.exit(FAILED)
            run_id = held.id
        return systems.otus.decide(run_id, decision)


def _status(settings: Settings, count: int) -> Status:
    remembered = remembered_runs(settings.state_dir, count)
    with connected(settings, Log(clock_from(settings.now))) as systems:
        try:
            return Status(remembered, systems.otus.runs()[:count])
        except RequestError as error:
            return Status(remembered, [], str(error))


def _print_json(value: msgspec.Struct) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
