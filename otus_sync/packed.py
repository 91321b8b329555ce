"""Many records in little memory: each packed by itself, in one block, and found by its place."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice
from typing import Generic, TypeVar

import msgspec

BATCH = 2_000
"""So many are looked at together: few enough that they stay where the processor has them at hand."""

Item = TypeVar("Item", bound=msgspec.Struct)
Any = TypeVar("Any")


def in_batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Give items in lists: what is done to a list at once costs half of what it costs one by one."""
    coming = iter(items)
    while some := list(islice(coming, BATCH)):
        yield some


class Numbers(dict[str, int]):
    """Small numbers for ids: an id that is asked for and has none is given the next.

    A district's sections name a million people 7 million times, which as numbers takes 28 MB.
    """

    def __missing__(self, key: str) -> int:
        """Give an id the next number."""
        number = self[key] = len(self)
        return number

    def of(self, keys: Iterable[str]) -> Iterator[int]:
        """Give the number of each id, in turn."""
        return map(self.__getitem__, keys)


class Packed(Sequence[Item], Generic[Item]):
    """A sequence that keeps its items encoded, and makes each anew when it is asked for.

    A person takes some 120 bytes so, and some 600 as an object with its texts.

    Args:
        kind: of the items.
    """

    def __init__(self, kind: type[Item]) -> None:
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(kind).decode
        self._bytes = bytearray()
        self._ends = array("Q", (0,))

    def extend(self, items: Iterable[Item]) -> None:
        """Add items."""
        bodies = list(map(self._encode, items))
        self._ends.extend(accumulate(map(len, bodies), initial=self._ends.pop()))
        self._bytes += b"".join(bodies)

    def __len__(self) -> int:
        """Count the items."""
        return len(self._ends) - 1

    def __getitem__(self, place: int) -> Item:  # type: ignore[override]
        """Give the item at a place, which is not negative; there are no slices."""
        # A copy: a view of the block would keep it from growing.
        return self._decode(bytes(self._bytes[self._ends[place] : self._ends[place + 1]]))

    def __iter__(self) -> Iterator[Item]:
        """Give all items, in the order in which they came."""
        return map(self.__getitem__, range(len(self)))
