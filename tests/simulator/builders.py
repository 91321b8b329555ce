"""Worlds for the tests: a small district, and syncs that are functions of a few lines."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import urllib3

from simulator.clock import NEW_YORK, Order, Process
from simulator.district import District, Person, School, Section, Setup
from simulator.nights import nights_after
from simulator.past import write_past
from simulator.sut import CallableSut, NightlySync, Sut
from simulator.world import World

DBN = "02M475"
ALGEBRA = "Algebra 1-01"
ROSA, BEN, MEI = "Rosa Diaz", "Ben Okri", "Mei Chen"
MONDAY = datetime(2026, 9, 14, 8, 0, tzinfo=NEW_YORK)


def small_district(*, finalized: bool = True) -> District:
    """One school, one section: Rosa teaches Ben; Mei is in the school and in no section."""
    return District(
        schools=(School(dbn=DBN, finalized=finalized),),
        people=(
            Person(name=ROSA, role="teacher", schools=(DBN,)),
            Person(name=BEN, role="student", schools=(DBN,)),
            Person(name=MEI, role="student", schools=(DBN,)),
        ),
        sections=(Section(name=ALGEBRA, school=DBN, teacher=ROSA, students=(BEN,)),),
    )


@contextlib.contextmanager
def world_of(
    sync: NightlySync | Sut | None = None, district: District | None = None, start: datetime = MONDAY, **settings: Any
) -> Iterator[World]:
    """A world with its past; what a test does not name is ordinary."""
    sut = CallableSut(sync or idle) if callable(sync) or sync is None else sync
    setup = Setup(start=start, **{"sync_real_seconds_max": 10.0} | settings)
    with World(setup, sut) as world:
        write_past(world, district or small_district())
        yield world


def nights(world: World, count: int = 1) -> None:
    """Let some nights come."""

    def story() -> Process:
        moments = nights_after(world.clock(), world.setup.nightly_at)
        for _ in range(count):
            yield world.clock.at(next(moments), Order.SYNC)
            world.nights += 1
            yield from world.runner.run(world.nights)

    world.play(story())


def idle(_environ: Mapping[str, str]) -> int:
    """A sync that does nothing at all, and says that all is well."""
    return 0


class Client:
    """What a sync of the tests asks the systems with; every connection is closed in the end."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self._pool = urllib3.PoolManager(retries=False, timeout=20)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.clear()

    def clever(self, path: str) -> urllib3.BaseHTTPResponse:
        return self.ask("CLEVER", "GET", path)

    def otus(self, method: str, path: str, body: object = None) -> urllib3.BaseHTTPResponse:
        return self.ask("OTUS", method, f"/api/v1{path}", body)

    def ask(self, system: str, method: str, path: str, body: object = None) -> urllib3.BaseHTTPResponse:
        headers = {"Authorization": f"Bearer {self.environ[f'{system}_TOKEN']}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        content = None if body is None else json.dumps(body).encode()
        url = self.environ[f"{system}_URL"] + path
        return self._pool.request(method, url, body=content, headers=headers)


def asking(what: Callable[[Client], object]) -> NightlySync:
    """A sync that does one thing with the systems."""

    def sync(environ: Mapping[str, str]) -> int:
        with Client(environ) as client:
            what(client)
        return 0

    return sync


def the_end(world: World) -> Any:
    """The end of the last run."""
    return world.runner.ends[-1]
