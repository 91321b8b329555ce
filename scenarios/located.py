"""YAML with places: every word of a story knows its line and column.

All scalars stay text. ``02E475`` is a DBN and no number, ``no`` may be a name, ``10:00`` is a time: what a word
means is decided by where it stands, not by YAML's guesses.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import yaml

from simulator.nearest import nearest as nearest  # noqa: PLC0414 - the language's readers find it here

STORY_BYTES_MAX = 8_000_000


class Place(NamedTuple):
    """Where something stands in a file; lines and columns count from 1."""

    line: int
    column: int


class Problem(NamedTuple):
    """One thing that is wrong in a story file."""

    place: Place
    message: str
    hint: str = ""


class StoryError(Exception):
    """A story file cannot be used.

    Args:
        path: the file.
        problems: all that is wrong, in the order of the file.
    """

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self.path = path
        self.problems = sorted(problems)
        super().__init__("\n".join(self.lines()))

    def lines(self) -> Iterator[str]:
        """Say each problem in one line, ``file:line:column: message``."""
        for problem in self.problems:
            hint = f" ({problem.hint})" if problem.hint else ""
            yield f"{self.path}:{problem.place.line}:{problem.place.column}: {problem.message}{hint}"


class Wrong(Exception):  # noqa: N818 - raised and caught while one file is read
    """Something is wrong at one place; reading goes on after it, to find the rest."""

    def __init__(self, node: yaml.Node | Place, message: str, hint: str = "") -> None:
        place = node if isinstance(node, Place) else place_of(node)
        self.problem = Problem(place, message, hint)
        super().__init__(message)


def place_of(node: yaml.Node) -> Place:
    """Tell where a node begins."""
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def read_yaml(path: Path) -> yaml.Node:
    """Read a file into YAML nodes.

    Raises:
        StoryError: it cannot be read, or see :func:`compose`.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoryError(path, [Problem(Place(1, 1), f"cannot be read: {error.strerror}")]) from None
    return compose(content, path)


def compose(content: bytes, path: Path) -> yaml.Node:
    """Read the content of a file into YAML nodes.

    Args:
        content: UTF-8.
        path: what errors call it.

    Raises:
        StoryError: it is no UTF-8, is too large, or is no YAML.
    """
    start = Place(1, 1)
    if len(content) > STORY_BYTES_MAX:
        raise StoryError(path, [Problem(start, f"has {len(content)} bytes; a story has at most {STORY_BYTES_MAX}")])
    try:
        node = _composed(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise StoryError(path, [Problem(start, f"is not UTF-8: {error.reason} at byte {error.start}")]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else start
        message = f"is no YAML: {error.problem or error.context}"
        hint = "quote a text that holds ': ' or begins with one of [ ] { } & * ! | > % @"
        raise StoryError(path, [Problem(place, message, hint)]) from None
    except yaml.reader.ReaderError as error:
        before = content.decode("utf-8")[: error.position]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = f"is no YAML: {error.reason}, found character {error.character:#x}"
        raise StoryError(path, [Problem(place, message)]) from None
    except RecursionError:
        raise StoryError(path, [Problem(start, "is no story: it nests far too deeply")]) from None
    if node is None:
        raise StoryError(path, [Problem(start, "is empty", "a story has title, rules, start, district and story")])
    return node


def _composed(words: str) -> yaml.Node | None:
    """Compose a document, by libyaml where PyYAML has it: that is fifty times as fast.

    What it refuses is read once more in Python, so that the words about it are the same on every machine.
    """
    by_libyaml = getattr(yaml, "CBaseLoader", None)
    if by_libyaml is not None:
        with suppress(yaml.YAMLError):
            return yaml.compose(words, Loader=by_libyaml)
    return yaml.compose(words, Loader=yaml.BaseLoader)


def text(node: yaml.Node, what: str) -> str:
    """Read a text.

    Raises:
        Wrong: it is a list or a mapping, or nothing at all.
    """
    if not isinstance(node, yaml.ScalarNode):
        raise Wrong(node, f"{what}: expected a word or a text, found {kind_of(node)}")
    if not node.value.strip():
        raise Wrong(node, f"{what}: expected a word or a text, found nothing")
    return str(node.value).strip()


def pairs(node: yaml.Node, what: str) -> list[tuple[str, yaml.Node, yaml.Node]]:
    """Read a mapping.

    Returns:
        For each pair the key, the key's node and the value's node, in the order of the file.

    Raises:
        Wrong: it is no mapping, a key is no text, or a key stands twice.
    """
    if isinstance(node, yaml.ScalarNode) and not node.value.strip():
        return []
    if not isinstance(node, yaml.MappingNode):
        raise Wrong(node, f"{what}: expected `word: value` pairs, found {kind_of(node)}")
    found: dict[str, tuple[str, yaml.Node, yaml.Node]] = {}
    for key_node, value_node in node.value:
        key = text(key_node, f"{what}, a key")
        if key in found:
            first = place_of(found[key][1])
            raise Wrong(key_node, f"{what}: {key!r} stands twice", f"first in line {first.line}")
        found[key] = (key, key_node, value_node)
    return list(found.values())


def items(node: yaml.Node, what: str) -> list[yaml.Node]:
    """Read a list; a single word counts as a list of one.

    Raises:
        Wrong: it is a mapping.
    """
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    if isinstance(node, yaml.ScalarNode):
        return [node] if node.value.strip() else []
    raise Wrong(node, f"{what}: expected a list, found {kind_of(node)}")


def words_in(node: yaml.Node) -> Iterator[str]:
    """Give every word and text of a node and of all that it holds."""
    if isinstance(node, yaml.ScalarNode):
        yield str(node.value).strip()
    for part in node.value if isinstance(node, yaml.CollectionNode) else ():
        for inner in part if isinstance(part, tuple) else (part,):
            yield from words_in(inner)


def under(node: yaml.Node, *words: str) -> yaml.Node:
    """Go from a mapping down to what stands under some words, as far as they lead: the place of an error."""
    for word in words:
        found = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for key, value in found if key.value == word), node)
    return node


def kind_of(node: yaml.Node) -> str:
    """Say what a node is, for messages."""
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return f"{node.value!r}" if node.value else "nothing"
