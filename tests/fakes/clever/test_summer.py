"""Clever pauses a district from the end of a school year until two weeks before the next one."""

from datetime import UTC, date, datetime

from fakes.clever.summer import SchoolDays, Summer
from tests.fakes.clever.builders import MIDWOOD, District, district, school, student


def turn(clever: District, summer: Summer, moment: datetime) -> bool:
    clever.now = moment
    return summer.process(moment)


def told(clever: District) -> tuple[str | None, ...]:
    found = clever.get("/v3.0/districts")["data"][0]["data"]
    return found["state"], found.get("pause_start"), found.get("pause_end")


DATES = SchoolDays(2027, last_day=date(2027, 6, 25), first_day=date(2027, 9, 9))


def test_the_pause_is_from_two_days_before_the_last_day_to_two_weeks_before_the_first() -> None:
    assert (DATES.pause_day, DATES.resume_day) == (date(2027, 6, 23), date(2027, 8, 26))


def test_without_dates_it_begins_on_the_seventh_of_june_and_somebody_has_to_end_it() -> None:
    days = SchoolDays(2027)
    assert (days.pause_day, days.resume_day) == (date(2027, 6, 7), None)
    with district() as clever:
        summer = Summer(clever.clever, days)
        assert turn(clever, summer, datetime(2027, 6, 7, 4, tzinfo=UTC))
        assert told(clever) == ("paused", "2027-06-07", None)
        assert summer.due() is None
        clever.clever.resume()
        assert told(clever)[0] == "running"


def test_a_whole_summer() -> None:
    with district(student(), school(MIDWOOD, "Midwood")) as clever:
        summer = Summer(clever.clever, DATES)
        assert summer.due() == datetime(2027, 6, 23, 4, tzinfo=UTC), "midnight in New York"
        assert not turn(clever, summer, datetime(2027, 6, 23, 3, 59, tzinfo=UTC))
        assert turn(clever, summer, datetime(2027, 6, 23, 4, tzinfo=UTC))
        assert told(clever) == ("paused", "2027-06-23", "2027-08-26")
        clever.deliver(student("200000002"))
        clever.clever.share_all_but({MIDWOOD})
        assert clever.ids("/v3.0/schools") == [], "sharing may still change"
        assert len(clever.ids("/v3.0/users")) == 1, "reading goes on, and what is delivered waits"
        assert turn(clever, summer, datetime(2027, 8, 26, 4, tzinfo=UTC))
        assert told(clever) == ("running", None, None)
        assert len(clever.ids("/v3.0/users")) == 2
        assert summer.due() is None


def test_whoever_looks_late_sees_both_turns_taken() -> None:
    with district() as clever:
        summer = Summer(clever.clever, DATES)
        assert turn(clever, summer, datetime(2027, 10, 1, tzinfo=UTC))
        assert told(clever)[0] == "running"
        assert not turn(clever, summer, datetime(2027, 10, 2, tzinfo=UTC))


def test_a_pause_that_was_ended_by_hand_is_not_begun_again() -> None:
    with district() as clever:
        summer = Summer(clever.clever, DATES)
        turn(clever, summer, datetime(2027, 6, 23, 4, tzinfo=UTC))
        clever.clever.resume()
        assert not turn(clever, summer, datetime(2027, 7, 1, tzinfo=UTC))
        assert told(clever)[0] == "running"
        turn(clever, summer, datetime(2027, 8, 26, 4, tzinfo=UTC))
        assert told(clever)[0] == "running"
