"""The access log of the fakes, read for a sync whose own log nobody can read, and for the traffic over time."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from fakes.shared.access_log import Line, read_line
from fakes.shared.moments import read_wire_time
from loadtests.load.happenings import PHASES, Phase, Request, SystemName, name_of
from loadtests.load.plan import PEOPLE
from loadtests.load.result import Traffic

SYSTEMS: dict[str, SystemName] = {"clever": "Clever", "otus": "Otus"}
LEASE_PATH = "/api/v1/sync-runs"
"""A run's own record: taking the lease and reporting is neither reading nor writing a district."""
CHUNK_BYTES = 1 << 20
SERVER_FAILED = 500
REFUSED = 400


class AccessLogReader:
    """Reads a log while it is written; half a line is left for the next time.

    Args:
        path: of the log.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._rest = b""

    def new_lines(self) -> Iterator[Line]:
        """Give the lines that have come since the last time, all of whoever is no person."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                while chunk := file.read(CHUNK_BYTES):
                    self._offset += len(chunk)
                    *whole, self._rest = (self._rest + chunk).split(b"\n")
                    for text in whole:
                        line = _decoded(text)
                        if line is not None and line.run != PEOPLE:
                            yield line
        except FileNotFoundError:
            return


def _decoded(text: bytes) -> Line | None:
    try:
        return read_line(text)
    except msgspec.MsgspecError:
        return None


def began(line: Line) -> float:
    """Tell when a request began, in seconds since 1970."""
    return read_wire_time(line.at).timestamp()


def ended(line: Line) -> float:
    """Tell when its answer was complete, likewise."""
    return began(line) + line.microseconds / 1e6


def request_of(line: Line) -> Request:
    """Make a request of a line."""
    name = name_of(line.method, line.route or line.path)
    failure = f"status {line.status}" if line.status >= REFUSED else ""
    return Request(SYSTEMS[line.system], name, ended(line), line.microseconds / 1000, line.bytes, failure)


def phases_of(lines: Iterable[Line], began_at: float, ended_at: float) -> tuple[Phase, ...]:
    """Find the phases of a run from what it has asked: it pulls up to its last read before the first write, then plans.

    Args:
        lines: of the log; those outside the run are passed over.
        began_at: when the run began, in seconds since 1970.
        ended_at: when it ended.
    """
    within = [line for line in lines if began_at <= began(line) <= ended_at and LEASE_PATH not in line.path]
    writes = [line for line in within if _writes(line)]
    first_write = min(map(began, writes), default=ended_at)
    reads = [line for line in within if not _writes(line) and began(line) <= first_write]
    if not reads:
        return ()
    pulled = min(max(map(ended, reads)), first_write)
    marks = [min(map(began, reads)), pulled]
    if writes:
        marks += [first_write, max(map(ended, writes))]
    return tuple(Phase(name, *mark) for name, mark in zip(PHASES, pairwise(marks), strict=False))


def _writes(line: Line) -> bool:
    return line.system == "otus" and line.method not in ("GET", "HEAD")


def traffic_of(lines: Sequence[Line], slice_seconds: float) -> tuple[Traffic, ...]:
    """Add up records and requests by system and slice of time.

    Args:
        lines: of the log.
        slice_seconds: how long a slice is.
    """
    sums: dict[tuple[int, str], tuple[int, int]] = {}
    for line in lines:
        key = (int(ended(line) / slice_seconds), SYSTEMS[line.system])
        records, requests = sums.get(key, (0, 0))
        sums[key] = (records + line.records, requests + 1)
    return tuple(Traffic(number * slice_seconds, system, *found) for (number, system), found in sorted(sums.items()))


def records_read(lines: Iterable[Line]) -> int:
    """Count the records that syncs have read from Clever."""
    return sum(line.records for line in lines if line.system == "clever")
