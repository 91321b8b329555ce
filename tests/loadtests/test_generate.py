"""What a district is drawn like, and when none is made."""

import sqlite3
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from fakes.clever.filling import Filling
from loadtests.generate import NoRoom, UnusableFolder, UnusableSize, Wish, generate, read_manifest, size_of
from loadtests.generate.draw import NOBODY, District, draw_district
from loadtests.generate.size import PRESETS
from rostersim.cli import cli


@pytest.fixture(scope="module")
def sandbox() -> District:
    return draw_district(PRESETS["sandbox"], 1)


def test_a_preset_is_met_to_the_last_enrollment(sandbox: District) -> None:
    assert len(sandbox.schools.dbns) == 239
    assert len(sandbox.teachers.number) == 8_412
    assert len(sandbox.students.number) == 56_635
    assert len(sandbox.sections.school) == 25_843
    assert len(sandbox.rosters.students) == 460_000


def test_new_york_has_1_08_million_users() -> None:
    assert PRESETS["nyc"].users == 1_080_000


def test_nobody_is_in_a_section_twice_and_all_are_of_its_grade_but_for_the_second_schools(sandbox: District) -> None:
    sections = np.repeat(np.arange(len(sandbox.sections.school)), np.diff(sandbox.rosters.begins))
    students = sandbox.rosters.students
    pairs = sections.astype(np.int64) << 32 | students
    assert (np.diff(pairs) > 0).all()
    guests = sandbox.sections.school[sections] != sandbox.students.school[students]
    assert (sandbox.students.second_school[students[guests]] != NOBODY).all()
    assert (sandbox.sections.grade[sections][~guests] == sandbox.grades[students[~guests]]).all()
    assert 0 < guests.sum() < len(pairs) / 100


def test_teachers_teach_in_their_own_school_and_a_section_has_three_different_ones_at_most(sandbox: District) -> None:
    teachers = sandbox.sections.teachers
    for column in teachers.T:
        there = column != NOBODY
        assert (sandbox.teachers.school[column[there]] == sandbox.sections.school[there]).all()
    assert (teachers[:, 0] != NOBODY).all()
    three = teachers[(teachers != NOBODY).all(axis=1)]
    assert len(three) > 0
    assert (np.diff(np.sort(three, axis=1), axis=1) > 0).all()


def test_names_collide_and_numbers_do_not(sandbox: District) -> None:
    for people in (sandbox.students, sandbox.teachers):
        assert people.names.namesakes.max() > 0
        assert (np.diff(people.number) > 0).all()
    assert len(set(sandbox.schools.dbns)) == 239
    assert list(sandbox.schools.dbns) == sorted(sandbox.schools.dbns)


def test_a_part_that_is_said_scales_the_rest() -> None:
    assert size_of(Wish("nyc", students=100_000)).schools == 180
    assert size_of(Wish("nyc", students=100_000)).sections == 25_000
    assert size_of(Wish("nyc", schools=18)).students == 10_000


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (Wish("small", students=19, schools=1), "too few"),
        (Wish("small", schools=5_000), "at most 4,000"),
        (Wish("small", students=9_000_000), "at most 2,000,000"),
    ],
)
def test_a_size_that_cannot_be_is_refused(tmp_path: Path, wish: Wish, message: str) -> None:
    with pytest.raises(UnusableSize, match=message):
        generate(tmp_path / "district", wish)
    assert not list(tmp_path.iterdir())


Usage = namedtuple("Usage", "total used free")


def test_a_district_that_does_not_fit_the_disk_is_refused_before_it_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: Usage(1, 1, 1_000_000_000))
    with pytest.raises(NoRoom, match=r"1,000,000 students takes some \d\.\d GB of disk, and 1\.0 GB are free"):
        generate(tmp_path / "deep" / "district", Wish("nyc"))
    assert not list(tmp_path.iterdir())


def test_what_stands_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("dear")
    with pytest.raises(UnusableFolder, match="is no district"):
        generate(tmp_path / "letters", Wish("small"), replace=True)
    assert (tmp_path / "letters" / "letter.txt").read_text() == "dear"


def test_a_stopped_making_leaves_nothing(tmp_path: Path) -> None:
    def stop(what: str, done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path / "district", Wish("small", students=100, schools=2), tell=stop)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_said_and_leaves_the_old_district(tmp_path: Path) -> None:
    wish = Wish("small", students=100, schools=2)
    before = generate(tmp_path / "district", wish)

    def full(what: str, done: int, of: int) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(UnusableFolder, match="disk is full"):
        generate(tmp_path / "district", wish, seed=9, tell=full, replace=True)
    assert read_manifest(tmp_path / "district") == before
    assert [path.name for path in tmp_path.iterdir()] == ["district"]


def test_a_disk_that_is_full_while_a_chunk_is_put_away_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_filling: Filling, _rows: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Filling, "records", full)
    with pytest.raises(UnusableFolder, match="disk is full"):
        generate(tmp_path / "district", Wish("small", students=100, schools=2))
    assert not list(tmp_path.iterdir())


def test_the_command_makes_a_district_once_and_again_only_with_force(tmp_path: Path) -> None:
    folder = str(tmp_path / "district")
    asked = ["generate", folder, "--students", "100", "--schools", "2"]
    made = CliRunner().invoke(cli, asked)
    assert made.exit_code == 0, made.output
    assert "100" in made.stdout
    again = CliRunner().invoke(cli, asked)
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert CliRunner().invoke(cli, [*asked, "--force"]).exit_code == 0


def test_the_same_seed_gives_the_same_otus_to_the_byte(tmp_path: Path) -> None:
    wish = Wish("small", students=100, schools=2)
    for name in ("one", "other"):
        generate(tmp_path / name, wish, seed=4, otus="after")
    for file in ("clever.db", "otus.db", "planted.json", "district.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()


def test_one_school_is_as_large_as_is_said_and_the_district_is_no_larger() -> None:
    size = size_of(Wish("small", large_school=400))
    drawn = draw_district(size, 1)
    per_school = np.bincount(drawn.students.school)
    assert (per_school.max(), per_school.sum(), per_school.min() >= 20) == (400, 900, True)


@pytest.mark.parametrize(
    ("wish", "instead"),
    [
        (Wish("small", large_school=801), "name 20 to 800 with --large-school"),
        (Wish("small", 1, 100, large_school=99), "name 100 to 100 with --large-school"),
    ],
)
def test_a_school_that_leaves_too_few_for_the_others_is_refused(wish: Wish, instead: str) -> None:
    with pytest.raises(UnusableSize, match=instead):
        size_of(wish)
