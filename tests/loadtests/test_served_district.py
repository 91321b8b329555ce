"""A generated district is served by processes of its own, and a sync makes Otus as Clever has it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from fakes.shared.access_log import Line, read_line
from loadtests import district
from loadtests.district import Served, ServeOptions, WorkerDied, serve_district
from loadtests.generate import BrokenDistrict, Wish, generate
from loadtests.generate.changes import change
from loadtests.raw_pull import PullFailed, pull

WISH = Wish("small", students=120, schools=3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    generate(tmp_path / "district", WISH, seed=3)
    return tmp_path / "district"


@pytest.fixture
def served(folder: Path, tmp_path: Path) -> Iterator[Served]:
    with serve_district(folder, ServeOptions(clever_workers=2, access_log=tmp_path / "access.jsonl")) as served:
        yield served


def ask(url: str, token: str) -> dict[str, object]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        found: dict[str, object] = json.load(answer)
        return found


def sync(served: Served, state: Path) -> str:
    environment = {**os.environ, **served.environment(), "SYNC_STATE_DIR": str(state)}
    command = [sys.executable, "-P", "-m", "otus_sync", "run"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def log_lines(tmp_path: Path) -> list[Line]:
    return [read_line(line) for line in (tmp_path / "access.jsonl").read_bytes().splitlines()]


def test_a_sync_fills_otus_and_the_next_one_finds_nothing_to_do_and_every_request_is_logged(
    served: Served, tmp_path: Path
) -> None:
    assert "succeeded" in sync(served, tmp_path / "state")
    assert "nothing to do" in sync(served, tmp_path / "state")
    lines = log_lines(tmp_path)
    students = [line for line in lines if line.route == "/v3.1/users" and "role=student" in line.path]
    assert {line.records for line in students} == {120}
    assert all(line.bytes > 0 and line.status == 200 and line.system == "clever" for line in students)
    written = [line for line in lines if line.route == "/api/v1/accounts/bulk"]
    assert sum(line.records for line in written) == served.manifest.counts.students + served.manifest.counts.teachers
    assert all(line.request_bytes > 0 and line.microseconds > 0 for line in written)


def planned(served: Served, state: Path, **more: str) -> str:
    given = {"SYNC_PAGE_LIMIT": "17", "SYNC_IN_FLIGHT": "3", "SYNC_STATE_DIR": str(state), **more}
    command = [sys.executable, "-P", "-m", "otus_sync", "plan", "--json"]
    environment = {**os.environ, **served.environment(), **given}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout


def test_a_plan_is_the_same_whoever_reads(served: Served, tmp_path: Path) -> None:
    assert planned(served, tmp_path, SYNC_READERS="1") == planned(served, tmp_path, SYNC_READERS="3")
    assert "succeeded" in sync(served, tmp_path / "state")
    assert planned(served, tmp_path, SYNC_READERS="1") == planned(served, tmp_path, SYNC_READERS="3")
    assert len({line.path for line in log_lines(tmp_path) if line.route == "/v3.1/users"}) > 8


def test_after_a_quiet_night_only_what_differs_is_read_and_in_a_first_week_all_and_the_plan_is_the_same(
    served: Served, tmp_path: Path
) -> None:
    change(served.folder, "quiet", seed=1)  # events there must be, for a mirror to be kept
    assert "succeeded" in sync(served, tmp_path / "state")
    change(served.folder, "first-week", seed=2)

    def plan_and_what_was_read(page_limit: str) -> tuple[str, set[str]]:
        seen = len(log_lines(tmp_path))
        plan = planned(served, tmp_path / "state", SYNC_PAGE_LIMIT=page_limit)
        paths = [line.path for line in log_lines(tmp_path)[seen:] if line.system == "otus"]
        return plan, {path.partition("after")[0] for path in paths if "ids=" not in path}

    by_ids, read = plan_and_what_was_read("5")
    assert read == {"/api/v1/sync-runs", "/api/v1/digests/accounts?", "/api/v1/digests/sections?"}
    assert json.loads(by_ids)["classes"], "there is something to write"
    assert plan_and_what_was_read("500")[0] == by_ids


def test_a_run_that_is_killed_takes_its_readers_along(served: Served, tmp_path: Path) -> None:
    given = {"SYNC_READERS": "2", "SYNC_IN_FLIGHT": "2", "SYNC_PAGE_LIMIT": "1", "SYNC_STATE_DIR": str(tmp_path)}
    command = [sys.executable, "-P", "-m", "otus_sync", "run"]
    with subprocess.Popen(command, env={**os.environ, **served.environment(), **given}) as run:
        readers = until_it_reads(run.pid)
        run.kill()
    assert psutil.wait_procs(readers, timeout=20)[1] == []


def until_it_reads(pid: int) -> list[psutil.Process]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        readers: list[psutil.Process] = psutil.Process(pid).children()
        if len(readers) == 2:
            return readers
        time.sleep(0.005)
    raise AssertionError("the run has no readers")


def test_the_raw_pull_reads_every_list_from_end_to_end_and_a_refused_one_has_no_time(served: Served) -> None:
    pulled = pull(served.clever_url, served.clever_token)
    assert pulled.requests == 4
    assert pulled.bytes > 120 * 1000
    with pytest.raises(PullFailed, match="was answered with 401, so the pull has no time"):
        pull(served.clever_url, "no token")


def test_as_after_last_night_a_sync_has_nothing_to_do(tmp_path: Path) -> None:
    generate(tmp_path / "district", WISH, seed=3, otus="after")
    with serve_district(tmp_path / "district", ServeOptions(clever_workers=1)) as served:
        assert "nothing to do" in sync(served, tmp_path / "state")


def test_a_worker_that_dies_fails_the_measurement_and_nothing_is_left(folder: Path) -> None:
    everything = []
    with pytest.raises(WorkerDied, match="clever"), serve_district(folder) as served:  # noqa: PT012 - its end raises
        everything = [psutil.Process(pid) for pids in served.pids().values() for pid in pids]
        worker = psutil.Process(served.clever.pids()[-1])
        worker.send_signal(signal.SIGKILL)
        worker.wait(20)
    assert len(everything) == 5
    _, alive = psutil.wait_procs(everything, timeout=20)
    assert not alive


def test_a_port_that_somebody_takes_meanwhile_is_exchanged_for_another(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = district._free_ports
    with socket.socket() as taken:
        taken.bind((district.LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = iter([[*find(1), port]])
        monkeypatch.setattr(district, "_free_ports", lambda count: next(found, None) or find(count))
        with serve_district(folder) as served:
            assert not served.otus_url.endswith(f":{port}")
            assert ask(f"{served.otus_url}/api/v1/accounts", served.otus_token)


def test_the_servers_end_with_whoever_started_them(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from loadtests.district import serve_district\n"
        f"with serve_district(Path({str(folder)!r})) as served:\n"
        "    print(*[pid for pids in served.pids().values() for pid in pids], flush=True); sys.stdin.read()"
    )
    starter = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    processes = [psutil.Process(int(pid)) for pid in starter.stdout.readline().split()]
    starter.kill()
    starter.wait(20)
    starter.stdout.close()
    assert starter.stdin is not None
    starter.stdin.close()
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert len(processes) == 5
    assert not alive


def test_a_rate_limit_is_kept_by_one_worker(folder: Path) -> None:
    with serve_district(folder, ServeOptions(clever_workers=2, rate_limit_per_minute=2)) as served:
        assert len(served.clever.pids()) == 2
        statuses = []
        for _ in range(5):
            try:
                ask(f"{served.clever_url}/v3.1/schools", served.clever_token)
                statuses.append(200)
            except urllib.error.HTTPError as error:
                statuses.append(error.code)
        assert 429 in statuses


def test_a_folder_that_is_no_district_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenDistrict, match=r"holds no district\.json"), serve_district(tmp_path):
        pass
    generate(tmp_path / "district", WISH, otus="none")
    with pytest.raises(BrokenDistrict, match="has no Otus"), serve_district(tmp_path / "district"):
        pass
    (tmp_path / "district" / "clever.db").write_bytes(b"no database")
    with pytest.raises(BrokenDistrict, match=r"clever\.db is missing or no SQLite file"):
        serve_district(tmp_path / "district").__enter__()
