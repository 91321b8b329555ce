"""Compares a record with the struct that the reference gives it: what is missing, what is of another type, what drifts.

Real data has words outside the published lists and fields that nobody published, and clients must live with both: such
drift is told and tolerated. A field that is missing, or of another type, is a difference.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec
from msgspec import inspect

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

TYPE_WORDS = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number"}


class Finding(NamedTuple):
    """Something that is other than the struct says."""

    severity: Literal["drift", "difference"]
    where: str
    """The path of the field: ``roles.student.dob``."""
    came: str
    expected: str


def compare(value: Json, struct: type[msgspec.Struct]) -> list[Finding]:
    """Compare a record with its struct.

    Args:
        value: the record, as JSON has it.
        struct: what it should be.
    """
    return list(_findings(value, inspect.type_info(struct), ""))


def _findings(value: Json, kind: inspect.Type, where: str) -> Iterator[Finding]:
    match kind:
        case inspect.Metadata(type=inner):
            yield from _findings(value, inner, where)
        case inspect.UnionType(types=types):
            yield from _one_of(value, types, where)
        case inspect.StructType() if isinstance(value, dict):
            yield from _fields(value, kind, where)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item) if isinstance(value, list):
            for each in value:
                yield from _findings(each, item, f"{where}[]")
        case inspect.LiteralType(values=words) if isinstance(value, str):
            if value not in words:
                yield Finding("drift", where, repr(value), f"one of {', '.join(map(repr, words))}")
        case inspect.StrType() if isinstance(value, str):
            return
        case inspect.DictType() if isinstance(value, dict):
            return
        case _:
            yield Finding("difference", where, _in_words(value), _type_in_words(kind))


def _one_of(value: Json, kinds: tuple[inspect.Type, ...], where: str) -> Iterator[Finding]:
    """Compare with the one type that is not ``None``: the records have no other unions."""
    if value is None and any(isinstance(kind, inspect.NoneType) for kind in kinds):
        return
    for kind in kinds:
        if not isinstance(kind, inspect.NoneType):
            yield from _findings(value, kind, where)


def _fields(value: dict[str, Json], struct: inspect.StructType, where: str) -> Iterator[Finding]:
    prefix = f"{where}." if where else ""
    for field in struct.fields:
        if field.encode_name in value:
            yield from _findings(value[field.encode_name], field.type, prefix + field.encode_name)
        elif field.required:
            yield Finding("difference", prefix + field.encode_name, "nothing", _type_in_words(field.type))
    for name in sorted(value.keys() - {field.encode_name for field in struct.fields}):
        yield Finding("drift", prefix + name, "a field that the reference does not have", "no such field")


def _in_words(value: Json) -> str:
    return "null" if value is None else TYPE_WORDS[type(value)]


def _type_in_words(kind: inspect.Type) -> str:
    match kind:
        case inspect.UnionType(types=types):
            return " or ".join(_type_in_words(each) for each in types)
        case inspect.StructType() | inspect.DictType():
            return "an object"
        case inspect.VarTupleType() | inspect.ListType():
            return "a list"
        case inspect.NoneType():
            return "null"
    return "a string"
