"""The commands that read stories, or say what may stand in one: ``list``, ``check``, ``words``, ``schema``."""

from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from rostersim.consoles import table_console
from rostersim.listing import Listed, print_rules, print_stories
from rostersim.unusable import Unusable
from scenarios.located import StoryError
from scenarios.reference import words_of_the_language
from scenarios.schema import story_schema
from scenarios.shelf import Book, NoSuchStoryError, find_stories
from scenarios.story import Story, read_story
from simulator.results import EXIT_UNUSABLE
from simulator.sut import VARIABLES


@click.command(name="list")
@click.argument("paths", nargs=-1)
@click.option("-k", "word", default="", metavar="WORD", help="Only stories with this in path, title or rules.")
@click.option("--rules", is_flag=True, help="Show each rule with the stories that prove it.")
def list_stories(paths: tuple[str, ...], word: str, rules: bool) -> None:
    """List stories, theme by theme, with their titles and rules."""
    listed = [Listed(label, story) for label, story in _read_all(_found(paths, word))]
    (print_rules if rules else print_stories)(table_console(), listed)


@click.command()
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


@click.command()
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


@click.command()
def schema() -> None:
    """Print the JSON Schema of stories, for editors."""
    click.echo(msgspec.json.format(msgspec.json.encode(story_schema()), indent=2).decode())


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
