"""Syncs that break one rule each, by what they write: told apart where their rows leave for Otus, however they plan.

Each is a context manager in which the sync that comes along does one thing otherwise, and everything else right.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

import msgspec
from msgspec import UNSET

from fakes.ats.records import Change
from fakes.clever.sftp import CsvFolder
from fakes.clever.sftp.columns import LAYOUTS
from fakes.clever.sftp.folder import _empty
from fakes.otus import rights
from otus_sync import app
from otus_sync.errors import SyncError
from otus_sync.events import Followed
from otus_sync.otus import OtusClient
from otus_sync.otus_records import AccountWrite, ClassWrite, Roster, RowResult, RunEdit
from otus_sync.plan.matching import _Matcher
from simulator.feed import Feed
from tests.broken.parts import after_the_run, ask

Row = TypeVar("Row", AccountWrite, ClassWrite)
Altered = Callable[[Row], Row | None]
"""Gives another row instead of one, or none."""


def _writing(method: str, altered: Altered[Row]) -> AbstractContextManager[object]:
    """Let rows be altered on their way; the sync is told that those which were left out are as it wanted them."""
    honest = getattr(OtusClient, method)

    def write(client: OtusClient, rows: Sequence[Row]) -> list[RowResult]:
        changed = [altered(row) for row in rows]
        sent = [row for row in changed if row is not None]
        results = iter(honest(client, sent) if sent else [])
        left_out = [RowResult("unchanged", row.id) for row in rows]
        return [left_out[place] if row is None else next(results) for place, row in enumerate(changed)]

    return patch.object(OtusClient, method, write)


def _accounts(altered: Altered[AccountWrite]) -> AbstractContextManager[object]:
    return _writing("write_accounts", altered)


def _classes(altered: Altered[ClassWrite]) -> AbstractContextManager[object]:
    return _writing("write_classes", altered)


def with_settings(**settings: str) -> AbstractContextManager[object]:
    """Let the sync have other settings than it is told."""
    honest = app.nightly
    return patch("otus_sync.app.nightly", lambda environ: honest({**environ, **settings}))


replace = msgspec.structs.replace


# ---------------------------------------------------------------- accounts


def makes_no_accounts() -> AbstractContextManager[object]:
    """F7, H11."""
    return _accounts(lambda row: None if row.id is None else row)


def leaves_emails_alone() -> AbstractContextManager[object]:
    """F1, A7, A11."""
    return _accounts(lambda row: row if row.id is None else replace(row, email=UNSET))


def shouts_emails() -> AbstractContextManager[object]:
    """A11: every e-mail that it writes is in capitals."""
    return _accounts(lambda row: row if row.email is UNSET else replace(row, email=row.email.upper()))


def deactivates_nobody() -> AbstractContextManager[object]:
    """A13."""
    return _accounts(lambda row: None if row.active is False else row)


def reactivates_nobody() -> AbstractContextManager[object]:
    """A13, on the way back."""
    return _accounts(lambda row: replace(row, active=UNSET) if row.active is True and row.id is not None else row)


def takes_every_account_for_a_new_person() -> AbstractContextManager[object]:
    """H5, A10: whoever has an account by hand, or waits for Support, is looked for no further."""
    stack = ExitStack()
    stack.enter_context(patch.object(_Matcher, "_by_email", lambda matcher, person: None))
    stack.enter_context(patch.object(_Matcher, "_by_sis_id", lambda matcher, person: None))
    return stack


def heeds_no_conflict() -> AbstractContextManager[object]:
    """A10, H4: whoever's SIS id or e-mail belongs to another, or who has none, is rostered all the same."""
    return patch.object(_Matcher, "_hindrance", lambda matcher, person: None)


def keeps_what_changed_in_otus() -> AbstractContextManager[object]:
    """A7: a rostered account that is there is never written again."""
    return _accounts(lambda row: row if row.id is None or row.active is not UNSET else None)


# ---------------------------------------------------------------- classes


def makes_no_classes() -> AbstractContextManager[object]:
    """H11, A17."""
    return _classes(lambda row: None if row.id is None else row)


def changes_no_rosters() -> AbstractContextManager[object]:
    """F4, H1: who is in a class stays in it, and nobody comes."""
    return _classes(lambda row: row if row.id is None else replace(row, roster=UNSET))


def knows_one_teacher_a_class() -> AbstractContextManager[object]:
    """F9, A8: reads `teacher` and not `teachers`."""

    def altered(row: ClassWrite) -> ClassWrite:
        return row if row.roster is UNSET else replace(row, roster=replace(row.roster, co_teachers=()))

    return _classes(altered)


