"""The command ``otus-sync``."""

import sys
from pathlib import Path
from types import ModuleType

import click
import msgspec

from otus_sync import __version__
from otus_sync.app import EXIT_CODES, FAILED, run_each
from otus_sync.cli_options import (
    EXIT_CODE_LINES,
    as_it_stands,
    examples,
    print_json,
    settings_of,
    settings_options,
    source_of,
    told_plainly,
)
from otus_sync.clock import clock_from, written
from otus_sync.difference import difference
from otus_sync.errors import RequestError, SettingsError
from otus_sync.garbage import collect_seldom
from otus_sync.ledger import Ledger, LedgerRun, is_there, remembered_runs
from otus_sync.log import Log
from otus_sync.otus_records import SyncRun
from otus_sync.plan import outlook
from otus_sync.plan.guard import newest_held
from otus_sync.run import Outcome, connected, look, run_sync
from otus_sync.saved_plan import load, save, saved
from otus_sync.settings import Settings
from otus_sync.settings_file import file_schema

RUN_ID = click.IntRange(min=1)


class Status(msgspec.Struct):
    """What ``otus-sync status --json`` prints."""

    ledger: list[LedgerRun]
    otus: list[SyncRun]
    otus_error: str = ""
    """Why there is nothing of Otus's, if it could not be asked."""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=as_it_stands("Exit codes:", EXIT_CODE_LINES),
)
@click.version_option(__version__, prog_name="otus-sync")
def commands() -> None:
    """Bring Otus to what Clever has: accounts, classes and rosters.

    Settings come from the command line, from the environment (CLEVER_URL, CLEVER_TOKEN, OTUS_URL, OTUS_TOKEN,
    SYNC_...), and from a TOML file, the first of these counts. Tokens are never given on the command line.
    """


@commands.command(
    epilog=examples(
        "otus-sync run",
        "otus-sync run --schools 02M475,03M859",
        "otus-sync run --config /etc/otus-sync.toml --district all",
    )
)
@settings_options
def run(config: Path | None, district: str | None, **flags: str | None) -> None:
    """Run the sync once; with --district all of every district, one after the other."""
    with told_plainly():
        source = source_of(config, flags)
        settings = [source.settings(name) for name in source.districts(district)]
        sys.exit(run_each(settings, _tell))


