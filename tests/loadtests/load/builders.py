"""Nights as they might have been measured."""

from typing import Any

import msgspec

from loadtests.load.happenings import Phase, SyncRun
from loadtests.load.result import Kind, Measured, MemorySeries, Traffic, Verdict

MEGABYTE = 1024 * 1024


def kind(label: str, p95: float = 100.0, requests: int = 10, failures: int = 0) -> Kind:
    """So many events, of which 95 % took at most ``p95`` milliseconds."""
    type_, _, name = label.partition(" ")
    percentiles = {"50": p95 / 2, "75": p95 / 2, "90": p95, "95": p95, "99": p95, "100": p95 * 2}
    return Kind(type_, name, requests, failures, percentiles, 1000.0)


def run(seconds: float = 4.0, began: float = 1000.0, exit_code: int = 0, scope: str = "district") -> SyncRun:
    """A sync that began at a second and took so many of them."""
    third = seconds / 3
    phases = (
        Phase("pull", began, began + third),
        Phase("plan", began + third, began + 2 * third),
        Phase("write", began + 2 * third, began + seconds),
    )
    return SyncRun(scope, began, began + seconds, exit_code, "it says so", phases)


def night(**changes: Any) -> Measured:
    """A night of four seconds in which all went well."""
    good = Measured(
        title="Night of a district",
        machine="2 cores",
        shape="night",
        counts={"schools": 1, "students": 900},
        runs=(run(),),
        kinds=(kind("Clever GET /v3.1/sections"), kind("Otus POST /api/v1/classes/bulk", 250.0)),
        traffic=(Traffic(1000.0, "Clever", 800, 3), Traffic(1002.0, "Otus", 500, 2)),
        records_read=8000,
        memory=MemorySeries((1000.0, 1001.0), {"sync": (0, 50 * MEGABYTE), "all": (100 * MEGABYTE, 200 * MEGABYTE)}),
        raw_pull_seconds=0.5,
        verdict=Verdict(0, (), {"enrollments": 6300}, planted_ok=True),
    )
    return msgspec.structs.replace(good, **changes)
