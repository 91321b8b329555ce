"""Summer: Clever pauses a district from the end of a school year until two weeks before the next one begins.

While paused no upload is processed, sharing rules can still change, and applications go on reading the frozen data
(facts on Clever's wire, "How data gets in").
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from fakes.clever.rules import Clever

PAUSE_BEFORE_LAST_DAY_DAYS = 2
RESUME_BEFORE_FIRST_DAY_DAYS = 14
"""Both from facts on Clever's wire, "How data gets in"."""

USUAL_PAUSE = (6, 7)
"""Month and day on which districts are paused that have set no last day: 7 June, from the same place."""


class SchoolDays(msgspec.Struct, frozen=True):
    """What a district has told Clever of its calendar, for one summer."""

    year: int
    last_day: date | None = None
    """Of the school year that ends."""
    first_day: date | None = None
    """Of the next one; without it somebody has to end the pause by hand."""
    zone: str = "America/New_York"
    """Days begin at midnight there."""

    @property
    def pause_day(self) -> date:
        """The day on which the pause begins."""
        if self.last_day is None:
            return date(self.year, *USUAL_PAUSE)
        return self.last_day - timedelta(days=PAUSE_BEFORE_LAST_DAY_DAYS)

    @property
    def resume_day(self) -> date | None:
        """The day on which syncs go on."""
        return None if self.first_day is None else self.first_day - timedelta(days=RESUME_BEFORE_FIRST_DAY_DAYS)


class Summer:
    """Pauses a Clever and resumes it. Whoever has the clock asks when the next turn is due, and takes it then.

    Args:
        clever: to be paused.
        days: of its district.
    """

    def __init__(self, clever: Clever, days: SchoolDays) -> None:
        self._clever = clever
        self._days = days
        self._begun = False
        self._over = False

    def due(self) -> datetime | None:
        """Say when the next turn is due; ``None`` if none comes any more."""
        day = self._days.resume_day if self._begun else self._days.pause_day
        if self._over or day is None:
            return None
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self._days.zone))

    def process(self, now: datetime) -> bool:
        """Take the turns that are due: pause, and later resume.

        Args:
            now: the present moment, as Clever's clock has it.

        Returns:
            Whether there was any. A pause that somebody ended by hand is not begun again.
        """
        turned = False
        while (due := self.due()) is not None and due <= now:
            if not self._begun:
                self._begun = True
                self._clever.pause(until=self._days.resume_day)
            else:
                self._over = True
                self._clever.resume()
            turned = True
        return turned
