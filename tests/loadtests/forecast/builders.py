"""Lines of an access log and traces, as short as can be."""

import math
from datetime import UTC, datetime, timedelta

from fakes.shared.access_log import Line
from fakes.shared.moments import wire_time
from loadtests.forecast.trace import Group, System, Trace, Watched
from loadtests.forecast.watch import Moment, Share, Usage, Who

BEGAN = datetime(2026, 9, 14, 5, tzinfo=UTC)


def line(at_ms: int, ms: int, path: str, records: int = 0, method: str = "GET", route: str = "") -> Line:
    """A request so long after the run began."""
    return Line(
        at=wire_time(BEGAN + timedelta(milliseconds=at_ms)),
        system="clever" if path.startswith("/v3.1") else "otus",
        worker=1,
        method=method,
        route=route or path.partition("?")[0],
        path=path,
        status=200,
        bytes=100 * records,
        request_bytes=0,
        microseconds=ms * 1000,
        records=records,
        run="",
    )


def sample(students: int, noise: float = 1.0) -> Trace:
    """A run that reads pages of 100 and writes batches of 50.

    A record takes 1 ms to read and 2 to write in a district of 10,000, and less in a smaller one: n records n log n.
    """
    pages, batches = -(-students // 100), -(-students // 50)
    work = students / 1e3 * math.log2(students) / math.log2(10_000)
    groups = (
        group("GET /v3.1/users", "clever", pages, students, 100, work, 0.5, bytes_all=10 * students, limit=100),
        group("POST /accounts", "otus", batches, students, 50, noise * work, work),
    )
    return Trace(students, 0.2 + 0.5 + (2 + noise) * work, 0.2, groups)


def group(
    kind: str,
    system: System,
    requests: int,
    records: int,
    largest: int,
    server: float,
    client: float,
    *,
    bytes_all: int = 0,
    limit: int | None = None,
) -> Group:
    """Requests of a kind, which spend all of their time on a core."""
    reads = kind.startswith("GET")
    return Group(kind, 0, system, reads, requests, records, bytes_all, server, server, client, client, largest, limit)


def watched(seconds: float, on_core: float = 0.0, waited: float = 0.0, who: Who = "sync") -> Watched:
    """A run in which somebody was on a core, or waited for one, for so long, evenly; and nobody else was."""
    none: dict[Who, Share] = {"sync": Share(0, 0), "clever": Share(0, 0), "otus": Share(0, 0)}
    began = BEGAN.timestamp()
    moments = [Moment(began, none, 0.0), Moment(began + seconds, {**none, who: Share(on_core, waited)}, on_core)]
    return Watched(began, began + seconds, Usage(moments, cores=2))
