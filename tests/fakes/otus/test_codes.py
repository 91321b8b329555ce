"""Class codes (H6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.otus.codes import CODES, LETTERS, class_code, class_with

ids = st.integers(min_value=1, max_value=CODES - 1)


@given(ids, ids)
def test_two_classes_never_share_a_code(one: int, other: int) -> None:
    assert (class_code(one) == class_code(other)) == (one == other)
    assert set(class_code(one)) <= set(LETTERS)


def test_classes_far_apart_do_not_share_a_code_either() -> None:
    apart = [1, *(1 + 2**shift for shift in range(30))]
    assert len({class_code(class_id) for class_id in apart}) == len(apart)


@given(ids)
def test_a_code_tells_whose_it_is(class_id: int) -> None:
    assert class_with(class_code(class_id)) == class_id


@pytest.mark.parametrize("text", ["", "ABCDE", "ABCDEFG", "ABCDE0", "ABCDEé"])
def test_what_is_no_code_belongs_to_no_class(text: str) -> None:
    assert class_with(text) is None
