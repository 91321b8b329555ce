"""The process's time while a sync runs inside it: frozen, and moved by the simulation's clock alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC

import freezegun
import freezegun.api
import freezegun.config

from simulator.clock import Clock

UNFROZEN = (
    "fakes",
    "simulator",
    "scenarios",
    "reports",
    "loadtests",
    "rostersim",
    "cheroot",
    "flask",
    "werkzeug",
    "rich",
    "concurrent",
    "faker",
    "_pytest",
    "xdist",
    "execnet",
    "hypothesis",
    # These have no use for the time; each module that need not be looked through makes a story's start quicker.
    "click",
    "jinja2",
    "msgspec",
    "numpy",
    "simpy",
    "yaml",
)
"""Modules that keep the real time: the harness has its own clock, and servers and progress bars need the real one.
The sync under test and all it uses see the simulated time."""

freezegun.config.configure(extend_ignore_list=list(UNFROZEN))
freezegun.api.call_stack_inspection_limit = 1  # looking one frame up finds the caller, and is cheap


@contextmanager
def frozen_time(clock: Clock) -> Iterator[None]:
    """Freeze the process's time at the clock's, and let the clock move it, until the block ends."""
    with freezegun.freeze_time(clock().astimezone(UTC).replace(tzinfo=None)) as frozen:
        clock.frozen = frozen
        try:
            yield
        finally:
            clock.frozen = None
