"""Clever's wire: the Data API of v3.0 and v3.1, events and OAuth (A5). Reading and answering; rules stand elsewhere."""

from typing import Any

import msgspec
from flask import Flask, g
from msgspec import UNSET

from fakes.clever import oauth
from fakes.clever.answers import (
    answer_count,
    answer_event,
    answer_page,
    answer_single,
    encoded_page,
    read_page,
    require,
)
from fakes.clever.districts import Districts, Visitor
from fakes.clever.entrance import TOKENS_PATH, open_entrance
from fakes.clever.envelopes import (
    CountableListing,
    CountQuery,
    EventsQuery,
    Link,
    Listing,
    ListQuery,
    NoResources,
    Owner,
    PageQuery,
    ResourceListing,
    ResourceUsersQuery,
    SchoolUsersQuery,
    SectionUsersQuery,
    Single,
    UserSchoolsQuery,
    UsersQuery,
)
from fakes.clever.events import Event
from fakes.clever.forms import FormsToo
from fakes.clever.fragments import uri
from fakes.clever.interface import API, Place, declare
from fakes.clever.paths import AnyCase, asked_uri
from fakes.clever.reading import Reader
from fakes.clever.records import PLURALS, STRUCTS, VERSIONS, Kind, Version
from fakes.clever.relations import RELATIONS, WITH_DISTRICT, Relation
from fakes.clever.rules import Clever
from fakes.clever.selections import Path, all_of, along, in_role
from fakes.shared.api import Call, Encoded, Route
from fakes.shared.refusals import NotFound, TooLarge

__all__ = ["create_app", "oauth"]  # importing oauth declares its routes

NO_RESOURCES = msgspec.json.encode(NoResources())


def create_app(served: Clever | Districts) -> Flask:
    """Make the Flask application that serves a Clever.

    Args:
        served: one district, or several behind one address.
    """
    districts = _alone(served) if isinstance(served, Clever) else served
    application = API.application(districts, districts.clock, lambda: g.actor)
    open_entrance(application, districts)
    application.wsgi_app = AnyCase(FormsToo(application.wsgi_app, TOKENS_PATH))  # type: ignore[method-assign]  # Flask's way
    return application


def _alone(clever: Clever) -> Districts:
    districts = Districts(clever.clock)
    districts.include(clever)
    return districts


def _reader(call: Call[Districts]) -> Reader:
    visitor: Visitor = call.actor
    return visitor.clever.admission.reader(visitor.visit.grant.client_id)


# Operations


def _list_of(version: Version, kind: Kind) -> Route:
    def answer(call: Call[Districts], query: ListQuery) -> Encoded:
        selection = all_of(kind)
        if isinstance(query, UsersQuery) and query.role is not UNSET:
            selection = in_role(query.role)
        if query.count == "true":
            return answer_count(_reader(call), selection)
        return answer_page(_reader(call), version, selection, query)

    return answer


def _resources(version: Version) -> Route:
    def answer(call: Call[Districts], query: PageQuery) -> Encoded:
        return answer_page(_reader(call), version, all_of("resource"), query)

    return answer


def _districts(version: Version) -> Route:
    def answer(call: Call[Districts], query: CountQuery) -> Encoded:
        if query.count == "true":
            return answer_count(_reader(call), all_of("district"))
        return answer_page(_reader(call), version, all_of("district"), PageQuery())

    return answer


def _single_of(version: Version, kind: Kind) -> Route:
    def answer(call: Call[Districts], id: str) -> Encoded:  # noqa: A002 - the wire's word
        return answer_single(_reader(call), version, kind, id)

    return answer


def _related_list(version: Version, relation: Relation) -> Route:
    def answer(call: Call[Districts], id: str, query: PageQuery) -> Encoded:  # noqa: A002 - the wire's word
        reader = _reader(call)
        require(reader, version, relation.kind, id)
        primary = isinstance(query, SchoolUsersQuery | UserSchoolsQuery) and query.primary == "true"
        selection = along(_narrowed(relation.path, query), id, primary=primary)
        page = read_page(reader, version, selection, query)
        if relation.target == "resource" and page.first is None:
            return Encoded(NO_RESOURCES)
        return encoded_page(page, query, asked_uri())

    return answer


def _related_single(version: Version, relation: Relation) -> Route:
    def answer(call: Call[Districts], id: str) -> Encoded:  # noqa: A002 - the wire's word
        reader = _reader(call)
        require(reader, version, relation.kind, id)
        found = reader.page(version, along(relation.path, id), 1).first
        if found is None:
            raise NotFound(f"{relation.kind} {id} has no {relation.target} that is shared with this application")
        return answer_single(reader, version, relation.target, found)

    return answer


