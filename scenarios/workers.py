"""Processes that play stories at the same time, and how they are stopped without leaving anything behind."""

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.queues import SimpleQueue
from multiprocessing.sharedctypes import Synchronized
from types import FrameType
from typing import TypeAlias

from simulator.folders import remove_folders_of

CORES_MAX = 64
"""So many workers can be asked for."""
SWITCH_SECONDS = 0.0005
"""How long a thread may keep the others waiting: a request goes through three of them, and each has little to do."""
OBJECTS_BEFORE_COLLECTING = 50_000
"""How many objects may be made before Python looks for circles among them: requests make many, and hardly a circle."""
REAL_SECONDS_TO_LEAVE = 5
"""How long a worker that was stopped has to close its worlds."""
Tally: TypeAlias = "Synchronized[int]"
"""A number that all workers count up together."""


def new_tally() -> Tally:
    """Make a tally, at 0."""
    tally: Tally = multiprocessing.get_context("spawn").Value("q", 0)
    return tally


@contextmanager
def workers(cores: int, tally: "Tally | None" = None) -> Iterator[ProcessPoolExecutor]:
    """Give so many processes; whatever goes wrong, none of them is left behind, nor a folder of theirs.

    Args:
        cores: how many.
        tally: that they count up with :func:`count`.
    """
    context = multiprocessing.get_context(_start_method())
    others = multiprocessing.active_children()
    places = context.SimpleQueue()
    for place in _places(cores):
        places.put(place)
    executor = ProcessPoolExecutor(cores, mp_context=context, initializer=_begin, initargs=(tally, places))
    begun: list[int] = []
    try:
        yield executor
    except BaseException:
        begun = [each.pid for each in multiprocessing.active_children() if each not in others and each.pid is not None]
        for pid in begun:
            os.kill(pid, signal.SIGINT)
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
        for pid in begun:
            remove_folders_of(pid)


def _start_method() -> str:
    """Choose how workers begin: as a fork they are at work at once, anew each imports everything first.

    A fork would copy other threads' locks as they stand, and some systems' own libraries do not bear it.
    """
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def _places(cores: int) -> list[int | None]:
    """Give each worker a core of its own, if there are as many workers as cores.

    A worker's threads take turns all the time and none runs while another does: on one core what one has at hand is
    at hand for the next, on two it is fetched anew each time. With fewer workers the system chooses better.
    """
    if sys.platform != "linux":
        return [None] * cores
    free = sorted(os.sched_getaffinity(0))
    return [*free] if len(free) == cores else [None] * cores


@contextmanager
def stop_signal_held() -> Iterator[None]:
    """Hold SIGINT back, here and in the processes that begin meanwhile; it comes when the block has ended."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Worker:
    """What a worker process knows of itself."""

    working = False
    stopped = False
    tally: "Tally | None" = None


@contextmanager
def at_work() -> Iterator[None]:
    """Let what a worker does in the block be stopped; it leaves with ``SystemExit``."""
    _Worker.working = True
    try:
        if _Worker.stopped:
            raise SystemExit(130)
        yield
    finally:
        _Worker.working = False


def count() -> None:
    """Count the tally up by one, in a worker."""
    tally = _Worker.tally
    if tally is not None:
        with tally.get_lock():
            tally.value += 1


def _begin(tally: "Tally | None", places: "SimpleQueue[int | None]") -> None:
    _Worker.tally = tally
    gc.freeze()  # what all stories share is never thrown away
    gc.set_threshold(OBJECTS_BEFORE_COLLECTING)
    place = places.get()
    if place is not None:
        os.sched_setaffinity(0, {place})
    sys.setswitchinterval(SWITCH_SECONDS)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a fork has its parent's handler
    signal.signal(signal.SIGINT, _stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Leave the work quietly: worlds close on the way out.

    A worker that does nothing goes on waiting: one that dies would take the others with it, their worlds open.
    The exception may come anywhere, a server's start included, and leave a thread behind that nobody ends: then the
    system ends the process, whatever Python waits for.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells every process, and the parent tells it again
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(REAL_SECONDS_TO_LEAVE)
    _Worker.stopped = True
    if _Worker.working:
        raise SystemExit(130)
