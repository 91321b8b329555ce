"""The contract suite finds nothing in the fake, and finds what is other than Clever."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner, Result

from fakes.clever.contract import CHECKS, Client, Unanswered, Wire, run_checks
from fakes.clever.contract import Result as Found
from fakes.clever.contract.__main__ import main
from fakes.clever.contract.shape import Json, compare
from fakes.clever.quirks import QUIRKS
from fakes.clever.records import VERSIONS, Resource, Term
from tests.fakes.clever.contract_worlds import Around, Served, served

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Change = Callable[[str, str, bytes], tuple[str, bytes]]
"""From path and query, status and body of an answer to another status and body."""


def never(seconds: float) -> None:
    raise AssertionError(f"nobody should wait, and this waits {seconds} seconds")


def findings(clever: Served, word: str = "", versions: Iterable[Any] = VERSIONS) -> list[Found]:
    client = Client(clever.url, clever.token, never)
    try:
        wires = [Wire(client, version) for version in versions]
        return list(run_checks(wires, [each for each in CHECKS if word in each.name]))
    finally:
        client.close()


def changing(change: Change) -> Around:
    def around(application: "WSGIApplication") -> "WSGIApplication":
        def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            told: list[Any] = []
            uri = f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}"
            body = b"".join(application(environ, lambda *head: told.append(head)))  # type: ignore[arg-type]
            status, changed = change(uri, told[0][0], body)
            headers = [(name, text) for name, text in told[0][1] if name != "Content-Length"]
            start_response(status, [*headers, ("Content-Length", str(len(changed)))])
            return [changed]

        return answer

    return around


@pytest.fixture(scope="module")
def fake() -> Iterator[Served]:
    with served() as clever:
        yield clever


@pytest.mark.parametrize("version", VERSIONS)
def test_the_fake_differs_in_nothing_and_every_check_has_something_to_see(fake: Served, version: str) -> None:
    for found in findings(fake, versions=[version]):
        assert found.outcome == "ok", found
        assert found.notes == () or "x-ratelimit-limit" in found.notes[0], found


def test_quirks_are_drift_that_the_checks_tolerate() -> None:
    with served(quirks=frozenset(QUIRKS), quirk_percent=100) as clever:
        assert {found.outcome for found in findings(clever, versions=["v3.1"])} == {"ok"}


def replacing(old: bytes, new: bytes) -> Change:
    return lambda uri, status, body: (status, body.replace(old, new))


def with_status(wrong: str, right: str) -> Change:
    return lambda uri, status, body: (right if status.startswith(wrong) else status, body)


def at(word: str, status: str, body: bytes) -> Change:
    return lambda uri, was, whole: (status, body) if word in uri else (was, whole)


EMPTY = b'{"data":[],"links":[{"rel":"self","uri":"/v3.1/events?"}]}'
MISCHIEF: dict[str, Change] = {
    "wraps every record": replacing(b'"uri":"/v3.1/users/', b'"uri":"/users/'),
    "ids are 24 hex digits": lambda uri, status, body: (status, re.sub(rb'"id":"[0-9a-f]{8}', b'"id":"x', body)),
    "self is path": replacing(b"?limit=2&role=student", b"?role=student&limit=2"),
    "the first page has no prev": replacing(b'"next"', b'"following"'),
    "leads back with prev": replacing(b"ending_before", b"before"),
    "following next": replacing(b'"rel":"next"', b'"rel":"later"'),
    "ending_before gives": at("ending_before", "200 OK", b'{"data":[],"links":[]}'),
    "unknown id as cursor": at("starting_after=0", "404 NOT FOUND", b'{"message":"unknown"}'),
    "ending_before=last is": at("ending_before=last", "200 OK", b'{"data":[],"links":[]}'),
    "without a limit": lambda uri, status, body: (status, EMPTY if uri.endswith("/users?") else body),
    "a limit of 10000": with_status("413", "200 OK"),
    "a limit of 0": with_status("400", "200 OK"),
    "count=true": replacing(b'{"count":3}', b'{"count":4}'),
    "routes ignore case": at("MYCONTACTS", "404 NOT FOUND", b"{}"),
    "every user has": replacing(b'"roles":', b'"role":'),
    "every section has": replacing(b'"students":[', b'"students":"","pupils":['),
    "created and last_modified": replacing(b'.000Z"', b'Z"'),
    "a single section has links": replacing(b'"rel":"term"', b'"rel":"semester"'),
    "role lists": at("role=staff", "200 OK", b'{"data":[],"links":[]}'),
    "no role is a 400": at("role=janitor", "200 OK", b'{"data":[],"links":[]}'),
    "a section's people": at("/users?limit=10000&role=teacher", "200 OK", b'{"data":[],"links":[]}'),
    "teacher is the first": replacing(b'"teachers":["', b'"teachers":["000000000000000000000000","'),
    "what a section names": replacing(b'"term_id":"', b'"term_id":"0'),
    "everything that stands under": replacing(b'{"resources":[]}', b'{"data":[],"links":[]}'),
    "primary=true": at("primary=true", "400 BAD REQUEST", b'{"message":"primary"}'),
    "without a token": with_status("401", "200 OK"),
    "an id that no record has": with_status("404", "200 OK"),
    "lists of v2.1": with_status("404", "200 OK"),
    "/me tells": replacing(b'"type":"district"', b'"type":"school"'),
    "tokeninfo tells": replacing(b'"scopes":', b'"scope":'),
    "the district of a record": at("/district?", "200 OK", b'{"data":{"id":"0"},"links":[]}'),
    "calls itself /events?": replacing(b"/v3.1/events?", b"/v3.1/events"),
    "events ascend": replacing(b'"type":"users.updated"', b'"type":"users.changed"'),
    "previous_attributes stand": replacing(b'"previous_attributes"', b'"previous"'),
    "events are told for 30 days": replacing(b'"created":"2026-09', b'"created":"2026-07'),
    "newest event": at("ending_before=last", "200 OK", EMPTY),
    "record_type leaves": lambda uri, status, body: (
        status,
        body.replace(b'"type":"', b'"type":"un') if "record_type" in uri else body,
    ),
}
"""For a check, by a part of its name, what makes a Clever's wire another."""


