"""Clever's OAuth: which tokens an application has, and a user's token for the code of a sign-in."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from fakes.clever.access import Grant, seconds_left
from fakes.clever.districts import Client, Districts, Visitor
from fakes.clever.entrance import TOKEN_INFO_PATH, TOKENS_PATH
from fakes.clever.envelopes import Link
from fakes.clever.errors import TooManyRequests, UnknownClient
from fakes.clever.interface import API
from fakes.clever.paths import asked_uri
from fakes.clever.records import PLURALS
from fakes.shared.api import Call

TAG = "oauth"

OF_A_DISTRICT = tuple(f"read:{plural}" for plural in sorted(PLURALS.values()))
OF_A_USER = ("read:user_id", "read:users")
"""Scopes, as Clever names them: by what may be read."""


class TokensQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of the list of tokens."""

    owner_type: Literal["district"]
    district: Annotated[str, msgspec.Meta(description="Clever's id of a district; without it all are listed")] = ""


class TokenOwner(msgspec.Struct, frozen=True):
    """Of whom a token speaks."""

    type: Literal["district", "user"]
    id: str


class Token(msgspec.Struct, frozen=True):
    """A token of an application."""

    id: str
    created: str
    owner: TokenOwner
    access_token: str
    scopes: tuple[str, ...]


class TokenList(msgspec.Struct, frozen=True):
    """An application's tokens."""

    data: list[Token]
    links: list[Link]


class CodeGrant(msgspec.Struct, frozen=True):
    """A sign-in's code, to be exchanged for a token."""

    code: str
    grant_type: Literal["authorization_code"]
    redirect_uri: str


class AccessToken(msgspec.Struct, frozen=True):
    """A user's token."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a word


class TokenInfo(msgspec.Struct, frozen=True):
    """What a token is good for, and how long."""

    client_id: str
    scopes: tuple[str, ...]
    owner: TokenOwner
    expires_in: int | UnsetType = UNSET
    """Seconds; a district's token has no end, so it has none."""


@API.route("GET", TOKENS_PATH, refusals=(TooManyRequests, UnknownClient), tag=TAG)
def list_tokens(call: Call[Districts], query: TokensQuery) -> TokenList:
    """List the district tokens of the application, of all districts that it is connected with or of one.

    With client id and secret as Basic authentication. A token that was replaced is not listed.
    """
    client: Client = call.actor
    tokens = [_told(grant) for grant in client.grants(query.district)]
    return TokenList(tokens, [Link("self", asked_uri())])


@API.route("POST", TOKENS_PATH, refusals=(TooManyRequests, UnknownClient), tag=TAG)
def exchange_code(call: Call[Districts], body: CodeGrant) -> AccessToken:
    """Give a user's token for the code that a sign-in has left; a code is good once.

    With client id and secret as Basic authentication; the body may also be a form.
    """
    client: Client = call.actor
    return AccessToken(client.exchange(body.code, body.redirect_uri).token)


@API.route("GET", TOKEN_INFO_PATH, refusals=(TooManyRequests,), tag=TAG)
def get_token_info(call: Call[Districts]) -> TokenInfo:
    """Tell whose token it is that asks, what it may read and for how long."""
    visitor: Visitor = call.actor
    grant = visitor.visit.grant
    left = seconds_left(grant, call.system.clock())
    return TokenInfo(
        client_id=grant.client_id,
        scopes=_scopes(grant),
        owner=TokenOwner(grant.owner_type, grant.owner_id),
        expires_in=UNSET if left is None else left,
    )


def _told(grant: Grant) -> Token:
    owner = TokenOwner(grant.owner_type, grant.owner_id)
    return Token(grant.id, grant.created, owner, grant.token, _scopes(grant))


def _scopes(grant: Grant) -> tuple[str, ...]:
    return OF_A_USER if grant.owner_type == "user" else OF_A_DISTRICT
