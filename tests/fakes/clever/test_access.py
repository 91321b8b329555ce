"""Tokens and the rate limit."""

import pytest

from fakes.clever import CleverSettings
from tests.fakes.clever.builders import District, district

LIMITED = CleverSettings(rate_limit_per_minute=3)


def left(clever: District) -> tuple[int, str, str]:
    answer = clever.ask("/v3.0/me")
    return answer.status_code, answer.headers["x-ratelimit-remaining"], answer.headers["x-ratelimit-reset"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer " + "0" * 40},
        {"Authorization": "0" * 40},
        {"Authorization": "Basic dXNlcjpwYXNz"},
    ],
)
def test_without_a_good_token_the_answer_is_401_with_a_message_only(headers: dict[str, str]) -> None:
    with district() as clever:
        answer = clever.ask("/v3.0/users", headers=headers)
        assert answer.status_code == 401
        assert list(answer.get_json()) == ["message"]
        assert "0" * 40 not in answer.text
        assert answer.headers["x-ratelimit-remaining"] == answer.headers["x-ratelimit-limit"] == "1200"


def test_a_token_is_40_hex_digits_and_the_next_is_another() -> None:
    with district() as clever, district() as same, district(seed=2) as other:
        assert len(clever.token) == 40
        assert int(clever.token, 16)
        assert clever.clever.issue_token() != clever.token
        assert same.token == clever.token != other.token


def test_a_revoked_token_is_worthless_and_others_go_on() -> None:
    with district() as clever:
        second = clever.clever.issue_token()
        clever.clever.revoke(clever.token)
        assert clever.ask("/v3.0/me").status_code == 401
        assert clever.ask("/v3.0/me", second).status_code == 200
        clever.clever.revoke("unknown")
        assert clever.clever.issue_token() not in {clever.token, second}


def test_every_answer_tells_what_is_left_of_the_minute() -> None:
    with district() as clever:
        for uri in ("/v3.0/users", "/v3.0/users/none", "/v3.0/users?limit=0", "/nowhere", "/v3.0/users?limit=99999"):
            answer = clever.ask(uri)
            assert {name for name in answer.headers.keys() if name.startswith("x-ratelimit")} == {  # noqa: SIM118 - werkzeug's headers iterate as pairs
                "x-ratelimit-bucket",
                "x-ratelimit-limit",
                "x-ratelimit-remaining",
                "x-ratelimit-reset",
            }
            assert answer.headers["x-ratelimit-limit"] == "1200"
            assert "Retry-After" not in answer.headers
        assert answer.headers["x-ratelimit-remaining"] == "1195"
        assert answer.headers["x-ratelimit-reset"] == str(int(clever.now.timestamp()) + 60)
        assert clever.token not in str(answer.headers)


def test_over_the_limit_is_429_with_an_empty_body_until_the_window_ends() -> None:
    with district(settings=LIMITED) as clever:
        clever.later(seconds=40)
        reset = str(int(clever.now.timestamp()) + 20)
        assert [left(clever) for _ in range(3)] == [(200, "2", reset), (200, "1", reset), (200, "0", reset)]
        for _ in range(5):
            assert left(clever) == (429, "0", reset)
        answer = clever.ask("/v3.0/users")
        assert answer.data == b""
        clever.later(seconds=19)
        assert left(clever)[0] == 429
        clever.later(seconds=1)
        assert left(clever)[:2] == (200, "2")


def test_a_window_is_fixed_and_no_rest_is_carried_over() -> None:
    with district(settings=LIMITED) as clever:
        assert left(clever)[:2] == (200, "2")
        clever.later(minutes=5)
        assert left(clever)[:2] == (200, "2")


def test_each_token_has_its_own_minute() -> None:
    with district(settings=LIMITED) as clever:
        second = clever.clever.issue_token()
        for _ in range(4):
            clever.ask("/v3.0/me")
        first = clever.ask("/v3.0/me").headers["x-ratelimit-bucket"]
        answer = clever.ask("/v3.0/me", second)
        assert answer.status_code == 200
        assert answer.headers["x-ratelimit-bucket"] != first


def test_a_refused_token_uses_nothing_up() -> None:
    with district(settings=LIMITED) as clever:
        for _ in range(5):
            clever.ask("/v3.0/me", "0" * 40)
        assert left(clever)[:2] == (200, "2")
