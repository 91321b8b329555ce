"""The sync writes accounts (A11, A13)."""

from fakes.otus.store import email_number
from tests.fakes.otus.builders import District, account, by_hand, rostered, write_accounts

NEW = {"clever_id": "c-new", "role": "student", "email": "new@x.org", "first_name": "N", "last_name": "Ew"}


def test_a_new_account_is_rostered_and_active(district: District) -> None:
    [result] = write_accounts(district, {**NEW, "sis_id": "201", "schools": ["02M475"]})
    assert result["status"] == "created"
    made = account(district, result["id"])
    assert made == {
        **NEW,
        "id": result["id"],
        "sis_id": "201",
        "schools": ["02M475"],
        "provenance": "clever",
        "active": True,
        "created": district.now(),
        "updated": district.now(),
    }


def test_a_new_account_without_what_it_needs_is_refused(district: District) -> None:
    [result] = write_accounts(district, {"clever_id": "c1", "role": "student", "first_name": "A"})
    assert (result["status"], result["code"], result["id"]) == ("refused", "rule", None)
    assert "email" in result["message"]
    assert "last_name" in result["message"]


def test_writing_the_same_again_changes_nothing(district: District) -> None:
    ana = rostered(district, "student")
    before = account(district, ana)
    district.pass_time(days=1)
    [result] = write_accounts(district, {"id": ana, "clever_id": "c1", "email": before["email"]})
    assert result == {"status": "unchanged", "id": ana, "code": "", "message": ""}
    assert account(district, ana) == before


def test_fields_left_out_stay_and_the_moment_of_change_is_kept(district: District) -> None:
    ana = rostered(district, "student")
    before = account(district, ana)
    district.pass_time(days=1)
    [result] = write_accounts(district, {"id": ana, "clever_id": "c1", "active": False, "sis_id": None})
    assert result["status"] == "updated"
    assert account(district, ana) == {**before, "active": False, "sis_id": None, "updated": district.now()}


def test_two_people_swap_their_emails_in_one_night(district: District) -> None:
    ana = rostered(district, "student", email="ana@x.org")
    ben = rostered(district, "student", email="ben@x.org")
    results = write_accounts(
        district,
        {"id": ana, "clever_id": "c1", "email": "ben@x.org"},
        {"id": ben, "clever_id": "c2", "email": "ana@x.org"},
    )
    assert [result["status"] for result in results] == ["updated", "updated"]
    assert (account(district, ana)["email"], account(district, ben)["email"]) == ("ben@x.org", "ana@x.org")


def test_three_emails_go_round(district: District) -> None:
    people = [rostered(district, "student", email=f"{name}@x.org") for name in "abc"]
    results = write_accounts(
        district,
        *(
            {"id": who, "clever_id": f"c{number}", "email": f"{name}@x.org"}
            for number, (who, name) in enumerate(zip(people, "bca", strict=True), start=1)
        ),
    )
    assert [result["status"] for result in results] == ["updated"] * 3
    assert [account(district, who)["email"] for who in people] == ["b@x.org", "c@x.org", "a@x.org"]


def test_a_new_account_takes_an_email_that_is_given_back_in_the_same_batch(district: District) -> None:
    ana = rostered(district, "student", email="ana@x.org")
    results = write_accounts(
        district, {**NEW, "email": "Ana@x.org"}, {"id": ana, "clever_id": "c1", "email": "other@x.org"}
    )
    assert [result["status"] for result in results] == ["created", "updated"]
    assert account(district, results[0]["id"])["email"] == "Ana@x.org"
    assert account(district, ana)["email"] == "other@x.org"


def test_a_row_whose_email_belongs_to_somebody_unrelated_is_refused_whole_and_alone(
    district: District,
) -> None:
    admin = by_hand(district, "admin", email="Taken@x.org")
    ana = rostered(district, "student", email="ana@x.org")
    ben = rostered(district, "student", email="ben@x.org")
    before = account(district, ana)
    results = write_accounts(
        district,
        {"id": ana, "clever_id": "c2", "email": "TAKEN@x.org", "first_name": "Other"},
        {"id": ben, "clever_id": "c3", "first_name": "Benjamin"},
    )
    assert [(result["status"], result["code"]) for result in results] == [
        ("refused", "email_taken"),
        ("updated", ""),
    ]
    assert results[0]["id"] == ana
    assert f"account {admin}" in results[0]["message"]
    assert account(district, ana) == before
    assert account(district, ben)["first_name"] == "Benjamin"


