"""Old values leaf by leaf, and fields that are left out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.clever.fields import changed_leaves, leave_out

TREES: Any = st.recursive(
    st.one_of(st.integers(0, 3), st.lists(st.integers(0, 2), max_size=2)),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
).filter(lambda tree: isinstance(tree, dict))


def back(tree: Any, old_values: Any) -> Any:
    """Go back from a record to what it was, by the old values of what changed."""
    before = dict(tree)
    for name, old in old_values.items():
        if isinstance(old, dict) and isinstance(tree.get(name), dict):
            before[name] = back(tree[name], old)
        elif old is None:
            before.pop(name, None)
        else:
            before[name] = old
    return before


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a": {"c": 2}}),
        ({"a": [1, 2]}, {"a": [1, 2, 3]}, {"a": [1, 2]}),
        ({}, {"a": 1}, {"a": None}),
        ({"a": {"b": 1}}, {}, {"a": {"b": 1}}),
        ({"a": None}, {}, {}),
        ({"a": 1}, {"a": 1}, {}),
    ],
)
def test_old_values_of_what_changed(before: Any, after: Any, told: Any) -> None:
    assert changed_leaves(before, after) == told


@given(before=TREES, after=TREES)
def test_the_old_values_lead_back_to_what_was(before: Any, after: Any) -> None:
    assert back(after, changed_leaves(before, after)) == before


def test_a_field_is_left_out_where_it_is_and_missed_nowhere() -> None:
    tree: Any = {"a": {"b": 1, "c": [2]}, "d": 3}
    leave_out(tree, [["a", "b"], ["d", "x"], ["e"], ["a", "c", "y"]])
    assert tree == {"a": {"c": [2]}, "d": 3}
