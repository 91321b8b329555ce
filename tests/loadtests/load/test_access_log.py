"""The fakes' access log, where the sync has no log that we can read."""

from pathlib import Path

import msgspec

from fakes.shared.access_log import Line
from loadtests.load.access_log import AccessLogReader, phases_of, records_read, request_of, traffic_of
from loadtests.load.happenings import Phase
from loadtests.load.result import Traffic

FIVE = 1789707600.0
"""05:00:00 of that day."""


def line(second: float, method: str, path: str, milliseconds: float = 500.0, **changes: object) -> Line:
    usual = Line(
        at=f"2026-09-18T05:00:{second:06.3f}Z",
        system="clever" if path.startswith("/v3") else "otus",
        worker=1,
        method=method,
        route=path,
        path=path,
        status=200,
        bytes=100,
        request_bytes=0,
        microseconds=round(milliseconds * 1000),
        records=10,
        run="",
    )
    return msgspec.structs.replace(usual, **changes)


A_RUN = [
    line(1, "POST", "/api/v1/sync-runs"),
    line(2, "GET", "/v3.1/sections"),
    line(4, "GET", "/api/v1/accounts"),
    line(7, "POST", "/api/v1/accounts/bulk"),
    line(9, "POST", "/api/v1/classes/bulk", 1000),
    line(11, "PATCH", "/api/v1/sync-runs/{run_id}"),
]


def test_a_foreign_sync_pulls_up_to_its_last_read_and_writes_from_its_first_write() -> None:
    assert phases_of(A_RUN, FIVE, FIVE + 12) == (
        Phase("pull", FIVE + 2, FIVE + 4.5),
        Phase("plan", FIVE + 4.5, FIVE + 7),
        Phase("write", FIVE + 7, FIVE + 10),
    )


def test_a_run_without_writes_only_pulls() -> None:
    assert phases_of(A_RUN[:3], FIVE, FIVE + 12) == (Phase("pull", FIVE + 2, FIVE + 4.5),)


def test_what_another_run_has_asked_is_none_of_this_ones() -> None:
    assert phases_of(A_RUN, FIVE + 20, FIVE + 30) == ()


def test_lines_become_requests_by_their_route() -> None:
    request = request_of(line(1, "GET", "/v3.1/x", route="/v3.1/schools/{id}", status=404))
    assert (request.system, request.name, request.failure) == ("Clever", "GET /v3.1/schools/{id}", "status 404")


def test_half_a_line_waits_for_its_other_half_and_people_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "access.jsonl"
    reader = AccessLogReader(path)
    assert list(reader.new_lines()) == []
    texts = [msgspec.json.encode(line(1, "GET", "/v3.1/x", run=run)) + b"\n" for run in ("", "people", "")]
    path.write_bytes(texts[0] + texts[1] + texts[2][:30])
    assert len(list(reader.new_lines())) == 1
    with path.open("ab") as file:
        file.write(texts[2][30:])
    assert len(list(reader.new_lines())) == 1
    assert list(reader.new_lines()) == []


def test_traffic_is_added_up_by_system_and_slice_of_time() -> None:
    assert traffic_of(A_RUN[1:4], 5.0) == (
        Traffic(FIVE, "Clever", 10, 1),
        Traffic(FIVE, "Otus", 10, 1),
        Traffic(FIVE + 5, "Otus", 10, 1),
    )
    assert records_read(A_RUN) == 10
