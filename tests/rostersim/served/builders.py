"""A house of worlds for tests, with its simulation thread and its control API, and somebody who asks."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from rostersim.console import with_console
from rostersim.served.house import House
from rostersim.served.wire import control_application
from scenarios.play import DEFAULT_SUT
from simulator.gateway import LOOPBACK, Server
from simulator.sut import read_spec
from tests.scenarios.builders import story_text

ENROLL = "{ats: enroll, student: Mei Chen, section: Algebra 1-01}"
BY_HAND = "{otus: add student, student: Mei Chen, class: Algebra 1-01}"
BEGINNING = story_text().split("story:")[0]
REAL_SECONDS_MAX = 30.0
LOOKS_MAX = 3000


class Told(NamedTuple):
    """What the control API answered."""

    code: int
    body: Any


class Asker:
    """Asks a control API."""

    def __init__(self, url: str, token: str, world: str = "main") -> None:
        self.url = url
        self.token = token
        self.world = f"/worlds/{world}"
        self._pause = threading.Event()

    def ask(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Told:
        content = None if body is None else json.dumps(body).encode()
        usual = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        told = {name: text for name, text in {**usual, **(headers or {})}.items() if text}
        request = urllib.request.Request(self.url + path, content, told, method=method)
        try:
            with urllib.request.urlopen(request, timeout=REAL_SECONDS_MAX) as answer:
                return Told(answer.status, json.loads(answer.read() or b"null"))
        except urllib.error.HTTPError as error:
            return Told(error.code, json.loads(error.read() or b"null"))

    def get(self, path: str) -> Any:
        told = self.ask("GET", self.world + path)
        assert told.code == 200, told
        return told.body

    def post(self, path: str, body: object = None) -> Any:
        told = self.ask("POST", self.world + path, body)
        assert told.code < 300, told
        return told.body

    def refused(self, path: str, body: object = None) -> str:
        told = self.ask("POST", self.world + path, body)
        assert 400 <= told.code < 500, told
        return str(told.body["message"])

    def do(self, steps: object) -> Any:
        return self.post("/steps", {"steps": steps})["items"]

    def advance(self, to: str) -> Any:
        assert self.post("/clock/advance", {"to": to})["status"] in ("advancing", "ready")
        return self.until_ready()

    def until_ready(self) -> Any:
        for _ in range(LOOKS_MAX):  # counted: while a sync runs in this process, its clock is the simulated one
            status = self.get("/clock")
            if status["status"] != "advancing":
                return status
            self._pause.wait(0.01)
        raise AssertionError(status)

    def classes_of(self, person: str) -> dict[str, tuple[str, str, str]]:
        rows = self.get(f"/people/{quote(person)}")["classes"]
        return {row["what"]: (row["ats"], row["clever"], row["otus"]) for row in rows}


@contextmanager
def house_of(folder: Path, *, sut: str = DEFAULT_SUT, host: str = LOOPBACK) -> Iterator[tuple[House, Asker]]:
    """Keep the worlds of a folder up, with all that it holds."""
    house = House(folder, read_spec(sut), sut)
    opened = threading.Event()

    def live() -> None:
        try:
            for name in house.kept():
                house.open(name)
            opened.set()
            house.run()
        finally:
            opened.set()
            house.close()

    thread = threading.Thread(target=live, name="rostersim-simulation")
    thread.start()
    opened.wait(REAL_SECONDS_MAX)
    server = Server(with_console(control_application(house, host), house, host), "control")
    try:
        yield house, Asker(server.url, house.token)
    finally:
        house.stop()
        thread.join(REAL_SECONDS_MAX)
        server.stop()


@contextmanager
def served(folder: Path, story: str = BEGINNING, *, play: bool = False, sut: str = DEFAULT_SUT) -> Iterator[Asker]:
    """Serve one world."""
    with house_of(folder, sut=sut) as (_, asker):
        made = asker.ask("POST", "/worlds", {"id": "main", "story": story, "play": play})
        assert made.code == 201, made
        yield asker
