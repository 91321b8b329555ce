"""The OpenAPI 3.1 document of a fake, written from its routes' own structs."""

import inspect
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from fakes.shared.operations import JSON_LINES, Operation
from fakes.shared.prose import plain
from fakes.shared.refusals import (
    BadRequest,
    Refusal,
    TooLarge,
    Unauthorized,
    Unprocessable,
    WrongContentType,
)

if TYPE_CHECKING:
    from fakes.shared.api import Api

SCHEMAS = "#/components/schemas/{name}"
HEADERS = "#/components/headers/{name}"
ALWAYS: tuple[type[Refusal], ...] = (BadRequest, Unauthorized)
"""What any route may refuse with."""
OF_A_BODY: tuple[type[Refusal], ...] = (TooLarge, WrongContentType, Unprocessable)
"""What any route that reads a body may refuse with besides."""

Schema = dict[str, Any]


class Contact(NamedTuple):
    """Who speaks for an API."""

    name: str


class _Schemas:
    """The schemas of all structs on a wire: those of its bodies as references, those of its parameters spelt out."""

    def __init__(self, api: "Api[Any]", problem: type[msgspec.Struct]) -> None:
        named: list[Any] = [problem]
        for operation in api.operations:
            named += [kind for kind in (operation.answer, operation.body) if kind not in (None, type(None))]
        schemas, components = msgspec.json.schema_components(named, ref_template=SCHEMAS)
        self._of = dict(zip(map(repr, named), schemas, strict=True))
        self.components: dict[str, Schema] = {name: _described(schema) for name, schema in components.items()}
        self.problem = self._of[repr(problem)]

    def of(self, kind: Any) -> Schema:  # noqa: ANN401 - an annotation
        """Refer to the schema of a struct, or spell out the schema of what is none."""
        return self._of[repr(kind)]


