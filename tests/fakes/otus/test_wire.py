"""Otus's wire: tokens, on behalf of whom, paging, what is no id, the OpenAPI document."""

import pytest
from openapi_spec_validator import validate

from fakes.otus import OtusTokens, api
from tests.fakes.otus.builders import SCHOOL, TOKENS, District, by_hand, people, rostered, write_accounts

SYNC = {"Authorization": f"Bearer {TOKENS.integration}"}
SUPPORT = {"Authorization": f"Bearer {TOKENS.support}"}


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic sync-secret", "Bearer ä"])
def test_without_a_known_token_nothing_is_answered(district: District, header: str | None) -> None:
    answer = district.ask("GET", "/accounts", headers=None if header is None else {"Authorization": header})
    assert (answer.status, answer.body["code"]) == (401, "unauthorized")
    assert "wrong" not in answer.body["message"]


def test_both_tokens_and_every_account_may_read(district: District) -> None:
    ana = rostered(district, "student")
    for path in ("/accounts", "/classes", "/rosters", "/digests/classes", "/settings", "/sync-runs"):
        assert district.sync("GET", path).status == 200
        assert district.support("GET", path).status == 200
        assert district.person(ana, "GET", path).status == 200


def test_on_behalf_of_an_account_support_has_its_rights_and_no_others(district: District) -> None:
    ana, ben = people(district, "student", "student")
    assert district.support("PATCH", f"/accounts/{ben}", {"first_name": "B"}).status == 200
    assert district.person(ana, "PATCH", f"/accounts/{ben}", {"first_name": "B"}).status == 403


def test_on_behalf_of_nobody_who_can_sign_in_nothing_is_answered(district: District) -> None:
    ana = rostered(district, "student")
    write_accounts(district, {"id": ana, "clever_id": "c1", "active": False})
    assert district.person(ana, "GET", "/accounts").status == 403
    assert district.person(99, "GET", "/accounts").status == 403
    for behalf in ("x", "", "-1", "²", "9" * 30):
        answer = district.ask("GET", "/accounts", headers={**SUPPORT, "X-On-Behalf-Of": behalf})
        assert answer.status == 400, behalf
    assert district.ask("GET", "/accounts", headers={**SYNC, "X-On-Behalf-Of": str(ana)}).status == 403


def test_only_admins_and_support_turn_the_districts_switches(district: District) -> None:
    tom, admin = rostered(district, "teacher"), by_hand(district, "admin")
    off = {"manual_rostering": False}
    assert district.person(tom, "PATCH", "/settings", off).status == 403
    assert district.sync("PATCH", "/settings", off).status == 403
    assert district.sync("GET", "/settings").body == {"manual_rostering": True, "sync_paused": False}
    assert district.person(admin, "PATCH", "/settings", off).body == {**off, "sync_paused": False}
    assert district.support("PATCH", "/settings", {}).body == {**off, "sync_paused": False}
    assert district.sync("GET", "/settings").body == {**off, "sync_paused": False}


@pytest.mark.parametrize("what", ["x", "0", "-1", "1.0", "²", "٣", "99999999999999999999", "999"])
def test_what_is_no_id_is_not_found(district: District, what: str) -> None:
    for path in (f"/accounts/{what}", f"/classes/{what}", f"/classes/{what}/members", f"/sync-runs/{what}"):
        answer = district.sync("GET", path)
        assert (answer.status, answer.body["code"]) == (404, "not_found")


def test_accounts_come_in_pages_by_id(district: District) -> None:
    everybody = people(district, *["student"] * 5)
    pages: list[list[int]] = []
    after: int | None = 0
    for _ in range(3):
        page = district.sync("GET", f"/accounts?limit=2&after={after}").body
        pages.append([item["id"] for item in page["items"]])
        after = page["next"]
    assert pages == [everybody[:2], everybody[2:4], everybody[4:]]
    assert after is None
    assert district.sync("GET", "/accounts?limit=5").body["next"] is None


@pytest.mark.parametrize("after", ["-5", str(2**80), str(-(2**80))])
def test_a_page_may_begin_anywhere(district: District, after: str) -> None:
    rostered(district, "student")
    page = district.sync("GET", f"/accounts?after={after}")
    assert page.status == 200
    assert len(page.body["items"]) == (1 if after.startswith("-") else 0)


@pytest.mark.parametrize("query", ["limit=0", "limit=10001", "limit=x", "role=parent", "colour=red", "active=maybe"])
def test_a_query_that_cannot_be_read_is_a_bad_request(district: District, query: str) -> None:
    assert district.sync("GET", f"/accounts?{query}").status == 400


def test_a_body_with_an_unknown_field_is_refused(district: District) -> None:
    answer = district.support("POST", "/classes", {"name": "A", "school": SCHOOL, "colour": "red"})
    assert (answer.status, answer.body["code"]) == (422, "invalid_body")


def test_every_answer_carries_the_districts_time(district: District) -> None:
    response = district.client.get("/api/v1/accounts", headers=SYNC)
    assert response.headers["Date"] == "Mon, 14 Sep 2026 14:00:00 GMT"


def test_the_tokens_are_two_and_never_show() -> None:
    assert "secret" not in repr(TOKENS)
    for integration, support in (("", "s"), ("i", ""), ("same", "same")):
        with pytest.raises(ValueError, match="differ"):
            OtusTokens(integration, support)


def test_the_openapi_document_is_valid_and_lists_every_route(district: District) -> None:
    document = district.client.get("/openapi.json").get_json()
    validate(document)
    assert all(path.startswith("/api/v1/") for path in document["paths"])
    assert sum(len(methods) for methods in document["paths"].values()) == len(api.operations) == 34
