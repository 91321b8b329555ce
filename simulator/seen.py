"""What the judges have read of a system, kept as long as the system is unchanged.

A view is a pure function of a system's store. Nearly every night is quiet, and reading a store again that nobody has
written to since gives the same again; whether it was written to is the store's own word (SQLite counts the rows).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

View = TypeVar("View")


class Seen(Generic[View]):
    """The last view of a system.

    Args:
        read: reads all of it over its API.
        rows_written: how many rows its store has written so far.
    """

    def __init__(self, read: Callable[[], View], rows_written: Callable[[], int]) -> None:
        self._read = read
        self._rows_written = rows_written
        self._view: View | None = None
        self._as_of = -1

    def __call__(self) -> View:
        """Give the view, read anew if anything was written since; an equal one stays the same object."""
        view = self._view
        if view is None or self._rows_written() != self._as_of:
            read = self._read()
            view = read if view is None or read != view else view
            self._view, self._as_of = view, self._rows_written()  # reading may write: a token is made and thrown away
        return view

    @contextmanager
    def unaffected(self) -> Iterator[None]:
        """Promise that what is written inside of the block shows in no view (a run's record, say)."""
        current = self._rows_written() == self._as_of
        yield
        if current:
            self._as_of = self._rows_written()
