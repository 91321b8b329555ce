"""A sync that runs in forked processes: what each sees, how it ends, and that nothing of it is left."""

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulator.gateway import Ended, Inbox, Sleep
from simulator.sut import ForkedSut, UnusableSutError, read_spec
from tests.processes import is_alive
from tests.simulator.builders import Client, nights, the_end, world_of

HERE = "tests.simulator.test_forked"
SYNC = f"{HERE}:does"
"""One function for all tests, so that one process forks for them all; it does what its environment names."""
NOW = {"SYNC_NOW": "2026-09-15T05:00:00.000Z"}

# ---------------------------------------------------------------- syncs, in the process that forks


def says_where_it_is(environ: Mapping[str, str]) -> int:
    told = environ["SYNC_NOW"] == os.environ["SYNC_NOW"] and os.environ["NO_COLOR"] == "1"
    print(os.getpid(), os.getpgid(0), threading.active_count(), told, sys.stdin.read())
    return 3


def sees_time_pass(_environ: Mapping[str, str]) -> None:
    before = datetime.now(UTC)
    time.sleep(3600)
    print(before.isoformat(), datetime.now(UTC) - before)


def sleeps_backwards(_environ: Mapping[str, str]) -> None:
    time.sleep(-1)


def lists_its_sockets(_environ: Mapping[str, str]) -> None:
    links = (path.readlink().name for path in Path("/proc/self/fd").iterdir() if path.is_symlink())
    print(sum(link.startswith("socket:") for link in links))


def sleeps_with_a_child(environ: Mapping[str, str]) -> None:
    child = os.fork()
    if child == 0:
        signal.pause()
    Path(environ["PIDS"]).write_text(f"{os.getpid()} {child}")
    time.sleep(600)
    signal.pause()


def ends_itself(_environ: Mapping[str, str]) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def closes_all_and_stays(_environ: Mapping[str, str]) -> None:
    os.closerange(0, 256)
    signal.pause()


def says_much_and_fails(_environ: Mapping[str, str]) -> None:
    print("x" * 200_000)
    raise RuntimeError("no more")


def returns_what_no_process_can(_environ: Mapping[str, str]) -> int:
    return 256


def remembers(_environ: Mapping[str, str]) -> None:
    print(len(_MEMORY))
    _MEMORY.append("a run")


_MEMORY: list[str] = []


def does(environ: Mapping[str, str]) -> int | None:
    code: int | None = globals()[environ["DOES"]](environ)
    return code


def fills_its_disk(environ: Mapping[str, str]) -> None:
    (Path(environ["SYNC_STATE_DIR"]) / "ledger").write_text("a line")


def waits_for_the_limit(environ: Mapping[str, str]) -> None:
    with Client(environ) as client:
        client.otus("GET", "/sync-runs")
        time.sleep(60)
        client.otus("GET", "/sync-runs")


# ---------------------------------------------------------------- what a run is


def ended_of(name: str, environ: Mapping[str, str] = NOW, *, disk_full: bool = False) -> Ended:
    """Start a run and answer its sleeps until it ends."""
    inbox = Inbox()
    run = ForkedSut(SYNC).start({**environ, "DOES": name}, inbox, disk_full=disk_full)
    while not isinstance(message := inbox.get(20), Ended):
        assert isinstance(message, Sleep)
        message.reply.put(True)
    assert run.is_over()
    return message


def test_every_run_is_a_process_of_its_own_with_one_thread_and_is_told_its_world() -> None:
    said = [ended_of("says_where_it_is").output.split() for _ in range(2)]
    pids = {words[0] for words in said}
    assert len(pids | {str(os.getpid())}) == 3
    assert all(words == [words[0], words[0], "1", "True"] for words in said)


def test_what_the_function_returns_is_the_exit_code() -> None:
    assert ended_of("says_where_it_is").exit_code == 3


def test_a_run_knows_nothing_of_the_one_before() -> None:
    assert [ended_of("remembers").output for _ in range(2)] == ["0\n", "0\n"]


def test_a_run_has_no_socket_of_the_harness() -> None:
    with world_of():
        assert ended_of("lists_its_sockets").output == "1\n"  # the one over which it sleeps


def test_its_time_stands_at_the_simulated_moment_and_moves_with_its_sleeps() -> None:
    assert ended_of("sees_time_pass").output == "2026-09-15T05:00:00+00:00 1:00:00\n"


