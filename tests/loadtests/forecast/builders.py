"""Lines of an access log and traces, as short as can be."""

from datetime import UTC, datetime, timedelta

from fakes.shared.access_log import Line
from fakes.shared.moments import wire_time
from loadtests.forecast.trace import Group, Trace

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
    """A run that reads pages of 100 and writes batches of 50; a record takes 1 ms to read, and 2 to write."""
    pages, batches = -(-students // 100), -(-students // 50)
    groups = (
        Group("GET /v3.1/users", 0, "clever", True, pages, students, 10 * students, students / 1e3, 0.5, 100, 100),
        Group(
            "POST /accounts", 0, "otus", False, batches, students, 0, noise * students / 1e3, students / 1e3, 50, None
        ),
    )
    seconds = 0.2 + 0.5 + (2 + noise) * students / 1e3
    return Trace(students, seconds, 0.2, groups)
