"""The declared routes of Clever, and how those of the Data API are declared: one for both versions."""

from typing import Any, NamedTuple

import msgspec

from fakes.clever.districts import Districts
from fakes.clever.errors import TooManyRequests, error_body
from fakes.clever.records import Version
from fakes.shared.api import Api, Operation, Route
from fakes.shared.refusals import Refusal

API: Api[Districts] = Api(
    "Clever",
    "A fake of Clever's Data API, v3.0 and v3.1, its events and its OAuth: what the districts' feeds have delivered, "
    "and nothing newer.",
    problem=error_body,
    tags={
        "v3.0": "The Data API of v3.0: read with a district's token.",
        "v3.1": "The Data API of v3.1: the same paths with more fields.",
        "oauth": "Tokens: with client id and secret as Basic authentication, or with the token itself.",
    },
    answer_headers={
        "x-ratelimit-bucket": "Whose requests are counted: one name for every token",
        "x-ratelimit-limit": "Requests a minute",
        "x-ratelimit-remaining": "Requests that are left of this minute",
        "x-ratelimit-reset": "When the minute ends, in unix seconds",
    },
)


class Place(NamedTuple):
    """Where in the API an operation stands."""

    version: Version
    path: str
    """Without the version."""
    name: str
    """In words, for the operation's id: ``list_users``."""
    summary: str


def declare(
    place: Place,
    route: Route,
    answer: Any,  # noqa: ANN401 - any struct, as the kit has it
    query: type[msgspec.Struct] | None = None,
    refusals: tuple[type[Refusal], ...] = (),
) -> None:
    """Declare a route of the Data API."""
    route.__name__ = f"{place.name}_{place.version.replace('.', '_')}"
    route.__doc__ = place.summary
    API.operations.append(
        Operation(
            method="GET",
            path=f"/{place.version}{place.path}",
            function=route,
            status=200,
            answer=answer,
            body=None,
            query=query,
            refusals=(*refusals, TooManyRequests),
            tag=place.version,
        )
    )
