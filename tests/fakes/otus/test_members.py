"""People add and remove members by hand (F8, F9, H1, H5, H6, H8)."""

import pytest

from tests.fakes.otus.builders import (
    OTHER_SCHOOL,
    SCHOOL,
    District,
    account,
    by_hand,
    class_,
    members,
    people,
    rostered,
    rostered_class,
    sandbox,
    write_accounts,
)


def test_a_co_teacher_added_by_hand_to_a_rostered_class_is_there_by_hand(district: District) -> None:
    tom, ada = people(district, "teacher", "teacher")
    algebra = rostered_class(district, tom)
    answer = district.person(tom, "POST", f"/classes/{algebra}/members", {"part": "co_teacher", "account": ada})
    assert answer == (201, {"account": ada, "part": "co_teacher", "provenance": "manual"})
    assert members(district, algebra) == {tom: ("teacher", "clever"), ada: ("co_teacher", "manual")}
    assert class_(district, algebra)["version"] == 1


@pytest.mark.parametrize(("part", "role"), [("student", "student"), ("co_teacher", "teacher")])
def test_adding_an_unknown_email_makes_an_account_by_hand(district: District, part: str, role: str) -> None:
    tom = rostered(district, "teacher")
    algebra = rostered_class(district, tom)
    body = {"part": part, "email": "New@x.org", "first_name": "N", "last_name": "Ew"}
    added = district.person(tom, "POST", f"/classes/{algebra}/members", body)
    assert added.status == 201
    made = account(district, added.body["account"])
    assert (made["role"], made["email"], made["provenance"]) == (role, "New@x.org", "manual")
    assert (made["active"], made["schools"], made["clever_id"]) == (True, [SCHOOL], None)


def test_adding_a_known_email_in_any_case_adds_that_account(district: District) -> None:
    tom = rostered(district, "teacher")
    ana = rostered(district, "student", email="ana@x.org")
    algebra = rostered_class(district, tom)
    body = {"part": "student", "email": "ANA@X.org"}
    assert district.person(tom, "POST", f"/classes/{algebra}/members", body).body["account"] == ana


def test_a_refused_addition_changes_nothing_and_makes_no_account(district: District) -> None:
    tom, ada, ana, ben, gone = people(district, "teacher", "teacher", "student", "student", "student")
    write_accounts(district, {"id": gone, "clever_id": "c5", "active": False})
    algebra = rostered_class(district, tom, students=(ana,))
    refused = [
        ({"part": "student", "account": gone}, 422),
        ({"part": "student", "account": ada}, 422),
        ({"part": "co_teacher", "account": ben}, 422),
        ({"part": "student", "account": 999}, 422),
        ({"part": "student", "account": 2**70}, 422),
        ({"part": "student"}, 422),
        ({"part": "student", "account": ben, "email": "ben@x.org"}, 422),
        ({"part": "teacher", "account": ada}, 422),
        ({"part": "student", "account": ana}, 409),
        ({"part": "co_teacher", "account": tom}, 409),
    ]
    for body, status in refused:
        answer = district.person(tom, "POST", f"/classes/{algebra}/members", body)
        assert answer.status == status, (body, answer)
    answer = district.person(ada, "POST", f"/classes/{algebra}/members", {"part": "student", "email": "n@x.org"})
    assert answer.status == 403
    assert members(district, algebra) == {tom: ("teacher", "clever"), ana: ("student", "clever")}
    assert len(district.sync("GET", "/accounts").body["items"]) == 5
    assert district.support("POST", "/classes/999/members", {"part": "student", "account": ben}).status == 404


