"""A generated district is served as a world: its files are taken over, and it survives like any other."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loadtests.generate import Wish, generate
from rostersim.cli import cli
from rostersim.served.beginning import FOLDER
from tests.rostersim.served.test_survival import server


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("district") / "small"
    generate(folder, Wish("small", 2, 60), otus="after")
    return folder


@pytest.fixture(scope="module")
def begun(district: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of a server whose world was moved on from its beginning, and that was killed then."""
    state = tmp_path_factory.mktemp("served") / "state"
    with server(state, "--district", str(district)) as (_, asker, told):
        assert f"the district {district}, stands at Fri 5 Sep 08:00" in told
        student, klass = somebody(asker)
        assert asker.do({"ats": "drop", "student": student, "section": klass})[0]["accepted"]
        asker.post("/snapshots", {"name": "dropped"})
        assert asker.advance("night 4")["last_run"] == "succeeded, Tue 9 Sep 01:00"
        assert klass not in asker.classes_of(student)
    return state


def somebody(asker: Any) -> tuple[str, str]:
    """Give a student and a class that they are in."""
    (dbn, *_) = (school["dbn"] for school in asker.get("/state")["schools"])
    klass = asker.get(f"/schools/{dbn}")["classes"][0]["what"]
    members = asker.get(f"/classes/{klass.replace(' ', '%20')}")["members"]
    return next(row["what"] for row in members if row["ats"] == "student"), klass


def test_the_three_systems_agree_but_for_what_was_made_by_hand(district: Path, tmp_path: Path) -> None:
    with server(tmp_path / "state", "--district", str(district)) as (_, asker, _told):
        state = asker.get("/state")
        assert len(state["schools"]) == 2
        assert (state["people"], state["on_the_way"], state["findings"]) == (66, [], [])
        rows = [row for one in state["schools"] for row in asker.get(f"/schools/{one['dbn']}")["classes"]]
        assert {row["what"] for row in rows if row["differs"]} == {row["what"] for row in rows if not row["ats"]}
        plan = asker.get("/plan")
        assert (plan["outcome"], plan["writes"], plan["items"]) == ("succeeded", 0, [])


def test_a_killed_server_comes_back_to_where_it_was_without_the_district(begun: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    shutil.copytree(begun, state)
    with server(state) as (_, asker, _told):
        status = asker.until_ready()
        assert (status["status"], status["nights"]) == ("ready", 4)
        asker.post("/snapshots/dropped/restore")
        assert asker.until_ready()["now_in_new_york"] == "Fri 5 Sep 08:00"
        (coming,) = asker.get("/state")["on_the_way"]
        assert coming["in_clever_in_new_york"] == "Mon 8 Sep 08:00"


def test_a_damaged_image_is_refused_by_name_and_nothing_is_changed(begun: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    shutil.copytree(begun, state)
    image = state / "worlds" / "main" / FOLDER / "otus.db"
    image.write_bytes(image.read_bytes()[:-1] + b"x")
    result = CliRunner().invoke(cli, ["serve", "--state", str(state)])
    assert (result.exit_code, result.output.count("otus.db is damaged")) == (2, 1)
    image.unlink()
    result = CliRunner().invoke(cli, ["serve", "--state", str(state)])
    assert (result.exit_code, result.output.count("No such file")) == (2, 1)


@pytest.mark.parametrize(
    ("otus", "said"),
    [("none", "has no Otus; make it anew with: rostersim generate --otus after"), (None, "holds no district.json")],
)
def test_what_is_no_district_or_has_no_otus_is_refused_and_nothing_is_left(
    otus: str | None, said: str, tmp_path: Path
) -> None:
    folder, state = tmp_path / "folder", tmp_path / "state"
    folder.mkdir()
    if otus == "none":
        generate(folder, Wish("small", 1, 20), otus="none")
    result = CliRunner().invoke(cli, ["serve", "--state", str(state), "--district", str(folder)])
    assert (result.exit_code, said in result.output.replace("\n", " ")) == (2, True), result.output
    assert list((state / "worlds").iterdir()) == []


def test_a_district_is_no_second_beginning_beside_another(district: Path, begun: Path, tmp_path: Path) -> None:
    words = ["serve", "--state", str(tmp_path), "--district", str(district), "--world", "x"]
    result = CliRunner().invoke(cli, words)
    assert (result.exit_code, "exclude each other" in result.output) == (2, True)
    result = CliRunner().invoke(cli, ["serve", "--state", str(begun), "--district", str(district)])
    assert (result.exit_code, "leave --district out to go on with it" in result.output) == (2, True)


def test_a_recording_of_a_large_world_is_a_small_story_that_plays(begun: Path, tmp_path: Path) -> None:
    state, file = tmp_path / "state", tmp_path / "ticket.scenario.yaml"
    shutil.copytree(begun, state)
    with server(state) as (_, asker, _told):
        asker.until_ready()
        asker.post("/snapshots/dropped/restore")
        asker.until_ready()
        asker.advance("Mon 8 Sep 09:00")
        recorded = asker.get("/record")["scenario"]
        student, klass = re.findall(r"student: ([^,]+), section: ([^}]+)}", recorded)[0]
        asker.post("/record/expect", {"expect": f"{student}: {{in: {klass}}}"})
        asker.advance("night 4")
        asker.post("/record/expect", {"expect": f"{student}: {{not in: {klass}}}"})
        file.write_text(asker.get("/record")["scenario"])
        members = asker.get(f"/classes/{klass.replace(' ', '%20')}")["members"]
        assert all(row["what"] in file.read_text() for row in members)
        assert file.read_text().count("osis:") == len([row for row in members if "student" in row["otus"]]) + 1
    result = CliRunner().invoke(cli, ["run", str(file)])
    assert result.exit_code == 0, result.output
