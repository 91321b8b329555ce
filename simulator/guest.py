"""A sync that runs as a guest in this process: its sleeps are events of the simulation, its output is kept apart."""

import io
import queue
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from simulator.gateway import Inbox, Sleep

HARNESS_THREADS = ("rostersim-", "CP Server")
"""Threads of the simulation and of its HTTP servers, by the beginning of their names; the rest are the sync's."""


class SyncStopped(BaseException):
    """Raised in the sync's thread when the harness has stopped it; no ``except Exception`` holds it up."""


@contextmanager
def hosted(inbox: Inbox, output: io.StringIO) -> Iterator[None]:
    """Host a sync in threads of this process until the block ends.

    ``time.sleep`` of every thread but the harness's own becomes an event of the simulation and costs no real
    time, and what such a thread prints goes to ``output``. A thread that waits otherwise (``Event.wait``,
    ``select``) waits for real; the real-time limit of a run holds it in bounds.

    Args:
        inbox: of the world.
        output: takes what the sync prints.
    """
    simulation_thread = threading.current_thread()

    def is_guest() -> bool:
        thread = threading.current_thread()
        return thread is not simulation_thread and not thread.name.startswith(HARNESS_THREADS)

    real_sleep, real_streams = time.sleep, (sys.stdout, sys.stderr)

    def sleep(seconds: float) -> None:
        if not is_guest():
            real_sleep(seconds)
            return
        reply: queue.SimpleQueue[bool] = queue.SimpleQueue()
        inbox.put(Sleep(seconds, reply))
        if not reply.get():
            raise SyncStopped

    class Router(io.TextIOBase):
        """Writes a guest's text apart, everybody else's where it always went."""

        def __init__(self, real: TextIO) -> None:
            self._real = real

        def write(self, text: str) -> int:
            return (output if is_guest() else self._real).write(text)

        def flush(self) -> None:
            self._real.flush()

        def isatty(self) -> bool:
            return not is_guest() and self._real.isatty()

        @property
        def encoding(self) -> str:  # type: ignore[override]  # TextIOBase declares a plain attribute
            return self._real.encoding

        def fileno(self) -> int:
            return self._real.fileno()

    time.sleep = sleep
    sys.stdout, sys.stderr = Router(sys.stdout), Router(sys.stderr)  # type: ignore[assignment]  # a text stream all the same
    try:
        yield
    finally:
        time.sleep = real_sleep
        sys.stdout, sys.stderr = real_streams
