"""A fake Clever that has something for every check of the wire, behind a real socket."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from fakes.clever import CleverSettings, Row, create_app
from simulator.gateway import Gateway, Inbox, Request, Server, call
from tests.fakes.clever.builders import (
    MIDWOOD,
    STUYVESANT,
    District,
    contact,
    course,
    district_admin,
    gone,
    resource,
    school,
    section,
    staff,
    student,
    teacher,
    term,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

POLL_SECONDS = 0.01
STUDENTS = 101
"""More than a page has by itself."""


Around = Callable[["WSGIApplication"], "WSGIApplication"]


class Wire:
    """An application that can be made another than Clever's while it is served.

    Args:
        application: the fake's own.
    """

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application
        self.around: Around | None = None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        application = self._application if self.around is None else self.around(self._application)
        return application(environ, start_response)


class Served(NamedTuple):
    """A fake that listens."""

    url: str
    token: str
    wire: Wire

    @contextmanager
    def other(self, around: Around) -> Iterator[None]:
        """Put something around the fake, for a while."""
        self.wire.around = around
        try:
            yield
        finally:
            self.wire.around = None


def rows() -> list[Row]:
    students = [
        student(f"2000{number:05d}", schools=(STUYVESANT,) if number % 2 else (STUYVESANT, MIDWOOD))
        for number in range(STUDENTS)
    ]
    return [
        *(school(dbn, f"School {dbn}") for dbn in (STUYVESANT, MIDWOOD, "05M369")),
        term(),
        course(),
        *students,
        teacher(),
        teacher("1000002"),
        staff(),
        district_admin(),
        contact("9", students[0].sis_id),
        section(teachers=("1000001", "1000002"), students=(students[0].sis_id, students[1].sis_id)),
        section("empty", teachers=(), students=()),
        resource(courses=(), students=(students[0].sis_id,)),
    ]


@contextmanager
def served(**settings: object) -> Iterator[Served]:
    """Serve the fake from a thread of its own, as its store belongs to the thread that opens it.

    Args:
        settings: of the Clever.
    """
    inbox, ready, over = Inbox(), queue.SimpleQueue[tuple[str, Wire]](), threading.Event()
    limits = {"rate_limit_per_minute": 1_000_000, **settings}  # the clock stands, so that a minute never ends

    def answer() -> None:
        made = District(CleverSettings(**limits))  # type: ignore[arg-type]  # as the test says
        made.clever.enable_events()
        made.deliver(*rows())
        made.deliver(student("200000000", last_name="Renamed"), gone(student("200000007")))
        wire = Wire(create_app(made.clever))
        ready.put((made.token, wire))
        while not over.is_set():
            message = inbox.get(POLL_SECONDS)
            if isinstance(message, Request):
                message.reply.put(call(wire, message.environ))
        made.clever.close()

    answering = threading.Thread(target=answer)
    answering.start()
    server = Server(Gateway("clever", inbox), "clever")
    try:
        yield Served(server.url, *ready.get(timeout=10))
    finally:
        server.stop()
        over.set()
        answering.join()
