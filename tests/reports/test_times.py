import pytest

from reports.times import (
    moment_in_words,
    period_in_words,
    read_moment,
    seconds_in_words,
    span_in_words,
)
from tests.reports.builders import at


def test_a_moment_is_said_in_new_york_time() -> None:
    assert moment_in_words("2026-09-14T14:00:00.000Z") == "Mon 14 Sep 10:00"


def test_a_night_in_winter_is_five_hours_behind() -> None:
    assert moment_in_words("2026-12-01T06:00:00.000Z") == "Tue 1 Dec 01:00"


def test_the_hour_that_comes_twice_says_which_it_is() -> None:
    assert moment_in_words("2026-11-01T05:30:00.000Z") == "Sun 1 Nov 01:30 EDT"
    assert moment_in_words("2026-11-01T06:30:00.000Z") == "Sun 1 Nov 01:30 EST"


def test_the_day_without_two_o_clock_needs_no_zone() -> None:
    assert moment_in_words("2027-03-14T07:00:00.000Z") == "Sun 14 Mar 03:00"


@pytest.mark.parametrize(
    ("starts", "ends", "words"),
    [
        (at(14), at(18), "Mon 14 Sep to Fri 18 Sep 2026"),
        (at(14), at(14, 15), "Mon 14 Sep 2026"),
        (at(14), "2027-03-13T12:00:00.000Z", "Mon 14 Sep 2026 to Sat 13 Mar 2027"),
    ],
)
def test_a_period_names_its_days_and_year(starts: str, ends: str, words: str) -> None:
    assert period_in_words(starts, ends) == words


def test_the_72_hours_are_72_hours_also_when_the_clock_goes_back() -> None:
    assert span_in_words(read_moment(at(14)), read_moment(at(17))) == "72 h"
    assert span_in_words(read_moment(at(30, month=10)), read_moment(at(2, month=11))) == "73 h"
    assert span_in_words(read_moment(at(1)), read_moment(at(22))) == "21 days"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.254, "0.25 s"), (12.34, "12.3 s"), (75, "1 min 15 s"), (59.96, "60.0 s")]
)
def test_real_time_is_said_as_people_say_it(seconds: float, words: str) -> None:
    assert seconds_in_words(seconds) == words
