"""Records have every field of the reference, with values as they could be in New York City."""

import re
from typing import Any

import pytest

from fakes.clever import Row
from tests.fakes.clever.builders import (
    MIDWOOD,
    STUYVESANT,
    contact,
    district,
    district_admin,
    one_class,
    school,
    section,
    staff,
    student,
    teacher,
)

GIVEN = (("ext.bus", "B46"),)
STAMPS = {"created", "last_modified"}
REFERENCE: dict[str, set[str]] = {
    "district": {
        "id", "name", "state", "sis_type", "login_methods", "portal_url", "launch_date", "last_sync",
        "last_attendance_sync", "pause_start", "pause_end", "error", "mdr_number", "nces_id", "lms_type", "lms_state",
        "district_contact",
    },
    "district.district_contact": {"id", "district", "email", "title", "name"},
    "school": {
        "id", "district", "name", "school_number", "sis_id", "state_id", "nces_id", "mdr_number", "low_grade",
        "high_grade", "phone", "principal", "location", "ext", *STAMPS,
    },
    "school.principal": {"name", "email"},
    "school.location": {"address", "city", "state", "zip", "lat", "lon"},
    "user": {"id", "district", "email", "name", "lms_status", "roles", *STAMPS},
    "user.name": {"first", "middle", "last"},
    "student": {
        "legacy_id", "sis_id", "student_number", "state_id", "school", "schools", "enrollments", "dob", "gender",
        "grade", "graduation_year", "race", "hispanic_ethnicity", "ell_status", "home_language", "home_language_code",
        "frl_status", "gifted_status", "iep_status", "section_504_status", "disability", "preferred_name", "location",
        "credentials", "ext", "email", *STAMPS,
    },
    "student.preferred_name": {"first", "middle", "last"},
    "student.credentials": {"district_username"},
    "teacher": {
        "legacy_id", "sis_id", "teacher_number", "state_id", "title", "school", "schools", "credentials", "ext",
        "district", "name", *STAMPS,
    },
    "staff": {"legacy_id", "staff_id", "title", "department", "roles", "schools", "credentials", "ext"},
    "district_admin": {"legacy_id", "title"},
    "contact": {"legacy_id", "sis_id", "phone", "phone_type", "student_relationships"},
    "section": {
        "id", "district", "school", "name", "sis_id", "section_number", "period", "subject", "grade", "course",
        "term_id", "teacher", "teachers", "students", "lms_status", "ext", *STAMPS,
    },
    "course": {"id", "district", "name", "number"},
    "term": {"id", "district", "name", "start_date", "end_date"},
}  # fmt: skip
"""Of facts on Clever's wire, "Records", in v3.1."""


def everybody() -> tuple[Row, ...]:
    return (
        *one_class(),
        school(),
        student(given=GIVEN),
        teacher("1000001", "kim@schools.example", given=GIVEN),
        staff("3000001", "kim@schools.example", given=GIVEN, title="Coach"),
        district_admin("4000001", "kim@schools.example", title="Superintendent"),
        contact("9", "200000001"),
        section(given=(*GIVEN, ("grade", "09"))),
    )


def records() -> dict[str, Any]:
    """Read one record of everything, the school with a field of the district's own."""
    with district(*everybody()) as clever:
        made = school()
        clever.deliver(type(made)(made.sis_id, made.name, made.low_grade, made.high_grade, GIVEN))
        clever.clever.pause(until=clever.now.date())
        kinds = ("district", "school", "section", "course", "term")
        found = {kind: clever.get(f"/v3.1/{kind}s")["data"][0]["data"] for kind in kinds}
        kim, child = clever.user("1000001", version="v3.1"), clever.user("200000001", version="v3.1")
        found |= {"user": child, **kim["roles"], **child["roles"]}
        return {**found, **clever.user("9", version="v3.1")["roles"]}


@pytest.mark.parametrize("what", REFERENCE)
def test_a_record_has_every_field_of_the_reference(what: str) -> None:
    kind, _, part = what.partition(".")
    found = records()[kind]
    assert set(found[part] if part else found) == REFERENCE[what]


def test_a_person_in_three_roles_is_one_user_with_all_three() -> None:
    with district(*everybody()) as clever:
        found = clever.user("1000001")
        assert set(found["roles"]) == {"teacher", "staff", "district_admin"}
        assert found["roles"]["teacher"]["name"] == found["name"]
        assert len({role["legacy_id"] for role in found["roles"].values()} | {found["id"]}) == 4


def test_people_and_schools_live_in_their_borough() -> None:
    with district(school(MIDWOOD, "Midwood"), student(schools=(MIDWOOD,))) as clever:
        place = clever.get("/v3.1/schools")["data"][0]["data"]
        home = clever.user("200000001")["roles"]["student"]["location"]
        for location in (place["location"], home):
            assert (location["city"], location["state"]) == ("Brooklyn", "NY")
            assert location["zip"].startswith("112")
            assert abs(float(location["lat"]) - 40.65) < 0.1
            assert abs(float(location["lon"]) + 73.95) < 0.1
        assert place["phone"].startswith("(718) 555-01")
        assert re.fullmatch(r"[A-Z][\w'-]+ [A-Z][\w'-]+", place["principal"]["name"])


@pytest.mark.parametrize(
    ("grade", "year"), [("09", "2030"), ("12", "2027"), ("1", "2038"), ("PK", ""), ("", ""), ("13", "")]
)
def test_a_student_graduates_when_grade_twelve_is_over(grade: str, year: str) -> None:
    with district(student(grade=grade)) as clever:
        assert clever.user("200000001")["roles"]["student"]["graduation_year"] == year


def test_a_student_is_enrolled_in_each_of_their_schools() -> None:
    rows = school(), school(MIDWOOD, "Midwood"), student(schools=(MIDWOOD, STUYVESANT))
    with district(*rows) as clever:
        role = clever.user("200000001")["roles"]["student"]
        assert [one["school"] for one in role["enrollments"]] == role["schools"]
        assert {(one["start_date"], one["end_date"]) for one in role["enrollments"]} == {("2026-09-14", "")}


def test_who_has_an_iep_has_a_disability_and_nobody_else() -> None:
    with district(*(student(f"2000000{number:02d}") for number in range(60))) as clever:
        found = [item["data"]["roles"]["student"] for item in clever.get("/v3.1/users")["data"]]
        assert {role["iep_status"] for role in found} == {"Y", "N"}
        for role in found:
            has = role["iep_status"] == "Y"
            assert bool(role["disability"]["disability_type"]) is bool(role["disability"]["disability_code"]) is has


def test_the_same_seed_gives_the_same_records_and_another_gives_others() -> None:
    told = []
    for seed in (1, 1, 2):
        with district(*everybody(), seed=seed) as clever:
            told.append(clever.user("200000001")["roles"]["student"]["state_id"])
    assert told[0] == told[1] != told[2]
