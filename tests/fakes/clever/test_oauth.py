"""OAuth: an application's tokens, users who sign in, rotation, and what a token of the wrong type sees."""

from datetime import timedelta
from html import escape
from typing import Any

import pytest

from fakes.clever import Application
from fakes.clever.access import CODE_SECONDS, USER_TOKEN_HOURS
from tests.fakes.clever.builders import District, basic, district, one_class

QUIZZES = Application.named("Quizzes")
HOME = "https://otus.example/back"
DISTRICT_TOKENS = "/oauth/tokens?owner_type=district"


def tokens(clever: District, application: Application | None = None) -> list[str]:
    answer = clever.ask(DISTRICT_TOKENS, headers=basic(application or clever.application))
    assert answer.status_code == 200, answer.text
    return [one["access_token"] for one in answer.get_json()["data"]]


def exchange(clever: District, code: object, **more: Any) -> Any:
    body = {"code": code, "grant_type": "authorization_code", "redirect_uri": HOME, **more}
    return clever.client.post("/oauth/tokens", json=body, headers=basic(clever.application))


def signed_in(clever: District, sis_id: str = "200000001") -> str:
    code = clever.clever.admission.mint_code(clever.id_of("user", sis_id), HOME)
    answer = exchange(clever, code)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["access_token"])


# District tokens


def test_an_application_finds_its_district_token_with_its_client_id_and_secret() -> None:
    with district() as clever:
        answer = clever.ask(DISTRICT_TOKENS, headers=basic(clever.application)).get_json()
        (token,) = answer["data"]
        assert set(token) == {"id", "created", "owner", "access_token", "scopes"}
        assert token["owner"] == {"type": "district", "id": clever.clever.district_id}
        assert token["access_token"] == clever.token
        assert token["created"] == "2026-09-14T10:00:00.000Z"
        assert "read:users" in token["scopes"]
        assert answer["links"] == [{"rel": "self", "uri": DISTRICT_TOKENS}]
        assert clever.ask("/v3.0/me", token["access_token"]).status_code == 200


def test_the_list_can_be_of_one_district() -> None:
    with district() as clever:
        here = f"{DISTRICT_TOKENS}&district={clever.clever.district_id}"
        assert len(clever.ask(here, headers=basic(clever.application)).get_json()["data"]) == 1
        elsewhere = f"{DISTRICT_TOKENS}&district={'0' * 24}"
        assert clever.ask(elsewhere, headers=basic(clever.application)).get_json()["data"] == []


@pytest.mark.parametrize("query", ["", "?owner_type=user", "?owner_type=", "?owner_type=district&foo=1"])
def test_only_tokens_of_districts_are_listed(query: str) -> None:
    with district() as clever:
        answer = clever.ask(f"/oauth/tokens{query}", headers=basic(clever.application))
        assert (answer.status_code, list(answer.get_json())) == (400, ["message"])


def test_each_application_finds_its_own_tokens_and_no_other() -> None:
    with district() as clever:
        clever.clever.admission.connect(QUIZZES)
        assert tokens(clever, QUIZZES) == []
        theirs = clever.clever.admission.issue_token(QUIZZES)
        assert tokens(clever, QUIZZES) == [theirs]
        assert tokens(clever) == [clever.token]


def test_without_a_known_client_id_and_secret_the_answer_is_401() -> None:
    with district() as clever:
        wrong = Application("Otus", clever.application.client_id, "guessed")
        bearer = {"Authorization": f"Bearer {clever.token}"}
        for headers in ({}, basic(wrong), basic(QUIZZES), bearer, {"Authorization": "Basic %%%"}):
            answer = clever.ask(DISTRICT_TOKENS, headers=headers)
            assert (answer.status_code, list(answer.get_json())) == (401, ["message"])
            assert answer.headers["WWW-Authenticate"] == "Basic"
        clever.clever.admission.disconnect(clever.application)
        assert clever.ask(DISTRICT_TOKENS, headers=basic(clever.application)).status_code == 401


def test_a_rotated_token_is_worthless_from_its_moment_on_and_listed_no_longer() -> None:
    with district() as clever:
        fresh = clever.clever.admission.rotate_token(old_good_for=timedelta(hours=1))
        assert tokens(clever) == [fresh]
        clever.later(minutes=59, seconds=59)
        assert clever.ask("/v3.0/me").status_code == 200
        clever.later(seconds=1)
        assert clever.ask("/v3.0/me").status_code == 401
        assert clever.ask("/v3.0/me", fresh).status_code == 200
        again = clever.clever.admission.rotate_token()
        assert clever.ask("/v3.0/me", fresh).status_code == 401
        assert tokens(clever) == [again]


def test_a_district_token_has_no_end() -> None:
    with district() as clever:
        clever.later(days=4000)
        assert clever.ask("/v3.0/me").status_code == 200
        assert "expires_in" not in clever.get("/oauth/tokeninfo")


# Users who sign in


