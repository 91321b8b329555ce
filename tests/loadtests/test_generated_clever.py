"""A generated district is on Clever's wire what the same rows are that are delivered the ordinary way."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from flask.testing import FlaskClient

from fakes.clever import Clever, CleverSettings, Row, SectionRow, Store, UserRow, create_app
from fakes.clever.ids import ObjectIds
from fakes.shared.database import open_to_read
from loadtests.generate.calendar import DELIVERED_AT
from loadtests.generate.chunks import Plan, tasks, workshop, write_chunk
from loadtests.generate.clever_file import fill_clever, small_kinds
from loadtests.generate.size import Wish, size_of

PLAN = Plan(size_of(Wish("small", students=400, schools=4)), 7, DELIVERED_AT)
SETTINGS = CleverSettings(rate_limit_per_minute=1_000_000)
LISTS = ("schools", "terms", "courses", "users", "users?role=student", "users?role=teacher", "users?role=staff",
         "users?role=district_admin", "sections")  # fmt: skip


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("district") / "clever.db"
    fill_clever(path, PLAN, lambda *_: None)
    return path


@pytest.fixture(scope="module")
def served(generated: Path) -> Iterator[Clever]:
    store = Store(connection=open_to_read(generated))
    with closing(Clever(lambda: DELIVERED_AT, settings=SETTINGS, store=store)) as clever:
        yield clever


@pytest.fixture(scope="module")
def delivered() -> Iterator[Clever]:
    shop = workshop(PLAN)
    with closing(Clever(lambda: DELIVERED_AT, PLAN.seed, SETTINGS)) as clever:
        clever.deliver(small_kinds(shop))
        clever.deliver(large_kinds())
        clever.enable_events()
        clever.issue_token()
        yield clever


def large_kinds() -> list[Row]:
    chunks = [write_chunk(PLAN, task) for task in tasks(workshop(PLAN).district)]
    rows: list[Row] = []
    for chunk in chunks:
        if chunk.space == "section":
            rows += [msgspec.json.decode(row, type=SectionRow) for row in chunk.delivered]
        else:
            rows += [msgspec.json.decode(row, type=UserRow) for row in chunk.delivered]
    return rows


def client(clever: Clever) -> tuple[FlaskClient, dict[str, str]]:
    application = clever.admission.connections[0].application
    token = clever.admission.grants_of(application.client_id)[0].token
    return create_app(clever).test_client(), {"Authorization": f"Bearer {token}"}


def pages(clever: Clever, uri: str) -> list[bytes]:
    asker, headers = client(clever)
    found = []
    following: str | None = uri
    while following:
        answer = asker.get(following, headers=headers)
        assert answer.status_code == 200, answer.text
        found.append(answer.data)
        links = {link["rel"]: link["uri"] for link in answer.get_json().get("links", [])}
        following = links.get("next")
    return found


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
def test_every_list_is_byte_for_byte_what_a_delivery_writes(
    served: Clever, delivered: Clever, version: str, name: str
) -> None:
    uri = f"/{version}/{name}{'&' if '?' in name else '?'}limit=150"
    of_file = pages(served, uri)
    assert of_file == pages(delivered, uri)
    assert b'"data":{' in of_file[0]


def test_what_stands_under_a_record_is_the_same_too(served: Clever, delivered: Clever) -> None:
    shop = workshop(PLAN)
    section = shop.places.id(shop.places.section + 3).decode()
    student = shop.places.id(shop.places.student + 5).decode()
    school = shop.places.id(shop.places.school).decode()
    for path in (f"sections/{section}/users", f"users/{student}/myteachers", f"users/{student}/sections",
                 f"schools/{school}/users?role=teacher&primary=true", f"schools/{school}/sections"):  # fmt: skip
        assert pages(served, f"/v3.1/{path}") == pages(delivered, f"/v3.1/{path}")


def test_a_second_school_is_second_in_the_lists_of_both_schools(served: Clever, delivered: Clever) -> None:
    shop = workshop(PLAN)
    for number in range(shop.places.school, shop.places.term):
        for query in ("", "&primary=true"):
            path = f"/v3.1/schools/{shop.places.id(number).decode()}/users?limit=1000{query}"
            assert pages(served, path) == pages(delivered, path)


def test_a_person_of_two_schools_and_a_section_with_co_teachers_are_among_them() -> None:
    rows = large_kinds()
    assert any(isinstance(row, UserRow) and row.role == "student" and len(row.schools) == 2 for row in rows)
    assert any(isinstance(row, SectionRow) and len(row.teachers) == 3 for row in rows)


def test_a_later_delivery_finds_the_generated_rows_and_changes_nothing_that_is_the_same(
    generated: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "clever.db"
    copy.write_bytes(generated.read_bytes())
    with closing(Clever(lambda: DELIVERED_AT, store=Store(copy))) as clever:
        before = pages(clever, "/v3.1/users?limit=1000")
        clever.deliver([*small_kinds(workshop(PLAN)), *large_kinds()])
        assert pages(clever, "/v3.1/users?limit=1000") == before
        student = next(row for row in clever.delivered("student"))
        assert isinstance(student, UserRow)
        clever.deliver([msgspec.structs.replace(student, last_name="Newname")])
        assert pages(clever, "/v3.1/users?role=student&limit=1000") != before
        assert b"Newname" in pages(clever, "/v3.1/users?role=student&limit=1000")[0]
        newest = pages(clever, "/v3.1/events?limit=10")[0]
        assert b"users.updated" in newest


def test_the_same_seed_gives_the_same_file_to_the_byte_and_another_seed_another(
    generated: Path, tmp_path: Path
) -> None:
    fill_clever(tmp_path / "again.db", PLAN, lambda *_: None)
    assert (tmp_path / "again.db").read_bytes() == generated.read_bytes()
    fill_clever(tmp_path / "other.db", PLAN._replace(seed=8), lambda *_: None)
    assert (tmp_path / "other.db").read_bytes() != generated.read_bytes()


def test_ids_are_those_that_clever_makes(served: Clever) -> None:
    ids = ObjectIds(PLAN.seed)
    shop = workshop(PLAN)
    made = [ids.mint(DELIVERED_AT) for _ in range(shop.places.end)]
    assert served.district_id == made[0]
    osis = str(shop.district.students.number[0])
    assert served.clever_id("user", osis, "student") == made[shop.places.student]
