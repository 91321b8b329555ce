"""Who may do what in ATS/STARS: the office everything, a school reads."""

import pytest

from fakes.ats import Actor, Ats, api, create_app
from fakes.ats.rights import RIGHTS, rights_in_words
from tests.fakes.ats.builders import ANA, BEN, SCHOOL, SECTION_ID, TERM, add_algebra, changes
from tests.fakes.ats.wires import Caller

SCHOOL_TOKEN = "school-token"
READS = [
    "/schools",
    f"/schools/{SCHOOL}",
    "/terms",
    f"/terms/{TERM}",
    "/courses/ALG1",
    f"/people/{ANA}",
    f"/people/{ANA}/history",
    f"/sections/{SECTION_ID}",
    f"/schedules/{SCHOOL}/{TERM}",
    "/changes/1",
    "/shareable",
    "/export",
    "/export/lines",
]
WRITES: list[tuple[str, str, object]] = [
    ("POST", "/schools", {"dbn": "01M001", "name": "New"}),
    ("POST", "/terms", {"code": "2027-1", "name": "Next", "start": "2027-09-10", "end": "2028-01-29"}),
    ("POST", "/courses", {"code": "GEO", "name": "Geometry"}),
    ("PATCH", f"/people/{ANA}", {"email": "new@nycstudents.net"}),
    ("POST", f"/people/{ANA}/discharge", None),
    ("POST", f"/sections/{SECTION_ID}/students", {"student": BEN}),
    ("DELETE", f"/sections/{SECTION_ID}/students/{ANA}", None),
    ("PATCH", f"/sections/{SECTION_ID}", {"name": "X"}),
    ("POST", f"/sections/{SECTION_ID}/cancel", None),
    ("POST", f"/schedules/{SCHOOL}/{TERM}/finalize", None),
    ("POST", "/import", {"schools": [{"dbn": "01M001", "name": "New"}]}),
]


def secretary(ats: Ats) -> Caller:
    return Caller(ats, SCHOOL_TOKEN, {SCHOOL_TOKEN: Actor("secretary of 02M475", "school")})


@pytest.mark.parametrize("path", READS)
def test_a_school_reads_everything(ats: Ats, path: str) -> None:
    add_algebra(ats, students=(ANA,))
    assert secretary(ats)("GET", path).status_code == 200


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_school_changes_nothing_and_is_told_whom_to_ask(ats: Ats, method: str, path: str, body: object) -> None:
    add_algebra(ats, students=(ANA,))
    before = ats.store.snapshot()
    answer = secretary(ats)(method, path, body)
    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["code"] == "forbidden"
    assert "secretary of 02M475 may not" in answer.json["message"]
    assert "the DIIT office" in answer.json["message"]
    assert ats.store.snapshot() == before


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_the_office_may_do_all_of_it(ats: Ats, method: str, path: str, body: object) -> None:
    add_algebra(ats, students=(ANA,))
    assert Caller(ats)(method, path, body).status_code in (200, 201)


def test_plain_words_for_a_token_are_somebody_of_the_office(ats: Ats) -> None:
    add_algebra(ats)
    client = create_app(ats, {"a": "Ms. Ortiz"}).test_client()
    answer = client.patch(f"/people/{ANA}", json={"grade": "10"}, headers={"Authorization": "Bearer a"})
    assert answer.status_code == 200
    assert changes(ats, ANA)[-1].by == "Ms. Ortiz"


def test_every_route_names_a_deed_of_the_table_and_the_documentation_shows_both() -> None:
    assert {operation.deed for operation in api.operations} == set(RIGHTS)
    document = api.document()
    assert rights_in_words() in document["info"]["description"]
    assert "May: the DIIT office." in document["paths"]["/people"]["post"]["description"]
    assert (Ats.__doc__ or "").count("yes") == sum(len(kinds) for kinds in RIGHTS.values())
