"""Which classes are written together."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from otus_sync.plan.model import ClassChange, Members
from otus_sync.plan.moves import requests


def change(key: int, before: set[int], after: set[int]) -> ClassChange:
    old, new = Members(students=tuple(sorted(before))), Members(students=tuple(sorted(after)))
    return ClassChange(str(key), f"Class {key}", id=key + 1, version=1, before=old, after=new)


def test_classes_between_which_nobody_moves_fill_requests() -> None:
    changes = [change(key, set(), {key}) for key in range(5)]
    assert [len(request) for request in requests(changes, 2)] == [2, 2, 1]


def test_classes_between_which_somebody_moves_are_in_one_request() -> None:
    first, other, last = change(0, {1}, set()), change(1, set(), {7}), change(2, set(), {1})
    assert [[row.id for row in request] for request in requests([first, other, last], 2)] == [[1, 3], [2]]


def test_a_group_too_large_for_a_request_is_first_joined_then_parted() -> None:
    circle = [change(key, {key}, {(key + 1) % 3}) for key in range(3)]
    steps = list(requests(circle, 2))
    assert [len(request) for request in steps] == [2, 1, 2, 1]
    joined = [row.after.students for request in steps[:2] for row in request if row.after]
    assert [set(students) for students in joined] == [{0, 1}, {1, 2}, {2, 0}]
    assert [row.version for request in steps[2:] for row in request] == [None, None, None]
    assert sum(len(row.added()) for request in steps for row in request) == 3
    assert sum(len(row.removed()) for request in steps for row in request) == 3


rosters = st.lists(st.tuples(st.sets(st.integers(0, 5)), st.sets(st.integers(0, 5))), max_size=6)


@given(rosters, st.integers(1, 4))
def test_who_has_a_class_before_and_after_has_one_after_every_request(
    classes: list[tuple[set[int], set[int]]], rows_max: int
) -> None:
    changes = [change(key, before, after) for key, (before, after) in enumerate(classes)]
    now: dict[str, set[int | str]] = {str(key): {*before} for key, (before, _) in enumerate(classes)}
    moments = [now]
    for request in requests(changes, rows_max):
        assert len(request) <= rows_max
        now = now | {row.clever_id: set(row.after.students) for row in request if row.after}
        moments.append(now)
    assert now == {str(key): after for key, (_, after) in enumerate(classes)}
    throughout = set().union(*moments[0].values()) & set().union(*moments[-1].values())
    for _, moment in pairwise(moments):
        assert throughout <= set().union(*moment.values())
