"""The sync writes classes and their rosters (A12, A15, F8, F9, H2)."""

from typing import Any

from tests.fakes.otus.builders import (
    SCHOOL,
    District,
    by_hand,
    class_,
    members,
    people,
    rostered,
    rostered_class,
    sandbox,
    write_classes,
)

NEW = {"clever_id": "s1", "name": "Algebra", "school": SCHOOL}


def test_a_new_class_may_be_empty(district: District) -> None:
    [result] = write_classes(district, NEW)
    assert result["status"] == "created"
    made = class_(district, result["id"])
    assert (made["provenance"], made["archived"], made["archived_by"]) == ("clever", False, None)
    assert made["version"] == 1
    assert len(made["code"]) == 6
    assert members(district, result["id"]) == {}


def test_a_roster_replaces_the_rostered_members_whole(district: District) -> None:
    tom, ada = people(district, "teacher", "teacher")
    ana, ben = people(district, "student", "student")
    algebra = rostered_class(district, tom, co_teachers=(ada,), students=(ana,))
    roster = {"teacher": ada, "students": [ben]}
    [result] = write_classes(district, {"id": algebra, "clever_id": "s1", "roster": roster})
    assert result["status"] == "updated"
    assert members(district, algebra) == {ada: ("teacher", "clever"), ben: ("student", "clever")}
    assert class_(district, algebra)["version"] == 2


def test_the_same_roster_in_another_order_is_unchanged(district: District) -> None:
    ana, ben = people(district, "student", "student")
    algebra = rostered_class(district, students=(ana, ben))
    before = class_(district, algebra)
    district.pass_time(days=1)
    [result] = write_classes(district, {**NEW, "id": algebra, "roster": {"students": [ben, ana]}, "archived": False})
    assert result["status"] == "unchanged"
    assert class_(district, algebra) == before


def test_who_moves_between_two_classes_moves_in_one_transaction(district: District) -> None:
    ana = rostered(district, "student")
    algebra = rostered_class(district, students=(ana,))
    biology = rostered_class(district, section="s2")
    results = write_classes(
        district,
        {"id": algebra, "clever_id": "s1", "roster": {}},
        {"id": biology, "clever_id": "s2", "roster": {"students": [ana]}},
    )
    assert [result["status"] for result in results] == ["updated", "updated"]
    assert members(district, algebra) == {}
    assert members(district, biology) == {ana: ("student", "clever")}


def test_a_roster_with_an_unknown_account_is_refused_and_nothing_of_its_row_is_written(
    district: District,
) -> None:
    ana = rostered(district, "student")
    algebra = rostered_class(district, students=(ana,))
    before = class_(district, algebra)
    for unknown in (999, 2**70, -1):
        row = {"id": algebra, "clever_id": "s1", "name": "Other", "roster": {"students": [unknown]}}
        [result, other] = write_classes(district, row, {**NEW, "clever_id": f"x{unknown}"})
        assert (result["status"], result["code"]) == ("refused", "rule")
        assert str(unknown) in result["message"]
        assert other["status"] == "created"
    assert class_(district, algebra) == before
    assert members(district, algebra) == {ana: ("student", "clever")}


def test_a_roster_lists_nobody_twice(district: District) -> None:
    tom = rostered(district, "teacher")
    [result] = write_classes(district, {**NEW, "roster": {"teacher": tom, "co_teachers": [tom]}})
    assert (result["status"], result["code"]) == ("refused", "rule")
    assert district.sync("GET", "/classes").body["items"] == []


def test_a_member_by_hand_whom_the_roster_lists_becomes_rostered(district: District) -> None:
    tom, ada, ana = people(district, "teacher", "teacher", "student")
    algebra = rostered_class(district, tom)
    district.support("POST", f"/classes/{algebra}/members", {"part": "co_teacher", "account": ada})
    district.support("POST", f"/classes/{algebra}/members", {"part": "student", "account": ana})
    roster = {"teacher": tom, "co_teachers": [ada]}
    write_classes(district, {"id": algebra, "clever_id": "s1", "roster": roster})
    assert members(district, algebra) == {
        tom: ("teacher", "clever"),
        ada: ("co_teacher", "clever"),
        ana: ("student", "manual"),
    }
    write_classes(district, {"id": algebra, "clever_id": "s1", "roster": {"teacher": tom}})
    assert ada not in members(district, algebra)


def test_members_by_hand_stay_unless_the_sync_names_them(district: District) -> None:
    tom, ada, ana = people(district, "teacher", "teacher", "student")
    algebra = rostered_class(district, tom)
    district.support("POST", f"/classes/{algebra}/members", {"part": "co_teacher", "account": ada})
    district.support("POST", f"/classes/{algebra}/members", {"part": "student", "account": ana})
    version = class_(district, algebra)["version"]
    row = {"id": algebra, "clever_id": "s1", "remove_by_hand": [ana, tom, 999]}
    assert [result["status"] for result in write_classes(district, row)] == ["updated"]
    assert members(district, algebra) == {tom: ("teacher", "clever"), ada: ("co_teacher", "manual")}
    assert class_(district, algebra)["version"] == version
    assert [result["status"] for result in write_classes(district, row)] == ["unchanged"]


def test_a_conditional_write_is_refused_when_somebody_changed_the_class_meanwhile(district: District) -> None:
    tom, ana = people(district, "teacher", "student")
    algebra = rostered_class(district, tom, students=(ana,))
    district.person(tom, "DELETE", f"/classes/{algebra}/members/{ana}")
    row = {"id": algebra, "clever_id": "s1", "roster": {"students": [ana]}, "if_version": 1}
    [result] = write_classes(district, row)
    assert (result["status"], result["code"]) == ("refused", "version")
    assert "version 2" in result["message"]
    assert members(district, algebra) == {tom: ("teacher", "clever")}
    assert write_classes(district, {**row, "if_version": 2})[0]["status"] == "updated"
    assert write_classes(district, {**NEW, "clever_id": "s9", "if_version": 3})[0]["code"] == "version"


