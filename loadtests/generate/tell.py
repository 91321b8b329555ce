"""How long work tells how far it is."""

from typing import Protocol


class Tell(Protocol):
    """Hears how far the work is."""

    def __call__(self, what: str, done: int, of: int) -> None:
        """Hear what is being done, how much of it is done, and of how much."""


def tell_nobody(what: str, done: int, of: int) -> None:
    """Hear nothing."""
