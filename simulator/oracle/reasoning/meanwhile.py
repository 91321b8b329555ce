"""What a night may have seen of what happened while it ran.

A sync reads one thing after another, and writes later still. Of what is about one kind of thing it has seen all up to
some moment; but it may have seen a class as it was renamed last, and not what Support had said before that.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import product
from math import prod
from typing import NamedTuple

from simulator.oracle.facts import (
    AccountEdited,
    AccountMade,
    AtClever,
    IdAdjusted,
    NightRan,
    RemovalsApproved,
    RemovalsDiscarded,
    Told,
)

PARTINGS_MAX = 48
"""Beyond so many the night is thought to have seen all that people did in Otus up to one moment."""


class Parting(NamedTuple):
    """One way in which a night may have come between the things that happened while it ran."""

    seen: Sequence[Told]
    missed: Sequence[Told]
    clever_until: datetime
    """What the feed delivered after this moment the night has not seen."""


def partings(during: Sequence[Told], night: NightRan, arrivals: Iterable[datetime]) -> Iterator[Parting]:
    """Give all that a night may have seen of what happened while it ran; that it saw nothing comes first.

    Args:
        during: what happened, in its order.
        night: that ran.
        arrivals: when the feed delivered something meanwhile.
    """
    clever = [told for told in during if isinstance(told.fact, AtClever)]
    moments = sorted({night.started, *(told.fact.at for told in clever), *arrivals})
    groups = _by_kind([told for told in during if not isinstance(told.fact, AtClever)])
    if len(moments) * prod(len(group) + 1 for group in groups) > PARTINGS_MAX:
        groups = [[told for told in during if not isinstance(told.fact, AtClever)]]
    for moment in moments:
        of_clever = {told.number for told in clever if told.fact.at <= moment}
        for lengths in product(*(range(len(group) + 1) for group in groups)):
            firsts = zip(groups, lengths, strict=True)
            seen = of_clever.union(told.number for group, length in firsts for told in group[:length])
            yield Parting(
                [told for told in during if told.number in seen],
                [told for told in during if told.number not in seen],
                moment,
            )


def _by_kind(told: Sequence[Told]) -> list[list[Told]]:
    """Put together what a sync reads together: what Support has said, the accounts, the classes."""
    groups: dict[str, list[Told]] = {}
    for each in told:
        groups.setdefault(_kind(each), []).append(each)
    return list(groups.values())


def _kind(told: Told) -> str:
    match told.fact:
        case RemovalsApproved() | RemovalsDiscarded():
            return "removals"
        case AccountMade() | AccountEdited() | IdAdjusted():
            return "accounts"
    return "classes"
