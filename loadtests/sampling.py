"""Looks at something again and again in a thread of its own, while something else goes on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def sampled(name: str, sample_on: Callable[[], None], over: threading.Event) -> Iterator[None]:
    """Sample until the block ends.

    Args:
        name: of the thread.
        sample_on: samples until the event is set.
        over: set at the end.
    """
    thread = threading.Thread(target=sample_on, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
