"""Pages of pressed lists are slices of sheets, and say what the records say."""

import sqlite3
from collections.abc import Iterator

import pytest

from fakes.clever import Application, Sharing, sheets
from fakes.clever.sheets import press
from tests.fakes.clever.builders import MIDWOOD, STUYVESANT, District, district, school, student, teacher

STUDENTS = 23


@pytest.fixture
def pressed(monkeypatch: pytest.MonkeyPatch) -> Iterator[District]:
    monkeypatch.setattr(sheets, "SHEET_RECORDS", 5)
    with district(school(STUYVESANT, "Stuyvesant"), school(MIDWOOD, "Midwood")) as clever:
        clever.deliver(*(student(str(200_000_000 + number)) for number in range(STUDENTS)), teacher("1000001"))
        clever.clever.press()
        yield clever


def without_records(clever: District) -> sqlite3.Connection:
    """Take the v3.1 forms of all records away: what can be read now stands on sheets."""
    connection = clever.clever._store._db
    connection.execute("UPDATE records SET v31 = x''")
    return connection


def all_pages(clever: District, uri: str) -> list[bytes]:
    pages = []
    following: str | None = uri
    while following:
        answer = clever.ask(following)
        pages.append(answer.data)
        following = next((link["uri"] for link in answer.get_json()["links"] if link["rel"] == "next"), None)
    return pages


@pytest.mark.parametrize("limit", [1, 2, 4, 5, 6, 9, 10, 11, 22, 23, 24, 100])
def test_pages_of_any_length_are_cut_from_sheets_of_five(pressed: District, limit: int) -> None:
    uri = f"/v3.1/users?role=student&limit={limit}"
    by_records = all_pages(pressed, uri.replace("v3.1", "v3.0"))
    without_records(pressed)
    cut = all_pages(pressed, uri)
    assert len(cut) == len(by_records) == -(-STUDENTS // limit)
    assert b"".join(cut).count(b'"student":{') == STUDENTS


def test_a_page_after_an_id_that_nobody_has_begins_at_the_next(pressed: District) -> None:
    ids = pressed.ids("/v3.0/users?role=student")
    without_records(pressed)
    between = ids[6][:-1] + "f" if ids[6][-1] != "f" else ids[6]
    after = [clever_id for clever_id in ids if clever_id > between][:3]
    assert pressed.ids(f"/v3.1/users?role=student&limit=3&starting_after={between}") == after
    assert pressed.ids(f"/v3.1/users?role=student&starting_after={ids[-1]}") == []
    assert pressed.ids("/v3.1/users?role=teacher") != []


def test_a_change_lets_the_sheets_of_its_kind_count_no_longer(pressed: District) -> None:
    pressed.deliver(student("200000003", last_name="Newname"))
    assert b"Newname" in pressed.ask("/v3.1/users?role=student").data
    pressed.clever.press()
    without_records(pressed)
    assert b"Newname" in pressed.ask("/v3.1/users?role=student").data


def test_who_may_not_read_all_of_a_list_is_not_served_from_sheets(pressed: District) -> None:
    narrow = Application.named("Narrow")
    pressed.clever.admission.connect(narrow, Sharing(all_schools_but=(MIDWOOD,)))
    token = pressed.clever.admission.issue_token(narrow)
    pressed.clever.press()
    assert len(pressed.ask("/v3.1/schools", token=token).get_json()["data"]) == 1
    assert len(pressed.ids("/v3.1/schools")) == 2
    pressed.clever.share_all_but({STUYVESANT})
    assert len(pressed.ids("/v3.1/schools")) == 1


def test_a_sheet_says_where_each_record_ends() -> None:
    sheet = press("section", [("0" * 23 + "1", 3, b"ab"), ("0" * 23 + "2", 1, b"c")])
    assert sheet.body == b"ab,c"
    assert sheet.ends == b"\x02\x00\x00\x00\x04\x00\x00\x00"
    assert sheet.shared == 1
    assert sheet.last.endswith("2")
