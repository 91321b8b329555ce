"""A fake of one shelf of books, to try the kit with."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from flask import Flask, request

from fakes.shared.api import Api, Call, Lines, Operation, Reply, Tagged
from fakes.shared.operations import WRITES, Around
from fakes.shared.refusals import NotFound, Unauthorized


class Book(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="book"):
    """A ``book``, kept on :class:`Shelf`."""

    title: Annotated[str, msgspec.Meta(min_length=1)]
    pages: int = 0


class BookQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which books."""

    title: str | None = None
    pages: Annotated[int, msgspec.Meta(ge=1, description="At least so many")] | None = None


class Trace(msgspec.Struct, frozen=True, rename={"trace": "X-Trace"}):
    """Follows a write."""

    trace: Annotated[str, msgspec.Meta(max_length=5)] | None = None


class Shelf:
    """Keeps the last book."""

    def __init__(self) -> None:
        self.book = Book("Dune", 412)
        self.asked: list[object] = []


def library() -> Api[Shelf]:
    api: Api[Shelf] = Api(
        title="Shelf",
        description="One shelf.\n\n| a | b |\n| --- | --- |\n| `x` | <y> |",
        tags={"books": "All about books."},
        headers={Trace: WRITES},
        answer_headers={"X-Shelf": "Which shelf"},
        who_may=lambda deed: f"whoever may {deed}",
    )

    @api.route("GET", "/books", tag="books")
    def list_books(call: Call[Shelf], query: BookQuery) -> list[Book]:
        """List ``books``, see :func:`list_books`.

        They stand in order.
        """
        call.system.asked.append(query)
        return [call.system.book]

    @api.route("GET", "/books/{number}", refusals=(NotFound,), tag="books", deed="read")
    def get_book(call: Call[Shelf], number: Annotated[str, msgspec.Meta(pattern="^[1-9]$")]) -> Tagged[Book]:
        """Give a book."""
        return Tagged(call.system.book, int(number))

    @api.route("POST", "/books/new", status=201, tag="books")
    def add_book(call: Call[Shelf], body: Book) -> Book:
        """Add a book."""
        call.system.book = body
        return body

    @api.route("POST", "/lines")
    def add_lines(call: Call[Shelf], body: Lines[Book]) -> Lines[Book]:
        """Add books, a line each."""
        call.system.asked.append(body)
        return Lines(tuple(line for line in body.lines if line.row is not None))

    assert all((list_books, get_book, add_book, add_lines))
    return api


def application(api: Api[Shelf], shelf: Shelf, around: Around | None = None) -> Flask:
    def authenticate() -> str:
        if request.headers.get("Authorization") != "Bearer x":
            raise Unauthorized("no")
        return "reader"

    made = api.application(shelf, lambda: datetime(2031, 3, 3, 17, tzinfo=UTC), authenticate, around)
    made.testing = True
    return made


def twice(call: Call[Shelf], operation: Operation, perform: object) -> Reply:
    """Answers by itself, and calls no route."""
    assert perform
    return Reply(202, f'"{call.actor} {operation.method}"'.encode())
