"""The keyed functions: the same for the same, different for different, and nothing of the original in them."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from rostersim.capture.pseudonyms import Pseudonyms

MASK = Pseudonyms(b"a key for tests, no secret")


def test_different_numbers_get_different_numbers_of_as_many_digits() -> None:
    masked = {MASK.number("7", f"{number:07d}", 7) for number in range(3000)}
    assert len(masked) == 3000
    assert all(re.fullmatch(r"\d{7}", number) for number in masked)
    assert {MASK.number("all", str(number), 2) for number in range(100)} == {f"{number:02d}" for number in range(100)}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 99), st.sampled_from("MXKQRZ"), st.integers(0, 999))
def test_a_dbn_gets_a_dbn(district: int, letter: str, number: int) -> None:
    assert re.fullmatch(r"\d{2}[A-Z]\d{3}", MASK.dbn(f"{district:02d}{letter}{number:03d}"))


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_whatever_stands_there_gets_a_word_an_address_and_a_number(value: str) -> None:
    assert re.fullmatch(r"([A-Z][a-z]){1}([a-z]{2}){2}", MASK.word("name", value))
    assert re.fullmatch(r"[a-z]+[0-9a-f]{8}@[a-z]+\.example", MASK.email(value))
    assert re.fullmatch(r"\d{9}", MASK.number("9", value, 9))


@settings(max_examples=30, deadline=None)
@given(st.dates())
def test_a_day_gets_another_one_of_its_year(day: object) -> None:
    masked = MASK.day("birth date", str(day))
    assert masked != str(day)
    assert masked[:4] == str(day)[:4]


def test_both_ways_of_writing_a_day_get_one_day_and_what_is_no_day_gets_none() -> None:
    assert MASK.day("birth date", "5/7/2010") == MASK.day("birth date", "2010-05-07")
    assert [MASK.day("birth date", wrong) for wrong in ("", "2010-02-30", "May 7")] == ["", "", ""]


def test_addresses_that_differ_in_case_alone_are_one() -> None:
    assert MASK.email("Ana.Lopez@Schools.org ") == MASK.email("ana.lopez@schools.org")


@settings(max_examples=30, deadline=None)
@given(st.text("0123456789abcdef", min_size=0, max_size=24))
def test_what_is_sealed_opens_again_and_looks_otherwise_each_time(value: str) -> None:
    sealed = MASK.seal(value)
    assert MASK.opened(sealed) == value
    assert len(value) < 4 or value not in sealed
    assert sealed != MASK.seal(value)


def test_a_key_never_shows() -> None:
    assert "secret" not in repr(MASK)
