"""A captured world holds nothing real, and is as its district is."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fakes.clever.sftp import export_folder
from rostersim.capture import command
from rostersim.capture.pages import STATE_FILE
from rostersim.cli import cli
from scenarios.story import read_beginning
from tests.rostersim.capture.planted import DBNS, PLANT, STUDENTS, TEACHERS, TOKEN, Clever, originals, served
from tests.rostersim.served.builders import served as served_world
from tests.simulator.builders import BEN, MEI, ROSA, world_of

KEY = "a key for tests, no secret"
ENVIRONMENT = {"CLEVER_TOKEN": TOKEN, "ROSTERSIM_CAPTURE_KEY": KEY}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits are counted and not waited."""
    counted: list[float] = []
    monkeypatch.setattr(command, "pause", counted.append)
    return counted


def capture(*words: object, **environment: str) -> Result:
    result = CliRunner().invoke(cli, ["capture", *map(str, words)], env=ENVIRONMENT | environment)
    assert "Traceback" not in result.output
    assert not isinstance(result.exception, Exception), result.exception
    return result


def assert_nothing_real(folder: Path, *results: Result) -> None:
    """Grep every byte of every file, its name, and all that was said, for every original."""
    contents = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert contents
    contents |= {f"output {place}": result.output.encode() for place, result in enumerate(results)}
    for name, content in contents.items():
        found = [word for word in originals() if word.lower().encode() in content.lower() or word in name]
        assert not found, f"{name} holds {found[:3]}"


def test_the_originals_are_found_where_nothing_is_masked(tmp_path: Path) -> None:
    clever = Clever()
    (tmp_path / "raw.json").write_text(json.dumps(clever.records), encoding="utf-8")
    with pytest.raises(AssertionError, match="holds"):
        assert_nothing_real(tmp_path)


def test_a_world_is_captured_over_http_and_nothing_real_is_left_anywhere(tmp_path: Path) -> None:
    clever, folder = Clever(), tmp_path / "captured"
    with served(clever) as url:
        result = capture("--clever-url", url, folder)
    assert result.exit_code == 0, result.output
    assert f"2 schools, {TEACHERS} teachers, {STUDENTS} students, 4 sections; nothing in it is real" in result.output
    assert_nothing_real(folder, result)
    assert all(asked.startswith("GET ") for asked in clever.asked)
    assert sorted(path.name for path in folder.iterdir()) == ["clever", "times.json", "world.scenario.yaml"]


def test_who_is_in_what_and_when_records_were_made_stay_as_they_are(tmp_path: Path) -> None:
    clever = Clever()
    with served(clever) as url:
        result = capture("--clever-url", url, tmp_path)
    district = read_beginning(tmp_path / "world.scenario.yaml", 0).district
    sizes = sorted((len(each.students), 1 + len(each.co_teachers)) for each in district.sections)
    assert sizes == [(0, 1), (2, 3), (3, 2), (4, 2)]
    assert "1 co-teachers beyond the two that ATS/STARS allows (F2): left out" in result.output
    assert "1 members of sections whom Clever does not share (A16): left out" in result.output
    times = json.loads((tmp_path / "times.json").read_text(encoding="utf-8"))
    told = sorted(created for created, _ in times["people"].values())
    students_and_teachers = [each for each in clever.records["users"] if {"student", "teacher"} & set(each["roles"])]
    assert told == sorted(each["created"] for each in students_and_teachers)
    assert len({person.id for person in district.people}) == STUDENTS + TEACHERS
    assert {each.role for each in district.clever_only} == {"staff"}


def test_the_same_key_gives_the_same_people_and_another_one_others(tmp_path: Path) -> None:
    with served(Clever()) as url:
        for name, key in (("one", KEY), ("same", KEY), ("other", "quite another key for tests")):
            assert capture("--clever-url", url, tmp_path / name, ROSTERSIM_CAPTURE_KEY=key).exit_code == 0
    people = [(tmp_path / name / "clever/students.csv").read_bytes() for name in ("one", "same", "other")]
    assert people[0] == people[1] != people[2]


def test_a_captured_world_is_explained_served_and_compared(tmp_path: Path) -> None:
    with served(Clever()) as url:
        capture("--clever-url", url, tmp_path)
    district = read_beginning(tmp_path / "world.scenario.yaml", 0).district
    section = next(each for each in district.sections if each.students)
    number = next(person.id for person in district.people if person.name == section.students[0])
    runner = CliRunner()
    told = runner.invoke(cli, ["explain", number, section.name, "--world", str(tmp_path), "--json"])
    assert json.loads(told.output)["topics"][0]["now"] == "on the roster"
    with served_world(tmp_path / "state", (tmp_path / "world.scenario.yaml").read_text(encoding="utf-8")) as asker:
        shown = {school["dbn"] for school in asker.get("/state")["schools"]}
    assert shown == {each.dbn for each in district.schools}
    csv = str(tmp_path / "clever")
    assert runner.invoke(cli, ["diff", csv, csv]).exit_code == 0


