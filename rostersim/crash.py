"""``rostersim crash``: kill a sync at every request of a night, run it again, compare with a night without a kill."""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from types import TracebackType
from typing import Self, get_args

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from rostersim.consoles import table_console
from rostersim.stopping import EXIT_INTERRUPTED, ended_by_sigterm
from rostersim.unusable import Unusable
from scenarios.crashes import (
    DEFAULT_SUT,
    EXIT_CODES,
    Onlooker,
    StoryCrashes,
    Wish,
    crash_stories,
    find_worlds,
    replay,
)
from scenarios.shelf import NoSuchStoryError
from scenarios.workers import CORES_MAX
from simulator.crash.kills import IN_WORDS, KILL_KINDS, KillKind
from simulator.crash.ordeal import RESTART_AFTER
from simulator.crash.results import Miss, Ordeal
from simulator.sut import UnusableSutError

MISSES_SHOWN_MAX = 20
"""Of one story; beyond so many it is only more of the same."""
PIPE_WIDTH = 200
MINUTES_MAX = 30 * 24 * 60


@click.command()
@click.option(
    "-w",
    "--world",
    "names",
    multiple=True,
    metavar="W",
    help="A built-in world (`first-night`), `small` or `large` for all of a kind, a story's file, a folder of stories, "
    "or `library`. Repeat it for more. Default: small.",
)
@click.option(
    "--sut",
    default=DEFAULT_SUT,
    show_default=True,
    metavar="SPEC",
    help="The sync: `forked: package.module:function` or `command: program and arguments`.",
)
@click.option(
    "-n",
    "cores",
    type=click.IntRange(1, CORES_MAX),
    default=None,
    metavar="CORES",
    help="Work on so many worlds at once. Default: all of this machine's cores.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="For all that a world does not say.")
@click.option(
    "--night",
    type=click.IntRange(1),
    metavar="N",
    help="Only this night of the story, also if it is a quiet one. Default: every run that writes.",
)
@click.option("--at", "request", type=click.IntRange(1), metavar="N", help="Kill only at this request of the run.")
@click.option(
    "--kind",
    type=click.Choice(get_args(KillKind)),
    help="; ".join(f"{kind}: {words}" for kind, words in IN_WORDS.items()) + ". Default: each.",
)
@click.option(
    "--again-after",
    type=click.FloatRange(1, MINUTES_MAX),
    default=RESTART_AFTER.total_seconds() / 60,
    show_default=True,
    metavar="MINUTES",
    help="Simulated time from the night's beginning until the sync is started again.",
)
@click.option(
    "--thorough",
    is_flag=True,
    help="Run the sync again after every kill, also where another kill has left the very same behind.",
)
def crash(
    names: tuple[str, ...],
    sut: str,
    cores: int | None,
    seed: int,
    night: int | None,
    request: int | None,
    kind: KillKind | None,
    again_after: float,
    thorough: bool,
) -> None:
    """Kill the sync at every request of a night (SIGKILL), run it again, and compare with a night without a kill.

    Otus must come to the same state, ids included; what people made by hand must be untouched; and one more run must
    write nothing. A world is a story; its runs that write something are put to the test.

    \b
    Examples:
      rostersim crash
      rostersim crash --world by-hand --world library/email -n 2
      rostersim crash --world by-hand --night 1 --at 17 --kind half
      rostersim crash --sut 'command: node my-sync.js'

    \b
    Exit codes: 0 the same after every kill · 1 not so · 2 the input was wrong · 3 the harness itself failed
    """
    kinds = KILL_KINDS if kind is None else (kind,)
    wish = Wish(sut, seed, night, request, kinds, timedelta(minutes=again_after), thorough)
    console = table_console(PIPE_WIDTH)
    try:
        books = find_worlds(names)
        at_once = min(cores or os.cpu_count() or 1, len(books))
        with ended_by_sigterm(), _Console(console, len(books)) as onlooker:
            stories = crash_stories(books, wish, at_once, onlooker)
    except (NoSuchStoryError, UnusableSutError) as error:
        raise Unusable(str(error)) from None
    except KeyboardInterrupt:
        click.echo("\nrostersim: stopped; nothing is left running", err=True)
        raise SystemExit(EXIT_INTERRUPTED) from None
    if not any(story.ordeals or story.problems for story in stories):
        raise Unusable("no run of these stories writes anything; name a quiet one with --night")
    _tell(console, stories, wish)
    raise SystemExit(max(EXIT_CODES[story.status] for story in stories))


class _Console(Onlooker, AbstractContextManager["_Console"]):
    """Shows how far it is, on a terminal; elsewhere a line for every world that is done.

    Args:
        console: to show it on.
        worlds: how many there are.
    """

    def __init__(self, console: Console, worlds: int) -> None:
        self._console = console
        self._worlds = worlds
        self._done = self._kills = 0
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        self._show()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def tried(self, kills: int) -> None:
        self._kills = kills
        self._show()

    def finished(self, story: StoryCrashes) -> None:
        self._done += 1
        self._show()
        if not self._console.is_terminal and self._worlds > 1:
            self._console.print(
                f"{story.label}: {story.kills} kills, {story.misses} differences, {story.seconds:.1f} s"
            )

    def _show(self) -> None:
        self._progress.update(self._task, description=f"{self._done} of {self._worlds} worlds, {self._kills} kills")


# ---------------------------------------------------------------- what was found


def _tell(console: Console, stories: Sequence[StoryCrashes], wish: Wish) -> None:
    console.print(_table(stories))
    for story in stories:
        for problem in story.problems:
            console.print(f"[red]✗[/red] [bold]{escape(story.label)}[/bold]  {escape(problem)}")
        misses = [(ordeal, miss) for ordeal in story.ordeals for miss in ordeal.misses]
        for ordeal, miss in misses[:MISSES_SHOWN_MAX]:
            _tell_miss(console, story, ordeal, miss, wish)
        if len(misses) > MISSES_SHOWN_MAX:
            console.print(f"  and {len(misses) - MISSES_SHOWN_MAX} more in {escape(story.label)}")
    console.print(_summary(stories, wish))


def _table(stories: Sequence[StoryCrashes]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("world", overflow="fold")
    for heading in ("night", "requests", "writes", "kills", "aftermaths", "differences"):
        table.add_column(heading, justify="right")
    table.add_column("ends")
    for story in stories:
        for ordeal in story.ordeals:
            differences = f"[red]{len(ordeal.misses)}[/red]" if ordeal.misses else "0"
            numbers = (ordeal.night, ordeal.requests, ordeal.writes, ordeal.killed, ordeal.aftermaths)
            table.add_row(escape(story.label), *map(str, numbers), differences, ordeal.end)
        if not story.ordeals:
            ends = "nothing is written" if story.status == "passed" else f"[red]{story.status}[/red]"
            table.add_row(escape(story.label), *[""] * 6, ends)
    return table


def _tell_miss(console: Console, story: StoryCrashes, ordeal: Ordeal, miss: Miss, wish: Wish) -> None:
    console.print(
        f"\n[red]✗[/red] [bold]{escape(story.label)}[/bold], night {ordeal.night}: killed at request "
        f"{miss.kill.request}, {escape(miss.request)}  [dim]({miss.kill.kind}: {IN_WORDS[miss.kill.kind]})[/dim]",
        soft_wrap=not console.is_terminal,  # elsewhere a line stays one, so that it can be searched for
    )
    for what in miss.what:
        console.print(f"    {escape(what)}", soft_wrap=not console.is_terminal)
    console.print(f"  Again  {escape(replay(story.label, ordeal, miss, wish))}", soft_wrap=True)


def _summary(stories: Sequence[StoryCrashes], wish: Wish) -> str:
    ordeals = [ordeal for story in stories for ordeal in story.ordeals]
    kills, killed = sum(ordeal.points for ordeal in ordeals), sum(ordeal.killed for ordeal in ordeals)
    misses = sum(story.misses for story in stories)
    survived = f", {kills - killed} found it ended already" if killed < kills else ""
    colour = "red" if misses or any(story.status != "passed" for story in stories) else "green"
    return (
        f"\n[{colour}]{misses} differences[/{colour}] after {killed} kills{survived}, in {len(ordeals)} runs of "
        f"{len(stories)} worlds; {sum(ordeal.aftermaths for ordeal in ordeals)} different aftermaths were run again\n"
        f"sync under test {escape(wish.sut_spec)} · seed {wish.seed}"
    )
