"""What happens while a night is measured, from whichever log it was read."""

import re
from typing import Literal

import msgspec

PhaseName = Literal["pull", "plan", "write"]
PHASES: tuple[PhaseName, ...] = ("pull", "plan", "write")
SystemName = Literal["Clever", "Otus"]

ID_IN_PATH = re.compile(r"/(?:[0-9a-f]{24}|[0-9]+|\{\w+\})(?=/|$)")
"""A Clever id, a number, or the name of either in a declared route: requests that differ in it are of one kind."""


class Request(msgspec.Struct, frozen=True):
    """One request of a sync, as one event of Locust."""

    system: SystemName
    name: str
    """Method and path without query and ids: ``GET /v3.1/sections``."""
    ended: float
    """Seconds since 1970."""
    milliseconds: float
    bytes: int
    failure: str = ""
    """Why it counts as failed; empty if it does not."""


class Phase(msgspec.Struct, frozen=True):
    """A part of a run."""

    name: PhaseName
    began: float
    """Seconds since 1970."""
    ended: float
    """Likewise."""

    @property
    def milliseconds(self) -> float:
        """How long it took."""
        return (self.ended - self.began) * 1000


class SyncRun(msgspec.Struct, frozen=True):
    """One run of the sync under test."""

    scope: str
    """``district``, or the DBN of the one school it was for."""
    began: float
    """When its process was started, in seconds since 1970."""
    ended: float
    exit_code: int
    reason: str = ""
    """What it said at the end, or the end of its output if it failed."""
    phases: tuple[Phase, ...] = ()

    @property
    def name(self) -> str:
        """What Locust files it under."""
        return "district" if self.scope == "district" else "school"


def name_of(method: str, path: str) -> str:
    """Name a request so that those of one kind have one name.

    Args:
        method: of HTTP.
        path: as asked, or as the route was declared.
    """
    return f"{method} {ID_IN_PATH.sub('/{id}', path.partition('?')[0])}"
