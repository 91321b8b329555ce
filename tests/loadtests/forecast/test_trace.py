"""What the access log tells of a run."""

import pytest

from loadtests.forecast.trace import NothingAsked, kind_of, merged, trace_of
from tests.loadtests.forecast.builders import line, watched


def test_pages_of_a_list_are_one_group_and_lists_that_differ_are_two() -> None:
    lines = [
        line(100, 10, "/v3.1/users?role=student&limit=3", 3),
        line(150, 10, "/v3.1/users?role=student&limit=3&starting_after=68b9632002442e4f5d0027c2", 2),
        line(200, 20, "/v3.1/users?role=teacher&limit=3", 1),
    ]
    trace = trace_of(lines, 5, watched(0.3))
    assert [(group.kind, group.requests, group.records) for group in trace.groups] == [
        ("GET /v3.1/users?role=student", 2, 5),
        ("GET /v3.1/users?role=teacher", 1, 1),
    ]
    assert {group.limit for group in trace.groups} == {3}


def test_all_of_the_time_is_the_start_or_a_systems_or_the_syncs() -> None:
    lines = [line(100, 10, "/v3.1/schools"), line(150, 30, "/api/v1/accounts/bulk", 4, "POST")]
    trace = trace_of(lines, 4, watched(0.5))
    assert trace.start_seconds == pytest.approx(0.1, abs=1e-6)
    assert [group.server_seconds for group in trace.groups] == pytest.approx([0.01, 0.03], abs=1e-6)
    assert [group.client_seconds for group in trace.groups] == pytest.approx([0.04, 0.32], abs=1e-6)
    spent = sum(group.server_seconds + group.client_seconds for group in trace.groups)
    assert trace.start_seconds + spent == pytest.approx(trace.seconds)


def test_while_a_request_is_under_way_the_time_is_not_the_syncs() -> None:
    lines = [line(0, 100, "/v3.1/users"), line(20, 30, "/v3.1/sections"), line(110, 5, "/v3.1/schools")]
    trace = trace_of(lines, 1, watched(0.115))
    assert [group.client_seconds for group in trace.groups] == pytest.approx([0, 0.01, 0], abs=1e-6)


def test_waits_for_a_core_are_nobodys_time_and_what_was_work_stays() -> None:
    lines = [line(0, 200, "/v3.1/users"), line(400, 400, "/v3.1/schools")]
    busy = trace_of(lines, 1, watched(1.0, on_core=0.5, waited=0.25))
    assert [group.client_seconds for group in busy.groups] == pytest.approx([0.2, 0.2], abs=1e-6)
    assert [group.client_core_seconds for group in busy.groups] == pytest.approx([0.2, 0.2], abs=1e-6)
    assert [group.server_seconds for group in busy.groups] == pytest.approx([0.2, 0.4], abs=1e-6)
    slow = trace_of(lines, 1, watched(1.0, on_core=0.1, waited=0.25, who="clever"))
    assert [group.server_seconds for group in slow.groups] == pytest.approx([0.1, 0.25], abs=1e-6)
    assert [group.server_core_seconds for group in slow.groups] == pytest.approx([0.04, 0.06], abs=1e-6)
    assert sum(group.client_seconds for group in slow.groups) == pytest.approx(0.4)
    assert slow.seconds == pytest.approx(1.0)
    assert slow.waited_seconds == pytest.approx(0.25)


def test_where_a_system_waits_before_its_request_begins_the_sync_waits_with_it() -> None:
    late = trace_of([line(0, 100, "/v3.1/users")], 1, watched(1.0, on_core=0.1, waited=0.5, who="clever"))
    assert late.groups[0].server_seconds == pytest.approx(0.1)
    assert late.groups[0].client_seconds == pytest.approx(0.4, abs=1e-6)


def test_ids_schools_and_cursors_do_not_make_a_kind_of_their_own() -> None:
    one = line(0, 1, "/api/v1/rosters?school=02M475&after=0", route="/api/v1/rosters")
    other = line(0, 1, "/api/v1/rosters?school=13K430&after=10000", route="/api/v1/rosters")
    assert kind_of(one) == kind_of(other) == "GET /api/v1/rosters?school={}"
    single = line(0, 1, "/api/v1/classes/17", method="PUT", route="/api/v1/classes/{class_id}")
    assert kind_of(single) == "PUT /api/v1/classes/{id}"


def test_a_sync_that_goes_from_school_to_school_is_told_by_its_kinds() -> None:
    lines = [
        line(10 * number, 1, "/v3.1/sections" if number % 2 else "/v3.1/users", 1 + number % 2) for number in range(6)
    ]
    trace = trace_of(lines, 4, watched(1))
    assert len(trace.groups) == 6
    assert [(group.kind, group.requests, group.records) for group in merged(trace).groups] == [
        ("GET /v3.1/users", 3, 3),
        ("GET /v3.1/sections", 3, 6),
    ]


def test_a_sync_that_asks_for_nothing_teaches_nothing() -> None:
    with pytest.raises(NothingAsked, match="does it read CLEVER_URL"):
        trace_of([], 4, watched(1))
