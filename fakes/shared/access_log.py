"""The access log: a line of JSON for every request that a fake has answered, for whoever measures from outside."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from fakes.shared.moments import Clock, wire_time
from fakes.shared.serving import RECORDS, ROUTE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

RUN_HEADER = "HTTP_X_SYNC_RUN"
"""A sync may say in ``X-Sync-Run`` which of its runs asks."""


class Line(msgspec.Struct, frozen=True):
    """One request."""

    at: str
    """When it began."""
    system: str
    worker: int
    """The process that answered."""
    method: str
    route: str
    """The path as declared, ``/v3.1/schools/{id}``; empty where no route fits."""
    path: str
    """As asked, with its query; a query of the fakes holds no secret."""
    status: int
    bytes: int
    """Of the answer's body."""
    request_bytes: int
    microseconds: int
    """From the request's arrival to the whole answer, before it is sent."""
    records: int
    """Rows of the page, or of the bulk write; 0 where neither is answered."""
    run: str


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Line).decode


def read_line(line: bytes) -> Line:
    """Read a line of the log.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    return _decode(line)


class AccessLog:
    """WSGI middleware that writes the log.

    Several processes may write one file: a line is one write at the file's end, which the system does not mix.

    Args:
        application: of the fake.
        system: its name.
        path: of the log; lines are added to what is there.
        clock: for the moment of a request.
        nanoseconds: a clock that only goes on, for how long it took.

    Raises:
        OSError: the file cannot be opened.
    """

    def __init__(
        self,
        application: "WSGIApplication",
        system: str,
        path: Path,
        clock: Clock,
        nanoseconds: Callable[[], int],
    ) -> None:
        self._application = application
        self._system = system
        self._clock = clock
        self._nanoseconds = nanoseconds
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass a request on and write its line."""
        at, began = wire_time(self._clock()), self._nanoseconds()
        path = quote(environ["PATH_INFO"].encode("latin-1"))
        asked = f"{path}?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else path
        status = ""

        def note_status(given: str, *rest: Any) -> Any:  # noqa: ANN401 - as WSGI has it
            nonlocal status
            status = given
            return start_response(given, *rest)

        answer = self._application(environ, note_status)
        parts = list(answer)
        if hasattr(answer, "close"):
            answer.close()
        line = Line(
            at=at,
            system=self._system,
            worker=os.getpid(),
            method=environ["REQUEST_METHOD"],
            route=environ.get(ROUTE, ""),
            path=asked,
            status=int(status[:3]),
            bytes=sum(map(len, parts)),
            request_bytes=int(environ.get("CONTENT_LENGTH") or 0),
            microseconds=(self._nanoseconds() - began) // 1000,
            records=environ.get(RECORDS, 0),
            run=environ.get(RUN_HEADER, ""),
        )
        os.write(self._file, _encode(line) + b"\n")
        return parts
