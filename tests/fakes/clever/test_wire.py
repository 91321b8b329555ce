"""The wire of v3.0 and v3.1: which fields are there, how errors look, what stands under a record."""

import re
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from fakes.clever import Row
from fakes.clever.records import PLURALS
from tests.fakes.clever.builders import (
    MIDWOOD,
    STUYVESANT,
    District,
    basic,
    contact,
    course,
    district,
    district_admin,
    one_class,
    resource,
    school,
    section,
    staff,
    student,
    teacher,
    term,
)

USER = {"created", "district", "email", "last_modified", "name", "id", "roles"}
ROLES = {
    "student": {
        "credentials", "dob", "enrollments", "gender", "grade", "graduation_year", "hispanic_ethnicity",
        "location", "race", "school", "schools", "sis_id", "state_id", "student_number", "email",
        "legacy_id", "ell_status", "created", "last_modified",
    },
    "teacher": {
        "credentials", "school", "schools", "sis_id", "state_id", "teacher_number", "title", "legacy_id",
        "created", "last_modified", "district", "name",
    },
    "district_admin": {"title", "legacy_id"},
    "contact": {"phone", "phone_type", "sis_id", "student_relationships", "legacy_id"},
    "staff": {"legacy_id", "staff_id", "title", "department", "roles", "schools", "credentials"},
}  # fmt: skip
SECTION = {
    "course", "created", "district", "grade", "last_modified", "name", "period", "school", "section_number",
    "sis_id", "students", "subject", "teacher", "teachers", "term_id", "id",
}  # fmt: skip
DISTRICT = {
    "name", "portal_url", "sis_type", "error", "launch_date", "district_contact", "state", "last_sync",
    "login_methods", "id", "mdr_number", "nces_id",
}  # fmt: skip
STUDENT_V31 = {
    "preferred_name", "disability", "home_language", "home_language_code", "frl_status", "gifted_status",
    "iep_status", "section_504_status",
}  # fmt: skip


def everybody() -> tuple[Row, ...]:
    """One class and one person of every role, in two schools."""
    return (
        *one_class(),
        school(MIDWOOD, "Midwood High School"),
        course("ENG9", "English 9", "ELA"),
        student("200000002", schools=(MIDWOOD, STUYVESANT)),
        teacher("1000002", schools=(MIDWOOD,)),
        staff(),
        district_admin(),
        contact("9", "200000001"),
        section("english", ("1000002",), ("200000002",), school=MIDWOOD, course="ENG9"),
    )


# Records


@pytest.mark.parametrize(("role", "fields"), ROLES.items())
def test_a_user_has_the_fields_of_the_reference(role: str, fields: set[str]) -> None:
    with district(*everybody()) as clever:
        found = clever.get(f"/v3.0/users?role={role}")["data"][0]["data"]
        assert set(found) == USER
        assert set(found["roles"]) == {role}
        assert set(found["roles"][role]) == fields
        has_middle = role in {"student", "teacher"}
        assert set(found["name"]) == ({"first", "middle", "last"} if has_middle else {"first", "last"})


def test_a_section_and_a_district_have_the_fields_of_the_reference() -> None:
    with district(*one_class()) as clever:
        assert set(clever.section()) == SECTION
        assert set(clever.get("/v3.0/districts")["data"][0]["data"]) == DISTRICT


def test_schools_terms_and_courses_have_their_fields() -> None:
    with district(*one_class()) as clever:
        found = clever.get("/v3.0/schools")["data"][0]["data"]
        assert (found["sis_id"], found["low_grade"], found["location"]["city"]) == (STUYVESANT, "9", "New York")
        assert set(found["principal"]) == {"name", "email"}
        assert set(clever.get("/v3.0/terms")["data"][0]["data"]) == {
            "id", "district", "name", "start_date", "end_date",
        }  # fmt: skip
        assert clever.get("/v3.0/courses")["data"][0]["data"] == {
            "id": clever.id_of("course", "MATH9"),
            "district": clever.clever.district_id,
            "name": "Algebra 1",
            "number": "MATH9",
        }