def openapi_document(api: "Api[Any]") -> dict[str, Any]:
    """Write the document: every path, its parameters, bodies, answers and refusals.

    Args:
        api: the routes; the schemas come from their structs, so wire and document cannot part.

    Raises:
        ValueError: two operations have one name.
    """
    schemas = _Schemas(api, type(api.problem(BadRequest("an example"))))
    paths: dict[str, dict[str, Any]] = {}
    names: set[str] = set()
    for operation in api.operations:
        entry = _operation(api, operation, schemas)
        if entry["operationId"] in names:
            raise ValueError(f"two operations of {api.title} are called {entry['operationId']}")
        names.add(entry["operationId"])
        paths.setdefault(operation.path, {})[operation.method.lower()] = entry
    return {
        "openapi": "3.1.0",
        "info": {
            "title": api.title,
            "version": "1",
            "description": api.description,
            "contact": {"name": api.contact.name},
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": _tags(api),
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "headers": _answer_headers(api),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _tags(api: "Api[Any]") -> list[dict[str, str]]:
    used = dict.fromkeys(operation.tag for operation in api.operations if operation.tag)
    return [{"name": tag, "description": api.tags.get(tag, f"{api.title}: {tag}.")} for tag in used]


def _operation(api: "Api[Any]", operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    summary, _, description = (inspect.getdoc(operation.function) or "").partition("\n")
    common = api.headers_of(operation.method)
    own = () if operation.headers is None else (operation.headers,)
    entry: dict[str, Any] = {
        "operationId": operation.function.__name__,
        "summary": plain(summary),
        "parameters": [
            *_path_parameters(operation),
            *_parameters("query", () if operation.query is None else (operation.query,)),
            *_parameters("header", (*common, *own)),
        ],
        "responses": _responses(api, operation, schemas),
    }
    may = f"May: {api.who_may(operation.deed)}." if api.who_may and operation.deed else ""
    prose = "\n\n".join(part for part in (plain(description), may) if part)
    if prose:
        entry["description"] = prose
    if operation.tag:
        entry["tags"] = [operation.tag]
    if operation.body is not None:
        content = {operation.body_type: {"schema": _content(operation.body_type, operation.body, schemas)}}
        entry["requestBody"] = {"required": True, "content": content}
    return entry


def _path_parameters(operation: Operation) -> list[Schema]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _spelt_out(operation.path_types.get(name, str))}
        for name in re.findall(r"\{(\w+)\}", operation.path)
    ]


def _spelt_out(kind: Any) -> Schema:  # noqa: ANN401 - an annotation
    schema = msgspec.json.schema(kind)
    return schema if schema != {"type": "string"} else {"type": "string", "minLength": 1}


def _parameters(place: str, structs: Iterable[type[msgspec.Struct]]) -> list[Schema]:
    return [parameter for struct in structs for parameter in _parameters_of(place, struct)]


def _parameters_of(place: str, struct: type[msgspec.Struct]) -> list[Schema]:
    _, components = msgspec.json.schema_components([struct], ref_template=SCHEMAS)
    schema = components[struct.__name__]
    required = schema.get("required", [])
    parameters = []
    for name, field in schema.get("properties", {}).items():
        part = _without_null(field)
        parameter: Schema = {"name": name, "in": place, "required": name in required, "schema": part}
        if "description" in part:
            parameter["description"] = plain(part.pop("description"))
        parameters.append(parameter)
    return parameters


def _without_null(schema: Schema) -> Schema:
    """Leave out that a parameter may be null: in an address or a header it is left out instead."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if not choices:
        return {key: value for key, value in schema.items() if (key, value) != ("default", None)}
    rest = {key: value for key, value in schema.items() if key != "anyOf" and (key, value) != ("default", None)}
    return {**choices[0], **rest} if len(choices) == 1 else {"anyOf": choices, **rest}


def _content(content_type: str, kind: Any, schemas: _Schemas) -> Schema:  # noqa: ANN401 - an annotation
    if content_type == JSON_LINES:
        # OpenAPI 3.1 has no word for what a line is, so an extension names its schema.
        line = schemas.of(kind)
        return {"description": "One JSON document a line", "x-line": line}
    return schemas.of(kind)


def _responses(api: "Api[Any]", operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    headers = {name: {"$ref": HEADERS.format(name=name)} for name in ("Date", *api.answer_headers)}
    good: Schema = {"description": HTTPStatus(operation.status).phrase, "headers": dict(headers)}
    if operation.tagged:
        good["headers"]["ETag"] = {"$ref": HEADERS.format(name="ETag")}
    if operation.answer not in (None, type(None)):
        schema = _content(operation.answer_type, operation.answer, schemas)
        good["content"] = {operation.answer_type: {"schema": schema}}
    responses = {str(operation.status): good}
    possible = {*ALWAYS, *api.refusals, *operation.refusals, *(OF_A_BODY if operation.body is not None else ())}
    for status in sorted({refusal.status for refusal in possible}):
        kinds = sorted((kind for kind in possible if kind.status == status), key=lambda kind: kind.__name__)
        refused: Schema = {"description": " ".join(map(_first_line, kinds)), "headers": headers}
        if not all(kind.bodiless for kind in kinds):
            refused["content"] = {"application/json": {"schema": schemas.problem}}
        responses[str(status)] = refused
    return responses


def _answer_headers(api: "Api[Any]") -> dict[str, Schema]:
    text = {"type": "string"}
    headers: dict[str, Schema] = {
        "Date": {"description": "The moment of the answer, by the clock of the simulation", "schema": text}
    }
    for name, meaning in api.answer_headers.items():
        headers[name] = {"description": meaning, "schema": text}
    if any(operation.tagged for operation in api.operations):
        headers["ETag"] = {"description": "The version that the record is at, for If-Match", "schema": text}
    return headers


def _first_line(refusal: type[Refusal]) -> str:
    return plain((inspect.getdoc(refusal) or "").partition("\n")[0])


def _described(schema: Schema) -> Schema:
    """Turn a docstring's markup into Markdown, and let a tag be left out, as whoever reads one struct does."""
    tags = [name for name, part in schema.get("properties", {}).items() if _is_tag(part)]
    described = dict(schema)
    if "description" in schema:
        described["description"] = plain(schema["description"])
    if "required" in schema:
        described["required"] = [name for name in schema["required"] if name not in tags]
    return described


def _is_tag(schema: Schema) -> bool:
    return len(schema.get("enum", ())) == 1 and "default" not in schema
