"""A world: its copy leaves no trace, nothing of it is left afterwards, and no answer knows the real year."""

import os
import re
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fakes.otus.records import NewAccount
from simulator.clock import NEW_YORK, Order
from simulator.district import Admin, CleverOnly, District, Person, School, Section
from simulator.gateway import PortInUseError
from simulator.guest import SyncStopped
from simulator.past import PastError
from simulator.sut import read_spec
from tests.simulator.builders import (
    ALGEBRA,
    BEN,
    DBN,
    MONDAY,
    ROSA,
    Client,
    asking,
    idle,
    nights,
    small_district,
    the_end,
    world_of,
)

REAL_SYNC = "callable: otus_sync.app:nightly"


# ---------------------------------------------------------------- the past


def test_all_three_systems_agree_when_a_story_begins() -> None:
    with world_of() as world:
        clever, otus = world.clever_view(), world.otus_view()
        directory = world.directory
        assert {user.sis_id for user in clever.users.values()} == {person.id for person in directory.people.values()}
        klass = next(iter(otus.classes.values()))
        members = {otus.accounts[key].sis_id: part for key, part in otus.members(klass.id).items()}
        assert members == {
            directory.people[ROSA].id: ("teacher", "clever"),
            directory.people[BEN].id: ("student", "clever"),
        }
        assert {account.clever_id for account in otus.accounts.values()} == set(clever.users)


def test_the_real_sync_has_nothing_to_do_on_the_first_night() -> None:
    district = small_district()
    with world_of(read_spec(REAL_SYNC), district) as world:
        nights(world)
        assert (the_end(world).outcome, the_end(world).writes) == ("succeeded", 0)


def test_the_past_lies_in_the_past_and_the_journal_is_empty() -> None:
    with world_of() as world:
        assert world.clock() == MONDAY
        assert world.journal.entries == []
        assert {account.created[:10] for account in world.otus_view().accounts.values()} == {"2026-08-19"}
        assert world.feed.look() == []


def test_a_draft_schedule_has_delivered_its_people_and_nothing_else() -> None:
    with world_of(district=small_district(finalized=False)) as world:
        assert len(world.clever_view().users) == 3
        assert world.clever_view().sections == {}
        assert world.otus_view().classes == {}


def test_who_is_not_in_ats_is_where_the_story_says() -> None:
    admin = Admin(name="Ana Park", email="ana@office.example", schools=(DBN,))
    staff = CleverOnly(name="Sam Lee", role="staff", email="sam@office.example", schools=(DBN,))
    district = District(schools=(School(dbn=DBN),), people=(), sections=(), admins=(admin,), clever_only=(staff,))
    with world_of(district=district) as world:
        (account,) = world.otus_view().accounts.values()
        assert (account.role, account.provenance, account.email) == ("admin", "manual", "ana@office.example")
        assert world.clever_view().users == {}
        assert len(world.clever_view().others) == 1


def test_a_school_that_is_not_shared_is_not_in_otus() -> None:
    district = District(
        schools=(School(dbn=DBN, shared=False), School(dbn="03M859")),
        people=(
            Person(name=ROSA, role="teacher", schools=(DBN,)),
            Person(name=BEN, role="student", schools=("03M859",)),
        ),
        sections=(Section(name=ALGEBRA, school=DBN, teacher=ROSA), Section(name="Art-01", school="03M859")),
    )
    with world_of(district=district) as world:
        assert [account.last_name for account in world.otus_view().accounts.values()] == ["Okri"]
        assert [klass.name for klass in world.otus_view().classes.values()] == ["Art-01"]
        world.share(DBN)
        assert len(world.clever_view().users) == 2


def test_a_past_that_otus_refuses_is_told() -> None:
    one, other = (Admin(name=name, email="same@office.example") for name in ("Ana Park", "Sam Lee"))
    district = District(schools=(School(dbn=DBN),), people=(), sections=(), admins=(one, other))
    with pytest.raises(PastError, match="Otus refuses the admin Sam Lee"), world_of(district=district):
        pass


# ---------------------------------------------------------------- asking


def test_a_judge_is_never_refused_for_the_rate_limit_and_uses_up_nobodys() -> None:
    left: list[str] = []

    def ask(client: Client) -> None:
        left.append(client.clever("/v3.1/users").headers["x-ratelimit-remaining"])

    with world_of(asking(ask), rate_limit_per_minute=1) as world:
        for _ in range(50):
            world.clever_view()
        nights(world)
        world.clever_view()
    assert left == ["0"]


