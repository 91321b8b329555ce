"""Digests tell at a glance what equals Clever (a class, a school)."""

import hashlib
from typing import Any

import msgspec

from fakes.otus.records import roster_digest, school_digest
from tests.fakes.otus.builders import (
    OTHER_SCHOOL,
    District,
    account,
    by_hand,
    members,
    people,
    rostered,
    rostered_class,
    sandbox,
    write_accounts,
    write_classes,
)


def digest(district: District, class_id: int) -> dict[str, Any]:
    items: list[dict[str, Any]] = district.sync("GET", "/digests/classes").body["items"]
    return next(item for item in items if item["id"] == class_id)


def account_digests(district: District) -> dict[int, str]:
    return digests_of(district, "/digests/accounts?")


def section_digests(district: District, of: str = "") -> dict[int, str]:
    return digests_of(district, f"/digests/sections?{of}")


def digests_of(district: District, path: str) -> dict[int, str]:
    found: dict[int, str] = {}
    after: int | None = 0
    while after is not None:
        page = district.sync("GET", f"{path}limit=2&after={after}").body
        assert len(page["digests"]) == 16 * len(page["ids"])
        heads = [page["digests"][first : first + 16] for first in range(0, len(page["digests"]), 16)]
        found |= dict(zip(page["ids"], heads, strict=True))
        after = page["next"]
    return found


def expected(known: dict[str, Any]) -> str:
    keys = ("clever_id", "role", "email", "first_name", "last_name", "sis_id")
    packed = msgspec.msgpack.encode([*(known[key] or "" for key in keys), known["schools"]])
    return hashlib.sha256(packed).hexdigest()[:16]


def test_an_account_digest_can_be_computed_from_clever_alone_and_follows_every_change(district: District) -> None:
    tom, ana = rostered(district, "teacher"), rostered(district, "student")
    ben, kim = by_hand(district, "student"), by_hand(district, "admin")
    write_accounts(district, {"id": ana, "clever_id": "c2", "sis_id": "204", "schools": ["02M475", "27Q410"]})
    district.person(kim, "PATCH", f"/accounts/{tom}", {"first_name": "Tómas", "email": "Tom@Schools.example"})
    district.support("POST", f"/accounts/{ben}/adjust-id", {"clever_id": "c9"})
    assert account_digests(district) == {one: expected(account(district, one)) for one in (tom, ana, ben, kim)}


def test_an_account_that_is_not_active_has_no_digest_until_it_is_again(district: District) -> None:
    ana, ben = people(district, "student", "student")
    before = account_digests(district)
    write_accounts(district, {"id": ana, "clever_id": "c1", "active": False})
    assert account_digests(district) == {ana: "0" * 16, ben: before[ben]}
    write_accounts(district, {"id": ana, "clever_id": "c1", "active": True})
    assert account_digests(district) == before


def section(key: str, school: str, name: str, roster: str) -> str:
    return hashlib.sha256(msgspec.msgpack.encode([key, school, name, roster])).hexdigest()[:16]


def test_a_class_as_clever_has_it_has_one_digest_of_all_that_clever_decides(district: District) -> None:
    tom, ana, ben = people(district, "teacher", "student", "student")
    algebra = rostered_class(district, tom, students=(ana,))
    others = {rostered_class(district, tom, section=key, school=OTHER_SCHOOL): key for key in ("s2", "s3")}
    sandbox(district, tom)
    empty = roster_digest("c1", (), ())
    expected = {
        algebra: section("s1", "02M475", "Algebra", roster_digest("c1", (), ("c2",))),
        **{
            one: section(f"s{number}", OTHER_SCHOOL, "Algebra", empty)
            for one, number in zip(others, (2, 3), strict=True)
        },
    }
    assert section_digests(district) == expected
    assert section_digests(district, f"school={OTHER_SCHOOL}&") == {one: expected[one] for one in others}
    write_classes(district, {"id": algebra, "clever_id": "s1", "name": "Algebra 2", "roster": {"students": [ben]}})
    district.support("POST", f"/accounts/{ben}/adjust-id", {"clever_id": "c9"})
    changed = section("s1", "02M475", "Algebra 2", roster_digest(None, (), ("c9",)))
    assert section_digests(district) == {**expected, algebra: changed}


def test_a_class_that_is_archived_or_has_somebody_in_it_by_hand_has_none(district: District) -> None:
    tom, ana = people(district, "teacher", "student")
    algebra = rostered_class(district, tom)
    (before,) = section_digests(district).values()
    district.person(tom, "POST", f"/classes/{algebra}/members", {"account": ana, "part": "student"})
    assert section_digests(district) == {algebra: "0" * 16}
    district.person(tom, "DELETE", f"/classes/{algebra}/members/{ana}")
    assert section_digests(district) == {algebra: before}
    district.person(tom, "PATCH", f"/classes/{algebra}", {"archived": True})
    assert section_digests(district) == {algebra: "0" * 16}


def test_classes_are_given_by_their_ids(district: District) -> None:
    (tom,) = people(district, "teacher")
    made = [rostered_class(district, tom, section=f"s{number}") for number in range(3)]
    for path in ("/digests/classes", "/classes"):
        found = district.sync("GET", f"{path}?ids={made[2]},{made[0]}").body["items"]
        assert [one["id"] for one in found] == [made[0], made[2]]


def test_accounts_are_given_by_their_ids(district: District) -> None:
    tom, ana, ben = people(district, "teacher", "student", "student")
    found = district.sync("GET", f"/accounts?ids={ben},{tom},999").body["items"]
    assert [one["id"] for one in found] == [tom, ben] != [tom, ana, ben]


