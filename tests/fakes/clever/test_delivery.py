"""F4: Clever holds what the feed has delivered, nothing newer."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.clever import CleverSettings, Removal, Row
from tests.fakes.clever.builders import (
    MIDWOOD,
    STUYVESANT,
    District,
    contact,
    course,
    district,
    gone,
    one_class,
    school,
    section,
    staff,
    student,
    teacher,
    term,
)


def test_nothing_is_held_before_the_first_delivery() -> None:
    with district() as clever:
        assert clever.ids("/v3.0/users") == []
        assert clever.get("/v3.0/districts?count=true") == {"count": 1}


def test_a_delivered_class_names_its_teacher_and_its_students() -> None:
    with district(*one_class()) as clever:
        found = clever.section()
        assert found["teacher"] == clever.id_of("user", "1000001")
        assert found["teachers"] == [found["teacher"]]
        assert found["students"] == [clever.id_of("user", "200000001")]
        assert found["school"] == clever.id_of("school", STUYVESANT)
        assert found["course"] == clever.id_of("course", "MATH9")
        assert found["term_id"] == clever.id_of("term", "2026-1")


def test_rows_may_arrive_in_any_order_and_apart() -> None:
    with district(section()) as clever:
        found = clever.section()
        assert (found["teacher"], found["teachers"], found["students"]) == ("", [], [])
        assert (found["school"], found["course"], found["term_id"], found["subject"]) == ("", "", "", "")
        for row in (student(), teacher(), course(), term(), school()):
            clever.deliver(row)
        found = clever.section()
        assert found["students"] == [clever.id_of("user", "200000001")]
        assert found["teacher"] == clever.id_of("user", "1000001")
        assert (found["school"], found["subject"]) == (clever.id_of("school", STUYVESANT), "math")


def test_a_student_who_leaves_is_left_out_of_the_class() -> None:
    with district(*one_class(), student("200000002"), section(students=("200000001", "200000002"))) as clever:
        clever.later(hours=1)
        clever.deliver(Removal("user", "200000001", "student"))
        found = clever.section()
        assert found["students"] == [clever.id_of("user", "200000002")]
        assert found["last_modified"] == "2026-09-14T11:00:00.000Z"
        assert clever.clever.clever_id("user", "200000001") is None


def test_removing_a_user_without_a_role_removes_every_role() -> None:
    with district(teacher("7", "kim@schools.example"), staff("7", "kim@schools.example")) as clever:
        clever.deliver(Removal("user", "7"))
        assert clever.ids("/v3.0/users") == []


def test_removing_what_is_not_held_changes_nothing() -> None:
    with district(*one_class()) as clever:
        before = clever.get("/v3.0/users")
        clever.deliver(Removal("user", "999999999", "student"), Removal("section", "nowhere"))
        assert clever.get("/v3.0/users") == before


def test_the_main_teacher_comes_first_and_co_teachers_follow_as_delivered() -> None:
    people = [teacher(f"100000{n}") for n in range(4)]
    named = ("1000003", "1000000", "1000002")
    with district(*people, section(teachers=named)) as clever:
        found = clever.section()
        assert found["teachers"] == [clever.id_of("user", number) for number in named]
        assert found["teacher"] == found["teachers"][0]


def test_a_co_teacher_stands_first_when_clever_does_not_hold_the_main_teacher() -> None:
    with district(teacher("1000002"), section(teachers=("1000001", "1000002"))) as clever:
        assert clever.section()["teacher"] == clever.id_of("user", "1000002")


def test_a_teacher_named_twice_stands_where_named_first() -> None:
    with district(teacher("1"), teacher("2"), section(teachers=("1", "2", "1"))) as clever:
        assert clever.section()["teachers"] == [clever.id_of("user", "1"), clever.id_of("user", "2")]


def test_a_section_has_at_most_ten_teachers() -> None:
    people = [teacher(f"10000{n}") for n in range(10, 22)]
    with district(*people, section(teachers=tuple(row.sis_id for row in people))) as clever:
        assert len(clever.section()["teachers"]) == 10


def test_students_of_a_class_stand_in_the_order_of_their_ids() -> None:
    with district(student("200000002"), student("200000001")) as clever:
        clever.deliver(section(students=("200000001", "200000002", "200000001")))
        found = clever.section()["students"]
        assert found == sorted(found)
        assert len(found) == 2


def test_last_modified_moves_only_when_the_record_is_another_one() -> None:
    with district(*one_class()) as clever:
        clever.later(days=1)
        clever.deliver(*one_class())
        clever.deliver(student(), course(name="Algebra One"))
        assert clever.user("200000001")["last_modified"] == "2026-09-14T10:00:00.000Z"
        assert clever.section()["last_modified"] == "2026-09-14T10:00:00.000Z"
        clever.deliver(student(email="new@schools.example"))
        found = clever.user("200000001")
        assert found["email"] == found["roles"]["student"]["email"] == "new@schools.example"
        assert found["last_modified"] == "2026-09-15T10:00:00.000Z"
        assert found["created"] == "2026-09-14T10:00:00.000Z"


def test_of_several_rows_of_one_key_the_last_counts() -> None:
    with district(student(email="a@schools.example"), student(email="b@schools.example")) as clever:
        assert clever.user("200000001")["email"] == "b@schools.example"
        clever.deliver(gone(student()), student(email="c@schools.example"))
        assert clever.user("200000001")["email"] == "c@schools.example"


def test_a_changed_subject_changes_the_sections_of_the_course() -> None:
    with district(*one_class()) as clever:
        clever.later(hours=1)
        clever.deliver(course(subject="Basket weaving"))
        assert clever.section()["subject"] == "other"
        assert clever.section()["last_modified"] == "2026-09-14T11:00:00.000Z"


def test_a_school_that_goes_and_returns_is_named_again() -> None:
    with district(*one_class()) as clever:
        before = clever.id_of("school", STUYVESANT)
        clever.deliver(gone(school()))
        assert clever.section()["school"] == ""
        assert clever.user("200000001")["roles"]["student"]["schools"] == []
        clever.deliver(school())
        assert clever.section()["school"] == before
        assert clever.user("200000001")["roles"]["student"]["school"] == before


def test_the_primary_school_is_named_apart_from_the_list_in_order_of_ids() -> None:
    rows = school(STUYVESANT), school(MIDWOOD, "Midwood"), student(schools=(MIDWOOD, STUYVESANT))
    with district(*rows) as clever:
        role = clever.user("200000001")["roles"]["student"]
        assert role["school"] == clever.id_of("school", MIDWOOD)
        assert role["schools"] == [clever.id_of("school", STUYVESANT), clever.id_of("school", MIDWOOD)]


def test_a_contact_names_the_students_clever_holds() -> None:
    with district(student(), contact("9", "200000001", "200000002")) as clever:
        related = clever.user("9")["roles"]["contact"]["student_relationships"]
        assert [one["student"] for one in related] == [clever.id_of("user", "200000001")]
        clever.deliver(student("200000002"))
        assert len(clever.user("9")["roles"]["contact"]["student_relationships"]) == 2


def test_section_names_are_as_delivered_unless_clever_makes_them() -> None:
    with district(*one_class()) as clever:
        assert clever.section()["name"] == "Algebra 1-01"
    with district(*one_class(), settings=CleverSettings(section_names="generated")) as clever:
        assert clever.section()["name"] == "Algebra 1 - Person1 - 3"
        clever.deliver(teacher(last_name="Diaz"))
        assert clever.section()["name"] == "Algebra 1 - Diaz - 3"
        clever.deliver(section(teachers=()))
        assert clever.section()["name"] == "Algebra 1 - 3"


def test_invented_values_stay_with_a_person_and_come_from_the_seed() -> None:
    row = student(birth_date="", gender="")
    with district(row) as one, district(row) as same, district(row, seed=2) as other:
        invented = one.user("200000001", version="v3.1")["roles"]
        one.deliver(student(birth_date="", gender="", email="new@schools.example"))
        kept = one.user("200000001", version="v3.1")["roles"]
        assert {**kept["student"], "email": ""} == {**invented["student"], "email": ""}
        assert same.user("200000001", version="v3.1")["roles"] == invented
        assert other.user("200000001", version="v3.1")["roles"] != invented


def test_judges_see_the_roster_by_the_districts_own_ids() -> None:
    rows = one_class()[:4]
    people = teacher("1000002"), student("200000002"), student("200000001")
    roster = section(teachers=("1000002", "1000001"), students=("200000001", "200000002", "209999999"))
    with district(*rows, *people, roster) as clever:
        assert clever.clever.section_members("algebra") == (
            ("teacher", "1000002"),
            ("co_teacher", "1000001"),
            ("student", "200000001"),
            ("student", "200000002"),
        )
        assert clever.clever.section_members("nowhere") == ()


WHOLE: tuple[Row, ...] = (
    *one_class(),
    school(MIDWOOD, "Midwood"),
    teacher("1000002", "kim@schools.example"),
    staff("3000002", "Kim@schools.example"),
    student("200000002", schools=(MIDWOOD, STUYVESANT)),
    contact("9", "200000002"),
    section("geometry", teachers=("1000002", "1000001"), students=("200000002", "200000001")),
)


def _said(clever: District, value: Any) -> Any:
    """Say what a record says with the district's own ids, and without what hangs on Clever's."""
    if isinstance(value, dict):
        return {name: _said(clever, part) for name, part in value.items() if name not in {"legacy_id", "uri"}}
    if isinstance(value, list):
        return sorted((_said(clever, part) for part in value), key=json.dumps)
    return clever.clever.sis_of(value) or value if isinstance(value, str) else value


def _everything(clever: District) -> dict[str, list[str]]:
    return {
        kind: sorted(json.dumps(_said(clever, item)) for item in clever.get(f"/v3.1/{kind}")["data"])
        for kind in ("schools", "terms", "courses", "users", "sections")
    }


@given(st.permutations(WHOLE), st.integers(1, len(WHOLE)))
@settings(max_examples=25, deadline=None)
def test_whatever_the_order_of_rows_the_records_say_the_same(rows: list[Row], cut: int) -> None:
    with district(*WHOLE) as whole, district(*rows[:cut]) as parts:
        for row in rows[cut:]:
            parts.deliver(row)
        assert _everything(parts) == _everything(whole)
        assert parts.clever.section_members("geometry") == whole.clever.section_members("geometry")
