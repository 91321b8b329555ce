"""Ctrl-C at the wrong moment: a program that has been started and not been noted yet would be left behind."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interrupts_deferred() -> Iterator[None]:
    """Let nobody interrupt a block; whoever tried has their way as soon as it has ended.

    Python tells its main thread alone of signals, so any other thread is left as it is. Signals are not blocked:
    a program started in the block would inherit that.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    handlers = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    ours = [number for number, handler in handlers.items() if callable(handler)]
    for number in ours:
        signal.signal(number, lambda *signalled: came.append(signalled))
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, handlers[number])
    for first, frame in came[:1]:
        handler = handlers[signal.Signals(first)]
        if callable(handler):
            handler(first, frame)
