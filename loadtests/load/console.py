"""The console of a load test: one live line of where it stands, and at the end a summary to look at."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from loadtests.load.measure import Progress
from loadtests.load.report import headlines_of, milliseconds
from loadtests.load.result import Measured
from loadtests.load.thresholds import MEGABYTE, Check

TICKS = "▁▂▃▄▅▆▇█"
HISTORY = 48
"""Samples of the throughput that the console remembers."""
REFRESH_PER_SECOND = 8
KINDS_MAX = 14


class LoadConsole:
    """Follows a measurement.

    Args:
        console: of rich; off a terminal each new thing done is one line.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._done = ""
        self._spinner = Spinner("dots")
        self._records = 0
        self._rates: deque[int] = deque(maxlen=HISTORY)

    @contextmanager
    def following(self) -> Iterator[None]:
        """Show what :meth:`tell` is told until the block ends."""
        if not self._console.is_terminal:
            yield
            return
        live = Live(console=self._console, refresh_per_second=REFRESH_PER_SECOND, transient=True)
        with live:
            self._live = live
            yield
        self._live = None

    def tell(self, progress: Progress) -> None:
        """Show how it stands."""
        if self._live is None:
            if progress.doing != self._done:
                self._console.print(f"{progress.doing} ...", markup=False)
        else:
            self._rates.append(max(0, progress.records - self._records))
            self._live.update(self._picture(progress))
        self._done, self._records = progress.doing, progress.records

    def _picture(self, progress: Progress) -> RenderableType:
        self._spinner.update(text=Text(f" {progress.doing}  {progress.seconds:.0f} s", style="bold"))
        if not progress.events and not progress.records:
            return self._spinner
        facts = Table.grid(padding=(0, 3))
        syncs = progress.syncs - progress.syncs_left
        facts.add_row(
            Text.assemble(("syncs ", "dim"), (f"{syncs:,} of {progress.syncs:,}", "cyan")),
            Text.assemble(("users ", "dim"), f"{progress.users:,}"),
            Text.assemble(("events ", "dim"), f"{progress.events:,}"),
            Text.assemble(("failed ", "dim"), (f"{progress.failures:,}", "bold red" if progress.failures else "green")),
            Text.assemble(("records ", "dim"), (f"{progress.records:,}", "blue")),
            Text.assemble(("memory ", "dim"), f"{progress.memory.get('all', 0) / MEGABYTE:,.0f} MiB"),
        )
        return Group(self._spinner, facts, Text(self._curve(), style="blue"))

    def _curve(self) -> str:
        most = max(self._rates, default=0) or 1
        return "".join(TICKS[round(rate / most * (len(TICKS) - 1))] for rate in self._rates)


def print_summary(console: Console, night: Measured, checks: Sequence[Check], page: Path | None) -> None:
    """Print what came of it.

    Args:
        console: of rich.
        night: what was measured.
        checks: how it did.
        page: of the report, if one was written.
    """
    console.print()
    console.print(Text(night.title, style="bold"))
    console.print(Text(night.machine, style="dim"))
    headlines = headlines_of(night)
    if headlines:
        figures = Table.grid(padding=(0, 4))
        figures.add_row(*(Text(there.figure, style="bold cyan") for there in headlines))
        figures.add_row(*(Text(there.says, style="dim") for there in headlines))
        console.print(Panel(figures, expand=False, border_style="dim"))
        console.print(_kinds(night))
    else:
        console.print(Text("This run is wrong, so it has no speed.", style="bold red"))
        _print_wrongs(console, night)
    console.print()
    console.print(_checks(checks))
    for line in night.errors[:KINDS_MAX]:
        console.print(Text(f"  {line}", style="red"))
    missed = sum(not check.held for check in checks)
    verdict = f"{missed} of {len(checks)} thresholds missed" if missed else f"all {len(checks)} thresholds held"
    console.print(Text(verdict, style="bold red" if missed else "bold green"))
    if page is not None:
        console.print(f"report: {escape(str(page))}")


def _print_wrongs(console: Console, night: Measured) -> None:
    for line in night.verdict.first if night.verdict is not None else ():
        console.print(f"  {line}", markup=False)
    for run in night.runs:
        if run.exit_code:
            console.print(f"  sync {run.scope}: exit code {run.exit_code}: {run.reason}", markup=False)


def _kinds(night: Measured) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("event")
    for heading in ("count", "failed", "p50 ms", "p95 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    shown = sorted(night.kinds, key=lambda kind: (kind.type not in ("sync", "phase"), -kind.percentiles["95"]))
    for kind in shown[:KINDS_MAX]:
        failed = Text(f"{kind.failures:,}", style="bold red" if kind.failures else "dim")
        times = (milliseconds(kind, key) for key in ("50", "95", "99"))
        table.add_row(Text(kind.label), f"{kind.requests:,}", failed, *times)
    if len(shown) > KINDS_MAX:
        table.add_row(Text(f"... and {len(shown) - KINDS_MAX} more, in the report", style="dim"))
    return table


def _checks(checks: Sequence[Check]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "threshold", "limit", "found"):
        table.add_column(heading)
    for check in checks:
        sign = Text("held", style="green") if check.held else Text("missed", style="bold red")
        table.add_row(sign, Text(check.what), Text(check.limit), Text(check.found))
    return table
