"""Every request is an event of the simulation.

A fake answers on the simulation thread alone. Its HTTP server's threads stand on the other side of the
gateway: they put what came over the socket into the inbox and wait for the answer.
"""

import errno
import io
import queue
import re
import socket
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeVar
from urllib.parse import quote, unquote

import msgspec

from fakes.shared.moments import http_date
from simulator.http_server import HttpServer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOOPBACK = "127.0.0.1"
SERVER_THREADS = 4
"""Connections of a sync that are served at once; a story's sync keeps one request in flight."""
IDLE_SECONDS_MAX = 600.0
"""How long a connection that says nothing stays open, in real time: a sync's client reuses it night by night."""
REPLY_POLL_SECONDS = 0.2
"""How often somebody who waits for a reply looks whether there still is a simulation, in real time."""
HOLD_SECONDS_MAX = 30.0
"""How long a connection is held in the middle of an answer, in real time, if nobody ends it."""
STOP_POLL_SECONDS = 0.5
"""How often a server that nobody wakes looks whether it shall stop, in real time."""


class PortInUseError(Exception):
    """A port that the user asked for cannot be had."""


Cut = Literal["before", "inside", "after"] | None
"""Where the connection closes: before the first byte of an answer, in the middle of its body, behind its last byte."""


class Hold:
    """Holds a connection in the middle of an answer, with whoever reads it waiting for the rest."""

    def __init__(self) -> None:
        self._sent = threading.Event()
        self._over = threading.Event()

    def wait_until_sent(self, real_seconds_max: float) -> bool:
        """Wait, on the simulation thread, until the first half is on the wire, and tell whether it is."""
        return self._sent.wait(real_seconds_max)

    def end(self) -> None:
        """Close the connection; the rest is never sent."""
        self._over.set()

    def send(self, half: bytes) -> Iterator[bytes]:
        """Send one half, on a server's thread, and wait for the end; of an empty body nothing is sent."""
        yield half
        self._sent.set()  # the server asks for more once it has written what it got
        self._over.wait(HOLD_SECONDS_MAX)
        raise _hung_up()


class Answer(NamedTuple):
    """What a fake answered."""

    status: str
    """Code and phrase: ``200 OK``."""
    headers: list[tuple[str, str]]
    body: bytes
    cut: Cut = None
    hold: Hold | None = None
    """Sends half of the body and stops there, until somebody ends it."""

    @property
    def code(self) -> int:
        """The status as a number."""
        return int(self.status.split(" ", 1)[0])


class Request(NamedTuple):
    """A request that came over the socket and waits for its answer."""

    system: str
    """``clever`` or ``otus``."""
    environ: "WSGIEnvironment"
    reply: "queue.SimpleQueue[Answer]"

    @property
    def line(self) -> str:
        """Method and path with query, as in an access log; nothing of host or port."""
        return f"{self.environ['REQUEST_METHOD']} {path_and_query(self.environ)}"


class Sleeper(Protocol):
    """Whoever sleeps."""

    def put(self, item: bool, /) -> None:
        """Wake them."""


class Sleep(NamedTuple):
    """The sync wants to wait; a timeout of the simulation instead of a real one."""

    wait: timedelta
    reply: Sleeper
    """``True`` when the wait is over, ``False`` when the sync has been stopped meanwhile."""


class Ended(NamedTuple):
    """The sync has ended."""

    exit_code: int
    output: str
    """The tail of what it wrote, or the traceback of what it raised."""


Message = Request | Sleep | Ended
Reply = TypeVar("Reply")


class Inbox:
    """Where the threads outside leave their messages for the simulation thread, and wait for its replies.

    Args:
        output: takes what a sync in this process prints that leaves its messages here.
    """

    def __init__(self, output: io.StringIO | None = None) -> None:
        self.output = output or io.StringIO()
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._closed = False

    def close(self) -> None:
        """Let nobody wait for a reply any more: the simulation is over, however it ended."""
        self._closed = True

    def wait(self, reply: "queue.SimpleQueue[Reply]") -> Reply | None:
        """Wait, on a thread outside, for the reply to a message; ``None`` if the simulation is over before it."""
        while True:
            try:
                return reply.get(timeout=REPLY_POLL_SECONDS)
            except queue.Empty:
                if self._closed:
                    return None

    def put(self, message: Message) -> None:
        """Leave a message; any thread may."""
        self._messages.put(message)

    def is_empty(self) -> bool:
        """Tell whether no message waits."""
        return self._messages.empty()

    def get(self, real_seconds_max: float) -> Message | None:
        """Wait for a message, in real time; ``None`` if none came."""
        try:
            return self._messages.get(timeout=real_seconds_max)
        except queue.Empty:
            return None


