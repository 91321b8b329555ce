"""From the words of a mapping to a struct: each field says what stands there, and so does the JSON Schema."""

import re
import types
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

import msgspec
import yaml

from scenarios.located import Wrong, items, nearest, pairs, text
from scenarios.moments import read_duration, read_span, read_wall_time
from simulator.progress import Span

NameKind = Literal["person", "student", "teacher", "anyone", "section", "class", "school", "new"]
"""What a name must name. ``person``: somebody in ATS · ``anyone``: somebody with an account, admins too ·
``section``: one of ATS · ``class``: a section, or a class made by hand · ``new``: nobody and nothing yet."""

_NUMBER = re.compile(r"[0-9]{1,9}")

BY_HAND = "by hand"
"""The kind of a name of somebody added in Otus whom nobody else knows yet; ATS may get to know them later (H5)."""

S = TypeVar("S", bound=msgspec.Struct)


class Names(NamedTuple):
    """Marks a text that must name somebody or something of the story."""

    kind: NameKind


PersonName = Annotated[str, Names("person")]
StudentName = Annotated[str, Names("student")]
TeacherName = Annotated[str, Names("teacher")]
AnyoneName = Annotated[str, Names("anyone")]
SectionName = Annotated[str, Names("section")]
ClassName = Annotated[str, Names("class")]
SchoolName = Annotated[str, Names("school")]
NewName = Annotated[str, Names("new")]

CheckName = Callable[[yaml.Node, str, NameKind], None]
"""Raises :class:`~scenarios.located.Wrong` when a name names nothing of its kind."""


class Binder:
    """Binds nodes to structs.

    Args:
        check_name: judges the names; the story knows who there is.
    """

    def __init__(self, check_name: CheckName) -> None:
        self._check_name = check_name

    def bind(self, node: yaml.Node, struct: type[S], what: str, skip: frozenset[str] = frozenset()) -> S:
        """Read a mapping into a struct.

        Args:
            node: the mapping.
            struct: its fields' names on the wire are the words of the language.
            what: the mapping in words, for messages.
            skip: keys that have been read already.

        Raises:
            Wrong: an unknown or missing word, or a value that does not fit.
        """
        fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
        values: dict[str, Any] = {}
        for key, key_node, value_node in pairs(node, what):
            if key in skip:
                continue
            if key not in fields:
                raise Wrong(key_node, f"{what}: unknown word {key!r}", nearest(key, fields))
            values[fields[key].name] = self.value(value_node, fields[key].type, f"{what}, {key}")
        missing = [word for word, field in fields.items() if field.required and field.name not in values]
        if missing:
            raise Wrong(node, f"{what}: {missing[0]!r} is missing")
        return struct(**values)

    def value(self, node: yaml.Node, kind: Any, what: str) -> Any:  # noqa: ANN401 - the field's own type
        """Read one value of a field's type."""
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is Annotated:
            mark = arguments[1]
            if isinstance(mark, Names):
                return self._name(node, mark, what)
            return _within(node, self.value(node, arguments[0], what), mark, what)
        if origin in (Union, types.UnionType):
            return self.value(node, next(part for part in arguments if part is not type(None)), what)
        if origin is tuple:
            return tuple(self.value(item, arguments[0], what) for item in items(node, what))
        if origin is dict:
            return self._mapping(node, arguments, what)
        if origin is Literal:
            return self._choice(node, arguments, what)
        return self._plain(node, kind, what)

    def _name(self, node: yaml.Node, names: Names, what: str) -> str:
        name = text(node, what)
        self._check_name(node, name, names.kind)
        return name

    def _mapping(self, node: yaml.Node, arguments: tuple[Any, ...], what: str) -> dict[str, Any]:
        found = pairs(node, what)
        return {
            self.value(key_node, arguments[0], what): self.value(value_node, arguments[1], f"{what}, {key}")
            for key, key_node, value_node in found
        }

    def _choice(self, node: yaml.Node, words: tuple[str, ...], what: str) -> str:
        word = text(node, what)
        if word not in words:
            raise Wrong(node, f"{what}: {word!r} is not one of its words", nearest(word, words))
        return word

    def _plain(self, node: yaml.Node, kind: Any, what: str) -> Any:  # noqa: ANN401 - the field's own type
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self.bind(node, kind, what)
        word = text(node, what)
        if kind is bool:
            return self._yes_or_no(node, word, what)
        if kind is int:
            if not _NUMBER.fullmatch(word):
                raise Wrong(node, f"{what}: expected a whole number, found {word!r}")
            return int(word)
        if kind is timedelta:
            return read_duration(node, word)
        if kind is time:
            return read_wall_time(node, word)
        if kind is date:
            return _day(node, word, what)
        if kind is Span:
            return read_span(node, word)
        return word

    def _yes_or_no(self, node: yaml.Node, word: str, what: str) -> bool:
        meaning = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
        if word.lower() not in meaning:
            raise Wrong(node, f"{what}: expected yes or no, found {word!r}")
        return meaning[word.lower()]


def _day(node: yaml.Node, word: str, what: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise Wrong(node, f"{what}: {word!r} is no day", "write it as 2027-06-26") from None


def _within(node: yaml.Node, number: int, bounds: msgspec.Meta, what: str) -> int:
    least, most = bounds.ge or 0, bounds.le
    if number < least or (most is not None and number > most):
        expected = f"{least} or more" if most is None else f"{least} to {most}"
        raise Wrong(node, f"{what}: expected {expected}, found {number}")
    return number
