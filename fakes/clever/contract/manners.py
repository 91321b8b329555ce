"""Checks of how a Clever says no, counts requests, and tells whose token it is."""

import msgspec

from fakes.clever.contract.check import check
from fakes.clever.contract.client import Reply
from fakes.clever.contract.wire import Identified, Wire, ids_of
from fakes.clever.records import PLURALS
from fakes.clever.relations import RELATIONS

AUTH = "Auth, errors, limits"
NO_SUCH_ID = "0" * 24
NO_SUCH_TOKEN = "0" * 40
HEADERS = ("x-ratelimit-bucket", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
LIMIT_USUAL = "1200"
WINDOW_SECONDS_MAX = 60


class OwnerOf(msgspec.Struct, frozen=True):
    """Whose token it is."""

    id: str
    district: str
    type: str


class TokenOwnerOf(msgspec.Struct, frozen=True):
    """Of whom a token speaks."""

    id: str
    type: str


class TokenInfoOf(msgspec.Struct, frozen=True):
    """What a token is good for."""

    client_id: str
    scopes: tuple[str, ...]
    owner: TokenOwnerOf


@check("without a token, and with an unknown one, everything is a 401 with a message", AUTH)
def strangers_are_turned_away(wire: Wire) -> None:
    """Ask as nobody, and as somebody whom nobody knows."""
    for path in (wire.path("districts"), f"{wire.path('users')}?limit=1", wire.path("events")):
        for token in ("", NO_SUCH_TOKEN):
            wire.error(wire.get(path, token), 401)


@check("an id that no record has is a 404 with a message", AUTH)
def unknown_ids(wire: Wire) -> None:
    """Ask for one of every kind, and for what would stand under it."""
    for plural in (*PLURALS.values(), "events"):
        wire.error(wire.get(wire.path(plural, NO_SUCH_ID)), 404)
    for relation in RELATIONS:
        wire.error(wire.get(wire.path(PLURALS[relation.kind], NO_SUCH_ID, relation.name.lower())), 404)


@check("the lists of v2.1 are gone", "Hosts and versions")
def old_lists_are_gone(wire: Wire) -> None:
    """Ask for them."""
    for plural in ("students", "teachers", "contacts", "school_admins", "district_admins"):
        reply = wire.get(wire.path(plural))
        reply.require(reply.status == 404, "404")


@check("every answer, also an error, says what is left of the minute", AUTH)
def every_answer_tells_the_rate_limit(wire: Wire) -> None:
    """Look at a good answer and at several bad ones."""
    users = wire.path("users")
    replies = [wire.get(uri) for uri in (f"{users}?limit=1", f"{users}?limit=none", wire.path("users", NO_SUCH_ID))]
    for reply in (*replies, wire.get(users, NO_SUCH_TOKEN)):
        for name in HEADERS:
            reply.require(name in reply.headers, f"a header {name}", f"{reply.status} without it")
        reply.require("Retry-After" not in reply.headers, "no Retry-After", "Retry-After")
        for name in HEADERS[1:]:
            reply.require(reply.headers[name].isdecimal(), f"{name}: a whole number", reply.headers[name])
    limit = replies[0].headers["x-ratelimit-limit"]
    if limit != LIMIT_USUAL:
        wire.note(f"x-ratelimit-limit is {limit}; the reference has {LIMIT_USUAL}")


@check("a request takes one from what is left, until the minute ends", AUTH)
def requests_are_counted(wire: Wire) -> None:
    """Ask twice."""
    first, second = (wire.get(f"{wire.path('schools')}?limit=1") for _ in range(2))
    _same_bucket(first, second)
    if first.headers["x-ratelimit-reset"] == second.headers["x-ratelimit-reset"]:
        left, later = (int(reply.headers["x-ratelimit-remaining"]) for reply in (first, second))
        # Whoever else uses the token takes away too.
        second.require(later < left, f"less than {left} left", f"{later} left")


@check("the rate limit's window ends within a minute, and at a moment in unix seconds", AUTH)
def the_window_is_a_minute(wire: Wire) -> None:
    """Compare the end with the answer's own date."""
    reply = wire.get(f"{wire.path('schools')}?limit=1")
    left = int(reply.headers.get("x-ratelimit-reset", "0")) - reply.unix_seconds()
    reply.require(0 <= left <= WINDOW_SECONDS_MAX, f"0 to {WINDOW_SECONDS_MAX} seconds", f"{left:.0f} seconds")


@check("/me tells the district, the owner and what kind it is", AUTH)
def me_tells_the_owner(wire: Wire) -> None:
    """Ask, and compare with the list of districts."""
    uri = wire.path("me")
    reply, body = wire.single(uri, OwnerOf)
    links = {link.rel: link.uri for link in body.links}
    reply.require(links.get("self") == uri, f"self {uri}", str(links.get("self")))
    reply.require(body.data.type in ("district", "user"), "type district or user", body.data.type)
    districts = ids_of(wire.ids(wire.path("districts")))
    reply.require(districts == [body.data.district], f"the district of the list, {districts}", body.data.district)


@check("/oauth/tokeninfo tells of the same owner as /me, and its scopes", AUTH)
def tokeninfo_tells_the_owner(wire: Wire) -> None:
    """Ask both."""
    _, me = wire.single(wire.path("me"), OwnerOf)
    reply = wire.oauth.get("/oauth/tokeninfo")
    told = reply.decode(TokenInfoOf, '{"client_id":"...","scopes":[...],"owner":{"type":"...","id":"..."}}')
    expected = (me.data.type, me.data.id)
    reply.require((told.owner.type, told.owner.id) == expected, f"owner {expected}", str(told.owner))
    reply.require(bool(told.scopes), "scopes", "none")
    wire.error(wire.oauth.get("/oauth/tokeninfo", NO_SUCH_TOKEN), 401)


@check("the district of a record is the token's", "Endpoints")
def every_district_is_the_same(wire: Wire) -> None:
    """Ask for the district of a school, a section, a course, a term and a user."""
    district = ids_of(wire.ids(wire.path("districts")))[0]
    for plural in ("schools", "sections", "courses", "terms", "users"):
        for record in ids_of(wire.ids(f"{wire.path(plural)}?limit=1")):
            reply, body = wire.single(wire.path(plural, record, "district"), Identified)
            reply.require(body.data.id == district, f"district {district}", body.data.id)


def _same_bucket(first: Reply, second: Reply) -> None:
    bucket, other = (reply.headers.get("x-ratelimit-bucket", "none") for reply in (first, second))
    second.require(bucket == other, f"the same bucket, {bucket}", other)
