"""Otus's own pause of the sync around the year rollover (H9)."""

from datetime import date

import pytest

from fakes.otus.pause import pause_begins, transition
from tests.fakes.otus.builders import District, by_hand, rostered


def pause(district: District, *, paused: bool) -> None:
    assert district.support("PATCH", "/settings", {"sync_paused": paused}).status == 200


@pytest.mark.parametrize("path", ["/accounts/bulk", "/classes/bulk"])
def test_a_paused_sync_writes_nothing_and_is_told_why(district: District, path: str) -> None:
    teacher = rostered(district, "teacher")
    pause(district, paused=True)
    before = district.sync("GET", "/accounts").body
    rows = {"/accounts/bulk": {"clever_id": "c1", "id": teacher, "first_name": "Another"}}
    rows["/classes/bulk"] = {"clever_id": "s1", "name": "Algebra", "school": "02M475"}
    answer = district.sync("POST", path, {"rows": [rows[path]]})
    assert (answer.status, answer.body["code"]) == (409, "sync_paused")
    assert "paused its sync" in answer.body["message"]
    assert district.sync("GET", "/accounts").body == before
    pause(district, paused=False)
    assert district.sync("POST", path, {"rows": [rows[path]]}).status == 200


def test_a_runs_record_says_that_the_sync_is_paused(district: District) -> None:
    run = district.sync("POST", "/sync-runs", {}).body
    assert run["sync_paused"] is False
    district.sync("PATCH", f"/sync-runs/{run['id']}", {"status": "succeeded"})
    pause(district, paused=True)
    assert district.sync("POST", "/sync-runs", {}).body["sync_paused"] is True


def test_people_go_on_by_hand_while_the_sync_is_paused(district: District) -> None:
    pause(district, paused=True)
    teacher = by_hand(district, "teacher")
    answer = district.person(teacher, "POST", "/classes", {"name": "Practice", "school": "02M475"})
    assert answer.status == 201


def test_only_admins_and_support_pause_the_sync_and_the_audit_log_says_who(district: District) -> None:
    admin, teacher = by_hand(district, "admin"), by_hand(district, "teacher")
    assert district.sync("PATCH", "/settings", {"sync_paused": True}).status == 403
    assert district.person(teacher, "PATCH", "/settings", {"sync_paused": True}).status == 403
    assert district.person(admin, "PATCH", "/settings", {"sync_paused": True}).body["sync_paused"] is True
    newest = district.support("GET", "/audit").body["items"]
    assert any("pauses the sync" in str(line) for line in newest)


@pytest.mark.parametrize(
    ("last_day", "begins", "ends"),
    [
        (date(2027, 6, 25), date(2027, 6, 18), date(2027, 7, 1)),
        (date(2027, 7, 1), date(2027, 6, 24), date(2028, 7, 1)),
    ],
)
def test_the_pause_begins_a_week_before_the_last_day_and_ends_on_the_first_of_july(
    last_day: date, begins: date, ends: date
) -> None:
    assert (pause_begins(last_day), transition(last_day)) == (begins, ends)
