"""What checks look at: one version of a Clever's wire, read through a client."""

import re
from typing import Generic, TypeVar

import msgspec

from fakes.clever.contract.client import Client, Differs, Reply
from fakes.clever.envelopes import PAGE_LIMIT_MAX, Item, Link
from fakes.clever.records import PLURALS, Kind, Version

WIRE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
"""How a moment is written: 2026-09-14T12:00:00.000Z."""
NOTES_MAX = 5
"""Of one check; the rest is only more of the same."""
SECTIONS_SEARCHED_MAX = 200
"""How many sections are looked at to find one that has what a check is about."""


class Unseen(Exception):  # noqa: N818 - a finding, no error of a program
    """The district has no record on which a check could be seen."""


class Identified(msgspec.Struct, frozen=True):
    """Of any record, its id."""

    id: str


class ErrorMessage(msgspec.Struct, frozen=True):
    """The body of an error."""

    message: str


Contents = TypeVar("Contents")


class PageBody(msgspec.Struct, Generic[Contents], frozen=True):
    """A page of a list, with what the check is about of each record."""

    data: list[Item[Contents]]
    links: list[Link]


class SingleBody(msgspec.Struct, Generic[Contents], frozen=True):
    """One record, with what the check is about of it."""

    data: Contents
    links: list[Link]


class Page(Generic[Contents]):
    """A page, read.

    Args:
        reply: the answer.
        body: the same, read.
    """

    def __init__(self, reply: Reply, body: PageBody[Contents]) -> None:
        self.reply = reply
        self.items = body.data
        self.records = [item.data for item in body.data]
        self.links = {link.rel: link.uri for link in body.links}


def ids_of(page: Page[Identified]) -> list[str]:
    """List the ids of a page, as they stand there."""
    return [record.id for record in page.records]


class Wire:
    """One version of a Clever.

    Args:
        client: asks the Data API.
        version: of the Data API.
        oauth: asks for OAuth's paths, which real Clever has on another host.
    """

    def __init__(self, client: Client, version: Version, oauth: Client | None = None) -> None:
        self.version = version
        self.oauth = oauth or client
        self._client = client
        self._notes: dict[str, None] = {}

    # What is asked

    def path(self, *parts: str) -> str:
        """Write a path below the version."""
        return "/".join((f"/{self.version}", *parts))

    def get(self, uri: str, token: str | None = None) -> Reply:
        """Ask for a path with the version in it."""
        return self._client.get(uri, token)

    def page(self, uri: str, struct: type[Contents]) -> Page[Contents]:
        """Ask for a page.

        Args:
            uri: path and query.
            struct: what is to be read of each record.
        """
        reply = self.get(uri)
        shape: type[PageBody[Contents]] = PageBody[struct]  # type: ignore[valid-type]  # made at run time
        return Page(reply, reply.decode(shape, '{"data":[{"data":{...},"uri":"..."}],"links":[...]}'))

    def ids(self, uri: str) -> Page[Identified]:
        """Ask for a page of which only the ids matter."""
        return self.page(uri, Identified)

    def all_ids(self, kind: Kind) -> list[str]:
        """List the ids of the first page, as large as pages get."""
        return ids_of(self.ids(f"{self.path(PLURALS[kind])}?limit={PAGE_LIMIT_MAX}"))

    def single(self, uri: str, struct: type[Contents]) -> tuple[Reply, SingleBody[Contents]]:
        """Ask for one record.

        Args:
            uri: path and query.
            struct: what is to be read of it.
        """
        reply = self.get(uri)
        shape: type[SingleBody[Contents]] = SingleBody[struct]  # type: ignore[valid-type]  # made at run time
        return reply, reply.decode(shape, '{"data":{...},"links":[...]}')

    def error(self, reply: Reply, status: int) -> None:
        """Look at an error: its status, and a message that is not empty.

        Raises:
            Differs: it is another one.
        """
        expected = f'{status} {{"message":"..."}}'
        reply.require(reply.status == status, expected)
        try:
            message = msgspec.json.decode(reply.body, type=ErrorMessage).message
        except msgspec.DecodeError as error:
            raise Differs(reply.asked, f"{reply.status}: {error}", expected) from None
        reply.require(bool(message), expected)

    # What is there

    def some(self, kind: Kind, at_least: int = 1) -> list[str]:
        """List the ids of a kind.

        Raises:
            Unseen: the district shares fewer.
        """
        found = self.all_ids(kind)
        if len(found) < at_least:
            raise Unseen(f"the district shares {len(found)} {PLURALS[kind]}; it takes {at_least}")
        return found

    def several(self) -> tuple[Kind, list[str]]:
        """Find a list to page through: the shortest with three records or more.

        Raises:
            Unseen: there is none.
        """
        kinds: tuple[Kind, ...] = ("school", "term", "course", "section", "user")
        lists = {kind: self.all_ids(kind) for kind in kinds}
        fit = {kind: ids for kind, ids in lists.items() if 3 <= len(ids) < PAGE_LIMIT_MAX}
        if not fit:
            raise Unseen("no list of the district has three records or more")
        kind = min(fit, key=lambda each: len(fit[each]))
        return kind, fit[kind]

    # What is tolerated

    @property
    def notes(self) -> tuple[str, ...]:
        """What the present check has tolerated."""
        return tuple(self._notes)[:NOTES_MAX]

    def note(self, words: str) -> None:
        """Note something that is other than the reference and is tolerated."""
        self._notes.setdefault(words)

    def forget_notes(self) -> None:
        """Begin another check."""
        self._notes.clear()
