"""Memory by process, looked at while a night goes on."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

import psutil

from loadtests.load.result import MemorySeries
from loadtests.sampling import sampled

SAMPLE_SECONDS = 0.1
"""Short against a phase of a sync, long against the cost of a look at what is resident."""
SHARED_SECONDS = 5.0
"""How often it is asked what of that is shared. The system walks through all of a process's pages for it and stops
the process meanwhile: a look takes 20 ms for 500 MB, so ten a second would take a good part of a core."""

Roots = Mapping[str, Sequence[int]]
"""Process ids by name."""


class MemoryWatch:
    """Samples memory in a thread of its own.

    A process counts with its proportional share (PSS) where the system tells it, as pages that several workers map
    would otherwise be counted several times; elsewhere with what is resident (RSS). Between two looks at what is
    shared, that is taken to stay as long as no process comes or goes, and what is resident tells the rest.

    Args:
        servers: gives the processes of the fakes by name, each time anew, as workers come and go.
        engine: the process id of Locust, once there is one. What it has started is Locust too, if it runs the same
            program, else a sync.
    """

    def __init__(self, servers: Callable[[], Roots], engine: Callable[[], int | None]) -> None:
        self._servers = servers
        self._engine = engine
        self._seconds: list[float] = []
        self._bytes: dict[str, list[int]] = {}
        self._shared: dict[int, tuple[float, int]] = {}
        """When it was last seen how much of a process's memory belongs to others' shares, and how much that was."""
        self._pids: dict[str, frozenset[int]] = {}
        self._over = threading.Event()

    def watching(self) -> AbstractContextManager[None]:
        """Sample until the block ends."""
        return sampled("memory-watch", self._sample_on, self._over)

    def series(self) -> MemorySeries:
        """Give what was seen."""
        by_process = {name: tuple(values) for name, values in self._bytes.items()}
        return MemorySeries(tuple(self._seconds), by_process)

    def now(self) -> Mapping[str, int]:
        """Give the last sample, in bytes by process."""
        return {name: values[-1] for name, values in self._bytes.items() if values}

    def _sample_on(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self._sample()

    def _sample(self) -> None:
        engine, syncs = _engine_and_syncs(self._engine())
        roots = {**self._servers(), "locust": engine, "sync": syncs}
        found = {name: self._memory_of_all(name, frozenset(pids)) for name, pids in roots.items()}
        found["all"] = sum(found.values())
        before = len(self._seconds)
        self._seconds.append(time.time())
        for name, number in found.items():
            self._bytes.setdefault(name, [0] * before).append(number)

    def _memory_of_all(self, name: str, pids: frozenset[int]) -> int:
        if pids != self._pids.get(name):
            # Whoever forks shares what was its own until then, and whoever ends gives its share back.
            self._pids[name] = pids
            for pid in pids:
                self._shared.pop(pid, None)
        return sum(map(self._memory_of, sorted(pids)))

    def _memory_of(self, pid: int) -> int:
        try:
            process = psutil.Process(pid)
            resident = int(process.memory_info().rss)
            looked, shared = self._shared.get(pid, (-SHARED_SECONDS, 0))
            now = time.monotonic()
            if now - looked >= SHARED_SECONDS:
                shared = resident - _proportional(process, resident)
                self._shared[pid] = now, shared
        except psutil.Error:
            return 0  # it has ended meanwhile
        return max(resident - shared, 0)


def _proportional(process: psutil.Process, resident: int) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (AttributeError, psutil.AccessDenied):
        return resident


def _engine_and_syncs(pid: int | None) -> tuple[list[int], list[int]]:
    engine: list[int] = []
    syncs: list[int] = []
    try:
        root = psutil.Process(pid) if pid is not None else None
        if root is not None:
            engine.append(root.pid)
            words = root.cmdline()
            for child in root.children(recursive=True):
                (engine if _words_of(child) == words else syncs).append(child.pid)
    except psutil.Error:
        pass  # it has ended meanwhile
    return engine, syncs


def _words_of(process: psutil.Process) -> list[str]:
    try:
        words: list[str] = process.cmdline()
    except psutil.Error:
        return []
    return words
