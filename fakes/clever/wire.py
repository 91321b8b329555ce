"""Clever's wire: the Data API of v3.0 and v3.1 (A5). Reading and answering; every rule stands elsewhere."""

from typing import Any, NamedTuple

import msgspec
from flask import Flask, Response, g, request
from msgspec import UNSET

from fakes.clever.access import Allowance, RateLimited
from fakes.clever.envelopes import (
    PAGE_LIMIT_MAX,
    Count,
    CountQuery,
    Link,
    Listing,
    ListQuery,
    Owner,
    PageQuery,
    SchoolUsersQuery,
    SectionUsersQuery,
    Single,
    UserSchoolsQuery,
    UsersQuery,
)
from fakes.clever.errors import TooManyRequests, error_body
from fakes.clever.fragments import unwrapped, uri
from fakes.clever.paths import AnyCase, asked_uri, with_cursor
from fakes.clever.records import PLURALS, STRUCTS, VERSIONS, Kind, Version
from fakes.clever.relations import RELATIONS, Relation, links_of
from fakes.clever.rules import Clever, Page
from fakes.clever.selections import Path, Selection, all_of, along, in_role
from fakes.shared.api import Api, Call, Encoded, Operation, Route
from fakes.shared.refusals import BadRequest, NotFound, Refusal, TooLarge

DOCUMENT = "/openapi.json"

API: Api[Clever] = Api(
    "Clever",
    "A fake of Clever's Data API, v3.0 and v3.1: what the district's feed has delivered, and nothing newer.",
    problem=error_body,
)


class Place(NamedTuple):
    """Where in the API an operation stands."""

    version: Version
    path: str
    """Without the version."""
    name: str
    """In words, for the operation's id: ``list_users``."""
    summary: str


def create_app(clever: Clever) -> Flask:
    """Make the Flask application that serves a Clever.

    Args:
        clever: the rules and the records.
    """
    application = API.application(clever, clever.clock, lambda: g.allowance)

    def admit() -> None:
        if request.path != DOCUMENT:
            g.allowance = clever.admit(_bearer())

    def tell_allowance(response: Response) -> Response:
        allowance: Allowance | None = g.get("allowance")
        if allowance is not None:
            response.headers.update(allowance.headers())
        return response

    def answer_over_limit(refusal: RateLimited) -> Response:
        g.allowance = refusal.allowance
        return Response(b"", refusal.status)

    application.before_request(admit)
    application.after_request(tell_allowance)
    application.register_error_handler(RateLimited, answer_over_limit)
    application.wsgi_app = AnyCase(application.wsgi_app)  # type: ignore[method-assign]  # Flask's own way
    return application


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


# Answers


def _answer_page(clever: Clever, version: Version, selection: Selection, query: PageQuery) -> Encoded:
    page = _page(clever, version, selection, query)
    links = [Link("self", asked_uri())]
    if query.starting_after and page.first is not None:
        links.append(Link("prev", with_cursor("ending_before", page.first)))
    if page.more and page.last is not None:
        links.append(Link("next", with_cursor("starting_after", page.last)))
    return Encoded(b'{"data":[%b],"links":%b}' % (b",".join(page.fragments), msgspec.json.encode(links)))


def _page(clever: Clever, version: Version, selection: Selection, query: PageQuery) -> Page:
    if not request.args.get("limit", "1").isdecimal():
        raise BadRequest("limit is no whole number")  # Python would read 1e3 as one
    if query.limit > PAGE_LIMIT_MAX:
        raise TooLarge(f"limit is {query.limit}, at most {PAGE_LIMIT_MAX} records make a page")
    if query.starting_after and query.ending_before:
        raise BadRequest("starting_after and ending_before are both given; give one of them")
    if not query.ending_before:
        return clever.page(version, selection, query.limit, after=query.starting_after.lower())
    # The word "last" sorts after every hex digit, so it needs no case of its own.
    return clever.page(version, selection, query.limit, before=query.ending_before.lower())


def _answer_single(clever: Clever, version: Version, kind: Kind, clever_id: str) -> Encoded:
    fragment = clever.fragment(version, kind, clever_id)
    if fragment is None:
        raise _missing(kind, clever_id)
    links = [Link("self", asked_uri())]
    links += [Link(rel, f"{uri(version, kind, clever_id)}/{rel}") for rel in links_of(kind)]
    record = unwrapped(fragment, version, kind, clever_id)
    return Encoded(b'{"data":%b,"links":%b}' % (record, msgspec.json.encode(links)))


def _missing(kind: Kind, clever_id: str) -> NotFound:
    return NotFound(f"no {kind} {clever_id} is shared with this application")


def _counted(clever: Clever, selection: Selection) -> Encoded:
    return Encoded(msgspec.json.encode(Count(clever.count(selection))))


# Operations


def _list_of(version: Version, kind: Kind) -> Route:
    def answer(call: Call[Clever], query: ListQuery) -> Encoded:
        selection = all_of(kind)
        if isinstance(query, UsersQuery) and query.role is not UNSET:
            selection = in_role(query.role)
        if query.count == "true":
            return _counted(call.system, selection)
        return _answer_page(call.system, version, selection, query)

    return answer


