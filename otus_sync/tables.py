"""What people read on a terminal: plans and runs as tables."""

from collections.abc import Iterable, Sequence

import msgspec
from rich.console import Console
from rich.table import Table

from otus_sync.ledger import LedgerRun
from otus_sync.otus_records import Counts, Problem, SyncRun
from otus_sync.plan import Plan

ROWS_MAX = 50
"""The most problems a table shows; JSON shows all."""


def console() -> Console:
    """Give the console that tables are drawn on; colour goes with the terminal and with ``NO_COLOR``."""
    return Console()


def print_plan(console: Console, plan: Plan) -> None:
    """Print what a run would do now."""
    console.print(_counts_table("This run would write", plan.counts()))
    if plan.verdict.reason:
        console.print(f"Removal guard, {plan.verdict.status}: {plan.verdict.reason}", markup=False)
        console.print(_counts_table("It would withhold", plan.verdict.withheld))
    print_problems(console, plan.problems)


def print_problems(console: Console, problems: Sequence[Problem]) -> None:
    """Print who or what cannot be rostered, by name."""
    if not problems:
        return
    table = Table("kind", "name", "what to do", title=f"Problems ({len(problems)})")
    for problem in problems[:ROWS_MAX]:
        table.add_row(*_plain(problem.kind, problem.name, problem.message))
    console.print(table)
    if len(problems) > ROWS_MAX:
        console.print(f"and {len(problems) - ROWS_MAX} more; --json shows all")


def print_ledger(console: Console, runs: Iterable[LedgerRun]) -> None:
    """Print this sync's own memory of its runs."""
    table = Table("run", "started", "status", "in Otus", "what it did", "reason", title="Ledger")
    for run in runs:
        otus_run = "-" if run.otus_run is None else str(run.otus_run)
        table.add_row(*_plain(str(run.id), run.started, run.status, otus_run, _in_words(run.counts), run.reason))
    console.print(table)


def print_runs(console: Console, runs: Iterable[SyncRun]) -> None:
    """Print what Otus knows of the runs."""
    table = Table("run", "started", "status", "decision", "what it did", "withheld", "reason", title="Otus")
    for run in runs:
        done, withheld = _in_words(run.counts), _in_words(run.withheld)
        table.add_row(*_plain(str(run.id), run.started, run.status, run.approval or "-", done, withheld, run.reason))
    console.print(table)


def _counts_table(title: str, counts: Counts) -> Table:
    table = Table("what", "how many", title=title)
    for name, count in msgspec.structs.asdict(counts).items():
        table.add_row(name.replace("_", " "), str(count))
    return table


def _in_words(counts: Counts) -> str:
    some = [f"{count} {name.replace('_', ' ')}" for name, count in msgspec.structs.asdict(counts).items() if count]
    return ", ".join(some) or "nothing"


def _plain(*texts: str) -> list[str]:
    # A name may hold what rich takes for markup.
    return [text.replace("[", r"\[") for text in texts]