def puts_every_teacher_first() -> AbstractContextManager[object]:
    """F4: of several teachers the main one is the last."""

    def turned(roster: Roster) -> Roster:
        everyone = [teacher for teacher in (roster.teacher, *roster.co_teachers) if teacher is not None]
        return replace(roster, teacher=everyone[-1], co_teachers=tuple(everyone[:-1])) if everyone else roster

    return _classes(lambda row: row if row.roster is UNSET else replace(row, roster=turned(row.roster)))


def archives_nothing() -> AbstractContextManager[object]:
    """A12."""
    return _classes(lambda row: None if row.archived is True else row)


def brings_no_class_back() -> AbstractContextManager[object]:
    """A12, H2."""
    return _classes(lambda row: replace(row, archived=UNSET) if row.archived is False else row)


def leaves_by_hand_students() -> AbstractContextManager[object]:
    """F8, H6."""
    return _classes(lambda row: replace(row, remove_by_hand=()))


def empties_what_it_archives() -> AbstractContextManager[object]:
    """A12: nothing of an archived class is kept for its return."""
    return _classes(lambda row: replace(row, roster=Roster()) if row.archived is True else row)


def stumbles_over_ids_that_lead_nowhere() -> AbstractContextManager[object]:
    """A16."""
    from otus_sync.plan.wanted import dangling

    def stopping(*arguments: object) -> object:
        found = dangling(*arguments)  # type: ignore[arg-type]  # handed on as they came
        if found:
            raise SyncError(f"{len(found)} sections name ids that lead nowhere")
        return found

    return patch("otus_sync.plan.desired.dangling", stopping)


# ---------------------------------------------------------------- the run as a whole


def minds_the_other_edition() -> AbstractContextManager[object]:
    """H3: whatever the district has chosen."""
    honest = app.nightly
    other = {"keep": "only_without_rostered", "only_without_rostered": "keep"}

    def nightly(environ: Mapping[str, str]) -> int:
        chosen = other[environ["SYNC_BY_HAND_CO_TEACHERS"]]
        return honest({**environ, "SYNC_BY_HAND_CO_TEACHERS": chosen})

    return patch("otus_sync.app.nightly", nightly)


def names_classes_the_other_way() -> AbstractContextManager[object]:
    """H10: whatever the district has chosen."""
    honest = app.nightly
    other = {"true": "false", "false": "true"}

    def nightly(environ: Mapping[str, str]) -> int:
        chosen = other[environ["SYNC_OVERWRITE_CLASS_NAMES"]]
        return honest({**environ, "SYNC_OVERWRITE_CLASS_NAMES": chosen})

    return patch("otus_sync.app.nightly", nightly)


def guards_nothing() -> AbstractContextManager[object]:
    """A14: removes whatever Clever no longer has, however much."""
    return with_settings(SYNC_GUARD_PERCENT="100")


def guards_everything() -> AbstractContextManager[object]:
    """A14: a single removal is too many."""
    return with_settings(SYNC_GUARD_PERCENT="0", SYNC_GUARD_MINIMUM="1")


def trusts_events_for_ever() -> AbstractContextManager[object]:
    """A5: follows Clever's events however long ago it last did."""
    return with_settings(SYNC_FOLLOW="events", SYNC_EVENTS_KEPT_DAYS="365", SYNC_EVENTS_MARGIN_DAYS="0")


def overlooks_what_events_take_away() -> AbstractContextManager[object]:
    """A5: an event that something is gone is no event to it."""
    return patch.object(Followed, "_let_go", lambda followed, kind, key: False)


def works_through_a_pause() -> AbstractContextManager[object]:
    """H9: takes Otus's pause for a failure of its own, and says nothing of it."""
    return patch("otus_sync.lease.PAUSED", "it could not be done")


def says_that_all_is_well() -> AbstractContextManager[object]:
    """A15: does nothing after its first night, and ends well."""
    honest, nights = app.nightly, [0]

    def nightly(environ: Mapping[str, str]) -> int:
        nights[0] += 1
        return honest(environ) if nights[0] == 1 else 0

    return patch("otus_sync.app.nightly", nightly)


def calls_every_failure_a_success() -> AbstractContextManager[object]:
    """A15: a run that could not even begin says nothing of it."""
    honest = app.nightly
    return patch("otus_sync.app.nightly", lambda environ: honest(environ) and 0)