def test_v31_adds_fields_and_takes_none() -> None:
    with district(*everybody()) as clever:
        older, newer = clever.user("200000001"), clever.user("200000001", version="v3.1")
        assert set(newer) == USER | {"lms_status"}
        assert set(newer["roles"]["student"]) == ROLES["student"] | STUDENT_V31
        assert {**newer["roles"]["student"], **older["roles"]["student"]} == newer["roles"]["student"]
        assert set(clever.section(version="v3.1")) == SECTION | {"lms_status"}
        new_of_district = {"lms_type", "lms_state", "last_attendance_sync"}
        assert set(clever.get("/v3.1/districts")["data"][0]["data"]) == DISTRICT | new_of_district


@pytest.mark.parametrize(
    ("delivered", "told"), [("2011-02-03", "2/3/2011"), ("2011-12-10", "12/10/2011"), ("unknown", "unknown")]
)
def test_a_birthday_is_month_day_year_without_zeros(delivered: str, told: str) -> None:
    with district(student(birth_date=delivered)) as clever:
        assert clever.user("200000001")["roles"]["student"]["dob"] == told


def test_invented_values_have_the_form_of_the_wire() -> None:
    with district(*(student(f"2000000{n:02d}", birth_date="", gender="") for n in range(40))) as clever:
        for item in clever.get("/v3.1/users")["data"]:
            role = item["data"]["roles"]["student"]
            assert re.fullmatch(r"[1-9]\d?/[1-9]\d?/\d{4}", role["dob"])
            assert role["gender"] in {"M", "F"}
            assert re.fullmatch(r"[1-9]\d{8}", role["state_id"])
            assert re.fullmatch(r"adap\d\d", role["credentials"]["district_username"])
            assert role["frl_status"] in {"Free", "Reduced", "Paid"}


@pytest.mark.parametrize(
    ("delivered", "told"),
    [("09", "9"), ("12", "12"), ("0K", "Kindergarten"), ("PK", "PreKindergarten"), ("", ""), ("Other", "Other")],
)
def test_grades_are_in_clevers_words(delivered: str, told: str) -> None:
    with district(student(grade=delivered)) as clever:
        assert clever.user("200000001")["roles"]["student"]["grade"] == told


@pytest.mark.parametrize(
    ("delivered", "told"),
    [("Mathematics", "math"), ("pe AND health", "PE and health"), ("ELA", "english/language arts"), ("", "")],
)
def test_subjects_are_in_clevers_words(delivered: str, told: str) -> None:
    with district(*one_class(), course(subject=delivered)) as clever:
        assert clever.section()["subject"] == told


# Envelopes


def test_a_list_wraps_each_record_with_its_path() -> None:
    with district(*one_class()) as clever:
        for version in ("v3.0", "v3.1"):
            answer = clever.get(f"/{version}/sections?limit=5")
            assert set(answer) == {"data", "links"}
            one = clever.id_of("section", "algebra")
            assert [item["uri"] for item in answer["data"]] == [f"/{version}/sections/{one}"]
            assert answer["data"][0]["data"]["id"] == one


def test_a_single_record_links_to_what_stands_under_it() -> None:
    with district(*one_class()) as clever:
        here = f"/v3.0/users/{clever.id_of('user', '200000001')}"
        names = ("district", "myContacts", "myStudents", "myTeachers", "resources", "schools", "sections")
        assert clever.get(here)["links"] == [
            {"rel": "self", "uri": here},
            *({"rel": name, "uri": f"{here}/{name}"} for name in names),
        ]
        for link in clever.get(here)["links"]:
            clever.get(link["uri"])


def test_every_link_of_every_kind_leads_somewhere() -> None:
    with district(*everybody()) as clever:
        for kind in ("districts", "schools", "sections", "courses", "terms", "users"):
            for item in clever.get(f"/v3.1/{kind}")["data"]:
                for link in clever.get(item["uri"])["links"]:
                    clever.get(link["uri"])


def test_me_tells_whose_token_it_is() -> None:
    with district() as clever:
        one = clever.clever.district_id
        found = clever.get("/v3.0/me")
        assert found["data"] == {"id": one, "district": one, "type": "district"}
        assert found["links"][0] == {"rel": "self", "uri": "/v3.0/me"}
        assert clever.get(found["links"][1]["uri"])["data"]["id"] == one


