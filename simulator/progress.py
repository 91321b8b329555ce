"""How far a run of the sync has come, in the field's words: its fifth write, page 7 of sections."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

from simulator.gateway import Request

RUN_RECORDS = "/api/v1/sync-runs"

PointKind = Literal["request", "read", "write", "page", "turn"]
"""What a point of a run is counted in: requests, GETs, writes about accounts and classes, pages of a list; or it is
one of the turns that every run takes, whatever sync it is of."""

Turn = Literal["begun", "Clever read", "first write", "first class", "report"]
"""Where a run stands, as its requests tell: it has Otus make its record; it turns from Clever to Otus; it is about to
change the first thing in Otus, the first class; it tells Otus how it ended, with all done that it wanted to do."""

_CURSOR = re.compile(r"(?:^|&)(?:starting_after|after|ending_before)=([^&]*)")
_FIRST_PAGES = ("", "0")
"""Cursors that lead to the beginning: Clever's list has none there, Otus's may say ``after=0``."""


class Span(NamedTuple):
    """Some of things that are counted from 1: the second to the fourth, or all from the fifth on."""

    first: int
    last: int | None
    """``None``: without end."""

    def __contains__(self, number: object) -> bool:
        """Tell whether a number lies in it."""
        return isinstance(number, int) and self.first <= number and (self.last is None or number <= self.last)


ALL = Span(1, None)


class Sighting(NamedTuple):
    """A request and its place in its run; every number counts from 1."""

    system: str
    request: int
    """Among all requests of the run."""
    read: int | None
    """Among the GETs to its system."""
    write: int | None
    """Among those that change accounts or classes in Otus."""
    collection: str
    """Of a GET, what it lists: the last word of its path (``sections``)."""
    page: int | None
    """Of a GET, which page of that list; asked for again, a page keeps its number."""
    of_system: int
    """Among all requests to its system."""
    turns: tuple[Turn, ...] = ()
    """The turns that the run takes with it."""

    def in_words(self) -> str:
        """Say which request it is: ``page 7 of sections``, ``write 2``."""
        if self.page is not None:
            return f"page {self.page} of {self.collection}"
        return f"request {self.request}" if self.write is None else f"write {self.write}"


class Point(NamedTuple):
    """Some requests of a run."""

    kind: PointKind
    span: Span
    system: str | None = None
    """``None``: whatever system; requests are then counted over both."""
    collection: str = ""
    """Of pages: of which list."""
    turn: Turn | None = None
    """Of a turn: which."""

    def covers(self, sighting: Sighting) -> bool:
        """Tell whether a request is one of them."""
        if self.system not in (None, sighting.system):
            return False
        if self.collection and self.collection != sighting.collection:
            return False
        match self.kind:
            case "request":
                return (sighting.request if self.system is None else sighting.of_system) in self.span
            case "read":
                return sighting.read in self.span
            case "write":
                return sighting.write in self.span
            case "page":
                return sighting.page in self.span
            case "turn":
                return self.turn in sighting.turns


class Progress:
    """Counts the requests of one run."""

    def __init__(self) -> None:
        self.requests = self.writes = 0
        self._of_system: dict[str, int] = {}
        self._reads: dict[str, int] = {}
        self._cursors: dict[tuple[str, str], list[str]] = {}
        self._turned: set[Turn] = set()

    def see(self, request: Request) -> Sighting:
        """Count a request, and tell where it stands."""
        system = request.system
        self.requests += 1
        of_system = self._of_system[system] = self._of_system.get(system, 0) + 1
        turns = self._turns(request)
        if request.environ["REQUEST_METHOD"] != "GET":
            writes = is_write(request)
            self.writes += writes
            write = self.writes if writes else None
            return Sighting(system, self.requests, None, write, "", None, of_system, turns)
        read = self._reads[system] = self._reads.get(system, 0) + 1
        collection = str(request.environ["PATH_INFO"]).rpartition("/")[2]
        page = self._page(system, request)
        return Sighting(system, self.requests, read, None, collection, page, of_system, turns)

    def _turns(self, request: Request) -> tuple[Turn, ...]:
        """Tell which turns a run takes with a request, each once in a run."""
        taken = tuple(turn for turn in self._possible_turns(request) if turn not in self._turned)
        self._turned.update(taken)
        return taken

    def _possible_turns(self, request: Request) -> Iterator[Turn]:
        path = str(request.environ["PATH_INFO"])
        if request.system != "otus":
            return
        if path.startswith(RUN_RECORDS):
            if request.environ["REQUEST_METHOD"] == "POST":
                yield "begun"
            elif request.environ["REQUEST_METHOD"] == "PATCH" and _says_it_is_over(request):
                yield "report"
            return
        if self._reads.get("clever"):
            yield "Clever read"
        if is_write(request):
            yield "first write"
            if "/classes/" in path:
                yield "first class"

    def _page(self, system: str, request: Request) -> int:
        """Number the pages of a list in the order in which they are first asked for, from its beginning each time."""
        found = _CURSOR.search(request.environ.get("QUERY_STRING", ""))
        cursor = "" if found is None or found[1] in _FIRST_PAGES else found[1]
        asked = self._cursors.setdefault((system, str(request.environ["PATH_INFO"])), [])
        if not cursor:
            asked.clear()
        if cursor not in asked:
            asked.append(cursor)
        return asked.index(cursor) + 1


def is_write(message: Request) -> bool:
    """Tell whether a request changes accounts or classes in Otus."""
    if message.system != "otus" or message.environ["REQUEST_METHOD"] == "GET":
        return False
    return not str(message.environ["PATH_INFO"]).startswith(RUN_RECORDS)


class _Report(msgspec.Struct):
    status: str = "running"


def _says_it_is_over(request: Request) -> bool:
    """Tell whether a report about a run says how it ended; the body stays there to be read again."""
    body = request.environ["wsgi.input"]
    content = body.read()
    body.seek(0)
    try:
        return msgspec.json.decode(content, type=_Report).status != "running"
    except msgspec.DecodeError:
        return False
