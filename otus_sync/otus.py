"""Reading and writing Otus. Nothing here decides anything."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol, TypeVar
from urllib.parse import urlencode

import msgspec

from otus_sync.errors import RefusedError, UnexpectedAnswerError
from otus_sync.http import Http
from otus_sync.lanes import Lanes
from otus_sync.otus_records import (
    Account,
    AccountWrite,
    ClassDigest,
    ClassRoster,
    ClassWrite,
    Digests,
    NewRun,
    RowResult,
    RunEdit,
    SyncRun,
)
from otus_sync.settings import Settings

API = "/api/v1"
CONFLICT = 409
IDS_ASKED_MAX = 500
"""Accounts, classes or rosters that are asked for by their ids: with more, a server may find the address too long."""

Row = TypeVar("Row", bound=msgspec.Struct)
Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


class _Accounts(msgspec.Struct):
    items: list[Account]
    next: int | None


class _DigestPage(Digests, frozen=True):
    next: int | None


class _Digests(msgspec.Struct):
    items: list[ClassDigest]
    next: int | None


class _Rosters(msgspec.Struct):
    items: list[ClassRoster]
    next: int | None


class _Runs(msgspec.Struct):
    items: list[SyncRun]


class _Page(Protocol):
    @property
    def next(self) -> int | None: ...


class _PageOf(_Page, Protocol[Item_co]):
    @property
    def items(self) -> Sequence[Item_co]: ...


SomePage = TypeVar("SomePage", bound=_Page)


class _AccountRows(msgspec.Struct):
    rows: Sequence[AccountWrite]


class _ClassRows(msgspec.Struct):
    rows: Sequence[ClassWrite]


class _Results(msgspec.Struct):
    results: list[RowResult]


class OtusClient:
    """Otus, as the sync's token sees it.

    Args:
        http: to Otus.
        settings: how large a page is.
        alive: called after every page and every bulk write.
    """

    def __init__(self, http: Http, settings: Settings, alive: Callable[[], None] = lambda: None) -> None:
        self.alive = alive
        self._http = http
        self._settings = settings
        self._lanes = Lanes(settings.in_flight_of_a_list)

    # ------------------------------------------------------------ reading

    def accounts(self, clever_id: str | None = None, ids: Sequence[int] = ()) -> Iterator[Account]:
        """Give all accounts, admins and by-hand ones too; or the one of a Clever user, or some by id."""
        return self._pages("/accounts", _Accounts, {"clever_id": clever_id, "ids": _listed(ids)})

    def account_digests(self) -> Iterator[Digests]:
        """Give the digests of all accounts, by id and page by page."""
        yield from self._lanes.ahead(self._page_by_page("/digests/accounts", _DigestPage, {}))

    def section_digests(self, school: str | None = None) -> Iterator[Digests]:
        """Give the digests of all rostered classes, or a school's, by id and page by page."""
        yield from self._lanes.ahead(self._page_by_page("/digests/sections", _DigestPage, {"school": school}))

    def class_digests(self, clever_id: str | None = None, ids: Sequence[int] = ()) -> Iterator[ClassDigest]:
        """Give rostered classes without their members: all, a section's, or some by id."""
        return self._pages("/digests/classes", _Digests, {"clever_id": clever_id, "ids": _listed(ids)})

    def rosters(self, clever_id: str | None = None, ids: Sequence[int] = ()) -> Iterator[ClassRoster]:
        """Give the members of rostered classes: all, a section's, or of some by id."""
        asked = {"clever_id": clever_id, "ids": _listed(ids), "provenance": "clever"}
        return self._pages("/rosters", _Rosters, asked)

    def _pages(self, path: str, answer: type[_PageOf[Item]], asked: dict[str, str | None]) -> Iterator[Item]:
        for page in self._lanes.ahead(self._page_by_page(path, answer, asked)):
            yield from page.items

    def _page_by_page(self, path: str, answer: type[SomePage], asked: dict[str, str | None]) -> Iterator[SomePage]:
        after: int | None = 0
        while after is not None:
            page = self._page(path, answer, asked, after)
            self.alive()
            yield page
            after = page.next

    def _page(self, path: str, answer: type[SomePage], asked: dict[str, str | None], after: int) -> SomePage:
        query = {key: value for key, value in asked.items() if value is not None}
        query |= {"after": str(after), "limit": str(self._settings.page_limit)}
        request = f"{API}{path}?{urlencode(query)}"
        page = self._http.request("GET", request, answer)
        if page.next is not None and page.next <= after:
            raise UnexpectedAnswerError("Otus", f"GET {request}", f"its next page is {page.next}, not later")
        return page

    # ------------------------------------------------------------ writing

    def write_accounts(self, rows: Sequence[AccountWrite]) -> list[RowResult]:
        """Write accounts; e-mails are judged after all of them (A11).

        Returns:
            What became of each row, in the same order.
        """
        return self._bulk("/accounts/bulk", _AccountRows(rows), len(rows))

    def write_classes(self, rows: Sequence[ClassWrite]) -> list[RowResult]:
        """Write classes in one transaction, each whole or not at all.

        Returns:
            What became of each row, in the same order.
        """
        return self._bulk("/classes/bulk", _ClassRows(rows), len(rows))

    def _bulk(self, path: str, body: msgspec.Struct, count: int) -> list[RowResult]:
        results = self._http.request("POST", f"{API}{path}", _Results, body).results
        if len(results) != count:
            found = f"{len(results)} results for {count} rows"
            raise UnexpectedAnswerError("Otus", f"POST {API}{path}", found)
        self.alive()
        return results

    # ------------------------------------------------------------ runs

    def runs(self) -> list[SyncRun]:
        """Give the last runs, newest first."""
        return self._http.request("GET", f"{API}/sync-runs", _Runs).items

    def start_run(self, new: NewRun, known: Collection[int]) -> SyncRun | None:
        """Ask for the lease.

        Args:
            new: the run.
            known: ids of the runs there were just before.

        Returns:
            The run, or ``None`` if another one is in progress.
        """
        unsure_before = self._http.unsure
        try:
            return self._http.request("POST", f"{API}/sync-runs", SyncRun, new)
        except RefusedError as refusal:
            if refusal.status != CONFLICT:
                raise
        if self._http.unsure == unsure_before:
            return None
        # The first attempt's answer was lost: the run in the way may be the very one it started.
        first_since = min((run for run in self.runs() if run.id not in known), key=lambda run: run.id, default=None)
        return first_since if first_since is not None and first_since.status == "running" else None

    def report(self, run: int, edit: RunEdit) -> None:
        """Report about a run; this renews its lease, or with an end gives it back.

        Raises:
            RequestError: also if the run has ended meanwhile, because another took over.
        """
        unsure_before = self._http.unsure
        try:
            self._http.request("PATCH", f"{API}/sync-runs/{run}", SyncRun, edit)
        except RefusedError as refusal:
            if refusal.status != CONFLICT or self._http.unsure == unsure_before:
                raise
            # The first attempt's answer was lost: perhaps it was that which ended the run.
            if self._http.request("GET", f"{API}/sync-runs/{run}", SyncRun).status != edit.status:
                raise

    def decide(self, run: int, decision: str) -> SyncRun:
        """Approve or discard the removals of a held run.

        Args:
            run: its id in Otus.
            decision: ``approve`` or ``discard``.
        """
        return self._http.request("POST", f"{API}/sync-runs/{run}/{decision}", SyncRun)


def _listed(ids: Sequence[int]) -> str | None:
    return ",".join(map(str, ids)) or None
