"""Tables of stories and of rules: laid out for the eye on a terminal, one row a line anywhere else."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from scenarios.story import SUFFIX, Story
from simulator.rulebook import RULES

SOURCES = {
    "F": "Otus's FAQ for districts with ATS/STARS",
    "H": "Otus's other help articles",
    "A": "assumptions, where both are silent",
}
"""What the letter of a rule stands for."""


class Listed(NamedTuple):
    """A story in a listing."""

    label: str
    """Its path as the user names it."""
    story: Story

    @property
    def theme(self) -> str:
        """The folder it lies in."""
        return self.label.rpartition("/")[0] or "."

    @property
    def name(self) -> str:
        """Its file's name without the folder and what all such files end with."""
        return self.label.rpartition("/")[2].removesuffix(SUFFIX)


def print_stories(console: Console, listed: Sequence[Listed]) -> None:
    """Print stories theme by theme with title and rules."""
    if console.is_terminal:
        for theme, together in groupby(listed, key=lambda each: each.theme):
            stories = list(together)
            console.print(Text.assemble((theme, "bold cyan"), (f"  {_counted(len(stories))}", "dim")))
            console.print(_theme_table(stories))
    else:
        console.print(_plain_table(("story", "title", "rules"), (_row(each) for each in listed)))
    themes = len({each.theme for each in listed})
    console.print(_counted(len(listed)) + (f" in {themes} themes" if themes > 1 else ""))


def print_rules(console: Console, listed: Sequence[Listed]) -> None:
    """Print every rule in words, with the stories that prove it, and how many have none."""
    proofs = {number: [each for each in listed if number in each.story.rules] for number in RULES}
    if console.is_terminal:
        for letter, source in SOURCES.items():
            console.print(Text.assemble((f"Rules {letter}", "bold cyan"), (f"  {source}", "dim")))
            console.print(_rules_table({number: found for number, found in proofs.items() if number[0] == letter}))
    else:
        rows = ((number, escape(RULES[number]), _labels(found)) for number, found in proofs.items())
        console.print(_plain_table(("rule", "in words", "stories"), rows))
    bare = [number for number, found in proofs.items() if not found]
    console.print(f"{len(RULES)} rules, " + (f"without a story: {', '.join(bare)}" if bare else "each with a story"))


def _counted(stories: int) -> str:
    return "1 story" if stories == 1 else f"{stories} stories"


def _theme_table(stories: Sequence[Listed]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column("", width=1)
    table.add_column("title", ratio=3, overflow="fold")
    table.add_column("story", ratio=2, style="dim", overflow="fold")
    table.add_column("rules", style="green", max_width=20, overflow="fold")
    for each in stories:
        table.add_row("", escape(each.story.title), escape(each.name), " ".join(each.story.rules))
    table.add_row()
    return table


def _rules_table(proofs: dict[str, list[Listed]]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column("", width=1)
    table.add_column("rule", style="green", width=4)
    table.add_column("in words", ratio=1, overflow="fold")
    table.add_column("stories", ratio=1, overflow="fold", style="dim")
    for number, found in proofs.items():
        names = "\n".join(escape(f"{each.theme.rpartition('/')[2]}/{each.name}") for each in found)
        table.add_row("", number, escape(RULES[number]), names or "[bold red]no story[/]")
    table.add_row()
    return table


def _plain_table(headings: Sequence[str], rows: Iterator[tuple[str, str, str]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _row(each: Listed) -> tuple[str, str, str]:
    return escape(each.label), escape(each.story.title), " ".join(each.story.rules)


def _labels(found: Sequence[Listed]) -> str:
    return escape("\n".join(each.label for each in found)) or "none"