def _district_of(version: Version, kind: Kind) -> Route:
    def answer(call: Call[Districts], id: str) -> Encoded:  # noqa: A002 - the wire's word
        reader = _reader(call)
        require(reader, version, kind, id)
        return answer_single(reader, version, "district", reader.district_id)

    return answer


def _events(version: Version) -> Route:
    def answer(call: Call[Districts], query: EventsQuery) -> Encoded:
        reader = _reader(call)
        page = read_page(reader, version, reader.events(version, query.kinds, query.school.lower()), query)
        # Recordings have the question mark here also where nothing was asked.
        own_uri = asked_uri()
        return encoded_page(page, query, own_uri if "?" in own_uri else f"{own_uri}?")

    return answer


def _event(version: Version) -> Route:
    def answer(call: Call[Districts], id: str) -> Encoded:  # noqa: A002 - the wire's word
        return answer_event(_reader(call), version, id)

    return answer


def _me(version: Version) -> Route:
    def answer(call: Call[Districts]) -> Single[Owner]:
        visitor: Visitor = call.actor
        district, grant = visitor.clever.district_id, visitor.visit.grant
        return Single(
            data=Owner(id=grant.owner_id, district=district, type=grant.owner_type),
            links=[
                Link("self", asked_uri()),
                Link("canonical", uri(version, grant.owner_type, grant.owner_id)),
                Link("district", uri(version, "district", district)),
            ],
        )

    return answer


def _narrowed(path: Path, query: PageQuery) -> Path:
    """Leave of the roles at the end of a path only the one asked for."""
    if not isinstance(query, SchoolUsersQuery | SectionUsersQuery | ResourceUsersQuery) or query.role is UNSET:
        return path
    return path._replace(hops=(*path.hops[:-1], path.hops[-1]._replace(spaces=(query.role,))))


# Declarations: one for both versions


def _declare_kind(version: Version, kind: Kind) -> None:
    plural = PLURALS[kind]
    struct: Any = STRUCTS[version][kind]
    one = Place(version, f"/{plural}/{{id}}", f"get_{kind}", f"Get a {kind}.")
    declare(one, _single_of(version, kind), Single[struct], refusals=(NotFound,))
    whole = Place(version, f"/{plural}", f"list_{plural}", f"List {plural}, ascending by id.")
    match kind:
        case "district":
            declare(whole, _districts(version), CountableListing[struct], CountQuery)
        case "resource":
            declare(whole, _resources(version), Listing[struct], PageQuery, (TooLarge,))
        case _:
            query = UsersQuery if kind == "user" else ListQuery
            declare(whole, _list_of(version, kind), CountableListing[struct], query, (TooLarge,))
    if kind in WITH_DISTRICT:
        owner: Any = STRUCTS[version]["district"]
        words = f"Get the district of a {kind}."
        place = Place(version, f"/{plural}/{{id}}/district", f"get_district_of_{kind}", words)
        declare(place, _district_of(version, kind), Single[owner], refusals=(NotFound,))


def _declare_relation(version: Version, relation: Relation) -> None:
    struct: Any = STRUCTS[version][relation.target]
    path = f"/{PLURALS[relation.kind]}/{{id}}/{relation.name.lower()}"
    if relation.query is None:
        place = Place(version, path, f"get_{relation.name}_of_{relation.kind}", relation.summary)
        declare(place, _related_single(version, relation), Single[struct], refusals=(NotFound,))
    else:
        place = Place(version, path, f"list_{relation.name}_of_{relation.kind}", relation.summary)
        answer: Any = ResourceListing if relation.target == "resource" else Listing[struct]
        declare(place, _related_list(version, relation), answer, relation.query, (NotFound, TooLarge))


def _declare_events(version: Version) -> None:
    whole = Place(version, "/events", "list_events", "List the events of the last 30 days, ascending by id.")
    declare(whole, _events(version), Listing[Event], EventsQuery, (TooLarge,))
    one = Place(version, "/events/{id}", "get_event", "Get an event.")
    declare(one, _event(version), Single[Event], refusals=(NotFound,))


def _declare_version(version: Version) -> None:
    for kind in PLURALS:
        _declare_kind(version, kind)
    for relation in RELATIONS:
        _declare_relation(version, relation)
    _declare_events(version)
    declare(Place(version, "/me", "get_me", "Tell whose token it is."), _me(version), Single[Owner])


for _version in VERSIONS:
    _declare_version(_version)
