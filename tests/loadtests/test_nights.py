"""Nights at size: what changes in a district, and that the checker tells right from wrong."""

import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from loadtests.check import check_district
from loadtests.generate import BrokenDistrict, Wish, generate, read_manifest
from loadtests.generate.changes import NIGHTS, NightName, change
from otus_sync.app import nightly
from rostersim.cli import cli
from tests.loadtests.in_process import synced

WISH = Wish("small", students=240, schools=4)


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("after") / "district"
    generate(folder, WISH, seed=5, otus="after")
    return folder


@pytest.fixture
def district(after: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(after, tmp_path / "district"))


def test_as_after_last_night_otus_is_as_clever_has_it(after: Path) -> None:
    verdict = check_district(after)
    assert verdict.first == ()
    assert verdict.right
    assert verdict.planted_ok
    counts = read_manifest(after).counts
    assert verdict.compared["enrollments"] == counts.enrollments
    assert verdict.compared["accounts"] == counts.students + counts.teachers
    assert verdict.compared["teachers of classes"] == counts.sections + counts.co_teachers


@pytest.mark.parametrize("night", NIGHTS)
def test_after_every_kind_of_night_otus_differs_until_the_sync_has_run(
    district: Path, night: NightName, tmp_path: Path
) -> None:
    changed = change(district, night, seed=1)
    assert sum(changed.values()) > 0
    assert not check_district(district).right
    synced(district, nightly, tmp_path / "state")
    verdict = check_district(district)
    assert verdict.first == ()
    assert verdict.right
    assert read_manifest(district).nights[-1].changed == changed


def test_several_nights_follow_one_another_by_events(district: Path, tmp_path: Path) -> None:
    nights: tuple[NightName, ...] = ("quiet", "first-week", "outage")
    for seed, night in enumerate(nights):
        change(district, night, seed=seed)
        synced(district, nightly, tmp_path / "state")
        assert check_district(district).first == ()


Spoil = Callable[[sqlite3.Connection], object]

STUDENT = "account WHERE clever_id IS NOT NULL AND role = 'student'"
CLASS = "class WHERE clever_id IS NOT NULL"


def edited(first: str, column: str, edit: str) -> Spoil:
    """Edit a column of the first row of a table that fulfils a condition."""
    table = first.split(maxsplit=1)[0]
    statement = f"UPDATE {table} SET {column} = CAST({edit} AS BLOB) WHERE id = (SELECT min(id) FROM {first})"
    return lambda database: database.execute(statement)


def set_to(first: str, field: str, value: str) -> Spoil:
    return edited(first, "doc", f"json_set(doc, '$.{field}', {value})")


def run(statement: str) -> Spoil:
    return lambda database: database.execute(statement)


WRONGS: dict[str, tuple[Spoil, str]] = {
    "a student left out": (edited(CLASS, "roster", "json_remove(roster, '$.students[0]')"), "as student of .* missing"),
    "one too many": (
        edited(CLASS, "roster", f"json_insert(roster, '$.co_teachers[#]', (SELECT min(id) FROM {STUDENT}))"),
        "as co-teacher of .* must not be there",
    ),
    "another name": (set_to(CLASS, "name", "'Knitting-01'"), "in Otus it is Knitting-01"),
    "archived": (set_to(CLASS, "archived", "json('true')"), "in Otus it is archived"),
    "another e-mail": (set_to(STUDENT, "email", "'x@y.z'"), "e-mail is x@y.z, in Clever .*@students.example"),
    "inactive": (set_to(STUDENT, "active", "json('false')"), "active is False, in Clever True"),
    "a class of nobody": (set_to(CLASS, "clever_id", "'unknown'"), "not archived, and Clever has no such section"),
    "an account of nobody": (set_to(STUDENT, "clever_id", "'unknown'"), "active, and Clever has nobody of its id"),
    "no account": (run("DELETE FROM account WHERE id = (SELECT min(id) FROM " + STUDENT + ")"), "has no account"),
    "no class": (run("DELETE FROM class WHERE id = (SELECT max(id) FROM " + CLASS + ")"), "is missing in Otus"),
    "an admin renamed": (set_to("account WHERE role = 'admin'", "first_name", "'Zoe'"), "account 1 that was made"),
    "a co-teacher by hand gone": (run("DELETE FROM by_hand WHERE part = 'co_teacher'"), "by hand co-teacher of class"),
    "a class by hand gone": (run("DELETE FROM class WHERE provenance = 'manual'"), "class 1 that was made by hand"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONGS)
def test_the_checker_finds_each_thing_that_is_wrong(district: Path, wrong: str) -> None:
    spoil, words = WRONGS[wrong]
    database = sqlite3.connect(district / "otus.db")
    spoil(database)
    database.commit()
    database.close()
    verdict = check_district(district)
    assert not verdict.right
    assert any(re.search(words, line) for line in verdict.first), verdict.first


def test_the_commands_say_what_changed_and_what_differs(district: Path) -> None:
    changed = CliRunner().invoke(cli, ["change", str(district), "--night", "quiet"])
    assert changed.exit_code == 0, changed.output
    assert "sections" in changed.stdout
    checked = CliRunner().invoke(cli, ["check-district", str(district)])
    assert checked.exit_code == 1
    assert "differences in" in checked.stdout
    broken = CliRunner().invoke(cli, ["check-district", str(district / "nowhere")])
    assert broken.exit_code == 2
    assert "rostersim generate" in broken.stderr


def test_a_broken_list_of_what_was_made_by_hand_is_named(district: Path) -> None:
    (district / "planted.json").write_text("{")
    with pytest.raises(BrokenDistrict, match=r"planted\.json cannot be read"):
        check_district(district)
