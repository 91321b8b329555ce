"""A body that could break no pattern is read without looking at each text; every other is looked at."""

from typing import Annotated

import msgspec
import pytest

from fakes.otus.records import AccountWrites, ClassWrites, NewAccount
from fakes.shared.texts import VISIBLE, many_visible, may_hide_a_control, strict

CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]


class Leaf(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, many_visible(max_length=5)]
    more: tuple[Annotated[str, many_visible()], ...] | msgspec.UnsetType | None = msgspec.UNSET


class Tree(msgspec.Struct):
    leaves: Annotated[list[Leaf], msgspec.Meta(max_length=2)] = []


def test_every_control_character_makes_a_body_suspicious_and_the_strict_type_refuses_it() -> None:
    checker = msgspec.json.Decoder(strict(Tree))
    for control in CONTROLS:
        for field in ({"name": f"a{control}"}, {"name": "a", "more": [f"{control}b"]}):
            body = msgspec.json.encode({"leaves": [field]})
            assert may_hide_a_control(body)
            with pytest.raises(msgspec.ValidationError, match="matching regex"):
                checker.decode(body)


def test_a_control_character_that_is_not_escaped_is_no_json_or_suspicious() -> None:
    for control in CONTROLS:
        body = b'{"leaves":[{"name":"a' + control.encode() + b'"}]}'
        if not may_hide_a_control(body):
            with pytest.raises(msgspec.DecodeError):
                msgspec.json.decode(body, type=Tree)


@pytest.mark.parametrize("name", ["Mei", "José", "Zoë", "李", "", "a b"])
def test_names_of_people_are_not_suspicious(name: str) -> None:
    assert not may_hide_a_control(msgspec.json.encode({"leaves": [{"name": name}]}))


def test_the_strict_type_keeps_every_other_limit_and_default() -> None:
    checker = msgspec.json.Decoder(strict(Tree))
    assert msgspec.to_builtins(checker.decode(b'{"leaves":[{"name":"\\u00b0"},{"name":"","more":null}]}')) == {
        "leaves": [{"name": "°"}, {"name": "", "more": None}]
    }
    assert checker.decode(b"{}").leaves == []
    for wrong in (b'{"leaves":[{"name":"abcdef"}]}', b'{"leaves":[{"name":"a","x":1}]}', b'{"leaves":[{}]}'):
        with pytest.raises(msgspec.ValidationError):
            checker.decode(wrong)


def test_a_type_without_such_texts_stays_itself() -> None:
    assert strict(NewAccount) is NewAccount
    assert strict(list[int]) == list[int]


@pytest.mark.parametrize("kind", [AccountWrites, ClassWrites])
def test_the_documents_tell_of_the_pattern_as_before(kind: type[msgspec.Struct]) -> None:
    told, held = (msgspec.json.encode(msgspec.json.schema_components([one])) for one in (kind, strict(kind)))
    assert told == held
    assert msgspec.json.encode(VISIBLE) in told