@commands.command(
    epilog=examples("otus-sync plan", "otus-sync plan --json > plan.json", "otus-sync plan --save tonight.plan")
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole plan as JSON.")
@click.option(
    "--save",
    "save_to",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Save it, to be carried out by otus-sync apply.",
)
@settings_options
def plan(config: Path | None, district: str | None, as_json: bool, save_to: Path | None, **flags: str | None) -> None:
    """Show what a run would write now. Nothing is written anywhere else."""
    with told_plainly():
        settings = settings_of(config, district, flags)
        clock = clock_from(settings.now)
        made = written(clock())
        reading, planned = look(settings, Log(clock, settings.district))
        if save_to is not None:
            save(saved(planned, reading, settings, made), save_to)
        ahead = outlook(planned, reading.otus, reading.desired)
        if as_json:
            print_json({**msgspec.to_builtins(planned.in_full()), "outlook": ahead})
            return
        tables = _tables()
        tables.print_plan(tables.console(), planned, ahead)
        if save_to is not None:
            click.echo(f"Saved. Carry it out with: otus-sync apply {save_to}")


@commands.command(epilog=examples("otus-sync apply tonight.plan"))
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@settings_options
def apply(config: Path | None, district: str | None, file: Path, **flags: str | None) -> None:
    """Carry out a saved plan.

    It is refused as stale, and nothing is written, if Clever, Otus or the settings are not as they were.
    """
    with told_plainly():
        settings = settings_of(config, district, flags)
        outcome = run_sync(settings, saved=load(file))
        _tell(settings, outcome)
        sys.exit(EXIT_CODES[outcome.status])


@commands.command(epilog=examples("otus-sync approve", "otus-sync approve 41"))
@click.argument("run_id", metavar="[RUN]", type=RUN_ID, required=False)
@settings_options
def approve(config: Path | None, district: str | None, run_id: int | None, **flags: str | None) -> None:
    """Approve the removals of a held run, by default the last one, and run at once.

    The approval is for these removals and no others: if Clever has changed since, the run is held anew.
    """
    with told_plainly():
        settings = settings_of(config, district, flags)
        _decide(settings, run_id, "approve")
        sys.exit(run_each([settings], _tell))


@commands.command(epilog=examples("otus-sync discard", "otus-sync discard 41"))
@click.argument("run_id", metavar="[RUN]", type=RUN_ID, required=False)
@settings_options
def discard(config: Path | None, district: str | None, run_id: int | None, **flags: str | None) -> None:
    """Discard the removals of a held run, by default the last one.

    Later runs go on withholding just these removals, and succeed.
    """
    with told_plainly():
        decided = _decide(settings_of(config, district, flags), run_id, "discard")
        click.echo(f"The removals of run {decided.id} are discarded.")


@commands.command(epilog=examples("otus-sync status", "otus-sync status -n 30 --json"))
@click.option("-n", "count", type=click.IntRange(1, 400), default=10, show_default=True, help="How many runs.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@settings_options
def status(config: Path | None, district: str | None, count: int, as_json: bool, **flags: str | None) -> None:
    """Show the last runs, from the ledger and from Otus."""
    with told_plainly():
        found = _status(settings_of(config, district, flags), count)
        if as_json:
            print_json(found)
            return
        tables = _tables()
        console = tables.console()
        tables.print_ledger(console, found.ledger)
        if found.otus_error:
            console.print(found.otus_error, markup=False)
            return
        tables.print_runs(console, found.otus)
        tables.print_problems(console, found.otus[0].problems if found.otus else ())


@commands.command(epilog=examples("otus-sync diff", "otus-sync diff 41", "otus-sync diff 38 41 --json"))
@click.argument("first", metavar="[RUN", type=click.IntRange(min=0), required=False)
@click.argument("last", metavar="[RUN]]", type=RUN_ID, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@settings_options
def diff(
    config: Path | None, district: str | None, first: int | None, last: int | None, as_json: bool, **flags: str | None
) -> None:
    """Tell what the last run changed in Otus, or one run, or all runs after one up to another.

    Runs are numbered as in the ledger, see otus-sync status.
    """
    with told_plainly():
        settings = settings_of(config, district, flags)
        if not is_there(settings.ledger_folder):
            raise SettingsError(f"there is no ledger in {settings.ledger_folder}, so there is nothing to compare")
        with Ledger(settings.ledger_folder) as ledger:
            found = difference(ledger, first, last)
        if as_json:
            print_json(found)
        else:
            tables = _tables()
            tables.print_difference(tables.console(), found)


@commands.command(
    name="settings", epilog=examples("otus-sync settings", "otus-sync settings --schema > sync.schema.json")
)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a settings file instead.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@settings_options
def show_settings(config: Path | None, district: str | None, schema: bool, as_json: bool, **flags: str | None) -> None:
    """Show every setting, its value, and where that was given. Tokens are not shown."""
    if schema:
        print_json(file_schema())
        return
    with told_plainly():
        source = source_of(config, flags)
        name = source.one_district(district)
        rows = source.rows(name)
        if as_json:
            print_json(rows)
        else:
            tables = _tables()
            tables.print_settings(tables.console(), rows)
        source.settings(name)


def _tables() -> ModuleType:
    """Import what draws tables only where one is drawn: the nightly run starts in half the time without it."""
    from otus_sync import tables  # noqa: PLC0415

    return tables


def main() -> None:
    """Run the command; this is the console script."""
    collect_seldom()
    commands.main(prog_name="otus-sync")


def _tell(settings: Settings, outcome: Outcome) -> None:
    of = f"{settings.district}: " if settings.district else ""
    click.echo(f"{of}{outcome.status}: {outcome.reason}")


def _decide(settings: Settings, run_id: int | None, decision: str) -> SyncRun:
    with connected(settings, Log(clock_from(settings.now), settings.district)) as systems:
        if run_id is None:
            held = newest_held(systems.otus.runs(), settings.schools)
            if held is None:
                click.echo("otus-sync: there is no held run, so nothing to decide", err=True)
                sys.exit(FAILED)
            run_id = held.id
        return systems.otus.decide(run_id, decision)


def _status(settings: Settings, count: int) -> Status:
    remembered = remembered_runs(settings.ledger_folder, count)
    with connected(settings, Log(clock_from(settings.now), settings.district)) as systems:
        try:
            return Status(remembered, systems.otus.runs()[:count])
        except RequestError as error:
            return Status(remembered, [], str(error))
