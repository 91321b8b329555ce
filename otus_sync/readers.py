"""Reading in processes of their own, where a district is so large that one processor has long to decode it.

A process reads a page, says where the next one is, so that another one can go for it, and keeps of its own page what
a run needs. It is forked: it knows the settings, and how a list is read.
"""

import gc
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Generic, NamedTuple, TypeVar

import msgspec

from otus_sync.errors import ReaderDiedError
from otus_sync.plan.batches import Batch

STOP_SECONDS = 5.0
"""So long a reader that was told to end may take to do so."""

Cursor = str
"""Where a page is, in the terms of its system."""
Made = TypeVar("Made", bound=Batch)


class Page(NamedTuple, Generic[Made]):
    """A page that was read."""

    following: Cursor | None
    batches: Iterable[Made]
    """What a run keeps of it; made when it is asked for."""


class Listing(NamedTuple, Generic[Made]):
    """A list, and how its pages are read."""

    first: Cursor
    read: Callable[[Cursor], Page[Made]]


class _Asked(NamedTuple):
    """Which page somebody reads."""

    listing: int
    number: int
    """Of the page in its list."""
    cursor: Cursor


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Batch).decode

_FOLLOWING, _BATCH, _DONE, _FAILED = b"n", b"b", b"d", b"f"
"""What a message begins with: where the next page is, a batch, the page's end, what went wrong."""


class Readers:
    """Reads lists, several pages at once.

    Args:
        count: of processes.
        begin: called in each process before it reads: it must not use the connections of the run.
    """

    def __init__(self, count: int, begin: Callable[[], None]) -> None:
        self._count = count
        self._begin = begin

    def read(self, listings: Sequence[Listing[Made]]) -> Iterator[Made]:
        """Give the batches of all lists as they come; those of one list stay in order.

        Raises:
            SyncError: a page cannot be read; the others are given up.
            ReaderDiedError: somebody has killed a reader.
        """
        with _forked(self._count, listings, self._begin) as connections:
            desk = _Desk(connections, [listing.first for listing in listings])
            for message in desk.messages():
                yield _decode(message)


class _Desk:
    """Hands pages out to readers, and puts what comes back in order."""

    def __init__(self, connections: Sequence[Connection], firsts: Iterable[Cursor]) -> None:
        self._waiting = deque(_Asked(listing, 0, cursor) for listing, cursor in enumerate(firsts))
        self._idle = list(connections)
        self._busy: dict[Connection, _Asked] = {}
        self._in_turn: dict[int, int] = {}
        """Of each list the page whose batches go on at once."""
        self._early: dict[tuple[int, int], list[memoryview]] = {}
        """Batches of the pages after those, of which there are never more than readers."""
        self._ended: set[tuple[int, int]] = set()

    def messages(self) -> Iterator[memoryview]:
        """Give all batches, encoded."""
        while self._waiting or self._busy:
            while self._waiting and self._idle:
                connection, asked = self._idle.pop(), self._waiting.popleft()
                connection.send(asked)
                self._busy[connection] = asked
            ready = wait(list(self._busy))
            for connection in [one for one in self._busy if one in ready]:
                yield from self._heard(connection, self._busy[connection])

    def _heard(self, connection: Connection, asked: _Asked) -> Iterator[memoryview]:
        kind, message = _message(connection)
        page = (asked.listing, asked.number)
        if kind == _FOLLOWING:
            self._waiting.append(_Asked(asked.listing, asked.number + 1, connection.recv()))
        elif kind == _BATCH and self._in_turn.get(asked.listing, 0) == asked.number:
            yield message
        elif kind == _BATCH:
            self._early.setdefault(page, []).append(message)
        else:
            del self._busy[connection]
            self._idle.append(connection)
            self._ended.add(page)
            yield from self._next_in_turn(asked.listing)

    def _next_in_turn(self, listing: int) -> Iterator[memoryview]:
        number = self._in_turn.get(listing, 0)
        while (listing, number) in self._ended:
            self._ended.remove((listing, number))
            number += 1
            yield from self._early.pop((listing, number), ())
        self._in_turn[listing] = number


def _message(connection: Connection) -> tuple[bytes, memoryview]:
    try:
        message = memoryview(connection.recv_bytes())
        if message[:1] == _FAILED:
            raise connection.recv()
    except (EOFError, ConnectionResetError):
        raise ReaderDiedError("a process that read for this run is gone; nothing was written") from None
    return bytes(message[:1]), message[1:]


@contextmanager
def _forked(count: int, listings: Sequence[Listing[Made]], begin: Callable[[], None]) -> Iterator[list[Connection]]:
    context = multiprocessing.get_context("fork")
    # What is there stays: a collection in a reader would write to all of it, and so copy it.
    gc.freeze()
    with ExitStack() as stack:
        connections: list[Connection] = []
        for _ in range(count):
            here, there = context.Pipe()
            stack.callback(here.close)
            connections.append(here)
            work = (there, tuple(connections), listings, begin)
            process = context.Process(target=_reads, args=work, name="reader", daemon=True)
            process.start()
            stack.callback(_end, process)
            there.close()
        yield connections


def _end(process: ForkProcess) -> None:
    process.terminate()
    process.join(STOP_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()


def _reads(
    connection: Connection,
    ends_of_run: Iterable[Connection],
    listings: Sequence[Listing[Made]],
    begin: Callable[[], None],
) -> None:
    """Read pages until nobody asks for one any more; this is what a reader's process does."""
    # A fork has them all; the run's end must be noticed, even if it is killed.
    for end in ends_of_run:
        end.close()
    # Ctrl-C reaches every process of a terminal; the run ends its readers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    begin()
    try:
        while True:
            asked: _Asked = connection.recv()
            _read_one(connection, listings[asked.listing], asked.cursor)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the run has ended, or was killed


def _read_one(connection: Connection, listing: Listing[Made], cursor: Cursor) -> None:
    try:
        page = listing.read(cursor)
        if page.following is not None:
            connection.send_bytes(_FOLLOWING)
            connection.send(page.following)
        for batch in page.batches:
            connection.send_bytes(_BATCH + _encode(batch))
    except (BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the run's to deal with
        connection.send_bytes(_FAILED)
        connection.send(error)
    else:
        connection.send_bytes(_DONE)
