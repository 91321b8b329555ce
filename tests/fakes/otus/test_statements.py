"""How many statements an answer takes does not depend on how many records are in it."""

import pytest

from tests.fakes.otus.builders import (
    SCHOOL,
    District,
    account,
    people,
    rostered_class,
    write_accounts,
    write_classes,
)


def statements(district: District, path: str, body: object = None) -> int:
    """Count what SQLite is asked for one request of the sync, parameters of a batch not counted."""
    seen: list[str] = []
    connection = district.otus._store._database
    connection.set_trace_callback(seen.append)
    answer = district.sync("GET", path) if body is None else district.sync("POST", path, body)
    connection.set_trace_callback(None)
    assert answer.status == 200, answer
    return sum(statement.startswith("SELECT") for statement in seen)


@pytest.mark.parametrize("path", ["/accounts", "/classes", "/rosters", "/digests/classes", "/digests/schools"])
def test_a_page_takes_as_many_queries_with_one_record_as_with_twenty(district: District, path: str) -> None:
    [tom, *students] = people(district, "teacher", *["student"] * 20)
    for number in range(20):
        made = rostered_class(district, tom, students=(students[number],), section=f"s{number}")
        other = {"part": "student", "account": students[number - 1]}
        district.support("POST", f"/classes/{made}/members", other)
    paged = "" if path == "/digests/schools" else "?limit=1"
    assert statements(district, path) == statements(district, path + paged) <= 2


def test_a_bulk_write_takes_as_many_queries_for_one_row_as_for_twenty(district: District) -> None:
    students = people(district, *["student"] * 20)
    rows = [
        {"id": who, "clever_id": f"c{number}", "email": account(district, who)["email"].upper()}
        for number, who in enumerate(students, start=1)
    ]
    one, many = (statements(district, "/accounts/bulk", {"rows": some}) for some in (rows[:1], rows[1:]))
    assert one == many
    sections = [
        {"clever_id": f"s{who}", "name": "Algebra", "school": SCHOOL, "roster": {"students": [who]}} for who in students
    ]
    one, many = (statements(district, "/classes/bulk", {"rows": some}) for some in (sections[:1], sections[1:]))
    assert one == many
    assert len(district.sync("GET", "/rosters").body["items"]) == 20
    assert write_accounts(district, *rows)[0]["status"] == "unchanged"
    assert write_classes(district, {"id": 1, **sections[0]})[0]["status"] == "unchanged"
