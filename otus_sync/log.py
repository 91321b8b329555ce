"""What a run says while it works: one JSON object a line, on standard error."""

import sys
from typing import Literal

import msgspec

from otus_sync.clock import Clock, written

Level = Literal["info", "warning", "error"]
Value = str | int | float | bool | None | list[str] | dict[str, int]


class Log:
    """Writes structured lines; whoever writes one names no token, so none can hold one.

    Args:
        clock: whose time each line carries.
        district: its name, which each line carries too, if it has one.
    """

    def __init__(self, clock: Clock, district: str = "") -> None:
        self._clock = clock
        self._district: dict[str, Value] = {"district": district} if district else {}
        self.run: int | None = None
        """The run's number in the ledger, once it has one."""

    def info(self, event: str, **fields: Value) -> None:
        """Say what was done."""
        self._write("info", event, fields)

    def warning(self, event: str, **fields: Value) -> None:
        """Say what is odd and was passed over."""
        self._write("warning", event, fields)

    def error(self, event: str, **fields: Value) -> None:
        """Say what stopped the run."""
        self._write("error", event, fields)

    def _write(self, level: Level, event: str, fields: dict[str, Value]) -> None:
        line = {
            "at": written(self._clock()),
            "level": level,
            **self._district,
            "run": self.run,
            "event": event,
            **fields,
        }
        sys.stderr.write(msgspec.json.encode(line).decode() + "\n")
