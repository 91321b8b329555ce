"""Reads a Clever, page by page: only GET, within its rate limit, and with patience where it fails.

No error here holds an address, an id or a word of an answer: what went wrong is told by the collection, the page's
number and the status alone.
"""

import ipaddress
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import msgspec
import urllib3

VERSION = "/v3.1"
PAGE_RECORDS = 1000
"""On a page; small enough that an interruption costs little."""
TRIES_MAX = 6
TIMEOUT_SECONDS = 60
BACKOFF_SECONDS_MAX = 60
WINDOW_SECONDS = 60
"""Of Clever's rate limit, for an answer that does not say when it ends."""

Wait = Callable[[float], None]
"""Waits for some seconds."""
Get = Callable[[str, str], bytes]
"""Fetches a path; the words beside it say what it is, for errors."""


class CaptureError(Exception):
    """A capture cannot go on; the message says why, and holds nothing real."""


class Clever:
    """A Clever at a URL.

    Args:
        url: its base, ``https://api.clever.com``.
        token: a district's, with read access.
        wait: waits; a test counts instead.

    Raises:
        CaptureError: the URL is none, or would send the token over an open wire.
    """

    def __init__(self, url: str, token: str, wait: Wait) -> None:
        self._base = checked_url(url)
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._wait = wait
        self._pool = urllib3.PoolManager(retries=False, timeout=TIMEOUT_SECONDS)

    def __enter__(self) -> "Clever":
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._pool.clear()

    def get(self, path: str, what: str) -> bytes:
        """Fetch a path.

        Args:
            path: version included.
            what: it is, for errors: ``page 3 of users``.

        Raises:
            CaptureError: Clever does not give it, however often it is asked.
        """
        status = "nothing"
        for attempt in range(TRIES_MAX):
            try:
                answer = self._pool.request("GET", f"{self._base}{path}", headers=self._headers, redirect=False)
            except urllib3.exceptions.HTTPError:
                status = "no answer"
                self._wait(min(2.0**attempt, BACKOFF_SECONDS_MAX))
                continue
            if answer.status == 200:
                if answer.headers.get("x-ratelimit-remaining") == "0":
                    self._wait(_until_reset(answer))
                return answer.data
            status = f"status {answer.status}"
            if answer.status != 429 and answer.status < 500:
                raise CaptureError(f"Clever answers {status} to {what}{_ADVICE.get(answer.status, '')}")
            self._wait(_until_reset(answer) if answer.status == 429 else min(2.0**attempt, BACKOFF_SECONDS_MAX))
        raise CaptureError(
            f"Clever gives {what} in {TRIES_MAX} tries not once ({status}); start again to go on from there"
        )


_ADVICE = {
    401: ": the token is not (or no longer) valid",
    404: ": it is not shared, or the URL is not that of a Clever",
}


def checked_url(url: str) -> str:
    """Check the base URL of a Clever.

    Raises:
        CaptureError: it is none, or is not encrypted and not on this machine.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CaptureError("--clever-url: expected https://host, or http:// on this machine")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise CaptureError("--clever-url: a token goes over https:// only, but for this machine itself")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _until_reset(answer: urllib3.BaseHTTPResponse) -> float:
    """Say for how many seconds no request is allowed any more, by the answer's own clock."""
    try:
        reset = float(answer.headers["x-ratelimit-reset"])
        now = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return WINDOW_SECONDS
    return min(max(reset - now, 0.0) + 1.0, 2 * WINDOW_SECONDS)


# ---------------------------------------------------------------- pages


class _Link(msgspec.Struct, frozen=True, gc=False):
    rel: str
    uri: str


class _Links(msgspec.Struct, frozen=True):
    links: list[_Link] = []


class _Id(msgspec.Struct, frozen=True, gc=False):
    id: str


class _IdItem(msgspec.Struct, frozen=True, gc=False):
    data: _Id


class _Ids(msgspec.Struct, frozen=True):
    data: list[_IdItem]


def cursor_after(page: bytes) -> str | None:
    """Give the id after which the next page begins; ``None`` of the last page.

    Raises:
        msgspec.DecodeError: it is no page.
    """
    links = msgspec.json.decode(page, type=_Links).links
    if not any(link.rel == "next" for link in links):
        return None
    ids = msgspec.json.decode(page, type=_Ids).data
    return ids[-1].data.id if ids else None


class _SchoolKey(msgspec.Struct, frozen=True, gc=False):
    id: str
    sis_id: str = ""
    school_number: str = ""


class _SchoolKeyItem(msgspec.Struct, frozen=True, gc=False):
    data: _SchoolKey


class _SchoolKeys(msgspec.Struct, frozen=True):
    data: list[_SchoolKeyItem]


def find_school(get: Get, dbn: str) -> str:
    """Give Clever's id of a school.

    Raises:
        CaptureError: there is none of that number among those that are shared.
    """
    cursor: str | None = ""
    seen, number = 0, 0
    while cursor is not None:
        number += 1
        page = get(path_of("schools", cursor), f"page {number} of schools")
        for item in msgspec.json.decode(page, type=_SchoolKeys).data:
            seen += 1
            if dbn in (item.data.sis_id, item.data.school_number):
                return item.data.id
        cursor = cursor_after(page)
    raise CaptureError(f"--school: none of the {seen} schools that Clever shares has that number")


def path_of(collection: str, cursor: str | None, school: str | None = None) -> str:
    """Give the path of a page.

    Args:
        collection: ``users``, or another.
        cursor: the id after which it begins, if it is not the first.
        school: Clever's id of the school whose collection it is.
    """
    place = f"/schools/{school}/{collection}" if school is not None and collection != "schools" else f"/{collection}"
    after = f"&starting_after={cursor}" if cursor else ""
    return f"{VERSION}{place}?limit={PAGE_RECORDS}{after}"
