"""The three systems as they are now, kept by reading on.

So a change in a district of thousands costs as much to see as one in a small one.
ATS/STARS has a history, of which each line holds the whole record as it was after one edit: whoever has read all lines
so far needs only the new ones. Of Clever and Otus the harness knows which records were written
(:mod:`fakes.shared.touched`), and reads these again. What is there is always read over the system's own API.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

import msgspec

from fakes.ats.records import PAGE_LIMIT_MAX, ChangePage, Person, Record, SchedulePage, School, Section
from fakes.otus.records import Account, AccountPage, Class, ClassPage, ClassRoster, RosterPage
from fakes.shared.touched import Touch
from simulator.views import (
    CLEVER_VERSION,
    AtsView,
    CleverSection,
    CleverUser,
    CleverView,
    Get,
    OtusView,
    decode_clever_section,
    decode_clever_user,
    read_clever,
    read_clever_schools,
    read_otus,
)

Find = Callable[[str], bytes | None]
"""Fetches a path of a system, and gives the body; ``None`` where there is nothing."""
Key = TypeVar("Key", str, int)
Kept = TypeVar("Kept")
ONE_BY_ONE_MAX = 500
"""Of more records than this, all pages are read again: a page of thousands costs less than so many single requests."""


class TakesTouched(Protocol):
    """Tells what was written; :class:`fakes.shared.touched.Touched` does."""

    def take(self) -> list[Touch]:
        """Give what was written since the last time."""


class FollowedAts:
    """What ATS/STARS holds, each line of its history read once.

    Args:
        get: fetches a path.
    """

    def __init__(self, get: Get) -> None:
        self._get = get
        self._after = 0
        self._view = AtsView({}, {}, {}, {})

    def __call__(self) -> AtsView:
        """Give the view; the same object as before if there is nothing new, and the same records but for what is."""
        before, news = self._view, list(self._news())
        schedules = msgspec.json.decode(self._get("/schedules"), type=SchedulePage).items
        self._view = AtsView(
            schools=_with(before.schools, {record.dbn: record for record in news if isinstance(record, School)}),
            people=_with(before.people, {record.id: record for record in news if isinstance(record, Person)}),
            sections=_with(before.sections, {record.id: record for record in news if isinstance(record, Section)}),
            schedules={schedule.key: schedule for schedule in schedules},
        )
        if not news and self._view.schedules == before.schedules:
            self._view = before
        return self._view

    def _news(self) -> Iterator[Record]:
        """Read the records of the new lines, in the order in which they were written."""
        more = True
        while more:
            path = f"/changes?limit={PAGE_LIMIT_MAX}&after={self._after}"
            page = msgspec.json.decode(self._get(path), type=ChangePage)
            for change in page.items:
                self._after = change.number
                yield change.record
            more = page.next is not None


class FollowedOtus:
    """What Otus holds, each record read again when it was written.

    Args:
        get: fetches a path below the API's prefix.
        touched: tells which accounts and classes were written, these also when their members were.
    """

    def __init__(self, get: Get, touched: TakesTouched) -> None:
        self._get = get
        self._touched = touched
        self._open: set[Touch] = set()
        """What was written and is not read yet."""
        self._view: OtusView | None = None

    def __call__(self) -> OtusView:
        """Give the view; the same object as before if nothing is otherwise, and the same records but for what is."""
        self._open.update(self._touched.take())
        if self._view is None or len(self._open) > ONE_BY_ONE_MAX:
            read = read_otus(self._get)
            self._view = read if read != self._view else self._view
        elif self._open:
            self._view = self._looked_again(self._view)
        self._open.clear()
        return self._view

    def _looked_again(self, before: OtusView) -> OtusView:
        read_accounts, read_classes = self._read("account", self._account), self._read("class", self._class)
        accounts, classes = _with(before.accounts, read_accounts), _with(before.classes, read_classes)
        rosters = _with(before.rosters, self._read("class", self._roster))
        if accounts is before.accounts and classes is before.classes and rosters is before.rosters:
            return before
        return OtusView(
            accounts,
            classes,
            rosters,
            linked_accounts=_linked(before.linked_accounts, before.accounts, read_accounts),
            linked_classes=_linked(before.linked_classes, before.classes, read_classes),
        )

    def _read(self, kind: str, one: Callable[[int], Kept | None]) -> dict[int, Kept | None]:
        return {int(touch.key): one(int(touch.key)) for touch in sorted(self._open) if touch.kind == kind}

    # A page of one record, and none is a 404: a class may have been deleted.

    def _account(self, key: int) -> Account | None:
        page = msgspec.json.decode(self._get(f"/accounts?limit=1&after={key - 1}"), type=AccountPage)
        return next((account for account in page.items if account.id == key), None)

    def _class(self, key: int) -> Class | None:
        page = msgspec.json.decode(self._get(f"/classes?limit=1&after={key - 1}"), type=ClassPage)
        return next((klass for klass in page.items if klass.id == key), None)

    def _roster(self, key: int) -> ClassRoster | None:
        page = msgspec.json.decode(self._get(f"/rosters?limit=1&after={key - 1}"), type=RosterPage)
        return next((roster for roster in page.items if roster.class_id == key), None)


class FollowedClever:
    """What Clever shares, each record read again when it was written or shared otherwise.

    Args:
        opened: lets read for a while: it fetches a path of Clever, version included.
        touched: tells which records were written or shared otherwise.
    """

    def __init__(self, opened: Callable[[], AbstractContextManager[Find]], touched: TakesTouched) -> None:
        self._opened = opened
        self._touched = touched
        self._open: set[Touch] = set()
        """What was written and is not read yet."""
        self._dbns: dict[str, str] = {}
        self._view: CleverView | None = None

    def __call__(self) -> CleverView:
        """Give the view; the same object as before if nothing is otherwise, and the same records but for what is."""
        self._open.update(touch for touch in self._touched.take() if touch.kind in ("school", "user", "section"))
        schools = any(touch.kind == "school" for touch in self._open)  # by which everybody's are called
        if self._view is None or schools or len(self._open) > ONE_BY_ONE_MAX:
            self._view = self._read_all(self._view)
        elif self._open:
            with self._opened() as find:
                self._view = self._looked_again(self._view, find)
        self._open.clear()
        return self._view

    def _read_all(self, before: CleverView | None) -> CleverView:
        with self._opened() as find:

            def get(path: str) -> bytes:
                body = find(path)
                assert body is not None, path  # noqa: S101 - every list is there
                return body

            self._dbns = read_clever_schools(get)
            read = read_clever(get, self._dbns)
        return read if before is None or read != before else before

    def _looked_again(self, before: CleverView, find: Find) -> CleverView:
        users: dict[str, CleverUser | None] = {}
        sections: dict[str, CleverSection | None] = {}
        others = set(before.others)
        for kind, key in sorted(self._open):
            body = find(f"{CLEVER_VERSION}/{kind}s/{key}")
            if kind == "section":
                sections[str(key)] = None if body is None else decode_clever_section(body, self._dbns)
                continue
            user = users[str(key)] = None if body is None else decode_clever_user(body, self._dbns)
            (others.add if body is not None and user is None else others.discard)(str(key))
        after = CleverView(_with(before.users, users), _with(before.sections, sections), frozenset(others))
        same = after.users is before.users and after.sections is before.sections and others == before.others
        return before if same else after


class _Linkable(Protocol):
    @property
    def clever_id(self) -> str | None:
        """The record of Clever that it is linked to."""


Linked = TypeVar("Linked", bound=_Linkable)


def _linked(
    kept: dict[str, Linked], before: Mapping[int, Linked], read: Mapping[int, Linked | None]
) -> dict[str, Linked]:
    """Give what is linked, by Clever's ids.

    Args:
        kept: that was linked.
        before: the records as they were.
        read: the records that may be otherwise; ``None`` for one that is there no more.
    """
    news: dict[str, Linked | None] = {}
    for key in read:  # two may have changed places, so what leaves a place comes before what takes it
        was = before.get(key)
        if was is not None and was.clever_id is not None:
            news[was.clever_id] = None
    news |= {now.clever_id: now for now in read.values() if now is not None and now.clever_id is not None}
    return _with(kept, news)


def _with(kept: dict[Key, Kept], read: Mapping[Key, Kept | None]) -> dict[Key, Kept]:
    """Put what was read in the place of what was there, all in the order of their keys, as the systems list them.

    Args:
        kept: that was there; what is equal to what was read stays the same object.
        read: ``None`` for what is there no more.
    """
    news = {key: record for key, record in read.items() if kept.get(key) != record}
    if not news:
        return kept
    merged: dict[Key, Kept | None] = {**kept, **news}
    if None in news.values():
        merged = {key: record for key, record in merged.items() if record is not None}
    if any(key not in kept for key in news):
        merged = dict(sorted(merged.items()))
    return merged  # type: ignore[return-value]  # nothing of it is None
