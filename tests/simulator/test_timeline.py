import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.journal import Entry, Kind
from simulator.timeline import leading_to

MEI, OMAR, ALGEBRA, SCHOOL = "Mei Chen", "Omar Haddad", "Algebra 1-01", "02M475"


def entry(number: int, kind: Kind, what: str, *about: str, good: bool | None = None) -> Entry:
    """The entry of a number happens at that minute."""
    at = f"2026-09-{14 + number // 1440:02d}T{number // 60 % 24:02d}:{number % 60:02d}:00.000Z"
    return Entry(number=number, at=at, lane="ats", kind=kind, who="somebody", what=what, about=about, good=good)


def night(number: int, *, good: bool = True) -> Entry:
    return entry(number, "night", "ends", good=good)


def told(entries: tuple[Entry, ...]) -> list[int]:
    return [each.number for each in entries]


def test_what_concerns_the_names_leads_there_and_the_nights_between_do_too() -> None:
    journal = [
        night(1),
        entry(2, "edit", f"adds {MEI} to {ALGEBRA}", MEI, ALGEBRA),
        entry(3, "edit", f"changes the e-mail of {OMAR}", OMAR),
        night(4),
        entry(5, "delivery", f"{MEI} is in {ALGEBRA}", MEI, ALGEBRA),
        entry(6, "expectation", f"{MEI} is in {ALGEBRA}", MEI, ALGEBRA, good=False),
    ]
    assert told(leading_to(journal, (MEI, ALGEBRA))) == [2, 4, 5, 6]


def test_nothing_after_the_moment_of_the_finding_leads_to_it() -> None:
    journal = [entry(number, "edit", "renames", MEI) for number in range(1, 6)]
    assert told(leading_to(journal, (MEI,), at=journal[2].at)) == [1, 2, 3]


def test_requests_and_the_beginnings_of_nights_are_left_to_the_journal() -> None:
    journal = [
        entry(1, "edit", "adds", MEI),
        entry(2, "night", "begins"),
        entry(3, "request", "GET /v3.0/users"),
        entry(4, "invariant", "a second run changes nothing", MEI, good=True),
        night(5),
    ]
    assert told(leading_to(journal, (MEI,))) == [1, 5]


def test_the_first_edit_is_kept_when_a_term_of_good_nights_follows() -> None:
    journal = [entry(1, "edit", "adds", MEI), *(night(number) for number in range(2, 182))]
    assert told(leading_to(journal, (MEI,), limit=5)) == [1, 178, 179, 180, 181]


def test_a_failed_night_is_kept_before_good_ones() -> None:
    journal = [
        entry(1, "edit", "adds", MEI),
        night(2, good=False),
        *(night(number) for number in range(3, 30)),
    ]
    assert told(leading_to(journal, (MEI,), limit=3)) == [1, 2, 29]


def test_a_school_beside_the_section_brings_its_schedule_in() -> None:
    journal = [
        entry(1, "edit", f"adds {MEI} to {ALGEBRA}", MEI, ALGEBRA, SCHOOL),
        entry(2, "edit", f"finalizes the schedule of {SCHOOL}", SCHOOL),
        entry(3, "edit", "finalizes the schedule of another school", "03M100"),
    ]
    assert told(leading_to(journal, (MEI, ALGEBRA))) == [1, 2]


def test_classmates_are_left_out_before_the_one_concerned() -> None:
    classmates = [entry(number, "edit", "adds", f"student {number}", ALGEBRA) for number in range(2, 32)]
    journal = [entry(1, "edit", "adds", MEI, ALGEBRA), *classmates]
    assert told(leading_to(journal, (MEI, ALGEBRA), limit=4)) == [1, 29, 30, 31]


def test_what_broke_before_the_first_edit_may_be_the_reason() -> None:
    journal = [entry(1, "fault", "Clever goes down"), night(2), entry(3, "edit", "adds", MEI)]
    assert told(leading_to(journal, (MEI,))) == [1, 3]


def test_without_names_everybody_is_concerned() -> None:
    journal = [entry(1, "edit", "adds", MEI), entry(2, "edit", "adds", OMAR), night(3)]
    assert told(leading_to(journal, ())) == [1, 2, 3]


def test_a_limit_below_one_is_a_mistake_and_says_so() -> None:
    with pytest.raises(ValueError, match=r"limit \(0\)"):
        leading_to([], (), limit=0)


KINDS: tuple[Kind, ...] = ("edit", "refusal", "delivery", "request", "night", "fault", "expectation", "note")


@given(
    kinds=st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from((MEI, OMAR, "")), st.booleans()), max_size=40),
    limit=st.integers(1, 25),
)
def test_whatever_happened_the_choice_is_short_in_order_and_from_the_journal(
    kinds: list[tuple[Kind, str, bool]], limit: int
) -> None:
    journal = [
        entry(number, kind, "something", *([name] if name else []), good=good)
        for number, (kind, name, good) in enumerate(kinds, start=1)
    ]
    chosen = leading_to(journal, (MEI,), limit=limit)
    assert len(chosen) <= limit
    assert told(chosen) == sorted(set(told(chosen)))
    assert all(each in journal for each in chosen)