def test_a_code_becomes_a_users_token_that_tells_who_they_are() -> None:
    with district(*one_class()) as clever:
        user = clever.id_of("user", "200000001")
        token = signed_in(clever)
        me = clever.ask("/v3.1/me", token).get_json()
        assert me["data"] == {"id": user, "district": clever.clever.district_id, "type": "user"}
        links = {link["rel"]: link["uri"] for link in me["links"]}
        assert links["canonical"] == f"/v3.1/users/{user}"
        for uri in links.values():
            assert clever.ask(uri, token).status_code == 200
        assert clever.ask(links["canonical"], token).get_json()["data"]["id"] == user


def test_a_code_may_also_be_sent_as_a_form() -> None:
    with district(*one_class()) as clever:
        code = clever.clever.admission.mint_code(clever.id_of("user", "200000001"), HOME)
        form = {"code": code, "grant_type": "authorization_code", "redirect_uri": HOME}
        answer = clever.client.post("/OAuth/Tokens", data=form, headers=basic(clever.application))
        assert (answer.status_code, len(answer.get_json()["access_token"])) == (200, 40)


def test_a_code_is_good_once_for_a_minute_and_at_its_own_address() -> None:
    with district(*one_class()) as clever:
        user = clever.id_of("user", "200000001")
        mint = clever.clever.admission.mint_code
        used = mint(user, HOME)
        assert exchange(clever, used).status_code == 200
        late = mint(user, HOME)
        clever.later(seconds=CODE_SECONDS)
        misled = mint(user, HOME)
        refused = [
            exchange(clever, used),
            exchange(clever, late),
            exchange(clever, misled, redirect_uri="https://elsewhere.example"),
            exchange(clever, misled),
            exchange(clever, "unknown"),
        ]
        assert [(answer.status_code, list(answer.get_json())) for answer in refused] == [(400, ["message"])] * 5
        assert "seconds" in refused[1].get_json()["message"]
        assert "redirect_uri" in refused[2].get_json()["message"]


def test_a_code_of_another_application_is_unknown() -> None:
    with district(*one_class()) as clever:
        clever.clever.admission.connect(QUIZZES)
        code = clever.clever.admission.mint_code(clever.id_of("user", "200000001"), HOME, QUIZZES)
        assert exchange(clever, code).status_code == 400


def test_a_user_who_is_not_shared_cannot_sign_in() -> None:
    with district(*one_class()) as clever:
        user = clever.id_of("user", "200000001")
        clever.clever.share_all_but({"02M475"})
        with pytest.raises(LookupError, match="is shared with Otus"):
            clever.clever.admission.mint_code(user, HOME)


@pytest.mark.parametrize("more", [{"grant_type": "password"}, {"extra": 5, "grant_type": None}, {"redirect_uri": None}])
def test_a_body_that_is_no_code_grant_is_refused(more: dict[str, Any]) -> None:
    with district() as clever:
        answer = exchange(clever, "any", **more)
        assert 400 <= answer.status_code < 500
        assert list(answer.get_json()) == ["message"]


def test_a_users_token_ends_after_a_day() -> None:
    with district(*one_class()) as clever:
        token = signed_in(clever)
        clever.later(hours=USER_TOKEN_HOURS - 1)
        info = clever.ask("/oauth/tokeninfo", token).get_json()
        assert info["expires_in"] == 3600
        clever.later(hours=1)
        assert clever.ask("/v3.0/me", token).status_code == 401


def test_token_info_tells_the_application_and_of_whom_a_token_speaks() -> None:
    with district(*one_class()) as clever:
        info = clever.get("/oauth/tokeninfo")
        assert info["client_id"] == clever.application.client_id
        assert info["owner"] == {"type": "district", "id": clever.clever.district_id}
        mine = clever.ask("/oauth/tokeninfo", signed_in(clever)).get_json()
        assert mine["owner"] == {"type": "user", "id": clever.id_of("user", "200000001")}
        assert clever.ask("/oauth/tokeninfo", headers={}).status_code == 401


def test_a_users_token_cannot_get_the_data_api() -> None:
    with district(*one_class()) as clever:
        token = signed_in(clever)
        other = clever.id_of("user", "1000001")
        for uri in ("/v3.0/users", "/v3.1/Sections?limit=5", f"/v3.0/users/{other}", "/v3.0/events", "/v3.0/<b>"):
            answer = clever.ask(uri, token)
            assert (answer.status_code, answer.mimetype) == (404, "text/html")
            assert f"<pre>Cannot GET {escape(uri.partition('?')[0])}</pre>" in answer.text
            assert answer.headers["x-ratelimit-limit"] == "1200"
            assert answer.headers["Date"]


# Limits and secrets


def test_client_ids_have_their_own_minute() -> None:
    with district() as clever:
        for _ in range(3):
            answer = clever.ask(DISTRICT_TOKENS, headers=basic(clever.application))
        assert answer.headers["x-ratelimit-remaining"] == "1197"
        assert clever.ask("/v3.0/me").headers["x-ratelimit-remaining"] == "1199"


def test_no_header_tells_a_token_a_code_or_a_secret() -> None:
    with district(*one_class()) as clever:
        answers = [
            clever.ask("/v3.0/me"),
            clever.ask(DISTRICT_TOKENS, headers=basic(clever.application)),
            exchange(clever, "wrong"),
        ]
        for answer in answers:
            for secret in (clever.token, clever.application.client_secret, clever.application.client_id):
                assert secret not in str(answer.headers)
