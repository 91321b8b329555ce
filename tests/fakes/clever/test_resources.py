"""Resources: learning material that sections, courses and people are assigned."""

import pytest

from fakes.clever import Row
from tests.fakes.clever.builders import (
    MIDWOOD,
    STUYVESANT,
    course,
    district,
    gone,
    one_class,
    resource,
    school,
    section,
    student,
    teacher,
)

EMPTY: dict[str, list[str]] = {"resources": []}


def library() -> tuple[Row, ...]:
    """A class whose workbook its section and its course have, and a dictionary of one student and one teacher."""
    return (
        *one_class(),
        student("200000002"),
        teacher("1000002"),
        resource("R1", "Algebra Workbook", roles=("student",)),
        resource("R2", "Dictionary", sections=(), courses=(), students=("200000002",), teachers=("1000002",)),
    )


def test_a_resource_has_the_fields_of_the_reference() -> None:
    with district(*library()) as clever:
        found = clever.get(f"/v3.1/resources/{clever.id_of('resource', 'R1')}")
        assert found["data"] == {
            "id": clever.id_of("resource", "R1"),
            "district": clever.clever.district_id,
            "resource_id": "R1",
            "title": "Algebra Workbook",
            "roles": ["student"],
            "created": "2026-09-14T10:00:00.000Z",
            "updated": "2026-09-14T10:00:00.000Z",
        }
        assert [link["rel"] for link in found["links"]] == ["self", "courses", "sections", "users"]


def test_updated_moves_with_a_change_and_created_does_not() -> None:
    with district(*library()) as clever:
        clever.later(hours=1)
        clever.deliver(resource("R1", "Algebra Workbook, 2nd edition"))
        found = clever.get(f"/v3.0/resources/{clever.id_of('resource', 'R1')}")["data"]
        assert (found["created"], found["updated"]) == ("2026-09-14T10:00:00.000Z", "2026-09-14T11:00:00.000Z")


@pytest.mark.parametrize(
    ("kind", "sis_id", "below", "expected"),
    [
        ("resource", "R1", "sections", ["algebra"]),
        ("resource", "R1", "courses", ["MATH9"]),
        ("resource", "R1", "users", []),
        ("resource", "R2", "users", ["200000002", "1000002"]),
        ("resource", "R2", "users?role=teacher", ["1000002"]),
        ("resource", "R2", "users?role=student", ["200000002"]),
        ("section", "algebra", "resources", ["R1"]),
        ("course", "MATH9", "resources", ["R1"]),
        ("user", "200000002", "resources", ["R2"]),
        ("user", "1000002", "resources", ["R2"]),
    ],
)
@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
def test_what_stands_under_a_resource_and_under_what_has_one(
    version: str, kind: str, sis_id: str, below: str, expected: list[str]
) -> None:
    with district(*library()) as clever:
        found = clever.ids(f"/{version}/{kind}s/{clever.id_of(kind, sis_id)}/{below}")
        assert [clever.clever.sis_of(one) for one in found] == expected


def test_who_has_no_resources_has_an_empty_list_of_another_form() -> None:
    with district(*library(), course("ENG9"), section("english", course="ENG9")) as clever:
        for kind, sis_id in (("user", "200000001"), ("section", "english"), ("course", "ENG9")):
            assert clever.get(f"/v3.0/{kind}s/{clever.id_of(kind, sis_id)}/resources") == EMPTY
        clever.deliver(gone(resource("R1")), gone(resource("R2")))
        assert clever.get("/v3.0/resources")["data"] == [], "only under a record"


def test_resources_have_no_count() -> None:
    with district(*library()) as clever:
        assert clever.ask("/v3.0/resources?count=true").status_code == 400
        assert len(clever.ids("/v3.0/resources?limit=1")) == 1


def test_a_resource_is_shared_when_one_of_its_sections_or_people_is() -> None:
    with district(*library(), school(MIDWOOD, "Midwood")) as clever:
        clever.clever.share_all_but({STUYVESANT})
        assert clever.ids("/v3.0/resources") == []
        clever.later(hours=1)
        clever.deliver(student("200000002", schools=(MIDWOOD,)))
        assert clever.ids("/v3.0/resources") == [clever.id_of("resource", "R2")]
        clever.deliver(section("algebra", school=MIDWOOD))
        assert len(clever.ids("/v3.0/resources")) == 2
