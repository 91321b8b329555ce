"""Locust's users: the sync at night, and the people who use Otus meanwhile."""

import itertools
import random
from collections.abc import Iterator
from typing import Any, NoReturn

import gevent
import msgspec
from locust import User, task
from locust.contrib.fasthttp import FastHttpUser
from locust.event import EventHook

from loadtests.load import events
from loadtests.load.desk import desk
from loadtests.load.happenings import name_of
from loadtests.load.plan import PEOPLE
from loadtests.load.syncs import run_sync, state_folder

POLL_SECONDS = 0.5
"""How often a person looks whether there are accounts yet: on a first night Otus is empty."""
THINKS_SECONDS = (0.2, 1.5)
"""How long a person looks at a page before the next click."""
PAGE = 50
"""Rows on a screen of Otus."""

_numbers = itertools.count()


class NightlySync(User):
    """Runs the sync under test: for the whole district, or for the schools one after the other, until all is done."""

    fixed_count = 1

    @task
    def night(self) -> NoReturn:
        """Take turns until there are none, then wait for the end of the run."""
        assignment = desk().assignment()
        with state_folder(assignment) as state:
            while (scope := desk().turn()) is not None:
                run = run_sync(assignment, scope, state, lambda request: events.fire_request(self.environment, request))
                events.fire_run(self.environment, run)
                desk().report(run)
                gevent.sleep(assignment.rest_seconds)
            while True:  # a user that leaves would be replaced
                gevent.sleep(60)


class Person(FastHttpUser):
    """Somebody who is signed in to Otus, as Otus Support's token lets them be.

    Nobody here changes what the sync is answerable for: what people do stays in classes made by hand (F10), so that
    the checker may expect 0 differences.
    """

    abstract = True
    host = "http://127.0.0.1"
    role = ""
    """As Otus calls it."""

    def on_start(self) -> None:
        """Find somebody to be."""
        self.assignment = desk().assignment()
        # Each user draws for themselves, the same at every run of the same number of users.
        self.draw = random.Random(f"{self.role} {next(_numbers)}")  # noqa: S311 - a game, no secret
        self.client.base_url = self.assignment.otus_url
        self.client.request_event = _Filed(self.environment.events.request, self.role)
        self.account = self._somebody()
        self.school: str = self.draw.choice(self.account["schools"] or [""])
        self.class_ids: list[int] = []

    def wait_time(self) -> float:
        """Look at a page for a while."""
        return self.draw.uniform(*THINKS_SECONDS)

    def ask(self, method: str, path: str, body: dict[str, object] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Ask Otus as this person, and have Locust count it.

        Returns:
            The answer; ``None`` where it has no body or was no success.
        """
        headers = self._headers(str(self.account["id"]))
        response = self.client.request(method, path, name=name_of(method, path), json=body, headers=headers)
        return msgspec.json.decode(response.content) if 200 <= response.status_code < 300 and response.content else None

    def _headers(self, behalf: str | None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.assignment.support_token}", "X-Sync-Run": PEOPLE}
        return headers if behalf is None else {**headers, "X-On-Behalf-Of": behalf}

    def _somebody(self) -> dict[str, Any]:
        """Choose an account of the role, waiting until there are some."""
        # Admins are never rostered (F6): where the district has none, Otus Support looks over the admins' shoulders.
        dbn = self.draw.choice(self.assignment.schools or ("",))
        path = f"/api/v1/accounts?role={self.role}&active=true&limit={PAGE}" + (f"&school={dbn}" if dbn else "")
        while True:
            response = self.client.request("GET", path, name=name_of("GET", path), headers=self._headers(None))
            found = msgspec.json.decode(response.content)["items"] if response.status_code == 200 else []
            if found:
                chosen: dict[str, Any] = self.draw.choice(found)
                return chosen
            path = path.partition("&school=")[0]
            gevent.sleep(POLL_SECONDS)


class _Filed(EventHook):
    """Locust's event of a request, filed under who has asked instead of under the method."""

    def __init__(self, event: EventHook, who: str) -> None:
        super().__init__()
        self._event = event
        self._who = who

    def fire(self, **kwargs: object) -> None:
        """Fire the event."""
        self._event.fire(**{**kwargs, "request_type": self._who})


class Teacher(Person):
    """Opens classes and rosters, and practises in a class made by hand."""

    role = "teacher"
    weight = 4

    def on_start(self) -> None:
        """Begin the lesson."""
        super().on_start()
        self.own: int | None = None
        self.steps = self._lesson()

    @task
    def click(self) -> None:
        """Do what comes next."""
        next(self.steps)

    def _lesson(self) -> Iterator[None]:
        """Go through a lesson, over and over, a request at a time."""
        while True:
            page = self.ask("GET", f"/api/v1/classes?school={self.school}&limit={PAGE}")
            self.class_ids = [there["id"] for there in (page or {"items": []})["items"]]
            yield
            for class_id in self.draw.sample(self.class_ids, min(3, len(self.class_ids))):
                self.ask("GET", f"/api/v1/classes/{class_id}/members?limit={PAGE}")
                yield
            self.ask("GET", f"/api/v1/search?q={self.account['last_name'][:3] or 'a'}")
            yield
            yield from self._practise()

    def _practise(self) -> Iterator[None]:
        """Add a student to a class made by hand and take them off again (F10, F11)."""
        if self.own is None:
            made = self.ask("POST", "/api/v1/classes", {"name": "Practice", "school": self.school})
            yield
            if made is None:
                return
            self.own = made["id"]
        page = self.ask("GET", f"/api/v1/accounts?role=student&active=true&school={self.school}&limit={PAGE}")
        yield
        if not page or not page["items"]:
            return
        student = self.draw.choice(page["items"])["id"]
        added = self.ask("POST", f"/api/v1/classes/{self.own}/members", {"part": "student", "account": student})
        yield
        if added is not None:
            self.ask("DELETE", f"/api/v1/classes/{self.own}/members/{student}")
            yield


class Admin(Person):
    """Looks at how the night goes, who is there, and what was done."""

    role = "admin"
    weight = 1

    @task(3)
    def look_at_the_night(self) -> None:
        """Open the page of sync runs."""
        self.ask("GET", "/api/v1/sync-runs?limit=10")

    @task(2)
    def list_people(self) -> None:
        """Open the list of a school's students."""
        self.ask("GET", f"/api/v1/accounts?role=student&school={self.school}&limit={PAGE}")

    @task(1)
    def look_at_the_audit_log(self) -> None:
        """Open the audit log."""
        self.ask("GET", f"/api/v1/audit?limit={PAGE}")
