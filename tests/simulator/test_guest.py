"""A sync in this process: its sleeps are simulated, its output is kept apart, and nobody else's is."""

import io
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console
from rich.live import Live

from simulator.gateway import Inbox, Sleep
from simulator.guest import SyncStopped, hosted, stop_threads
from tests.simulator.builders import nights, the_end, world_of


def sleeping(seconds: float) -> Callable[[Mapping[str, str]], int]:
    def sync(_environ: Mapping[str, str]) -> int:
        time.sleep(seconds)
        return 0

    return sync


def real_seconds(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def test_a_sync_that_sleeps_for_an_hour_costs_no_real_time_and_moves_the_clock_an_hour() -> None:
    with world_of(sleeping(3600)) as world:
        assert real_seconds(lambda: nights(world)) < 5
        end = the_end(world)
    assert end.outcome == "succeeded"
    assert end.ended - end.started == timedelta(hours=1)


def test_the_sync_sees_the_time_that_its_sleep_has_taken() -> None:
    seen: list[datetime] = []

    def sync(_environ: Mapping[str, str]) -> int:
        seen.append(datetime.now(UTC))
        time.sleep(90.5)
        seen.append(datetime.now(UTC))
        return 0

    with world_of(sync) as world:
        nights(world)
        started = the_end(world).started
    assert seen == [started, started + timedelta(seconds=90.5)]


def test_threads_of_the_sync_sleep_as_the_sync_does() -> None:
    def sync(_environ: Mapping[str, str]) -> int:
        threads = [threading.Thread(target=time.sleep, args=(1000,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return 0

    with world_of(sync) as world:
        assert real_seconds(lambda: nights(world)) < 5
        assert the_end(world).outcome == "succeeded"


def test_threads_of_the_harness_sleep_for_real() -> None:
    inbox, slept = Inbox(), list[float]()

    def sleep() -> None:
        slept.append(real_seconds(lambda: time.sleep(0.05)))

    with hosted(inbox, io.StringIO()):
        for name in ("rostersim-clever", "CP Server Thread-7", "Thread-8 (_serve_unservicable)"):
            thread = threading.Thread(target=sleep, name=name)
            thread.start()
            thread.join()
        sleep()
    assert [seconds >= 0.05 for seconds in slept] == [True] * 4
    assert inbox.get(0.01) is None


@pytest.mark.parametrize(
    ("seconds", "error"),
    [(-1, ValueError), (float("nan"), ValueError), ("ten", TypeError), (None, TypeError), (1e20, OverflowError)],
)
def test_a_sleep_of_no_length_fails_in_the_sync_as_it_would_anywhere(seconds: float, error: type[Exception]) -> None:
    raised: list[BaseException] = []

    def sync(_environ: Mapping[str, str]) -> int:
        try:
            time.sleep(seconds)
        except (ValueError, TypeError, OverflowError) as problem:
            raised.append(problem)
        return 0

    with world_of(sync) as world:
        nights(world)
        assert the_end(world).outcome == "succeeded"
    assert [type(problem) for problem in raised] == [error]


def test_threads_that_were_there_before_are_no_guests() -> None:
    """Whoever plays stories inside a larger program keeps its own time."""
    begin, slept, inbox = threading.Event(), list[float](), Inbox()

    def work() -> None:
        begin.wait(10)
        slept.append(real_seconds(lambda: time.sleep(0.05)))

    thread = threading.Thread(target=work)
    thread.start()
    with hosted(inbox, io.StringIO()):
        begin.set()
        thread.join()
    assert slept[0] >= 0.05
    assert inbox.get(0.01) is None


def test_time_is_itself_again_afterwards() -> None:
    before = time.sleep, sys.stdout, sys.stderr
    with world_of(sleeping(5)) as world:
        nights(world)
        assert (time.sleep, sys.stdout, sys.stderr) == before


def test_what_the_sync_prints_is_kept_apart(capsys: pytest.CaptureFixture[str]) -> None:
    def sync(_environ: Mapping[str, str]) -> int:
        print("to the output")
        print("to the errors", file=sys.stderr)
        sys.stdout.buffer.write("bytes: ñ\n".encode())
        sys.stdout.flush()
        return 1

    with world_of(sync) as world:
        nights(world)
        printed = world.line.printed()
        assert the_end(world).reason == printed
    assert printed == "to the output\nto the errors\nbytes: ñ\n"
    assert capsys.readouterr() == ("", "")


def test_the_output_of_one_night_is_not_the_next_nights(capsys: pytest.CaptureFixture[str]) -> None:
    count: list[int] = []

    def sync(_environ: Mapping[str, str]) -> int:
        count.append(1)
        print("night", len(count))
        return 1

    with world_of(sync) as world:
        nights(world, 2)
        assert [end.reason for end in world.runner.ends] == ["night 1\n", "night 2\n"]


def test_the_streams_of_a_guest_look_like_streams() -> None:
    seen: list[object] = []

    def look() -> None:
        seen.extend((sys.stdout.encoding, sys.stdout.isatty(), sys.stdout.writable(), sys.stdout.buffer.writable()))

    with hosted(Inbox(), io.StringIO()):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert seen == ["utf-8", False, True, True]


def test_a_stream_has_whatever_the_stream_beneath_it_has() -> None:
    """Rich marks the stream that it stands in for, and would write to itself for ever without its mark."""
    console = Console(file=io.StringIO(), force_terminal=True)
    with Live(console=console), hosted(Inbox(), io.StringIO()):
        assert getattr(sys.stdout, "rich_proxied_file", None) is not None
        assert Console().file is not sys.stdout
        print("a line while the display stands")
    assert "a line while the display stands" in console.file.getvalue()  # type: ignore[attr-defined]


def test_what_the_harness_prints_meanwhile_goes_where_it_always_went(capsys: pytest.CaptureFixture[str]) -> None:
    output = io.StringIO()
    with hosted(Inbox(), output):
        print("the console")
    assert (capsys.readouterr().out, output.getvalue()) == ("the console\n", "")


def test_a_sleep_that_the_harness_ends_stops_the_sync_past_every_except() -> None:
    inbox, stopped = Inbox(), list[type[BaseException]]()

    def sync() -> None:
        try:
            try:
                time.sleep(5)
            except Exception:  # noqa: BLE001 - a sync that swallows everything
                stopped.append(Exception)
        except SyncStopped:
            stopped.append(SyncStopped)

    with hosted(inbox, io.StringIO()):
        thread = threading.Thread(target=sync)
        thread.start()
        message = inbox.get(5)
        assert isinstance(message, Sleep)
        message.reply.put(False)
        thread.join(5)
    assert stopped == [SyncStopped]


def test_a_sync_that_computes_for_ever_can_be_stopped() -> None:
    hosts, stopped = frozenset(threading.enumerate()), threading.Event()

    def compute() -> None:
        try:
            while True:
                sum(range(10))
        except SyncStopped:
            stopped.set()

    threading.Thread(target=compute, daemon=True).start()
    stop_threads(hosts, Inbox())
    assert stopped.wait(5)