def test_every_answer_tells_the_simulated_time() -> None:
    with district() as clever:
        assert clever.ask("/v3.0/users").headers["Date"] == "Mon, 14 Sep 2026 10:00:00 GMT"


# Relations


def named(clever: District, uri: str) -> set[str]:
    return {clever.clever.sis_of(one) or one for one in clever.ids(uri)}


@pytest.mark.parametrize(
    ("kind", "sis_id", "below", "expected"),
    [
        ("school", MIDWOOD, "sections", {"english"}),
        ("school", MIDWOOD, "courses", {"ENG9"}),
        ("school", STUYVESANT, "courses", {"MATH9"}),
        ("school", STUYVESANT, "terms", {"2026-1"}),
        ("school", STUYVESANT, "users", {"200000001", "200000002", "1000001", "3000001"}),
        ("school", STUYVESANT, "users?role=student", {"200000001", "200000002"}),
        ("school", STUYVESANT, "users?role=teacher", {"1000001"}),
        ("school", STUYVESANT, "users?role=staff", {"3000001"}),
        ("school", STUYVESANT, "users?role=student&primary=true", {"200000001"}),
        ("school", MIDWOOD, "users?primary=true", {"200000002", "1000002"}),
        ("school", STUYVESANT, "users?role=student&primary=", {"200000001", "200000002"}),
        ("section", "algebra", "users", {"200000001", "1000001"}),
        ("section", "algebra", "users?role=teacher", {"1000001"}),
        ("section", "algebra", "users?role=student", {"200000001"}),
        ("course", "ENG9", "schools", {MIDWOOD}),
        ("course", "ENG9", "sections", {"english"}),
        ("term", "2026-1", "schools", {MIDWOOD, STUYVESANT}),
        ("term", "2026-1", "sections", {"english", "algebra"}),
        ("user", "200000002", "schools", {MIDWOOD, STUYVESANT}),
        ("user", "200000002", "schools?primary=true", {MIDWOOD}),
        ("user", "200000001", "sections", {"algebra"}),
        ("user", "1000002", "sections", {"english"}),
        ("user", "3000001", "sections", set()),
        ("user", "200000001", "myteachers", {"1000001"}),
        ("user", "200000001", "myContacts", {"9"}),
        ("user", "200000002", "mycontacts", set()),
        ("user", "1000001", "MYSTUDENTS", {"200000001"}),
        ("user", "200000001", "mystudents", set()),
        ("user", "1000001", "myteachers", set()),
    ],
)
@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
def test_what_stands_under_a_record(version: str, kind: Any, sis_id: str, below: str, expected: set[str]) -> None:
    with district(*everybody()) as clever:
        assert named(clever, f"/{version}/{kind}s/{clever.id_of(kind, sis_id)}/{below}") == expected


def test_a_section_leads_to_its_course_its_school_and_its_term() -> None:
    with district(*everybody()) as clever:
        here = f"/v3.0/sections/{clever.id_of('section', 'english')}"
        assert clever.get(f"{here}/course")["data"]["number"] == "ENG9"
        assert clever.get(f"{here}/school")["data"]["sis_id"] == MIDWOOD
        assert clever.get(f"{here}/term")["data"]["name"] == "Fall 2026"
        assert clever.get(f"{here}/term")["links"][0] == {"rel": "self", "uri": f"{here}/term"}


@pytest.mark.parametrize("kind", ["school", "section", "course", "term", "user"])
def test_everything_leads_to_its_district(kind: Any) -> None:
    with district(*one_class()) as clever:
        keys = {"school": STUYVESANT, "section": "algebra", "course": "MATH9", "term": "2026-1", "user": "1000001"}
        found = clever.get(f"/v3.0/{kind}s/{clever.id_of(kind, keys[kind])}/district")
        assert found["data"]["id"] == clever.clever.district_id


def test_relations_have_pages_too() -> None:
    people = [student(f"20000000{n}") for n in range(5)]
    with district(*people, section(students=tuple(row.sis_id for row in people), teachers=())) as clever:
        here = f"/v3.0/sections/{clever.id_of('section', 'algebra')}/users"
        first = clever.get(f"{here}?limit=2")
        assert len(first["data"]) == 2
        second = clever.get(first["links"][-1]["uri"])
        assert [link["rel"] for link in second["links"]] == ["self", "prev", "next"]
        assert clever.ids(second["links"][1]["uri"]) == clever.ids(f"{here}?limit=2")
        assert clever.ids(f"{here}?ending_before=last&limit=1") == clever.ids(here)[-1:]
        assert clever.ask(f"{here}?limit=10001").status_code == 413


