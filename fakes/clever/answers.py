"""Answers of the Data API, built around stored bytes: pages, single records, counts."""

import msgspec

from fakes.clever.envelopes import PAGE_LIMIT_MAX, Count, Link, PageQuery
from fakes.clever.fragments import unwrapped, unwrapped_event, uri
from fakes.clever.paths import asked_uri, with_cursor
from fakes.clever.reading import Page, Reader
from fakes.clever.records import Kind, Version
from fakes.clever.relations import links_of
from fakes.clever.selections import Selection
from fakes.shared.api import Encoded
from fakes.shared.refusals import BadRequest, NotFound, TooLarge


def answer_page(reader: Reader, version: Version, selection: Selection, query: PageQuery) -> Encoded:
    """Answer a page of a list, with links to itself and to those before and after it."""
    return encoded_page(read_page(reader, version, selection, query), query, asked_uri())


def encoded_page(page: Page, query: PageQuery, own_uri: str) -> Encoded:
    """Write a page; ``prev`` only where one came by ``starting_after``, ``next`` only where more follows."""
    links = [Link("self", own_uri)]
    if query.starting_after and page.first is not None:
        links.append(Link("prev", with_cursor("ending_before", page.first)))
    if page.more and page.last is not None:
        links.append(Link("next", with_cursor("starting_after", page.last)))
    # Joined at once: formatting bytes takes ten times as long, and a page may have many megabytes.
    records = [piece for part in page.parts for piece in (b",", part)][1:]
    body = b"".join((b'{"data":[', *records, b'],"links":', msgspec.json.encode(links), b"}"))
    return Encoded(body, records=page.size)


def read_page(reader: Reader, version: Version, selection: Selection, query: PageQuery) -> Page:
    """Read the page that is asked for.

    Raises:
        BadRequest: both cursors are given.
        TooLarge: the limit is above what a page may hold.
    """
    if query.limit > PAGE_LIMIT_MAX:
        raise TooLarge(f"limit is {query.limit}, at most {PAGE_LIMIT_MAX} records make a page")
    if query.starting_after and query.ending_before:
        raise BadRequest("starting_after and ending_before are both given; give one of them")
    if not query.ending_before:
        return reader.page(version, selection, query.limit, after=query.starting_after.lower())
    # The word "last" sorts after every hex digit, so it needs no case of its own.
    return reader.page(version, selection, query.limit, before=query.ending_before.lower())


def answer_single(reader: Reader, version: Version, kind: Kind, clever_id: str) -> Encoded:
    """Answer one record, with links to what stands under it.

    Raises:
        NotFound: there is none, or it is not shared.
    """
    fragment = reader.fragment(version, kind, clever_id)
    if fragment is None:
        raise missing(kind, clever_id)
    links = [Link("self", asked_uri())]
    links += [Link(rel, f"{uri(version, kind, clever_id)}/{rel}") for rel in links_of(kind)]
    record = unwrapped(fragment, version, kind, clever_id)
    return Encoded(b'{"data":%b,"links":%b}' % (record, msgspec.json.encode(links)))


def answer_event(reader: Reader, version: Version, event_id: str) -> Encoded:
    """Answer one event.

    Raises:
        NotFound: there is none, it is not told to this application, or it is kept no longer.
    """
    fragment = reader.event(version, event_id)
    if fragment is None:
        raise NotFound(f"no event {event_id} is told to this application, or it is kept no longer")
    event = unwrapped_event(fragment, version, event_id)
    return Encoded(b'{"data":%b,"links":%b}' % (event, msgspec.json.encode([Link("self", asked_uri())])))


def answer_count(reader: Reader, selection: Selection) -> Encoded:
    """Answer how many records a list has."""
    return Encoded(msgspec.json.encode(Count(reader.count(selection))))


def require(reader: Reader, version: Version, kind: Kind, clever_id: str) -> None:
    """Refuse to go on from a record that is not there, or not shared."""
    if reader.fragment(version, kind, clever_id) is None:
        raise missing(kind, clever_id)


def missing(kind: Kind, clever_id: str) -> NotFound:
    """Say that a record is not there for this application; whether it exists is not told."""
    return NotFound(f"no {kind} {clever_id} is shared with this application")
