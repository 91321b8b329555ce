"""A write repeated under its idempotency key is answered as it was, and done once."""

from typing import Any

import msgspec
import pytest
from werkzeug.test import TestResponse

from fakes.otus import Otus, create_app
from fakes.otus.idempotency import KeptAnswers
from fakes.otus.store import Store
from fakes.shared.operations import Reply
from tests.fakes.otus.builders import SCHOOL, TOKENS, District, account, by_hand, rostered, rostered_class

NEW = {"role": "student", "email": "ana@x.org", "first_name": "Ana", "last_name": "B", "schools": [SCHOOL]}


def send(
    district: District, key: str, body: Any = NEW, path: str = "/accounts", method: str = "POST", **headers: str
) -> TestResponse:
    return district.client.open(
        f"/api/v1{path}",
        method=method,
        data=b"" if body is None else msgspec.json.encode(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {TOKENS.support}", "Idempotency-Key": key, **headers},
    )


def accounts(district: District) -> int:
    return len(district.sync("GET", "/accounts").body["items"])


def test_the_same_write_again_is_answered_as_before_and_done_once(district: District) -> None:
    first = send(district, "a")
    district.pass_time(hours=1)
    again = send(district, "a")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert accounts(district) == 1


def test_the_answer_is_that_of_then_whatever_has_happened_since(district: District) -> None:
    first = send(district, "a")
    district.support("PATCH", "/accounts/1", {"first_name": "Changed"})
    assert send(district, "a").data == first.data
    assert account(district, 1)["first_name"] == "Changed"


@pytest.mark.parametrize(
    ("body", "path", "method"),
    [
        ({**NEW, "email": "b@x.org"}, "/accounts", "POST"),
        ({"first_name": "X"}, "/accounts/1", "PATCH"),
    ],
)
def test_a_key_with_another_request_is_refused(district: District, body: Any, path: str, method: str) -> None:
    send(district, "a")
    before = district.otus.snapshot()
    answer = send(district, "a", body, path, method)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == "idempotency_key_reused"
    assert district.otus.snapshot() == before


def test_a_refusal_is_an_answer_too(district: District) -> None:
    by_hand(district, "student", email="ana@x.org")
    refused = send(district, "a")
    assert refused.status_code == 409
    district.support("PATCH", "/accounts/1", {"email": "free@x.org"})
    again = send(district, "a")
    assert (again.status_code, again.data) == (409, refused.data)
    assert send(district, "b").status_code == 201


def test_what_cannot_be_read_uses_up_no_key(district: District) -> None:
    assert send(district, "a", {"colour": "red"}).status_code == 422
    assert send(district, "a").status_code == 201


def test_everybody_has_their_own_keys(district: District) -> None:
    admin = by_hand(district, "admin")
    assert send(district, "a").status_code == 201
    assert send(district, "a", {**NEW, "email": "b@x.org"}, **{"X-On-Behalf-Of": str(admin)}).status_code == 201


def test_a_deletion_and_a_bulk_write_are_repeated_safely(district: District) -> None:
    tom = rostered(district, "teacher")
    algebra = rostered_class(district, tom)
    for _ in range(2):
        assert send(district, "gone", None, f"/classes/{algebra}", "DELETE").status_code == 204
    assert district.support("DELETE", f"/classes/{algebra}").status == 404
    row = {"clever_id": "c9", "role": "student", "email": "n@x.org", "first_name": "N", "last_name": "M"}
    sync = {"Authorization": f"Bearer {TOKENS.integration}"}
    one, two = (send(district, "bulk", {"rows": [row]}, "/accounts/bulk", **sync) for _ in range(2))
    assert one.data == two.data
    assert b"created" in two.data


def test_after_a_day_of_the_district_a_key_is_new_again(district: District) -> None:
    send(district, "a")
    district.pass_time(hours=23, minutes=59)
    assert send(district, "a").headers["Idempotency-Replayed"] == "true"
    district.pass_time(minutes=1)
    assert send(district, "a").status_code == 409  # done again, and the e-mail is taken now
    assert district.support("GET", "/idempotency").body["kept"] == 1


@pytest.mark.parametrize("key", ["", " ", "two words", "ä", "x" * 256])
def test_a_key_is_printable_ascii_without_spaces(district: District, key: str) -> None:
    assert send(district, key).status_code == 400
    assert accounts(district) == 0


def test_a_key_says_nothing_about_a_read(district: District) -> None:
    for path in ("/accounts", "/classes"):
        assert send(district, "a", None, path, "GET").status_code == 200


def test_no_more_are_kept_than_there_may_be_and_what_is_dropped_is_counted() -> None:
    district = District()
    small = Otus(district.otus.clock, kept_answers_max=2)
    district.client = create_app(small, TOKENS).test_client()
    for number in range(5):
        assert send(district, f"key {number}".replace(" ", "-"), {**NEW, "email": f"{number}@x.org"}).status_code == 201
    report = district.support("GET", "/idempotency").body
    assert (report["hours"], report["kept"], report["kept_max"], report["dropped"]) == (24, 2, 2, 3)
    assert send(district, "key-4", {**NEW, "email": "4@x.org"}).headers["Idempotency-Replayed"] == "true"
    assert send(district, "key-0", {**NEW, "email": "0@x.org"}).status_code == 409
    small.close()
    district.otus.close()


def test_bytes_are_bounded_too(district: District) -> None:
    store = Store()
    kept = KeptAnswers(store, district.otus.clock, bytes_max=100)
    for number in range(4):
        kept.once("support", str(number), b"", lambda: Reply(200, b"x" * 40))
    assert (kept.report().kept, kept.report().bytes, kept.report().dropped) == (2, 80, 2)
    kept.once("support", "huge", b"", lambda: Reply(200, b"x" * 101))
    assert kept.report().kept == 0
    store.close()


def test_a_write_that_fails_in_the_middle_keeps_no_answer(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    before = district.otus.snapshot()
    with monkeypatch.context() as patched:
        patched.setattr(Store, "keep_answer", fail)
        with pytest.raises(OSError, match="full"):
            send(district, "a")
    assert district.otus.snapshot() == before
    assert send(district, "a").status_code == 201
