"""Which part of a journal led to a finding: what a person reads first when something did not hold."""

from collections.abc import Collection, Sequence

from simulator.journal import Entry

LEADING_MAX = 20
"""As many entries as fit a screen beside the finding itself."""

_NEVER = 9
"""The rank of an entry that has nothing to do with the finding."""


def leading_to(
    entries: Sequence[Entry], about: Collection[str], at: str | None = None, limit: int = LEADING_MAX
) -> tuple[Entry, ...]:
    """Pick what led to a finding, across the three systems.

    Those are the entries about the names concerned, the nights since the first of them, and whatever broke.
    When there are more than ``limit``, the ones that explain least are left out first: nights that went well,
    then checks that held, then what concerns only some of the names; of equals, the older ones.

    Args:
        entries: a journal, in order.
        about: the names concerned; without any, everybody is.
        at: the moment of the finding (UTC, as entries have it); without it, the journal's end.
        limit: how many entries at most.

    Returns:
        Entries in the order of happening, the newest last.

    Raises:
        ValueError: ``limit`` is below 1.
    """
    if limit < 1:
        raise ValueError(f"limit ({limit}) must be 1 or more")
    names = frozenset(about)
    past = [entry for entry in entries if at is None or entry.at <= at]
    neighbours = _names_beside(past, names)
    ranked = [(_rank(entry, names, neighbours), entry) for entry in past]
    first = min((entry.number for rank, entry in ranked if rank <= 2 and entry.about), default=0)
    # What broke before the first edit may be broken still; a night before it cannot have known of it.
    eligible = [
        (rank, -entry.number, entry)
        for rank, entry in ranked
        if rank < _NEVER and (entry.number >= first or entry.kind == "fault")
    ]
    chosen = sorted(eligible, key=lambda candidate: candidate[:2])[:limit]
    return tuple(sorted((entry for _, _, entry in chosen), key=lambda entry: entry.number))


def _names_beside(entries: Sequence[Entry], names: frozenset[str]) -> frozenset[str]:
    """Give the names beside the concerned ones: a section's school, whose schedule may be the reason."""
    return frozenset(name for entry in entries if _concerns_all(entry, names) for name in entry.about)


def _concerns_all(entry: Entry, names: frozenset[str]) -> bool:
    """Tell whether an entry is about all the names, or about nobody else."""
    about = frozenset(entry.about)
    return bool(about) and (names <= about or about <= names)


def _rank(entry: Entry, names: frozenset[str], neighbours: frozenset[str]) -> int:
    """Say how much an entry explains: 0 the most, ``_NEVER`` nothing."""
    match entry.kind:
        case "request":
            return _NEVER
        case "night":
            return _rank_night(entry)
        case "fault":
            return 1
        case _:
            return _rank_named(entry, names, neighbours)


def _rank_night(entry: Entry) -> int:
    # A night's beginning says nothing that its end does not.
    if entry.good is None:
        return _NEVER
    return 5 if entry.good else 1


def _rank_named(entry: Entry, names: frozenset[str], neighbours: frozenset[str]) -> int:
    if entry.kind == "invariant" and entry.good:
        return _NEVER
    held = 4 if entry.good else 0
    if not names or _concerns_all(entry, names):
        return held
    about = frozenset(entry.about)
    if about and about <= neighbours:
        return max(held, 2)
    if about & names:
        return max(held, 3)
    return _NEVER
