"""Everybody of a school side by side, and nothing compared twice that has not changed."""

from pathlib import Path
from urllib.parse import quote

from fakes.otus.records import NewAccount
from rostersim.served.changed import Views
from rostersim.served.kept import Kept
from rostersim.served.sight import Sight
from scenarios.stage import Stage
from simulator.world import World
from tests.rostersim.served.builders import BY_HAND, ENROLL, Asker, served
from tests.scenarios.builders import story_text
from tests.simulator.builders import DBN, world_of


def people_of(asker: Asker, dbn: str = DBN) -> dict[str, tuple[str, str, str, bool]]:
    rows = asker.get(f"/schools/{quote(dbn)}")["members"]
    return {row["what"]: (row["ats"], row["clever"], row["otus"], row["differs"]) for row in rows}


def sight_of(world: World, kept: Kept | None = None) -> Sight:
    kept = kept or Kept(Stage(world))
    kept.look(Views(world.ats_view(), world.clever_view(), world.otus_view()))
    return Sight(kept, world.clock())


def test_everybody_is_shown_with_role_and_classes_the_staff_first(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        people = people_of(asker)
        assert next(iter(people)) == "Rosa Diaz"
        assert people["Rosa Diaz"] == ("teacher, 1 class",) * 3 + (False,)
        assert people["Ben Okri"] == ("student, 1 class",) * 3 + (False,)
        assert people["Mei Chen"] == ("student, no class",) * 3 + (False,)


def test_who_is_in_other_classes_here_than_there_is_marked_until_it_is_right(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        asker.do(ENROLL)
        assert people_of(asker)["Mei Chen"] == ("student, 1 class", "student, no class", "student, no class", True)
        asker.do(BY_HAND)
        assert people_of(asker)["Mei Chen"] == ("student, 1 class", "student, no class", "student, 1 class", True)
        asker.advance("Fri 18 Sep 02:00")
        assert people_of(asker)["Mei Chen"] == ("student, 1 class",) * 3 + (False,)


def test_as_many_classes_are_not_the_same_classes(tmp_path: Path) -> None:
    sections = "{A-01: {teacher: Rosa Diaz, students: [Ben Okri]}, B-01: {teacher: Pat Lee}}"
    with served(
        tmp_path / "state", story_text(district=f"  {DBN}: {{sections: {sections}}}\n").split("story:")[0]
    ) as asker:
        asker.do("{ats: move, student: Ben Okri, from: A-01, to: B-01}")
        assert people_of(asker)["Ben Okri"] == ("student, 1 class",) * 3 + (True,)
        assert people_of(asker)["Pat Lee"][-1] is False


def test_who_has_left_agrees_everywhere_once_otus_knows(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        asker.do("{ats: discharge, person: Mei Chen}")
        left = "student, discharged, no class"
        assert people_of(asker)["Mei Chen"] == (left, "student, no class", "student, no class", True)
        asker.advance("Fri 18 Sep 02:00")
        assert people_of(asker)["Mei Chen"] == (left, "", "student, inactive, no class", False)


def test_somebody_whom_otus_alone_has_is_shown_and_marked() -> None:
    with world_of() as world:
        new = NewAccount(role="admin", email="a@school.example", first_name="Ann", last_name="Poe", schools=(DBN,))
        assert world.otus_api("POST", "/accounts", new).code == 201
        row = next(row for row in sight_of(world).school(DBN).members if row.what == "Ann Poe")
        assert (row.ats, row.clever, row.otus, row.differs) == ("", "", "admin, no class", True)
