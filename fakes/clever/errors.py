"""How Clever says no: a message and nothing else; a page for people when a token's type does not fit."""

from collections.abc import Mapping
from html import escape

import msgspec

from fakes.shared.refusals import NotFound, Refusal


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of Clever's errors."""

    message: str


class TooManyRequests(Refusal):
    """The token's requests of this minute are used up; the body is empty."""

    status = 429
    bodiless = True
    code = "too_many_requests"


class UnknownClient(Refusal):
    """Client id and secret are missing or unknown."""

    status = 401
    code = "unauthorized"
    headers: Mapping[str, str] = {"WWW-Authenticate": "Basic"}  # RFC 9110 wants it with every 401


class CannotGet(NotFound):
    """The token is good and its type does not fit: for it there is no such path.

    Args:
        method: of the request.
        path: as asked.
    """

    def __init__(self, method: str, path: str) -> None:
        super().__init__(f"Cannot {method} {path}")

    @property
    def page(self) -> str:
        """The answer: the page of the framework that Clever's servers run on, not JSON."""
        lines = (
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            "<title>Error</title>",
            "</head>",
            "<body>",
            f"<pre>{escape(self.message)}</pre>",
            "</body>",
            "</html>",
        )
        return "\n".join(lines) + "\n"


def error_body(refusal: Refusal) -> ErrorBody:
    """Write a refusal as Clever does."""
    return ErrorBody(message=refusal.message)
