"""Cores in simulated time."""

from collections.abc import Generator

import pytest
import simpy

from loadtests.forecast.cores import Cores


def ends(count: int, *works: tuple[int, int], others: tuple[float, ...] = ()) -> list[float]:
    """Begin each piece of work at its moment; in milliseconds, when they are done."""
    world = simpy.Environment()
    cores = Cores(world, count, {"sync": others}, slice_microseconds=100_000)
    found = [0.0] * len(works)

    def one(number: int, begins: int, takes: int) -> Generator[simpy.Event, None, None]:
        yield world.timeout(begins * 1000)
        yield cores.work(takes * 1000, "sync")
        found[number] = world.now / 1000

    world.run(world.all_of([world.process(one(number, *work)) for number, work in enumerate(works)]))
    return found


def test_work_on_a_core_of_its_own_takes_its_time() -> None:
    assert ends(2, (0, 30), (10, 40)) == pytest.approx([30, 50], abs=0.01)


def test_all_share_evenly_what_cores_there_are() -> None:
    assert ends(1, (0, 30), (0, 10)) == pytest.approx([40, 20], abs=0.01)
    assert ends(2, (0, 20), (0, 20), (0, 20)) == pytest.approx([30, 30, 30], abs=0.01)
    assert ends(1, (0, 30), (10, 10)) == pytest.approx([40, 30], abs=0.01)


def test_others_come_and_go_and_then_are_as_many_as_on_average() -> None:
    # At half speed for 100 ms, alone for 100 ms, then with half another.
    assert ends(1, (0, 50 + 100 + 20), others=(1.0, 0.0)) == pytest.approx([230], abs=0.01)


def test_no_work_takes_no_time() -> None:
    assert ends(1, (5, 0)) == pytest.approx([5])
