"""Checks of lists: what wraps a page, its links to the letter, both cursors and their edges, limits, counts."""

import re
from itertools import pairwise

import msgspec

from fakes.clever.contract.check import check
from fakes.clever.contract.client import Reply
from fakes.clever.contract.wire import Identified, Page, Unseen, Wire, ids_of
from fakes.clever.envelopes import PAGE_LIMIT, PAGE_LIMIT_MAX
from fakes.clever.records import PLURALS

PART = "Envelopes and paging"
OBJECT_ID = re.compile(r"[0-9a-f]{24}")
SMALLEST, LARGEST = "0" * 24, "f" * 24
LARGE_LISTS: tuple[str, ...] = ("schools", "terms", "courses", "sections", "users")


class CountBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to ``count=true``, and nothing else."""

    count: int


def _listed(page: Page[Identified], expected: list[str], words: str) -> None:
    came = ids_of(page)
    page.reply.require(came == expected, f"{words}: {expected}", str(came))


@check("a list wraps every record with its uri", PART)
def every_item_has_its_uri(wire: Wire) -> None:
    """Look at the items of the first page of every list."""
    for plural in LARGE_LISTS:
        page = wire.ids(f"{wire.path(plural)}?limit=5")
        kind = page.reply.headers.get("Content-Type", "nothing")
        page.reply.require(kind.startswith("application/json"), "Content-Type application/json", kind)
        for item in page.items:
            expected = wire.path(plural, item.data.id)
            page.reply.require(item.uri == expected, f'"uri":"{expected}"', item.uri)


@check("ids are 24 hex digits and lists ascend by them", PART)
def lists_ascend(wire: Wire) -> None:
    """Look at a whole page of every list."""
    for plural in LARGE_LISTS:
        page = wire.ids(f"{wire.path(plural)}?limit=1000")
        for record_id in ids_of(page):
            page.reply.require(OBJECT_ID.fullmatch(record_id) is not None, "24 hex digits", record_id)
        for before, after in pairwise(ids_of(page)):
            page.reply.require(before < after, "ascending ids", f"{before}, then {after}")


@check("self is path and query as they were asked, to the letter", PART)
def self_is_as_asked(wire: Wire) -> None:
    """Ask in several ways."""
    users = wire.path("users")
    for uri in (users, f"{users}?limit=2", f"{users}?role=student&limit=2", f"{users}?limit=2&role=student"):
        page = wire.ids(uri)
        page.reply.require(page.links.get("self") == uri, f"self {uri}", str(page.links.get("self")))


@check("the first page has no prev, and next only where more follows", PART)
def first_page_links(wire: Wire) -> None:
    """Ask for less than there is, and for all there is."""
    kind, ids = wire.several()
    path = wire.path(PLURALS[kind])
    part = wire.ids(f"{path}?limit=2")
    part.reply.require("prev" not in part.links, "no prev", f"prev {part.links.get('prev')}")
    expected = f"{path}?limit=2&starting_after={ids[1]}"
    part.reply.require(part.links.get("next") == expected, f"next {expected}", str(part.links.get("next")))
    whole = wire.ids(f"{path}?limit={len(ids)}")
    _listed(whole, ids, "all records, as many as the limit")
    whole.reply.require("next" not in whole.links, "no next, as nothing follows", f"next {whole.links.get('next')}")


@check("a page after a cursor leads back with prev: ending_before its first id", PART)
def prev_leads_back(wire: Wire) -> None:
    """Go one page on, and back."""
    kind, ids = wire.several()
    path = wire.path(PLURALS[kind])
    second = wire.ids(f"{path}?limit=1&starting_after={ids[0]}")
    _listed(second, ids[1:2], "the record after the cursor, without it")
    expected = f"{path}?limit=1&ending_before={ids[1]}"
    second.reply.require(second.links.get("prev") == expected, f"prev {expected}", str(second.links.get("prev")))
    _listed(wire.ids(expected), ids[:1], "the record before the cursor, without it")


@check("following next gives every record once", PART)
def next_gives_all(wire: Wire) -> None:
    """Go through a list in three pages."""
    kind, ids = wire.several()
    limit = -(-len(ids) // 3)
    page = wire.ids(f"{wire.path(PLURALS[kind])}?limit={limit}")
    came = ids_of(page)
    while "next" in page.links and len(came) <= len(ids):
        page = wire.ids(page.links["next"])
        came += ids_of(page)
    page.reply.require(came == ids, f"{len(ids)} records, as on one page", f"{len(came)} records: {came}")


@check("ending_before gives the records just before it, ascending", PART)
def backward_pages_ascend(wire: Wire) -> None:
    """Ask for two before the third."""
    kind, ids = wire.several()
    _listed(wire.ids(f"{wire.path(PLURALS[kind])}?limit=2&ending_before={ids[2]}"), ids[:2], "the two before it")


@check("an unknown id as cursor goes on at the next larger one", PART)
def unknown_cursor_goes_on(wire: Wire) -> None:
    """Ask after an id that no record has: before the first, between two, after the last."""
    kind, ids = wire.several()
    path = wire.path(PLURALS[kind])
    _listed(wire.ids(f"{path}?limit=1&starting_after={SMALLEST}"), ids[:1], "the first record")
    between = f"{int(ids[0], 16) + 1:024x}"
    if between != ids[1]:
        _listed(wire.ids(f"{path}?limit=1&starting_after={between}"), ids[1:2], "the next larger one")
    after = wire.ids(f"{path}?limit=1&starting_after={LARGEST}")
    _listed(after, [], "an empty page")
    after.reply.require("next" not in after.links, "no next", f"next {after.links.get('next')}")


@check("ending_before=last is the newest", PART)
def last_is_the_newest(wire: Wire) -> None:
    """Ask for one, and for two."""
    kind, ids = wire.several()
    path = wire.path(PLURALS[kind])
    _listed(wire.ids(f"{path}?limit=1&ending_before=last"), ids[-1:], "the newest record")
    _listed(wire.ids(f"{path}?limit=2&ending_before=last"), ids[-2:], "the two newest, ascending")


@check("without a limit a page has 100 records", PART)
def the_limit_is_100(wire: Wire) -> None:
    """Ask for users without one."""
    ids = wire.some("user")
    _listed(wire.ids(wire.path("users")), ids[:PAGE_LIMIT], f"the first {PAGE_LIMIT}")
    if len(ids) <= PAGE_LIMIT:
        raise Unseen(f"the district shares {len(ids)} users; it takes more than {PAGE_LIMIT}")


@check("a limit of 10000 is served, one above it is a 413", PART)
def the_largest_limit(wire: Wire) -> None:
    """Ask at the edge and beyond."""
    wire.ids(f"{wire.path('users')}?limit={PAGE_LIMIT_MAX}")
    wire.error(wire.get(f"{wire.path('users')}?limit={PAGE_LIMIT_MAX + 1}"), 413)


@check("a limit of 0, below 0, or that is no number is a 400", PART)
def wrong_limits(wire: Wire) -> None:
    """Ask with each."""
    for limit in ("0", "-1", "many", "1.5"):
        wire.error(wire.get(f"{wire.path('users')}?limit={limit}"), 400)


@check("count=true answers the number of records and nothing else", PART)
def count_is_the_number(wire: Wire) -> None:
    """Compare it with what is listed."""
    for plural in LARGE_LISTS:
        reply = wire.get(f"{wire.path(plural)}?count=true")
        count = reply.decode(CountBody, '{"count":N}').count
        listed = len(ids_of(wire.ids(f"{wire.path(plural)}?limit={PAGE_LIMIT_MAX}")))
        if listed < PAGE_LIMIT_MAX:
            reply.require(count == listed, f"count {listed}, as many are listed", str(count))


@check("routes ignore case", PART)
def routes_ignore_case(wire: Wire) -> None:
    """Ask in other letters, for a list and for what is under a record."""
    ids = wire.some("user")
    _listed(wire.ids(f"{wire.path('USERS')}?limit=1"), ids[:1], "the same as in small letters")
    for name in ("myContacts", "mycontacts", "MYCONTACTS"):
        reply: Reply = wire.get(wire.path("users", ids[0], name))
        reply.require(reply.status == 200, "200, as in any letters")
