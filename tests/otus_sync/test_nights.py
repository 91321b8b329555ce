"""Whole runs, night after night: which way Clever is read, what the ledger says of it, and when it fails."""

import sqlite3
from pathlib import Path

import msgspec
import pytest

from otus_sync.changes import Change
from otus_sync.ledger import FILE, Ledger, remembered_runs
from otus_sync.mirror import Mirror
from tests.otus_sync.builders import SCHOOLS, section, student, teacher
from tests.otus_sync.clever_model import CleverModel
from tests.otus_sync.town import Town

MANY = tuple(f"student-{number:03}" for number in range(100))


def algebra(*students: str) -> CleverModel:
    model = CleverModel()
    model.put(*SCHOOLS, teacher("kim"), *map(student, MANY), section("algebra", ("kim",), students or MANY))
    return model


def ways(town: Town) -> list[str]:
    """How each run has read Clever, oldest first."""
    return [run.way.split(":")[0] for run in reversed(remembered_runs(town.folder, 100))]


def why(town: Town) -> str:
    return remembered_runs(town.folder, 1)[0].way


def test_after_the_first_night_events_are_followed_and_otus_is_as_clever_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(tmp_path, monkeypatch, algebra(*MANY[:50]))
    assert town.run().exit_code == 0
    town.clever.put(section("algebra", ("kim",), MANY[10:50]))
    assert town.run().exit_code == 0
    assert ways(town) == ["whole", "events"]
    assert town.otus.students_in("algebra") == set(MANY[10:50])


