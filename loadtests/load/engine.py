"""Starts Locust in a process of its own, and ends it with all that it has started."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

import loadtests
from loadtests.load.plan import ENGINE_FILE, PLAN_VARIABLE, LoadPlan, write_plan
from loadtests.load.result import Engine

LOCUSTFILE = Path(loadtests.__file__).with_name("locustfile.py")
LOG_FILE = "locust.log"
CSV_PREFIX = "locust"
HTML_FILE = "locust.html"
LOG_LINES_SHOWN = 15
STOP_SECONDS_MAX = 8.0
WORKERS_WAIT_SECONDS = 120
LOOPBACK = "127.0.0.1"
EXIT_INTERRUPTED = 130


class EngineBroke(RuntimeError):  # noqa: N818 - as the refusals are named
    """Locust has not come to an end that counts."""


class EngineOptions(NamedTuple):
    """How Locust is run."""

    processes: int = 0
    """Workers on this machine, forked by Locust itself; 0 for one process that does all."""
    master: bool = False
    """Whether workers come from elsewhere."""
    master_bind: str = LOOPBACK
    """Where a master listens for them."""
    master_port: int = 5557
    expect_workers: int = 1
    """With how many of them it begins."""
    web_port: int | None = None
    """Of Locust's web interface; ``None`` for none."""

    @property
    def workers(self) -> int:
        """How many workers take part."""
        return self.expect_workers if self.master else self.processes


def leading_command(folder: Path, options: EngineOptions) -> list[str]:
    """Put together the command of the Locust that leads.

    Args:
        folder: where its files are written.
        options: how it is run.
    """
    command = [*_locust(), "--csv", str(folder / CSV_PREFIX), "--csv-full-history", "--html", str(folder / HTML_FILE)]
    command += ["--exit-code-on-error", "0", "--logfile", str(folder / LOG_FILE)]
    if options.web_port is None:
        command += ["--headless", "--only-summary"]
    else:
        command += ["--autostart", "--web-host", LOOPBACK, "--web-port", str(options.web_port)]
    if options.master:
        command += ["--master", "--master-bind-host", options.master_bind]
        command += ["--master-bind-port", str(options.master_port), "--expect-workers", str(options.expect_workers)]
        command += ["--expect-workers-max-wait", str(WORKERS_WAIT_SECONDS)]
    elif options.processes:
        command += ["--processes", str(options.processes), "--master-bind-port", str(options.master_port)]
        command += ["--master-port", str(options.master_port), "--master-bind-host", LOOPBACK]
    return command


def worker_command(master_host: str, master_port: int) -> list[str]:
    """Put together the command of a Locust that takes part.

    Args:
        master_host: where the master is.
        master_port: where it listens.
    """
    return [*_locust(), "--worker", "--master-host", master_host, "--master-port", str(master_port)]


def _locust() -> list[str]:
    # -P: a folder of the user's that happens to be called `loadtests` is not taken for ours.
    return [sys.executable, "-P", "-m", "locust", "--locustfile", str(LOCUSTFILE)]


def environ(plan_file: Path | None) -> dict[str, str]:
    """Give the environment of a Locust: nothing of the user's own Locust settings may change what is measured."""
    own = {name: text for name, text in os.environ.items() if not name.startswith("LOCUST_") and name != PLAN_VARIABLE}
    return own if plan_file is None else {**own, PLAN_VARIABLE: str(plan_file)}


@contextmanager
def running(command: Sequence[str], plan: LoadPlan, plan_file: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """Start Locust; at the end of the block nothing of it is left.

    Args:
        command: of :func:`leading_command`.
        plan: what it is told.
        plan_file: where that is written, for this time only.
    """
    write_plan(plan, plan_file)
    process = subprocess.Popen(  # noqa: S603 - this Python, this project
        list(command),
        env=environ(plan_file),
        cwd=plan.folder,  # not the user's: a locust.conf there would have its say
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # of its own: a Ctrl-C on the terminal reaches us, and we end it in order
    )
    try:
        yield process
    finally:
        end(process)
        plan_file.unlink(missing_ok=True)


def end(process: "subprocess.Popen[bytes]") -> None:
    """End Locust in order if it can, and then its whole group: forked workers, syncs."""
    # On SIGINT Locust writes its page too; it does not hear it if this was started in a shell's background.
    for sign in (signal.SIGINT, signal.SIGTERM):
        if process.poll() is None:
            process.send_signal(sign)
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS_MAX)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def read_engine(folder: Path, exit_code: int) -> Engine:
    """Read what Locust has left.

    Args:
        folder: where it wrote.
        exit_code: of its process.

    Raises:
        EngineBroke: it has left nothing, or what it has left counts for nothing.
    """
    file = folder / ENGINE_FILE
    if not file.exists():
        raise EngineBroke(f"Locust ended with code {exit_code} and left no results{_tail(folder)}")
    engine = msgspec.json.decode(file.read_bytes(), type=Engine)
    if engine.broken:
        raise EngineBroke(f"{engine.broken}: the run counts for nothing{_tail(folder)}")
    if not engine.completed:
        raise EngineBroke(f"Locust ended with code {exit_code} before the run was over{_tail(folder)}")
    return engine


def _tail(folder: Path) -> str:
    log = folder / LOG_FILE
    if not log.exists():
        return ""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES_SHOWN:]
    return "\n".join([f"\nthe end of {log}:", *(f"  {line}" for line in lines)])
