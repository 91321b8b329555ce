"""How a run of the sync ends, what it costs in simulated time, and what the journal keeps of it."""

import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from fakes.ats.records import Enrolling
from simulator.sut import CommandSut, read_spec
from tests.processes import is_alive
from tests.simulator.builders import ALGEBRA, BEN, MEI, Client, asking, idle, nights, the_end, world_of

REAL_SYNC = "callable: otus_sync.app:nightly"


def begin(client: Client) -> int:
    """Begin a run in Otus, as every sync should."""
    return int(client.otus("POST", "/sync-runs", {}).json()["id"])


def report(client: Client, run: int, **what: Any) -> None:
    assert client.otus("PATCH", f"/sync-runs/{run}", what).status == 200


def reporting(status: str, reason: str = "", code: int = 0) -> Any:
    def sync(environ: Mapping[str, str]) -> int:
        with Client(environ) as client:
            run = begin(client)
            if status != "running":
                report(client, run, status=status, reason=reason)
        return code

    return sync


# ---------------------------------------------------------------- outcomes


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        ("succeeded", 0, "succeeded"),
        ("held", 3, "held"),
        ("failed", 1, "failed"),
        ("failed", 0, "failed"),
        ("running", 0, "crashed"),
        ("running", 1, "crashed"),
        ("succeeded", 1, "crashed"),
    ],
)
def test_a_run_ends_as_its_record_in_otus_says_unless_its_exit_code_belies_it(
    status: str, code: int, outcome: str
) -> None:
    with world_of(reporting(status, "because", code)) as world:
        nights(world)
        end = the_end(world)
    assert end.outcome == outcome
    assert end.reason == ("because" if outcome != "crashed" else f"it ended with exit code {code}" if code else "")


@pytest.mark.parametrize(("code", "outcome"), [(0, "succeeded"), (1, "failed"), (-9, "failed")])
def test_a_sync_that_keeps_no_record_is_judged_by_its_exit_code(code: int, outcome: str) -> None:
    with world_of(lambda _environ: code) as world:
        nights(world)
        assert (the_end(world).outcome, the_end(world).report) == (outcome, None)


def test_the_record_of_a_former_night_is_not_taken_for_this_ones() -> None:
    calls: list[int] = []

    def sync(environ: Mapping[str, str]) -> int:
        calls.append(1)
        return reporting("held")(environ) if len(calls) == 1 else 0

    with world_of(sync) as world:
        nights(world, 2)
        assert [(end.outcome, end.report is None) for end in world.runner.ends] == [
            ("held", False),
            ("succeeded", True),
        ]


# ---------------------------------------------------------------- what it costs


def test_every_request_costs_its_latency_and_nothing_else_costs_any_time() -> None:
    def three(client: Client) -> None:
        for _ in range(3):
            client.clever("/v3.1/users")

    with world_of(asking(three), latency_ms=250) as world:
        nights(world)
        end = the_end(world)
    assert (end.requests, end.ended - end.started) == (3, timedelta(milliseconds=750))


def test_writes_are_requests_that_change_accounts_or_classes() -> None:
    def work(client: Client) -> None:
        run = begin(client)
        client.otus("GET", "/accounts")
        client.clever("/v3.1/users")
        client.otus("POST", "/accounts/bulk", {"rows": []})
        report(client, run, status="succeeded")

    with world_of(asking(work)) as world:
        nights(world)
        assert (the_end(world).requests, the_end(world).writes) == (5, 1)


# ---------------------------------------------------------------- the journal


def test_the_journal_has_the_night_its_requests_and_its_end_and_no_port_or_token() -> None:
    def sync(environ: Mapping[str, str]) -> int:
        with Client(environ) as client:
            client.clever("/v3.1/users?limit=1")
            client.otus("GET", "/nothing")
        raise RuntimeError(f"{environ['OTUS_URL']} refuses {environ['OTUS_TOKEN']}")

    with world_of(sync) as world:
        nights(world)
        journal = world.journal.encode().decode()
        environ = world.sync_environment(world.state_folder)
        told = [(entry.lane, entry.kind, entry.what, entry.good) for entry in world.journal.entries]
        facts = world.journal.entries[-1].facts
    assert told == [
        ("sync", "night", "begins", None),
        ("clever", "request", "GET /v3.1/users?limit=1", True),
        ("otus", "request", "GET /api/v1/nothing", False),
        ("sync", "night", "ends: failed", False),
    ]
    assert facts == {
        "outcome": "failed",
        "requests": "2",
        "writes": "0",
        "reason": "RuntimeError: $OTUS_URL refuses $OTUS_TOKEN",
    }
    for secret in (environ["CLEVER_TOKEN"], environ["OTUS_TOKEN"], environ["OTUS_URL"], "127.0.0.1"):
        assert secret not in journal


