"""What ATS holds is the same, read from its history as read from its lists."""

from collections.abc import Callable
from typing import Any

import pytest

from fakes.ats.records import PAGE_LIMIT_MAX, ChangeQuery, Enrolling, PersonEdit
from simulator.followed import FollowedAts
from simulator.views import read_ats
from simulator.world import World
from tests.simulator.builders import ALGEBRA, BEN, DBN, MEI, world_of


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
