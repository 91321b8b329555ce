"""``rostersim run``: play stories, show it, and write the reports."""

import math
import os
import sys
from pathlib import Path
from typing import get_args

import click
from rich.console import Console

from reports.console import LiveConsole
from reports.document import write_json
from reports.errors import ReportError
from reports.html import write_html
from reports.junit import write_junit
from reports.picture import write_picture
from rostersim.follow import ConsoleFollower
from rostersim.stopping import EXIT_INTERRUPTED, ended_by_sigterm
from rostersim.unusable import Unusable
from scenarios.play import DEFAULT_SUT, Options
from scenarios.shelf import NoSuchStoryError, find_stories
from scenarios.suite import play_suite
from scenarios.workers import CORES_MAX
from simulator.district import SILENCE_SECONDS_MAX
from simulator.gateway import PortInUseError
from simulator.results import SuiteResult
from simulator.sut import ClockKind, UnusableSutError


class _Number(click.FloatRange):
    """A number between two others; ``nan``, which no comparison refuses, is none."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value!r} is no number", param, ctx)
        return number


@click.command()
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
    """Play stories and judge them. PATHS are files, folders or `library/...`; without any, the whole library.

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
