"""Real nights, measured by a real Locust in its own process, of a district as small as can be."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psutil
import pytest
from click.testing import CliRunner

from loadtests.generate import Wish, generate
from loadtests.load.report import Result
from loadtests.load.result import Measured
from rostersim.cli import cli
from tests.processes import is_alive

WISH = Wish("small", students=60, schools=2)


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pattern") / "district"
    generate(folder, WISH, seed=3)
    return folder


@pytest.fixture
def district(pattern: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pattern, tmp_path / "district"))


def load(district: Path, *words: str) -> tuple[int, str, Measured | None]:
    """Run the command; give its exit code, what it said and what it measured."""
    report = district.parent / "report"
    done = CliRunner().invoke(cli, ["load", str(district), "--report", str(report), *words])
    file = report / "result.json"
    measured = msgspec.json.decode(file.read_bytes(), type=Result).measured if file.exists() else None
    return done.exit_code, done.output, measured


def everything(district: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(district.iterdir())}


def test_a_night_is_measured_and_its_sync_phases_and_requests_are_events_of_locust(district: Path) -> None:
    before = everything(district)
    code, said, measured = load(district, "--teachers", "2", "--admins", "1")
    assert code == 0, said
    assert "thresholds held" in said
    assert measured is not None
    counted = {kind.label: kind.requests for kind in measured.kinds}
    assert counted["sync district"] == 1
    assert [counted[f"phase {name}"] for name in ("pull", "plan", "write")] == [1, 1, 1]
    assert counted["Clever GET /v3.1/sections"] == 1
    assert counted["Otus POST /api/v1/classes/bulk"] >= 1
    assert any(label.startswith("teacher ") for label in counted)
    assert [phase.name for phase in measured.runs[0].phases] == ["pull", "plan", "write"]
    assert measured.records_read > 60
    assert {"sync", "clever", "otus", "locust", "all"} <= set(measured.memory.bytes)
    written = {path.name for path in (district.parent / "report").iterdir()}
    assert {"index.html", "result.json", "throughput.svg", "phases.svg", "locust.html", "locust_stats.csv"} <= written
    assert everything(district) == before  # the copy was measured
    assert sorted(path.name for path in district.parent.iterdir()) == ["district", "report"]


@contextmanager
def two_workers(port: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Start two workers, as on two machines: they know where the master is and nothing else."""
    command = [sys.executable, "-P", "-m", "rostersim", "load", "--worker", "--master-port", str(port)]
    environ = {name: text for name, text in os.environ.items() if not name.startswith(("CLEVER_", "OTUS_", "SYNC_"))}
    workers = [subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environ) for _ in range(2)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def test_two_workers_of_a_master_share_the_schools_of_a_foreign_sync_told_by_the_access_log(district: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with two_workers(port) as workers:
        led = ["--master", "--expect-workers", "2", "--master-port", str(port)]
        schools = ["--sync", "schools", "--school-syncs", "2", "--events", "access-log"]
        code, said, measured = load(district, *led, *schools)
        assert [worker.wait(20) for worker in workers] == [0, 0]
    assert code == 0, said
    assert measured is not None
    assert measured.workers == 2
    assert len({run.scope for run in measured.runs}) == len(measured.runs) == 2
    assert all(run.phases for run in measured.runs)
    counted = {kind.label: kind.requests for kind in measured.kinds}
    assert (counted["sync school"], counted["phase pull"]) == (2, 2)
    assert counted["Clever GET /v3.1/schools"] >= 2


@pytest.fixture
def running(district: Path) -> "Iterator[subprocess.Popen[str]]":
    words = ["--shape", "soak", "--seconds", "60", "--nights", "1000", "--rest", "0.1", "--processes", "1"]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "rostersim", "load", str(district), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=district.parent,
        env={**os.environ, "COLUMNS": "200"},
    )
    stop = threading.Timer(60, process.kill)
    stop.start()
    assert process.stdout is not None
    while (line := process.stdout.readline()) and "the night" not in line:
        pass
    yield process
    stop.cancel()
    process.kill()
    process.communicate()


def offspring(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    children: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
    return children


def test_ctrl_c_leaves_no_process_and_nothing_half_written(running: "subprocess.Popen[str]", tmp_path: Path) -> None:
    children = offspring(running)
    assert len(children) >= 5  # two servers with their workers, Locust and its worker
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=30)
    assert running.returncode == 130, said
    assert "nothing is left running" in said
    assert [child for child in children if is_alive(child.pid)] == []
    assert [path.name for path in tmp_path.iterdir()] == ["district"]


def test_a_locust_worker_that_dies_is_reported_and_fails_the_run(running: "subprocess.Popen[str]") -> None:
    locusts = [child for child in offspring(running) if "locust" in child.cmdline()]
    worker = next(child for child in locusts if child.ppid() in [other.pid for other in locusts])
    worker.kill()
    said, _ = running.communicate(timeout=40)
    assert running.returncode == 3, said
    assert "1 of 1 Locust workers died or fell silent: the run counts for nothing" in said
