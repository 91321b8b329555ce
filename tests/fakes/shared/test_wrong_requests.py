"""Whatever is wrong with a request to any of the three fakes: a 4xx with a message, and nothing changes."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.fakes.shared.worlds import SYSTEMS, Served, served

PROPERTY = settings(max_examples=60, deadline=None, derandomize=True, database=None)


class Target(NamedTuple):
    """A fake under attack, and every operation that its document lists."""

    system: Served
    client: FlaskClient
    operations: list[tuple[str, str, dict[str, Any]]]
    """Method, path, and what the document says of it."""

    def send(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {**self.system.headers, **more.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **more)

    def with_body(self) -> list[tuple[str, str]]:
        """Give method and path of what reads a body of JSON."""
        return [
            (method, address(path))
            for method, path, operation in self.operations
            if "application/json" in operation.get("requestBody", {}).get("content", {})
        ]


def address(path: str, **parts: str) -> str:
    """Put something that exists, or what is given, into the variables of a path."""
    known = {
        "dbn": "02M475",
        "term": "2026-1",
        "code": "2026-1",
        "person_id": "200000001",
        "osis": "200000001",
        "section_id": "02M475-2026-1-ALG1-01",
        "number": "1",
        "id": "0" * 24,
    }
    for name in [piece.partition("}")[0] for piece in path.split("{")[1:]]:
        path = path.replace(f"{{{name}}}", parts.get(name, known.get(name, "1")))
    return path


@pytest.fixture(scope="module")
def targets() -> Iterator[dict[str, Target]]:
    with ExitStack() as stack:
        made = {}
        for name in SYSTEMS:
            system = stack.enter_context(served(name))
            client = system.application.test_client()
            paths: Mapping[str, Any] = client.get("/openapi.json").get_json()["paths"]
            operations = [(m.upper(), path, entry) for path, methods in paths.items() for m, entry in methods.items()]
            made[name] = Target(system, client, operations)
        yield made


def refused(answer: TestResponse) -> dict[str, Any]:
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.data[:200])
    assert answer.mimetype == "application/json"
    problem = json.loads(answer.data)
    assert problem["message"] or problem.get("error")
    return dict(problem)


def test_every_method_that_a_path_does_not_have_is_refused_and_those_it_has_are_named(
    targets: dict[str, Target],
) -> None:
    for target in targets.values():
        methods: dict[str, set[str]] = {}
        for method, path, _ in target.operations:
            methods.setdefault(path, set()).add(method)
        before = target.system.image()
        for path, known in methods.items():
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - known:
                answer = target.send(method, address(path))
                refused(answer)
                if path == "/oauth/tokens":
                    assert answer.status_code == 401  # it asks who is there first, and by Basic
                    continue
                assert answer.status_code == 405, (method, path)
                assert known <= set(answer.headers["Allow"].split(", "))
        assert target.system.image() == before


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"", {}, 400),
        (b"\xff\xfe", {}, 400),
        (b'{"name": "\xff"}', {}, (400, 422)),
        (b'{"name": "\\ud800"}', {}, (400, 422)),
        (b"\xef\xbb\xbf{}", {}, 400),
        (b"[" * 100_000, {}, 422),
        (b'{"surprise": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", {}, 422),
        (b'{"surprise": 1}', {}, 422),
        (b"[]", {}, 422),
        (b"null", {}, 422),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {"Content-Type": ""}, 415),
        (b"{}", {"Content-Type": "application/json; charset=latin-1"}, 415),
        (b"{}", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"{}", {"Content-Encoding": "gzip"}, 415),
    ],
)
def test_every_wrong_body_is_refused_by_every_operation_that_reads_one(
    targets: dict[str, Target], body: bytes, headers: dict[str, str], status: int | tuple[int, int]
) -> None:
    for name in ("ats", "otus"):
        target = targets[name]
        before = target.system.image()
        assert len(target.with_body()) > 8
        for method, path in target.with_body():
            answer = target.send(method, path, data=body, headers={"Content-Type": "application/json", **headers})
            # Where such a field is unknown, that is what is said of it.
            statuses = status if isinstance(status, tuple) else (status,)
            assert answer.status_code in statuses, (method, path, answer.data[:200])
            refused(answer)
        assert target.system.image() == before


def test_a_body_over_the_limit_is_refused_before_it_is_read(targets: dict[str, Target]) -> None:
    for name in ("ats", "otus"):
        target = targets[name]
        config = target.system.application.config
        whole, config["MAX_CONTENT_LENGTH"] = config["MAX_CONTENT_LENGTH"], 100
        try:
            for method, path in target.with_body():
                answer = target.send(method, path, data=b" " * 101, content_type="application/json")
                assert answer.status_code == 413
                assert "100 bytes" in refused(answer)["message"]
        finally:
            config["MAX_CONTENT_LENGTH"] = whole


def test_an_unknown_repeated_or_unreadable_parameter_is_refused_everywhere(targets: dict[str, Target]) -> None:
    for name in ("ats", "otus"):
        target = targets[name]
        before = target.system.image()
        for method, path, operation in target.operations:
            if method != "GET":
                continue
            queries = ["surprise=1", "limit=1&limit=2", "q=%ff", "%ff=1", "limit=1e3", "limit=" + "9" * 5000, "limit=0"]
            for query in queries:
                answer = target.send("GET", f"{address(path)}?{query}")
                assert answer.status_code == 400, (path, query, operation["operationId"])
                refused(answer)
        assert target.system.image() == before


def test_the_word_null_is_a_text_in_an_address_and_no_way_to_leave_a_parameter_out(targets: dict[str, Target]) -> None:
    assert targets["ats"].send("GET", "/changes?kind=null").status_code == 400
    assert targets["ats"].send("GET", "/people?dbn=null").status_code == 400
    found = targets["otus"].send("GET", "/api/v1/accounts?email=null")
    assert (found.status_code, (found.json or {})["items"]) == (200, [])


EVIL = st.one_of(
    st.sampled_from(
        [
            "' OR '1'='1",
            "1; DROP TABLE account",
            "1 UNION SELECT 1",
            '" --',
            "%00",
            "1%00",
            "..%2f..%2fetc%2fpasswd",
            "%2e%2e",
            "%ff%fe",
            "9" * 400,
            "-1",
            "0x1",
            "1.0",
            "1e3",
            "²",
            "٣",
            "\u202e1",
            "{{7*7}}",
            "null",
            "🦉",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/?#%"), min_size=1, max_size=30),
)


@pytest.mark.parametrize("name", SYSTEMS)
def test_an_id_that_is_none_is_refused_wherever_an_id_stands(targets: dict[str, Target], name: str) -> None:
    target = targets[name]
    variables = [entry for entry in target.operations if "{" in entry[1]]
    before = target.system.image()

    @PROPERTY
    @given(st.sampled_from(variables), EVIL)
    def refuse(operation: tuple[str, str, dict[str, Any]], evil: str) -> None:
        method, path, _ = operation
        known = [piece.partition("}")[0] for piece in path.split("{")[1:]]
        answer = target.send(method, address(path, **dict.fromkeys(known, evil)), json={} if method != "GET" else None)
        refused(answer)
        assert target.system.image() == before

    refuse()


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "\x00", "a\x00b", "\n", "9" * 30, "x" * 70_000, "' OR 1=1 --", "../..", "\u202e", "🦉"])
    | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("name", ["ats", "otus"])
def test_a_field_that_holds_anything_else_never_breaks_a_fake(targets: dict[str, Target], name: str) -> None:
    target = targets[name]
    components = target.client.get("/openapi.json").get_json()["components"]["schemas"]

    def fields_of(operation: dict[str, Any]) -> list[str]:
        reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        return list(components[reference.rpartition("/")[2]]["properties"])

    bodies = [
        (method, address(path), field)
        for method, path, operation in target.operations
        if "application/json" in operation.get("requestBody", {}).get("content", {})
        for field in fields_of(operation)
    ]

    @PROPERTY
    @given(st.sampled_from(bodies), JUNK)
    def refuse(body: tuple[str, str, str], junk: Any) -> None:
        method, path, field = body
        before = target.system.image()
        answer = target.send(method, path, json={field: junk})
        assert answer.status_code < 500
        if answer.status_code >= 400:
            refused(answer)
            assert target.system.image() == before

    refuse()


@pytest.mark.parametrize(
    "path", ["//schools", "/../schools", "/schools/..%2f", "/%00", "/%ff", "/" + "x" * 5000, "/SCHOOLS"]
)
def test_a_path_that_leads_nowhere_is_not_found(targets: dict[str, Target], path: str) -> None:
    for target in targets.values():
        answer = target.send("GET", path)
        assert answer.status_code == 404
        refused(answer)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer \x00", "Basic eA==", "Bearer é", "x" * 9000])
def test_without_a_good_token_no_operation_answers(targets: dict[str, Target], header: str | None) -> None:
    for name in ("ats", "otus"):
        target = targets[name]
        before = target.system.image()
        for method, path, _ in target.operations:
            headers = {} if header is None else {"Authorization": header}
            answer = target.client.open(address(path), method=method, headers=headers)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            refused(answer)
        assert target.system.image() == before


def test_an_id_of_another_kind_is_not_found(targets: dict[str, Target]) -> None:
    for path in ("/schools/200000001", "/people/02M475", "/sections/02M475", "/terms/ALG1", "/courses/2026-1"):
        assert targets["ats"].send("GET", path).status_code == 404
    for path in ("/api/v1/classes/99", "/api/v1/sync-runs/7", "/api/v1/accounts/02M475"):
        assert targets["otus"].send("GET", path).status_code == 404
    ids = {
        kind: (targets["clever"].send("GET", f"/v3.1/{kind}?limit=1").json or {})["data"][0]["data"]["id"]
        for kind in ("users", "schools", "sections")
    }
    for kind, other in (("users", "schools"), ("schools", "sections"), ("sections", "users")):
        assert targets["clever"].send("GET", f"/v3.1/{kind}/{ids[other]}").status_code == 404
