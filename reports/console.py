"""The console of a run: what happens while it happens, and the summary at the end."""

from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from reports.failure import columns_needed, render_failure, timeline_table
from reports.strip import ASCII, UNICODE, WIDTH_MAX, Glyphs, legend_of, strip_of
from reports.styles import STATUS_STYLES, coloured
from reports.times import seconds_in_words
from reports.verdicts import STATUSES, VERDICTS, count_of, verdict_of
from reports.words import counted, one_line, printable
from simulator.journal import Entry, Listener
from simulator.results import StoryResult, SuiteResult

FINDINGS_SHOWN_MAX = 5
"""Findings of one story that the console shows in full; the reports have the rest."""
RUNNING_SHOWN_MAX = 3
"""Stories in progress that are shown beneath the bar."""
INDENT = "  "


class LiveConsole:
    """Tells a run on a console: a progress bar on a terminal, plain lines everywhere else.

    Use it as a context manager, so that the terminal is whole again when a run is interrupted. Nothing here
    asks a clock: while stories run, the process's clock is the simulation's.

    Args:
        console: where to.
        total: how many stories there will be.
        verbose: also print every story's description and its whole timeline.
    """

    def __init__(self, console: Console, total: int, *, verbose: bool = False) -> None:
        moving = console.is_terminal and not console.is_dumb_terminal and not console.no_color
        self._console = console if moving else _plain(console)
        if isinstance(console.file, TextIOWrapper):
            # A name that this terminal cannot show must not end a run.
            console.file.reconfigure(errors="replace")
        self._glyphs = glyphs_for(self._console)
        self._total = total
        self._verbose = verbose
        self._finished = 0
        self._running: dict[str, _Running] = {}
        self._live = Live(console=self._console, auto_refresh=False, transient=True) if moving else None
        self._said_legend = False

    def __enter__(self) -> Self:
        """Start the live display."""
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the terminal back."""
        self._stop()

    def story_started(self, path: str, title: str) -> None:
        """Take note that a story begins.

        Args:
            path: names it among those that run at the same time.
            title: for people.
        """
        self._start()
        self._running[path] = _Running(title)
        self._refresh()

    def listener(self, path: str) -> Listener:
        """Give somebody who follows a story's journal and draws its line while it grows.

        Args:
            path: of a story that has started.

        Returns:
            What to put into :attr:`simulator.journal.Journal.listeners`; it does nothing off a terminal.
        """
        return _follow(self._running[path], self._refresh) if self._live else _ignore

    def story_finished(self, result: StoryResult) -> None:
        """Print a story's line and its timeline on one line.

        Args:
            result: what became of it.
        """
        self._running.pop(result.path, None)
        self._finished += 1
        if self._live:
            # Every line printed below draws the bar anew: let it be the new one.
            self._live.update(self._progress())
        if not self._said_legend:
            self._line(coloured(legend_of(self._glyphs)))
            self._said_legend = True
        self._line(self._story_line(result))
        if strip := strip_of(result.entries, self._glyphs, self._strip_width()):
            self._line(Text(INDENT) + coloured(strip))
        if self._verbose:
            self._print_story(result)
        self._refresh()

    def close(self, suite: SuiteResult, report: Path | None = None) -> None:
        """Print what did not hold, in full, and the summary.

        Args:
            suite: all results.
            report: the page that was written, if one was.
        """
        self._stop()
        for story in suite.stories:
            self._print_findings(story)
        self._print_summary(suite, report)

    def _start(self) -> None:
        if self._live and not self._live.is_started:
            self._live.start()

    def _stop(self) -> None:
        if self._live and self._live.is_started:
            self._live.update("")
            self._live.stop()

    def _refresh(self) -> None:
        if self._live:
            self._live.update(self._progress(), refresh=True)

    def _progress(self) -> Group:
        bar = Table.grid(padding=(0, 1))
        bar.add_row(
            ProgressBar(total=max(self._total, 1), completed=self._finished, width=30),
            f"{self._finished} of {counted(self._total, 'story', 'stories')}",
        )
        running = list(self._running.values())[:RUNNING_SHOWN_MAX]
        return Group(bar, *(self._running_line(story) for story in running))

    def _running_line(self, story: "_Running") -> Text:
        strip = coloured(strip_of(story.entries, self._glyphs, self._strip_width()))
        line = Text.assemble(("… ", "dim"), one_line(story.title), "\n", INDENT) + strip
        line.no_wrap = True
        line.overflow = "ellipsis"
        return line

    def _strip_width(self) -> int:
        return max(min(self._console.width - len(INDENT) - 1, 2 * WIDTH_MAX), 24)

    def _story_line(self, result: StoryResult) -> Text:
        verdict = VERDICTS[result.status]
        mark = verdict.mark if self._glyphs is UNICODE else verdict.word.upper()
        rules = ", ".join(result.rules)
        tail = [
            *([rules] if rules else []),
            counted(result.nights, "night"),
            seconds_in_words(result.seconds),
        ]
        return Text.assemble(
            (f"{mark} ", STATUS_STYLES[result.status]),
            (f"{one_line(result.theme)} ", "dim"),
            (one_line(result.title), "" if result.status == "passed" else "bold"),
            (
                "" if result.status in ("passed", "failed") else f" [{verdict.word}]",
                STATUS_STYLES[result.status],
            ),
            (f"  {one_line(' · '.join(tail))}", "dim"),
        )

    def _print_story(self, result: StoryResult) -> None:
        if result.about:
            about = Text(printable(result.about).strip(), "italic")
            self._block(Padding(about, (0, 0, 0, len(INDENT)), expand=False))
        told = tuple(entry for entry in result.entries if entry.kind != "request")
        if told:
            self._block(Padding(timeline_table(told), (0, 0, 0, len(INDENT)), expand=False))

    def _print_findings(self, story: StoryResult) -> None:
        if not story.findings:
            return
        style = STATUS_STYLES[story.status]
        self._console.print()
        self._console.print(Rule(Text(f" {one_line(story.title)} ", style), style=style, align="left"))
        for finding in story.findings[:FINDINGS_SHOWN_MAX]:
            self._console.print()
            self._block(render_failure(finding, story), columns_needed(finding, story))
        rest = len(story.findings) - FINDINGS_SHOWN_MAX
        if rest > 0:
            self._line(Text(f"{INDENT}and {counted(rest, 'more finding')}: the report has them all", "dim"))

    def _print_summary(self, suite: SuiteResult, report: Path | None) -> None:
        verdict = verdict_of(suite)
        style = STATUS_STYLES[verdict]
        self._console.print()
        self._console.print(Rule(style=style))
        counts = [
            (f"{count_of(suite, status):,} {VERDICTS[status].word}", STATUS_STYLES[status])
            for status in STATUSES
            if count_of(suite, status)
        ]
        told = Text(" · ").join(Text(*count) for count in counts) if counts else Text("no stories", "bold")
        checks = sum(story.checks for story in suite.stories)
        nights = sum(story.nights for story in suite.stories)
        self._line(
            told
            + Text(f"  ({counted(checks, 'check')}, {counted(nights, 'night')}, ", "dim")
            + Text(f"{seconds_in_words(suite.seconds)})", "dim")
        )
        if verdict != "passed":
            self._line(Text(VERDICTS[verdict].whose, style))
        self._line(Text(f"sync under test {one_line(suite.sut)} · seed {suite.seed}", "dim"))
        if report is not None:
            self._line(Text.assemble("report ", (str(report), "underline")))

    def _block(self, block: RenderableType, columns: int = 0) -> None:
        if self._live:
            self._console.print(block)
            return
        # Off a terminal, a place and a command stay whole: they are searched for, and copied.
        usual = self._console.width
        self._console.width = max(usual, columns)
        with self._console.capture() as captured:
            self._console.print(block)
        self._console.width = usual
        for line in captured.get().splitlines():
            # The blanks with which tables fill their cells are of use on a terminal only.
            self._console.out(line.rstrip(), highlight=False)

    def _line(self, text: Text) -> None:
        # A line that the console breaks cannot be searched for; a terminal breaks it by itself.
        self._console.print(text, soft_wrap=True)


def glyphs_for(console: Console) -> Glyphs:
    """Choose the signs that the console's encoding can show."""
    return UNICODE if console.encoding.lower().startswith("utf") else ASCII


class _Running:
    """A story in progress, as far as the console has heard of it."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.entries: list[Entry] = []


def _follow(story: _Running, refresh: Callable[[], None]) -> Listener:
    def hear(entry: Entry) -> None:
        if entry.kind == "request":
            return
        story.entries.append(entry)
        # Once a night is often enough for an eye, and seldom enough not to slow a story down.
        if entry.kind == "night" and entry.good is not None:
            refresh()

    return hear


def _ignore(_: Entry) -> None:
    """Hear nothing: off a terminal, a story is told when it has ended."""


def _plain(console: Console) -> Console:
    """Give a console on the same file that writes text and nothing else."""
    return Console(
        file=console.file,
        width=console.width,
        color_system=None,
        force_terminal=False,
        force_interactive=False,
        no_color=True,
        highlight=False,
        emoji=False,
        markup=False,
    )
