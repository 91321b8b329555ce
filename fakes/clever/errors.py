"""How Clever says no: a message and nothing else, and nothing at all when the rate limit is used up."""

import msgspec

from fakes.shared.refusals import Refusal


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of Clever's errors."""

    message: str


class TooManyRequests(Refusal):
    """The token's requests of this minute are used up; the body is empty."""

    status = 429
    code = "too_many_requests"


def error_body(refusal: Refusal) -> ErrorBody:
    """Write a refusal as Clever does."""
    return ErrorBody(message=refusal.message)
