"""Several districts behind one address: a token tells which one is meant."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from fakes.clever import Application, Clever, Districts, Sharing, create_app
from tests.fakes.clever.builders import MONDAY, basic, one_class, student

OTUS = Application.named("Otus", 1)
"""The application that every district of the seed 1 has by itself."""


@contextmanager
def new_york_and_yonkers() -> Iterator[tuple[Districts, Clever, Clever]]:
    districts = Districts(lambda: MONDAY + timedelta(hours=1), seed=1)
    city, yonkers = districts.open("New York"), districts.open("Yonkers")
    city.deliver(one_class())
    yonkers.deliver([student("200000001"), student("200000002")])
    yield districts, city, yonkers
    districts.close()


def test_a_token_reads_its_own_district() -> None:
    with new_york_and_yonkers() as (districts, city, yonkers):
        client = create_app(districts).test_client()
        for clever, name, users in ((city, "New York", 2), (yonkers, "Yonkers", 2)):
            headers = {"Authorization": f"Bearer {clever.admission.issue_token(OTUS)}"}
            (found,) = client.get("/v3.0/districts", headers=headers).get_json()["data"]
            assert found["data"]["name"] == name
            assert client.get("/v3.0/me", headers=headers).get_json()["data"]["id"] == clever.district_id
            assert len(client.get("/v3.0/users", headers=headers).get_json()["data"]) == users


def test_an_id_of_another_district_is_a_404() -> None:
    with new_york_and_yonkers() as (districts, city, yonkers):
        client = create_app(districts).test_client()
        headers = {"Authorization": f"Bearer {yonkers.admission.issue_token(OTUS)}"}
        theirs = city.clever_id("user", "200000001")
        assert theirs != yonkers.clever_id("user", "200000001")
        assert client.get(f"/v3.0/users/{theirs}", headers=headers).status_code == 404
        assert client.get(f"/v3.0/districts/{city.district_id}", headers=headers).status_code == 404


def test_an_application_finds_one_token_for_each_of_its_districts() -> None:
    with new_york_and_yonkers() as (districts, city, yonkers):
        client = create_app(districts).test_client()
        assert districts.application == OTUS
        issued = [clever.admission.issue_token(OTUS) for clever in (city, yonkers)]
        here = "/oauth/tokens?owner_type=district"
        listed = client.get(here, headers=basic(OTUS)).get_json()["data"]
        assert [one["access_token"] for one in listed] == issued
        assert [one["owner"]["id"] for one in listed] == [city.district_id, yonkers.district_id]
        one = client.get(f"{here}&district={yonkers.district_id}", headers=basic(OTUS)).get_json()["data"]
        assert [token["access_token"] for token in one] == issued[1:]
        yonkers.admission.disconnect(OTUS)
        left = client.get(here, headers=basic(OTUS)).get_json()["data"]
        assert [token["access_token"] for token in left] == issued[:1]


def test_a_sign_in_finds_its_district() -> None:
    with new_york_and_yonkers() as (districts, _, yonkers):
        client = create_app(districts).test_client()
        user = yonkers.clever_id("user", "200000002") or ""
        code = yonkers.admission.mint_code(user, "https://otus.example", OTUS)
        body = {"code": code, "grant_type": "authorization_code", "redirect_uri": "https://otus.example"}
        token = client.post("/oauth/tokens", json=body, headers=basic(OTUS)).get_json()["access_token"]
        me = client.get("/v3.0/me", headers={"Authorization": f"Bearer {token}"}).get_json()["data"]
        assert me == {"id": user, "district": yonkers.district_id, "type": "user"}


def test_sharing_is_each_districts_own() -> None:
    with new_york_and_yonkers() as (districts, city, yonkers):
        client = create_app(districts).test_client()
        city.admission.share(Sharing(kinds=("school",)), OTUS)
        counts = [
            client.get("/v3.0/users?count=true", headers={"Authorization": f"Bearer {token}"}).get_json()["count"]
            for token in (clever.admission.issue_token(OTUS) for clever in (city, yonkers))
        ]
        assert counts == [0, 2]


def test_two_districts_of_one_id_are_refused() -> None:
    districts = Districts(lambda: MONDAY)
    one = districts.include(Clever(lambda: MONDAY, seed=3))
    twin = Clever(lambda: MONDAY, seed=3)
    with pytest.raises(ValueError, match="a seed of its own"):
        districts.include(twin)
    assert list(districts) == [one]
    twin.close()
    districts.close()


def test_the_same_seed_and_name_give_the_same_district() -> None:
    with new_york_and_yonkers() as (_, city, _yonkers), new_york_and_yonkers() as (_, same, _others):
        assert city.district_id == same.district_id
        assert city.issue_token() == same.issue_token()
