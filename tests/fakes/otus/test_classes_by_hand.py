"""People make, edit and delete classes (F10, F11, A9, A17, H2, H8)."""

import pytest

from tests.fakes.otus.builders import (
    OTHER_SCHOOL,
    SCHOOL,
    District,
    by_hand,
    class_,
    members,
    people,
    rostered,
    rostered_class,
    sandbox,
    write_accounts,
    write_classes,
)

NEW = {"name": "Sandbox", "school": SCHOOL}


def test_a_teacher_makes_a_sandbox_for_themself(district: District) -> None:
    tom = rostered(district, "teacher")
    answer = district.person(tom, "POST", "/classes", NEW)
    assert answer.status == 201
    assert (answer.body["provenance"], answer.body["clever_id"]) == ("manual", None)
    assert class_(district, answer.body["id"]) == answer.body
    assert members(district, answer.body["id"]) == {tom: ("teacher", "manual")}


def test_without_manual_rostering_nobody_makes_a_class_by_hand() -> None:
    district = District(manual_rostering=False)
    tom, admin = rostered(district, "teacher"), by_hand(district, "admin")
    for answer in (
        district.person(tom, "POST", "/classes", NEW),
        district.person(admin, "POST", "/classes", {**NEW, "teacher": tom}),
        district.support("POST", "/classes", {**NEW, "teacher": tom}),
    ):
        assert (answer.status, answer.body["code"]) == (403, "feature_off")
        assert "manual_rostering" in answer.body["message"]
    assert district.sync("GET", "/classes").body["items"] == []
    district.otus.close()


def test_turning_manual_rostering_off_later_removes_nothing(district: District) -> None:
    tom = rostered(district, "teacher")
    made = sandbox(district, tom)
    answer = district.support("PATCH", "/settings", {"manual_rostering": False})
    assert answer.body == {"manual_rostering": False, "sync_paused": False}
    assert members(district, made) == {tom: ("teacher", "manual")}
    assert district.person(tom, "POST", "/classes", NEW).status == 403


def test_who_may_make_a_class_for_whom(district: District) -> None:
    tom, ada, ana = people(district, "teacher", "teacher", "student")
    admin = by_hand(district, "admin")
    foreign = by_hand(district, "admin", school=OTHER_SCHOOL)
    for_tom = {**NEW, "teacher": tom}
    assert district.person(ada, "POST", "/classes", for_tom).status == 403
    assert district.person(ana, "POST", "/classes", NEW).status == 403
    assert district.person(foreign, "POST", "/classes", for_tom).status == 403
    assert district.sync("POST", "/classes", for_tom).status == 403
    assert district.person(admin, "POST", "/classes", for_tom).status == 201
    assert district.support("POST", "/classes", for_tom).status == 201
    assert district.support("POST", "/classes", NEW).status == 422


@pytest.mark.parametrize("role", ["student", "inactive", "nobody"])
def test_a_class_needs_an_active_teacher(district: District, role: str) -> None:
    who = {"student": rostered(district, "student"), "inactive": rostered(district, "teacher"), "nobody": 999}
    write_accounts(district, {"id": who["inactive"], "clever_id": "c2", "active": False})
    assert district.support("POST", "/classes", {**NEW, "teacher": who[role]}).status == 422
    assert district.sync("GET", "/classes").body["items"] == []


def test_who_may_rename_and_archive_a_class(district: District) -> None:
    main, co, stranger = (rostered(district, "teacher") for _ in range(3))
    ana = rostered(district, "student")
    admin = by_hand(district, "admin")
    foreign = by_hand(district, "admin", school=OTHER_SCHOOL)
    algebra = rostered_class(district, main, co_teachers=(co,), students=(ana,))
    status = {
        who: district.person(who, "PATCH", f"/classes/{algebra}", {"archived": True}).status
        for who in (main, co, admin, stranger, ana, foreign)
    }
    assert status == {main: 200, co: 200, admin: 200, stranger: 403, ana: 403, foreign: 403}
    assert district.support("PATCH", f"/classes/{algebra}", {"name": "Algebra II"}).status == 200
    assert district.sync("PATCH", f"/classes/{algebra}", {"name": "X"}).status == 403
    assert class_(district, algebra)["name"] == "Algebra II"


def test_archiving_by_hand_is_marked_and_raises_the_version_once(district: District) -> None:
    tom = rostered(district, "teacher")
    algebra = rostered_class(district, tom)
    for _ in range(2):
        district.person(tom, "PATCH", f"/classes/{algebra}", {"archived": True})
        archived = class_(district, algebra)
        assert (archived["archived"], archived["archived_by"], archived["version"]) == (True, "hand", 2)
    district.person(tom, "PATCH", f"/classes/{algebra}", {"archived": False, "name": "Algebra II"})
    restored = class_(district, algebra)
    assert (restored["archived"], restored["archived_by"], restored["version"]) == (False, None, 3)
    assert restored["name"] == "Algebra II"


def test_archiving_by_hand_what_the_sync_archived_changes_nothing(district: District) -> None:
    algebra = rostered_class(district)
    write_classes(district, {"id": algebra, "clever_id": "s1", "archived": True})
    before = class_(district, algebra)
    assert district.support("PATCH", f"/classes/{algebra}", {"archived": True}).status == 200
    assert class_(district, algebra) == before


def test_a_deleted_class_takes_its_memberships_and_work_with_it_and_its_id_is_not_given_again(
    district: District,
) -> None:
    main, co, ana = people(district, "teacher", "teacher", "student")
    algebra = rostered_class(district, main, co_teachers=(co,), students=(ana,))
    district.person(main, "POST", f"/classes/{algebra}/members", {"part": "student", "email": "new@x.org"})
    district.person(ana, "POST", f"/classes/{algebra}/work", {"title": "Essay"})
    assert district.person(co, "DELETE", f"/classes/{algebra}").status == 403
    assert district.person(main, "DELETE", f"/classes/{algebra}") == (204, None)
    assert district.support("GET", f"/classes/{algebra}").status == 404
    assert district.support("GET", f"/classes/{algebra}/work").status == 404
    again = rostered_class(district, main)
    assert again > algebra
    assert members(district, again) == {main: ("teacher", "clever")}
    assert district.support("GET", f"/classes/{again}/work").body["items"] == []


def test_classes_are_found_by_school_section_provenance_and_archive(district: District) -> None:
    tom = rostered(district, "teacher")
    algebra = rostered_class(district, tom)
    biology = rostered_class(district, tom, section="s2", school=OTHER_SCHOOL)
    made = sandbox(district, tom)
    write_classes(district, {"id": biology, "clever_id": "s2", "archived": True})

    def found(query: str) -> list[int]:
        return [item["id"] for item in district.sync("GET", f"/classes?{query}").body["items"]]

    assert found("") == [algebra, biology, made]
    assert found(f"school={OTHER_SCHOOL}") == [biology]
    assert found("clever_id=s1") == [algebra]
    assert found("provenance=manual") == [made]
    assert found("archived=true") == [biology]
    assert found(f"archived=false&school={SCHOOL}") == [algebra, made]