def test_a_lost_ledger_is_a_full_pull(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town(tmp_path, monkeypatch, algebra())
    town.run()
    (tmp_path / FILE).unlink()
    town.clever.put(section("algebra", ("kim",), MANY[1:]))
    assert town.run().exit_code == 0
    assert "no mirror" in why(town)
    assert town.otus.students_in("algebra") == set(MANY[1:])


def test_an_otus_that_was_set_back_is_a_full_pull(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town(tmp_path, monkeypatch, algebra())
    town.run()
    town.run()
    town.otus.sync_runs.pop()
    town.run()
    assert "Otus does not know its run 2" in why(town)


def test_a_run_killed_after_it_kept_the_mirror_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town(tmp_path, monkeypatch, algebra())
    town.run()
    town.clever.put(section("algebra", ("kim",), MANY[1:]))
    with monkeypatch.context() as patched:

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(town.otus, "write_classes", killed)
        town.command("run")
    town.run()
    assert ways(town) == ["whole", "events", "events"]
    assert town.otus.students_in("algebra") == set(MANY[1:])


def test_what_events_would_have_removed_in_masses_is_checked_by_a_full_pull(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # A14
    town = Town(tmp_path, monkeypatch, algebra())
    town.run()
    before = town.clever.held["users"].copy()
    for key in MANY[:60]:
        town.clever.delete("users", key)
    town.clever.held["users"] = before
    result = town.run()
    assert (result.exit_code, why(town).split(":")[0]) == (0, "whole")
    assert all(person.active for person in town.otus.people.values())


def full_disk(*_: object) -> None:
    raise sqlite3.OperationalError("database or disk is full")


def test_a_disk_that_is_full_before_anything_is_written_leaves_otus_and_the_mirror_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(tmp_path, monkeypatch, algebra())
    town.run()
    before = town.otus.state()
    town.clever.put(section("algebra", ("kim",), MANY[1:]))
    with monkeypatch.context() as patched:
        patched.setattr(Mirror, "_stand", full_disk)
        result = town.command("run")
    assert result.exit_code == 1
    assert "disk is full. Check that the folder is writable" in result.stderr + result.stdout
    assert town.otus.state() == before
    assert (town.otus.runs()[0].status, "disk is full" in town.otus.runs()[0].reason) == ("failed", True)
    assert town.run().exit_code == 0
    assert ways(town) == ["whole", "", "events"]
    assert town.otus.students_in("algebra") == set(MANY[1:])


def test_a_disk_that_is_full_while_otus_is_written_is_a_failure_that_tells_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(tmp_path, monkeypatch, algebra())
    with monkeypatch.context() as patched:
        patched.setattr("otus_sync.ledger.msgspec.msgpack.encode", full_disk)
        result = town.command("run", SYNC_FOLLOW="full")
    assert result.exit_code == 1
    newest = town.otus.runs()[0]
    assert (newest.status, newest.counts.accounts_created) == ("failed", 101)
    assert town.run().exit_code == 0
    assert town.otus.students_in("algebra") == set(MANY)


def test_a_disk_that_is_full_at_the_end_leaves_no_run_behind_that_goes_on_in_otus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(tmp_path, monkeypatch, algebra())
    with monkeypatch.context() as patched:

        def ended(self: Ledger, *_: object) -> None:
            with self._explained():
                full_disk()

        patched.setattr(Ledger, "ended", ended)
        assert town.command("run").exit_code == 1
    newest = town.otus.runs()[0]
    assert (newest.status, newest.counts.classes_created) == ("failed", 1)
    assert town.run().exit_code == 0


def test_a_saved_plan_is_carried_out_as_it_was_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town(tmp_path / "state", monkeypatch, algebra())
    town.run()
    town.clever.put(section("algebra", ("kim",), MANY[1:]), student("new"))
    town.writes()
    file = tmp_path / "tonight.plan"
    shown = town.command("plan", "--save", str(file))
    assert (shown.exit_code, town.writes()) == (0, 0)
    assert f"otus-sync apply {file}" in shown.stdout
    assert file.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state", "tonight.plan"]
    town.clever.pass_days(0.1)
    result = town.command("apply", str(file))
    assert (result.exit_code, result.stdout) == (0, "succeeded: Otus is as Clever has it\n")
    assert town.otus.students_in("algebra") == set(MANY[1:])
    assert town.otus.person("new").active


def test_of_a_plan_what_somebody_took_out_of_the_file_is_not_carried_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(tmp_path / "state", monkeypatch, algebra())
    town.run()
    town.clever.put(section("algebra", ("kim",), MANY[1:]), student("new"))
    file = tmp_path / "tonight.plan"
    town.command("plan", "--save", str(file))
    document = msgspec.json.decode(file.read_bytes())
    document["plan"]["classes"] = []
    file.write_bytes(msgspec.json.encode(document))
    assert town.command("apply", str(file)).exit_code == 0
    assert town.otus.students_in("algebra") == set(MANY)
    assert town.otus.person("new").active


@pytest.mark.parametrize("moved", ["clever", "otus", "setting"])
def test_a_saved_plan_is_refused_once_the_world_has_moved_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: str
) -> None:
    town = Town(tmp_path / "state", monkeypatch, algebra())
    town.run()
    town.clever.put(section("algebra", ("kim",), MANY[1:]))
    file = str(tmp_path / "tonight.plan")
    town.command("plan", "--save", file)
    more = {}
    if moved == "clever":
        town.clever.put(student(MANY[5], first="Renamed"))
    elif moved == "otus":
        town.otus.edit(town.otus.person(MANY[5]).id, first_name="Renamed")
    else:
        more = {"SYNC_GUARD_PERCENT": "5"}
    town.writes()
    result = town.command("apply", file, **more)
    assert (result.exit_code, town.writes()) == (5, 0)
    assert "the saved plan is stale: since 2026-09-15T05:00:00" in result.stderr
    assert "otus-sync plan --save" in result.stderr
    assert town.otus.runs()[0].status == "failed"


def test_a_file_that_is_no_plan_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town(tmp_path / "state", monkeypatch)
    (tmp_path / "x").write_text("{}")
    result = town.command("apply", str(tmp_path / "x"))
    assert result.exit_code == 2
    assert "none that otus-sync plan --save has written" in result.stderr
    assert town.command("apply", str(tmp_path / "none")).exit_code == 2
    assert town.command("plan", "--save", str(tmp_path / "no folder" / "x")).exit_code == 2


def test_diff_tells_in_words_what_the_last_run_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town(tmp_path, monkeypatch, algebra(*MANY[:3]))
    town.run()
    town.clever.put(
        section("algebra", (MANY[0], "kim"), MANY[1:3], name="Algebra II"),
        student("mei", first="Mei", last="Chen"),
        student(MANY[2], "new@schools.example"),
    )
    town.clever.delete("users", MANY[99])
    town.run()
    result = town.command("diff")
    assert result.exit_code == 0
    heading, *lines = result.stdout.splitlines()
    assert heading.startswith("Run 2 of 2026-09-15T05:00:00.0")
    assert heading.endswith(" (succeeded) changed:")
    assert lines == [
        "  Mei Chen: new student mei@schools.example",
        f"  Student-002 Lee: e-mail {MANY[2]}@schools.example became new@schools.example",
        "  Student-099 Lee: deactivated",
        "  Algebra II: name Class algebra became Algebra II",
        "  Kim Kim, Algebra II: teacher became co-teacher",
        "  Student-000 Lee, Algebra II: removed, was in it as student",
    ]


def test_diff_of_several_nights_leaves_out_what_was_changed_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(tmp_path, monkeypatch, algebra(*MANY[:3]))
    for students in (MANY[:3], MANY[1:3], MANY[:2]):
        town.clever.put(section("algebra", ("kim",), students))
        town.run()
    found = msgspec.json.decode(town.command("diff", "1", "3", "--json").stdout)
    assert found["in_words"] == ["Student-002 Lee, Class algebra: removed, was in it as student"]
    assert [run["id"] for run in found["runs"]] == [2, 3]
    assert "joined as student" in town.command("diff", "3").stdout


def test_diff_says_what_it_cannot_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town(tmp_path, monkeypatch, algebra())
    assert town.command("diff").exit_code == 2
    monkeypatch.setattr("otus_sync.ledger.CHANGES_KEPT_MAX", 10)
    town.run()
    result = town.command("diff")
    assert "Run 1 wrote 203 changes; the ledger keeps 10 of them by name." in result.stdout
    assert len(result.stdout.splitlines()) == 12
    assert "the last one is 1" in town.command("diff", "7").stderr
    assert town.command("diff", "3", "2").exit_code == 2


def test_the_changes_of_old_runs_are_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otus_sync.ledger.RUNS_WITH_CHANGES", 2)
    change = Change("class", "c", "Algebra", "class", "open", "archived")
    with Ledger(tmp_path) as ledger:
        for number in range(4):
            ledger.begin("t", ())
            ledger.wrote(number + 1, [change], lambda row: [row], lambda _: 1)
        kept = ledger.changes_of(ledger.runs_between(1, 4))
    assert [(len(one.changes), one.dropped) for one in kept] == [(0, 1), (0, 1), (1, 0), (1, 0)]


def test_a_feed_that_empties_a_school_is_a_plan_that_support_understands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # A14
    model = algebra()
    there = [student(f"b-{number:02}", first=f"Bo{number:02}", schools=("school-b",)) for number in range(40)]
    model.put(*there, section("choir", (), tuple(user.id for user in there), name="Choir-01", school="school-b"))
    model.put(section("band", school="school-b"))
    town = Town(tmp_path, monkeypatch, model)
    town.run()
    for user in there:
        model.delete("users", user.id)
    model.delete("sections", "choir")
    model.put(student("new"))
    result = town.command("plan")
    text = result.stdout
    assert result.exit_code == 0
    assert "A run now would be HELD by the removal guard: removing 40 of 141 accounts" in text
    assert "03M859 would lose 40 of its 40 accounts, 1 of its 2 classes." in text
    assert "02M475 would lose" not in text
    assert "Choir-01 would be archived" in text
    assert "Bo00 Lee (student) would be deactivated" in text
    assert "Bo10" not in text
    assert "First of the 41 that are withheld" in text
    assert "otus-sync approve" in text
    rows = [line for line in text.splitlines() if "02M475" in line and "1 new" in line]
    assert len(rows) == 1
    ahead = msgspec.json.decode(town.command("plan", "--json").stdout)["outlook"]
    assert [there["school"] for there in ahead["schools"]] == ["02M475", "03M859"]
    assert ahead["schools"][1]["would_withhold"]["accounts_deactivated"] == 40


def test_a_held_run_is_approved_and_lets_go_and_a_changed_one_is_held_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # A14
    town = Town(tmp_path, monkeypatch, algebra())
    town.run()
    for key in MANY[:60]:
        town.clever.delete("users", key)
    assert town.run().exit_code == 3
    town.clever.delete("users", MANY[60])
    held_anew = town.command("approve")
    assert held_anew.exit_code == 3
    assert "not what was decided on with run 2" in held_anew.stdout
    assert town.command("approve").exit_code == 0
    assert sum(not person.active for person in town.otus.people.values()) == 61
