"""The command line: ``rostersim --help`` lists its commands; the larger ones have modules of their own."""

import math
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import get_args

import click
import msgspec
from rich.console import Console
from rich.table import Table

from fakes.ats import api as ats_api
from fakes.clever.interface import API as clever_api  # noqa: N811 - there it is a constant
from fakes.otus import api as otus_api
from fakes.shared.export import write_documents
from reports.console import LiveConsole
from reports.document import write_json
from reports.errors import ReportError
from reports.html import write_html
from reports.junit import write_junit
from reports.picture import write_picture
from rostersim.capture import capture
from rostersim.console.command import console
from rostersim.crash import crash
from rostersim.diff import diff
from rostersim.district import change, check_district, generate, serve_district
from rostersim.explain import explain
from rostersim.follow import ConsoleFollower
from rostersim.forecast import forecast
from rostersim.listing import Listed, print_rules, print_stories
from rostersim.load import load
from rostersim.serve import serve
from rostersim.served.verbs import VERBS as SERVED_VERBS
from rostersim.served.wire import control_api
from rostersim.soak import soak_command
from rostersim.stopping import ended_by_sigterm
from rostersim.unusable import Unusable
from scenarios.located import StoryError
from scenarios.play import DEFAULT_SUT, Options
from scenarios.reference import words_of_the_language
from scenarios.schema import story_schema
from scenarios.shelf import Book, NoSuchStoryError, find_stories
from scenarios.story import Story, read_story
from scenarios.suite import play_suite
from simulator.district import SILENCE_SECONDS_MAX
from simulator.gateway import PortInUseError
from simulator.results import EXIT_UNUSABLE, SuiteResult
from simulator.sut import VARIABLES, ClockKind, UnusableSutError

EXIT_INTERRUPTED = 130
CORES_MAX = 64
PIPE_WIDTH = 1000


