"""Watches what a run has of the cores: how long its processes are on one, and how long they wait for one.

On a machine that does other things too, the time a run takes says little: the same night takes 9 s or 20 s. What it
works, and what it waits for cores that others have, can be told apart, and the former hardly varies.
"""

import os
import threading
import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from itertools import pairwise
from operator import attrgetter, sub
from typing import Any, Literal, NamedTuple

import psutil

from loadtests.sampling import sampled

Who = Literal["sync", "clever", "otus"]
WHO: tuple[Who, ...] = ("sync", "clever", "otus")

POLL_SECONDS = 0.02
"""A request of a sample takes some tens of milliseconds. A look costs half a millisecond of a core."""
CHILDREN_SECONDS = 0.5
"""How often processes are looked for that a sync has started: this takes longer than all the rest."""
SLICE_SECONDS = 1.0
"""The load of others is told for each of these."""
CONTENDED = 0.95
"""Of the time in which a run could go on, the part that it had a core; above this nobody was in its way."""
SELDOM = 0.05
"""Who wants a core for a smaller part of a slice feels too little to tell of it, so what all felt counts."""
OTHERS_MAX = 100.0
"""More are not told apart."""
NOT_BUSY = ("idle", "iowait", "steal", "guest", "guest_nice")
"""What of a machine's time is no work of its own, or is counted as the user's already."""
NANOSECONDS = 1_000_000_000


class Share(NamedTuple):
    """What somebody had of the cores for a while, in seconds."""

    on_core: float
    waited: float
    """For a core that others had, or that the hypervisor had given to another machine."""


class Moment(NamedTuple):
    """What everybody had had of the cores until a moment, since they were started."""

    at: float
    """Seconds since 1970."""
    shares: Mapping[Who, Share]
    busy: float
    """Seconds for which cores were at work, for anybody."""


class Usage(NamedTuple):
    """What a run had of the cores."""

    moments: Sequence[Moment]
    """In order."""
    cores: int

    def between(self, who: Who, began: float, ended: float) -> Share:
        """Tell what somebody had between two moments.

        Args:
            who: it is about.
            began: seconds since 1970.
            ended: likewise.
        """
        before, after = self._until(who, began), self._until(who, ended)
        return Share(after.on_core - before.on_core, after.waited - before.waited)

    def _until(self, who: Who, at: float) -> Share:
        """Tell what somebody had had until a moment; between two looks, as if it had come evenly."""
        after = bisect_right(self.moments, at, key=attrgetter("at"))
        if not 0 < after < len(self.moments):
            return self.moments[min(after, len(self.moments) - 1)].shares[who]
        one, other = self.moments[after - 1], self.moments[after]
        part = (at - one.at) / (other.at - one.at)
        pairs = zip(one.shares[who], other.shares[who], strict=True)
        return Share(*(first + part * (second - first) for first, second in pairs))

    def others(self) -> dict[Who, tuple[float, ...]]:
        """Tell for slice after slice how many others wanted a core, as far as each one of the run could feel it.

        They differ: an operating system favours who sleeps now and then, as a server does, over who always works.
        """
        found = [_others(moments, self.cores) for moments in self._slices()]
        return {who: tuple(one[who] for one in found) for who in (self.moments[0].shares if found else ())}

    def _slices(self) -> Iterator[Sequence[Moment]]:
        begin = 0
        for number, moment in enumerate(self.moments):
            if moment.at - self.moments[begin].at >= SLICE_SECONDS:
                yield self.moments[begin : number + 1]
                begin = number
        if begin < len(self.moments) - 1:
            yield self.moments[begin:]


def _others(moments: Sequence[Moment], cores: int) -> dict[Who, float]:
    """Ask how many there must have been, if all who want a core share the cores evenly."""
    seconds = moments[-1].at - moments[0].at
    had = [_had(before, after) for before, after in pairwise(moments)]
    spans = [after.at - before.at for before, after in pairwise(moments)]
    wanted = [sum(map(sum, shares.values())) / span for shares, span in zip(had, spans, strict=True)]
    whole = [_sum(shares.values()) for shares in had]
    seen = max(0.0, (moments[-1].busy - moments[0].busy - _sum(whole).on_core) / seconds)
    of_all = _felt(whole, wanted, cores, seen)

    def of(who: Who) -> float:
        own = [shares[who] for shares in had]
        return _felt(own, wanted, cores, seen) if sum(_sum(own)) > SELDOM * seconds else of_all

    return {who: of(who) for who in moments[0].shares}


def _had(before: Moment, after: Moment) -> dict[Who, Share]:
    pairs = ((who, share, before.shares[who]) for who, share in after.shares.items())
    return {who: Share(*map(sub, later, earlier)) for who, later, earlier in pairs}


