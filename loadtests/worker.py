"""What runs in a server's process: one fake over a district's files, by the real clock, behind granian."""

import errno
import gc
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from fakes.clever import Clever, CleverSettings
from fakes.clever import Store as CleverStore
from fakes.clever import create_app as clever_app
from fakes.otus import Otus, OtusTokens
from fakes.otus import Store as OtusStore
from fakes.otus import create_app as otus_app
from fakes.shared.access_log import AccessLog
from fakes.shared.database import open_to_read

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SYSTEM_VARIABLE = "ROSTERSIM_SERVED_SYSTEM"
"""The environment variable that tells a server's process what to serve: it reaches the workers too, and no list of
processes shows it, which would show tokens."""

System = Literal["clever", "otus"]

EXIT_PORT_TAKEN = 98
"""Of a server's process that somebody else has been quicker to its port than."""

ALLOCATIONS_PER_COLLECTION = 200_000
BLOCKING_THREADS = 1
"""A store is one connection, and its requests take turns."""


class ServedSystem(msgspec.Struct, frozen=True):
    """What a server's process is to serve."""

    system: System
    store: str
    port: int
    workers: int
    access_log: str | None = None
    rate_limit_per_minute: int = 0
    """Of Clever."""
    integration_token: str = ""
    """Of Otus."""
    support_token: str = ""
    """Likewise."""


def now() -> datetime:
    """Tell the real time: a district under load has no other."""
    return datetime.now(UTC)


def told() -> ServedSystem:
    """Read what this process is to serve."""
    return msgspec.json.decode(os.environ[SYSTEM_VARIABLE], type=ServedSystem)


def application() -> "WSGIApplication":
    """Make the application; every worker calls this once."""
    served = told()
    _collect_seldom()
    make: dict[System, Callable[[ServedSystem], WSGIApplication]] = {"clever": _clever, "otus": _otus}
    made = make[served.system](served)
    if served.access_log is None:
        return made
    return AccessLog(made, served.system, Path(served.access_log), now, time.perf_counter_ns)


def _collect_seldom() -> None:
    """Let Python look for circles of garbage seldom: a bulk write makes a million objects, and not one circle."""
    gc.freeze()
    gc.set_threshold(ALLOCATIONS_PER_COLLECTION, 50, 100)


def _clever(served: ServedSystem) -> "WSGIApplication":
    settings = CleverSettings(rate_limit_per_minute=served.rate_limit_per_minute)
    return clever_app(Clever(now, settings=settings, store=CleverStore(connection=open_to_read(served.store))))


def _otus(served: ServedSystem) -> "WSGIApplication":
    tokens = OtusTokens(integration=served.integration_token, support=served.support_token)
    return otus_app(Otus(now, OtusStore(served.store, served=True)), tokens)


def _end_with_parent() -> None:
    """End the whole group of processes when whoever started it is gone: its end of standard input closes then."""
    # Not through sys.stdin: a worker is forked while this waits, and would wait for its lock for ever.
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Serve until told to stop."""
    from granian import Granian  # noqa: PLC0415 - only a server's process needs it
    from granian.constants import HTTPModes, Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    served = told()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    granian = Granian(
        "loadtests.worker:application",
        address="127.0.0.1",
        port=served.port,
        interface=Interfaces.WSGI,
        workers=served.workers,
        blocking_threads=BLOCKING_THREADS,
        factory=True,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
    )
    try:
        granian.serve()
    except RuntimeError as error:
        if f"os error {errno.EADDRINUSE}" not in str(error):  # granian's only word for it
            raise
        raise SystemExit(EXIT_PORT_TAKEN) from None


if __name__ == "__main__":
    main()
