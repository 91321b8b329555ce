"""What people read on a terminal: plans and runs as tables."""

from collections.abc import Iterable, Sequence

import msgspec
from rich.console import Console
from rich.table import Table

from otus_sync.difference import Difference
from otus_sync.ledger import LedgerRun
from otus_sync.otus_records import Counts, Problem, SyncRun
from otus_sync.plan import Outlook, Plan
from otus_sync.plan.model import VerdictStatus
from otus_sync.plan.outlook import SchoolOutlook
from otus_sync.settings import SettingRow

ROWS_MAX = 50
"""The most problems a table shows; JSON shows all."""
LINES_MAX = 200
"""The most changes that are told; JSON shows all."""

ENDS: dict[VerdictStatus, str] = {
    "clear": "clear",
    "held": "HELD by the removal guard",
    "approved": "let through the removal guard",
    "discarded": "without these removals",
}
HELD_ADVICE = (
    "  Everything else would be written; only the removals wait for somebody to decide.",
    "  - Is the feed wrong (a school is empty in Clever, and not in life)? Have it mended at its source.",
    "    As soon as Clever has the records again, the next run removes nothing and ends by itself as usual.",
    "    Until then every run is held; otus-sync discard lets the runs succeed without just these removals.",
    "  - Is it right (a school has closed, a year has ended)? If no run has been held for it yet: otus-sync run.",
    "    Then: otus-sync approve. It removes these and no others; if Clever changes first, the run is held anew.",
)


def console() -> Console:
    """Give the console that tables are drawn on; colour goes with the terminal and with ``NO_COLOR``."""
    return Console()


def print_plan(console: Console, plan: Plan, ahead: Outlook) -> None:
    """Print what a run would do now: what waits for a decision first, then in numbers, school by school, by name."""
    verdict = plan.verdict
    if verdict.status != "clear":
        lines = [f"A run now would be {ENDS[verdict.status]}: {verdict.reason}."]
        lines += [said for there in ahead.schools if (said := there.loss_in_words())][:ROWS_MAX]
        _say(console, *lines, "")
    console.print(_counts_table("This run would write", plan.counts()))
    if len(ahead.schools) > 1 or verdict.withholds:
        console.print(_schools_table(ahead))
    if ahead.first_withheld:
        withheld = sum(msgspec.structs.astuple(verdict.withheld))
        _say(
            console, f"First of the {withheld} that are withheld:", *(f"  {line}" for line in ahead.first_withheld), ""
        )
    if verdict.status == "held":
        _say(console, "What to do:", *HELD_ADVICE)
    print_problems(console, plan.problems)


def _say(console: Console, *lines: str) -> None:
    console.print("\n".join(lines), markup=False, highlight=False)


def _schools_table(ahead: Outlook) -> Table:
    kinds = ("accounts", "classes", "memberships", "by hand", "withheld")
    table = Table("school", *kinds, title="School by school")
    for there in ahead.schools[:ROWS_MAX]:
        table.add_row(*_plain(there.school, *_cells(there)))
    if len(ahead.schools) > ROWS_MAX:
        table.caption = f"and {len(ahead.schools) - ROWS_MAX} more; --json shows all"
    return table


def _cells(there: SchoolOutlook) -> list[str]:
    does, not_done = there.would_write, there.would_withhold

    def said(*parts: tuple[int, str]) -> str:
        return ", ".join(f"{count} {word}" for count, word in parts if count) or "-"

    return [
        said((does.accounts_created, "new"), (does.accounts_updated, "changed"), (does.accounts_deactivated, "gone")),
        said((does.classes_created, "new"), (does.classes_updated, "changed"), (does.classes_archived, "archived")),
        said((does.memberships_added, "in"), (does.memberships_removed, "out")),
        said((does.by_hand_removed, "out")),
        said(
            (not_done.accounts_deactivated, "accounts"),
            (not_done.classes_archived, "classes"),
            (not_done.memberships_removed, "memberships"),
        ),
    ]


def print_settings(console: Console, rows: Iterable[SettingRow]) -> None:
    """Print every setting with where it comes from."""
    table = Table("setting", "value", "from", "says", title="Settings")
    for row in rows:
        table.add_row(*_plain(row.setting, row.value, row.where, row.says))
    console.print(table)


def print_difference(console: Console, found: Difference) -> None:
    """Print what changed between two nights, in words."""
    console.print(found.heading, markup=False, highlight=False)
    for note in found.notes:
        console.print(note, markup=False, highlight=False)
    for line in found.in_words[:LINES_MAX]:
        console.print(f"  {line}", markup=False, highlight=False)
    if len(found.in_words) > LINES_MAX:
        console.print(f"and {len(found.in_words) - LINES_MAX} more; --json shows all")
    if not found.in_words:
        console.print("  nothing")


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
    table = Table("run", "started", "status", "in Otus", "Clever read", "what it did", "reason", title="Ledger")
    for run in runs:
        otus_run = "-" if run.otus_run is None else str(run.otus_run)
        done = (run.status, otus_run, run.way or "-", _in_words(run.counts), run.reason)
        table.add_row(*_plain(str(run.id), run.started, *done))
    console.print(table)


def print_runs(console: Console, runs: Iterable[SyncRun]) -> None:
    """Print what Otus knows of the runs."""
    table = Table("run", "started", "status", "decision", "what it did", "withheld", "reason", title="Otus")
    for run in runs:
        done, withheld = _in_words(run.counts), _in_words(run.withheld)
        table.add_row(*_plain(str(run.id), run.started, run.status, run.approval or "-", done, withheld, run.reason))
    console.print(table)


def _counts_table(title: str, counts: Counts) -> Table:
    """Tell what is done, and leave out what is not."""
    table = Table("what", "how many", title=title)
    done = {name: count for name, count in msgspec.structs.asdict(counts).items() if count}
    for name, count in (done or {"nothing": 0}).items():
        table.add_row(name.replace("_", " "), str(count))
    return table


def _in_words(counts: Counts) -> str:
    some = [f"{count} {name.replace('_', ' ')}" for name, count in msgspec.structs.asdict(counts).items() if count]
    return ", ".join(some) or "nothing"


def _plain(*texts: str) -> list[str]:
    # A name may hold what rich takes for markup.
    return [text.replace("[", r"\[") for text in texts]