def _felt(shares: Sequence[Share], wanted: Sequence[float], cores: int, least: float) -> float:
    """Find how many others leave somebody just the time on cores that it had.

    Args:
        shares: of somebody, look after look.
        wanted: how many of the run wanted a core meanwhile.
        cores: of the machine.
        least: so many others there were in any case.
    """
    on_core = _sum(shares).on_core
    if on_core >= CONTENDED * sum(_sum(shares)):
        return least
    low, high = least, OTHERS_MAX
    while high - low > OTHERS_MAX / 10_000:
        middle = (low + high) / 2
        pairs = zip(shares, wanted, strict=True)
        would_have = sum(sum(share) * min(1.0, cores / (max(1.0, count) + middle)) for share, count in pairs)
        low, high = (low, middle) if would_have < on_core else (middle, high)
    return low


class Watch:
    """Looks at processes again and again.

    Args:
        processes: whose they are, and their ids; those that a sync starts are found.
    """

    def __init__(self, processes: Mapping[Who, Sequence[int]]) -> None:
        self._processes: dict[Who, list[int]] = {who: list(pids) for who, pids in processes.items()}
        self._threads: dict[Who, dict[str, Share]] = {who: {} for who in processes}
        self._stolen: dict[Who, float] = dict.fromkeys(processes, 0.0)
        self._moments: list[Moment] = []
        self._over = threading.Event()

    def watching(self) -> AbstractContextManager[None]:
        """Look until the block ends."""
        return sampled("core-watch", self._watch, self._over)

    def usage(self) -> Usage:
        """Give what was seen; only once it is over."""
        return Usage(self._moments, cores_here())

    def _watch(self) -> None:
        look_for_children_at = 0.0
        machine = psutil.cpu_times()
        over = False
        while not over:
            over = self._over.wait(POLL_SECONDS)
            if time.monotonic() >= look_for_children_at:
                self._find_children()
                look_for_children_at = time.monotonic() + CHILDREN_SECONDS
            machine = self._look(machine)

    def _find_children(self) -> None:
        with suppress(psutil.NoSuchProcess):
            own, *_ = self._processes["sync"]
            self._processes["sync"] = [own, *(child.pid for child in psutil.Process(own).children(recursive=True))]

    def _look(self, before: Any) -> Any:  # noqa: ANN401 - the times of the machine, which psutil types not
        """Note a moment, and give the times of the whole machine."""
        machine = psutil.cpu_times()
        for who, pids in self._processes.items():
            for pid in pids:
                self._threads[who].update(_threads_of(pid))
        sums = {who: _sum(threads.values()) for who, threads in self._threads.items()}
        busy, stolen = _busy(machine) - _busy(before), _stolen(machine) - _stolen(before)
        if busy > 0 and self._moments:
            # Nobody says whom the hypervisor made wait: everybody, by what they have of the cores.
            for who, share in sums.items():
                own = share.on_core - self._moments[-1].shares[who].on_core
                self._stolen[who] += stolen * min(1.0, own / busy)
        shares = {who: Share(share.on_core, share.waited + self._stolen[who]) for who, share in sums.items()}
        self._moments.append(Moment(time.time(), shares, _busy(machine)))
        return machine


def cores_here() -> int:
    """Count the cores that processes of this one may use."""
    return len(psutil.Process().cpu_affinity()) if psutil.LINUX else psutil.cpu_count() or 1


def _sum(shares: Iterable[Share]) -> Share:
    on_core, waited = 0.0, 0.0
    for share in shares:
        on_core, waited = on_core + share.on_core, waited + share.waited
    return Share(on_core, waited)


def _threads_of(pid: int) -> Iterator[tuple[str, Share]]:
    """Read what each thread of a process has had. What a thread has had that ended is for the reader to remember."""
    if not psutil.LINUX:
        with suppress(psutil.Error):
            times = psutil.Process(pid).cpu_times()
            yield str(pid), Share(times.user + times.system, 0.0)
        return
    with suppress(OSError), os.scandir(f"/proc/{pid}/task") as threads:
        for thread in threads:
            with open(f"{thread.path}/schedstat", encoding="ascii") as file:  # noqa: PTH123 - a Path takes as long again
                on_core, waited, _ = file.read().split()
            yield thread.name, Share(int(on_core) / NANOSECONDS, int(waited) / NANOSECONDS)


def _busy(machine: Any) -> float:  # noqa: ANN401 - likewise
    return float(sum(machine) - sum(getattr(machine, name, 0.0) for name in NOT_BUSY))


def _stolen(machine: Any) -> float:  # noqa: ANN401 - likewise
    return float(getattr(machine, "steal", 0.0))
