"""Whatever stands on one line is read as what was written."""

import yaml
from hypothesis import given
from hypothesis import strategies as st

from rostersim.served.deeds import flow

printable = st.characters(exclude_categories=["C", "Zl", "Zp"])
words = st.one_of(
    st.text(printable, max_size=12), st.from_regex(r"(?:02M475 )?[A-Za-z][a-zA-Z0-9@._ -]{0,12}", fullmatch=True)
)
values = st.recursive(words, lambda each: st.lists(each, max_size=3) | st.dictionaries(words, each, max_size=3))


@given(values)
def test_a_line_is_read_as_what_was_written(value: object) -> None:
    line = flow(value)
    assert "\n" not in line
    assert yaml.safe_load(line) == value


def test_names_and_lists_of_names_need_no_quotes_and_words_that_mean_something_else_do() -> None:
    assert flow({"student": "Mei Chen", "in": ["Algebra 1-01", "02M475"]}) == (
        "{student: Mei Chen, in: [Algebra 1-01, 02M475]}"
    )
    assert [flow(word) for word in ("No", "null", "200000417", "a: b")] == ["'No'", "'null'", "'200000417'", "'a: b'"]