class Gateway:
    """The WSGI application that an HTTP server serves in a fake's place.

    Args:
        system: the fake's name.
        inbox: of the world.
    """

    def __init__(self, system: str, inbox: Inbox) -> None:
        self._system = system
        self._inbox = inbox

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Carry a request to the simulation thread and its answer back."""
        body = environ["wsgi.input"].read()
        carried = environ | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        reply: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._inbox.put(Request(self._system, carried, reply))
        answer = self._inbox.wait(reply)
        if answer is None:
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        half = len(answer.body) // 2
        if answer.hold is not None:
            start_response(answer.status, answer.headers)
            return answer.hold.send(answer.body[:half])
        if answer.cut == "before" or (answer.cut == "inside" and not half):
            raise _hung_up()
        start_response(answer.status, answer.headers)
        if answer.cut is None:
            return [answer.body]
        return _cut_off(answer.body if answer.cut == "after" else answer.body[:half])


def _cut_off(sent: bytes) -> Iterator[bytes]:
    """Send a part of a body, whose whole length the headers promise, and close the connection."""
    yield sent
    raise _hung_up()


def _hung_up() -> ConnectionError:
    """Make the error that has cheroot close a connection at once and in silence: the one of a client that is gone."""
    return ConnectionResetError(errno.ECONNRESET, "the story cuts the connection")


def unavailable(text: str, now: datetime) -> Answer:
    """Make the answer of a system that is down; without a date of ours the server would put the real one on it."""
    body = msgspec.json.encode({"message": text, "code": "unavailable"})
    headers = [("Content-Type", "application/json"), ("Date", http_date(now))]
    return Answer("503 Service Unavailable", headers, body)


def with_body(answer: Answer, body: bytes, content_type: str | None = None) -> Answer:
    """Give an answer another body, with the length that it really has.

    Args:
        answer: whose status and other headers stay.
        body: of the new answer.
        content_type: of it, if it is another.
    """
    replaced = ("content-length", "content-type") if content_type is not None else ("content-length",)
    headers = [(name, value) for name, value in answer.headers if name.lower() not in replaced]
    if content_type is not None:
        headers.append(("Content-Type", content_type))
    return answer._replace(headers=[*headers, ("Content-Length", str(len(body)))], body=body)


class Server:
    """A real HTTP server, on a loopback port unless it is told otherwise.

    Args:
        application: what it serves.
        name: of its thread.
        port: 0 for one of the system's choice.
        host: the address to listen at.
        threads: how many requests are answered at once.

    Raises:
        PortInUseError: somebody else listens on that port.
    """

    def __init__(
        self,
        application: "WSGIApplication",
        name: str,
        port: int = 0,
        host: str = LOOPBACK,
        threads: int = SERVER_THREADS,
    ) -> None:
        self._server = HttpServer((host, port), application, threads)
        self._server.timeout = IDLE_SECONDS_MAX
        self._server.shutdown_timeout = 1
        self._server.expiration_interval = STOP_POLL_SECONDS
        try:
            self._server.prepare()
        except OSError as error:
            raise PortInUseError(f"port {port} of {host} cannot be had for {name}: {error}") from None
        self.address: tuple[str, int] = self._server.bind_addr[:2]
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self.address[1]}"
        self.thread = threading.Thread(target=self._server.serve, name=f"rostersim-{name}", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Stop listening and let the server's threads end."""
        stop_servers([self])


def stop_servers(servers: Sequence[Server]) -> None:
    """Stop some servers at once, as each takes its time.

    Args:
        servers: that are running.
    """
    stopping = [threading.Thread(target=server._server.stop, name="rostersim-stop") for server in servers]  # noqa: SLF001
    for thread in stopping:
        thread.start()
    for server in servers:
        with suppress(OSError), socket.create_connection(server.address, timeout=1):
            pass  # a connection wakes a server that waits for one
    for thread in (*stopping, *(server.thread for server in servers)):
        thread.join(timeout=5)


def call(application: "WSGIApplication", environ: "WSGIEnvironment") -> Answer:
    """Let a WSGI application answer a request, on this thread."""
    status = ""
    headers: list[tuple[str, str]] = []

    def start_response(text: str, pairs: list[tuple[str, str]], _problem: object = None) -> None:
        nonlocal status, headers
        status, headers = text, pairs

    parts = application(environ, start_response)  # type: ignore[arg-type]  # Flask calls it with these two or three
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    return Answer(status, headers, body)


def with_pages_of(application: "WSGIApplication", records: int) -> "WSGIApplication":
    """Let an application answer no list with more than so many records, whatever limit is asked for.

    Args:
        application: whose lists have a ``limit`` and lead on to their next page.
        records: on a page.
    """

    def smaller(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        query = _LIMIT.sub(lambda found: f"limit={min(int(found[1]), records)}", environ.get("QUERY_STRING", ""))
        return application(environ | {"QUERY_STRING": query}, start_response)

    return smaller


_LIMIT = re.compile(r"(?<![^&])limit=(\d{1,9})(?![^&])")


def request_environ(
    method: str, target: str, headers: dict[str, str], body: bytes = b"", host: str = "fake"
) -> "WSGIEnvironment":
    """Make the WSGI environment of a request that never saw a socket.

    Args:
        method: ``GET`` ...
        target: path and query, percent-encoded.
        headers: by their usual names.
        body: JSON, or nothing.
        host: what the request calls the server.
    """
    path, _, query = target.partition("?")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": host,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": LOOPBACK,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if body:
        environ["CONTENT_TYPE"] = "application/json"
    environ.update({f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()})
    return environ


def path_and_query(environ: "WSGIEnvironment") -> str:
    """Give the path and the query as asked."""
    path = quote(environ["PATH_INFO"], safe="/:@!$&'()*+,;=~", encoding="latin-1")
    return f"{path}?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else path
