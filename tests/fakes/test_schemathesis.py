"""Schemathesis over all three fakes: no status, header or body that the OpenAPI document does not promise.

Every operation is asked with bounded, derandomized examples, good and bad ones, and every check of Schemathesis
looks at the answers.
"""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from schemathesis import BaseSchema

from tests.fakes.conftest import PROPERTY
from tests.fakes.shared.worlds import Served, served

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

EXAMPLES = 10
"""For each operation, beside those that cover each boundary of its schema once."""

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


@pytest.fixture(autouse=True)
def fresh_fake(request: pytest.FixtureRequest) -> Iterator[None]:
    """Serve a fake of its own to each operation, so that no test depends on what another one wrote."""
    name = request.function.__name__.split("_")[1]
    with served(name) as system:
        STAGE.system, STAGE.requests = system, 0
        yield
        STAGE.system = None
    request.node.user_properties.append((PROPERTY, (name, STAGE.requests)))


REFUSED_BY_RULES = {
    "ats": '"412", "413", "422"',
    "otus": '"422"',
    "clever": '"400", "413"',
}
"""How each refuses what its schema allows and a rule does not: another version of the record, a third co-teacher
(F2), two cursors at once."""


def schema_of(name: str) -> BaseSchema:
    with served(name) as system:
        document = system.application.test_client().get("/openapi.json").get_json()
        token = system.headers["Authorization"].removeprefix("Bearer ")
    settings = SETTINGS.replace("TOKEN", token).replace("RULES", REFUSED_BY_RULES[name])
    config = schemathesis.Config.from_str(settings)
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.app = STAGE
    return schema


ats, clever, otus = map(schema_of, ("ats", "clever", "otus"))


@schemathesis.serializer("application/x-ndjson")
def send_lines(_context: schemathesis.SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@ats.parametrize()
def test_ats_answers_as_documented(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate()


@otus.parametrize()
def test_otus_answers_as_documented(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate()


@clever.parametrize()
def test_clever_answers_as_documented(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate()
