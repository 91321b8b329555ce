"""A sync that runs as a guest in this process: its sleeps are events of the simulation, its output is kept apart."""

import ctypes
import io
import queue
import re
import sys
import threading
import time
import weakref
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO, TextIO

from simulator.gateway import Inbox, Sleep

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

HARNESS_THREADS = re.compile(r"rostersim-|CP Server|.*\(_serve_unservicable\)$")
"""The names of threads of the simulation and of its HTTP servers; the rest are the sync's."""


class SyncStopped(BaseException):
    """Raised in the sync's thread when the harness has stopped it; no ``except Exception`` holds it up."""


_INBOXES: "weakref.WeakKeyDictionary[threading.Thread, Inbox]" = weakref.WeakKeyDictionary()
"""Whose guest a thread is, where two syncs run at once."""


def seat(thread: threading.Thread, inbox: Inbox) -> None:
    """Take note to which inbox a thread of a sync belongs; the threads that it starts belong there too."""
    _INBOXES[thread] = inbox


STOP_AGAIN_SECONDS = 0.05


def stop_threads(hosts: Collection[threading.Thread], inbox: Inbox | None = None, patience_seconds: float = 0) -> None:
    """Let every thread of a sync end: :class:`SyncStopped` is raised in it as soon as it runs Python code again.

    A thread cannot be killed, and one that goes on would ask and write in the nights of others.

    Args:
        hosts: the threads that were there before the sync began.
        inbox: of the sync, the threads of another one go on; without it all of them end.
        patience_seconds: how long to raise it again, in real time, where somebody swallowed it (a destructor does).
    """
    over = time.monotonic() + patience_seconds
    while True:
        left = [thread for thread in threading.enumerate() if _is_guest(thread, hosts) and _belongs_to(thread, inbox)]
        for thread in left:
            ident, raised = ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SyncStopped)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, raised)
        if not left or time.monotonic() >= over:
            return
        left[0].join(STOP_AGAIN_SECONDS)


def _is_guest(thread: threading.Thread, hosts: Collection[threading.Thread]) -> bool:
    return thread not in hosts and not HARNESS_THREADS.match(thread.name) and thread.ident is not None


def _belongs_to(thread: threading.Thread, inbox: Inbox | None) -> bool:
    return inbox is None or _INBOXES.get(thread, inbox) is inbox


class _Bytes(io.RawIOBase):
    """The stream beneath a guest's standard stream."""

    def __init__(self, apart: io.StringIO) -> None:
        self._apart = apart

    def writable(self) -> bool:
        return True

    def write(self, content: "ReadableBuffer") -> int:
        taken = bytes(content)
        self._apart.write(taken.decode(errors="replace"))
        return len(taken)


class _Router(io.TextIOBase):
    """A standard stream that takes a guest's text apart, and everybody else's to where it always went."""

    def __init__(self, real: TextIO, apart: Callable[[], io.StringIO], is_guest: Callable[[], bool]) -> None:
        self._real = real
        self._apart = apart
        self._is_guest = is_guest

    def __getattr__(self, name: str) -> object:
        # What a stream may have besides: rich looks for its own mark, else it would write to itself for ever.
        return getattr(self._real, name)

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a plain attribute in typeshed, a property in io
        return "utf-8" if self._is_guest() else self._real.encoding

    @property
    def buffer(self) -> BinaryIO | _Bytes:
        return _Bytes(self._apart()) if self._is_guest() else self._real.buffer

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return (self._apart() if self._is_guest() else self._real).write(text)

    def flush(self) -> None:
        self._real.flush()

    def isatty(self) -> bool:
        return not self._is_guest() and self._real.isatty()

    def fileno(self) -> int:
        return self._real.fileno()


@contextmanager
def hosted(inbox: Inbox, output: io.StringIO) -> Iterator[None]:
    """Host a sync in threads of this process until the block ends.

    ``time.sleep`` of every thread that starts meanwhile, but the harness's own, becomes an event of the
    simulation and costs no real time, and what such a thread prints goes to ``output``. A thread that waits
    otherwise (``Event.wait``, ``select``) waits for real; the real-time limit of a run holds it in bounds.

    Args:
        inbox: of the world, for threads that are seated at no other.
        output: takes what those print.
    """
    hosts = frozenset(threading.enumerate())  # the simulation's own, and whatever else this process does
    real_sleep, real_start, real_streams = time.sleep, threading.Thread.start, (sys.stdout, sys.stderr)

    def is_guest() -> bool:
        return _is_guest(threading.current_thread(), hosts)

    def sleep(seconds: float) -> None:
        if not is_guest():
            real_sleep(seconds)
            return
        wait = timedelta(seconds=seconds)  # raises in the sync's thread, as a sleep of no number would
        if wait < timedelta():
            raise ValueError("sleep length must be non-negative")
        reply: queue.SimpleQueue[bool] = queue.SimpleQueue()
        own = _INBOXES.get(threading.current_thread(), inbox)
        own.put(Sleep(wait, reply))
        if not own.wait(reply):
            raise SyncStopped

    def start(thread: threading.Thread) -> None:
        parent = _INBOXES.get(threading.current_thread())
        if parent is not None:
            seat(thread, parent)
        real_start(thread)

    def apart() -> io.StringIO:
        seated = _INBOXES.get(threading.current_thread())
        return output if seated is None else seated.output

    threading.Thread.start = start  # type: ignore[method-assign,assignment]  # its threads too
    time.sleep = sleep  # type: ignore[assignment]  # its annotation takes any number-like
    sys.stdout, sys.stderr = (_Router(stream, apart, is_guest) for stream in real_streams)
    try:
        yield
    finally:
        threading.Thread.start = real_start  # type: ignore[method-assign]
        time.sleep = real_sleep
        sys.stdout, sys.stderr = real_streams
