"""Many records in little memory: each packed by itself, in one block, and found by its place."""

from array import array
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import accumulate, islice, pairwise
from typing import Generic, TypeVar

import msgspec

BATCH = 2_000
"""So many are looked at together: few enough that they stay where the processor has them at hand."""

Item = TypeVar("Item", bound=msgspec.Struct)
Key = TypeVar("Key", bound=Hashable)
Any = TypeVar("Any")

_encode = msgspec.msgpack.Encoder().encode


def in_batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Give items in lists: what is done to a list at once costs half of what it costs one by one."""
    coming = iter(items)
    while some := list(islice(coming, BATCH)):
        yield some


class Numbers(dict[Key, int], Generic[Key]):
    """Small numbers for what comes up again and again: a key that is asked for and has none is given the next.

    A district's sections name a million people 7 million times, which as numbers takes 28 MB.
    """

    def __missing__(self, key: Key) -> int:
        """Give a key the next number."""
        number = self[key] = len(self)
        return number

    def of(self, keys: Iterable[Key]) -> Iterator[int]:
        """Give the number of each key, in turn."""
        return map(self.__getitem__, keys)


class Packet(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Some records, packed: to be put into a :class:`Packed`, perhaps of another process."""

    bodies: bytes
    lengths: list[int]


def packet_of(items: Iterable[msgspec.Struct]) -> Packet:
    """Pack records."""
    bodies = list(map(_encode, items))
    return Packet(b"".join(bodies), list(map(len, bodies)))


def unpacked(packet: Packet, kind: type[Item]) -> list[Item]:
    """Make a packet's records."""
    ends = accumulate(packet.lengths, initial=0)
    decode = msgspec.msgpack.Decoder(kind).decode
    return [decode(packet.bodies[first:end]) for first, end in pairwise(ends)]


class Packed(Sequence[Item], Generic[Item]):
    """A sequence that keeps its items encoded, and makes each anew when it is asked for.

    A person takes some 120 bytes so, and some 600 as an object with its texts.

    Args:
        kind: of the items.
    """

    def __init__(self, kind: type[Item]) -> None:
        self._decode = msgspec.msgpack.Decoder(kind).decode
        self._bytes = bytearray()
        self._ends = array("Q", (0,))

    def extend(self, packet: Packet) -> None:
        """Add items."""
        self._ends.extend(accumulate(packet.lengths, initial=self._ends.pop()))
        self._bytes += packet.bodies

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
