"""The routes of ATS/STARS over HTTP, and the OpenAPI document that describes them."""

import jsonschema
import msgspec
import pytest
from openapi_spec_validator import validate

from fakes.ats import Ats, create_app
from fakes.ats.records import Change, Schedule, Section, ShareablePage
from tests.fakes.ats.builders import (
    ANA,
    BEN,
    FIRST,
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
    turn,
)
from tests.fakes.ats.wires import TOKENS, Caller


def test_a_whole_story_goes_over_http(ats: Ats) -> None:
    call = Caller(ats)
    days = {"start": "2026-09-10", "end": "2027-01-29"}
    assert call("POST", "/schools", {"dbn": SCHOOL, "name": "Stuyvesant"}).status_code == 201
    assert call("POST", "/terms", {"code": TERM, "name": "Fall", **days}).status_code == 201
    assert call("POST", "/courses", {"code": "ALG1", "name": "Algebra 1"}).status_code == 201
    for person_id in ("1000001", FIRST, ANA, BEN):
        assert call("POST", "/people", msgspec.to_builtins(person(person_id))).status_code == 201
    new = {"dbn": SCHOOL, "term": TERM, "course": "ALG1", "number": "01", "teacher": "1000001"}
    assert call("POST", "/sections", new).status_code == 201
    section = f"/sections/{SECTION_ID}"
    assert call("POST", f"{section}/students", {"student": ANA}).status_code == 201
    assert call("POST", f"{section}/students", {"student": BEN}).status_code == 201
    assert call("DELETE", f"{section}/students/{BEN}").status_code == 200
    assert call("POST", f"{section}/co-teachers", {"teacher": FIRST}).status_code == 201
    assert call("DELETE", f"{section}/co-teachers/{FIRST}").status_code == 200
    assert call("PATCH", section, {"name": "Algebra, honors"}).status_code == 200
    assert call("POST", f"{section}/cancel").status_code == 200
    assert call("POST", f"{section}/restore").status_code == 200
    found = msgspec.json.decode(call("GET", section).data, type=Section)
    assert (found.name, found.students, found.canceled) == ("Algebra, honors", (ANA,), False)
    assert call("PATCH", f"/people/{ANA}", {"email": "ana@nycstudents.net"}).status_code == 200
    assert call("POST", f"/people/{ANA}/discharge").status_code == 200
    assert call.read(f"/people/{ANA}")["discharged"] is True
    assert call("POST", f"/people/{ANA}/readmit").status_code == 200
    assert call.read(f"/people/{ANA}")["discharged"] is False
    schedule = f"/schedules/{SCHOOL}/{TERM}"
    assert call("POST", f"{schedule}/finalize").status_code == 200
    assert call("POST", f"{schedule}/reopen").status_code == 200
    assert msgspec.json.decode(call("GET", schedule).data, type=Schedule).state == "draft"
    turn(ats, 72)
    shared = msgspec.json.decode(call("GET", "/shareable").data, type=ShareablePage)
    assert [item.change for item in shared.items] == changes(ats)


def test_third_co_teacher_is_refused_over_http_with_a_message_that_helps(ats: Ats) -> None:
    add_algebra(ats, FIRST, SECOND)
    call = Caller(ats)
    before = call("GET", "/changes").data
    answer = call("POST", f"/sections/{SECTION_ID}/co-teachers", {"teacher": THIRD})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == "co_teacher_limit"
    assert "at most 2" in answer.json["message"]
    assert "by hand to the class in Otus" in answer.json["message"]
    assert call("GET", "/changes").data == before


@pytest.mark.parametrize("token", [None, "", "wrong", "office-token-and-more", "office-toke"])
def test_nothing_is_told_without_a_known_token(ats: Ats, token: str | None) -> None:
    populate(ats)
    for path in ("/schools", "/people", "/changes", "/shareable"):
        answer = Caller(ats, token)("GET", path)
        assert answer.status_code == 401
        assert answer.json is not None
        assert answer.json["code"] == "unauthorized"
        assert token is None or not token or token not in answer.json["message"]


def test_a_token_counts_only_as_a_bearer_token(ats: Ats) -> None:
    client = create_app(ats, TOKENS).test_client()
    for header in ("office-token", "Basic office-token", "Bearer", "Bearer öffice"):
        assert client.get("/schools", headers={"Authorization": header}).status_code == 401
    assert client.get("/schools", headers={"Authorization": "bearer office-token"}).status_code == 200


