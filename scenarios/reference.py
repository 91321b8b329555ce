"""The words of the story language, for a person: made from the same structs that read it."""

from collections.abc import Iterator

import msgspec
from rich.table import Table

from scenarios.cast import Details, Other
from scenarios.expectations import ClassExpectation, CleverExpectation, PersonExpectation, SyncExpectation
from scenarios.moments import FORMS
from scenarios.story import EXPECT, Settings
from scenarios.verbs import VERBS

_OF_EVERY_STEP = ("refused", "if possible")


def words_of_the_language() -> Iterator[Table | str]:
    """Give the reference, part by part, as things that rich prints."""
    yield f"[bold]Times[/bold]  {FORMS}\n"
    yield "[bold]Every step[/bold] may say [italic]refused: TEXT[/italic]: the system must refuse it with such words;\n"
    yield "or [italic]if possible: yes[/italic]: the story goes on where it is refused, or cannot be done at all.\n"
    for system, verbs in VERBS.items():
        table = _table(system)
        for words, step in verbs.items():
            table.add_row(f"{system}: {words}", _fields(step), (step.__doc__ or "").splitlines()[0])
        yield table
    table = _table(EXPECT)
    for subject, kind in (
        ("PERSON", PersonExpectation),
        ("CLASS", ClassExpectation),
        ("sync", SyncExpectation),
        ("clever", CleverExpectation),
    ):
        table.add_row(subject, _fields(kind), (kind.__doc__ or "").splitlines()[0])
    yield table
    table = _table("also at the top of a story")
    heads: list[tuple[str, type[msgspec.Struct]]] = [
        *_parts("settings", Settings),
        ("people: NAME", Details),
        ("others: NAME", Other),
    ]
    for word, head in heads:
        table.add_row(word, _fields(head), (head.__doc__ or "").splitlines()[0])
    yield table


def _parts(word: str, struct: type[msgspec.Struct]) -> Iterator[tuple[str, type[msgspec.Struct]]]:
    """Give a struct and the structs in it, each under the words that lead to it."""
    yield word, struct
    for field in msgspec.structs.fields(struct):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from _parts(f"{word}: {field.encode_name}", field.type)


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, title_style="bold", padding=(0, 2, 0, 0))
    table.add_column("word", style="cyan", overflow="fold")
    table.add_column("with", overflow="fold")
    table.add_column("what it does", overflow="fold")
    return table


def _fields(struct: type[msgspec.Struct]) -> str:
    fields = [field for field in msgspec.structs.fields(struct) if field.encode_name not in _OF_EVERY_STEP]
    return ", ".join(field.encode_name if field.required else f"\\[{field.encode_name}]" for field in fields)