def test_a_class_digest_can_be_computed_from_clever_alone(district: District) -> None:
    tom, ada, ana, ben = people(district, "teacher", "teacher", "student", "student")
    algebra = rostered_class(district, tom, co_teachers=(ada,), students=(ben, ana))
    assert digest(district, algebra) == {
        "id": algebra,
        "clever_id": "s1",
        "school": "02M475",
        "name": "Algebra",
        "archived": False,
        "version": 1,
        "digest": roster_digest("c1", ("c2",), ("c3", "c4")),
        "by_hand": 0,
    }


def test_a_member_without_a_clever_id_is_left_out(district: District) -> None:
    tom, ana = by_hand(district, "teacher"), rostered(district, "student")
    ben = by_hand(district, "student")
    algebra = rostered_class(district, tom, students=(ana, ben))
    assert digest(district, algebra)["digest"] == roster_digest(None, (), ("c2",))


def test_the_digest_follows_every_change_of_the_roster(district: District) -> None:
    tom, ana, ben = people(district, "teacher", "student", "student")
    algebra = rostered_class(district, tom, students=(ana, ben))
    district.person(tom, "DELETE", f"/classes/{algebra}/members/{ana}")
    assert digest(district, algebra)["digest"] == roster_digest("c1", (), ("c3",))
    write_classes(district, {"id": algebra, "clever_id": "s1", "roster": {"students": [ana]}})
    assert digest(district, algebra)["digest"] == roster_digest(None, (), ("c2",))


def test_the_digest_follows_an_adjusted_id_and_the_version_does_not(district: District) -> None:
    tom, ana = people(district, "teacher", "student")
    algebra = rostered_class(district, tom, students=(ana,))
    biology = rostered_class(district, tom, section="s2")
    district.support("POST", f"/accounts/{ana}/adjust-id", {"clever_id": "c-returned"})
    assert digest(district, algebra)["digest"] == roster_digest("c1", (), ("c-returned",))
    district.support("POST", f"/accounts/{ana}/adjust-id", {"clever_id": None})
    assert digest(district, algebra)["digest"] == roster_digest("c1", (), ())
    write_accounts(district, {"id": ana, "clever_id": "c-new"})
    assert digest(district, algebra)["digest"] == roster_digest("c1", (), ("c-new",))
    assert digest(district, algebra)["version"] == 1
    assert digest(district, biology)["digest"] == roster_digest("c1", (), ())


def test_members_by_hand_are_counted(district: District) -> None:
    tom, ada, ana = people(district, "teacher", "teacher", "student")
    algebra = rostered_class(district, tom)

    def add(part: str, who: int) -> None:
        district.support("POST", f"/classes/{algebra}/members", {"part": part, "account": who})

    def by_hand_now() -> tuple[int, int]:
        counted: int = digest(district, algebra)["by_hand"]
        return counted, sum(provenance == "manual" for _, provenance in members(district, algebra).values())

    add("co_teacher", ada)
    add("student", ana)
    assert by_hand_now() == (2, 2)
    write_classes(district, {"id": algebra, "clever_id": "s1", "roster": {"teacher": tom, "co_teachers": [ada]}})
    assert by_hand_now() == (1, 1)
    write_classes(district, {"id": algebra, "clever_id": "s1", "remove_by_hand": [ana]})
    assert by_hand_now() == (0, 0)
    add("student", ana)
    district.support("DELETE", f"/classes/{algebra}/members/{ana}")
    assert by_hand_now() == (0, 0)


def test_classes_made_by_hand_have_no_digest(district: District) -> None:
    tom = rostered(district, "teacher")
    sandbox(district, tom)
    assert district.sync("GET", "/digests/classes").body == {"items": [], "next": None}
    assert district.sync("GET", "/digests/schools").body == {"items": [], "next": None}


def test_class_digests_come_in_pages_and_by_school(district: District) -> None:
    tom = rostered(district, "teacher")
    algebra = rostered_class(district, tom)
    sandbox(district, tom)
    biology = rostered_class(district, tom, section="s2", school=OTHER_SCHOOL)
    first = district.sync("GET", "/digests/classes?limit=1").body
    assert ([item["id"] for item in first["items"]], first["next"]) == ([algebra], algebra)
    second = district.sync("GET", f"/digests/classes?limit=1&after={algebra}").body
    assert ([item["id"] for item in second["items"]], second["next"]) == ([biology], None)
    one = district.sync("GET", f"/digests/classes?school={OTHER_SCHOOL}").body["items"]
    assert [item["id"] for item in one] == [biology]


def test_a_school_digest_is_one_number_for_its_rostered_classes(district: District) -> None:
    tom, ada, ana = people(district, "teacher", "teacher", "student")
    sandbox(district, tom)
    chemistry = rostered_class(district, tom, section="s3", students=(ana,))
    rostered_class(district, tom, section="s1")
    rostered_class(district, tom, section="s2", school=OTHER_SCHOOL)
    write_classes(district, {"id": chemistry, "clever_id": "s3", "archived": True})
    district.support("POST", f"/classes/{chemistry}/members", {"part": "co_teacher", "account": ada})
    empty, full = roster_digest("c1", (), ()), roster_digest("c1", (), ("c3",))
    assert district.sync("GET", "/digests/schools").body["items"] == [
        {
            "school": "02M475",
            "classes": 2,
            "digest": school_digest([("s1", "Algebra", False, empty, 0), ("s3", "Algebra", True, full, 1)]),
        },
        {
            "school": OTHER_SCHOOL,
            "classes": 1,
            "digest": school_digest([("s2", "Algebra", False, empty, 0)]),
        },
    ]