def test_the_history_names_the_owner_of_the_token(ats: Ats) -> None:
    populate(ats)
    Caller(ats, "school-token")("PATCH", f"/people/{ANA}", {"grade": "10"})
    assert changes(ats, ANA)[-1].by == "school secretary"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/schools/99Z999", None, 404),
        ("GET", "/people/209999999", None, 404),
        ("GET", "/people?dbn=99Z999", None, 404),
        ("GET", "/sections/nowhere", None, 404),
        ("GET", "/schedules/99Z999/2026-1", None, 404),
        ("GET", "/nowhere", None, 404),
        ("PUT", "/schools", {}, 405),
        ("GET", "/people?dbn=nowhere", None, 400),
        ("GET", "/people?limit=0", None, 400),
        ("GET", "/people?wrong=1", None, 400),
        ("GET", "/changes?kind=night", None, 400),
        ("GET", "/changes?after=-1", None, 400),
        ("GET", "/changes?after=99999999999999999999", None, 400),
        ("GET", "/shareable?at=yesterday", None, 400),
        ("GET", "/shareable?lag_hours=-1", None, 400),
        ("GET", "/shareable?lag_hours=nan", None, 400),
        ("POST", "/schools", {"dbn": "02M475", "name": "Again"}, 409),
        ("POST", "/schools", {"dbn": "2M475", "name": "Short"}, 422),
        ("PATCH", f"/people/{ANA}", {"osis": "1"}, 422),
        ("PATCH", f"/people/{ANA}", {"email": None}, 422),
        ("POST", f"/sections/{SECTION_ID}/students", {"student": "12"}, 422),
        ("DELETE", f"/sections/{SECTION_ID}/students/{BEN}", None, 404),
        ("POST", f"/sections/{SECTION_ID}/restore", None, 409),
        ("POST", f"/schedules/{SCHOOL}/{TERM}/reopen", None, 409),
    ],
)
def test_a_bad_request_is_answered_with_a_problem(ats: Ats, method: str, path: str, body: object, status: int) -> None:
    add_algebra(ats)
    history = changes(ats)
    answer = Caller(ats)(method, path, body)
    assert answer.status_code == status, answer.data
    assert answer.json is not None
    assert set(answer.json) == {"message", "code"}
    assert changes(ats) == history


def test_lists_come_in_pages_and_by_school(ats: Ats) -> None:
    add_algebra(ats)
    call = Caller(ats)
    page = call.read("/schools?limit=1")
    assert (len(page["items"]), page["next"]) == (1, SCHOOL)
    assert [found["id"] for found in call.read(f"/sections?dbn={SCHOOL}")["items"]] == [SECTION_ID]
    assert len(call.read("/people?dbn=10X445")["items"]) == 2
    assert len(call.read(f"/schedules?dbn={SCHOOL}")["items"]) == 1
    lines = call.read(f"/changes?kind=section&key={SECTION_ID}")["items"]
    assert msgspec.convert(lines, list[Change]) == changes(ats, SECTION_ID)


def test_every_answer_carries_the_time_of_the_clock(ats: Ats) -> None:
    assert isinstance(ats.clock, TurnedClock)
    call = Caller(ats)
    assert call("GET", "/schools").headers["Date"] == "Mon, 14 Sep 2026 14:00:00 GMT"
    ats.clock.turn(1)
    assert call("GET", "/nowhere").headers["Date"] == "Mon, 14 Sep 2026 15:00:00 GMT"


def test_the_openapi_document_is_valid_and_needs_no_token(ats: Ats) -> None:
    written = Caller(ats, token=None).read("/openapi.json")
    validate(written)
    assert written["info"]["title"] == "ATS/STARS"


@pytest.mark.parametrize(
    ("path", "declared"),
    [
        ("/schools", "/schools"),
        (f"/schools/{SCHOOL}", "/schools/{dbn}"),
        ("/terms", "/terms"),
        ("/courses", "/courses"),
        ("/people", "/people"),
        (f"/people/{ANA}", "/people/{person_id}"),
        ("/sections", "/sections"),
        (f"/sections/{SECTION_ID}", "/sections/{section_id}"),
        ("/schedules", "/schedules"),
        (f"/schedules/{SCHOOL}/{TERM}", "/schedules/{dbn}/{term}"),
        ("/changes", "/changes"),
        ("/shareable", "/shareable"),
        ("/people/209999999", "/people/{person_id}"),
    ],
)
def test_answers_fit_the_openapi_document(ats: Ats, path: str, declared: str) -> None:
    add_algebra(ats, FIRST, students=(ANA,), finalized=True)
    turn(ats, 72)
    call = Caller(ats)
    written = call.read("/openapi.json")
    answer = call("GET", path)
    described = written["paths"][declared]["get"]["responses"][str(answer.status_code)]
    schema = described["content"]["application/json"]["schema"]
    whole = {**schema, "components": written["components"]}
    jsonschema.Draft202012Validator(whole).validate(answer.json)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(whole).validate({"surprise": True})
