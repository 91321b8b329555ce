"""Who stops a run in the very moment in which a program is started stops it a moment later, and with it the program."""

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest

from simulator.interrupts import interrupts_deferred
from simulator.sut import CommandSut, Run
from tests.processes import is_alive
from tests.simulator.builders import world_of


def interrupt(number: int = signal.SIGINT) -> None:
    os.kill(os.getpid(), number)
    for _ in range(3):
        time.sleep(0.001)  # Python looks for signals between its instructions


def test_an_interrupt_comes_when_the_block_has_ended() -> None:
    done: list[str] = []

    def work() -> None:
        with interrupts_deferred():
            interrupt()
            done.append("all of the block")
        done.append("and more")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["all of the block"]


def test_without_an_interrupt_nothing_comes_and_all_is_as_before() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with interrupts_deferred():
        pass
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_an_error_in_the_block_is_told_and_all_is_as_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError), interrupts_deferred():
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) == before


def test_a_signal_that_the_program_ignores_or_leaves_to_the_system_is_left_alone() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts_deferred():
            assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
            interrupt()
    finally:
        signal.signal(signal.SIGINT, before)


def test_in_any_other_thread_it_does_nothing() -> None:
    done: list[bool] = []

    def work() -> None:
        with interrupts_deferred():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]


def test_a_program_whose_start_is_interrupted_is_ended_with_the_world() -> None:
    pids: list[int] = []

    class Interrupted(CommandSut):
        def start(self, environ: Mapping[str, str], inbox: Any, *, disk_full: bool = False) -> Run:
            run = super().start(environ, inbox, disk_full=disk_full)
            pids.append(run._process.pid)  # type: ignore[attr-defined]
            interrupt()
            return run

    def play() -> None:
        with world_of(Interrupted([sys.executable, "-c", "import time; time.sleep(600)"])) as world:
            world.runner.rehearse()

    with pytest.raises(KeyboardInterrupt):
        play()
    assert not is_alive(pids[0])
