"""Schemathesis over all three fakes: no status, header or body that the OpenAPI document does not promise.

Every operation is asked with bounded, derandomized examples, good and bad ones, and every check of Schemathesis
looks at the answers.
"""

import functools
import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from _pytest.mark import ParameterSet
from schemathesis import BaseSchema
from schemathesis.checks import load_all_checks
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.python._constants.orchestrator import make_constants_value_source

from tests.fakes.conftest import PROPERTY
from tests.fakes.shared.worlds import SYSTEMS, Served, served

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

EXAMPLES = 10
"""For each operation, beside those that cover each boundary of its schema once."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The keys of an OpenAPI path that are operations."""

SETTINGS = f"""
seed = 7

[auth.openapi.bearer]
bearer = "TOKEN"

[generation]
max-examples = {EXAMPLES}
deterministic = true
database = "none"

[phases.coverage]
generate-duplicate-query-parameters = true

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", RULES]

[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "429"]
"""


class Stage:
    """Stands where an application is wanted; what answers is the fake of the present test."""

    def __init__(self) -> None:
        self.system: Served | None = None
        self.requests = 0

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        assert self.system is not None, "no fake is served"
        self.requests += 1
        return self.system.application(environ, start_response)


STAGE = Stage()


REFUSED_BY_RULES = {
    "ats": '"412", "413", "422"',
    "otus": '"422"',
    "clever": '"400", "413"',
}
"""How each refuses what its schema allows and a rule does not: another version of the record, a third co-teacher
(F2), two cursors at once."""


@functools.cache
def documented(name: str) -> tuple[dict[str, Any], str]:
    """Give the OpenAPI document of a fake, and a token that may ask it everything."""
    with served(name) as system:
        document = system.application.test_client().get("/openapi.json").get_json()
        return document, system.headers["Authorization"].removeprefix("Bearer ")


@functools.cache
def schema_of(name: str) -> BaseSchema:
    document, token = documented(name)
    settings = SETTINGS.replace("TOKEN", token).replace("RULES", REFUSED_BY_RULES[name])
    schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_str(settings))
    schema.app = STAGE
    load_all_checks()
    return schema


def operations() -> list[ParameterSet]:
    """Name every operation of every fake.

    They are only named: ``schema.parametrize()`` would draw all requests while tests are collected, which takes
    seconds, and every worker collects all tests.
    """
    return [
        pytest.param(name, method.upper(), path, id=f"{name} {method.upper()} {path}")
        for name in SYSTEMS
        for path, item in documented(name)[0]["paths"].items()
        for method in item
        if method in METHODS
    ]


@schemathesis.serializer("application/x-ndjson")
def send_lines(_context: schemathesis.SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def is_as_documented(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate()


@pytest.mark.parametrize(("name", "method", "path"), operations())
def test_every_answer_is_as_documented(
    name: str, method: str, path: str, record_property: Callable[[str, object], None]
) -> None:
    schema = schema_of(name)
    constants = FeedbackSources(constants_value_source=make_constants_value_source(schema))
    ask_everything = build_operation_test(
        config=schema.config,
        operation=schema[path][method],
        test_func=is_as_documented,
        given_kwargs={},
        feedback=constants,
    )
    with served(name) as STAGE.system:  # one of its own for each, so that no test depends on what another one wrote
        STAGE.requests = 0
        ask_everything()
    assert STAGE.requests >= EXAMPLES
    record_property(PROPERTY, (name, STAGE.requests))