@pytest.mark.parametrize("word", MISCHIEF)
def test_a_wire_that_is_another_is_found(fake: Served, word: str) -> None:
    with fake.other(changing(MISCHIEF[word])):
        found = findings(fake, word, versions=["v3.1"])
    assert [result.outcome for result in found] == ["differs"], found
    assert found[0].asked.startswith("GET /")
    assert found[0].came
    assert found[0].expected


HEADERS = ("says what is left", "takes one from what is left", "window ends within a minute")


@pytest.mark.parametrize("check", [each.name for each in CHECKS])
def test_every_check_is_shown_to_fail(check: str) -> None:
    twins = ("has the fields of the reference", "has links to itself")  # one check for each kind of record
    assert any(word in check for word in (*MISCHIEF, *HEADERS, *twins))


@pytest.mark.parametrize("word", HEADERS)
def test_headers_that_are_others_are_found(fake: Served, word: str) -> None:
    def around(application: "WSGIApplication") -> "WSGIApplication":
        def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            def start(status: str, headers: list[tuple[str, str]], *_: object) -> object:
                fixed = {"x-ratelimit-remaining": "9", "x-ratelimit-reset": "0"}
                kept = [(name, fixed.get(name, text)) for name, text in headers if name != "x-ratelimit-bucket"]
                return start_response(status, [*kept, ("x-ratelimit-bucket", "b")] if "takes" in word else kept)

            return application(environ, start)  # type: ignore[arg-type]

        return answer

    with fake.other(around):
        found = findings(fake, word, versions=["v3.1"])
    assert [result.outcome for result in found] == ["differs"], found


