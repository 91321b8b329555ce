"""Syncs that a bad night finds out: each forgets one thing, and is a good sync on every other night."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from unittest.mock import patch

import msgspec
import urllib3

from otus_sync import app
from otus_sync.ledger import Ledger
from otus_sync.otus_records import SyncRun
from otus_sync.plan import planning
from otus_sync.plan.model import Plan
from simulator.feed import Feed

Nightly = Callable[[Mapping[str, str]], int]


def _with_settings(**settings: str) -> AbstractContextManager[object]:
    honest = app.nightly
    return patch("otus_sync.app.nightly", lambda environ: honest({**environ, **settings}))


def asks_only_once() -> AbstractContextManager[object]:
    return _with_settings(SYNC_ATTEMPTS="1")


def reads_clever_only_once() -> AbstractContextManager[object]:
    return _with_settings(SYNC_READS_MAX="1")


def asks_for_every_record_alone() -> AbstractContextManager[object]:
    return _with_settings(SYNC_PAGE_LIMIT="1")


def leaves_its_dead_runs_alone() -> AbstractContextManager[object]:
    return patch("otus_sync.lease.left_behind_of", lambda runs, ours: None)


def waits_by_its_own_clock() -> AbstractContextManager[object]:
    def limited_seconds(response: urllib3.BaseHTTPResponse) -> float | None:
        import time

        seconds = float(response.headers["x-ratelimit-reset"]) - time.time()
        return seconds if seconds > 0 else None

    return patch("otus_sync.http._limited_seconds", limited_seconds)


def keeps_its_first_token() -> AbstractContextManager[object]:
    honest = app.nightly
    first: dict[str, str] = {}

    def nightly(environ: Mapping[str, str]) -> int:
        first.setdefault("CLEVER_TOKEN", environ["CLEVER_TOKEN"])
        return honest({**environ, **first})

    return patch("otus_sync.app.nightly", nightly)


def gives_up_a_class_that_has_changed_meanwhile() -> AbstractContextManager[object]:
    return patch("otus_sync.run.plan_classes_anew", lambda *_, **__: {})


@contextmanager
def takes_over_whoever_runs() -> Iterator[None]:
    def running(runs: list[SyncRun], _ours: object) -> int | None:
        return next((run.id for run in runs if run.status == "running"), None)

    with (
        patch("otus_sync.lease.left_behind_of", running),
        patch.object(Ledger, "alone", lambda *_: nullcontext()),
    ):
        yield


def forgets_who_has_left() -> AbstractContextManager[object]:
    honest = planning.plan_from

    def forgetful(*arguments: object) -> Plan:
        plan = honest(*arguments)  # type: ignore[arg-type]  # handed on as they came
        return msgspec.structs.replace(plan, deactivations=())

    return patch("otus_sync.run.plan_from", forgetful)


def loses_what_comes_twice() -> AbstractContextManager[object]:
    return patch.object(Feed, "deliver_again", Feed.lose)
