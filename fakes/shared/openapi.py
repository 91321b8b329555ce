"""The OpenAPI 3.1 document of a fake, written from its routes' own structs."""

import inspect
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from fakes.shared.refusals import BadRequest, Refusal, Unauthorized, Unprocessable, WrongContentType

if TYPE_CHECKING:
    from fakes.shared.api import Api, Operation

JSON = "application/json"
SCHEMAS = "#/components/schemas/{name}"


class Contact(NamedTuple):
    """Who speaks for an API."""

    name: str


def openapi_document(api: "Api[Any]") -> dict[str, Any]:
    """Write the document: every path, its parameters, bodies, answers and refusals.

    Args:
        api: the routes; the schemas come from their structs, so wire and document cannot part.
    """
    problem = api.problem(BadRequest("an example"))
    types = [type(problem)]
    for operation in api.operations:
        types += [kind for kind in (operation.answer, operation.body) if kind not in (None, type(None))]
    schemas, components = msgspec.json.schema_components(types, ref_template=SCHEMAS)
    schema_of = dict(zip(map(repr, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in api.operations:
        entry = _operation(operation, schema_of, schema_of[repr(type(problem))])
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
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: "Operation", schema_of: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    summary, _, description = (inspect.getdoc(operation.function) or "").partition("\n")
    entry: dict[str, Any] = {
        "operationId": operation.function.__name__,
        "summary": summary.strip(),
        "parameters": [*_path_parameters(operation.path), *_query_parameters(operation.query)],
        "responses": _responses(operation, schema_of, problem),
    }
    if description.strip():
        entry["description"] = description.strip()
    if operation.tag:
        entry["tags"] = [operation.tag]
    if operation.body is not None:
        content = {JSON: {"schema": schema_of[repr(operation.body)]}}
        entry["requestBody"] = {"required": True, "content": content}
    return entry


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _query_parameters(query: type[msgspec.Struct] | None) -> list[dict[str, Any]]:
    if query is None:
        return []
    _, components = msgspec.json.schema_components([query], ref_template=SCHEMAS)
    schema = components[query.__name__]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": part}
        for name, part in schema["properties"].items()
    ]


def _responses(operation: "Operation", schema_of: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if operation.answer not in (None, type(None)):
        good["content"] = {JSON: {"schema": schema_of[repr(operation.answer)]}}
    responses = {str(operation.status): good}
    general: tuple[type[Refusal], ...] = (BadRequest, Unauthorized)
    if operation.body is not None:
        general += (Unprocessable, WrongContentType)
    for refusal in sorted({*general, *operation.refusals}, key=lambda kind: kind.status):
        responses[str(refusal.status)] = {
            "description": (inspect.getdoc(refusal) or "").splitlines()[0],
            "content": {JSON: {"schema": problem}},
        }
    return responses