# The client


def test_a_rate_limit_is_waited_for_by_the_servers_own_clock() -> None:
    waited: list[float] = []
    with served(rate_limit_per_minute=1) as clever:
        client = Client(clever.url, clever.token, waited.append)
        try:
            assert client.get("/v3.0/districts").status == 200
            with pytest.raises(Unanswered, match="429 again and again"):
                client.get("/v3.0/districts")
        finally:
            client.close()
    assert waited == [60.0] * 3  # the fake's clock stands at the beginning of a minute


def test_only_what_can_be_read_is_asked_for(fake: Served) -> None:
    methods: set[str] = set()

    def around(application: "WSGIApplication") -> "WSGIApplication":
        def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            methods.add(environ["REQUEST_METHOD"])
            return application(environ, start_response)

        return answer

    with fake.other(around):
        findings(fake, versions=["v3.0"])
    assert methods == {"GET"}


# Shapes


def test_drift_is_told_and_a_missing_field_is_a_difference() -> None:
    term: Json = {"id": "1", "district": "2", "name": None, "start_date": "", "season": "fall"}
    severities = {finding.where: finding.severity for finding in compare(term, Term)}
    assert severities == {"name": "difference", "end_date": "difference", "season": "drift"}


def test_a_word_outside_a_list_is_drift() -> None:
    resource: Json = {
        "id": "",
        "district": "",
        "resource_id": "",
        "title": "",
        "roles": ["guest"],
        "created": "",
        "updated": "",
    }
    assert [(finding.severity, finding.where, finding.came) for finding in compare(resource, Resource)] == [
        ("drift", "roles[]", "'guest'")
    ]


# The command line


def contract(clever: Served, *words: str, token: str | None = None) -> Result:
    with patch.dict(os.environ, {"THE_TOKEN": clever.token if token is None else token}):
        return CliRunner().invoke(main, ["--url", clever.url, "--token-env", "THE_TOKEN", *words])


def test_the_table_ends_with_0_when_nothing_differs(fake: Served) -> None:
    result = contract(fake, "-k", "count=true")
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "2 checks: 2 ok, 0 differ")
    assert "ok       v3.0  count=true answers" in result.output


def test_a_difference_ends_with_1_and_says_what_was_asked_what_came_and_what_was_expected(
    fake: Served,
) -> None:
    with fake.other(changing(with_status("413", "200 OK"))):
        result = contract(fake, "-k", "10000", "--version", "v3.0")
    assert result.exit_code == 1
    for words in ("differs  v3.0", "asked     GET /v3.0/users?limit=10001", "came      200", "expected  413"):
        assert words in result.output


@pytest.mark.parametrize(
    ("token", "words", "message"),
    [
        ("", (), "THE_TOKEN holds no token"),
        ("0" * 40, (), "the token is not taken (401)"),
        (None, ("-k", "no such check"), "no check has this in its name"),
        (None, ("--url", "clever.com"), "is no base URL"),
        (None, ("--url", ""), "is no base URL"),
        (None, ("--url", "http://127.0.0.1:1"), "does not answer"),
        (None, ("--version", "v2.1"), "'v2.1' is not one of"),
    ],
)
def test_wrong_input_ends_with_2(fake: Served, token: str | None, words: tuple[str, ...], message: str) -> None:
    result = contract(fake, *words, token=token)
    assert (result.exit_code, message in result.output) == (2, True), result.output


def test_the_token_is_never_printed(fake: Served) -> None:
    assert fake.token not in contract(fake).output


def test_it_runs_as_a_program(fake: Served) -> None:
    words = [sys.executable, "-m", "fakes.clever.contract", "--url", fake.url, "--version", "v3.1", "-k", "self is"]
    done = subprocess.run(
        words, env={**os.environ, "CLEVER_TOKEN": fake.token}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