class _Number(click.FloatRange):
    """A number between two others; ``nan``, which no comparison refuses, is none."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value!r} is no number", param, ctx)
        return number


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(version("rostersim"), prog_name="rostersim")
def cli() -> None:
    r"""Play roster-sync stories: ATS/STARS, Clever and Otus on this machine, in virtual time.

    \b
    Exit codes: 0 all expectations held · 1 some did not · 2 the input was wrong · 3 the harness itself failed
    """


cli.add_command(crash)
cli.add_command(serve)
for _verb in SERVED_VERBS:
    cli.add_command(_verb)
cli.add_command(console)
cli.add_command(generate)
cli.add_command(change)
cli.add_command(check_district)
cli.add_command(serve_district)
cli.add_command(load)
cli.add_command(forecast)
cli.add_command(explain)
cli.add_command(diff)
cli.add_command(capture)
cli.add_command(soak_command)


@cli.command()
@click.argument("paths", nargs=-1)
@click.option("-k", "word", default="", metavar="WORD", help="Only stories with this in path, title or rules.")
@click.option(
    "-n",
    "cores",
    type=click.IntRange(1, CORES_MAX),
    default=None,
    metavar="CORES",
    help="Play on so many cores at once. Default: all of this machine's; 1 shows the story while it is played.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="For all that a story does not say.")
@click.option(
    "--sut",
    default=DEFAULT_SUT,
    show_default=True,
    metavar="SPEC",
    help="The sync under test: `callable: package.module:function`, `forked: package.module:function` "
    "(each run a process), `command: program and arguments`, `http: URL` (a POST starts it) or `external` "
    "(somebody else does; implies -n 1).",
)
@click.option(
    "--clock",
    type=click.Choice(get_args(ClockKind)),
    default="environment",
    show_default=True,
    help="The time that a command sees: the real one, and the simulated one in SYNC_NOW; or that one by libfaketime.",
)
@click.option(
    "--report", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Write the HTML report."
)
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write JUnit XML.")
@click.option(
    "--json",
    "document",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write all results.",
)
@click.option(
    "--picture", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Draw this console as SVG."
)
@click.option("--fail-fast", is_flag=True, help="Stop after the first story that does not pass.")
@click.option(
    "--no-second-run",
    is_flag=True,
    help="Do not run the sync again on a copy of the world after each night (A15).",
)
@click.option(
    "--silence-max",
    type=_Number(min=0.1, max=86_400),
    default=SILENCE_SECONDS_MAX,
    show_default=True,
    metavar="SECONDS",
    help="Real time for which a running sync may say nothing before it counts as hung.",
)
@click.option(
    "--run-max",
    type=_Number(min=0.01, max=1_000),
    default=None,
    metavar="HOURS",
    help="Simulated time that one run of the sync may take. Default: 6, or what the story says.",
)
@click.option(
    "--port-base",
    type=click.IntRange(1, 65534),
    default=None,
    metavar="PORT",
    help="Serve Clever on this port and Otus on the next; implies -n 1. Default: ports of the system's choice.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show the journal of every story.")
def run(
    paths: tuple[str, ...],
    word: str,
    cores: int | None,
    seed: int,
    sut: str,
    clock: ClockKind,
    report: Path | None,
    junit: Path | None,
    document: Path | None,
    picture: Path | None,
    fail_fast: bool,
    no_second_run: bool,
    silence_max: float,
    run_max: float | None,
    port_base: int | None,
    verbose: bool,
) -> None:
    r"""Play stories and judge them. PATHS are files, folders or `library/...`; without any, the whole library.

    \b
    The sync under test is told its world by environment variables:
      CLEVER_URL CLEVER_TOKEN OTUS_URL OTUS_TOKEN SYNC_NOW SYNC_STATE_DIR ...  (`rostersim words --sut`)

    \b
    Examples:
      rostersim run
      rostersim run library/co-teacher -n 2 --report reports/latest
      rostersim run my.scenario.yaml --sut 'command: node my-sync.js'
    """
    options = Options(
        sut_spec=sut,
        seed=seed,
        second_run=not no_second_run,
        real_seconds_max=silence_max,
        simulated_hours_max=run_max,
        port_base=port_base,
        clock=clock,
    )
    try:
        books = find_stories(list(paths), word)
        one_by_one = port_base is not None or sut.strip() == "external"
        at_once = 1 if one_by_one else min(cores or os.cpu_count() or 1, len(books))
        console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
        with ended_by_sigterm(), LiveConsole(console, len(books), verbose=verbose) as live:
            suite = play_suite(books, options, at_once, ConsoleFollower(live), fail_fast=fail_fast)
            page, unwritten = _write_reports(suite, report, junit, document, picture)
            live.close(suite, page)
    except (NoSuchStoryError, UnusableSutError) as error:
        raise Unusable(str(error)) from None
    except PortInUseError as error:
        raise Unusable(f"{error}; leave --port-base out, or name another") from None
    except KeyboardInterrupt:
        click.echo("\nrostersim: stopped; nothing is left running", err=True)
        raise SystemExit(EXIT_INTERRUPTED) from None
    if unwritten:
        raise Unusable("\n".join(unwritten))
    raise SystemExit(suite.exit_code)


def _write_reports(
    suite: SuiteResult, report: Path | None, junit: Path | None, document: Path | None, picture: Path | None
) -> tuple[Path | None, list[str]]:
    """Write what was asked for; what cannot be written keeps nobody from the rest, nor from the findings."""
    page: Path | None = None
    unwritten = []
    for write, path in ((write_junit, junit), (write_json, document), (write_picture, picture), (write_html, report)):
        if path is None:
            continue
        try:
            written = write(suite, path)
        except ReportError as error:
            unwritten.append(str(error))
            continue
        page = written if write is write_html else page
    return page, unwritten


@cli.command(name="list")
@click.argument("paths", nargs=-1)
@click.option("-k", "word", default="", metavar="WORD", help="Only stories with this in path, title or rules.")
@click.option("--rules", is_flag=True, help="Show each rule with the stories that prove it.")
def list_stories(paths: tuple[str, ...], word: str, rules: bool) -> None:
    """List stories, theme by theme, with their titles and rules."""
    listed = [Listed(label, story) for label, story in _read_all(_found(paths, word))]
    (print_rules if rules else print_stories)(_console(), listed)


@cli.command()
@click.argument("paths", nargs=-1)
def check(paths: tuple[str, ...]) -> None:
    """Validate stories without playing them."""
    books = _found(paths, "")
    problems = 0
    for book in books:
        try:
            read_story(book.path, 0)
        except StoryError as error:
            error.path = Path(book.label)
            problems += len(error.problems)
            for line in error.lines():
                click.echo(line, err=True)
    if problems:
        many = ("s" if problems > 1 else "", "s" if len(books) > 1 else "")
        click.echo(f"rostersim: {problems} problem{many[0]} in {len(books)} file{many[1]}", err=True)
        raise SystemExit(EXIT_UNUSABLE)
    click.echo("1 story is fine" if len(books) == 1 else f"{len(books)} stories are fine")


@cli.command()
@click.option("--sut", is_flag=True, help="Show what the sync under test is told instead.")
def words(sut: bool) -> None:
    """Show the words of the story language: verbs, expectations, settings, times."""
    console = Console(highlight=False)
    if sut:
        table = Table(box=None, pad_edge=False)
        table.add_column("variable", style="bold")
        table.add_column("what it says", overflow="fold")
        for name, meaning in VARIABLES.items():
            table.add_row(name, meaning)
        console.print(table)
        return
    for part in words_of_the_language():
        console.print(part)


@cli.command()
def schema() -> None:
    """Print the JSON Schema of stories, for editors."""
    click.echo(msgspec.json.format(msgspec.json.encode(story_schema()), indent=2).decode())


@cli.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def openapi(folder: Path) -> None:
    """Write the OpenAPI documents of the three fakes and of the control API into FOLDER."""
    try:
        paths = write_documents(
            folder, {"ats": ats_api, "clever": clever_api, "otus": otus_api, "control": control_api}
        )
    except OSError as error:
        raise Unusable(f"{folder}: {error.strerror or error}") from None
    for path in paths:
        click.echo(path)


def _console() -> Console:
    """Make a console for tables; off a terminal a row stays one line, so that it can be searched for."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)


def _found(paths: tuple[str, ...], word: str) -> list[Book]:
    try:
        return find_stories(list(paths), word)
    except NoSuchStoryError as error:
        raise Unusable(str(error)) from None


def _read_all(books: list[Book]) -> list[tuple[str, Story]]:
    stories = []
    for book in books:
        try:
            stories.append((book.label, read_story(book.path, 0)))
        except StoryError as error:
            error.path = Path(book.label)
            raise Unusable("\n".join(error.lines())) from None
    return stories