def reports_nobody() -> AbstractContextManager[object]:
    """A10, A11, H4: whoever cannot be rostered is passed over in silence."""
    honest = OtusClient.report

    def report(client: OtusClient, run: int, edit: RunEdit) -> None:
        honest(client, run, replace(edit, problems=UNSET))

    return patch.object(OtusClient, "report", report)


def writes_for_the_sake_of_it() -> AbstractContextManager[object]:
    """A15: every run writes something, if only an empty batch."""
    honest = OtusClient.report

    def report(client: OtusClient, run: int, edit: RunEdit) -> None:
        client.write_accounts([])
        honest(client, run, edit)

    return patch.object(OtusClient, "report", report)


def rests_after_it_was_killed() -> AbstractContextManager[object]:
    """A15: takes what a run that was killed had begun for done."""
    honest = app.nightly

    def nightly(environ: Mapping[str, str]) -> int:
        mark = Path(environ["SYNC_STATE_DIR"], "begun")
        if mark.exists():
            mark.unlink()
            return 0
        mark.touch()
        code = honest(environ)
        mark.unlink()
        return code

    return patch("otus_sync.app.nightly", nightly)


# ---------------------------------------------------------------- rules that the systems keep, and not the sync


@contextmanager
def the_feed_takes_no_time() -> Iterator[None]:
    """A2, F4: what the office does is in Clever at once."""

    def due(feed: Feed, change: Change) -> datetime:
        return feed._clock()

    with patch.object(Feed, "_due", due):
        yield


@contextmanager
def the_feed_is_a_minute_late() -> Iterator[None]:
    """A4: what is due at the instant of the sync comes after it."""
    honest = Feed._due

    def due(feed: Feed, change: Change) -> datetime:
        return honest(feed, change) + timedelta(minutes=1)

    with patch.object(Feed, "_due", due):
        yield


@contextmanager
def the_feed_mixes_up_the_order() -> Iterator[None]:
    """A2: the changes of one record overtake one another."""
    honest = Feed._due

    def due(feed: Feed, change: Change) -> datetime:
        feed._last_due.clear()
        return honest(feed, change) + timedelta(hours=(7 * change.number) % 48)

    with patch.object(Feed, "_due", due):
        yield


@contextmanager
def otus_lets_everybody_do_everything() -> Iterator[None]:
    """H8, F11."""
    everybody = tuple(rights.IN_WORDS)
    with patch.dict(rights.RIGHTS, dict.fromkeys(rights.RIGHTS, everybody)):
        yield


@contextmanager
def otus_deletes_the_work_of_who_leaves() -> Iterator[None]:
    """H7."""
    from fakes.otus.records import WorkPage
    from fakes.otus.work import HandIns

    with patch.object(HandIns, "page", lambda *_: WorkPage([], None)):
        yield


@contextmanager
def otus_lets_the_sync_have_its_admins() -> Iterator[None]:
    """F6: the sync deactivates whom Clever does not know, admins as well, and Otus does not mind."""

    def deactivate(environ: Mapping[str, str]) -> None:
        url, token = f"{environ['OTUS_URL']}/api/v1/accounts", environ["OTUS_TOKEN"]
        admins = ask(f"{url}?role=admin", token)["items"]  # type: ignore[index]  # Otus's page
        rows = [{"id": admin["id"], "clever_id": f"none-{admin['id']}", "active": False} for admin in admins]
        ask(f"{url}/bulk", token, {"rows": rows})

    with after_the_run(deactivate), patch("fakes.otus.account_writes._refusal", lambda *_: None):
        yield


def clever_takes_half_a_folder() -> AbstractContextManager[object]:
    """A5: what is not in the folder is gone, to it."""

    def padded(folder: CsvFolder) -> Mapping[str, bytes]:
        empty = {layout.file: _empty(layout) for layout in LAYOUTS.values() if layout.required}
        return {**empty, **folder._files}

    return patch.object(CsvFolder, "_complete_files", padded)


@contextmanager
def otus_never_pauses() -> Iterator[None]:
    """H9."""
    from fakes.otus.records import SettingsEdit
    from fakes.otus.rules import Otus

    honest = Otus.change_settings

    def change(otus: Otus, actor: rights.Actor, edit: SettingsEdit) -> object:
        return honest(otus, actor, msgspec.structs.replace(edit, sync_paused=UNSET))

    with patch.object(Otus, "change_settings", change):
        yield
