"""The raw pull: reads all that a sync reads of a Clever, over HTTP, and does nothing with it.

It is what every other time is divided by: no sync can be faster than the bytes come.
"""

import http.client
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlsplit

import click
import msgspec

PAGE_RECORDS = 10_000
CONNECTIONS = 2
LISTS = ("/v3.1/users?role=student&", "/v3.1/sections?", "/v3.1/users?role=teacher&", "/v3.1/schools?")
"""What a nightly sync reads from end to end; the longest first, so that no connection is left alone with it."""
TAIL_BYTES = 1_000
"""The links stand at the end of a page, and fit."""
SECONDS_MAX = 120
OK = 200

_NEXT = re.compile(rb'"rel":"next","uri":"([^"]+)"')


class PullFailed(RuntimeError):  # noqa: N818 - as the refusals are named
    """A page was not answered, so the pull has no time."""


class Pull(msgspec.Struct, frozen=True):
    """What a pull took."""

    seconds: float
    bytes: int
    requests: int


class _Read(NamedTuple):
    bytes: int
    requests: int


def pull(url: str, token: str, connections: int = CONNECTIONS) -> Pull:
    """Read all pages of all lists.

    Args:
        url: of Clever.
        token: of the district.
        connections: at once; each reads a list, page after page.

    Raises:
        PullFailed: a page was not answered with 200.
    """
    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        found = list(pool.map(lambda path: _list(url, token, path), LISTS))
    seconds = time.perf_counter() - began
    return Pull(seconds, sum(one.bytes for one in found), sum(one.requests for one in found))


def _list(url: str, token: str, path: str) -> _Read:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=SECONDS_MAX)
    headers = {"Authorization": f"Bearer {token}"}
    size = requests = 0
    following: str | None = f"{path}limit={PAGE_RECORDS}"
    try:
        while following is not None:
            connection.request("GET", following, headers=headers)
            answer = connection.getresponse()
            if answer.status != OK:
                raise PullFailed(f"GET {following} was answered with {answer.status}, so the pull has no time")
            body = answer.read()
            size, requests = size + len(body), requests + 1
            link = _NEXT.search(body, max(0, len(body) - TAIL_BYTES))
            following = None if link is None else link[1].decode()
    except OSError as error:
        raise PullFailed(f"GET {following}: {error}") from None
    finally:
        connection.close()
    return _Read(size, requests)


@click.command()
@click.option("--url", envvar="CLEVER_URL", required=True, help="Of Clever; or CLEVER_URL.")
@click.option("--connections", type=click.IntRange(1, 64), default=CONNECTIONS, show_default=True)
def main(url: str, connections: int) -> None:
    """Pull once and print what it took, as a line of JSON; the token stands in CLEVER_TOKEN."""
    token = os.environ.get("CLEVER_TOKEN", "")
    if not token:
        raise click.UsageError("CLEVER_TOKEN is not set; put the district's token there")
    try:
        click.echo(msgspec.json.encode(pull(url, token, connections)))
    except PullFailed as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    main()
