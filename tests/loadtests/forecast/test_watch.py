"""What processes have of the cores."""

import os
import subprocess
import sys

import pytest

from loadtests.forecast.watch import Moment, Share, Usage, Watch, Who, cores_here


def moment(at: float, sync: Share, busy: float) -> Moment:
    none: dict[Who, Share] = {"sync": sync, "clever": Share(0, 0), "otus": Share(0, 0)}
    return Moment(at, none, busy)


def usage(on_core: float, waited: float, busy: float) -> Usage:
    return Usage([moment(0, Share(0, 0), 0), moment(1, Share(on_core, waited), busy)], cores=2)


def test_between_two_looks_all_comes_evenly_and_beyond_them_there_is_nothing() -> None:
    seen = usage(0.6, 0.2, 0.6)
    assert seen.between("sync", 0.25, 0.75) == pytest.approx((0.3, 0.1))
    assert seen.between("sync", -5, 5) == pytest.approx((0.6, 0.2))
    assert seen.between("otus", 0, 1) == (0, 0)
    assert seen.between("sync", 2, 3) == (0, 0)


@pytest.mark.parametrize(
    ("on_core", "waited", "busy", "others"),
    [
        (1.0, 0.0, 1.0, 0.0),  # alone
        (1.0, 0.0, 1.5, 0.5),  # somebody else on the other core, in nobody's way
        (0.0, 0.0, 0.7, 0.7),  # the run sleeps
        (0.5, 0.5, 2.0, 3.0),  # one of four on two cores has half of one
        (2.0, 1.0, 2.0, 0.0),  # three threads of its own on two cores: each has two thirds
    ],
)
def test_as_many_others_are_told_as_the_run_could_feel(
    on_core: float, waited: float, busy: float, others: float
) -> None:
    assert usage(on_core, waited, busy).others()["sync"] == pytest.approx((others,), abs=0.02)


def test_others_are_told_apart_from_a_run_that_wants_now_one_core_and_now_three() -> None:
    # Beside two others on two cores: one thread has two thirds of a core, each of three has two fifths.
    at = [moment(0, Share(0, 0), 0), moment(0.5, Share(1 / 3, 1 / 6), 1), moment(1, Share(1 / 3 + 0.6, 1 / 6 + 0.9), 2)]
    assert Usage(at, cores=2).others()["sync"] == pytest.approx((2.0,), abs=0.02)


def test_each_one_tells_of_others_as_far_as_it_could_feel_them() -> None:
    none: dict[Who, Share] = {"sync": Share(0, 0), "clever": Share(0, 0), "otus": Share(0, 0)}
    after: dict[Who, Share] = {**none, "sync": Share(0.4, 0.6), "otus": Share(0.5, 0.5)}
    found = Usage([Moment(0, none, 0), Moment(1, after, 2)], cores=2).others()
    assert found["sync"] == pytest.approx((3.0,), abs=0.02)
    assert found["otus"] == pytest.approx((2.0,), abs=0.02)
    assert 2.0 < found["clever"][0] < 3.0  # which did nothing, so what both felt counts


def test_a_process_that_works_is_seen_and_so_is_one_that_it_starts() -> None:
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(20_000_000))'])"
    process = subprocess.Popen([sys.executable, "-c", script])
    watch = Watch({"sync": [process.pid], "clever": [], "otus": [os.getpid()]})
    with watch.watching():
        process.wait()
    seen = watch.usage()
    last = seen.moments[-1].shares
    assert last["sync"].on_core > 0
    assert last["clever"] == Share(0, 0)
    assert seen.cores == cores_here() >= 1
    assert [one.at for one in seen.moments] == sorted(one.at for one in seen.moments)
