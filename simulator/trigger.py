"""A sync under test that is started over HTTP: one POST starts a run, and its end is answered, asked for, or called in.

The POST's body is the environment as JSON, with :data:`CALLBACK` besides. The answer says how the end will be known:

- ``200`` and ``{"exit_code": 0}``: the run has ended already; the request took as long as the run;
- ``202`` with a ``Location``, or ``{"status_url": "..."}``: that URL is asked until it answers with an ``exit_code``;
- ``202`` with neither: the sync POSTs ``{"exit_code": 0}`` to the callback URL when it has ended.
"""

import threading
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

import msgspec

from simulator.gateway import Ended, Inbox, Server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CALLBACK = "SYNC_CALLBACK_URL"
"""Where a run may report its end; told to a sync that is started over HTTP, and to no other."""
ASK_EVERY_SECONDS = 0.2
"""Real time between two looks at a status URL."""
REQUEST_SECONDS_MAX = 86_400.0
"""How long the starting request may take, in real time; the limit of the run's silence is shorter."""


class RunState(msgspec.Struct, frozen=True):
    """What is known of a run: as the answer to its start, from its status URL, or as it calls in."""

    exit_code: int | None = None
    """``None`` while it goes on."""
    output: str = ""
    status_url: str = ""


class TriggerError(Exception):
    """The sync's own server cannot be asked, or answers what nobody can read."""


class _Reply(NamedTuple):
    state: RunState
    location: str


class HttpSut:
    """A sync behind a URL.

    Args:
        url: that a POST of starts a run.
    """

    in_process = False
    sleeps_really = True
    has_our_disk = False

    def __init__(self, url: str) -> None:
        self._url = url

    def start(self, environ: Mapping[str, str], inbox: Inbox, *, disk_full: bool = False) -> "HttpRun":  # noqa: ARG002
        """Start a run; the disk of a sync that runs elsewhere is its own."""
        return HttpRun(self._url, environ, inbox)


class HttpRun:
    """A run that was started over HTTP.

    It cannot be killed, as nobody here owns its process: stopped, it is turned away whatever it asks.
    """

    ends_with_report = False

    def __init__(self, url: str, environ: Mapping[str, str], inbox: Inbox) -> None:
        self._url = url
        self._inbox = inbox
        self._over = threading.Event()
        self._callback = Server(self._called, "callback")
        told = {**environ, CALLBACK: self._callback.url}
        threading.Thread(target=self._run, args=(told,), name="rostersim-trigger", daemon=True).start()

    def stop(self) -> None:
        """Wait for it no longer."""
        self._end(None)

    def is_over(self) -> bool:
        """Tell whether its end is known."""
        return self._over.is_set()

    def _run(self, told: Mapping[str, str]) -> None:
        try:
            state, location = _ask(self._url, msgspec.json.encode(told))
            where = state.status_url or location
            while where and state.exit_code is None and not self._over.wait(ASK_EVERY_SECONDS):
                state, _ = _ask(urljoin(self._url, where))
        except TriggerError as error:
            self._end(Ended(1, str(error)))
            return
        if state.exit_code is not None:
            self._end(Ended(state.exit_code, state.output))

    def _called(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Take the sync's word that it has ended."""
        try:
            state = msgspec.json.decode(environ["wsgi.input"].read(), type=RunState)
        except msgspec.DecodeError:
            state = RunState()
        headers = [("Content-Type", "text/plain"), ("Content-Length", "0")]
        if environ["REQUEST_METHOD"] != "POST" or state.exit_code is None:
            start_response("400 Bad Request", headers)
            return [b""]
        start_response("204 No Content", headers[:1])
        self._end(Ended(state.exit_code, state.output), from_callback=True)
        return [b""]

    def _end(self, ended: Ended | None, *, from_callback: bool = False) -> None:
        if self._over.is_set():
            return
        self._over.set()
        if ended is not None:
            self._inbox.put(ended)
        closing = threading.Thread(target=self._callback.stop, name="rostersim-callback-end", daemon=True)
        closing.start()  # a server cannot wait for the end of the very thread that answers for it
        if not from_callback:
            closing.join(timeout=5)


def _ask(url: str, body: bytes | None = None) -> _Reply:
    """Ask the sync's server.

    Raises:
        TriggerError: it cannot be asked, refuses, or answers no JSON.
    """
    headers = {} if body is None else {"Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - read_http lets http and https through
    try:
        with urllib.request.urlopen(request, timeout=REQUEST_SECONDS_MAX) as answer:  # noqa: S310 - as above
            content, location = answer.read(), answer.headers.get("Location", "")
    except (urllib.error.URLError, OSError) as error:
        raise TriggerError(f"the sync's server at {url} cannot be asked: {getattr(error, 'reason', error)}") from None
    try:
        return _Reply(msgspec.json.decode(content or b"{}", type=RunState), location)
    except msgspec.DecodeError as error:
        raise TriggerError(f"the sync's server at {url} answers what is no run's state: {error}") from None


def is_http_url(url: str) -> bool:
    """Tell whether a text is the URL of a server."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.netloc)
