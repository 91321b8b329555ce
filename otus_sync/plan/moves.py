"""Which class changes go into one request, so that a student who moves is never in neither class.

Otus writes a request in one transaction. Classes between which somebody moves tonight therefore hang
together.
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import UNSET, UnsetType

from otus_sync.plan.guard import withhold
from otus_sync.plan.model import ClassChange, Members, Ref


def requests(changes: Sequence[ClassChange], rows_max: int) -> Iterator[list[ClassChange]]:
    """Pack class changes into requests.

    Classes that hang together are in one request. If they are too many for one, all of them are first written
    with whoever comes *and* whoever leaves, then as they should be: in between somebody may be in both, never
    in neither.

    Args:
        changes: what is to be written.
        rows_max: the most a request holds.
    """
    request: list[ClassChange] = []
    for group in _groups(changes):
        if len(request) + len(group) > rows_max and request:
            yield request
            request = []
        if len(group) > rows_max:
            yield from _in_two_steps(group, rows_max)
        else:
            request += group
    if request:
        yield request


def take_two_steps(changes: Sequence[ClassChange], rows_max: int) -> bool:
    """Tell whether some of the requests have to be written in their order."""
    return len(changes) > rows_max and any(len(group) > rows_max for group in _groups(changes))


def _in_two_steps(group: list[ClassChange], rows_max: int) -> Iterator[list[ClassChange]]:
    unions = [withhold(change) for change in group]
    unions = [change for change in unions if not change.is_empty()]
    yield from _sliced(unions, rows_max)
    widened = {change.clever_id: change.after for change in unions}
    finals = [change for change in group if change.removed()]
    yield from _sliced([_second_step(change, widened) for change in finals], rows_max)


def _second_step(change: ClassChange, widened: Mapping[str, Members | UnsetType]) -> ClassChange:
    if change.clever_id not in widened:
        return change
    between = widened[change.clever_id]
    # The first step has raised the version, and it was conditional.
    return ClassChange(
        clever_id=change.clever_id,
        title=change.title,
        id=change.id,
        before=change.before if between is UNSET else between,
        after=change.after,
    )


def _sliced(changes: list[ClassChange], rows_max: int) -> Iterator[list[ClassChange]]:
    for start in range(0, len(changes), rows_max):
        yield changes[start : start + rows_max]


def _groups(changes: Sequence[ClassChange]) -> list[list[ClassChange]]:
    """Put classes together between which somebody moves, in the order of their first one."""
    parents = list(range(len(changes)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    left: dict[Ref, int] = {}
    for index, change in enumerate(changes):
        for account in change.removed():
            parents[root(index)] = root(left.setdefault(account, index))
    if not left:
        return [[change] for change in changes]
    for index, change in enumerate(changes):
        for ref in change.added():
            if ref in left:
                parents[root(index)] = root(left[ref])
    groups: dict[int, list[ClassChange]] = {}
    for index, change in enumerate(changes):
        groups.setdefault(root(index), []).append(change)
    return list(groups.values())
