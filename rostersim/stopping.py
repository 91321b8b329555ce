"""How a command that goes on for a while is ended from outside."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

EXIT_INTERRUPTED = 130
"""The exit code of a command that Ctrl-C or SIGTERM has ended, as shells have it."""


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end what goes on as Ctrl-C does: worlds are closed, workers, syncs and servers ended."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set a signal's handler
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
