"""Texts without control characters, and how a body with a million of them is read.

A pattern costs a call of Python's ``re`` for every text, some 0.4 µs, which is most of what reading a bulk write takes.
JSON lets no control character into a text but by an escape, by the byte of DEL, or by two bytes that begin with 0xC2.
A body that has none of the three keeps every such pattern, so only others are read by it.
"""

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

VISIBLE = r"^[^\x00-\x1f\x7f-\x9f]*(?!\n)$"
"""Nothing that a form would not let in: no line end, no NUL."""

_PATTERN = "pattern"


def many_visible(min_length: int | None = None, max_length: int | None = None) -> msgspec.Meta:
    """Mark a text as :data:`VISIBLE` for bodies that bring many: only :func:`strict` holds it against the pattern.

    Args:
        min_length: in letters.
        max_length: likewise.
    """
    return msgspec.Meta(min_length=min_length, max_length=max_length, extra_json_schema={_PATTERN: VISIBLE})


def may_hide_a_control(body: bytes) -> bool:
    """Tell whether a text in a JSON body may have a control character."""
    return b"\\" in body or b"\x7f" in body or b"\xc2" in body


def strict(kind: Any) -> Any:  # noqa: ANN401 - an annotation
    """Give a type like another, whose texts are held against the patterns that :func:`many_visible` only tells of.

    Args:
        kind: an annotation: structs, lists, tuples, unions and what they are made of.

    Returns:
        The very same where there is no such text.
    """
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _strict_struct(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        inside, *metas = arguments
        told = [meta.extra_json_schema for meta in metas if isinstance(meta, msgspec.Meta)]
        patterns = [msgspec.Meta(pattern=schema[_PATTERN]) for schema in told if schema and _PATTERN in schema]
        return Annotated[(strict(inside), *metas, *patterns)] if patterns or strict(inside) != inside else kind
    stricter = tuple(argument if argument is ... else strict(argument) for argument in arguments)
    return kind if stricter == arguments else _rebuilt(origin, stricter)


def _strict_struct(kind: type[msgspec.Struct]) -> type[msgspec.Struct]:
    fields = msgspec.structs.fields(kind)
    types = [strict(field.type) for field in fields]
    if types == [field.type for field in fields]:
        return kind
    return msgspec.defstruct(
        kind.__name__,
        [_field(field, of) for field, of in zip(fields, types, strict=True)],
        namespace={"__doc__": kind.__doc__},
        forbid_unknown_fields=kind.__struct_config__.forbid_unknown_fields,
    )


def _field(field: msgspec.structs.FieldInfo, of: Any) -> tuple[str, Any] | tuple[str, Any, Any]:  # noqa: ANN401
    if field.default_factory is not msgspec.NODEFAULT:
        return field.name, of, msgspec.field(default_factory=field.default_factory)
    return (field.name, of) if field.required else (field.name, of, field.default)


def _rebuilt(origin: Any, arguments: tuple[Any, ...]) -> Any:  # noqa: ANN401 - annotations
    return Union[arguments] if origin in (Union, UnionType) else origin[arguments]  # noqa: UP007 - of many at run time
