import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.clock import NEW_YORK, new_york
from simulator.nights import night_of, nights_after

ZONES = tuple(map(ZoneInfo, ("America/New_York", "Australia/Lord_Howe", "America/Nuuk", "Asia/Beirut", "UTC")))
"""Changes of an hour, of half an hour, over midnight of the evening, over midnight of the morning, and none."""

minutes = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))


def first_nights(start: datetime, count: int, at: time = time(1, 0), zone: ZoneInfo = NEW_YORK) -> list[datetime]:
    return list(itertools.islice(nights_after(start, at, zone), count))


@given(moments, minutes, st.sampled_from(ZONES))
@example(datetime(2026, 3, 1, tzinfo=UTC), time(2, 30), NEW_YORK)
@example(datetime(2026, 10, 20, tzinfo=UTC), time(1, 0), NEW_YORK)
@example(datetime(2024, 3, 25, tzinfo=UTC), time(23, 30), ZoneInfo("America/Nuuk"))
def test_every_local_date_has_one_night_and_nights_go_forward(start: datetime, at: time, zone: ZoneInfo) -> None:
    nights = first_nights(start, 40, at, zone)
    assert all(earlier < later for earlier, later in itertools.pairwise([start, *nights]))
    dates = []
    for night in nights:
        wall = night.astimezone(zone)
        # A wall time that the clock skips falls on the first instant after it, which may be the next day's first.
        dates.append(wall.date() if wall.time() == at else (wall - timedelta(minutes=1)).date())
    first = dates[0]
    assert dates == [first + timedelta(days=index) for index in range(40)]


@given(moments, minutes, st.sampled_from(ZONES))
def test_a_night_is_at_its_wall_time_wherever_the_wall_has_that_time(start: datetime, at: time, zone: ZoneInfo) -> None:
    for night in first_nights(start, 10, at, zone):
        wall = night.astimezone(zone)
        if wall.time() == at:
            assert wall.fold == 0, "the first of two"
        else:
            before = (night - timedelta(seconds=1)).astimezone(zone)
            assert before.utcoffset() != wall.utcoffset(), "the very first instant after the jump"
            assert before.time() < at or before.date() < wall.date()


def test_when_the_clock_goes_back_the_sync_runs_once_at_the_first_one_o_clock() -> None:
    nights = first_nights(datetime(2026, 10, 31, 12, tzinfo=NEW_YORK), 3)
    assert [night.isoformat() for night in nights] == [
        "2026-11-01T05:00:00+00:00",  # 01:00 EDT; 01:00 comes again as EST, an hour later
        "2026-11-02T06:00:00+00:00",
        "2026-11-03T06:00:00+00:00",
    ]


def test_a_story_that_starts_between_the_two_one_o_clocks_waits_for_the_next_night() -> None:
    between = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert new_york(first_nights(between, 1)[0]) == "Mon 2 Nov 01:00"


def test_when_the_clock_goes_forward_over_the_nightly_time_the_first_existing_instant_counts() -> None:
    nights = first_nights(datetime(2027, 3, 13, 12, tzinfo=NEW_YORK), 2, time(2, 30))
    assert nights[0].isoformat() == "2027-03-14T07:00:00+00:00"
    assert nights[0].astimezone(NEW_YORK).isoformat() == "2027-03-14T03:00:00-04:00"
    assert nights[1].astimezone(NEW_YORK).isoformat() == "2027-03-15T02:30:00-04:00"


@pytest.mark.parametrize(
    ("at", "wall"),
    [
        (time(1, 59, 59), "01:59:59-05:00"),
        (time(2, 0), "03:00:00-04:00"),
        (time(2, 59, 59), "03:00:00-04:00"),
        (time(3, 0), "03:00:00-04:00"),
        (time(3, 0, 1), "03:00:01-04:00"),
    ],
)
def test_the_edges_of_the_skipped_hour(at: time, wall: str) -> None:
    night = night_of(date(2027, 3, 14), at)
    assert night.astimezone(NEW_YORK).isoformat() == f"2027-03-14T{wall}"


def test_the_first_night_lies_strictly_after_the_start() -> None:
    one_o_clock = datetime(2026, 9, 15, 1, 0, tzinfo=NEW_YORK)
    assert new_york(first_nights(one_o_clock - timedelta(microseconds=1), 1)[0]) == "Tue 15 Sep 01:00"
    assert new_york(first_nights(one_o_clock, 1)[0]) == "Wed 16 Sep 01:00"


def test_the_leap_day_has_its_night() -> None:
    nights = first_nights(datetime(2028, 2, 28, 12, tzinfo=NEW_YORK), 2)
    assert [new_york(night) for night in nights] == ["Tue 29 Feb 01:00", "Wed 1 Mar 01:00"]


def test_a_date_that_a_zone_skips_wholly_falls_on_the_first_instant_after_it() -> None:
    apia = ZoneInfo("Pacific/Apia")  # went over the date line: 30 December 2011 never was
    nights = first_nights(datetime(2011, 12, 29, 12, tzinfo=apia), 2, zone=apia)
    assert [night.astimezone(apia).isoformat() for night in nights] == [
        "2011-12-31T00:00:00+14:00",
        "2011-12-31T01:00:00+14:00",
    ]
