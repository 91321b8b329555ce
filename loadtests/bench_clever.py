"""How fast the fake Clever hands out a page of 10,000 users, against the same server answering a constant.

The page goes the way every request of a sync goes: socket, cheroot, gateway, simulation thread, Flask. The constant
goes the same way but for Flask and the fake, with as many bytes. The client reads from a process of its own.
Absolute figures belong to one machine and hour; the ratio carries over.
"""

import http.client
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import click

from fakes.clever import Clever, UserRow, create_app
from simulator.gateway import Answer, Gateway, Inbox, Request, Server, call, request_environ

USERS = 10_000
PAGES_PER_ROUND = 20
ROUNDS = 7
"""Constant and page take turns, so that what else the machine does befalls both; medians are told."""
RATIO_AIM = 0.7
INBOX_WAIT_SECONDS = 0.01
PAGE_PATH = f"/v3.1/users?limit={USERS}"
NOON = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)

Answering = Callable[[Request], Answer]


class Reading(NamedTuple):
    """What a client has read."""

    seconds: float
    bytes_of_page: int


def main() -> None:
    """Measure and print."""
    clever = a_district()
    token = clever.issue_token()
    application = create_app(clever)
    page = call(application, request_environ("GET", PAGE_PATH, {"Authorization": f"Bearer {token}"})).body
    constant = Answer("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(page)))], page)

    def from_sqlite(request: Request) -> Answer:
        clever.revoke("")  # any writing lets the fake forget the pages that were read before
        return call(application, request.environ)

    ways: dict[str, Answering] = {
        "a constant of that size": lambda _request: constant,
        "the page, read again": lambda request: call(application, request.environ),
        "the page, after a change": from_sqlite,
    }
    rates = measure(ways, token)
    clever.close()
    baseline = rates["a constant of that size"]
    click.echo(f"a page of Clever {USERS} users, {len(page) / 1e6:.1f} MB")
    for way, rate in rates.items():
        click.echo(f"                 {way:26} {rate:6.1f} pages/s, {rate / baseline:.2f} of the constant", nl=False)
        click.echo(f"   (aim: >= {RATIO_AIM})" if "again" in way else "")


def a_district() -> Clever:
    """Make a district of students."""
    clever = Clever(lambda: NOON, seed=1)
    clever.deliver(a_student(number) for number in range(USERS))
    return clever


def a_student(number: int) -> UserRow:
    """Make a student."""
    first, osis = f"Ada{number}", str(200_000_000 + number)
    return UserRow("student", osis, first, "Lovelace", f"{first.lower()}@schools.example", grade="09")


def measure(ways: dict[str, Answering], token: str) -> dict[str, float]:
    """Read pages in turns, and give the median rate of each way in pages a second."""
    rates: dict[str, list[float]] = {way: [] for way in ways}
    with _client() as client, _server() as (server, inbox):
        for _ in range(ROUNDS):
            for way, answering in ways.items():
                reading = client.submit(read_pages, server.url, token)
                while not reading.done():
                    message = inbox.get(INBOX_WAIT_SECONDS)
                    if isinstance(message, Request):
                        message.reply.put(answering(message))
                rates[way].append(PAGES_PER_ROUND / reading.result().seconds)
    return {way: statistics.median(found) for way, found in rates.items()}


def read_pages(url: str, token: str) -> Reading:
    """Read the same page some times over one connection; runs in the client's process."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    size = _read(connection, token)  # opens the connection
    began = time.perf_counter()
    for _ in range(PAGES_PER_ROUND):
        _read(connection, token)
    seconds = time.perf_counter() - began
    connection.close()
    return Reading(seconds, size)


def _read(connection: http.client.HTTPConnection, token: str) -> int:
    connection.request("GET", PAGE_PATH, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"the page was answered with {answer.status}, so it has no speed")
    return len(body)


@contextmanager
def _client() -> Iterator[ProcessPoolExecutor]:
    # Spawned, as a fork would take the server's threads along.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as client:
        client.submit(time.perf_counter).result()  # starting it is not measured
        yield client


@contextmanager
def _server() -> Iterator[tuple[Server, Inbox]]:
    inbox = Inbox()
    server = Server(Gateway("clever", inbox), "bench")
    yield server, inbox
    server.stop()


if __name__ == "__main__":
    main()
