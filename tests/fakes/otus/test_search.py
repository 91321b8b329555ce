"""Accounts by name, e-mail and SIS id, classes by name, by how they begin; and lists in pages."""

import pytest

from tests.fakes.otus.builders import (
    SCHOOL,
    District,
    by_hand,
    people,
    rostered_class,
    write_accounts,
    write_classes,
)


def named(district: District) -> tuple[int, int, int]:
    mei, omar, chen = people(district, "student", "student", "teacher")
    for who, first, last, email in (
        (mei, "Mei", "Chen", "mchen7@nycstudents.net"),
        (omar, "Omar", "Haddad", "ohaddad@nycstudents.net"),
        (chen, "Chen", "Über-Straße", "teacher@schools.nyc.gov"),
    ):
        edit = {"first_name": first, "last_name": last, "email": email}
        district.support("PATCH", f"/accounts/{who}", edit)
    return mei, omar, chen


@pytest.mark.parametrize(
    ("q", "who"),
    [
        ("mei", "mei"),
        ("MEI CH", "mei"),
        ("chen m", "mei"),
        ("mchen7@", "mei"),
        ("000000001", "mei"),
        ("0000000", "mei omar chen"),
        ("chen", "mei chen"),
        ("über-strasse", "chen"),
        ("had", "omar"),
        ("addad", ""),
        ("%", ""),
        ("_", ""),
        ("' OR 1=1 --", ""),
    ],
)
def test_accounts_are_found_by_how_they_begin(district: District, q: str, who: str) -> None:
    ids = dict(zip(("mei", "omar", "chen"), named(district), strict=True))
    wanted = [ids[name] for name in who.split()]
    answer = district.client.get(
        "/api/v1/accounts", query_string={"q": q}, headers={"Authorization": "Bearer sync-secret"}
    )
    assert [item["id"] for item in (answer.json or {})["items"]] == wanted


def test_classes_are_found_by_any_word_of_their_name(district: District) -> None:
    algebra = rostered_class(district)
    write_classes(district, {"id": algebra, "clever_id": "s1", "name": "Algebra 2 Honors"})
    for q, found in (("alg", 1), ("2%20HON", 1), ("hon", 1), ("lgebra", 0)):
        assert len(district.sync("GET", f"/classes?q={q}").body["items"]) == found, q


def test_the_search_gives_both_and_at_most_as_many_as_asked(district: District) -> None:
    named(district)
    algebra = rostered_class(district)
    write_classes(district, {"id": algebra, "clever_id": "s1", "name": "Chen's class"})
    found = district.support("GET", "/search?q=chen").body
    assert ([item["first_name"] for item in found["accounts"]], len(found["classes"])) == (["Mei", "Chen"], 1)
    assert len(district.support("GET", "/search?q=chen&limit=1").body["accounts"]) == 1
    for query in ("", "?q=", "?q=a&limit=101", "?q=a%00"):
        assert district.support("GET", f"/search{query}").status == 400


def test_a_search_goes_together_with_the_other_filters_and_pages(district: District) -> None:
    mei, _, chen = named(district)
    assert [item["id"] for item in district.sync("GET", "/accounts?q=chen&role=teacher").body["items"]] == [chen]
    page = district.sync("GET", "/accounts?q=chen&limit=1").body
    assert ([item["id"] for item in page["items"]], page["next"]) == ([mei], mei)


def test_who_is_renamed_is_found_by_the_new_name_only(district: District) -> None:
    mei, _, _ = named(district)
    write_accounts(district, {"id": mei, "clever_id": "c1", "first_name": "May", "email": "may@x.org"})
    assert district.sync("GET", "/accounts?q=mei").body["items"] == []
    assert [item["id"] for item in district.sync("GET", "/accounts?q=may").body["items"]] == [mei]


def test_members_work_runs_and_school_digests_come_in_pages(district: District) -> None:
    tom, ana, ben = people(district, "teacher", "student", "student")
    algebra = rostered_class(district, tom, students=(ana, ben))
    rostered_class(district, tom, section="s2", school="10X445")
    for title in ("One", "Two", "Three"):
        district.person(ana, "POST", f"/classes/{algebra}/work", {"title": title})
    for _ in range(3):
        run = district.sync("POST", "/sync-runs", {}).body["id"]
        district.sync("PATCH", f"/sync-runs/{run}", {"status": "succeeded"})

    def pages(path: str, cursor: str = "after") -> list[int]:
        sizes, query = [], "?limit=2"
        while True:
            page = district.sync("GET", path + query).body
            sizes.append(len(page["items"]))
            if page["next"] is None:
                return sizes
            query = f"?limit=2&{cursor}={page['next']}"

    assert pages(f"/classes/{algebra}/members") == [2, 1]
    assert pages(f"/classes/{algebra}/work") == [2, 1]
    assert pages("/sync-runs", "before") == [2, 1]
    assert pages("/digests/schools") == [2]
    first = district.sync("GET", "/digests/schools?limit=1").body
    assert first["next"] == SCHOOL
    assert [item["school"] for item in district.sync("GET", "/digests/schools?after=02M475").body["items"]] == [
        "10X445"
    ]


def test_an_admin_made_by_hand_is_found_too(district: District) -> None:
    who = by_hand(district, "admin", email="zelda@x.org")
    assert [item["id"] for item in district.sync("GET", "/accounts?q=zel").body["items"]] == [who]
