"""A night over a district's files without processes: both fakes behind threads of this one."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

from cheroot.wsgi import Server as CherootServer

from fakes.clever import Clever, CleverSettings, create_app
from fakes.clever import Store as CleverStore
from fakes.otus import Otus, OtusTokens
from fakes.otus import Store as OtusStore
from fakes.otus import create_app as otus_app
from fakes.shared.database import open_to_read
from loadtests.district import clever_token

UNLIMITED = CleverSettings(rate_limit_per_minute=10**9)
Nightly = Callable[[Mapping[str, str]], int]


def synced(folder: Path, nightly: Nightly, state: Path) -> None:
    """Run a night; it must succeed."""

    def now() -> datetime:
        return datetime.now(UTC)

    with ExitStack() as stack:
        store = CleverStore(connection=open_to_read(folder / "clever.db"))
        clever = stack.enter_context(closing(Clever(now, settings=UNLIMITED, store=store)))
        otus = stack.enter_context(closing(Otus(now, OtusStore(folder / "otus.db", served=True))))
        addresses = [_served(stack, create_app(clever)), _served(stack, otus_app(otus, OtusTokens("one", "other")))]
        environment = {
            "CLEVER_URL": addresses[0],
            "CLEVER_TOKEN": clever_token(folder),
            "OTUS_URL": addresses[1],
            "OTUS_TOKEN": "one",
            "SYNC_STATE_DIR": str(state),
        }
        assert nightly(environment) == 0


def _served(stack: ExitStack, application: Any) -> str:
    server = CherootServer(("127.0.0.1", 0), application, numthreads=1)
    server.expiration_interval, server.shutdown_timeout = 0.02, 0.1
    server.prepare()
    thread = Thread(target=server.serve)
    thread.start()
    stack.callback(thread.join)
    stack.callback(server.stop)
    return f"http://127.0.0.1:{server.bind_addr[1]}"
