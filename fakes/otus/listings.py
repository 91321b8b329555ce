"""What is asked of Otus's lists, its search and its audit log, and what they answer."""

from typing import Annotated

import msgspec

from fakes.otus.records import PAGE_LIMIT, PAGE_LIMIT_MAX, Account, After, Class, Id, Limit, Needle, Word

SEARCH_LIMIT = 20
SEARCH_LIMIT_MAX = 100
"""Of each kind in one answer of the search; the lists go on, with ``q``."""
RUNS_LISTED = 400
"""How many runs a page goes back when nobody says: a year of nights and some repeats."""


class MemberQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which members of a class, or what was handed in to it."""

    after: After = 0
    limit: Limit = PAGE_LIMIT_MAX


class SchoolQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which schools, by DBN."""

    after: Word = ""
    limit: Limit = PAGE_LIMIT_MAX


class RunQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which sync runs; the newest come first."""

    before: Id | None = None
    """Only runs with a smaller id; the ``next`` of the page before."""
    limit: Limit = RUNS_LISTED


class SearchQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to look for, by how it begins."""

    q: Needle
    limit: Annotated[int, msgspec.Meta(ge=1, le=SEARCH_LIMIT_MAX)] = SEARCH_LIMIT


class SearchResult(msgspec.Struct, frozen=True):
    """What was found, of each kind at most ``limit``."""

    accounts: list[Account]
    classes: list[Class]


class AuditQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which lines of the audit log; all that is given has to fit."""

    after: After = 0
    limit: Limit = PAGE_LIMIT
    account: Id | None = None
    """Only lines about this account."""
    by_account: Id | None = None
    """Only lines of what this account did."""
    class_id: Id | None = None


class AuditLine(msgspec.Struct, frozen=True, gc=False):
    """Who did what, when, and about whom."""

    number: int
    at: str
    who: str
    """In words: ``the integration token``, ``teacher 7``."""
    by_account: int | None
    """Who was signed in, if somebody was."""
    what: str
    accounts: tuple[int, ...]
    """About whom. The first roster of a class the sync makes is in ``what`` as a number only."""
    class_id: int | None


class AuditPage(msgspec.Struct, frozen=True):
    """Some of the audit log, the oldest line first; ``next`` is the ``after`` of the next page."""

    items: list[AuditLine]
    next: int | None
    dropped: int
    """How many of the oldest lines are gone because the log is full."""
    lines_max: int
    """How many lines it keeps."""


class KeptReport(msgspec.Struct, frozen=True):
    """How Otus stands with idempotency keys."""

    hours: int
    """How long an answer is kept, in the time of the district."""
    kept: int
    kept_max: int
    bytes: int
    bytes_max: int
    dropped: int
    """How many answers were dropped before their time because it was full: those keys protect no more."""
