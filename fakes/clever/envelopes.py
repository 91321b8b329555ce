"""What Clever wraps records in, and how a page is asked for."""

from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from fakes.clever.feed import UserRole
from fakes.clever.records import PLURALS, Kind, Resource
from fakes.shared.refusals import BadRequest

PAGE_LIMIT = 100
PAGE_LIMIT_MAX = 10_000
"""Records a page; more is a 413 (facts on Clever's wire)."""

Contents = TypeVar("Contents")

Limit = Annotated[int, msgspec.Meta(ge=1, description=f"Records a page, at most {PAGE_LIMIT_MAX}")]
Flag = Literal["", "true"]


class Link(msgspec.Struct, frozen=True):
    """A path with its query, without a host."""

    rel: str
    uri: str


class Item(msgspec.Struct, Generic[Contents], frozen=True):
    """A record in a list."""

    data: Contents
    uri: str


class Listing(msgspec.Struct, Generic[Contents], frozen=True):
    """A page of records, ascending by id."""

    data: list[Item[Contents]]
    links: list[Link]


class Single(msgspec.Struct, Generic[Contents], frozen=True):
    """One record."""

    data: Contents
    links: list[Link]


class Count(msgspec.Struct, frozen=True):
    """The answer to ``count=true``."""

    count: int


class CountableListing(msgspec.Struct, Generic[Contents], frozen=True):
    """A page of records, ascending by id; or, when asked with ``count=true``, their number and nothing else."""

    data: list[Item[Contents]] | UnsetType = UNSET
    links: list[Link] | UnsetType = UNSET
    count: int | UnsetType = UNSET


class NoResources(msgspec.Struct, frozen=True):
    """What stands under a record that has no resources. Source: recordings of the wire."""

    resources: tuple[Resource, ...] = ()


class ResourceListing(msgspec.Struct, frozen=True):
    """A page of resources under another record; or, where there are none, an empty ``resources`` and nothing else."""

    data: list[Item[Resource]] | UnsetType = UNSET
    links: list[Link] | UnsetType = UNSET
    resources: list[Resource] | UnsetType = UNSET


class Owner(msgspec.Struct, frozen=True):
    """Whose token it is."""

    id: str
    district: str
    type: Literal["district", "user"]


class CountQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of the list of districts, which has no pages."""

    count: str = ""


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Paging by id: after one exclusively, or before one; ``ending_before=last`` gives the newest."""

    limit: Limit = PAGE_LIMIT
    starting_after: str = ""
    ending_before: str = ""


class ListQuery(PageQuery, frozen=True):
    """Of a list at the top."""

    count: str = ""


class UsersQuery(ListQuery, frozen=True):
    """Of ``/users``."""

    role: UserRole | UnsetType = UNSET


class SchoolUsersQuery(PageQuery, frozen=True):
    """Of ``/schools/{id}/users``."""

    role: Literal["staff", "student", "teacher"] | UnsetType = UNSET
    primary: Flag = ""


class SectionUsersQuery(PageQuery, frozen=True):
    """Of ``/sections/{id}/users``."""

    role: Literal["student", "teacher"] | UnsetType = UNSET


class ResourceUsersQuery(PageQuery, frozen=True):
    """Of ``/resources/{id}/users``."""

    role: Literal["student", "teacher"] | UnsetType = UNSET


class UserSchoolsQuery(PageQuery, frozen=True):
    """Of ``/users/{id}/schools``."""

    primary: Flag = ""


class EventsQuery(PageQuery, frozen=True):
    """Of ``/events``."""

    school: Annotated[str, msgspec.Meta(description="Clever's id of a school that the record belongs to")] = ""
    record_type: Annotated[str, msgspec.Meta(description="One type or several with commas: users,sections")] = ""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of records asked for; all, if none is named.

        Raises:
            BadRequest: one of the words is no type of records.
        """
        if not self.record_type:
            return tuple(PLURALS)
        kind_of = {plural: kind for kind, plural in PLURALS.items()}
        words = self.record_type.split(",")
        wrong = next((word for word in words if word not in kind_of), None)
        if wrong is not None:
            raise BadRequest(f"record_type: {wrong[:80]!r} is no type of records; there are {', '.join(kind_of)}")
        return tuple(kind_of[word] for word in words)
