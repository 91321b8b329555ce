"""People make, edit and adjust accounts (F6, F12, A7, A11, H8)."""

import pytest

from tests.fakes.otus.builders import (
    OTHER_SCHOOL,
    SCHOOL,
    District,
    account,
    by_hand,
    people,
    rostered,
    rostered_class,
    sandbox,
    write_accounts,
)

NEW = {"role": "teacher", "email": "Grace@x.org", "first_name": "Grace", "last_name": "Hopper"}


def test_an_admin_makes_another_admin_in_their_school(district: District) -> None:
    admin = by_hand(district, "admin")
    answer = district.person(admin, "POST", "/accounts", {**NEW, "role": "admin", "schools": [SCHOOL]})
    assert answer.status == 201
    made = account(district, answer.body["id"])
    assert (made["role"], made["provenance"], made["clever_id"]) == ("admin", "manual", None)
    assert made["created"] == district.now()


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_only_admins_and_support_make_accounts(district: District, role: str) -> None:
    who = by_hand(district, role)
    answer = district.person(who, "POST", "/accounts", {**NEW, "role": "admin"})
    assert (answer.status, answer.body["code"]) == (403, "forbidden")
    assert district.sync("POST", "/accounts", NEW).status == 403
    assert district.sync("GET", "/accounts").body["items"][-1]["id"] == who


def test_an_admin_makes_no_account_in_another_school(district: District) -> None:
    admin = by_hand(district, "admin")
    answer = district.person(admin, "POST", "/accounts", {**NEW, "schools": [SCHOOL, OTHER_SCHOOL]})
    assert answer.status == 403
    assert OTHER_SCHOOL in answer.body["message"]


def test_an_email_that_differs_from_anothers_in_case_only_is_taken(district: District) -> None:
    district.support("POST", "/accounts", NEW)
    answer = district.support("POST", "/accounts", {**NEW, "email": "gRACE@X.org"})
    assert (answer.status, answer.body["code"]) == (409, "email_taken")


def test_an_email_edited_in_otus_stays_until_the_sync_writes_it_again(district: District) -> None:
    ana = rostered(district, "student", email="ana@x.org")
    answer = district.person(ana, "PATCH", f"/accounts/{ana}", {"email": "nick@x.org", "first_name": "Nick"})
    assert answer.status == 200
    edited = account(district, ana)
    assert (edited["email"], edited["first_name"], edited["provenance"]) == ("nick@x.org", "Nick", "clever")
    write_accounts(district, {"id": ana, "clever_id": "c1", "email": "ana@x.org"})
    assert account(district, ana)["email"] == "ana@x.org"


def test_the_case_of_ones_own_email_may_be_changed_by_hand(district: District) -> None:
    ana = rostered(district, "student", email="ana@x.org")
    assert district.person(ana, "PATCH", f"/accounts/{ana}", {"email": "ANA@x.org"}).status == 200
    assert account(district, ana)["email"] == "ANA@x.org"


def test_an_edit_with_a_taken_email_changes_nothing(district: District) -> None:
    ana = rostered(district, "student")
    rostered(district, "student", email="ben@x.org")
    before = account(district, ana)
    answer = district.support("PATCH", f"/accounts/{ana}", {"email": "Ben@x.org", "first_name": "X"})
    assert (answer.status, answer.body["code"]) == (409, "email_taken")
    assert account(district, ana) == before


