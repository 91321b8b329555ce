"""The command line: ``rostersim soak``, random bad nights until something is missed or the nights are over."""

import os
import time
from itertools import islice
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from reports.failure import render_failure
from rostersim.stopping import EXIT_INTERRUPTED, ended_by_sigterm
from rostersim.unusable import Unusable
from scenarios.play import DEFAULT_SUT, Options
from scenarios.soak.drawing import draw
from scenarios.soak.shrink import steps_of
from scenarios.soak.soaking import (
    MISSES_MAX,
    WORLD_SEEDS,
    Miss,
    Soaked,
    batches,
    command_of,
    shrunk_miss,
    soak,
    world_seeds,
)
from scenarios.soak.tale import story_of
from scenarios.suite import Follower
from scenarios.workers import CORES_MAX
from simulator.results import EXIT_BROKEN, EXIT_FAILED, EXIT_PASSED, StoryResult
from simulator.sut import UnusableSutError

NIGHTS = 200
FINDINGS_SHOWN_MAX = 3


@click.command(name="soak")
@click.option(
    "--nights", type=click.IntRange(1, 10_000_000), default=NIGHTS, show_default=True, help="At least so many."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all worlds.")
@click.option("--world", type=click.IntRange(0, WORLD_SEEDS), metavar="SEED", help="Play this one world only.")
@click.option("--sut", default=DEFAULT_SUT, show_default=True, metavar="SPEC", help="As for `run`.")
@click.option("-n", "cores", type=click.IntRange(1, CORES_MAX), metavar="CORES", help="Default: all of this machine's.")
@click.option(
    "--story",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the first miss there as a story, as small as it gets; with --world, the world if it misses nothing.",
)
@click.option("--no-shrink", is_flag=True, help="Leave the first miss as it was drawn.")
def soak_command(
    nights: int, seed: int, world: int | None, sut: str, cores: int | None, story: Path | None, no_shrink: bool
) -> None:
    """Play random bad nights: random schools, people, edits and faults, each world from a seed of its own.

    After every good night Otus must hold what the oracle says; the last night must be a good one. What is missed
    is made small and shown with the command that plays it again.

    \b
    Exit codes: 0 nothing was missed · 1 something was · 2 the input was wrong · 3 the harness itself failed

    \b
    Examples:
      rostersim soak --nights 10000 --seed 7
      rostersim soak --world 123456789 --story found.scenario.yaml
    """
    options, soaked = Options(sut), Soaked()
    console = Console(highlight=False)
    began = time.perf_counter()
    try:
        with ended_by_sigterm():
            tales = iter([[draw(world)]]) if world is not None else batches(world_seeds(seed), nights)
            with _Bar(console, 1 if world is not None else nights, soaked) as bar:
                for batch in tales:
                    soak(batch, options, min(cores or os.cpu_count() or 1, len(batch)), bar, soaked)
                    if len(soaked.misses) >= MISSES_MAX:
                        break
            seconds = time.perf_counter() - began
            _show(console, soaked, options, seconds)
            if soaked.misses:
                _show_small(console, soaked.misses[0], options, story, shrink=not no_shrink)
            elif story is not None and world is not None:
                _write(story, story_of(draw(world)))
    except UnusableSutError as error:
        raise Unusable(str(error)) from None
    except KeyboardInterrupt:
        click.echo("\nrostersim: stopped; nothing is left running", err=True)
        raise SystemExit(EXIT_INTERRUPTED) from None
    raise SystemExit(_exit_code(soaked))


class _Bar(Follower):
    """A progress bar of nights; nothing but the misses off a terminal."""

    def __init__(self, console: Console, total: int, soaked: Soaked) -> None:
        self._console = console
        self._soaked = soaked
        self._progress = Progress(
            TextColumn("nights"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[missed]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            auto_refresh=False,  # while worlds are played, this process's clock is theirs
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("nights", total=total, missed="")

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def finished(self, result: StoryResult) -> None:
        """Move on, and name a miss at once."""
        missed = f"{len(self._soaked.misses)} missed" if self._soaked.misses else ""
        self._progress.update(self._task, advance=result.nights, missed=missed, refresh=True)
        if result.status != "passed":
            words = result.findings[0].message if result.findings else result.status
            self._console.print(f"✗ {result.path}: {escape(words)}", soft_wrap=True)


def _show(console: Console, soaked: Soaked, options: Options, seconds: float) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    ends = ", ".join(f"{count:,} {word}" for word, count in soaked.ends.most_common())
    happened = soaked.happened
    rows = {
        "worlds": f"{soaked.worlds:,}",
        "nights": f"{soaked.nights:,} in {seconds:.1f} s, {soaked.nights / seconds:.1f} a second",
        "runs of the sync": ends or "none",
        "edits": f"{happened['edit']:,}, and {happened['refusal']:,} refused",
        "deliveries": f"{happened['delivery']:,}",
        "faults": f"{happened['fault']:,}",
        "checks": f"{soaked.checks:,}",
    }
    for word, value in rows.items():
        table.add_row(word, value)
    console.print(table)
    if not soaked.misses:
        console.print("[green]nothing was missed[/green]")
        return
    console.print(f"[red]{len(soaked.misses)} missed[/red]")
    for miss in soaked.misses:
        console.print(f"  {escape(command_of(miss.seed, options))}", soft_wrap=True)


def _show_small(console: Console, miss: Miss, options: Options, story: Path | None, *, shrink: bool) -> None:
    """Show the first miss: what it is, and the smallest story that has it."""
    for finding in islice(miss.result.findings, FINDINGS_SHOWN_MAX):
        console.print()
        console.print(render_failure(finding, miss.result))
    drawn = draw(miss.seed)
    small = shrunk_miss(miss, options) if shrink else drawn
    if shrink:
        console.print(f"\nmade small: {steps_of(drawn)} steps became {steps_of(small)}")
    if story is not None:
        _write(story, story_of(small))
        console.print(f"written to {escape(str(story))}", soft_wrap=True)
    elif shrink:
        console.print(escape(story_of(small)), soft_wrap=True)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror or error}") from None


def _exit_code(soaked: Soaked) -> int:
    statuses = {miss.result.status for miss in soaked.misses}
    # What was drawn must be a story that can be played: anything else is the harness's fault.
    if statuses & {"broken", "unusable"}:
        return EXIT_BROKEN
    return EXIT_FAILED if statuses else EXIT_PASSED