# ---------------------------------------------------------------- the rehearsal


def enrol_mei(world: Any) -> None:
    section, mei = world.directory.sections[ALGEBRA], world.directory.people[MEI]
    assert world.ats_api("POST", f"/sections/{section}/students", Enrolling(mei.id)).code == 201
    world.feed.look()


def test_a_second_run_of_the_real_sync_changes_nothing_and_leaves_no_trace() -> None:
    with world_of(read_spec(REAL_SYNC)) as world:
        enrol_mei(world)
        nights(world, 4)
        before = (world.journal.encode(), world.clock(), world.otus_view(), world.runs(), len(world.runner.ends))
        with_ledger = sorted(path.name for path in world.state_folder.iterdir())
        world.play(rehearsing(world))
        assert rehearsed[-1] == ("succeeded", 0, True)
        assert before == (
            world.journal.encode(),
            world.clock(),
            world.otus_view(),
            world.runs(),
            len(world.runner.ends),
        )
        assert sorted(path.name for path in world.state_folder.iterdir()) == with_ledger
        assert world.running is None


rehearsed: list[tuple[str, int, bool]] = []


def rehearsing(world: Any) -> Any:
    rehearsed.append(tuple(world.runner.rehearse()))
    yield world.clock.after(timedelta())


def test_a_second_run_that_waits_for_the_rate_limit_gets_its_turn() -> None:
    """Time passes in a rehearsal, for the copy alone: else a 429 would never end."""
    with world_of(read_spec(REAL_SYNC), rate_limit_per_minute=3) as world:
        nights(world)
        assert the_end(world).outcome == "succeeded"
        now = world.clock()
        world.play(rehearsing(world))
        assert rehearsed[-1] == ("succeeded", 0, True)
        assert world.clock() == now


def test_a_second_run_that_writes_is_found_out() -> None:
    def restless(client: Client) -> None:
        students = client.otus("GET", "/accounts?role=student").json()["items"]
        ben = next(account for account in students if account["last_name"] == "Okri")
        row = {"id": ben["id"], "clever_id": ben["clever_id"], "first_name": ben["first_name"] + "!"}
        client.otus("POST", "/accounts/bulk", {"rows": [row]})

    with world_of(asking(restless)) as world:
        nights(world)
        ben = world.directory.people[BEN]
        assert [a.first_name for a in world.otus_view().accounts.values() if a.sis_id == ben.id] == ["Ben!"]
        world.play(rehearsing(world))
        assert rehearsed[-1] == ("succeeded", 1, False)
        assert [a.first_name for a in world.otus_view().accounts.values() if a.sis_id == ben.id] == ["Ben!"]


def test_a_second_run_that_hangs_is_stopped_and_the_clock_shows_the_worlds_time_again() -> None:
    calls: list[int] = []

    def sync(_environ: Mapping[str, str]) -> int:
        calls.append(1)
        while len(calls) == 2:
            time.sleep(600)
        return 0

    with world_of(sync) as world:
        nights(world)
        now = world.clock()
        world.play(rehearsing(world))
        assert rehearsed[-1][0] == "hung"
        assert world.clock() == now
        nights(world)
        assert the_end(world).outcome == "succeeded"


def test_a_rehearsal_that_is_interrupted_leaves_no_program_behind() -> None:
    with world_of(CommandSut([sys.executable, "-c", "import time; time.sleep(600)"])) as world:

        def interrupted(_real_seconds_max: float) -> None:
            raise KeyboardInterrupt

        world.inbox.get, get = interrupted, world.inbox.get  # type: ignore[method-assign,assignment]
        with pytest.raises(KeyboardInterrupt):
            world.runner.rehearse()
        world.inbox.get = get  # type: ignore[method-assign]
        pid = world.running._process.pid  # type: ignore[union-attr]
        assert is_alive(pid)
    assert not is_alive(pid)


def test_a_sync_that_does_nothing_is_a_sync() -> None:
    with world_of(idle) as world:
        nights(world, 3)
        assert [(end.night, end.requests, end.outcome) for end in world.runner.ends] == [
            (night, 0, "succeeded") for night in (1, 2, 3)
        ]
