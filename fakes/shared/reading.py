"""Reading a request: path, query, headers and body, each against its struct, and nothing that is not asked for.

Whatever cannot be read is refused with a message that says where it stands, before any rule is asked.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin
from urllib.parse import unquote_to_bytes

import msgspec
from flask import request

from fakes.shared.operations import JSON_LINES, Line, Lines, Operation
from fakes.shared.refusals import BadRequest, NotFound, Unprocessable, WrongContentType
from fakes.shared.texts import may_hide_a_control, strict

UTF_8 = ("utf-8", "utf8")
QUERIES_KEPT = 64
"""How many queries of an operation are kept as read: a sync asks the same ones night by night."""


class Reader:
    """Reads the requests of one operation.

    Args:
        operation: as declared.
        common: structs of headers that every operation of this method takes; they are only checked here.
    """

    def __init__(self, operation: Operation, common: tuple[type[msgspec.Struct], ...] = ()) -> None:
        self._operation = operation
        self._common = [(headers, _names(headers)) for headers in common]
        self._header_names = () if operation.headers is None else _names(operation.headers)
        self._decoder = None if operation.body is None else msgspec.json.Decoder(operation.body)
        checked = None if operation.body is None else strict(operation.body)
        self._checker = None if checked is operation.body else msgspec.json.Decoder(checked)
        self._whole_numbers = _whole_numbers(operation.query)
        self._given_types = _given_types(operation.query)
        self._query_of = lru_cache(QUERIES_KEPT)(self._read_query)

    def arguments(self, path_parts: Mapping[str, str]) -> dict[str, Any]:
        """Read the present request into the arguments of the route.

        Args:
            path_parts: the variables of the path.

        Raises:
            BadRequest: query, headers or body cannot be read.
            NotFound: a part of the path is not of the form of an id.
            WrongContentType: the body is of another type or charset.
            Unprocessable: the body can be read, and is not what its struct says.
        """
        arguments: dict[str, Any] = {
            name: _read_path_part(value, self._operation.path_types.get(name)) for name, value in path_parts.items()
        }
        query = self._query_of(request.query_string)
        if query is not None:
            arguments["query"] = query
        for headers, names in self._common:
            _read_headers(headers, names)
        if self._operation.headers is not None:
            arguments["headers"] = _read_headers(self._operation.headers, self._header_names)
        if self._decoder is not None:
            arguments["body"] = self._read_body(self._decoder)
        return arguments

    def _read_query(self, query_string: bytes) -> msgspec.Struct | None:
        given = _query_parameters(query_string)
        if self._operation.query is None:
            if given:
                raise BadRequest(f"query: {_shown(next(iter(given)))} is unknown; this takes no parameters")
            return None
        for name in self._whole_numbers & given.keys():
            # Python would read 1e3, 1.0 and +1 as whole numbers too.
            if not given[name].removeprefix("-").isascii() or not given[name].removeprefix("-").isdecimal():
                raise BadRequest(f"query: {name} is {_shown(given[name])}, no whole number")
        try:
            read: msgspec.Struct = msgspec.convert(given, self._operation.query, strict=False)
            # msgspec reads the text null as nothing, and here it is a text like any other.
            nulls = {
                name: value for name, value in given.items() if value.lower() == "null" and name in self._given_types
            }
            texts = {name: msgspec.convert(value, self._given_types[name]) for name, value in nulls.items()}
            read = msgspec.structs.replace(read, **texts)
        except msgspec.ValidationError as error:
            raise BadRequest(f"query: {error}") from None
        return read

    def _read_body(self, decoder: "msgspec.json.Decoder[Any]") -> Any:  # noqa: ANN401 - whatever the route declares
        _require_type(self._operation.body_type)
        body = request.get_data()
        if self._operation.body_type == JSON_LINES:
            lines = enumerate(body.split(b"\n"), start=1)
            return Lines(tuple(_read_line(number, line, decoder) for number, line in lines if line.strip()))
        if self._checker is not None and may_hide_a_control(body):
            _decode(body, self._checker)
        return _decode(body, decoder)


def _query_parameters(query_string: bytes) -> dict[str, str]:
    if not query_string:
        return {}
    try:
        unquote_to_bytes(query_string.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise BadRequest("query: this is not UTF-8") from None
    given: dict[str, str] = {}
    for name, values in request.args.lists():
        if len(values) > 1:
            raise BadRequest(f"query: {_shown(name)} is given {len(values)} times; give it once")
        given[name] = values[0]
    return given


def _whole_numbers(query: type[msgspec.Struct] | None) -> frozenset[str]:
    """Name the parameters of a query that are whole numbers."""
    if query is None:
        return frozenset()
    properties = msgspec.json.schema_components([query])[1][query.__name__].get("properties", {})
    return frozenset(name for name, part in properties.items() if _is_integer(part))


def _given_types(query: type[msgspec.Struct] | None) -> dict[str, Any]:
    """Give for each parameter of a query its type when it is given: without what stands for leaving it out."""
    if query is None:
        return {}
    return {field.encode_name: _given_type(field.type) for field in msgspec.structs.fields(query)}


def _given_type(kind: Any) -> Any:  # noqa: ANN401 - an annotation
    choices = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    return Union[tuple(choice for choice in choices if choice not in (NoneType, msgspec.UnsetType))]  # noqa: UP007


def _is_integer(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "integer" or any(map(_is_integer, schema.get("anyOf", ())))


def _read_path_part(value: str, form: Any) -> str:  # noqa: ANN401 - an annotation
    if form is not None:
        try:
            msgspec.convert(value, form)
        except msgspec.ValidationError as error:
            raise NotFound(f"there is no {_shown(value)} here: {error}") from None
    return value


def _names(headers: type[msgspec.Struct]) -> tuple[str, ...]:
    """Name the headers of a struct: finding them out takes longer than reading them."""
    return tuple(field.encode_name for field in msgspec.structs.fields(headers))


def _read_headers(headers: type[msgspec.Struct], names: tuple[str, ...]) -> msgspec.Struct:
    given = {name: request.headers[name] for name in names if name in request.headers}
    try:
        return msgspec.convert(given, headers)
    except msgspec.ValidationError as error:
        raise BadRequest(f"headers: {error}") from None


def _require_type(wanted: str) -> None:
    if request.mimetype != wanted:
        raise WrongContentType(
            f"the body is {_shown(request.mimetype) if request.mimetype else 'of no type'}; send {wanted}"
        )
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in UTF_8:
        raise WrongContentType(f"the body is in {_shown(charset)}; send it in utf-8")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WrongContentType("the body is compressed; send it as it is, without Content-Encoding")


def _decode(body: bytes, decoder: "msgspec.json.Decoder[Any]") -> Any:  # noqa: ANN401 - whatever the route declares
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise Unprocessable(f"body: {error}", code="invalid_body") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise BadRequest("the body is nested too deeply to be read") from None


def _read_line(number: int, line: bytes, decoder: "msgspec.json.Decoder[Any]") -> Line[Any]:
    try:
        return Line(number, _decode(line, decoder))
    except (BadRequest, Unprocessable) as refusal:
        return Line(number, None, refusal.message)


def _shown(text: str) -> str:
    """Show something that was sent, cut where it is long: a message is for a person."""
    return repr(text if len(text) <= 80 else text[:79] + "…")