def test_one_school_alone_is_captured(tmp_path: Path) -> None:
    with served(Clever()) as url:
        result = capture("--clever-url", url, "--school", DBNS[1], tmp_path / "one")
        unknown = capture("--clever-url", url, "--school", "31R080", tmp_path / "none")
    assert "1 schools, 2 teachers, 3 students, 2 sections" in result.output
    assert_nothing_real(tmp_path / "one", result)
    assert (unknown.exit_code, "none of the 2 schools" in unknown.output) == (2, True)


def test_an_interrupted_capture_goes_on_where_it_was_and_its_file_holds_nothing_real(
    tmp_path: Path, waits: list[float]
) -> None:
    broken = Clever(lambda number: ("503 Service Unavailable", b"") if number > 3 else None)
    with served(broken) as url:
        failed = capture("--clever-url", url, tmp_path)
        assert (failed.exit_code, "start again to go on from there" in failed.output) == (2, True)
        assert len(waits) == 6
        assert [path.name for path in tmp_path.iterdir()] == [STATE_FILE]
        assert_nothing_real(tmp_path, failed)
        with (tmp_path / STATE_FILE).open("ab") as file:
            file.write(b'{"collection": "use')  # a power cut in the middle of a line
        before = len(broken.asked)
        broken._misbehave = lambda _number: None
        result = capture("--clever-url", url, tmp_path)
    assert f"{TEACHERS} teachers, {STUDENTS} students, 4 sections" in result.output
    assert not any("schools" in asked for asked in broken.asked[before:])
    assert not (tmp_path / STATE_FILE).exists()


def test_a_refusal_in_the_middle_of_a_list_does_not_say_where(tmp_path: Path) -> None:
    with served(Clever(lambda number: ("404 Not Found", b"") if number == 4 else None)) as url:
        refused = capture("--clever-url", url, tmp_path)
    assert "status 404 to page 2 of users" in refused.output
    assert_nothing_real(tmp_path, refused)


def test_an_interrupted_capture_does_not_go_on_with_another_key_or_for_another_school(
    tmp_path: Path, waits: list[float]
) -> None:
    with served(Clever(lambda number: ("500 Oops", b"") if number > 2 else None)) as url:
        capture("--clever-url", url, tmp_path)
        other = capture("--clever-url", url, tmp_path, ROSTERSIM_CAPTURE_KEY="quite another key for tests")
        elsewhere = capture("--clever-url", url, "--school", DBNS[0], tmp_path)
    assert waits
    assert "begun with another key" in other.output
    assert "begun for another Clever or school" in elsewhere.output


def test_a_used_up_rate_limit_is_waited_for_and_a_short_failure_is_passed_over(
    tmp_path: Path, waits: list[float]
) -> None:
    wrong = {2: ("429 Too Many Requests", b""), 4: ("502 Bad Gateway", b"<html>")}
    with served(Clever(wrong.get)) as url:
        assert capture("--clever-url", url, tmp_path).exit_code == 0
    assert waits == [31.0, 1.0]


def test_csv_files_are_captured_without_anything_real(tmp_path: Path) -> None:
    with world_of() as world:
        export_folder(world.clever, tmp_path / "upload")
    result = capture("--csv", tmp_path / "upload", tmp_path / "captured")
    assert "1 schools, 1 teachers, 2 students, 1 sections" in result.output
    written = b"".join(path.read_bytes() for path in (tmp_path / "captured").rglob("*") if path.is_file()).lower()
    for name in (BEN, MEI, ROSA, "02M475", "Algebra"):
        assert not any(word.lower().encode() in written for word in (name, *name.split()) if len(word) > 3)
    (tmp_path / "upload" / "students.csv").unlink()
    broken = capture("--csv", tmp_path / "upload", tmp_path / "none")
    assert (broken.exit_code, "no whole upload" in broken.output) == (2, True)


def test_a_key_is_kept_only_if_that_is_asked_for(tmp_path: Path) -> None:
    with served(Clever()) as url:
        capture("--clever-url", url, "--keep-key", tmp_path / "key", tmp_path / "world", ROSTERSIM_CAPTURE_KEY="")
    key = (tmp_path / "key").read_text(encoding="utf-8").strip()
    assert len(key) == 64
    assert oct((tmp_path / "key").stat().st_mode & 0o777) == "0o600"
    assert not any(key.encode() in path.read_bytes() for path in (tmp_path / "world").rglob("*") if path.is_file())


def test_wrong_input_ends_with_2_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", encoding="utf-8")
    with served(Clever()) as url:
        for words, environment, message in (
            (("--clever-url", url, tmp_path / "full"), {}, "holds something already"),
            (("--clever-url", url, tmp_path / "a"), {"CLEVER_TOKEN": "wrong"}, "the token is not (or no longer) valid"),
            (("--clever-url", url, tmp_path / "a"), {"CLEVER_TOKEN": ""}, "no token in this variable"),
            (("--clever-url", url, tmp_path / "a"), {"ROSTERSIM_CAPTURE_KEY": "short"}, "at least 16 characters"),
            (("--clever-url", "http://clever.example", tmp_path / "a"), {}, "over https:// only"),
            ((tmp_path / "a",), {}, "say what to read"),
        ):
            result = capture(*words, **environment)
            assert (result.exit_code, message in result.output) == (2, True), result.output
    assert not (tmp_path / "a" / "world.scenario.yaml").exists()
    assert PLANT not in str(list(tmp_path.rglob("*")))
