"""What people may do on a day, each with how often it is drawn: the register, and what the deeds share."""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from scenarios.soak.tale import IF_POSSIBLE, Value, Words
from scenarios.soak.town import Town

T = TypeVar("T")
Deed = Callable[[Town, random.Random], Sequence[Words]]
"""Draws steps that are done at one time, and keeps the town's books; none if there is nobody to do it to."""


class Weighted(NamedTuple):
    """A deed, and how often it is drawn next to the others."""

    deed: Deed
    weight: float


DEEDS: dict[str, Weighted] = {}
"""By the name of their functions: what is drawn hangs on no order of imports."""


def deed(weight: float) -> Callable[[Deed], Deed]:
    """Register a deed; use it as a decorator."""

    def register(do: Deed) -> Deed:
        DEEDS[f"{do.__module__}.{do.__name__}"] = Weighted(do, weight)
        return do

    return register


def drawn_deed(chance: random.Random) -> Deed:
    """Draw a deed."""
    names = sorted(DEEDS)
    return DEEDS[chance.choices(names, [DEEDS[name].weight for name in names])[0]].deed


def step(system: str, verb: str, **words: Value) -> Words:
    """Say a step that is done if possible; ``class_`` stands for ``class`` and ``co_teachers`` for ``co-teachers``."""
    # The town goes on changing its lists: what was said of them stays said.
    fixed = {key: tuple(value) if isinstance(value, list) else value for key, value in words.items()}
    said = {key.rstrip("_").replace("_", "-"): value for key, value in fixed.items()}
    return {system: verb, **said, IF_POSSIBLE: True}


def one_of(chance: random.Random, things: Sequence[T]) -> T | None:
    """Draw one thing; nothing if there is none."""
    return chance.choice(things) if things else None


def two_of(chance: random.Random, things: Sequence[T]) -> Sequence[T]:
    """Draw two things; none if there are not two."""
    return chance.sample(things, 2) if len(things) > 1 else ()