def test_who_may_edit_an_account(district: District) -> None:
    ana, ben = people(district, "student", "student")
    main, co, stranger = (rostered(district, "teacher") for _ in range(3))
    own_teacher = rostered(district, "teacher")
    rostered_class(district, main, co_teachers=(co,), students=(ana,))
    class_by_hand = sandbox(district, own_teacher)
    district.person(own_teacher, "POST", f"/classes/{class_by_hand}/members", {"part": "student", "account": ana})
    admin = by_hand(district, "admin")
    foreign = by_hand(district, "admin", school=OTHER_SCHOOL)
    may = {
        who: district.person(who, "PATCH", f"/accounts/{ana}", {"first_name": "A"}).status
        for who in (ana, main, own_teacher, admin, ben, co, stranger, foreign)
    }
    assert may == {
        ana: 200,
        main: 200,
        own_teacher: 200,
        admin: 200,
        ben: 403,
        co: 403,
        stranger: 403,
        foreign: 403,
    }
    assert district.person(main, "PATCH", f"/accounts/{co}", {"first_name": "A"}).status == 403
    assert district.support("PATCH", f"/accounts/{ana}", {"first_name": "A"}).status == 200
    assert district.sync("PATCH", f"/accounts/{ana}", {"first_name": "A"}).status == 403
    assert district.support("PATCH", "/accounts/999", {"first_name": "A"}).status == 404


def test_support_adjusts_an_id_and_the_account_keeps_its_history(district: District) -> None:
    ana = rostered(district, "student")
    created = account(district, ana)["created"]
    district.pass_time(days=300)
    answer = district.support("POST", f"/accounts/{ana}/adjust-id", {"clever_id": "c-returned"})
    assert answer.status == 200
    assert answer.body["clever_id"] == "c-returned"
    assert answer.body["created"] == created
    assert district.sync("GET", "/accounts?clever_id=c-returned").body["items"] == [answer.body]


def test_an_adjusted_id_makes_an_account_by_hand_a_rostered_one_and_unlinking_leaves_it_so(
    district: District,
) -> None:
    ana = by_hand(district, "student")
    linked = district.support("POST", f"/accounts/{ana}/adjust-id", {"clever_id": "c9"}).body
    assert linked["provenance"] == "clever"
    unlinked = district.support("POST", f"/accounts/{ana}/adjust-id", {"clever_id": None}).body
    assert (unlinked["clever_id"], unlinked["provenance"]) == (None, "clever")


def test_an_id_is_not_adjusted_to_a_clever_user_of_another_account(district: District) -> None:
    rostered(district, "student")
    ben = rostered(district, "student")
    answer = district.support("POST", f"/accounts/{ben}/adjust-id", {"clever_id": "c1"})
    assert (answer.status, answer.body["code"]) == (409, "clever_id_taken")
    assert account(district, ben)["clever_id"] == "c2"
    assert district.support("POST", f"/accounts/{ben}/adjust-id", {"clever_id": ""}).status == 422
    assert district.support("POST", f"/accounts/{ben}/adjust-id", {"clever_id": "c2"}).status == 200


def test_only_support_adjusts_ids(district: District) -> None:
    ana, admin = rostered(district, "student"), by_hand(district, "admin")
    body = {"clever_id": "c9"}
    assert district.person(admin, "POST", f"/accounts/{ana}/adjust-id", body).status == 403
    assert district.sync("POST", f"/accounts/{ana}/adjust-id", body).status == 403
    assert account(district, ana)["clever_id"] == "c1"


def test_accounts_are_found_by_what_the_sync_matches_by(district: District) -> None:
    ana = rostered(district, "student", email="ana@x.org")
    tom = rostered(district, "teacher", school=OTHER_SCHOOL)
    eve = by_hand(district, "admin")
    write_accounts(district, {"id": tom, "clever_id": "c2", "active": False, "schools": [SCHOOL, "75K001"]})

    def found(query: str) -> list[int]:
        return [item["id"] for item in district.sync("GET", f"/accounts?{query}").body["items"]]

    assert found("email=ANA@x.org") == [ana]
    assert found("clever_id=c2") == [tom]
    assert found("sis_id=000000001") == [ana]
    assert found("role=admin") == [eve]
    assert found("provenance=clever") == [ana, tom]
    assert found("active=false") == [tom]
    assert found(f"school={SCHOOL}") == [ana, tom, eve]
    assert found(f"school={OTHER_SCHOOL}") == []
    assert found(f"school={SCHOOL}&role=teacher") == [tom]
