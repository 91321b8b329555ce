"""One finding in full on the console: what, where, why, whose fault, and how to see it again."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reports.styles import LANE_STYLES, STATUS_STYLES
from reports.timeline import LANE_NAMES, is_judgement, sign_of, what_of
from reports.times import moment_in_words
from reports.verdicts import VERDICTS, WHOSE, place_of, status_of
from reports.words import one_line, printable
from simulator.journal import Entry
from simulator.results import Finding, StoryResult
from simulator.rulebook import RULES

INDENT = 2
_AGAIN = "Again "


def render_failure(finding: Finding, result: StoryResult) -> RenderableType:
    """Lay out one finding for the console.

    Args:
        finding: what did not hold.
        result: of the story it belongs to.

    Returns:
        Something rich can print, as wide as the console is.
    """
    status = status_of(finding)
    heading = Text.assemble(
        (f"{VERDICTS[status].mark} {VERDICTS[status].word.upper()} ", STATUS_STYLES[status]),
        (one_line(finding.message), "bold"),
    )
    body: list[RenderableType] = [
        Text(one_line(place_of(finding, result)), "underline"),
        Text(WHOSE[finding.kind], STATUS_STYLES[status].removeprefix("bold ")),
        _facts(finding),
    ]
    if finding.timeline:
        body += [Text("\nWhat led there (New York time)", "bold"), timeline_table(finding.timeline)]
    body += list(_rules_in_words(finding))
    if finding.hint:
        body.append(Text.assemble(("Hint  ", "bold cyan"), printable(finding.hint)))
    if result.reproduce:
        body.append(Text.assemble((_AGAIN, "bold"), (one_line(result.reproduce), "bold cyan")))
    return Group(heading, Padding(Group(*body), (0, 0, 0, INDENT), expand=False))


def columns_needed(finding: Finding, result: StoryResult) -> int:
    """Say how wide the console must be to keep the place and the command each on one line."""
    return INDENT + len(_AGAIN) + max(len(place_of(finding, result)), len(result.reproduce)) + 1


def timeline_table(entries: Sequence[Entry]) -> Table:
    """Lay out entries as a table: New York time, lane, who, what.

    Args:
        entries: in the order in which they are shown.
    """
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, header_style="dim", expand=False)
    table.add_column("when", no_wrap=True)
    table.add_column("where", no_wrap=True)
    table.add_column("who", overflow="fold", max_width=20)
    table.add_column("what", overflow="fold")
    for entry in entries:
        table.add_row(
            moment_in_words(entry.at),
            Text(LANE_NAMES[entry.lane], LANE_STYLES[entry.lane]),
            one_line(entry.who),
            _what(entry),
        )
    return table


def _what(entry: Entry) -> Text:
    mark, style = mark_of(entry)
    return Text.assemble((mark + " ", style), one_line(what_of(entry)))


def mark_of(entry: Entry) -> tuple[str, str]:
    """Give the sign of an entry and its style: a glance along the column shows how it went."""
    sign = sign_of(entry)
    if entry.good is False or entry.kind in ("refusal", "fault"):
        return (sign, "bold red")
    if is_judgement(entry):
        return (sign, "green")
    return (sign, LANE_STYLES[entry.lane])


def _facts(finding: Finding) -> Table:
    facts = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    if finding.expected:
        facts.add_row("expected", Text(printable(finding.expected), "green"))
    if finding.found:
        facts.add_row("found", Text(printable(finding.found), "red"))
    if finding.why:
        facts.add_row("why", printable(finding.why))
    if finding.at is not None:
        facts.add_row("at", f"{moment_in_words(finding.at)} (New York)")
    return facts


def _rules_in_words(finding: Finding) -> Iterator[Text]:
    for number in finding.rules:
        words = RULES.get(number, "There is no rule of this number.")
        yield Text.assemble((f"{one_line(number):<5} ", "bold"), words)
