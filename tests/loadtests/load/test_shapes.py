"""How many people there are at each moment of a load test."""

import msgspec

from loadtests.load.plan import Assignment, LoadPlan
from loadtests.load.result import ShapeName
from loadtests.load.shapes import SECONDS_MAX, Standing, people_at


def plan(shape: ShapeName, seconds: float = 100.0) -> LoadPlan:
    nobody = Assignment((), {}, "sync-log", "", "", ("02M475", "02M476"), 1.0, 1, None)
    return LoadPlan(
        "", shape, seconds, "district", 2, teachers=40, admins=10, workers=0, access_log=None, assignment=nobody
    )


def test_a_night_has_all_its_people_until_the_last_sync_is_over() -> None:
    assert people_at(plan("night", 0), Standing(0.0, syncs_left=1)) == 50
    assert people_at(plan("night", 0), Standing(5000.0, syncs_left=1)) == 50
    assert people_at(plan("night", 0), Standing(3.0, syncs_left=0)) is None


def test_a_night_that_shall_be_long_waits_though_the_sync_is_over() -> None:
    assert people_at(plan("night", 100), Standing(99.0, syncs_left=0)) == 50
    assert people_at(plan("night", 100), Standing(100.0, syncs_left=0)) is None


def test_a_terms_start_brings_more_and_more_people() -> None:
    seen = [people_at(plan("term-start"), Standing(second, 1)) for second in range(0, 120, 10)]
    assert seen == [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 50, 50]


def test_a_soak_has_all_its_people_to_its_end() -> None:
    assert [people_at(plan("soak"), Standing(second, 0)) for second in (0, 99, 100)] == [50, 50, None]


def test_no_run_goes_on_for_ever() -> None:
    assert people_at(plan("night"), Standing(SECONDS_MAX, syncs_left=1)) is None


def test_each_school_is_synced_once_a_night() -> None:
    schools = msgspec.structs.replace(plan("night"), sync="schools")
    assert (schools.syncs, schools.sync_runs) == (2, 2)
    assert (plan("night").syncs, plan("night").sync_runs) == (1, 1)
