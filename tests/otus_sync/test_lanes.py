"""Requests under way at once: never more than the setting, and with one in the same order as ever."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from otus_sync.apply import StoppedError
from otus_sync.clock import clock_from
from otus_sync.errors import UnreachableError
from otus_sync.http import Http
from otus_sync.lanes import Lanes
from otus_sync.log import Log
from otus_sync.otus_records import ClassWrite, RowResult
from otus_sync.settings import Secret
from tests.otus_sync.builders import SCHOOLS, clever, section, settings, student, teacher
from tests.otus_sync.clever_model import CleverModel, served
from tests.otus_sync.otus_model import OtusModel, night
from tests.otus_sync.town import Town


def test_one_lane_does_each_task_when_its_turn_comes_and_in_no_other_thread() -> None:
    done: list[str] = []

    def task(name: str) -> Callable[[], str]:
        def do() -> str:
            done.append(f"{name} begins in {threading.current_thread().name}")
            return name

        return do

    done.extend(f"{name} is counted" for name in Lanes(1).in_turn([task("a"), task("b")]))
    here = threading.current_thread().name
    assert done == [f"a begins in {here}", "a is counted", f"b begins in {here}", "b is counted"]
    assert list(Lanes(1).ahead(iter("abc"))) == ["a", "b", "c"]


def test_several_lanes_work_at_once_and_give_results_in_the_order_of_the_tasks() -> None:
    together = threading.Barrier(3, timeout=10)

    def task(number: int) -> Callable[[], int]:
        def do() -> int:
            together.wait()
            return number

        return do

    assert list(Lanes(3).in_turn(task(number) for number in range(6))) == list(range(6))


def test_no_task_is_begun_more_than_the_lanes_early() -> None:
    begun: list[int] = []

    def tasks() -> Iterator[Callable[[], int]]:
        for number in range(10):
            begun.append(number)
            yield partial(int, number)

    for number in Lanes(2).in_turn(tasks()):
        assert len(begun) <= number + 3


def test_after_a_failure_nothing_is_begun_and_what_is_under_way_is_counted() -> None:
    failed = threading.Event()

    def fails() -> int:
        failed.set()
        raise UnreachableError("Otus", "POST /", "cut")

    def slow() -> int:
        assert failed.wait(10)
        return 2

    begun: list[str] = []
    results: list[int | None] = []
    with pytest.raises(UnreachableError):
        results.extend(Lanes(2).in_turn([fails, slow, partial(begun.append, "third")]))
    assert (results, begun) == ([2], [])


def test_the_next_item_is_got_while_the_last_is_worked_on_and_no_further_one() -> None:
    begun = [threading.Event() for _ in range(4)]

    def items() -> Iterator[int]:
        for number, event in enumerate(begun):
            event.set()
            yield number

    for number in Lanes(2).ahead(items()):
        if number < 3:
            assert begun[number + 1].wait(10)
        assert not any(event.is_set() for event in begun[number + 2 :])


def test_what_is_begun_goes_on_meanwhile_and_with_one_lane_waits_until_it_is_asked_for() -> None:
    done = threading.Event()

    def task() -> str:
        done.set()
        return "done"

    asked = Lanes(1).begun(task)
    assert not done.is_set()
    assert asked() == "done"
    done.clear()
    asked = Lanes(2).begun(task)
    assert done.wait(10)
    assert asked() == "done"


def test_what_fails_ahead_fails_in_its_turn() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise UnreachableError("Clever", "GET /", "cut")

    got: list[int] = []
    with pytest.raises(UnreachableError):
        got.extend(Lanes(2).ahead(items()))
    assert got == [1]


def test_no_more_requests_are_under_way_than_the_setting_says() -> None:
    now, most = 0, 0
    counting = threading.Lock()
    crowd = threading.Event()

    def answer(path: str) -> tuple[int, object]:
        nonlocal now, most
        with counting:
            now += 1
            most = max(most, now)
        crowd.wait(0.02)
        with counting:
            now -= 1
        return 200, {}

    with served(answer) as url:
        http = Http("Clever", url, Secret("t"), settings(in_flight=3), Log(clock_from(None)))
        list(Lanes(8).in_turn([lambda: http.request("GET", "/", dict)] * 24))
        http.close()
    assert 1 < most <= 3


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_a_district_is_the_same_however_many_requests_are_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    ends = []
    for in_flight in (1, 4):
        model = CleverModel()
        keys = tuple(f"student-{number:02}" for number in range(20))
        model.put(*SCHOOLS, *map(student, keys), teacher("kim"))
        model.put(*(section(f"s{number}", ("kim",), keys[number : number + 4]) for number in range(10)))
        town = Town(tmp_path / f"{in_flight}-{rows}", monkeypatch, model)
        more = {"SYNC_IN_FLIGHT": str(in_flight), "SYNC_BATCH_ROWS": str(rows), "SYNC_PAGE_LIMIT": "3"}
        assert town.run(**more).exit_code == 0
        model.put(*(section(f"s{number}", ("kim",), keys[number + 2 : number + 5]) for number in range(10)))
        model.put(student(keys[0], f"{keys[1]}@schools.example"), student(keys[1], f"{keys[0]}@schools.example"))
        assert town.run(**more).exit_code == 0
        people = {person.clever_id: person.email for person in town.otus.people.values()}
        ends.append((people, {f"s{number}": town.otus.students_in(f"s{number}") for number in range(10)}))
    assert ends[0] == ends[1]


def test_what_was_written_beside_a_failed_request_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:  # A15
    otus = OtusModel()
    write = otus.write_classes
    second = threading.Event()

    def sometimes(rows: list[ClassWrite]) -> list[RowResult]:
        if rows[0].clever_id == "one":
            assert second.wait(10)
            raise UnreachableError("Otus", "POST /classes/bulk", "cut")
        results = write(rows)
        second.set()
        return results

    monkeypatch.setattr(otus, "write_classes", sometimes)
    side = clever(teacher("kim"), section("one", ("kim",)), section("two", ("kim",)))
    with pytest.raises(StoppedError) as stopped:
        night(side, otus, settings(batch_rows=1, in_flight=2))
    assert stopped.value.applied.counts.classes_created == 1
