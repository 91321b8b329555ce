"""Faults over real sockets: what the client sees of each, and whether the system has acted on the request."""

import json
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import urllib3

from simulator.faults import Effect, Fault, Window
from simulator.faults.effects import (
    AnswersError,
    AnswersLimit,
    AnswersWebPage,
    BreaksJson,
    CutsAnswer,
    CutsRequest,
    HalvesJson,
    KillsSync,
    SkewsClock,
    Slows,
)
from simulator.progress import ALL, Point, Span
from simulator.sut import CommandSut, NightlySync, UnusableSutError
from simulator.world import World
from tests.simulator.builders import Client, asking, nights, the_end, world_of

FIRST = Point("request", Span(1, 1))


def plan(world: World, effect: Effect, point: Point = FIRST) -> None:
    world.faults.plan(Fault(words="breaks", effect=effect, point=point, window=Window()))


def seen(effect: Effect, path: str = "/v3.1/users", times: int = 1) -> list[Any]:
    """What a client gets that asks Clever for something, the first time with a fault."""
    got: list[Any] = []

    def ask(client: Client) -> None:
        for _ in range(times):
            try:
                got.append(client.clever(path))
            except urllib3.exceptions.HTTPError as error:
                got.append(error)

    with world_of(asking(ask)) as world:
        plan(world, effect)
        nights(world)
    return got


def test_a_limit_has_clevers_headers_and_tells_when_the_minute_ends() -> None:
    (answer,) = seen(AnswersLimit())
    assert (answer.status, answer.data) == (429, b"")
    wait = int(answer.headers["x-ratelimit-reset"]) - parsedate_to_datetime(answer.headers["Date"]).timestamp()
    assert 0 < wait <= 60
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize(("code", "kind"), [(500, "application/json"), (502, "text/html"), (503, "text/html")])
def test_an_error_has_its_code_and_the_simulated_date(code: Any, kind: str) -> None:
    (answer,) = seen(AnswersError(code))
    assert (answer.status, answer.headers["Content-Type"]) == (code, kind)
    assert "2026" in answer.headers["Date"]


@pytest.mark.parametrize("effect", [CutsRequest(), CutsAnswer("before")])
def test_a_connection_cut_before_the_answer_gives_the_client_nothing_and_the_next_one_works(effect: Effect) -> None:
    cut, whole = seen(effect, times=2)
    assert isinstance(cut, urllib3.exceptions.ProtocolError)
    assert whole.status == 200


def test_a_connection_cut_inside_the_answer_gives_the_client_a_part_of_it() -> None:
    cut, whole = seen(CutsAnswer("inside"), times=2)
    assert isinstance(cut, urllib3.exceptions.ProtocolError)
    assert "IncompleteRead" in str(cut)
    assert whole.status == 200


def test_a_connection_cut_behind_the_answer_gives_the_client_all_of_it() -> None:
    first, second = seen(CutsAnswer("after"), times=2)
    assert first.status == 200
    assert json.loads(first.data)["data"]
    assert not isinstance(second, urllib3.exceptions.HTTPError) or isinstance(second, urllib3.exceptions.ProtocolError)


@pytest.mark.parametrize("effect", [HalvesJson(), BreaksJson()])
def test_spoilt_json_is_whole_to_http_and_none_to_a_reader(effect: Effect) -> None:
    (answer,) = seen(effect)
    assert answer.status == 200
    assert answer.headers["Content-Length"] == str(len(answer.data))
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.data)


def test_a_web_page_comes_with_status_200() -> None:
    (answer,) = seen(AnswersWebPage())
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html")
    assert b"<h1>" in answer.data


def test_a_slow_answer_takes_simulated_time_and_no_real_one() -> None:
    began = time.perf_counter()
    with world_of(asking(lambda client: client.clever("/v3.1/users"))) as world:
        plan(world, Slows(timedelta(minutes=10)))
        nights(world)
        end = the_end(world)
    assert end.ended - end.started >= timedelta(minutes=10)
    assert time.perf_counter() - began < 5


def test_a_clock_that_is_off_is_off_in_every_header_that_has_a_moment() -> None:
    headers: list[Any] = []
    with world_of(asking(lambda client: headers.append(client.clever("/v3.1/users").headers))) as world:
        plan(world, SkewsClock(timedelta(hours=-3)))
        nights(world)
        now = world.clock()
    date = parsedate_to_datetime(headers[0]["Date"])
    assert abs(now - date - timedelta(hours=3)) < timedelta(seconds=2)
    assert 0 < int(headers[0]["x-ratelimit-reset"]) - date.timestamp() <= 60


# ---------------------------------------------------------------- whether it has happened


def writing(client: Client) -> None:
    """Begin a run in Otus: a write whose doing can be seen."""
    try:
        client.otus("POST", "/sync-runs", {})
    except urllib3.exceptions.HTTPError:
        return


