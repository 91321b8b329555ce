"""Chance: each draw has a name, so that it is the same whatever was drawn before it."""

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """All the chance of one world.

    Args:
        seed: of the world.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def of(self, *name: object) -> random.Random:
        """Give the chance of one thing.

        Args:
            name: of the thing; another one draws independently.
        """
        words = " ".join(map(str, name))
        return random.Random(f"soak {self._seed} {words}")  # noqa: S311 - a simulation, no secret


def weighted(dice: random.Random, weights: Mapping[T, float]) -> T:
    """Draw one of several things, each as likely as its weight says."""
    return dice.choices(list(weights), list(weights.values()))[0]


def some(dice: random.Random, things: Sequence[T], most: int) -> list[T]:
    """Draw up to so many different things; none if there are none."""
    return dice.sample(things, dice.randint(0, min(most, len(things))))
