"""ATS/STARS as it is now, kept by reading on in its history.

A line of the history holds the whole record as it was after one edit. So whoever has read all lines so far needs only
the new ones, and an edit in a district of thousands costs as much to see as one in a small one.
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from fakes.ats.records import PAGE_LIMIT_MAX, ChangePage, Person, Record, SchedulePage, School, Section
from simulator.views import AtsView, Get

Kept = TypeVar("Kept")


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


def _with(kept: dict[str, Kept], changed: Mapping[str, Kept]) -> dict[str, Kept]:
    """Put changed records in the place of those before, all in the order of their keys, as ATS lists them."""
    if not changed:
        return kept
    merged = {**kept, **changed}
    return merged if len(merged) == len(kept) else dict(sorted(merged.items()))
