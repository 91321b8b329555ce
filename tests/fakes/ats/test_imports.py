"""Many records in and out at once, each held to the rules of a single edit."""

import json
from typing import Any

import msgspec
import pytest

from fakes.ats import Ats, imports
from tests.fakes.ats.builders import (
    ANA,
    BEN,
    FIRST,
    MAIN,
    OFFICE,
    SCHOOL,
    SECOND,
    SECTION_ID,
    TERM,
    THIRD,
    TurnedClock,
    add_algebra,
    changes,
    person,
    populate,
)
from tests.fakes.ats.wires import Caller

DOCUMENT: dict[str, Any] = {
    "schools": [{"dbn": SCHOOL, "name": "Stuyvesant"}],
    "terms": [{"code": TERM, "name": "Fall", "start": "2026-09-10", "end": "2027-01-29"}],
    "courses": [{"code": "ALG1", "name": "Algebra 1"}],
    "people": [msgspec.to_builtins(person(who)) for who in (MAIN, FIRST, SECOND, THIRD, ANA)],
    "sections": [
        {
            "id": SECTION_ID,
            "dbn": SCHOOL,
            "term": TERM,
            "course": "ALG1",
            "number": "01",
            "name": "Algebra",
            "teacher": MAIN,
            "students": [ANA],
        }
    ],
    "schedules": [{"dbn": SCHOOL, "term": TERM, "state": "finalized"}],
}


def send(ats: Ats, document: dict[str, Any], query: str = "") -> dict[str, Any]:
    answer = Caller(ats)("POST", f"/import{query}", document)
    assert answer.status_code == 200, answer.data
    result: dict[str, Any] = json.loads(answer.data)
    return result


def statuses(result: dict[str, Any]) -> list[str]:
    return [row["status"] for row in result["results"]]


def crowded() -> dict[str, Any]:
    """The document with a third co-teacher (F2)."""
    section = {**DOCUMENT["sections"][0], "co_teachers": [FIRST, SECOND, THIRD]}
    return {**DOCUMENT, "sections": [section]}


def test_an_empty_ats_is_filled_by_one_document(ats: Ats) -> None:
    result = send(ats, DOCUMENT)
    # A section opens its schedule, so that this row finds it as a draft.
    assert (result["written"], result["created"], result["updated"], result["refused"]) == (True, 9, 1, 0)
    assert ats.section(SECTION_ID).students == (ANA,)
    assert ats.schedule(SCHOOL, TERM).state == "finalized"
    assert {change.by for change in changes(ats)} == {OFFICE}


def test_the_same_document_again_changes_nothing(ats: Ats) -> None:
    send(ats, DOCUMENT)
    before = ats.store.snapshot()
    result = send(ats, DOCUMENT)
    assert statuses(result) == ["unchanged"] * 10
    assert ats.store.snapshot() == before


def test_an_imported_row_is_held_to_the_rules_and_refused_alone(ats: Ats) -> None:
    result = send(ats, crowded())
    row = result["results"][8]
    assert (row["status"], row["code"], row["kind"], row["key"]) == (
        "refused",
        "co_teacher_limit",
        "section",
        SECTION_ID,
    )
    assert "at most 2" in row["message"]
    assert (result["written"], result["created"], result["refused"]) == (True, 9, 1)


def test_all_or_nothing_writes_nothing_when_a_row_is_refused(ats: Ats) -> None:
    before = ats.store.snapshot()
    result = send(ats, crowded(), "?all_or_nothing=true")
    assert result["written"] is False
    assert statuses(result) == ["not_written"] * 8 + ["refused", "not_written"]
    assert ats.store.snapshot() == before
    assert send(ats, DOCUMENT, "?all_or_nothing=true")["written"] is True


def test_a_document_with_a_malformed_record_is_refused_whole(ats: Ats) -> None:
    answer = Caller(ats)("POST", "/import", {"people": [{**DOCUMENT["people"][0], "shoe_size": 42}]})
    assert answer.status_code == 422
    assert b"people" in answer.data
    assert changes(ats) == []


def test_a_line_that_cannot_be_read_is_refused_alone(ats: Ats) -> None:
    result = Caller(ats).send_lines(
        "/import/lines",
        json.dumps({"kind": "school", **DOCUMENT["schools"][0]}),
        "",
        "{",
        json.dumps({"kind": "planet", "name": "Mars"}),
        json.dumps({"kind": "course", "code": "ALG1", "name": ""}),
    )
    assert [(row["row"], row["status"]) for row in result["results"]] == [
        (1, "created"),
        (3, "refused"),
        (4, "refused"),
        (5, "refused"),
    ]
    assert all(row["message"] for row in result["results"][1:])


def test_what_is_exported_can_be_imported_elsewhere_and_is_the_same(ats: Ats) -> None:
    add_algebra(ats, FIRST, students=(ANA,), finalized=True)
    ats.discharge(BEN, by=OFFICE)
    ats.cancel_section(SECTION_ID, by=OFFICE)
    lines = Caller(ats)("GET", "/export/lines").data.decode()
    other = Ats(TurnedClock())
    result = Caller(other).send_lines("/import/lines", *lines.splitlines())
    assert result["refused"] == 0
    assert Caller(other)("GET", "/export/lines").data.decode() == lines
    again = Ats(TurnedClock())
    document = Caller(ats).read("/export")
    assert send(again, document)["refused"] == 0
    assert Caller(again).read("/export") == document
    for one in (other, again):
        one.store.close()


def test_who_is_imported_as_gone_leaves_their_sections(ats: Ats) -> None:
    add_algebra(ats, FIRST, students=(ANA, BEN))
    gone = {**msgspec.to_builtins(person(ANA)), "discharged": True}
    moved = msgspec.to_builtins(person(FIRST, "10X445"))
    assert statuses(send(ats, {"people": [gone, moved]})) == ["updated", "updated"]
    assert ats.section(SECTION_ID).students == (BEN,)
    assert ats.section(SECTION_ID).co_teachers == ()


def test_a_section_cannot_be_imported_under_an_id_of_its_own(ats: Ats) -> None:
    populate(ats)
    result = send(ats, {"sections": [{**DOCUMENT["sections"][0], "id": "mine"}]})
    assert result["results"][0]["code"] == "wrong_id"


@pytest.mark.parametrize(("was", "becomes"), [("draft", "finalized"), ("finalized", "draft")])
def test_a_schedule_is_brought_into_the_imported_state(ats: Ats, was: str, becomes: str) -> None:
    add_algebra(ats, finalized=was == "finalized")
    rows = {"schedules": [{"dbn": SCHOOL, "term": TERM, "state": becomes}]}
    assert statuses(send(ats, rows)) == ["updated"]
    assert ats.schedule(SCHOOL, TERM).state == becomes


def test_more_rows_than_the_limit_are_too_many(ats: Ats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "ROWS_MAX", 9)
    assert Caller(ats)("POST", "/import", DOCUMENT).status_code == 413
    assert changes(ats) == []
    populate(ats)
    assert Caller(ats)("GET", "/export").status_code == 413
