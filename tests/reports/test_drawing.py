from itertools import pairwise

import pytest

from reports.axis import axis_of
from reports.drawing import draw
from reports.shapes import Drawing
from reports.timeline import days_of
from tests.reports.builders import Told, at, later, many_nights, wiped, worked_timing


def drawn(told: Told) -> Drawing:
    drawing = draw(told.entries)
    assert drawing is not None
    return drawing


def busy_term() -> Told:
    """An edit, a delivery, a night with a write and a check on each of 180 days."""
    told = Told()
    for number in range(1, 181):
        morning = later(at(14), days=number - 1)
        told.in_ats(morning, f"adds student {number}", due=later(morning, days=3))
        if number > 3:
            told.in_clever(later(morning, minutes=1), "student", since=later(morning, days=-3))
        told.night(number, later(morning, hours=15), "/classes/1/roster", good=number % 20 != 0)
        told.check(later(morning, hours=20), "the class is complete")
    return told


def test_an_edit_its_72_hours_and_its_arrival_are_drawn() -> None:
    drawing = drawn(worked_timing())
    [way] = drawing.ways
    edit, arrival = (next(m for m in drawing.marks if m.where == where) for where in ("ats", "clever"))
    assert way.label == "72 h"
    assert way.arrived
    assert (way.x1, way.y1) == (edit.x, drawing.ats_y)
    assert (way.x2, way.y2) == (arrival.x, drawing.clever_y)


def test_four_nights_are_four_moons_and_the_last_one_writes_to_otus() -> None:
    drawing = drawn(worked_timing())
    assert [night.moon for night in drawing.nights] == [True] * 4
    [arrow] = drawing.arrows
    assert arrow.x == drawing.nights[3].x
    assert arrow.label == "1 write"


def test_time_goes_from_left_to_right_and_days_are_equally_wide() -> None:
    drawing = drawn(worked_timing())
    xs = [night.x for night in drawing.nights]
    widths = {round(right - left, 3) for left, right in pairwise(xs)}
    assert len(widths) == 1
    assert xs == sorted(xs)


def test_checks_hang_as_flags_on_the_line_of_otus() -> None:
    drawing = drawn(wiped())
    flags = [mark for mark in drawing.marks if mark.shape == "good"]
    assert [flag.label for flag in flags] == [
        "Mei Chen is in Algebra 1-01 (by hand)",
        "Mei Chen is not in Algebra 1-01",
    ]
    assert {flag.y for flag in flags} == {drawing.otus_y}


def test_a_refusal_is_a_cross_and_a_failed_check_a_red_flag() -> None:
    told = Told().refused_by_ats(at(14), "adds a third co-teacher").check(at(15), "is there", good=False)
    assert [mark.shape for mark in drawn(told).marks] == ["cross", "bad"]


def test_a_change_still_on_its_way_ends_at_the_edge_above_clever() -> None:
    told = Told().in_ats(at(14), "adds", due=at(17)).night(1, at(15, 1))
    drawing = drawn(told)
    [way] = drawing.ways
    assert not way.arrived
    assert drawing.ats_y < way.y2 < drawing.clever_y
    assert "not in Clever yet, due Thu 17 Sep 10:00" in way.tooltip


def test_quiet_nights_are_folded_and_the_drawing_says_how_many() -> None:
    drawing = drawn(many_nights(30))
    [fold] = drawing.folds
    assert fold.label == "28 quiet nights, 28 checks held"
    assert "28 quiet days" in drawing.left_out
    assert len(drawing.nights) == 2


def test_a_busy_term_stays_within_bounds_and_says_what_is_not_drawn() -> None:
    drawing = drawn(busy_term())
    assert drawing.crowded
    assert len(drawing.marks) < 260
    assert len(drawing.ways) < 120
    assert len(drawing.arrows) < 100
    assert any("joined to a neighbour" in words for words in drawing.left_out)
    assert "900 requests" in drawing.left_out


def test_failed_nights_have_a_moon_however_narrow_the_days_are() -> None:
    failed = [night for night in drawn(busy_term()).nights if night.outcome == "failed"]
    assert len(failed) == 9
    assert all(night.moon for night in failed)


@pytest.mark.parametrize("told", [wiped(), worked_timing(), many_nights(30), busy_term()])
def test_nothing_is_drawn_outside_the_drawing(told: Told) -> None:
    drawing = drawn(told)
    assert all(0 <= mark.x <= drawing.width and 0 <= mark.y <= drawing.height for mark in drawing.marks)
    assert all(0 <= mark.label_y <= drawing.height for mark in drawing.marks)
    assert all(0 <= way.x1 <= way.x2 <= drawing.width for way in drawing.ways)


def test_labels_of_one_row_do_not_overlap() -> None:
    told = Told()
    for hour in range(8, 20):
        told.by_hand(at(14, hour), f"adds student {hour} to Algebra 1-01 by hand")
        told.check(at(14, hour, 30), f"student {hour} is in Algebra 1-01 (by hand)", good=hour % 3 == 0)
    rows: dict[float, list[tuple[float, float]]] = {}
    for mark in drawn(told).marks:
        if mark.label:
            width = len(mark.label) * 5.9
            left = mark.label_x - width if mark.leftward else mark.label_x
            rows.setdefault(mark.label_y, []).append((left, left + width))
    assert len(rows) > 1
    for spans in rows.values():
        ordered = sorted(spans)
        assert all(first[1] <= second[0] for first, second in pairwise(ordered))


def test_many_checks_that_held_are_flags_without_words_and_the_one_that_did_not_has_its_own() -> None:
    told = Told()
    for day in range(14, 24):
        told.in_ats(at(day), "adds").check(at(day, 12), f"day {day} is as expected", good=day != 20)
    flags = [mark for mark in drawn(told).marks if mark.where == "otus"]
    assert [flag.label for flag in flags if flag.label] == ["day 20 is as expected"]


def test_the_day_on_which_the_clock_goes_back_is_an_hour_wider() -> None:
    told = Told()
    for day in (31, 32, 33):
        told.in_ats(later(at(1, month=10), days=day - 1), "adds")
    entries = told.entries
    axis = axis_of(days_of(entries), entries[0].at, entries[-1].at, 0, 1000)
    sunday = axis.stretches[1]
    assert (sunday.ends - sunday.begins).total_seconds() == 25 * 3600


def test_an_empty_journal_is_not_drawn() -> None:
    assert draw([]) is None


def test_tooltips_name_the_moment_the_lane_and_who() -> None:
    [edit, *_] = drawn(wiped()).marks
    assert edit.tooltip == "Mon 14 Sep 10:00 · Otus · Rosa Diaz adds Mei Chen to Algebra 1-01 by hand"