def test_a_system_that_is_down_is_down_for_everybody_but_the_judge() -> None:
    with world_of() as world:
        world.down.update(("otus", "clever"))
        assert world.otus_api("GET", "/accounts").code == 503
        assert world.message_of(world.otus_api("GET", "/accounts")) == "otus is down"
        assert dict(world.otus_api("GET", "/accounts").headers)["Date"] == "Mon, 14 Sep 2026 12:00:00 GMT"
        assert len(world.otus_view().accounts) == 3
        assert len(world.clever_view().users) == 3


def test_a_defect_of_a_fake_comes_out_and_does_not_look_like_a_failure_of_the_sync(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    statuses: list[int] = []

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a defect of the fake")

    with world_of(asking(lambda client: statuses.append(client.clever("/v3.1/users").status))) as world:
        views = world.clever_view()
        world.clever_view = lambda: views  # type: ignore[method-assign]
        monkeypatch.setattr("fakes.clever.reading.Reader.page", broken)
        with pytest.raises(ZeroDivisionError, match="a defect of the fake"):
            nights(world)
    assert statuses in ([], [503]), "the sync is let go, and what it says does not count"


# ---------------------------------------------------------------- a copy


def test_a_copy_is_the_same_and_what_happens_in_it_leaves_no_trace() -> None:
    with world_of() as world:
        before = (world.otus_view(), world.clever_view(), world.runs(), world.journal.encode())
        with world.copied() as copy:
            assert copy.otus_view() == before[0]
            headers = {"Authorization": f"Bearer {world._otus_tokens.support}"}
            inside = world.applications["otus"]
            world.applications["otus"] = copy.applications["otus"]
            answer = world.otus_api("POST", "/accounts", NewAccount("admin", "x@office.example", "X", "Y", (DBN,)))
            world.applications["otus"] = inside
            assert (answer.code, len(headers)) == (201, 1)
            assert len(copy.otus_view().accounts) == len(before[0].accounts) + 1
        assert before == (world.otus_view(), world.clever_view(), world.runs(), world.journal.encode())


def test_what_happens_in_the_world_does_not_reach_its_copy() -> None:
    with world_of() as world, world.copied() as copy:
        before = copy.otus_view()
        world.otus_api("POST", "/accounts", NewAccount("admin", "x@office.example", "X", "Y", (DBN,)))
        assert copy.otus_view() == before != world.otus_view()


# ---------------------------------------------------------------- what is left


def listening(url: str) -> bool:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((host, int(port))) == 0


def soon(holds: Callable[[], bool]) -> bool:
    """Whether something holds within seconds: the last of a server's threads ends a moment after it."""
    over = time.monotonic() + 5
    while time.monotonic() < over and not holds():
        time.sleep(0.01)
    return holds()


def test_nothing_listens_no_thread_runs_and_no_folder_is_left_after_a_world() -> None:
    before = set(threading.enumerate())
    with world_of(idle) as world:
        urls = [world.sync_environment(Path())[name] for name in ("CLEVER_URL", "OTUS_URL")]
        assert all(map(listening, urls))
        nights(world)
        folder = world.state_folder
        assert folder.is_dir()
    assert not any(map(listening, urls))
    assert not folder.exists()
    assert soon(lambda: set(threading.enumerate()) <= before)


def test_a_world_that_closes_stops_threads_of_the_sync_and_no_others() -> None:
    """Whatever else runs in this process, its servers' threads among it, ends by itself or goes on."""
    stopped, other_may_end, other = list[str](), threading.Event(), list[str]()

    def goes_on(done: list[str], until: threading.Event) -> None:
        try:
            until.wait(20)
        except BaseException:
            done.append("stopped")
            raise

    def sync(_environ: Any) -> int:
        threading.Thread(target=stray, daemon=True).start()
        return 0

    def stray() -> None:
        try:
            while True:
                threading.Event().wait(0.01)
        except SyncStopped:
            stopped.append("stopped")

    theirs = threading.Thread(target=goes_on, args=(other, other_may_end))
    theirs.start()
    with world_of(sync) as world:
        nights(world)
    other_may_end.set()
    theirs.join()
    assert (stopped, other) == (["stopped"], [])


def test_nothing_is_left_of_a_world_that_could_not_open_for_its_port() -> None:
    before = threading.active_count()
    with socket.socket() as other:
        # Below the ports that the system chooses from, so that no other test has the one beside it.
        other.bind(("127.0.0.1", 20_001 + os.getpid() % 10_000))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(PortInUseError, match=rf"port {taken} "), world_of(port_base=taken - 1):
            pass
        assert not listening(f"http://127.0.0.1:{taken - 1}")
    assert soon(lambda: threading.active_count() == before)


def test_nothing_is_left_of_a_world_in_which_something_broke() -> None:
    before = threading.active_count()
    folders = []

    def break_down() -> None:
        with world_of() as world:
            folders.append(world.state_folder)
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        break_down()
    assert not folders[0].exists()
    assert soon(lambda: threading.active_count() == before)


def test_a_story_that_ends_in_the_middle_of_a_night_ends_the_sync() -> None:
    woken: list[str] = []

    def sync(_environ: Any) -> int:
        time.sleep(3600)
        woken.append("the sync goes on")
        return 0

    before = set(threading.enumerate())  # a sync of another test may hang in this process for good
    with world_of(sync) as world:

        def story() -> Any:
            world.clock.start_process(world.nightly(world.runner.run))
            yield world.clock.at(datetime(2026, 9, 15, 1, 30, tzinfo=NEW_YORK), Order.EXPECTATION)

        world.play(story())
        assert world.running is not None
    assert soon(lambda: set(threading.enumerate()) <= before)
    assert woken == []


def test_the_world_says_where_its_systems_are_on_loopback_and_nowhere_else() -> None:
    with world_of(port_base=None) as world:
        environ = world.sync_environment(world.state_folder)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", environ["CLEVER_URL"])
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", environ["OTUS_URL"])


# ---------------------------------------------------------------- the year


FUTURE = datetime(2071, 9, 16, 8, 0, tzinfo=NEW_YORK)
"""A year that the real clock will not show for long."""

READS: tuple[Callable[[Client], Any], ...] = (
    lambda client: client.clever("/v3.0/users"),
    lambda client: client.clever("/v3.1/users?limit=1"),
    lambda client: client.clever("/v3.1/sections"),
    lambda client: client.clever("/v3.1/schools"),
    lambda client: client.clever("/v3.1/terms"),
    lambda client: client.clever("/v3.1/courses"),
    lambda client: client.clever("/v3.1/districts"),
    lambda client: client.clever("/v3.1/events"),
    lambda client: client.clever("/v3.1/nothing"),
    lambda client: client.ask("CLEVER", "POST", "/v3.1/users", {}),
    lambda client: client.otus("GET", "/accounts"),
    lambda client: client.otus("GET", "/classes"),
    lambda client: client.otus("GET", "/rosters"),
    lambda client: client.otus("GET", "/digests/schools"),
    lambda client: client.otus("GET", "/digests/classes"),
    lambda client: client.otus("GET", "/settings"),
    lambda client: client.otus("POST", "/sync-runs", {}),
    lambda client: client.otus("PATCH", "/sync-runs/1", {"status": "succeeded"}),
    lambda client: client.otus("GET", "/sync-runs"),
    lambda client: client.otus("GET", "/nothing"),
    lambda client: client.otus("DELETE", "/settings"),
    lambda client: client.otus("POST", "/accounts/bulk", "no such body"),
)


def test_no_answer_of_any_system_knows_the_real_year() -> None:
    answers: list[str] = []

    def read_all(client: Client) -> None:
        for read in READS:
            response = read(client)
            answers.append(f"{dict(response.headers)} {response.data.decode()}")

    with world_of(asking(read_all), start=FUTURE) as world:
        for path in ("/schools", "/terms", "/people", "/sections", "/schedules", "/changes", "/shareable", "/nothing"):
            answer = world.ats_api("GET", path)
            answers.append(f"{answer.headers} {answer.body.decode()}")
        nights(world)
        world.down.add("clever")
        nights(world)
        assert len(answers) == 8 + 2 * len(READS)
        for text in (*answers, world.journal.encode().decode()):
            assert str(datetime.now(UTC).year) not in text, text[:500]
        dated = [answer for answer in answers if re.search(r"'Date', '|'Date': '", answer)]
    assert len(dated) == len(answers)
    assert all(" 2071 " in answer for answer in dated)


def test_a_sync_in_this_process_sees_the_simulated_year_and_the_harness_the_real_one() -> None:
    seen: list[int] = []

    def sync(_environ: Any) -> int:
        seen.extend((datetime.now(UTC).year, time.gmtime().tm_year, time.localtime(time.time()).tm_year))
        return 0

    with world_of(sync, start=FUTURE) as world:
        nights(world)
        written = datetime.fromtimestamp(world.state_folder.stat().st_mtime, UTC).year
    assert seen == [2071] * 3
    assert written == datetime.now(UTC).year != 2071
