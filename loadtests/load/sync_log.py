"""The log of ``otus-sync`` (JSON lines, see docs/otus-sync.md), read while it is written."""

from datetime import datetime
from typing import Literal

import msgspec

from loadtests.load.happenings import PHASES, Phase, PhaseName, Request, SystemName, name_of

OK = range(200, 300)
OUTPUT_LINES_KEPT = 5

PHASE_ENDS: dict[str, PhaseName] = {"otus.read": "pull", "planned": "plan", "run.ended": "write"}
"""The line that ends each phase. One that comes twice, as when all is read anew, ends it where it comes last."""


class _Line(msgspec.Struct):
    at: datetime
    event: str
    system: Literal["Clever", "Otus", ""] = ""
    request: str = ""
    status: int | str = 0
    milliseconds: float = 0.0
    bytes: int = 0
    reason: str = ""


_decode = msgspec.json.Decoder(_Line).decode


class SyncLog:
    """Reads the log of one run, line by line.

    What is no line of it (a warning of Python's, a traceback) is kept for the case that the run fails.
    """

    def __init__(self) -> None:
        self.reason = ""
        """What the run said of its end."""
        self.phase: PhaseName | None = None
        """Where it stands."""
        self._ends: dict[PhaseName, float] = {}
        self._began: float | None = None
        self._others: list[str] = []

    def read(self, line: bytes) -> Request | None:
        """Read a line.

        Returns:
            The request that it tells of, if it does.
        """
        try:
            said = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._others = [*self._others, line.decode(errors="replace").rstrip()][-OUTPUT_LINES_KEPT:]
            return None
        if said.event == "request.ended" and said.system:
            return _request(said, said.system)
        self._take_note(said)
        return None

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases that have ended so far."""
        phases = []
        began = self._began
        for name in PHASES:
            ended = self._ends.get(name)
            if began is None or ended is None:
                break
            phases.append(Phase(name, began, max(began, ended)))
            began = ended
        return tuple(phases)

    @property
    def last_words(self) -> str:
        """Why the run failed: its own reason, else what else it has put out last."""
        return self.reason or " / ".join(line for line in self._others if line)

    def _take_note(self, said: _Line) -> None:
        moment = said.at.timestamp()
        if said.event == "run.started":
            self._began, self.phase = moment, "pull"
        elif said.event in PHASE_ENDS and self._began is not None:
            self._ends[PHASE_ENDS[said.event]] = moment
            following: dict[PhaseName, PhaseName] = {"pull": "plan", "plan": "write"}
            self.phase = following.get(PHASE_ENDS[said.event])
        if said.event in ("run.ended", "run.failed"):
            self.reason = said.reason


def _request(said: _Line, system: SystemName) -> Request:
    method, _, path = said.request.partition(" ")
    status = int(said.status)
    failure = "" if status in OK else ("no whole answer" if status == 0 else f"status {status}")
    return Request(system, name_of(method, path), said.at.timestamp(), said.milliseconds, said.bytes, failure)
