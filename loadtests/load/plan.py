"""What Locust's processes are told: by a file where the run is led, by a message where they only take part."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from loadtests.load.result import ShapeName

PLAN_VARIABLE = "ROSTERSIM_LOAD"
"""The environment variable that names the file."""
RUNS_FILE = "runs.jsonl"
PROGRESS_FILE = "progress.jsonl"
ENGINE_FILE = "engine.json"
PEOPLE = "people"
"""What teachers and admins send as ``X-Sync-Run``, so that nobody takes their requests for a sync's."""

SyncScope = Literal["district", "schools", "none"]
EventSource = Literal["sync-log", "access-log"]
PRIVATE = 0o600


class Assignment(msgspec.Struct, frozen=True):
    """What whoever starts syncs and plays people must know; it travels to workers."""

    command: tuple[str, ...]
    """The sync under test: program and arguments."""
    environ: Mapping[str, str]
    """What it is told; its state folder comes from where it runs."""
    events: EventSource
    """Where its requests and phases are read."""
    otus_url: str
    support_token: str
    schools: tuple[str, ...]
    """DBNs."""
    rest_seconds: float
    """Between two nights of a soak."""
    nights_max: int
    """How many nights are synced: 1, but in a soak."""
    state_folder: str | None
    """Where syncs keep their state; ``None`` for one that each worker makes for itself."""


class LoadPlan(msgspec.Struct, frozen=True):
    """What whoever leads the run must know: Locust's master, or its only process."""

    folder: str
    """Where runs, progress and the engine's summary are written."""
    shape: ShapeName
    seconds: float
    """How long people go on at least; of a ramp or a soak, how long it is."""
    sync: SyncScope
    school_syncs: int
    """How many users share the schools out among themselves."""
    teachers: int
    admins: int
    workers: int
    """How many Locust processes take part; 0 for one that does all."""
    access_log: str | None
    """Of the fakes; where events are read from, for a foreign sync."""
    assignment: Assignment

    @property
    def syncs(self) -> int:
        """How many users sync."""
        return {"district": 1, "schools": self.school_syncs, "none": 0}[self.sync]

    @property
    def sync_runs(self) -> int:
        """How many runs there are in all, if nothing is cut short."""
        per_night = {"district": 1, "schools": len(self.assignment.schools), "none": 0}[self.sync]
        return per_night * self.assignment.nights_max


def write_plan(plan: LoadPlan, path: Path) -> None:
    """Write a plan for this user alone: it holds tokens.

    Args:
        plan: what to write.
        path: of the file; it must not be there yet.
    """
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as file:  # noqa: PTH123 - with a mode
        file.write(msgspec.json.encode(plan))


def plan_of_this_process() -> LoadPlan | None:
    """Read the plan; ``None`` in a process that only takes part."""
    path = os.environ.get(PLAN_VARIABLE)
    return None if path is None else msgspec.json.decode(Path(path).read_bytes(), type=LoadPlan)
