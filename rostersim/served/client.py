"""The client of the control API that the command line uses: it finds address and token in the state directory."""

import os
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from fakes.shared.refusals import Problem
from rostersim.served.records import SERVER_FILE, ClockStatus, ServerFile
from rostersim.unusable import Unusable

STATE_VARIABLE = "ROSTERSIM_STATE"
DEFAULT_STATE = Path(".rostersim")
ANSWER_SECONDS_MAX = 600.0
"""How long an answer may take, in real time: a step may run the sync."""
POLL_SECONDS = 0.05
T = TypeVar("T")


class Control:
    """A server of worlds, as a program outside sees it.

    Args:
        url: of the control API.
        token: of the server, or of the one world that is meant.
        start: the command that starts it, for advice.
    """

    def __init__(self, url: str, token: str, start: str = "rostersim serve") -> None:
        self.url = url
        self._token = token
        self._start = start

    @classmethod
    def of_state(cls, folder: Path | None = None) -> "Control":
        """Find the server that keeps the worlds of a state directory.

        Args:
            folder: the state directory; by default the one that ``ROSTERSIM_STATE`` names, else ``.rostersim``.

        Raises:
            Unusable: no server keeps it.
        """
        state = folder or Path(os.environ.get(STATE_VARIABLE) or DEFAULT_STATE)
        try:
            file = msgspec.json.decode((state / SERVER_FILE).read_bytes(), type=ServerFile)
        except FileNotFoundError:
            raise Unusable(f"no server keeps the worlds of {state}; start one: {_start(state)}") from None
        except (OSError, msgspec.DecodeError) as error:
            raise Unusable(f"{state / SERVER_FILE} cannot be read: {error}") from None
        return cls(file.url, file.token, _start(state))

    def get(self, path: str, kind: type[T]) -> T:
        """Read something.

        Raises:
            Unusable: the server refuses, or does not answer.
        """
        return msgspec.json.decode(self._ask("GET", path, None), type=kind)

    def post(self, path: str, kind: type[T], body: object = None) -> T:
        """Have something done; see :meth:`get`."""
        return msgspec.json.decode(self._ask("POST", path, body), type=kind)

    def until_ready(self, world: str, status: ClockStatus) -> ClockStatus:
        """Wait until a world has come to where it is going.

        Raises:
            Unusable: it has failed.
        """
        while status.status == "advancing":
            time.sleep(POLL_SECONDS)
            status = self.get(f"/worlds/{quote(world)}/clock", ClockStatus)
        if status.status == "failed":
            raise Unusable(f"the world {world!r} has failed: {status.why}; restore a snapshot, or rewind it")
        return status

    def _ask(self, method: str, path: str, body: object) -> bytes:
        content = None if body is None else msgspec.json.encode(body)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, content, headers, method=method)  # noqa: S310 - http
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS_MAX) as answer:  # noqa: S310 - as above
                read: bytes = answer.read()
                return read
        except urllib.error.HTTPError as error:
            raise Unusable(_message(error)) from None
        except (urllib.error.URLError, OSError) as error:
            reason: Any = getattr(error, "reason", error)
            raise Unusable(
                f"the server at {self.url} does not answer ({reason}); what was done is kept. "
                f"Start it again: {self._start}"
            ) from None


def _message(error: urllib.error.HTTPError) -> str:
    try:
        return msgspec.json.decode(error.read(), type=Problem).message
    except msgspec.DecodeError:
        return f"the server answers {error.code} {error.reason}"


def _start(state: Path) -> str:
    return "rostersim serve" if state == DEFAULT_STATE else f"rostersim serve --state {state}"
