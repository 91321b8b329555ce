"""What became of a record, and when a change will be in Clever (F3, A1, A2)."""

from typing import Any

import pytest

from fakes.ats import Ats
from tests.fakes.ats.builders import ANA, OFFICE, SCHOOL, SECTION_ID, TERM, add_algebra, changes, turn
from tests.fakes.ats.wires import Caller


def whereabouts(ats: Ats, number: int, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = Caller(ats).read(f"/changes/{number}{query}")
    return found


def enrolled(ats: Ats) -> int:
    """Enroll Ana, and give the number of that change."""
    ats.enroll(SECTION_ID, ANA, by=OFFICE)
    return changes(ats)[-1].number


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (f"/schools/{SCHOOL}", SCHOOL),
        (f"/terms/{TERM}", TERM),
        ("/courses/ALG1", "ALG1"),
        (f"/people/{ANA}", ANA),
        (f"/sections/{SECTION_ID}", SECTION_ID),
    ],
)
def test_each_record_tells_its_own_history_in_pages(ats: Ats, path: str, key: str) -> None:
    add_algebra(ats)
    ats.enroll(SECTION_ID, ANA, by=OFFICE)
    lines = Caller(ats).read(f"{path}/history")["items"]
    assert [line["number"] for line in lines] == [change.number for change in changes(ats, key)]
    first = Caller(ats).read(f"{path}/history?limit=1")
    assert first["items"] == lines[:1]
    assert first["next"] == (lines[0]["number"] if len(lines) > 1 else None)


@pytest.mark.parametrize("path", ["/schools/99Z999", "/terms/x", "/courses/x", "/people/1", "/sections/x"])
def test_what_there_is_not_has_no_history(ats: Ats, path: str) -> None:
    assert Caller(ats)("GET", f"{path}/history").status_code == 404


def test_a_change_waits_for_its_schedule_then_is_on_its_way_and_then_shared(ats: Ats) -> None:
    add_algebra(ats)
    number = enrolled(ats)
    waiting = whereabouts(ats, number)
    assert (waiting["state"], waiting["shared_at"]) == ("waiting_for_schedule", None)
    assert (waiting["waits_for"]["dbn"], waiting["waits_for"]["term"]) == (SCHOOL, TERM)
    turn(ats, 10)
    ats.finalize(SCHOOL, TERM, by=OFFICE)
    moment = "2026-09-18T00:00:00.000Z"  # Tuesday 00:00 and 72 hours
    assert (whereabouts(ats, number)["state"], whereabouts(ats, number)["shared_at"]) == ("on_its_way", moment)
    turn(ats, 71.99)
    assert whereabouts(ats, number)["state"] == "on_its_way"
    turn(ats, 0.01)
    shared = whereabouts(ats, number)
    assert (shared["state"], shared["shared_at"], shared["waits_for"]) == ("shared", moment, None)
    assert shared["change"]["action"] == f"enroll {ANA}"


def test_a_person_waits_for_no_schedule(ats: Ats) -> None:
    add_algebra(ats)
    assert whereabouts(ats, changes(ats, ANA)[-1].number)["state"] == "on_its_way"  # A1


def test_the_lag_and_the_moment_may_be_given(ats: Ats) -> None:
    add_algebra(ats, finalized=True)
    number = enrolled(ats)
    assert whereabouts(ats, number, "?lag_hours=0")["state"] == "shared"
    assert whereabouts(ats, number, "?lag_hours=48")["shared_at"] == "2026-09-16T14:00:00.000Z"
    assert whereabouts(ats, number, "?at=2026-09-30T00:00:00Z")["state"] == "shared"
    assert Caller(ats)("GET", f"/changes/{number}?at=soon").status_code == 400


def test_what_is_said_of_a_change_agrees_with_what_is_shareable(ats: Ats) -> None:
    add_algebra(ats)
    enrolled(ats)
    ats.finalize(SCHOOL, TERM, by=OFFICE)
    for hours in (0, 71, 1, 24):
        turn(ats, hours)
        shareable = {item["change"]["number"]: item["shared_at"] for item in Caller(ats).read("/shareable")["items"]}
        for change in changes(ats):
            said = whereabouts(ats, change.number)
            assert (said["state"] == "shared") == (change.number in shareable)
            assert shareable.get(change.number, said["shared_at"]) == said["shared_at"]


@pytest.mark.parametrize("number", ["0", "-1", "x", "99", "9" * 30, "1.0"])
def test_there_is_no_such_change(ats: Ats, number: str) -> None:
    add_algebra(ats)
    assert Caller(ats)("GET", f"/changes/{number}").status_code == 404
