"""What a route is, and what goes through it: the words that declaring, serving and documenting have in common."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from fakes.shared.refusals import Refusal

JSON = "application/json"
JSON_LINES = "application/x-ndjson"

System = TypeVar("System")
Record = TypeVar("Record")
Row = TypeVar("Row")
Route = Callable[..., Any]

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
READS = frozenset({"GET"})


class Call(NamedTuple, Generic[System]):
    """What a route is given besides its arguments."""

    system: System
    """The rules of the fake."""
    actor: Any
    """Who asks, as the fake's own authentication told; each fake has its type for it."""


class Encoded(NamedTuple):
    """An answer that is JSON already, with headers of its own (Clever's pages are slices of stored bytes)."""

    body: bytes
    headers: Mapping[str, str] = {}
    records: int = 0
    """How many are in it, for the access log."""


class Tagged(NamedTuple, Generic[Record]):
    """A record and the version it is at, which goes into the ``ETag`` header (RFC 9110)."""

    record: Record
    version: int


class Line(NamedTuple, Generic[Row]):
    """One line of a body of JSON lines."""

    number: int
    """As an editor counts, from 1; lines that are empty count too."""
    row: Row | None
    """``None`` when the line cannot be read."""
    problem: str = ""
    """Why it cannot."""


class Lines(NamedTuple, Generic[Row]):
    """A body or an answer of JSON lines: one record a line, each read by itself."""

    lines: tuple[Line[Row], ...]


class Reply(NamedTuple):
    """What goes back: the answer of a route in bytes."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}
    mimetype: str = JSON
    records: int = 0
    """How many are in it: a page's rows, or those of a bulk write."""


class Operation(NamedTuple):
    """One method of one path, as declared."""

    method: str
    path: str
    function: Route
    status: int
    answer: Any
    """The struct of the good answer; for JSON lines, of a row."""
    body: Any
    """The struct of the body; for JSON lines, of a row."""
    query: Any
    refusals: tuple[type[Refusal], ...]
    tag: str
    headers: Any = None
    """A struct whose fields are named as the headers that this route reads."""
    path_types: Mapping[str, Any] = {}
    """The types of the path's variables, where they are more than a text."""
    tagged: bool = False
    """Whether the good answer has an ``ETag``."""
    body_type: str = JSON
    answer_type: str = JSON
    deed: str = ""
    """What it does, in a word of the fake's table of rights; ``""`` where whoever has a token may."""


Around = Callable[[Call[Any], Operation, Callable[[], Reply]], Reply]
"""Goes around every call of a route: may answer itself, or let it answer and remember what it said."""