def test_its_sleeps_take_simulated_time_and_no_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOES", "waits_for_the_limit")
    with world_of(ForkedSut(SYNC)) as world:
        nights(world)
        end = the_end(world)
    assert (end.outcome, end.requests, end.ended - end.started) == ("succeeded", 2, timedelta(seconds=60.04))


def test_a_sleep_that_cannot_be_fails_as_it_always_does() -> None:
    ended = ended_of("sleeps_backwards")
    assert ended.exit_code == 1
    assert ended.output.endswith("ValueError: sleep length must be non-negative\n")


def test_the_end_of_much_output_is_kept() -> None:
    ended = ended_of("says_much_and_fails")
    assert ended.exit_code == 1
    assert len(ended.output) == 4000
    assert ended.output.endswith("RuntimeError: no more\n")


def test_a_run_that_a_signal_ends_says_which() -> None:
    assert ended_of("ends_itself").exit_code == -signal.SIGSEGV


def test_a_process_that_closes_all_that_ties_it_to_others_does_not_outlive_its_run() -> None:
    assert ended_of("closes_all_and_stays") == Ended(-signal.SIGKILL, "")


def test_a_code_that_no_process_can_end_with_is_a_failure() -> None:
    assert ended_of("returns_what_no_process_can").exit_code == 1


def test_a_full_disk_takes_no_byte(tmp_path: Path) -> None:
    ended = ended_of("fills_its_disk", {**NOW, "SYNC_STATE_DIR": str(tmp_path)}, disk_full=True)
    assert ended.output.endswith("OSError: [Errno 27] File too large\n")
    assert (tmp_path / "ledger").read_text() == ""


# ---------------------------------------------------------------- how it is ended


def test_a_stopped_run_is_killed_with_all_that_it_started_and_says_nothing_of_it(tmp_path: Path) -> None:
    inbox, pids = Inbox(), tmp_path / "pids"
    run = ForkedSut(SYNC).start({**NOW, "DOES": "sleeps_with_a_child", "PIDS": str(pids)}, inbox)
    assert isinstance(inbox.get(20), Sleep)
    started = [int(pid) for pid in pids.read_text().split()]
    assert all(map(is_alive, started))
    run.stop()
    assert run.is_over()
    assert not is_alive(started[0])
    over = time.monotonic() + 5
    while is_alive(started[1]) and time.monotonic() < over:
        time.sleep(0.01)
    assert not is_alive(started[1])
    assert inbox.get(0.05) is None


def test_two_runs_at_once_end_each_for_itself(tmp_path: Path) -> None:
    inboxes = Inbox(), Inbox()
    environ = {**NOW, "DOES": "sleeps_with_a_child"}
    runs = [ForkedSut(SYNC).start(environ | {"PIDS": str(tmp_path / str(n))}, box) for n, box in enumerate(inboxes)]
    for inbox in inboxes:
        assert isinstance(inbox.get(20), Sleep)
    runs[0].stop()
    assert [run.is_over() for run in runs] == [True, False]
    runs[1].stop()
    assert runs[1].is_over()


# ---------------------------------------------------------------- how it is named


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("forked: os", "expected package.module:function, with a colon"),
        ("forked: no.such.module:f", "No module named 'no'"),
        ("forked: os:no_such_function", "module os has no 'no_such_function'"),
        ("forked: os:sep", "'sep' is a str, not a function"),
    ],
)
def test_a_function_that_cannot_be_forked_is_told_with_what_to_write(spec: str, told: str) -> None:
    with pytest.raises(UnusableSutError) as caught:
        read_spec(spec)
    assert str(caught.value).startswith("--sut forked '")
    assert told in str(caught.value)


def test_a_module_that_ends_the_process_while_it_is_imported_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "their_sync.py").write_text("import os\nos._exit(9)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UnusableSutError, match="importing it ends the process, exit code 9"):
        read_spec("forked: their_sync:nightly")


def test_a_module_that_would_fork_itself_without_end_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "forks_itself.py").write_text(
        "from simulator.sut import read_spec\nread_spec('forked: forks_itself:nightly')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UnusableSutError, match="importing it starts another fork of a sync, without end"):
        read_spec("forked: forks_itself:nightly")