def test_the_version_rises_with_every_change_of_the_class_and_its_roster_only(district: District) -> None:
    tom, ada, ana = people(district, "teacher", "teacher", "student")
    algebra = rostered_class(district, tom)
    changes: list[dict[str, Any]] = [
        {"name": "Algebra II"},
        {"school": "10X445"},
        {"archived": True},
        {"roster": {"teacher": tom, "students": [ana]}},
    ]
    for version, change in enumerate(changes, start=2):
        district.pass_time(minutes=1)
        write_classes(district, {"id": algebra, "clever_id": "s1", **change})
        changed = class_(district, algebra)
        assert (changed["version"], changed["updated"]) == (version, district.now())
    added = {"part": "co_teacher", "account": ada}
    assert district.support("POST", f"/classes/{algebra}/members", added).status == 201
    assert class_(district, algebra)["version"] == 5
    district.support("DELETE", f"/classes/{algebra}/members/{ada}")
    assert class_(district, algebra)["version"] == 5


def test_a_class_the_sync_archives_and_restores(district: District) -> None:
    algebra = rostered_class(district)
    write_classes(district, {"id": algebra, "clever_id": "s1", "archived": True})
    assert (class_(district, algebra)["archived"], class_(district, algebra)["archived_by"]) == (True, "sync")
    write_classes(district, {"id": algebra, "clever_id": "s1", "archived": False})
    assert (class_(district, algebra)["archived"], class_(district, algebra)["archived_by"]) == (False, None)


def test_the_sync_unarchives_what_was_archived_by_hand(district: District) -> None:
    algebra = rostered_class(district)
    district.support("PATCH", f"/classes/{algebra}", {"archived": True})
    assert class_(district, algebra)["archived_by"] == "hand"
    write_classes(district, {"id": algebra, "clever_id": "s1", "archived": False})
    assert (class_(district, algebra)["archived"], class_(district, algebra)["archived_by"]) == (False, None)


def test_a_class_made_by_hand_becomes_rostered_for_good_when_it_is_linked(district: District) -> None:
    tom = by_hand(district, "teacher")
    made = sandbox(district, tom)
    write_classes(district, {"id": made, "clever_id": "s7"})
    linked = class_(district, made)
    assert (linked["provenance"], linked["clever_id"], linked["name"]) == ("clever", "s7", "Sandbox")
    assert members(district, made) == {tom: ("teacher", "manual")}


def test_rows_that_name_what_does_not_exist_or_is_taken_are_refused_alone(district: District) -> None:
    algebra = rostered_class(district)
    biology = rostered_class(district, section="s2")
    results = write_classes(
        district,
        {"id": 999, "clever_id": "s9"},
        {"id": biology, "clever_id": "s1"},
        {**NEW, "clever_id": "s1"},
        {"clever_id": "s3", "name": "No school"},
        {"id": algebra, "clever_id": ""},
        {"id": algebra, "clever_id": "s1", "name": "First"},
        {"id": algebra, "clever_id": "s1", "name": "Second"},
        {**NEW, "clever_id": "s4"},
        {**NEW, "clever_id": "s4"},
    )
    assert [result["code"] for result in results] == [
        "not_found",
        "clever_id_taken",
        "clever_id_taken",
        "rule",
        "rule",
        "",
        "rule",
        "",
        "clever_id_taken",
    ]
    assert class_(district, algebra)["name"] == "First"


def test_rosters_of_some_classes_are_read_by_their_ids(district: District) -> None:
    rows = [{"clever_id": f"s{number}", "name": "Art", "school": "02M475"} for number in range(5)]
    ids = [result["id"] for result in district.sync("POST", "/classes/bulk", {"rows": rows}).body["results"]]

    def listed(asked: str) -> list[int]:
        return [item["class_id"] for item in district.sync("GET", f"/rosters?ids={asked}&limit=2").body["items"]]

    assert listed(f"{ids[3]},{ids[1]}") == [ids[1], ids[3]]
    assert listed(f"{ids[4]},{10**17},{ids[0]},{ids[2]}") == [ids[0], ids[2]]
    for broken in ("", "1,", "one", "-1", "1;2", "0"):
        assert district.sync("GET", f"/rosters?ids={broken}").status == 400


def test_rosters_are_read_many_classes_at_a_time(district: District) -> None:
    tom, ada, ana = people(district, "teacher", "teacher", "student")
    algebra = rostered_class(district, tom, students=(ana,))
    practice = sandbox(district, ada)
    page = district.sync("GET", "/rosters").body
    assert page == {
        "items": [
            {
                "class_id": algebra,
                "version": 1,
                "roster": {"teacher": tom, "co_teachers": [], "students": [ana]},
                "by_hand": [],
            },
            {
                "class_id": practice,
                "version": 1,
                "roster": {"teacher": None, "co_teachers": [], "students": []},
                "by_hand": [{"account": ada, "part": "teacher"}],
            },
        ],
        "next": None,
    }
    assert [item["class_id"] for item in district.sync("GET", "/rosters?provenance=clever").body["items"]] == [algebra]
    first = district.sync("GET", "/rosters?limit=1").body
    assert first["next"] == algebra
    second = district.sync("GET", f"/rosters?limit=1&after={first['next']}").body
    assert ([item["class_id"] for item in second["items"]], second["next"]) == ([practice], None)
