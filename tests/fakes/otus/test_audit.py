"""The audit log: who, when, what, about whom."""

from typing import Any

import pytest

from fakes.otus import Otus
from fakes.otus.listings import AuditPage, AuditQuery
from fakes.otus.records import AccountWrite, AccountWrites, NewAccount
from fakes.otus.rights import Actor
from tests.fakes.otus.builders import (
    SCHOOL,
    District,
    by_hand,
    people,
    rostered,
    rostered_class,
    write_accounts,
    write_classes,
)


def audit(district: District, query: str = "") -> list[dict[str, Any]]:
    return list(district.support("GET", f"/audit{query}").body["items"])


def test_a_line_says_who_did_what_when_and_about_whom(district: District) -> None:
    tom, ana, ben = people(district, "teacher", "student", "student")
    algebra = rostered_class(district, tom, students=(ana,))
    district.pass_time(hours=1)
    district.person(tom, "POST", f"/classes/{algebra}/members", {"part": "student", "account": ben})
    line = audit(district)[-1]
    assert line == {
        "number": 5,
        "at": district.now(),
        "who": f"teacher {tom}",
        "by_account": tom,
        "what": "adds a student by hand",
        "accounts": [ben],
        "class_id": algebra,
    }


def test_a_bulk_write_logs_one_line_for_each_row_that_changed_something(district: District) -> None:
    ana, ben, cam = people(district, "student", "student", "student")
    before = len(audit(district))
    write_accounts(
        district,
        {"id": ana, "clever_id": "c1", "email": "ana@x.org", "first_name": "Ana"},
        {"id": ben, "clever_id": "c2"},
        {"id": cam, "clever_id": "c1"},
    )
    lines = audit(district)[before:]
    assert [(line["what"], line["accounts"]) for line in lines] == [("updates an account: email, first_name", [ana])]
    assert lines[0]["who"] == "the integration token"


def test_a_roster_that_changes_names_who_came_and_who_went(district: District) -> None:
    tom, ana, ben, cam = people(district, "teacher", "student", "student", "student")
    algebra = rostered_class(district, tom, students=(ana, ben))
    assert audit(district)[-1]["what"] == "creates a class with 3 members"
    district.person(tom, "POST", f"/classes/{algebra}/members", {"part": "student", "account": cam})
    roster = {"teacher": tom, "students": [ana]}
    write_classes(district, {"id": algebra, "clever_id": "s1", "roster": roster, "remove_by_hand": [cam]})
    line = audit(district)[-1]
    assert (line["what"], line["accounts"]) == ("updates a class: removes 2 members", [ben, cam])


def test_every_deed_by_hand_leaves_a_line_and_what_changes_nothing_leaves_none(district: District) -> None:
    admin = by_hand(district, "admin")
    tom, ana = people(district, "teacher", "student")
    algebra = rostered_class(district, tom, students=(ana,))
    start = len(audit(district))
    path = f"/classes/{algebra}"
    district.person(tom, "PATCH", path, {"name": "Honors", "archived": True})
    district.person(tom, "PATCH", path, {"name": "Honors"})
    district.person(tom, "PATCH", path, {"archived": False})
    district.person(ana, "POST", f"{path}/work", {"title": "Essay"})
    district.person(tom, "DELETE", f"{path}/members/{ana}")
    district.support("POST", f"/accounts/{ana}/adjust-id", {"clever_id": None})
    district.person(admin, "PATCH", "/settings", {"manual_rostering": False})
    district.person(admin, "PATCH", "/settings", {"manual_rostering": False})
    district.person(tom, "DELETE", path)
    run = district.sync("POST", "/sync-runs", {}).body["id"]
    district.sync("PATCH", f"/sync-runs/{run}", {"reason": "still at it"})
    district.sync("PATCH", f"/sync-runs/{run}", {"status": "held"})
    district.support("POST", f"/sync-runs/{run}/discard")
    assert [line["what"] for line in audit(district)[start:]] == [
        "edits a class: renames it Honors, archives it",
        "edits a class: unarchives it",
        "hands in Essay",
        "removes a student (rostered)",
        "adjusts the ID of an account: clever_id",
        "turns manual rostering off",
        "deletes the class Honors",
        f"starts sync run {run}",
        f"ends sync run {run}: held",
        f"has the withheld removals of sync run {run} discarded",
    ]


def test_what_is_refused_leaves_no_line(district: District) -> None:
    ana, ben = people(district, "student", "student")
    before = audit(district)
    assert district.person(ana, "PATCH", f"/accounts/{ben}", {"first_name": "X"}).status == 403
    assert district.support("PATCH", f"/accounts/{ben}", {"email": "student1@schools.nyc.gov"}).status == 409
    assert audit(district) == before


def test_the_log_comes_in_pages_and_by_account_actor_and_class(district: District) -> None:
    tom, ana = people(district, "teacher", "student")
    algebra = rostered_class(district, tom)
    district.person(tom, "POST", f"/classes/{algebra}/members", {"part": "student", "account": ana})
    everything = audit(district)
    first = district.support("GET", "/audit?limit=2").body
    rest = district.support("GET", f"/audit?after={first['next']}").body
    assert [*first["items"], *rest["items"]] == everything
    assert rest["next"] is None
    assert [line["number"] for line in audit(district, f"?account={ana}")] == [2, 4]
    assert [line["number"] for line in audit(district, f"?class_id={algebra}")] == [3, 4]
    assert [line["number"] for line in audit(district, f"?by_account={tom}")] == [4]
    assert [line["number"] for line in audit(district, f"?account={ana}&class_id={algebra}&by_account={tom}")] == [4]
    assert district.support("GET", "/audit?account=x").status == 400


@pytest.mark.parametrize("lines_max", [1, 3, 5])
def test_a_full_log_drops_its_oldest_lines_and_says_how_many(lines_max: int) -> None:
    district = District()
    otus = Otus(district.otus.clock, audit_lines_max=lines_max)
    for number in range(5):
        otus.accounts.make(Actor("support"), NewAccount("student", f"{number}@x.org", "A", "B", (SCHOOL,)))
    page = otus.audit.page(AuditQuery())
    assert [line.number for line in page.items] == list(range(6 - lines_max, 6))
    assert (page.dropped, page.lines_max) == (5 - lines_max, lines_max)
    assert otus.audit.page(AuditQuery(account=1)).items == ([] if lines_max < 5 else page.items[:1])
    otus.close()
    district.otus.close()


def test_the_log_goes_with_a_copy(district: District) -> None:
    rostered(district, "student")
    copy = Otus.restored(district.otus.snapshot(), district.otus.clock)
    assert copy.audit.page(AuditQuery()) == district.otus.audit.page(AuditQuery())
    copy.close()


def test_a_bulk_write_of_which_part_is_dropped_shows_its_last_lines(district: District) -> None:
    otus = Otus(district.otus.clock, audit_lines_max=3)
    rows = [AccountWrite(f"c{number}", None, "student", f"{number}@x.org", "A", "B") for number in range(5)]
    otus.accounts.write(Actor("integration"), AccountWrites(rows))
    page = otus.audit.page(AuditQuery())
    assert [(line.number, line.accounts) for line in page.items] == [(3, (3,)), (4, (4,)), (5, (5,))]
    assert page.dropped == 2
    assert otus.audit.page(AuditQuery(account=2)).items == []
    assert otus.audit.page(AuditQuery(limit=1, after=3)) == AuditPage(page.items[1:2], 4, 2, 3)
    otus.close()
