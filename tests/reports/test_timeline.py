from reports.timeline import crossings_of, days_of, in_full, nights_of
from tests.reports.builders import MEI, SECTION, Told, at, later, many_nights, wiped, worked_timing


def test_a_night_counts_what_the_sync_asked_and_names_what_it_wrote() -> None:
    [night] = nights_of(wiped().entries)
    assert (night.number, night.outcome, night.requests) == (1, "succeeded", 5)
    assert night.writes == (f"PUT /classes/{SECTION}/roster",)


def test_reporting_a_run_to_otus_is_no_write() -> None:
    [night] = nights_of(Told().night(1, at(15, 1)).entries)
    assert night.writes == ()


def test_a_refused_request_is_counted_and_wrote_nothing() -> None:
    told = Told().add(at(15, 1), "sync", "night", "sync", "begins", night=1)
    told.request(at(15, 1), "otus", "PUT /classes/1/roster", 1, status=429)
    [night] = nights_of(told.entries)
    assert (night.requests, night.refused, night.writes) == (1, 1, ())


def test_a_held_night_is_not_a_failed_one() -> None:
    told = Told().night(1, at(15, 1), good=False, held=True).night(2, at(16, 1), good=False).night(3, at(17, 1))
    assert [night.outcome for night in nights_of(told.entries)] == ["held", "failed", "succeeded"]


def test_a_night_without_an_end_is_unfinished() -> None:
    told = Told().add(at(15, 1), "sync", "night", "sync", "begins", night=1)
    assert [night.outcome for night in nights_of(told.entries)] == ["unfinished"]


def test_a_run_that_could_not_start_has_an_end_only() -> None:
    told = Told().add(at(15, 1), "sync", "night", "sync", "ends: crashed", night=1, good=False)
    assert [(night.number, night.outcome) for night in nights_of(told.entries)] == [(1, "failed")]


def test_two_syncs_at_once_are_two_runs() -> None:
    told = Told()
    for _ in range(2):
        told.add(at(15, 1), "sync", "night", "sync", "begins", night=1)
    for good in (True, False):
        told.add(at(15, 1, 5), "sync", "night", "sync", "ends", night=1, good=good)
    assert [night.outcome for night in nights_of(told.entries)] == ["succeeded", "failed"]


def test_a_change_crosses_from_ats_to_clever_in_72_hours() -> None:
    [crossing] = crossings_of(worked_timing().entries)
    assert (crossing.since, crossing.arrives, crossing.arrived) == (at(14), at(17), True)


def test_a_change_that_is_still_on_its_way_is_not_said_to_have_arrived() -> None:
    told = Told().in_ats(at(14), f"adds {MEI}", MEI, due=at(17)).night(1, at(15, 1))
    [crossing] = crossings_of(told.entries)
    assert (crossing.arrives, crossing.arrived) == (at(17), False)


def test_changes_of_one_moment_cross_together() -> None:
    told = Told().in_ats(at(14), "finalizes", due=at(17))
    for number in range(30):
        told.in_clever(at(17), f"student {number}", since=at(14))
    [crossing] = crossings_of(told.entries)
    assert len(crossing.changes) == 30


def test_every_day_is_there_also_when_nothing_happened() -> None:
    told = Told().in_ats(at(14), "adds").check(at(18), "is there")
    assert [day.date.day for day in days_of(told.entries)] == [14, 15, 16, 17, 18]


def test_a_day_is_quiet_when_only_good_nights_and_held_checks_happened() -> None:
    days = days_of(many_nights(3).entries)
    assert [day.quiet for day in days] == [False, True, True, True]
    loud = Told().night(1, at(15, 1), "/classes/1/roster").night(2, at(16, 1), good=False)
    loud.check(at(17), "is there", good=False)
    assert [day.quiet for day in days_of(loud.entries)] == [False, False, False]


def test_days_are_new_yorks_and_not_greenwichs() -> None:
    late = Told().in_ats(at(14, 22), "adds")
    assert [day.date.day for day in days_of(late.entries)] == [14]


def test_a_day_knows_whether_something_is_on_its_way_when_it_ends() -> None:
    days = days_of(worked_timing().entries)
    assert [day.crossing for day in days] == [True, True, True, False, False]


def test_an_entry_of_a_night_says_which_night_it_was() -> None:
    told = Told().night(7, later(at(15, 1), days=6))
    assert in_full(told.entries[-1]) == "sync night 7 ends: succeeded"
