"""Draws a story from a seed: a district, settings, days of edits, nights of faults, and quiet nights at the end."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from scenarios.soak import by_hand, office, trouble
from scenarios.soak.deeds import drawn_deed, step
from scenarios.soak.dice import Dice, weighted
from scenarios.soak.settings import HOUR_OF_START, STARTS, SUMMER, drawn_settings, lag_of, nightly_at_of
from scenarios.soak.tale import Tale, Turn, Value, When, after_night, at, before_night, during_night
from scenarios.soak.town import Town, district_words, found, others_words
from simulator.clock import NEW_YORK

__all__ = ["by_hand", "draw", "office", "trouble"]
"""The modules of deeds too: they register what may be drawn."""

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
QUIET_NIGHTS = 5
"""After the last bad one: the feed delivers for three days more, a removal may wait for Support, and one is judged."""
REQUESTS_SEEN_MAX = 25
RUN_BESIDE_SHARE = 0.2
"""So many of the steps inside a night start a second sync."""


def draw(seed: int) -> Tale:
    """Draw a story.

    Args:
        seed: the same seed gives the same story.
    """
    dice = Dice(seed)
    chance = dice.of("frame")
    first = year, month, day = weighted(chance, STARTS)
    start = datetime(year, month, day, HOUR_OF_START, tzinfo=NEW_YORK).astimezone(UTC)
    busy_days = weighted(chance, {5: 2, 8: 4, 12: 3, 20: 1})
    settings = drawn_settings(dice.of("settings"), seed, busy_days)
    town = found(dice)
    district, others = district_words(town), others_words(town)
    calendar = _Calendar(start, nightly_at_of(settings), lag_of(settings))
    turns = [_summer(calendar, dice.of("summer"))] if first == SUMMER else []
    for number in range(1, busy_days + 1):
        turns += _day(dice, town, calendar, number)
    nights = busy_days + QUIET_NIGHTS
    turns += _ending(town, calendar, busy_days, nights)
    return Tale(seed, start, settings, district, others, tuple(turns), nights)


class _Calendar:
    """The days of a story: day 1 begins with the story, and night 1 lies in it.

    Args:
        start: of the story.
        nightly_at: the wall time of the sync.
        lag: of the feed.
    """

    def __init__(self, start: datetime, nightly_at: str, lag: timedelta) -> None:
        self.start = start
        self.nightly_at = nightly_at
        self._lag = lag

    def morning(self, day: int) -> datetime:
        """Give when a day begins."""
        return self.start + (day - 1) * DAY

    def drawn(self, day: int, chance: random.Random) -> When:
        """Draw a time on a day, corners more often than chance would."""
        kinds = {"any": 5, "edge": 2.5, "before": 0.7, "beside": 1, "during": 1.5, "after": 1}
        match weighted(chance, kinds):
            case "before":
                return before_night(self.start, day, self.nightly_at)
            case "during":
                point = weighted(chance, {"request": 2, "write": 1})
                return during_night(self.start, day, self.nightly_at, f"{point} {self._request(point, chance)}")
            case "after":
                return after_night(self.start, day, self.nightly_at)
            case "beside":
                return at(self._night(day) + chance.choice([-1, 1, 60]) * SECOND)
            case "edge":
                return self._edge(day, chance)
        return at(self.morning(day) + timedelta(minutes=chance.randrange(24 * 60)))

    def _request(self, point: str, chance: random.Random) -> int:
        return chance.randint(1, REQUESTS_SEEN_MAX if point == "request" else 4)

    def _edge(self, day: int, chance: random.Random) -> When:
        """Give a time whose change the feed delivers at the instant of a later night, or a second off it."""
        for later in range(5):
            moment = self._night(day + later) - self._lag
            if self.morning(day) <= moment < self.morning(day + 1) - SECOND:
                return at(moment + chance.choice([-1, 0, 0, 1]) * SECOND)
        return at(self.morning(day))

    def _night(self, day: int) -> datetime:
        return before_night(self.start, day, self.nightly_at).moment


def _summer(calendar: _Calendar, chance: random.Random) -> Turn:
    """Let the school year end: both pauses have begun by the last bad night, and Clever's may end soon (H9, A5)."""
    today = calendar.start.date()
    last = today + chance.randint(0, 6) * DAY
    first = last + chance.randint(1, 25) * DAY
    days: dict[str, Value] = {"year": today.year, "last day": last.isoformat(), "first day": first.isoformat()}
    steps = [
        step("otus", "keep rollover", **{"last day": last.isoformat()}),
        step("clever", "pause for the summer", **days),
    ]
    return Turn(at(calendar.start), tuple(chance.sample(steps, chance.randint(1, 2))))


def _day(dice: Dice, town: Town, calendar: _Calendar, day: int) -> Iterator[Turn]:
    chance = dice.of("day", day)
    faults = [
        trouble.fault_of(day, calendar.nightly_at, dice.of("fault", day, number))
        for number in range(weighted(chance, {0: 6, 1: 3, 2: 1}))
    ]
    if faults:
        yield Turn(at(calendar.morning(day)), tuple(faults))
    count = weighted(chance, {0: 2, 1: 3, 2: 3, 4: 3, 7: 1})
    times = sorted(calendar.drawn(day, dice.of("time", day, number)) for number in range(count))
    for number, when in enumerate(times):
        chance = dice.of("deed", day, number)
        beside = when.rank == 1 and chance.random() < RUN_BESIDE_SHARE
        steps = (step("sync", "run beside"),) if beside else tuple(drawn_deed(chance)(town, chance))
        if steps:
            yield Turn(when, steps)


def _ending(town: Town, calendar: _Calendar, last_bad: int, nights: int) -> Iterator[Turn]:
    """Mend what is broken; then the feed delivers what is under way, and the last night must be a good one."""
    morning = at(calendar.morning(last_bad + 1))
    mended = [
        step("otus", "resume sync"),
        *(step("fault", f"{system} rotates the token") for system in sorted(town.locked)),
        step("clever", "resume"),
        *[step("clever", "release hold")] * 2,
        *(step("feed", "finds school", school=school) for school in sorted(town.lost)),
        *(step("clever", "share", school=school) for school in sorted(town.unshared)),
    ]
    yield Turn(morning, tuple(mended))
    yield Turn(after_night(calendar.start, nights - 1, calendar.nightly_at), (step("otus", "approve removals"),))
    good = {"expect": {"sync": {"ended": "succeeded"}}}
    yield Turn(after_night(calendar.start, nights, calendar.nightly_at), (good,))
