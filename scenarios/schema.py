"""The JSON Schema of a story, made from the same structs that read it, for editors and for programs."""

import types
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from scenarios.binding import Names
from scenarios.cast import Details, Other
from scenarios.expectations import ClassExpectation, CleverExpectation, PersonExpectation, SyncExpectation
from scenarios.moments import FORMS
from scenarios.story import EXPECT, Settings
from scenarios.verbs import VERBS
from simulator.progress import Span
from simulator.rulebook import RULES

Schema = dict[str, Any]

_DURATION: Schema = {"type": "string", "pattern": r"^(\d+(\.\d+)?\s*(s|m|min|h|d|w)\s*)+$"}
_TEXT: Schema = {"type": ["string", "number", "boolean"]}
"""YAML readers of editors take some words for numbers or booleans; the story language takes every word as text."""


def story_schema() -> Schema:
    """Write the schema of a whole story (JSON Schema 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A rostersim story",
        "type": "object",
        "required": ["title", "rules", "start", "district", "story"],
        "additionalProperties": False,
        "properties": {
            "title": {"type": "string"},
            "about": {"type": "string"},
            "rules": {
                "anyOf": [{"enum": list(RULES)}, {"type": "array", "items": {"enum": list(RULES)}, "minItems": 1}]
            },
            "start": {"type": "string", "description": FORMS},
            "settings": _struct(Settings),
            "district": {
                "type": "object",
                "propertyNames": {"pattern": r"^\d{2}[A-Z]\d{3}$"},
                "additionalProperties": _school(),
            },
            "people": {"type": "object", "additionalProperties": _struct(Details)},
            "others": {"type": "object", "additionalProperties": _struct(Other)},
            "story": {"type": "array", "minItems": 1, "items": _scene()},
        },
    }


def _school() -> Schema:
    names = {"type": "array", "items": _TEXT}
    section = {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {"teacher": _TEXT, "co-teachers": _one_or_more(_TEXT), "students": _one_or_more(_TEXT)},
    }
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            "name": _TEXT,
            "schedule": {"enum": ["finalized", "draft"]},
            "shared": {"enum": ["yes", "no", True, False]},
            "teachers": names,
            "students": names,
            "sections": {"type": "object", "additionalProperties": section},
        },
    }


def _scene() -> Schema:
    step = {"anyOf": [*_steps(), _expectations()]}
    return {
        "type": "object",
        "description": f"When: {FORMS}",
        "minProperties": 1,
        "additionalProperties": {"anyOf": [step, {"type": "array", "items": step}]},
    }


def _steps() -> list[Schema]:
    steps = []
    for system, verbs in VERBS.items():
        for words, step in verbs.items():
            schema = _struct(step)
            schema["properties"] = {system: {"const": words}, **schema["properties"]}
            schema["required"] = [system, *schema.get("required", [])]
            steps.append(schema)
    return steps


def _expectations() -> Schema:
    subjects = [_struct(kind) for kind in (PersonExpectation, ClassExpectation, SyncExpectation, CleverExpectation)]
    expected = {"type": "object", "minProperties": 1, "additionalProperties": {"anyOf": subjects}}
    return {
        "type": "object",
        "required": [EXPECT],
        "additionalProperties": False,
        "properties": {EXPECT: expected},
    }


def _struct(struct: type[msgspec.Struct]) -> Schema:
    fields = msgspec.structs.fields(struct)
    schema: Schema = {
        "type": "object",
        "description": (struct.__doc__ or "").splitlines()[0],
        "additionalProperties": False,
        "properties": {field.encode_name: _value(field.type) for field in fields},
    }
    required = [field.encode_name for field in fields if field.required]
    return schema | ({"required": required} if required else {})


def _value(kind: Any) -> Schema:  # noqa: ANN401 - a field of any type
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        mark = arguments[1]
        if isinstance(mark, Names):
            return _TEXT
        return _number(mark.ge or 0, mark.le)
    if origin in (Union, types.UnionType):
        return _value(next(part for part in arguments if part is not type(None)))
    if origin is tuple:
        return _one_or_more(_value(arguments[0]))
    if origin is dict:
        return {"type": "object", "additionalProperties": _value(arguments[1])}
    if origin is Literal:
        return {"enum": list(arguments)}
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(kind)
    plain: dict[Any, Schema] = {
        bool: {"enum": ["yes", "no", "on", "off", "true", "false", True, False]},
        int: _number(0, None),
        timedelta: _DURATION,
        date: {"type": "string", "format": "date"},
        time: {"type": "string", "pattern": r"^\d{1,2}:\d{2}$"},
        Span: {"type": ["string", "integer"], "pattern": r"^(all|first( \d+)?|\d+( ?(-|to) ?\d+)?)$"},
    }
    return plain.get(kind, _TEXT)


def _number(least: float, most: float | None) -> Schema:
    bounds = {"minimum": least} | ({} if most is None else {"maximum": most})
    return {"anyOf": [{"type": "integer", **bounds}, {"type": "string", "pattern": r"^[0-9]{1,9}$"}]}


def _one_or_more(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "array", "items": schema}]}
