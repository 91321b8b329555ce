"""What a measured night has come to: nothing here measures, everything is reckoned from what was written down."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Literal

import msgspec

from loadtests.load.happenings import SyncRun

NIGHT_BEGINS = "01:00"
"""A6."""
PERCENTILES = ("50", "75", "90", "95", "99", "100")

ShapeName = Literal["night", "term-start", "soak"]


class Kind(msgspec.Struct, frozen=True):
    """All events of one name, as Locust has counted them."""

    type: str
    name: str
    requests: int
    failures: int
    percentiles: Mapping[str, float]
    """Milliseconds by the keys of :data:`PERCENTILES`; ``100`` is the longest."""
    bytes: float
    """Of all answers together."""

    @property
    def label(self) -> str:
        """Type and name, as thresholds call it."""
        return f"{self.type} {self.name}"


class Engine(msgspec.Struct, frozen=True):
    """What Locust leaves when it ends."""

    kinds: tuple[Kind, ...]
    errors: tuple[str, ...] = ()
    """Failures by kind, the most frequent first."""
    users_peak: int = 0
    workers: int = 0
    """Of a distributed run; 0 where one process did all."""
    broken: str = ""
    """Why the run counts for nothing: a worker was lost; empty if it counts."""
    completed: bool = False
    """Whether the shape came to its end."""


class MemorySeries(msgspec.Struct, frozen=True):
    """Memory over time, by process."""

    seconds: tuple[float, ...] = ()
    """Seconds since 1970."""
    bytes: Mapping[str, Sequence[int]] = {}
    """By process, as long as ``seconds``; ``all`` is their sum."""

    def peak(self, process: str) -> int | None:
        """Give the most that a process had, in bytes; ``None`` if it was never seen."""
        return max(self.bytes.get(process, ()), default=0) or None


class Traffic(msgspec.Struct, frozen=True):
    """What one system has answered in one slice of time, by its access log."""

    second: float
    """Where the slice begins, in seconds since 1970."""
    system: str
    records: int
    requests: int


class Verdict(msgspec.Struct, frozen=True):
    """What the checker says of Otus after the night."""

    differences: int
    first: tuple[str, ...]
    compared: Mapping[str, int]
    planted_ok: bool

    @property
    def is_right(self) -> bool:
        """Whether Otus is as Clever, and what was made by hand as before."""
        return self.differences == 0 and self.planted_ok


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One measured night."""

    title: str
    machine: str
    shape: ShapeName
    counts: Mapping[str, int]
    """Of the district."""
    runs: tuple[SyncRun, ...]
    kinds: tuple[Kind, ...]
    errors: tuple[str, ...] = ()
    traffic: tuple[Traffic, ...] = ()
    slice_seconds: float = 1.0
    """How long a slice of ``traffic`` is."""
    records_read: int = 0
    """From Clever, by the syncs."""
    memory: MemorySeries = MemorySeries()
    raw_pull_seconds: float | None = None
    verdict: Verdict | None = None
    users_peak: int = 0
    workers: int = 0

    @property
    def began(self) -> float:
        """When the first sync was started, in seconds since 1970."""
        return min((run.began for run in self.runs), default=0.0)

    @property
    def night_seconds(self) -> float:
        """From the first sync's start to the last one's end; for a soak, of the longest night in it."""
        if self.shape == "soak":
            return max((run.ended - run.began for run in self.runs), default=0.0)
        return max((run.ended for run in self.runs), default=0.0) - self.began

    @property
    def finished_at(self) -> str:
        """When a night of that length that begins at 01:00 is over."""
        begins = datetime.combine(datetime.min, time.fromisoformat(NIGHT_BEGINS))  # noqa: DTZ901 - no day, no zone
        return f"{begins + timedelta(seconds=self.night_seconds):%H:%M:%S}"

    @property
    def records_per_second(self) -> float:
        """Records read from Clever per second of syncing."""
        seconds = sum(run.ended - run.began for run in self.runs) if self.shape == "soak" else self.night_seconds
        return self.records_read / seconds if seconds else 0.0

    @property
    def ratio_to_raw_pull(self) -> float | None:
        """How many times longer than a bare pull of the same data."""
        return self.night_seconds / self.raw_pull_seconds if self.raw_pull_seconds else None

    @property
    def failures_percent(self) -> float | None:
        """Failed events of all events; ``None`` if there was none."""
        requests = sum(kind.requests for kind in self.kinds)
        return 100 * sum(kind.failures for kind in self.kinds) / requests if requests else None

    @property
    def is_right(self) -> bool:
        """Whether it has a speed at all: a run that is wrong has none."""
        return self.verdict is not None and self.verdict.is_right and all(run.exit_code == 0 for run in self.runs)