def test_who_may_add_and_remove_members(district: District) -> None:
    main, co, stranger = people(district, "teacher", "teacher", "teacher")
    ana, ben = people(district, "student", "student")
    admin = by_hand(district, "admin")
    foreign = by_hand(district, "admin", school=OTHER_SCHOOL)
    algebra = rostered_class(district, main, co_teachers=(co,), students=(ana,))
    status = {}
    for who in (main, admin, co, stranger, ana, foreign):
        added = district.person(who, "POST", f"/classes/{algebra}/members", {"part": "student", "account": ben})
        removed = district.person(who, "DELETE", f"/classes/{algebra}/members/{ben}")
        status[who] = (added.status, removed.status)
    assert status == {
        main: (201, 204),
        admin: (201, 204),
        co: (403, 403),
        stranger: (403, 403),
        ana: (403, 403),
        foreign: (403, 403),
    }
    assert district.sync("POST", f"/classes/{algebra}/members", {"part": "student", "account": ben}).status == 403
    assert district.sync("DELETE", f"/classes/{algebra}/members/{ana}").status == 403
    assert district.support("DELETE", f"/classes/{algebra}/members/{ana}").status == 204


def test_a_teacher_adds_students_to_their_own_sandbox(district: District) -> None:
    tom, ana = people(district, "teacher", "student")
    practice = sandbox(district, tom)
    body = {"part": "student", "account": ana}
    assert district.person(tom, "POST", f"/classes/{practice}/members", body).status == 201
    assert members(district, practice) == {tom: ("teacher", "manual"), ana: ("student", "manual")}


def test_a_rostered_member_removed_by_hand_leaves_the_roster_record(district: District) -> None:
    tom, ada, ana, ben = people(district, "teacher", "teacher", "student", "student")
    algebra = rostered_class(district, tom, co_teachers=(ada,), students=(ana, ben))
    for version, who in ((2, ada), (3, ana)):
        assert district.person(tom, "DELETE", f"/classes/{algebra}/members/{who}") == (204, None)
        assert class_(district, algebra)["version"] == version
    [roster] = district.sync("GET", "/rosters").body["items"]
    assert roster["roster"] == {"teacher": tom, "co_teachers": [], "students": [ben]}
    assert roster["version"] == 3


def test_who_is_not_in_a_class_cannot_be_removed_and_its_main_teacher_neither(district: District) -> None:
    tom, ana = people(district, "teacher", "student")
    algebra = rostered_class(district, tom)
    assert district.support("DELETE", f"/classes/{algebra}/members/{ana}").status == 404
    answer = district.support("DELETE", f"/classes/{algebra}/members/{tom}")
    assert (answer.status, answer.body["code"]) == (422, "rule")
    assert members(district, algebra) == {tom: ("teacher", "clever")}
    assert class_(district, algebra)["version"] == 1


def test_a_student_who_joins_by_code_counts_as_added_by_hand(district: District) -> None:
    tom, ana = people(district, "teacher", "student")
    algebra = rostered_class(district, tom)
    code = class_(district, algebra)["code"]
    answer = district.person(ana, "POST", "/join", {"code": f" {code.lower()} "})
    assert answer == (201, {"account": ana, "part": "student", "provenance": "manual"})
    assert members(district, algebra)[ana] == ("student", "manual")
    again = district.person(ana, "POST", "/join", {"code": code})
    assert (again.status, again.body["code"]) == (409, "already_member")


def test_joining_is_refused_for_other_people_unknown_codes_and_archived_classes(district: District) -> None:
    tom, ada, ana = people(district, "teacher", "teacher", "student")
    algebra = rostered_class(district, tom)
    code = class_(district, algebra)["code"]
    assert district.person(ada, "POST", "/join", {"code": code}).status == 403
    assert district.support("POST", "/join", {"code": code}).status == 403
    assert district.sync("POST", "/join", {"code": code}).status == 403
    assert district.person(ana, "POST", "/join", {"code": "0"}).status == 404
    district.person(tom, "PATCH", f"/classes/{algebra}", {"archived": True})
    answer = district.person(ana, "POST", "/join", {"code": code})
    assert (answer.status, answer.body["code"]) == (409, "archived")
    assert members(district, algebra) == {tom: ("teacher", "clever")}