def _districts(version: Version) -> Route:
    def answer(call: Call[Clever], query: CountQuery) -> Encoded:
        if query.count == "true":
            return _counted(call.system, all_of("district"))
        return _answer_page(call.system, version, all_of("district"), PageQuery())

    return answer


def _single_of(version: Version, kind: Kind) -> Route:
    def answer(call: Call[Clever], id: str) -> Encoded:  # noqa: A002 - the wire's word
        return _answer_single(call.system, version, kind, id)

    return answer


def _related_list(version: Version, relation: Relation) -> Route:
    def answer(call: Call[Clever], id: str, query: PageQuery) -> Encoded:  # noqa: A002 - the wire's word
        _require(call.system, version, relation.kind, id)
        primary = isinstance(query, SchoolUsersQuery | UserSchoolsQuery) and query.primary == "true"
        selection = along(_narrowed(relation.path, query), id, primary=primary)
        return _answer_page(call.system, version, selection, query)

    return answer


def _related_single(version: Version, relation: Relation) -> Route:
    def answer(call: Call[Clever], id: str) -> Encoded:  # noqa: A002 - the wire's word
        _require(call.system, version, relation.kind, id)
        found = call.system.page(version, along(relation.path, id), 1).first
        if found is None:
            raise NotFound(f"{relation.kind} {id} has no {relation.target} that is shared with this application")
        return _answer_single(call.system, version, relation.target, found)

    return answer


def _district_of(version: Version, kind: Kind) -> Route:
    def answer(call: Call[Clever], id: str) -> Encoded:  # noqa: A002 - the wire's word
        _require(call.system, version, kind, id)
        return _answer_single(call.system, version, "district", call.system.district_id)

    return answer


def _me(version: Version) -> Route:
    def answer(call: Call[Clever]) -> Single[Owner]:
        district = call.system.district_id
        canonical = uri(version, "district", district)
        return Single(
            data=Owner(id=district, district=district, type="district"),
            links=[Link("self", asked_uri()), Link("canonical", canonical), Link("district", canonical)],
        )

    return answer


def _require(clever: Clever, version: Version, kind: Kind, clever_id: str) -> None:
    if clever.fragment(version, kind, clever_id) is None:
        raise _missing(kind, clever_id)


def _narrowed(path: Path, query: PageQuery) -> Path:
    """Leave of the roles at the end of a path only the one asked for."""
    if not isinstance(query, SchoolUsersQuery | SectionUsersQuery) or query.role is UNSET:
        return path
    return path._replace(hops=(*path.hops[:-1], path.hops[-1]._replace(spaces=(query.role,))))


# Declarations: one for both versions


def _declare(
    place: Place,
    route: Route,
    answer: Any,  # noqa: ANN401 - any struct, as the kit has it
    query: type[msgspec.Struct] | None = None,
    refusals: tuple[type[Refusal], ...] = (),
) -> None:
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


def _declare_kind(version: Version, kind: Kind) -> None:
    plural = PLURALS[kind]
    struct: Any = STRUCTS[version][kind]
    one = Place(version, f"/{plural}/{{id}}", f"get_{kind}", f"Get a {kind}.")
    _declare(one, _single_of(version, kind), Single[struct], refusals=(NotFound,))
    whole = Place(version, f"/{plural}", f"list_{plural}", f"List {plural}, ascending by id.")
    if kind == "district":
        _declare(whole, _districts(version), Listing[struct], CountQuery)
        return
    query = UsersQuery if kind == "user" else ListQuery
    _declare(whole, _list_of(version, kind), Listing[struct], query, (TooLarge,))
    owner: Any = STRUCTS[version]["district"]
    words = f"Get the district of a {kind}."
    place = Place(version, f"/{plural}/{{id}}/district", f"get_district_of_{kind}", words)
    _declare(place, _district_of(version, kind), Single[owner], refusals=(NotFound,))


def _declare_relation(version: Version, relation: Relation) -> None:
    struct: Any = STRUCTS[version][relation.target]
    path = f"/{PLURALS[relation.kind]}/{{id}}/{relation.name.lower()}"
    if relation.query is None:
        place = Place(version, path, f"get_{relation.name}_of_{relation.kind}", relation.summary)
        _declare(place, _related_single(version, relation), Single[struct], refusals=(NotFound,))
    else:
        place = Place(version, path, f"list_{relation.name}_of_{relation.kind}", relation.summary)
        _declare(place, _related_list(version, relation), Listing[struct], relation.query, (NotFound, TooLarge))


def _declare_version(version: Version) -> None:
    for kind in PLURALS:
        _declare_kind(version, kind)
    for relation in RELATIONS:
        _declare_relation(version, relation)
    _declare(Place(version, "/me", "get_me", "Tell whose token it is."), _me(version), Single[Owner])


for _version in VERSIONS:
    _declare_version(_version)
