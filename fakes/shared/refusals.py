"""The ways in which a system refuses a request; each knows its HTTP status and a word for programs."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """The body of every refusal of ATS and Otus."""

    message: str
    """What was wrong and what to do instead, for a person."""
    code: str
    """The same in one word, for a program."""


class Refusal(Exception):  # noqa: N818 - the systems refuse; it is the field's word
    """A request that the system understood and refuses.

    Args:
        message: what was found, what was expected, and what to do instead.
        code: a word for programs, when the class's own is too coarse.
    """

    status: ClassVar[int] = 400
    bodiless: ClassVar[bool] = False
    """Whether the answer is nothing but its status and headers."""
    code: str = "bad_request"
    headers: Mapping[str, str] = {}
    """What the answer carries besides its body."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code

    def problem(self) -> Problem:
        """Give the body that goes over the wire."""
        return Problem(message=self.message, code=self.code)


class BadRequest(Refusal):
    """The request cannot be read: not JSON, an unknown field, a wrong type."""


class Unauthorized(Refusal):
    """The token is missing or unknown."""

    status = 401
    code = "unauthorized"
    headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}  # RFC 9110 wants it with every 401


class Forbidden(Refusal):
    """The token is known, and its owner may not do this."""

    status = 403
    code = "forbidden"


class NotFound(Refusal):
    """There is no such record, or the asker may not know of it."""

    status = 404
    code = "not_found"


class MethodNotAllowed(Refusal):
    """The path exists, the method does not.

    Args:
        message: see :class:`Refusal`.
        methods: that exist.
    """

    status = 405
    code = "method_not_allowed"

    def __init__(self, message: str, methods: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.headers = {"Allow": ", ".join(methods)}


class Conflict(Refusal):
    """The request collides with the present state."""

    status = 409
    code = "conflict"


class Changed(Refusal):
    """The record is not at the version the request was made for (``If-Match``)."""

    status = 412
    code = "changed"


class TooLarge(Refusal):
    """The request, or the page it asks for, is over a limit."""

    status = 413
    code = "too_large"


class WrongContentType(Refusal):
    """The body is of another content type, charset or encoding than the route reads."""

    status = 415
    code = "wrong_content_type"


class Unprocessable(Refusal):
    """The request can be read, and a rule of the system forbids it."""

    status = 422
    code = "rule"
