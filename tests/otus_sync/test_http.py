"""How the sync asks again, and when it does not."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from otus_sync.clock import clock_from
from otus_sync.errors import RefusedError, UnauthorizedError, UnexpectedAnswerError, UnreachableError
from otus_sync.http import Http
from otus_sync.log import Log
from otus_sync.settings import Secret
from tests.otus_sync.builders import settings
from tests.otus_sync.wires import Answer, Script, answer, scripted

LIMITED = {"x-ratelimit-reset": "1789707617", "Date": "Fri, 18 Sep 2026 05:00:00 GMT"}
"""The limit opens at 05:00:17."""


class Number(msgspec.Struct):
    n: int


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits of a test, none of them real."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


@contextmanager
def asking(*answers: Answer, **given: Any) -> Iterator[tuple[Http, Script]]:
    with scripted(answers) as script:
        http = Http("Clever", script.url, Secret("s3cret-token"), settings(**given), Log(clock_from(None)))
        try:
            yield http, script
        finally:
            http.close()


def test_a_good_answer_is_read_into_its_struct_and_the_token_is_sent() -> None:
    with asking(answer({"n": 1, "more": "is passed over"})) as (http, script):
        assert http.request("GET", "/v3.1/x", Number) == Number(1)
        assert script.asked[0].authorization == "Bearer s3cret-token"


@pytest.mark.parametrize(
    "failure",
    [Answer(500), Answer(503), Answer(200, b'{"n": 1}', cut=True), Answer(200, b'{"n": '), Answer(200, b"<html>")],
)
def test_a_failing_or_cut_or_broken_answer_is_asked_for_again(failure: Answer, waits: list[float]) -> None:
    with asking(failure, failure, answer({"n": 1}), backoff_seconds=1.0) as (http, _):
        assert http.request("GET", "/x", Number) == Number(1)
    assert waits == [1.0, 2.0]


def test_attempts_and_waits_have_limits(waits: list[float]) -> None:
    with (
        asking(Answer(502), attempts=4, backoff_seconds=10.0, wait_seconds_max=25.0) as (http, script),
        pytest.raises(UnreachableError, match=r"Clever, GET /x: it failed with 502.*attempt 4 of 4"),
    ):
        http.request("GET", "/x", Number)
    assert len(script.asked) == 4
    assert waits == [10.0, 20.0, 25.0]


def test_a_rate_limit_is_waited_for_by_the_answers_own_clock(waits: list[float]) -> None:
    with asking(Answer(429, b"", LIMITED), answer({"n": 1})) as (http, _):
        http.request("GET", "/x", Number)
    assert waits == [17.0]


def test_the_wait_for_a_rate_limit_is_capped(waits: list[float]) -> None:
    with asking(Answer(429, b"", LIMITED), answer({"n": 1}), wait_seconds_max=5.0) as (http, _):
        http.request("GET", "/x", Number)
    assert waits == [5.0]


def test_a_rate_limit_that_names_no_time_is_waited_for_as_any_failure(waits: list[float]) -> None:
    with asking(Answer(429, b""), answer({"n": 1}), backoff_seconds=3.0) as (http, _):
        http.request("GET", "/x", Number)
    assert waits == [3.0]


def test_a_bad_token_fails_at_once_and_is_not_printed(waits: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    refused = answer({"message": "the bearer token is unknown"}, 401)
    with asking(refused) as (http, script), pytest.raises(UnauthorizedError, match="401: the bearer") as caught:
        http.request("GET", "/x", Number)
    assert (len(script.asked), waits) == (1, [])
    assert "s3cret" not in f"{caught.value}{capsys.readouterr()}"


def test_a_refusal_fails_at_once_in_the_systems_own_words(waits: list[float]) -> None:
    with (
        asking(answer({"message": "there is no such school"}, 404)) as (http, _),
        pytest.raises(RefusedError, match="Clever, GET /x: refused with 404: there is no such school"),
    ):
        http.request("GET", "/x", Number)
    assert waits == []


def test_a_whole_answer_of_another_shape_is_not_asked_for_again(waits: list[float]) -> None:
    with (
        asking(answer({"n": "one"})) as (http, script),
        pytest.raises(UnexpectedAnswerError, match=r"Expected `int`, got `str` - at `\$.n`"),
    ):
        http.request("GET", "/x", Number)
    assert (len(script.asked), waits) == (1, [])


def test_a_system_that_is_not_there_is_named(waits: list[float]) -> None:
    with scripted([Answer()]) as script:
        url = script.url
    http = Http("Otus", url, Secret("s3cret-token"), settings(attempts=2), Log(clock_from(None)))
    with pytest.raises(UnreachableError, match=r"Otus, POST /x: no whole answer: .*refused"):
        http.request("POST", "/x", Number, Number(1))
    http.close()
    assert len(waits) == 1


def test_a_post_is_sent_again_with_the_same_body(waits: list[float]) -> None:
    with asking(Answer(200, b'{"n": 1}', cut=True), answer({"n": 2})) as (http, script):
        http.request("POST", "/x", Number, Number(5))
        assert http.unsure == 1
    assert [asked.body for asked in script.asked] == [b'{"n":5}', b'{"n":5}']


def test_on_request_the_log_tells_how_long_each_attempt_took_and_what_it_brought(
    waits: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with asking(Answer(503), answer({"n": 1}), log_requests=True) as (http, _):
        http.request("GET", "/x?after=7", Number)
    lines = [msgspec.json.decode(line) for line in capsys.readouterr().err.splitlines()]
    ended = [line for line in lines if line["event"] == "request.ended"]
    assert [(line["system"], line["request"], line["status"], line["bytes"]) for line in ended] == [
        ("Clever", "GET /x?after=7", 503, 2),
        ("Clever", "GET /x?after=7", 200, 7),
    ]
    assert all(line["milliseconds"] > 0 for line in ended)


def test_without_being_asked_the_log_tells_of_no_request(capsys: pytest.CaptureFixture[str]) -> None:
    with asking(answer({"n": 1})) as (http, _):
        http.request("GET", "/x", Number)
    assert capsys.readouterr().err == ""
