"""The one HTTP client of the checks: it only reads, waits when it is told to, and never shows its token."""

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import NamedTuple, TypeVar

import msgspec
import urllib3

Decoded = TypeVar("Decoded")
Wait = Callable[[float], None]

TIMEOUT_SECONDS = 60.0
ATTEMPTS = 3
"""How often a request is made that is answered with 429."""
WAIT_SECONDS_MAX = 120.0
"""The longest wait for a minute to end: Clever's window is one minute, so twice that is a clock gone wrong."""
SHOWN_CHARACTERS = 160
"""Of a body that is not as expected."""


class Unanswered(Exception):  # noqa: N818 - as the refusals are named
    """There is no answer that could be judged: no connection, or a rate limit that does not end."""


class Differs(Exception):  # noqa: N818 - a finding, no error of a program
    """An answer is not what the reference says.

    Args:
        asked: the request.
        came: what was answered, in words.
        expected: what the reference says.
    """

    def __init__(self, asked: str, came: str, expected: str) -> None:
        super().__init__(f"{asked}: {came}; expected {expected}")
        self.asked = asked
        self.came = came
        self.expected = expected


class Reply(NamedTuple):
    """An answer, and what it answers."""

    asked: str
    """Method and path with query; nothing of the host."""
    status: int
    headers: Mapping[str, str]
    """By name, whatever its case."""
    body: bytes

    @property
    def uri(self) -> str:
        """Path and query as they were asked."""
        return self.asked.partition(" ")[2]

    def require(self, holds: bool, expected: str, came: str = "") -> None:
        """Note a difference unless something holds.

        Args:
            holds: what must be so.
            expected: the same in words.
            came: what is so instead; by default status and body.

        Raises:
            Differs: it does not hold.
        """
        if not holds:
            raise Differs(self.asked, came or self._shown(), expected)

    def unix_seconds(self) -> float:
        """Give the answer's own date: this machine's clock may be another.

        Raises:
            Differs: it has none.
        """
        date = self.headers.get("Date", "")
        try:
            return parsedate_to_datetime(date).timestamp()
        except ValueError:
            raise Differs(self.asked, f"Date: {date or 'missing'}", "a Date in every answer") from None

    def decode(self, kind: type[Decoded], expected: str) -> Decoded:
        """Read the body of a good answer.

        Args:
            kind: the struct it must be; fields that it does not name are read over.
            expected: the same in words.

        Raises:
            Differs: the answer is no 200, or its body is something else.
        """
        self.require(self.status == 200, f"200, {expected}")
        try:
            return msgspec.json.decode(self.body, type=kind)
        except msgspec.DecodeError as error:
            raise Differs(self.asked, f"{error}: {self._shown()}", expected) from None

    def _shown(self) -> str:
        text = self.body.decode("utf-8", "replace")
        shown = text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}..."
        return f"{self.status} {shown or '(empty)'}"


class Client:
    """Asks one server with one token.

    Args:
        url: without a version: ``https://api.clever.com``.
        token: a district's.
        wait: lets seconds pass; only a rate limit makes it do so.
    """

    def __init__(self, url: str, token: str, wait: Wait) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._wait = wait
        self._pool = urllib3.PoolManager(retries=False, timeout=TIMEOUT_SECONDS)

    def get(self, uri: str, token: str | None = None) -> Reply:
        """Ask for a path.

        Args:
            uri: path and query.
            token: another one than the client's own; ``""`` for none.

        Raises:
            Unanswered: nothing can be reached, or the rate limit does not end.
        """
        asked = self._token if token is None else token
        headers = {"Authorization": f"Bearer {asked}"} if asked else {}
        for _ in range(ATTEMPTS):
            reply = self._ask(uri, headers)
            if reply.status != 429:
                return reply
            self._wait(_seconds_until_reset(reply))
        raise Unanswered(f"GET {uri}: 429 again and again, though the minute should have ended")

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.clear()

    def _ask(self, uri: str, headers: Mapping[str, str]) -> Reply:
        try:
            answer = self._pool.request("GET", self._url + uri, headers=dict(headers), redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise Unanswered(f"GET {uri}: {self._url} does not answer: {_without_pool(error)}") from None
        return Reply(f"GET {uri}", answer.status, answer.headers, answer.data)


def _seconds_until_reset(reply: Reply) -> float:
    """Tell how long the minute still lasts, by the server's clock."""
    try:
        reset = float(reply.headers["x-ratelimit-reset"])
    except (KeyError, ValueError) as error:
        expected = "x-ratelimit-reset in unix seconds"
        raise Differs(reply.asked, f"429 without a moment to wait for ({error})", expected) from None
    return min(max(reset - reply.unix_seconds(), 1.0), WAIT_SECONDS_MAX)


def _without_pool(error: Exception) -> str:
    return str(error).rpartition(": ")[2]
