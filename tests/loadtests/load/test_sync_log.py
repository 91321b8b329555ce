"""The sync's own log, as Locust's events are made of it."""

import json

from loadtests.load.happenings import Phase, Request, name_of
from loadtests.load.sync_log import SyncLog


def line(second: float, event: str, **fields: object) -> bytes:
    at = f"2026-09-18T05:00:{second:06.3f}Z"
    return json.dumps({"at": at, "level": "info", "run": 1, "event": event, **fields}).encode() + b"\n"


BEGAN = 1789707600.0
"""05:00:00 of that day."""


def test_a_run_has_the_phases_that_its_log_tells() -> None:
    log = SyncLog()
    for text in (line(1, "run.started"), line(3.5, "otus.read"), line(4, "planned"), line(9, "run.ended", reason="ok")):
        log.read(text)
    assert log.phases == (
        Phase("pull", BEGAN + 1, BEGAN + 3.5),
        Phase("plan", BEGAN + 3.5, BEGAN + 4),
        Phase("write", BEGAN + 4, BEGAN + 9),
    )
    assert log.last_words == "ok"


def test_what_is_read_anew_belongs_to_the_pull() -> None:
    log = SyncLog()
    for text in (line(1, "run.started"), line(2, "otus.read"), line(5, "otus.read"), line(6, "planned")):
        log.read(text)
    assert log.phases[0] == Phase("pull", BEGAN + 1, BEGAN + 5)


def test_a_run_that_fails_while_it_reads_has_no_phase_that_ended() -> None:
    log = SyncLog()
    log.read(line(1, "run.started"))
    log.read(line(2, "run.failed", reason="Clever cannot be reached"))
    assert log.phases == ()
    assert log.last_words == "Clever cannot be reached"


def test_a_request_becomes_one_of_its_kind_without_ids_and_query() -> None:
    fields = {"system": "Clever", "status": 200, "milliseconds": 12.5, "bytes": 900}
    path = "/v3.1/schools/58da8a43cc70ab00017a1a87/sections?limit=10000"
    assert SyncLog().read(line(2, "request.ended", request=f"GET {path}", **fields)) == Request(
        "Clever", "GET /v3.1/schools/{id}/sections", BEGAN + 2, 12.5, 900
    )


def test_a_refused_request_and_one_without_an_answer_count_as_failed() -> None:
    for status, says in ((429, "status 429"), (0, "no whole answer")):
        told = line(2, "request.ended", system="Otus", request="GET /x", status=status, milliseconds=1, bytes=0)
        request = SyncLog().read(told)
        assert request is not None
        assert request.failure == says


def test_what_is_no_line_of_the_log_is_kept_as_the_reason_of_a_crash() -> None:
    log = SyncLog()
    for text in (b"Traceback (most recent call last):\n", b"\xff\n", b"RuntimeError: boom\n", b'{"at": 1}\n'):
        assert log.read(text) is None
    assert "RuntimeError: boom" in log.last_words


def test_routes_with_their_variables_are_named_as_paths_with_their_ids() -> None:
    assert name_of("GET", "/api/v1/classes/{class_id}/members") == name_of(
        "GET", "/api/v1/classes/4711/members?limit=5"
    )
    assert name_of("GET", "/v3.1/sections") == "GET /v3.1/sections"
