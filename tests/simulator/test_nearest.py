"""Whoever writes a part of a name is offered that name."""

import pytest

from simulator.nearest import nearest

NAMES = ["Mel Chan", "Mei Chen", "Rosa Diaz", "Ben Okri", "Algebra 1-01"]


@pytest.mark.parametrize(
    ("word", "offered"),
    [
        ("Mei", "Mei Chen"),
        ("mei c", "Mei Chen"),
        ("chen", "Mei Chen"),
        ("DIAZ", "Rosa Diaz"),
        ("1-01", "Algebra 1-01"),
        ("Ben Orki", "Ben Okri"),
        ("Mel Chen", "Mel Chan"),
    ],
)
def test_the_beginning_or_a_word_of_a_name_comes_before_what_is_spelled_like_it(word: str, offered: str) -> None:
    assert nearest(word, [*NAMES, "Meg", "Che"]) == f"did you mean {offered!r}?"


def test_of_several_names_that_begin_so_the_shortest_is_offered() -> None:
    assert nearest("student", ["student id", "students", "staff"]) == "did you mean 'students'?"


def test_a_single_letter_and_a_word_like_none_get_the_list() -> None:
    assert nearest("m", NAMES) == nearest("xyz", NAMES) == f"expected one of: {', '.join(sorted(NAMES))}"
