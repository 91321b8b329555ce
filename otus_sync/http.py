"""One HTTP client for both systems: it asks again where that can help, and says clearly when it cannot.

Both systems' requests may be repeated: reads change nothing, and a bulk write names the state that is wanted,
so a second one finds it there. Waits are the same in every run (no random part): a run has few requests in
flight, there is no crowd to spread.
"""

import threading
import time
from email.utils import parsedate_to_datetime
from typing import TypeVar

import msgspec
import urllib3

from otus_sync import __version__
from otus_sync.errors import RefusedError, UnauthorizedError, UnexpectedAnswerError, UnreachableError
from otus_sync.log import Log
from otus_sync.settings import Secret, Settings

Answer = TypeVar("Answer")

TOO_MANY_REQUESTS = 429
REASON_LETTERS_MAX = 500
"""Of a refusal's text that is no problem document (an HTML page, say)."""


class _Problem(msgspec.Struct):
    message: str = ""


class _Failed(Exception):  # noqa: N818 - an attempt, not an error: the next one may do
    def __init__(self, happened: str, wait_seconds: float | None = None) -> None:
        super().__init__(happened)
        self.happened = happened
        self.wait_seconds = wait_seconds


class Http:
    """Requests to one system.

    Args:
        system: its name, for messages.
        base_url: what every path is put behind.
        token: sent as a bearer token.
        settings: attempts, waits and timeout.
        log: told of every attempt that failed.
        slots: taken by each attempt, so that all systems together have no more under way than there are.
    """

    def __init__(
        self,
        system: str,
        base_url: str,
        token: Secret,
        settings: Settings,
        log: Log,
        slots: threading.Semaphore | None = None,
    ) -> None:
        self.system = system
        self.unsure = 0
        """How many attempts ended without telling whether the system acted on them."""
        # All requests go to one place: its pool is asked directly, a manager would look it up each time.
        self._path = urllib3.util.parse_url(base_url).path or ""
        self._settings = settings
        self._log = log
        self._slots = slots or threading.Semaphore(settings.in_flight)
        self._headers = {
            "Authorization": f"Bearer {token.text}",
            "Accept": "application/json",
            "User-Agent": f"otus-sync/{__version__}",
        }
        self._base_url = base_url
        self._pool = self._connected()

    def start_anew(self, slots: threading.Semaphore) -> None:
        """Leave the connections to the process that has made them, and make others where they are needed.

        Args:
            slots: of this process.
        """
        self._slots = slots
        self._pool = self._connected()

    def _connected(self) -> urllib3.HTTPConnectionPool:
        settings = self._settings
        return urllib3.connection_from_url(
            self._base_url, maxsize=settings.in_flight, timeout=settings.timeout_seconds, retries=False
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def request(self, method: str, path: str, answer: type[Answer], body: msgspec.Struct | None = None) -> Answer:
        """Ask until there is an answer, at most ``attempts`` times.

        Args:
            method: of HTTP.
            path: with its query.
            answer: the struct to read the answer into.
            body: sent as JSON.

        Raises:
            UnauthorizedError: 401; not asked again.
            RefusedError: any other answer from 300 to 499 but 429; not asked again.
            UnexpectedAnswerError: the answer is whole, and of another shape; not asked again.
            UnreachableError: every attempt was cut, timed out, limited (429), failed (5xx) or broken JSON.
        """
        request = f"{method} {path}"
        content = None if body is None else msgspec.json.encode(body)
        attempt = 1
        while True:
            try:
                return self._attempt(method, path, content, answer)
            except _Failed as failure:
                if attempt >= self._settings.attempts:
                    tried = f"{failure.happened} (attempt {attempt} of {attempt})"
                    raise UnreachableError(self.system, request, tried) from None
                wait_seconds = self._wait_seconds(failure, attempt)
                self._log.warning(
                    "request.failed",
                    system=self.system,
                    request=request,
                    happened=failure.happened,
                    attempt=attempt,
                    wait_seconds=wait_seconds,
                )
                time.sleep(wait_seconds)
                attempt += 1

    def _attempt(self, method: str, path: str, content: bytes | None, answer: type[Answer]) -> Answer:
        headers = self._headers if content is None else {**self._headers, "Content-Type": "application/json"}
        began = 0.0
        try:
            with self._slots:
                began = time.perf_counter()  # it waits for its turn before: that is none of the system's doing
                response = self._pool.request(method, self._path + path, body=content, headers=headers, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            self.unsure += 1
            self._measured(f"{method} {path}", began, None)
            raise _Failed(f"no whole answer: {error}") from None
        self._measured(f"{method} {path}", began, response)
        self._raise_unless_good(f"{method} {path}", response)
        try:
            return msgspec.json.decode(response.data, type=answer)
        except msgspec.ValidationError as error:
            raise UnexpectedAnswerError(self.system, f"{method} {path}", f"an unexpected answer: {error}") from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self.unsure += 1
            raise _Failed(f"the answer is broken JSON: {error}") from None

    def _measured(self, request: str, began: float, response: urllib3.BaseHTTPResponse | None) -> None:
        """Tell the log how long an attempt took, body and all; status 0 says that there was no whole answer."""
        if not self._settings.log_requests:
            return
        self._log.info(
            "request.ended",
            system=self.system,
            request=request,
            status=0 if response is None else response.status,
            milliseconds=round((time.perf_counter() - began) * 1000, 3),
            bytes=0 if response is None else len(response.data),
        )

    def _raise_unless_good(self, request: str, response: urllib3.BaseHTTPResponse) -> None:
        status = response.status
        if 200 <= status < 300:
            return
        if status == TOO_MANY_REQUESTS:
            raise _Failed("too many requests (429)", _limited_seconds(response))
        if status >= 500:
            self.unsure += 1
            raise _Failed(f"it failed with {status}: {_reason(response.data)}")
        if status == 401:
            raise UnauthorizedError(self.system, request, status, f"{_reason(response.data)} (is the token current?)")
        raise RefusedError(self.system, request, status, _reason(response.data))

    def _wait_seconds(self, failure: _Failed, attempt: int) -> float:
        backoff = self._settings.backoff_seconds * 2 ** (attempt - 1)
        wanted = backoff if failure.wait_seconds is None else failure.wait_seconds
        return min(wanted, self._settings.wait_seconds_max)


def _limited_seconds(response: urllib3.BaseHTTPResponse) -> float | None:
    """Tell how long a 429 lasts: by the answer's own ``Date``, as the clocks of two machines never agree."""
    try:
        reset = float(response.headers["x-ratelimit-reset"])
        answered = parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (KeyError, ValueError):
        return None
    return reset - answered if reset > answered else None


def _reason(body: bytes) -> str:
    try:
        message = msgspec.json.decode(body, type=_Problem).message
    except (msgspec.DecodeError, UnicodeDecodeError):
        message = body[:REASON_LETTERS_MAX].decode(errors="replace").strip()
    return message or "it gave no reason"
