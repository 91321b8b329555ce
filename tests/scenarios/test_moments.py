"""Times as people name them."""

from datetime import UTC, datetime, time, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scenarios.located import Wrong
from scenarios.moments import AfterNights, At, BeforeNight, Later, read_duration, read_moment, read_wall_time, read_when
from simulator.clock import NEW_YORK, new_york

NODE = yaml.ScalarNode("", "", yaml.Mark("", 0, 0, 0, "", 0), None)
MONDAY = datetime(2026, 9, 14, 8, 0, tzinfo=NEW_YORK)


def at(words: str, not_before: datetime = MONDAY) -> str:
    return read_moment(NODE, words, not_before).astimezone(NEW_YORK).isoformat()


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("Mon 14 Sep 10:00", "2026-09-14T10:00:00-04:00"),
        ("Monday 14 September 10:00", "2026-09-14T10:00:00-04:00"),
        ("mon, 14 sep 2026 10:00:30", "2026-09-14T10:00:30-04:00"),
        ("14 Sep 10:00", "2026-09-14T10:00:00-04:00"),
        ("2026-09-14 10:00", "2026-09-14T10:00:00-04:00"),
        ("2026-09-14T10:00:05", "2026-09-14T10:00:05-04:00"),
        ("Fri 1 Jan 00:00", "2027-01-01T00:00:00-05:00"),
        ("Sun 1 Nov 01:30", "2026-11-01T01:30:00-04:00"),
        ("Sun 14 Mar 03:00", "2027-03-14T03:00:00-04:00"),
    ],
)
def test_a_time_is_read_in_new_york(words: str, moment: str) -> None:
    assert at(words) == moment


def test_a_date_without_a_year_is_the_first_such_day_from_the_step_before_on() -> None:
    december = datetime(2026, 12, 30, 12, 0, tzinfo=NEW_YORK)
    assert at("2 Jan 10:00", december).startswith("2027-01-02")
    assert at("31 Dec 10:00", december).startswith("2026-12-31")


def test_a_day_shortly_before_the_last_step_is_a_slip_and_no_jump_of_a_year() -> None:
    assert at("13 Sep 10:00").startswith("2026-09-13")


def test_the_leap_day_is_that_of_the_next_leap_year() -> None:
    assert at("Tue 29 Feb 10:00", datetime(2027, 9, 1, tzinfo=NEW_YORK)).startswith("2028-02-29")
    assert at("29 Feb 10:00", datetime(2028, 2, 1, tzinfo=NEW_YORK)).startswith("2028-02-29")


@given(st.datetimes(datetime(2001, 1, 1), datetime(2098, 1, 1), timezones=st.just(UTC)))
def test_every_minute_that_new_york_has_can_be_named(moment: datetime) -> None:
    local = moment.replace(second=0, microsecond=0).astimezone(NEW_YORK)
    first = local.replace(fold=0)  # of two equal wall times the first is meant
    for words in (f"{local:%Y-%m-%d %H:%M}", f"{new_york(local)[:-5]}{local:%Y} {local:%H:%M}"):
        assert read_moment(NODE, words, MONDAY) == first


@pytest.mark.parametrize("words", ["2027-03-14 02:00", "2027-03-14 02:30", "Sun 14 Mar 2027 02:59"])
def test_a_time_that_the_clock_skips_is_told(words: str) -> None:
    with pytest.raises(Wrong, match="New York's clock goes forward over it"):
        at(words)


@pytest.mark.parametrize(
    ("words", "when"),
    [
        ("+72h", Later(timedelta(hours=72))),
        ("+1d 12h", Later(timedelta(days=1, hours=12))),
        ("after night 2", AfterNights(2, 2)),
        ("after nights 1-30", AfterNights(1, 30)),
        ("after nights 1 to 30", AfterNights(1, 30)),
        ("before night 3", BeforeNight(3)),
        ("2026-09-14 10:00", At(datetime(2026, 9, 14, 14, 0, tzinfo=UTC))),
    ],
)
def test_the_time_of_a_step_is_one_of_four_kinds(words: str, when: object) -> None:
    assert read_when(NODE, words, MONDAY) == when


@pytest.mark.parametrize(
    ("words", "duration"),
    [
        ("72h", timedelta(hours=72)),
        ("3d", timedelta(days=3)),
        ("1w", timedelta(weeks=1)),
        ("15min", timedelta(minutes=15)),
        ("15 m", timedelta(minutes=15)),
        ("30s", timedelta(seconds=30)),
        ("1.5h", timedelta(minutes=90)),
        ("1d 2h 3min 4s", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("0h", timedelta()),
        ("400d", timedelta(days=400)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(words: str, duration: timedelta) -> None:
    assert read_duration(NODE, words) == duration


@pytest.mark.parametrize("words", ["", "h", "72", "72 hours", "3d,", "-3h", "1e3h", "1..5h", "NaNh", "infd"])
def test_what_is_no_duration_is_told(words: str) -> None:
    with pytest.raises(Wrong, match="is no duration"):
        read_duration(NODE, words)


@pytest.mark.parametrize(("words", "wall"), [("01:00", time(1)), ("2:30", time(2, 30)), ("23:59", time(23, 59))])
def test_a_time_of_day_is_hours_and_minutes(words: str, wall: time) -> None:
    assert read_wall_time(NODE, words) == wall


@pytest.mark.parametrize("words", ["24:00", "1", "01:60", "01:00:00", "1 am", "\u0661:00:00"])
def test_what_is_no_time_of_day_is_told(words: str) -> None:
    with pytest.raises(Wrong, match="is no time of day"):
        read_wall_time(NODE, words)
