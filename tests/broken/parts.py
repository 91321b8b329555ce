"""One broken part for each F rule: a sync that forgets it, or the system that should keep it and does not.

A rule that the sync keeps is broken in the sync; one that ATS, the feed, Otus or the diagnosis keeps is broken
there. Each part is a context manager, as it changes the program while a story is played in it.
"""

import json
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from unittest.mock import patch

import msgspec

from fakes.otus.records import Settings
from otus_sync import app
from otus_sync.plan import planning
from otus_sync.plan.model import AccountChange, Plan
from simulator.diagnosis import Diagnosis
from simulator.feed import Feed

Nightly = Callable[[Mapping[str, str]], int]


def _planning_otherwise(change: Callable[[Plan], Plan]) -> AbstractContextManager[object]:
    def plan_from(*arguments: object) -> Plan:
        return change(planning.plan_from(*arguments))  # type: ignore[arg-type]  # handed on as they came

    return patch("otus_sync.run.plan_from", plan_from)


def after_the_run(more: Callable[[Mapping[str, str]], None]) -> AbstractContextManager[object]:
    """Let the sync do more when it has done all that it does."""
    honest = app.nightly

    def nightly(environ: Mapping[str, str]) -> int:
        code = honest(environ)
        more(environ)
        return code

    return patch("otus_sync.app.nightly", nightly)


def ask(url: str, token: str, body: object = None) -> object:
    """Ask a system beside the sync's own client."""
    content = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, content, headers)) as answer:
        return json.load(answer)


@contextmanager
def f1_the_sync_never_changes_an_email() -> Iterator[None]:
    def without_email(change: AccountChange) -> AccountChange:
        if change.write.id is None:
            return change
        return msgspec.structs.replace(change, write=msgspec.structs.replace(change.write, email=msgspec.UNSET))

    def forgetful(plan: Plan) -> Plan:
        chains = tuple(tuple(map(without_email, chain)) for chain in plan.chains)
        return msgspec.structs.replace(plan, accounts=tuple(map(without_email, plan.accounts)), chains=chains)

    with _planning_otherwise(forgetful):
        yield


@contextmanager
def f2_ats_takes_a_third_co_teacher() -> Iterator[None]:
    with patch("fakes.ats.rules.check_co_teachers", lambda section: None):
        yield


@contextmanager
def f3_the_feed_does_not_wait_for_the_schedule() -> Iterator[None]:
    honest = Feed._history_after

    def all_released(feed: Feed, number: int) -> list[object]:
        return [
            msgspec.structs.replace(change, released_at=change.released_at or change.at)
            for change in honest(feed, number)
        ]

    with patch.object(Feed, "_history_after", all_released):
        yield


@contextmanager
def f4_the_sync_works_from_what_it_read_the_first_night() -> Iterator[None]:
    from otus_sync.clever import CleverReader
    from otus_sync.plan import Gathered

    honest = CleverReader.read
    kept: list[Gathered] = []

    def stale(reader: CleverReader) -> Gathered:
        if not kept:
            kept.append(honest(reader))
        return kept[0]

    with patch.object(CleverReader, "read", stale):
        yield


@contextmanager
def f5_the_sync_sleeps_through_every_night() -> Iterator[None]:
    with patch("otus_sync.app.nightly", lambda environ: 0):
        yield


@contextmanager
def f6_the_sync_makes_accounts_for_clevers_staff() -> Iterator[None]:
    def make_accounts(environ: Mapping[str, str]) -> None:
        users: list[object] = []
        for role in ("staff", "district_admin"):
            page = ask(f"{environ['CLEVER_URL']}/v3.1/users?role={role}", environ["CLEVER_TOKEN"])
            users += page["data"]  # type: ignore[index]  # Clever's envelope
        rows = [
            {
                "clever_id": user["data"]["id"],  # type: ignore[index]
                "role": "teacher",
                "email": user["data"]["email"],  # type: ignore[index]
                "first_name": user["data"]["name"]["first"],  # type: ignore[index]
                "last_name": user["data"]["name"]["last"],  # type: ignore[index]
            }
            for user in users
        ]
        ask(f"{environ['OTUS_URL']}/api/v1/accounts/bulk", environ["OTUS_TOKEN"], {"rows": rows})

    with after_the_run(make_accounts):
        yield


@contextmanager
def f7_the_sync_overlooks_the_teachers() -> Iterator[None]:
    from otus_sync.clever_records import User
    from otus_sync.plan.people import Newcomers, Person

    honest = Newcomers.people

    def students_only(newcomers: Newcomers, users: Iterable[User]) -> list[Person]:
        return honest(newcomers, [user for user in users if user.roles.teacher is None])

    with patch.object(Newcomers, "people", students_only):
        yield


@contextmanager
def f8_the_sync_leaves_students_added_by_hand() -> Iterator[None]:
    def lenient(plan: Plan) -> Plan:
        classes = [msgspec.structs.replace(change, remove_by_hand=()) for change in plan.classes]
        return msgspec.structs.replace(plan, classes=tuple(change for change in classes if not change.is_empty()))

    with _planning_otherwise(lenient):
        yield


@contextmanager
def f9_the_sync_removes_co_teachers_added_by_hand() -> Iterator[None]:
    def everybody(wanted: object, by_hand: list[object], *_: object) -> tuple[int, ...]:
        return tuple(member.account for member in by_hand)  # type: ignore[attr-defined]

    with patch("otus_sync.plan.classes._wiped", everybody):
        yield


@contextmanager
def f10_the_sync_archives_classes_made_by_hand() -> Iterator[None]:
    def archive(environ: Mapping[str, str]) -> None:
        base, token = f"{environ['OTUS_URL']}/api/v1", environ["OTUS_TOKEN"]
        page = ask(f"{base}/classes?provenance=manual", token)
        rows = [
            {"id": klass["id"], "clever_id": f"unknown-{klass['id']}", "archived": True}
            for klass in page["items"]  # type: ignore[index]  # Otus's page
        ]
        ask(f"{base}/classes/bulk", token, {"rows": rows})

    with after_the_run(archive):
        yield


@contextmanager
def f11_otus_lets_anybody_make_a_class() -> Iterator[None]:
    with patch("fakes.otus.store.Store.settings", lambda store: Settings(manual_rostering=True)):
        yield


@contextmanager
def f12_the_diagnosis_always_says_to_wait() -> Iterator[None]:
    always = Diagnosis("not in Clever yet", "it always takes 72 hours")
    with patch("scenarios.expectations.diagnose", lambda world, student, class_name: always):
        yield
