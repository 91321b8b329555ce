"""The sync's own memory."""

import sqlite3
from contextlib import closing
from itertools import chain
from pathlib import Path

import msgspec
import pytest

from otus_sync.errors import AnotherRunError, LedgerError
from otus_sync.lease import left_behind_of as _left_behind
from otus_sync.ledger import FILE, VERSIONS, Ledger, remembered_runs
from otus_sync.mirror import Standing
from otus_sync.otus_records import Counts
from tests.otus_sync.builders import held_run


def test_a_run_is_remembered_with_its_counts_and_reason(tmp_path: Path) -> None:
    with Ledger(tmp_path / "new" / "folder") as ledger:
        number = ledger.begin("2026-09-18T05:00:00.000Z", ("02M475",))
        ledger.joined(number, 41)
        counts, withheld = Counts(accounts_created=3), Counts(classes_archived=30)
        ledger.ended(number, "2026-09-18T05:01:00.000Z", "held", "too many", counts, withheld, ["class 1", "class 2"])
        ledger.told(number)
        (run,) = ledger.last_runs(10)
        assert (run.status, run.reason, run.counts, run.withheld) == ("held", "too many", counts, withheld)
        assert (run.scope, run.otus_run, run.told) == (("02M475",), 41, True)
        assert ledger.removals_of(41) == ("class 1", "class 2")
        assert ledger.removals_of(40) == ()
    assert [run.id for run in remembered_runs(tmp_path / "new" / "folder", 5)] == [number]


def test_no_ledger_is_made_by_looking_for_one(tmp_path: Path) -> None:
    assert remembered_runs(tmp_path / "none", 5) == []
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_died_is_left_behind_until_another_has_the_lease(tmp_path: Path) -> None:  # A15
    with Ledger(tmp_path) as ledger:
        died = ledger.begin("t1", ())
        ledger.joined(died, 41)
        failed_early = ledger.begin("t2", ())
        ledger.told(failed_early)
        assert [run.otus_run for run in ledger.left_behind()] == [41]
        ledger.joined(ledger.begin("t3", ()), 42)
        assert [run.otus_run for run in ledger.left_behind()] == [42]


def test_a_dead_run_of_ours_that_goes_on_in_otus_is_taken_over(tmp_path: Path) -> None:  # A15
    with Ledger(tmp_path) as ledger:
        ledger.joined(ledger.begin("t1", ()), 41)
        ours = ledger.left_behind()
    assert _left_behind([held_run(41, status="running")], ours) == 41
    assert _left_behind([held_run(42, status="running"), held_run(41, status="failed")], ours) is None
    assert _left_behind([held_run(41, status="failed")], ours) is None


def test_a_run_that_died_before_it_knew_its_id_is_the_first_one_after_it_asked(tmp_path: Path) -> None:  # A15
    with Ledger(tmp_path) as ledger:
        ledger.asks(ledger.begin("t1", ()), 40)
        ours = ledger.left_behind()
    assert _left_behind([held_run(41, status="running"), held_run(40)], ours) == 41
    assert _left_behind([held_run(42, status="running"), held_run(41, status="failed")], ours) is None


def test_a_run_that_never_asked_left_nothing_behind_in_otus(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.begin("t1", ())
        assert _left_behind([held_run(1, status="running")], ledger.left_behind()) is None


def test_two_runs_of_one_folder_keep_each_other_out(tmp_path: Path) -> None:
    with Ledger(tmp_path) as first, Ledger(tmp_path) as second:
        with first.alone(), pytest.raises(AnotherRunError, match="another run"), second.alone():
            pass
        with second.alone():
            pass


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match=r"cannot be used: .*set SYNC_STATE_DIR to another folder"):
        Ledger(tmp_path / "file" / "folder")


def test_a_file_that_is_no_ledger_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("this is no database, and it is long enough to be read as one" * 20)
    with pytest.raises(LedgerError, match="not a database"):
        Ledger(tmp_path)


def test_a_full_disk_is_a_clear_error(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        number = ledger.begin("t1", ())
        ledger._database.execute("PRAGMA max_page_count = 1")
        removals = ["class 1 member 1"] * 100_000
        with pytest.raises(LedgerError, match="full"):
            ledger.ended(number, "t2", "held", "", Counts(), Counts(), removals)


def test_a_ledger_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as old, old:
        for statement in VERSIONS[0]:
            old.execute(statement)
        old.execute("INSERT INTO run (started, status, scope, otus_run) VALUES ('t1', 'succeeded', '[]', 41)")
    with Ledger(tmp_path) as ledger:
        (run,) = ledger.last_runs(10)
        assert (run.otus_run, run.way, run.changed) == (41, "", 0)
        assert ledger.mirror.standing() is None


def test_a_mirror_of_records_is_let_go_and_the_runs_stay(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as old, old:
        for statement in chain.from_iterable(VERSIONS[:3]):
            old.execute(statement)
        old.execute("INSERT INTO run (started, status, scope, otus_run) VALUES ('t1', 'succeeded', '[]', 41)")
        old.execute("INSERT INTO clever_id VALUES (0, 'ann')")
        old.execute("INSERT INTO clever_record VALUES (0, 1, x'80')")
        standing = Standing("d", "5", "2026-09-14T05:00:00.000Z", "2026-09-14T05:00:00.000Z", 1)
        old.execute("INSERT INTO mirror VALUES (1, ?)", (msgspec.msgpack.encode(standing),))
        old.execute("PRAGMA user_version = 3")
    with Ledger(tmp_path) as ledger:
        assert [run.otus_run for run in ledger.last_runs(10)] == [41]
        assert ledger.mirror.standing() is None
        assert ledger.mirror.followed() is None


def test_a_ledger_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as newer, newer:
        newer.execute("PRAGMA user_version = 99")
    with pytest.raises(LedgerError, match="of a newer otus-sync: found version 99"):
        Ledger(tmp_path)
