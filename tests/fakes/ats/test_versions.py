"""Optimistic locking: a write made for a version that is gone is refused, and names who was faster."""

import pytest

from fakes.ats import Ats
from fakes.ats.records import PersonEdit
from tests.fakes.ats.builders import (
    ANA,
    BEN,
    FIRST,
    OFFICE,
    SCHOOL,
    SECTION_ID,
    TERM,
    add_algebra,
    changes,
    turn,
)
from tests.fakes.ats.wires import Caller

SECTION = f"/sections/{SECTION_ID}"
SCHEDULE = f"/schedules/{SCHOOL}/{TERM}"


@pytest.mark.parametrize(
    "path", [f"/schools/{SCHOOL}", f"/terms/{TERM}", "/courses/ALG1", f"/people/{ANA}", SECTION, SCHEDULE]
)
def test_every_record_says_which_version_it_is_at(ats: Ats, path: str) -> None:
    add_algebra(ats)
    tag = Caller(ats)("GET", path).headers["ETag"]
    assert tag.startswith('"')
    assert Caller(ats)("GET", path).headers["ETag"] == tag


def test_a_write_answers_the_new_version(ats: Ats) -> None:
    add_algebra(ats)
    call = Caller(ats)
    written = call("PATCH", SECTION, {"name": "Algebra"}).headers["ETag"]
    assert written == call("GET", SECTION).headers["ETag"] == f'"{changes(ats)[-1].number}"'


def test_who_was_slower_is_told_who_was_faster_and_when(ats: Ats) -> None:
    add_algebra(ats)
    call = Caller(ats)
    seen = call("GET", SECTION).headers["ETag"]
    turn(ats, 1)
    ats.enroll(SECTION_ID, ANA, by="Ms. Ortiz")
    history = changes(ats)
    answer = call("PATCH", SECTION, {"name": "Algebra"}, {"If-Match": seen})
    assert answer.status_code == 412
    assert answer.json is not None
    assert answer.json["code"] == "changed"
    for words in ("Ms. Ortiz", "2026-09-14T15:00:00.000Z", f"enroll {ANA}", seen):
        assert words in answer.json["message"]
    assert changes(ats) == history
    again = call("PATCH", SECTION, {"name": "Algebra"}, {"If-Match": call("GET", SECTION).headers["ETag"]})
    assert again.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", f"/people/{ANA}", {"grade": "9"}),
        ("POST", f"/people/{ANA}/discharge", None),
        ("POST", f"{SECTION}/students", {"student": BEN}),
        ("DELETE", f"{SECTION}/students/{ANA}", None),
        ("POST", f"{SECTION}/co-teachers", {"teacher": FIRST}),
        ("POST", f"{SECTION}/cancel", None),
        ("POST", f"{SCHEDULE}/finalize", None),
    ],
)
def test_every_edit_of_a_record_can_be_made_for_one_version(ats: Ats, method: str, path: str, body: object) -> None:
    add_algebra(ats, students=(ANA,))
    before = ats.store.snapshot()
    assert Caller(ats)(method, path, body, {"If-Match": '"999"'}).status_code == 412
    assert ats.store.snapshot() == before
    assert Caller(ats)(method, path, body, {"If-Match": "*"}).status_code in (200, 201)


def test_of_several_versions_one_is_enough_and_a_weak_one_is_none(ats: Ats) -> None:
    add_algebra(ats)
    call = Caller(ats)
    tag = call("GET", f"/people/{ANA}").headers["ETag"]
    assert call("PATCH", f"/people/{ANA}", {"grade": "9"}, {"If-Match": f"W/{tag}"}).status_code == 412
    assert call("PATCH", f"/people/{ANA}", {"grade": "9"}, {"If-Match": f'"1", {tag}'}).status_code == 200


@pytest.mark.parametrize("header", ["17", '"17', "", "a, b", '"1" "2"'])
def test_an_if_match_that_names_no_version_matches_none(ats: Ats, header: str) -> None:
    add_algebra(ats)
    assert Caller(ats)("PATCH", f"/people/{ANA}", {"grade": "9"}, {"If-Match": header}).status_code == 412
    assert Caller(ats)("PATCH", f"/people/{ANA}", {"grade": "9"}, {"If-Match": "x" * 1001}).status_code == 400


def test_a_record_that_there_is_not_is_not_found_at_any_version(ats: Ats) -> None:
    assert Caller(ats)("POST", "/sections/none/cancel", None, {"If-Match": '"1"'}).status_code == 404


def test_a_schedule_names_who_finalized_it_meanwhile(ats: Ats) -> None:
    add_algebra(ats)
    call = Caller(ats)
    seen = call("GET", SCHEDULE).headers["ETag"]
    ats.finalize(SCHOOL, TERM, by="Ms. Ortiz")
    answer = call("POST", f"{SCHEDULE}/reopen", None, {"If-Match": seen})
    assert answer.status_code == 412
    assert answer.json is not None
    assert "Ms. Ortiz" in answer.json["message"]
    assert "now finalized" in answer.json["message"]
    assert ats.schedule(SCHOOL, TERM).state == "finalized"


def test_an_edit_that_changes_nothing_leaves_the_version(ats: Ats) -> None:
    add_algebra(ats)
    before = Caller(ats)("GET", f"/people/{ANA}").headers["ETag"]
    ats.edit_person(ANA, PersonEdit(first_name=ats.person(ANA).first_name), by=OFFICE)
    assert Caller(ats)("GET", f"/people/{ANA}").headers["ETag"] == before
