from reports.strip import ASCII, legend_of, strip_in_words, strip_of, text_of
from tests.reports.builders import Told, at, later, many_nights, wiped, worked_timing


def test_the_worked_timing_of_the_faq_is_seen_on_one_line() -> None:
    assert text_of(strip_of(worked_timing().entries)) == "Mon 14 Sep ●┈┈☾✓┈┈☾✓┈┈☾✓▶✓ ☾✓ Fri 18 Sep"


def test_a_student_added_by_hand_and_wiped() -> None:
    assert text_of(strip_of(wiped().entries)) == "Mon 14 Sep ◆✓ ☾✓ Tue 15 Sep"


def test_thirty_quiet_nights_become_one_piece() -> None:
    assert text_of(strip_of(many_nights(30).entries)) == "Mon 14 Sep ⊘◆ ☾×29✓ ☾✓ Wed 14 Oct"  # noqa: RUF001


def test_nights_that_failed_or_were_held_are_told_apart_without_colours() -> None:
    told = Told().breaks(at(14), "goes down").night(1, at(15, 1), good=False).night(2, at(16, 1), good=False, held=True)
    told.check(at(16, 6), "is there", good=False)
    assert text_of(strip_of(told.entries)) == "Mon 14 Sep ϟ ☾! ☾?✗ Wed 16 Sep"


def test_many_edits_of_a_day_are_a_number() -> None:
    told = Told()
    for minute in range(5):
        told.in_ats(at(14, 10, minute), "adds")
    assert text_of(strip_of(told.entries)) == "Mon 14 Sep ●×5"  # noqa: RUF001


def test_what_is_too_long_leaves_out_its_middle_and_fits() -> None:
    told = Told()
    for number in range(1, 60):
        told.in_ats(later(at(14), days=number), "adds").night(number, later(at(15, 1), days=number))
    strip = text_of(strip_of(told.entries, width_max=60))
    assert len(strip) <= 60
    assert "⋯" in strip
    assert strip.startswith("Tue 15 Sep ●")


def test_a_terminal_without_these_signs_gets_plain_ones() -> None:
    assert text_of(strip_of(worked_timing().entries, ASCII)).isascii()
    assert text_of(legend_of(ASCII)).isascii()


def test_an_empty_journal_draws_nothing() -> None:
    assert strip_of([]) == ()


def test_the_strip_can_be_heard_too() -> None:
    words = strip_in_words(worked_timing().entries)
    assert words == (
        "1 edit in ATS; 1 delivery to Clever; 0 edits by hand in Otus; 4 nights, of which 4 succeeded; "
        "5 checks, of which 5 held; from Mon 14 Sep to Fri 18 Sep"
    )
