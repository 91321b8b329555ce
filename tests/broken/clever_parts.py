"""One broken part for each thing that Clever does to a sync: a Clever that does it otherwise, or a sync that minds."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from fakes.clever import Clever, Row
from fakes.clever.identity import Identification
from fakes.clever.quirks import Oddities


@contextmanager
def clever_holds_nothing() -> Iterator[None]:
    with patch("fakes.clever.rules.look", lambda store, rows, settings: ((), ())):
        yield


@contextmanager
def a_released_hold_is_thrown_away() -> Iterator[None]:
    with patch.object(Clever, "release", Clever.discard):
        yield


@contextmanager
def a_discarded_hold_is_taken_in() -> Iterator[None]:
    with patch.object(Clever, "discard", Clever.release):
        yield


@contextmanager
def what_comes_behind_a_hold_is_lost() -> Iterator[None]:
    honest = Clever._put_off

    def put_off(clever: Clever, rows: Iterable[Row]) -> None:
        if isinstance(rows, list) and len(rows) > 1:  # the sync that is held, and no delivery of one change
            honest(clever, rows)

    with patch.object(Clever, "_put_off", put_off):
        yield


@contextmanager
def a_pause_stops_nothing() -> Iterator[None]:
    with patch.object(Clever, "pause", lambda clever, until=None: None):
        yield


@contextmanager
def the_pause_begins_on_the_last_day() -> Iterator[None]:
    with patch("fakes.clever.summer.PAUSE_BEFORE_LAST_DAY_DAYS", 0):
        yield


@contextmanager
def ids_are_remembered_for_ever() -> Iterator[None]:
    class Remembering(Identification):
        def __init__(self, store: Any, ids: Any, now: Any, memory_days: float, **more: bool) -> None:
            super().__init__(store, ids, now, 10 * memory_days, **more)

    with patch("fakes.clever.rules.Identification", Remembering):
        yield


@contextmanager
def nobody_merges() -> Iterator[None]:
    with patch("fakes.clever.identity.merging_email", lambda entry: None):
        yield


@contextmanager
def the_staff_half_keeps_the_id() -> Iterator[None]:
    with patch("fakes.clever.identity.ADULTS", ("staff", "teacher", "district_admin")):
        yield


@contextmanager
def everything_is_shared() -> Iterator[None]:
    with patch.object(Clever, "share_all_but", lambda clever, schools: None):
        yield


@contextmanager
def the_sync_takes_emails_as_they_come() -> Iterator[None]:
    with patch("otus_sync.plan.people._usable", lambda email: email or ""):
        yield


@contextmanager
def the_sync_wants_an_at_in_every_email() -> Iterator[None]:
    with patch("otus_sync.plan.people._usable", lambda email: email.strip() if email and "@" in email else ""):
        yield


@contextmanager
def terms_keep_their_ids() -> Iterator[None]:
    with patch.object(Oddities, "terms_reissued", property(lambda oddities: False)):
        yield
