"""A run on a copy that is killed: what the system has done by then, what the sync has heard, and that it is dead."""

import os
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from fakes.otus.records import NewRun
from simulator.crash.kills import Kill, KillKind, all_kills
from simulator.crash.trial import Trial, run_on
from simulator.sut import ForkedSut
from simulator.world import Copy, World
from tests.processes import is_alive
from tests.simulator.builders import world_of

SYNC = "tests.simulator.crash.test_trial:notes_what_it_hears"
BODY = msgspec.json.encode(NewRun(lease_seconds=60))
REQUESTS = 3


def notes_what_it_hears(environ: Mapping[str, str]) -> None:
    """A sync that begins a run three times, and notes every byte that it gets to hear of the answers."""
    url = urlsplit(environ["OTUS_URL"])
    folder = Path(environ["SYNC_STATE_DIR"])
    (folder / "pid").write_text(str(os.getpid()))
    for number in range(REQUESTS):
        with (
            (folder / f"answer {number + 1}").open("wb", buffering=0) as heard,  # before it asks: it may be killed then
            socket.create_connection((url.hostname, url.port)) as connection,
        ):
            head = f"POST /api/v1/sync-runs HTTP/1.1\r\nHost: otus\r\nAuthorization: Bearer {environ['OTUS_TOKEN']}\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode() + BODY)
            while part := connection.recv(65_536):
                heard.write(part)
        (folder / f"done {number + 1}").touch()


@pytest.fixture
def world() -> Iterator[World]:
    """Give a world whose sync notes what it hears."""
    with world_of(ForkedSut(SYNC)) as made:
        yield made


def killed(world: World, folder: Path, kill: Kill | None) -> tuple[Trial, int, Path]:
    """Run once; give the trial, how many runs Otus knows then, and the sync's folder."""
    with world.copied() as copy:
        trial = run_on(world, copy, folder, world.clock(), kill)
        return trial, begun(copy), folder


def begun(copy: Copy) -> int:
    return len(copy.runs().items)


@pytest.mark.parametrize(
    ("kind", "runs", "heard", "done"),
    [("unserved", 0, "nothing", False), ("half", 1, "half", False), ("sent", 1, "all", True)],
)
def test_each_kind_of_kill_leaves_what_it_says(
    kind: KillKind, runs: int, heard: str, done: bool, world: World, tmp_path: Path
) -> None:
    trial, known, folder = killed(world, tmp_path, Kill(1, kind))
    assert (trial.end, trial.requests, known) == ("killed", 1, runs)
    answer = (folder / "answer 1").read_bytes()
    head, _, body = answer.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line), 0)
    assert {"nothing": not answer, "half": 0 <= len(body) <= length // 2, "all": 0 < length == len(body)}[heard]
    assert (folder / "done 1").exists() is done
    assert not (folder / "done 2").exists()
    assert not is_alive(int((folder / "pid").read_text()))


def test_a_sync_is_killed_even_when_all_that_is_left_for_it_is_to_end(world: World, tmp_path: Path) -> None:
    trial, _, folder = killed(world, tmp_path, Kill(REQUESTS, "sent"))
    assert trial.end == "killed"
    assert (folder / f"done {REQUESTS}").exists()


def test_a_run_that_is_not_killed_ends_by_itself(world: World, tmp_path: Path) -> None:
    trial, known, _ = killed(world, tmp_path, None)
    assert (trial.requests, trial.writes, len(trial.lines)) == (REQUESTS, 0, REQUESTS)
    assert (trial.end, known) == ("failed", 1), "it never said how it ended, and was refused twice"


def test_a_kill_is_over_soon_and_leaves_the_line_free_for_the_next_run(world: World, tmp_path: Path) -> None:
    began = time.perf_counter()
    for number, kill in enumerate(all_kills(REQUESTS)):
        folder = tmp_path / str(number)
        folder.mkdir()
        trial, _, _ = killed(world, folder, kill)
        assert (trial.end, trial.requests) == ("killed", kill.request)
    assert time.perf_counter() - began < 20
    assert world.inbox.is_empty()
    assert world.running is None


def test_nothing_of_it_stays_in_the_world(world: World, tmp_path: Path) -> None:
    before = (world.clock(), world.otus_view().without_moments(), len(world.journal.entries))
    killed(world, tmp_path, Kill(2, "half"))
    assert (world.clock(), world.otus_view().without_moments(), len(world.journal.entries)) == before
    assert not world.runs().items
    assert not list(world.state_folder.iterdir())
