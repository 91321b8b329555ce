"""``rostersim diff``, as a user meets it."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from fakes.clever.sftp import export_folder
from fakes.shared.moments import wire_time
from rostersim.cli import cli
from rostersim.served.snapshots import FORMAT, Snapshot, write_snapshot
from simulator.world import World
from tests.scenarios.builders import story_file, story_text
from tests.simulator.builders import world_of

ENROLLED = """\
  - Mon 14 Sep 10:00: {ats: enroll, student: Mei Chen, section: Algebra 1-01}
  - after nights 1-4: {expect: {sync: {ended: succeeded}}}
"""


def diff(*words: str) -> Result:
    result = CliRunner().invoke(cli, ("diff", *words), prog_name="rostersim")
    assert "Traceback" not in result.output
    return result


def snapshot(world: World, folder: Path) -> str:
    views = world.ats_view(), world.clever_view(), world.otus_view()
    return str(write_snapshot(folder, Snapshot(FORMAT, "now", wire_time(world.clock()), 0, "", *views)))


def test_two_moments_of_a_story_differ_by_what_happened_between(tmp_path: Path) -> None:
    path = str(story_file(tmp_path, story_text(ENROLLED)))
    result = diff(f"{path}@Tue 15 Sep 12:00", path)
    assert result.exit_code == 1
    assert "Clever lists them (F4, F7)" in result.output
    assert "2 differences" in result.output


def test_clever_is_held_against_otus_at_a_moment(tmp_path: Path) -> None:
    path = str(story_file(tmp_path, story_text(ENROLLED)))
    result = diff(f"{path}@Thu 17 Sep 12:00", "--json")
    assert result.exit_code == 1
    assert [each["about"] for each in json.loads(result.output)] == ["Mei Chen in Algebra 1-01"]
    assert diff(path).exit_code == 0


def test_snapshots_and_csv_folders_are_compared_as_far_as_both_go(tmp_path: Path) -> None:
    with world_of() as world:
        file = snapshot(world, tmp_path / "snapshots")
        export_folder(world.clever, tmp_path / "csv")
    assert diff(file, file).exit_code == 0
    assert diff(file).output == "no differences\n"
    assert diff(str(tmp_path / "csv"), str(tmp_path / "csv")).exit_code == 0
    assert "holds no Otus" in diff(str(tmp_path / "csv")).output


def test_wrong_input_ends_with_2(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"format": "rostersim snapshot 1"}\nabc\n', encoding="utf-8")
    path = str(story_file(tmp_path, story_text(ENROLLED)))
    for words, message in (
        ((str(broken),), "corrupt"),
        ((f"{path}@Tue 14 Sep 12:00",), "is a Mon"),
        (("library/by-hnd",), "did you mean 'library/by-hand'?"),
    ):
        result = diff(*words)
        assert (result.exit_code, message in result.output) == (2, True), result.output