# Errors


@pytest.mark.parametrize(
    "uri",
    [
        "/v3.0/users/000000000000000000000000",
        "/v3.0/users/nobody/sections",
        "/v3.0/sections/nothing",
        "/v3.0/sections/nothing/course",
        "/v3.0/schools/nothing/users",
        "/v3.0/terms/nothing/district",
        "/v3.0/districts/nothing",
        "/v3.0/students",
        "/v2.1/users",
        "/users",
    ],
)
def test_what_does_not_exist_is_a_404_with_a_message_only(uri: str) -> None:
    with district() as clever:
        answer = clever.ask(uri)
        assert answer.status_code == 404
        assert answer.mimetype == "application/json"
        assert list(answer.get_json()) == ["message"]


def test_an_id_of_another_kind_is_a_404() -> None:
    with district(*one_class()) as clever:
        assert clever.ask(f"/v3.0/users/{clever.id_of('section', 'algebra')}").status_code == 404


def test_a_section_without_a_course_has_none_to_lead_to() -> None:
    with district(section()) as clever:
        assert clever.ask(f"/v3.0/sections/{clever.id_of('section', 'algebra')}/course").status_code == 404


@pytest.mark.parametrize("uri", ["/v3.0/users?role=principal", "/v3.0/schools/{school}/users?role=contact"])
def test_an_unknown_role_is_refused(uri: str) -> None:
    with district(school()) as clever:
        assert clever.ask(uri.format(school=clever.id_of("school", STUYVESANT))).status_code == 400


def test_the_wire_only_reads() -> None:
    with district() as clever:
        answer = clever.client.post("/v3.0/users", headers={"Authorization": f"Bearer {clever.token}"}, json={})
        assert (answer.status_code, list(answer.get_json())) == (405, ["message"])


def test_routes_ignore_case() -> None:
    with district(*one_class()) as clever:
        one = clever.id_of("user", "200000001")
        assert clever.ids(f"/V3.0/Users/{one.upper()}/myTeachers") == clever.ids(f"/v3.0/users/{one}/myteachers")


# The document


def test_the_openapi_document_is_valid_and_open_to_all() -> None:
    with district() as clever:
        document = clever.ask("/openapi.json", headers={}).get_json()
        validate(document)
        assert "/v3.0/users/{id}/mystudents" in document["paths"]
        assert set(document["paths"]["/v3.1/users"]["get"]["responses"]) == {"200", "400", "401", "413", "429"}
        ids = [one["get"]["operationId"] for one in document["paths"].values()]
        assert len(ids) == len(set(ids))


def test_every_answer_fits_its_schema_in_the_document() -> None:
    with district() as clever:
        clever.clever.enable_events()
        clever.deliver(*everybody(), term(), resource())
        document = clever.ask("/openapi.json", headers={}).get_json()
        samples = {kind: clever.ids(f"/v3.0/{kind}")[0] for kind in (*PLURALS.values(), "events")}
        for path, methods in document["paths"].items():
            kind = path.split("/")[2]
            uri = path.replace("{id}", samples.get(kind, ""))
            if path == "/oauth/tokens":
                answer = clever.ask(f"{uri}?owner_type=district", headers=basic(clever.application)).get_json()
            else:
                answer = clever.get(uri)
            schema = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            jsonschema.validate(answer, {**schema, "components": document["components"]})


def test_counts_and_the_absence_of_resources_fit_their_schemas_too() -> None:
    with district(*one_class()) as clever:
        document = clever.ask("/openapi.json", headers={}).get_json()
        section_id = clever.id_of("section", "algebra")
        for path, uri in (
            ("/v3.1/users", "/v3.1/users?count=true"),
            ("/v3.1/sections/{id}/resources", f"/v3.1/sections/{section_id}/resources"),
        ):
            schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            jsonschema.validate(clever.get(uri), {**schema, "components": document["components"]})