@pytest.mark.parametrize(
    ("effect", "acted"),
    [
        (AnswersLimit(), False),
        (AnswersError(500), False),
        (CutsRequest(), False),
        (AnswersWebPage(), False),
        (CutsAnswer("before"), True),
        (CutsAnswer("inside"), True),
        (CutsAnswer("after"), True),
        (HalvesJson(), True),
        (BreaksJson(), True),
        (Slows(timedelta(seconds=1)), True),
        (SkewsClock(timedelta(seconds=1)), True),
        (KillsSync("not sent"), True),
        (KillsSync("half sent"), True),
        (KillsSync("sent"), True),
    ],
)
def test_whether_the_write_has_happened_is_plain_of_every_fault(effect: Effect, acted: bool) -> None:
    with world_of(asking(writing)) as world:
        before = len(world.runs().items)
        plan(world, effect)
        nights(world)
        assert (len(world.runs().items) > before) == acted


# ---------------------------------------------------------------- a sync that is killed


PROGRAM = """
import os, pathlib, urllib.request
state = pathlib.Path(os.environ["SYNC_STATE_DIR"])
for number in (1, 2, 3):
    request = urllib.request.Request(
        os.environ["CLEVER_URL"] + "/v3.1/users", headers={"Authorization": "Bearer " + os.environ["CLEVER_TOKEN"]}
    )
    urllib.request.urlopen(request).read()
    (state / str(number)).touch()
"""


def three(notes: list[int]) -> NightlySync:
    def sync(environ: Mapping[str, str]) -> int:
        with Client(environ) as client:
            for number in (1, 2, 3):
                client.clever("/v3.1/users")
                notes.append(number)
        return 0

    return sync


@pytest.mark.parametrize(("answer", "notes"), [("not sent", [1]), ("half sent", [1]), ("sent", [1, 2])])
def test_a_killed_sync_has_done_what_it_did_until_then_and_nothing_more(answer: Any, notes: list[int]) -> None:
    done: list[int] = []
    with world_of(three(done)) as world:
        plan(world, KillsSync(answer), Point("request", Span(2, 2)))
        nights(world)
        end = the_end(world)
        told = [entry.lane for entry in world.journal.entries if entry.kind == "fault"]
    assert (end.outcome, end.killed, end.requests) == ("crashed", True, 2)
    assert (done, told) == (notes, ["sync"])


@pytest.mark.parametrize(("answer", "files"), [("not sent", ["1"]), ("half sent", ["1"]), ("sent", ["1", "2"])])
def test_a_killed_program_gets_a_real_sigkill(answer: Any, files: list[str]) -> None:
    with world_of(CommandSut([sys.executable, "-c", PROGRAM])) as world:
        plan(world, KillsSync(answer), Point("request", Span(2, 2)))
        nights(world)
        assert (the_end(world).outcome, the_end(world).killed) == ("crashed", True)
        assert sorted(path.name for path in world.state_folder.iterdir()) == files


def test_the_night_after_a_killed_one_is_a_night_like_any_other() -> None:
    done: list[int] = []
    with world_of(three(done)) as world:
        world.faults.plan(
            Fault(words="dies", effect=KillsSync("not sent"), point=Point("request", ALL), window=Window(run=1))
        )
        nights(world, 2)
        assert [end.outcome for end in world.runner.ends] == ["crashed", "succeeded"]
    assert done == [1, 2, 3]


# ---------------------------------------------------------------- a full disk


WRITES = """
import os, pathlib, sys
try:
    (pathlib.Path(os.environ["SYNC_STATE_DIR"]) / "ledger").write_text("so much has been done")
except OSError as error:
    sys.exit(f"no room: {error.errno}")
"""


def test_a_program_finds_no_room_for_its_ledger_when_its_disk_is_full_and_room_again_the_night_after() -> None:
    with world_of(CommandSut([sys.executable, "-c", WRITES])) as world:
        world.runner.full_disks.append(Span(1, 1))
        nights(world, 2)
        assert [end.outcome for end in world.runner.ends] == ["failed", "succeeded"]
        assert "no room" in world.runner.ends[0].reason
        assert [entry.what for entry in world.journal.entries if entry.kind == "fault"] == ["finds its disk full"]


def writes_its_ledger(environ: Mapping[str, str]) -> int:
    from pathlib import Path

    try:
        (Path(environ["SYNC_STATE_DIR"]) / "ledger").write_text("so much has been done")
    except OSError:
        return 1
    return 0


def test_a_full_disk_of_a_callable_is_a_folder_that_is_read_only_to_root_as_well() -> None:
    with world_of(writes_its_ledger) as world:
        world.runner.full_disks.append(Span(1, 1))
        nights(world, 2)
        assert [end.outcome for end in world.runner.ends] == ["failed", "succeeded"]
        assert world.state_folder.stat().st_mode & 0o222


def test_root_is_told_where_its_powers_cannot_be_had_thread_by_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("sys.platform", "darwin")
    with world_of(writes_its_ledger) as world:
        world.runner.full_disks.append(Span(1, 1))
        with pytest.raises(UnusableSutError, match="run rostersim as another user, or give the sync as a command"):
            nights(world)
