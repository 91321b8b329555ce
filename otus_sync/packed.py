"""Many records in little memory: each packed by itself, in one block, and found by its place."""

from array import array
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import accumulate, islice
from typing import Generic, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

BATCH = 2_000
"""So many are looked at together: few enough that they stay where the processor has them at hand."""

Item = TypeVar("Item", bound=msgspec.Struct)
Key = TypeVar("Key", bound=Hashable)
Any = TypeVar("Any")
Scalar = TypeVar("Scalar", bound=np.generic)
Ints = npt.NDArray[np.int64]

packed = msgspec.msgpack.Encoder().encode
"""Packs one record, or a tuple."""


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


def packet_of_bytes(bodies: Sequence[bytes]) -> Packet:
    """Put packed records together."""
    return Packet(b"".join(bodies), list(map(len, bodies)))


def packet_of_texts(texts: Iterable[str | None]) -> Packet:
    """Pack texts; none is as good as an empty one."""
    return packet_of_bytes([(text or "").encode() for text in texts])


def viewed(column: "bytearray | array[int]", kind: type[Scalar]) -> npt.NDArray[Scalar]:
    """See a column as numbers of a kind. Of an empty one nothing is held: it could not grow meanwhile."""
    return np.frombuffer(column, kind) if column else np.empty(0, kind)


def runs_of(places: Ints) -> list[tuple[int, int]]:
    """Give places as runs of such as follow one another: what stands side by side is copied together.

    Returns:
        Of each run the first place, and the one behind the last.
    """
    if not len(places):
        return []
    begins = np.concatenate(([0], np.flatnonzero(np.diff(places) != 1) + 1))
    ends = np.concatenate((begins[1:], [len(places)])) - 1
    return list(zip(places[begins].tolist(), (places[ends] + 1).tolist(), strict=True))


class Pieces:
    """Many pieces of bytes in one block, each found by its place."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("q", (0,))

    def extend(self, packet: Packet) -> None:
        """Add pieces."""
        self._ends.extend(accumulate(packet.lengths, initial=self._ends.pop()))
        self._bytes += packet.bodies

    def __len__(self) -> int:
        """Count the pieces."""
        return len(self._ends) - 1

    def piece(self, place: int) -> bytes:
        """Give the piece at a place, which is not negative."""
        # A copy: a view of the block would keep it from growing.
        return bytes(self._bytes[self._ends[place] : self._ends[place + 1]])

    def keep(self, places: Ints) -> None:
        """Leave the pieces of some places, in their order."""
        ends = np.frombuffer(self._ends, np.int64)
        with memoryview(self._bytes) as block:
            runs = [block[ends[first] : ends[end]] for first, end in runs_of(places)]
            left = bytearray().join(runs)
            del runs
        lengths = np.diff(ends)[places]
        self._bytes, self._ends = left, array("q", (0,))
        self._ends.frombytes(np.cumsum(lengths).tobytes())

    def columns(self) -> tuple[bytearray, bytes]:
        """Give all of it as two columns: the block, and where each piece ends."""
        return self._bytes, self._ends.tobytes()

    def fill(self, block: bytearray, ends: bytes) -> None:
        """Take what :meth:`columns` gave."""
        self._bytes, self._ends = block, array("q", ends)


class Packed(Pieces, Sequence[Item], Generic[Item]):
    """A sequence that keeps its items encoded, and makes each anew when it is asked for.

    A person takes some 120 bytes so, and some 600 as an object with its texts.

    Args:
        kind: of the items.
    """

    def __init__(self, kind: type[Item]) -> None:
        super().__init__()
        self._decode = msgspec.msgpack.Decoder(kind).decode

    def __getitem__(self, place: int) -> Item:  # type: ignore[override]
        """Give the item at a place, which is not negative; there are no slices."""
        return self._decode(self.piece(place))

    def __iter__(self) -> Iterator[Item]:
        """Give all items, in the order in which they came."""
        return map(self.__getitem__, range(len(self)))
