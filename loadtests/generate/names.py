"""Names of people, drawn from Faker's own weighted pools; with their collisions, as in life."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from faker.providers.person.en_US import Provider

Ints = npt.NDArray[np.int64]


class Pool(NamedTuple):
    """Names, each as frequent as in the population."""

    names: tuple[str, ...]
    shares: npt.NDArray[np.float64]

    def draw(self, dice: np.random.Generator, count: int) -> Ints:
        """Draw places of names."""
        reach = np.cumsum(self.shares)
        # Rounding may leave the last reach a hair below 1.
        return np.minimum(np.searchsorted(reach, dice.random(count), side="right"), len(self.names) - 1)


def _pool(weights: dict[str, float]) -> Pool:
    shares = np.array(list(weights.values()), dtype=np.float64)
    return Pool(tuple(weights), shares / shares.sum())


FIRST_NAMES = _pool(Provider.first_names)
LAST_NAMES = _pool(Provider.last_names)


class Names(NamedTuple):
    """First and last names as places in the pools, and how many namesakes came before."""

    first: Ints
    last: Ints
    namesakes: Ints
    """0 for the first of a name, 1 for the second."""

    def __len__(self) -> int:
        """Count the people."""
        return len(self.first)


def draw_names(dice: np.random.Generator, count: int) -> Names:
    """Draw names for people who share a domain of e-mails."""
    first, last = FIRST_NAMES.draw(dice, count), LAST_NAMES.draw(dice, count)
    return Names(first, last, occurrences_before(first * len(LAST_NAMES.names) + last))


def occurrences_before(keys: Ints) -> Ints:
    """Tell for every key how often it stands before its own place."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    begins = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(keys) else np.zeros(0, dtype=np.int64)
    sizes = np.diff(np.r_[begins, len(keys)])
    found = np.empty(len(keys), dtype=np.int64)
    found[order] = np.arange(len(keys)) - np.repeat(begins, sizes)
    return found
