"""Who may do what in Otus: one table, held against the wire, deed by deed (F6, F8 to F11, A10, H8)."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from fakes.otus import api
from fakes.otus.rights import IN_WORDS, RIGHTS, rights_in_words
from tests.fakes.otus.builders import (
    OTHER_SCHOOL,
    SCHOOL,
    Answer,
    District,
    account,
    by_hand,
    rostered,
    rostered_class,
    write_accounts,
)


class Cast(NamedTuple):
    """A class, everybody in it, and who is not."""

    klass: int
    main: int
    co_teacher: int
    student: int
    stranger: int
    admin: int
    foreign_admin: int


def cast_of(district: District) -> Cast:
    main, co_teacher = rostered(district, "teacher"), rostered(district, "teacher")
    student = rostered(district, "student")
    klass = rostered_class(district, main, co_teachers=(co_teacher,), students=(student,))
    admin, foreign = by_hand(district, "admin"), by_hand(district, "admin", school=OTHER_SCHOOL)
    return Cast(klass, main, co_teacher, student, rostered(district, "teacher"), admin, foreign)


ASKERS: dict[str, Callable[[District, Cast, str, str, object], Answer]] = {
    "integration": lambda d, _, *asked: d.sync(*asked),
    "support": lambda d, _, *asked: d.support(*asked),
    "main": lambda d, c, *asked: d.person(c.main, *asked),
    "co_teacher": lambda d, c, *asked: d.person(c.co_teacher, *asked),
    "student": lambda d, c, *asked: d.person(c.student, *asked),
    "stranger": lambda d, c, *asked: d.person(c.stranger, *asked),
    "admin": lambda d, c, *asked: d.person(c.admin, *asked),
    "foreign_admin": lambda d, c, *asked: d.person(c.foreign_admin, *asked),
}
EVERYBODY = set(ASKERS)

NEW = {"role": "teacher", "email": "new@x.org", "first_name": "N", "last_name": "W", "schools": [SCHOOL]}
DEEDS: dict[str, tuple[str, str, object, set[str]]] = {
    "read": ("GET", "/accounts", None, EVERYBODY),
    "read the audit log": ("GET", "/audit", None, {"integration", "support", "admin", "foreign_admin"}),
    "make accounts by hand": ("POST", "/accounts", NEW, {"support", "admin"}),
    "edit accounts by hand": (
        "PATCH",
        "/accounts/{student}",
        {"first_name": "A"},
        {"support", "admin", "main", "student"},
    ),
    "adjust IDs": ("POST", "/accounts/{student}/adjust-id", {"clever_id": "c99"}, {"support"}),
    "write accounts in bulk": ("POST", "/accounts/bulk", {"rows": []}, {"integration"}),
    "make classes by hand": (
        "POST",
        "/classes",
        {"name": "Sandbox", "school": SCHOOL},
        {"main", "co_teacher", "stranger", "admin"},
    ),
    "edit or archive classes by hand": (
        "PATCH",
        "/classes/{klass}",
        {"archived": True},
        {"support", "admin", "main", "co_teacher"},
    ),
    "delete classes": ("DELETE", "/classes/{klass}", None, {"support", "admin", "main"}),
    "write classes in bulk": ("POST", "/classes/bulk", {"rows": []}, {"integration"}),
    "add members by hand": (
        "POST",
        "/classes/{klass}/members",
        {"part": "co_teacher", "email": "aide@x.org", "first_name": "A", "last_name": "B"},
        {"support", "admin", "main"},
    ),
    "remove members by hand": ("DELETE", "/classes/{klass}/members/{student}", None, {"support", "admin", "main"}),
    "join a class by code": ("POST", "/join", {"code": "AAAAAA"}, {"student"}),
    "hand in work": ("POST", "/classes/{klass}/work", {"title": "Essay"}, {"student"}),
    "change the settings": ("PATCH", "/settings", {"manual_rostering": False}, {"support", "admin", "foreign_admin"}),
    "report on sync runs": ("POST", "/sync-runs", {}, {"integration"}),
    "decide about withheld removals": ("POST", "/sync-runs/1/approve", None, {"integration", "support"}),
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("asker", ASKERS)
def test_the_table_holds_over_the_wire(district: District, deed: str, asker: str) -> None:
    cast = cast_of(district)
    method, path, body, may = DEEDS[deed]
    before = district.otus.snapshot()
    answer = ASKERS[asker](district, cast, method, path.format(**cast._asdict()), body)
    if asker in may:
        assert answer.status != 403, answer
    elif deed == "make classes by hand" and asker == "support":
        assert answer.status == 422  # it may, and has to say whose class it is
    else:
        assert (answer.status, answer.body["code"]) == (403, "forbidden")
        assert deed in answer.body["message"]
        assert district.otus.snapshot() == before


def test_the_table_is_complete_and_the_documentation_shows_it() -> None:
    assert set(DEEDS) == set(RIGHTS) == {operation.deed for operation in api.operations}
    assert {standing for standings in RIGHTS.values() for standing in standings} == set(IN_WORDS)
    document = api.document()
    assert rights_in_words() in document["info"]["description"]
    assert "May: Otus Support." in document["paths"]["/api/v1/accounts/{account_id}/adjust-id"]["post"]["description"]


@pytest.mark.parametrize(
    "row",
    [
        {"clever_id": "c77", "role": "admin", "email": "boss@x.org", "first_name": "B", "last_name": "S"},
        {"id": "admin", "clever_id": "c77", "first_name": "Changed"},
        {"id": "admin", "clever_id": "c77", "active": False},
        {"id": "admin", "clever_id": "c77", "role": "teacher"},
        {"id": "teacher", "clever_id": "c1", "role": "admin"},
    ],
    ids=["create", "change", "deactivate", "demote", "promote"],
)
def test_the_integration_touches_no_admin_account(district: District, row: dict[str, object]) -> None:  # F6
    teacher, admin = rostered(district, "teacher"), by_hand(district, "admin")
    fine = {"id": teacher, "clever_id": "c1", "first_name": "Grace"}
    named = {"admin": admin, "teacher": teacher}
    asked = {**row, "id": named[str(row["id"])]} if "id" in row else row
    before = account(district, admin)
    refused = write_accounts(district, asked)[0]
    assert (refused["status"], refused["code"]) == ("refused", "rule")
    assert "by hand only" in refused["message"]
    assert write_accounts(district, asked, fine)[1]["status"] == "updated"
    assert account(district, admin) == before
    assert account(district, teacher)["role"] == "teacher"
    assert len(district.sync("GET", "/accounts?role=admin").body["items"]) == 1
