import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.words import counted, one_line, printable, shortened


def test_control_characters_become_visible_and_harmless() -> None:
    assert printable("Mei\x1b[31m Chen\x00\ud800") == "Mei\ufffd[31m Chen\ufffd\ufffd"


def test_lines_and_tabs_stay_where_lines_may_be() -> None:
    assert printable("a\r\nb\tc") == "a\nb\tc"
    assert one_line(" a\r\nb\tc ") == "a b c"


@given(st.text())
def test_whatever_a_name_holds_it_can_be_written_in_one_line(text: str) -> None:
    line = one_line(text)
    assert line.encode().decode() == line
    assert len(line.splitlines()) <= 1


def test_what_is_cut_ends_in_an_ellipsis() -> None:
    assert shortened("Algebra 1-01", 12) == "Algebra 1-01"
    assert shortened("Algebra 1-01", 8) == "Algebra…"


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 stories"), (1, "1 story"), (2, "2 stories"), (1200, "1,200 stories")]
)
def test_counts_are_said_in_words(count: int, words: str) -> None:
    assert counted(count, "story", "stories") == words
