"""How far a run of the sync has come, in the field's words: its fifth write, page 7 of sections."""

import re
from typing import Literal, NamedTuple

from simulator.gateway import Request

RUN_RECORDS = "/api/v1/sync-runs"

PointKind = Literal["request", "read", "write", "page"]
"""What a point of a run is counted in: requests, GETs, writes about accounts and classes, pages of a list."""

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


class Progress:
    """Counts the requests of one run."""

    def __init__(self) -> None:
        self.requests = self.writes = 0
        self._of_system: dict[str, int] = {}
        self._reads: dict[str, int] = {}
        self._cursors: dict[tuple[str, str], list[str]] = {}

    def see(self, request: Request) -> Sighting:
        """Count a request, and tell where it stands."""
        system = request.system
        self.requests += 1
        of_system = self._of_system[system] = self._of_system.get(system, 0) + 1
        if request.environ["REQUEST_METHOD"] != "GET":
            writes = is_write(request)
            self.writes += writes
            write = self.writes if writes else None
            return Sighting(system, self.requests, None, write, "", None, of_system)
        read = self._reads[system] = self._reads.get(system, 0) + 1
        collection = str(request.environ["PATH_INFO"]).rpartition("/")[2]
        page = self._page(system, request)
        return Sighting(system, self.requests, read, None, collection, page, of_system)

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
