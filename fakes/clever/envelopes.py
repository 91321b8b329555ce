"""What Clever wraps records in, and how a page is asked for."""

from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from fakes.clever.feed import UserRole

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


class Owner(msgspec.Struct, frozen=True):
    """Whose token it is."""

    id: str
    district: str
    type: str


class CountQuery(msgspec.Struct, frozen=True):
    """Of the list of districts, which has no pages."""

    count: str = ""


class PageQuery(msgspec.Struct, frozen=True):
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


class UserSchoolsQuery(PageQuery, frozen=True):
    """Of ``/users/{id}/schools``."""

    primary: Flag = ""
