"""Sync runs: two never interleave, and a held one waits for Support (A14, A15)."""

import pytest

from tests.fakes.otus.builders import District, by_hand


def start(district: District, **some: object) -> int:
    answer = district.sync("POST", "/sync-runs", some)
    assert answer.status == 201, answer
    return int(answer.body["id"])


def test_a_run_starts_with_a_lease_and_nothing_done(district: District) -> None:
    answer = district.sync("POST", "/sync-runs", {"scope": ["02M475"], "lease_seconds": 60})
    assert answer.status == 201
    run = answer.body
    assert (run["status"], run["started"], run["ended"]) == ("running", "2026-09-14T14:00:00.000Z", None)
    assert run["lease_until"] == "2026-09-14T14:01:00.000Z"
    assert run["scope"] == ["02M475"]
    assert set(run["counts"].values()) == {0}
    assert district.sync("GET", f"/sync-runs/{run['id']}").body == run


def test_two_syncs_never_run_at_once(district: District) -> None:
    first = start(district, lease_seconds=60)
    district.pass_time(seconds=59.9)
    answer = district.sync("POST", "/sync-runs", {})
    assert (answer.status, answer.body["code"]) == (409, "run_in_progress")
    assert f"run {first}" in answer.body["message"]
    assert [run["id"] for run in district.sync("GET", "/sync-runs").body["items"]] == [first]


def test_a_run_whose_lease_ran_out_is_abandoned_when_the_next_one_starts(district: District) -> None:
    first = start(district, lease_seconds=60)
    district.pass_time(seconds=60)
    second = start(district)
    abandoned = district.sync("GET", f"/sync-runs/{first}").body
    assert (abandoned["status"], abandoned["ended"]) == ("failed", district.now())
    assert abandoned["reason"].startswith("abandoned: ")
    answer = district.sync("PATCH", f"/sync-runs/{first}", {"status": "succeeded"})
    assert (answer.status, answer.body["code"]) == (409, "run_ended")
    assert district.sync("GET", f"/sync-runs/{second}").body["status"] == "running"


def test_a_sync_that_died_takes_over_its_own_run(district: District) -> None:
    first = start(district)
    assert district.sync("POST", "/sync-runs", {"takes_over": first + 1}).status == 409
    second = start(district, takes_over=first)
    abandoned = district.sync("GET", f"/sync-runs/{first}").body
    assert abandoned["status"] == "failed"
    assert abandoned["reason"].startswith("abandoned: ")
    district.sync("PATCH", f"/sync-runs/{second}", {"status": "succeeded"})
    third = start(district, takes_over=second)
    assert district.sync("GET", f"/sync-runs/{second}").body["status"] == "succeeded"
    assert third > second


def test_any_report_renews_the_lease_by_its_own_length(district: District) -> None:
    run = start(district, lease_seconds=60)
    district.pass_time(seconds=50)
    renewed = district.sync("PATCH", f"/sync-runs/{run}", {}).body
    assert (renewed["status"], renewed["lease_until"]) == ("running", "2026-09-14T14:01:50.000Z")
    district.pass_time(seconds=50)
    assert district.sync("POST", "/sync-runs", {}).status == 409


def test_an_ended_run_gives_the_lease_back_with_its_report(district: District) -> None:
    run = start(district)
    district.pass_time(minutes=5)
    problem = {
        "kind": "id_conflict",
        "name": "Ana Diaz",
        "clever_id": "c9",
        "message": "ask Support to adjust the ID",
        "account": 7,
    }
    report = {
        "status": "succeeded",
        "reason": "all applied",
        "counts": {"accounts_created": 3},
        "problems": [problem],
    }
    ended = district.sync("PATCH", f"/sync-runs/{run}", report).body
    assert (ended["status"], ended["ended"], ended["lease_until"]) == (
        "succeeded",
        district.now(),
        district.now(),
    )
    assert (ended["reason"], ended["problems"]) == ("all applied", [problem])
    assert ended["counts"]["accounts_created"] == 3
    assert district.sync("GET", f"/sync-runs/{run}").body == ended
    second = start(district)
    assert [item["id"] for item in district.sync("GET", "/sync-runs").body["items"]] == [second, run]


@pytest.mark.parametrize(("verb", "decision"), [("approve", "approved"), ("discard", "discarded")])
def test_support_decides_once_about_a_held_run(district: District, verb: str, decision: str) -> None:
    run = start(district)
    running = district.support("POST", f"/sync-runs/{run}/{verb}")
    assert (running.status, running.body["code"]) == (409, "conflict")
    held = {"status": "held", "withheld": {"accounts_deactivated": 40}, "removals": "abc"}
    district.sync("PATCH", f"/sync-runs/{run}", held)
    decided = district.support("POST", f"/sync-runs/{run}/{verb}")
    assert decided.status == 200
    assert (decided.body["approval"], decided.body["status"]) == (decision, "held")
    assert decided.body["removals"] == "abc"
    assert decided.body["withheld"]["accounts_deactivated"] == 40
    assert district.support("POST", f"/sync-runs/{run}/{verb}") == decided
    other = {"approve": "discard", "discard": "approve"}[verb]
    assert district.support("POST", f"/sync-runs/{run}/{other}").body["code"] == "decided"
    assert district.sync("GET", f"/sync-runs/{run}").body["approval"] == decision


def test_the_integration_decides_too_and_people_do_not(district: District) -> None:
    admin = by_hand(district, "admin")
    run = start(district)
    district.sync("PATCH", f"/sync-runs/{run}", {"status": "held"})
    assert district.person(admin, "POST", f"/sync-runs/{run}/approve").status == 403
    assert district.sync("POST", f"/sync-runs/{run}/approve").body["approval"] == "approved"


def test_only_the_sync_starts_and_reports_runs(district: District) -> None:
    run = start(district)
    assert district.support("PATCH", f"/sync-runs/{run}", {}).status == 403
    assert district.support("POST", "/sync-runs", {}).status == 403
    for path in ("/sync-runs/99", "/sync-runs/x"):
        assert district.sync("GET", path).status == 404
        assert district.sync("PATCH", path, {}).status == 404
        assert district.support("POST", f"{path}/approve").status == 404
