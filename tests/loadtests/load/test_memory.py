"""Memory is counted once, whoever shares it."""

import subprocess
import sys
from pathlib import Path

import pytest

from loadtests.load.memory import MemoryWatch

HELD = 100_000_000
FORKS = f"""
import os, sys
held = b"x" * {HELD}
print(os.getpid(), flush=True)
sys.stdin.readline()
if not (child := os.fork()):
    sys.stdin.readline()
    os._exit(0)
print(child, flush=True)
sys.stdin.readline()
"""


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="the system does not tell what is shared")
def test_what_a_process_shares_with_its_fork_is_counted_once() -> None:
    pids: list[int] = []
    watch = MemoryWatch(lambda: {"server": pids}, lambda: None)
    with subprocess.Popen([sys.executable, "-c", FORKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        pids.append(int(process.stdout.readline()))
        watch._sample()
        alone = watch.now()["server"]
        process.stdin.write(b"\n")
        process.stdin.flush()
        pids.append(int(process.stdout.readline()))
        watch._sample()
        both = watch.now()["server"]
    assert alone > HELD
    assert both < alone + HELD / 4
