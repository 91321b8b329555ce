"""What the systems hold is the same, followed change by change as read anew; and what is unchanged is not read."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from fakes.ats.records import PAGE_LIMIT_MAX, ChangeQuery, Enrolling, PersonEdit
from fakes.clever.feed import Removal, UserRow
from fakes.otus.records import AccountEdit, NewAccount, NewClass, NewMember
from simulator.followed import FollowedAts
from simulator.views import read_ats, read_clever, read_otus
from simulator.world import World
from tests.simulator.builders import ALGEBRA, BEN, DBN, MEI, ROSA, Client, asking, nights, world_of


def edit_ben(world: World) -> int:
    return world.ats_api("PATCH", f"/people/{world.directory.people[BEN].id}", PersonEdit(first_name="Benny")).code


def discharge_mei(world: World) -> int:
    return world.ats_api("POST", f"/people/{world.directory.people[MEI].id}/discharge").code


def enroll_mei(world: World) -> int:
    section = world.directory.sections[ALGEBRA]
    return world.ats_api("POST", f"/sections/{section}/students", Enrolling(world.directory.people[MEI].id)).code


def add_ann(world: World) -> int:
    ben = world.ats_view().people[world.directory.people[BEN].id]
    new = {"id": "100000001", "email": "ann@students.example", "first_name": "Ann"}
    return world.ats_api("POST", "/people", type(ben)(**{f: getattr(ben, f) for f in ben.__struct_fields__} | new)).code


def reopen(world: World) -> int:
    (key,) = world.ats_view().schedules
    return world.ats_api("POST", f"/schedules/{DBN}/{key.rpartition(' ')[2].rpartition('/')[2]}/reopen").code


@pytest.mark.parametrize("change", [edit_ben, discharge_mei, enroll_mei, add_ann, reopen])
def test_every_change_of_ats_is_seen(change: Callable[[World], int]) -> None:
    with world_of() as world:
        before = world.ats_view()
        assert before == read_ats(world.read_ats)
        assert change(world) < 300
        seen, read = world.ats_view(), read_ats(world.read_ats)
        assert seen == read != before
        assert list(seen.people) == list(read.people), "in the order in which ATS lists them"


def test_what_is_not_changed_is_neither_read_again_nor_another_object() -> None:
    with world_of() as world:
        asked: list[str] = []

        def get(path: str) -> bytes:
            asked.append(path)
            return world.read_ats(path)

        follow: Callable[[], Any] = FollowedAts(get)
        first = follow()
        assert follow() is first
        changes = len(world.ats.history(ChangeQuery(limit=PAGE_LIMIT_MAX)).items)
        edit_ben(world)
        asked.clear()
        second = follow()
        assert second.sections is first.sections
        assert second.people[world.directory.people[MEI].id] is first.people[world.directory.people[MEI].id]
        assert sorted(path.partition("after=")[2] for path in asked) == ["", str(changes)]


# ---------------------------------------------------------------- Otus and Clever


def edit_account(world: World) -> None:
    assert world.otus_api("PATCH", f"/accounts/{account_of(world, BEN)}", AccountEdit(first_name="Benny")).code == 200


def make_admin(world: World) -> None:
    new = NewAccount(role="admin", email="a@school.example", first_name="Ann", last_name="Poe", schools=(DBN,))
    assert world.otus_api("POST", "/accounts", new).code == 201


def add_by_hand(world: World) -> None:
    member = NewMember("student", account_of(world, MEI))
    assert world.otus_api("POST", f"/classes/{class_of(world)}/members", member).code == 201


def add_and_remove_by_hand(world: World) -> None:
    add_by_hand(world)
    world.otus_view()
    assert world.otus_api("DELETE", f"/classes/{class_of(world)}/members/{account_of(world, MEI)}").code == 204


def make_and_delete_class(world: World) -> None:
    answer = world.otus_api("POST", "/classes", NewClass("Sandbox", DBN, account_of(world, ROSA)))
    assert answer.code == 201
    world.otus_view()
    make_admin(world)
    assert world.otus_api("DELETE", f"/classes/{json.loads(answer.body)['id']}").code == 204


def account_of(world: World, name: str) -> int:
    accounts = world.otus_view().accounts.values()
    return next(each.id for each in accounts if f"{each.first_name} {each.last_name}" == name)


def class_of(world: World) -> int:
    return next(iter(world.otus_view().classes))


def by_the_sync(client: Client) -> None:
    ben = next(a for a in client.otus("GET", "/accounts?role=student").json()["items"] if a["last_name"] == "Okri")
    run = client.otus("POST", "/sync-runs", {"lease_seconds": 60}).json()["id"]
    row = {"id": ben["id"], "clever_id": ben["clever_id"], "first_name": "Benny"}
    client.otus("POST", "/accounts/bulk", {"rows": [row]})
    client.otus("PATCH", f"/sync-runs/{run}", {"status": "succeeded", "reason": "done"})


@pytest.mark.parametrize(
    "change", [edit_account, make_admin, add_by_hand, add_and_remove_by_hand, make_and_delete_class, nights]
)
@pytest.mark.parametrize("at_once", [1000, 0])
def test_every_change_of_otus_is_seen(
    change: Callable[[Any], None], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.followed.ONE_BY_ONE_MAX", at_once)
    with world_of(asking(by_the_sync)) as world:
        world.otus_view()
        change(world)
        seen, read = world.otus_view(), read_otus(world._read_otus)
        assert seen == read
        assert (list(seen.accounts), list(seen.classes)) == (list(read.accounts), list(read.classes))


def rename_in_clever(world: World) -> None:
    row = next(row for row in world.clever.delivered("student") if isinstance(row, UserRow))
    world.clever.deliver([msgspec.structs.replace(row, first_name="Benny")])


def remove_in_clever(world: World) -> None:
    row = next(iter(world.clever.delivered("student")))
    world.clever.deliver([Removal("user", row.sis_id, "student")])


def list_staff(world: World) -> None:
    world.list_staff(UserRow("staff", "s1", "Sam", "Lee", "sam@office.example", (DBN,)))


def cancel_section(world: World) -> None:
    world.clever.deliver([Removal("section", next(iter(world.directory.sections.values())))])


@pytest.mark.parametrize(
    "change",
    [
        rename_in_clever,
        remove_in_clever,
        list_staff,
        cancel_section,
        lambda world: world.stop_sharing(DBN),
        lambda world: world.lose_school(DBN),
    ],
)
def test_every_change_of_clever_is_seen(change: Callable[[World], object]) -> None:
    with world_of() as world:
        before = world.clever_view()
        change(world)
        seen, read = world.clever_view(), read_clever(world._read_clever)
        assert seen == read != before
        assert (list(seen.users), list(seen.sections)) == (list(read.users), list(read.sections))


def test_of_clever_and_otus_too_what_is_not_changed_is_the_same_object() -> None:
    with world_of() as world:
        otus, clever = world.otus_view(), world.clever_view()
        edit_account(world)
        rename_in_clever(world)
        assert world.otus_view().classes is otus.classes
        assert world.otus_view().rosters is otus.rosters
        mei = account_of(world, MEI)
        assert world.otus_view().accounts[mei] is otus.accounts[mei]
        assert world.clever_view().sections is clever.sections


def test_a_write_that_changes_nothing_leaves_the_views_as_they_are() -> None:
    with world_of() as world:
        before = world.otus_view(), world.clever_view()
        world.clever.deliver(list(world.clever.delivered("student")))
        world.clever.deliver(list(world.clever.delivered("section")))
        assert (world.otus_view(), world.clever_view()) == before
        assert world.clever_view() is before[1]


def test_a_night_without_news_leaves_the_views_as_they_are_and_nobody_reads_again() -> None:
    def looking(client: Client) -> None:
        run = client.otus("POST", "/sync-runs", {"lease_seconds": 60}).json()["id"]
        assert client.clever("/v3.1/users").status == 200
        client.otus("PATCH", f"/sync-runs/{run}", {"status": "succeeded", "reason": "nothing to do"})

    with world_of(asking(looking)) as world:
        before = (world.otus_view(), world.clever_view())
        world._followed_otus._get = world._followed_clever._opened = None  # type: ignore[assignment]  # nobody reads
        nights(world, 2)
        assert world.otus_view() is before[0]
        assert world.clever_view() is before[1]
        assert world.runner.ends[-1].report is not None


def test_what_could_not_be_read_is_read_the_next_time() -> None:
    with world_of() as world:
        world.otus_view()
        edit_account(world)
        get = world._followed_otus._get
        world._followed_otus._get = None  # type: ignore[assignment]  # it fails
        with pytest.raises(TypeError):
            world.otus_view()
        world._followed_otus._get = get
        assert world.otus_view() == read_otus(world._read_otus)