def test_a_refused_row_keeps_its_email_and_so_blocks_another(district: District) -> None:
    by_hand(district, "admin", email="taken@x.org")
    ana = rostered(district, "student", email="ana@x.org")
    ben = rostered(district, "student", email="ben@x.org")
    results = write_accounts(
        district,
        {"id": ben, "clever_id": "c3", "email": "ana@x.org"},
        {"id": ana, "clever_id": "c2", "email": "taken@x.org"},
        {**NEW, "email": "ben@x.org"},
    )
    assert [result["code"] for result in results] == ["email_taken"] * 3
    assert f"account {ana}" in results[0]["message"]
    assert account(district, ben)["email"] == "ben@x.org"


def test_of_two_rows_with_one_free_email_the_first_gets_it(district: District) -> None:
    results = write_accounts(district, NEW, {**NEW, "clever_id": "c-other", "email": "NEW@x.org"})
    assert [(result["status"], result["code"]) for result in results] == [
        ("created", ""),
        ("refused", "email_taken"),
    ]
    assert "earlier row" in results[1]["message"]


def test_an_email_that_changes_its_case_only_is_an_ordinary_update(district: District) -> None:
    ana = rostered(district, "student", email="ana@x.org")
    [result] = write_accounts(district, {"id": ana, "clever_id": "c1", "email": "Ana@X.org"})
    assert result["status"] == "updated"
    assert account(district, ana)["email"] == "Ana@X.org"
    found = district.sync("GET", "/accounts?email=ANA@x.ORG").body["items"]
    assert [item["id"] for item in found] == [ana]


def test_writing_to_an_account_made_by_hand_links_it(district: District) -> None:
    ana = by_hand(district, "student")
    [result] = write_accounts(district, {"id": ana, "clever_id": "c9"})
    assert result["status"] == "updated"
    linked = account(district, ana)
    assert (linked["clever_id"], linked["provenance"]) == ("c9", "clever")


def test_rows_that_name_what_does_not_exist_or_is_taken_are_refused_alone(district: District) -> None:
    ana = rostered(district, "student")
    ben = rostered(district, "student")
    results = write_accounts(
        district,
        {"id": 999, "clever_id": "c9"},
        {"id": 2**70, "clever_id": "c9"},
        {"id": ben, "clever_id": "c1"},
        {**NEW, "clever_id": "c1"},
        {"id": ana, "clever_id": ""},
        {"id": ana, "clever_id": "c1", "first_name": "Ana"},
        {"id": ana, "clever_id": "c1", "first_name": "Again"},
        NEW,
        {**NEW, "email": "another@x.org"},
    )
    assert [result["code"] for result in results] == [
        "not_found",
        "not_found",
        "clever_id_taken",
        "clever_id_taken",
        "rule",
        "",
        "rule",
        "",
        "clever_id_taken",
    ]
    assert account(district, ana)["first_name"] == "Ana"


def test_nobody_but_the_sync_writes_in_bulk(district: District) -> None:
    admin = by_hand(district, "admin")
    assert district.support("POST", "/accounts/bulk", {"rows": []}).status == 403
    assert district.person(admin, "POST", "/accounts/bulk", {"rows": []}).status == 403
    assert district.person(admin, "POST", "/classes/bulk", {"rows": []}).status == 403
    assert district.sync("POST", "/accounts/bulk", {"rows": []}).body == {"results": []}


def test_more_rows_than_a_batch_may_have_are_refused(district: District) -> None:
    answer = district.sync("POST", "/accounts/bulk", {"rows": [{"clever_id": "c"}] * 10_001})
    assert answer.status == 422


def test_two_emails_with_one_number_are_two_emails(district: District) -> None:
    assert email_number("plumless@x.org") == email_number("buckeroo@x.org")
    pat = rostered(district, "student", email="plumless@x.org")
    bob = rostered(district, "student", email="buckeroo@x.org")
    found = district.sync("GET", "/accounts?email=Buckeroo@x.org").body["items"]
    assert [one["id"] for one in found] == [bob]
    results = write_accounts(district, {"id": pat, "clever_id": "c1", "email": "buckeroo@x.org"})
    assert [result["code"] for result in results] == ["email_taken"]
