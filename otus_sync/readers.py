"""Reading in processes of their own, where a district is so large that one processor has long to decode it.

A process reads a list from its first page to its last, keeps of each page what a run needs, and sends that on. It is
forked: it knows the settings, and hashes texts as the run does, whose hashes no other process would have. With one
reader everything is done where it is asked for.
"""

import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import TypeVar

import msgspec

from otus_sync.errors import ReaderDiedError
from otus_sync.plan.batches import Batch

Made = TypeVar("Made", bound=Batch)
Task = Callable[[], Iterator[Made]]
"""Reads a list, or a part of one."""

STOP_SECONDS = 5.0
"""So long a reader that was told to end may take to do so."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Batch).decode

_BATCH, _DONE, _FAILED = b"b", b"d", b"f"
"""What a message begins with: a batch, a list's end, what went wrong."""


class Readers:
    """Reads lists, several at once.

    Args:
        count: of processes. With 1 there is none: one list is read after the other, here.
        begin: called in each process before it reads: it must not use the connections of the run.
    """

    def __init__(self, count: int = 1, begin: Callable[[], None] = lambda: None) -> None:
        self.count = count
        self._begin = begin

    def read(self, tasks: Sequence[Task[Made]]) -> Iterator[Made]:
        """Give the batches of all lists as they come; those of one list stay in order.

        Raises:
            SyncError: a list cannot be read; the others are given up.
            ReaderDiedError: somebody has killed a reader.
        """
        if self.count == 1:
            for task in tasks:
                yield from task()
            return
        with _forked(min(self.count, len(tasks)), tasks, self._begin) as connections:
            for message in _received(connections, len(tasks)):
                yield _decode(message)


@contextmanager
def _forked(count: int, tasks: Sequence[Task[Made]], begin: Callable[[], None]) -> Iterator[list[Connection]]:
    context = multiprocessing.get_context("fork")
    # What is there stays; a collection in a reader would write to it, and so copy it.
    gc.freeze()
    with ExitStack() as stack:
        connections = []
        for _ in range(count):
            here, there = context.Pipe()
            stack.callback(here.close)
            process = context.Process(target=_reads, args=(there, tasks, begin), name="otus-sync reader", daemon=True)
            process.start()
            stack.callback(_end, process)
            there.close()
            connections.append(here)
        yield connections


def _end(process: ForkProcess) -> None:
    process.terminate()
    process.join(STOP_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()


def _received(connections: Sequence[Connection], tasks: int) -> Iterator[memoryview]:
    waiting = iter(range(tasks))
    busy = list(connections)
    for connection in connections:
        connection.send(next(waiting))
    while busy:
        ready = wait(busy)
        for connection in [one for one in busy if one in ready]:
            kind, message = _message(connection)
            if kind == _BATCH:
                yield message
                continue
            task = next(waiting, None)
            if task is None:
                busy.remove(connection)
            else:
                connection.send(task)


def _message(connection: Connection) -> tuple[bytes, memoryview]:
    try:
        message = memoryview(connection.recv_bytes())
        if message[:1] == _FAILED:
            raise connection.recv()
    except EOFError:
        raise ReaderDiedError("a process that read for this run is gone; nothing was written") from None
    return bytes(message[:1]), message[1:]


def _reads(connection: Connection, tasks: Sequence[Task[Made]], begin: Callable[[], None]) -> None:
    """Read lists until nobody asks for one any more; this is what a reader's process does."""
    # Ctrl-C reaches every process of a terminal; the run ends its readers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    begin()
    try:
        while True:
            _read_one(connection, tasks[connection.recv()])
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the run has ended, or was killed


def _read_one(connection: Connection, task: Task[Made]) -> None:
    try:
        for batch in task():
            connection.send_bytes(_BATCH + _encode(batch))
    except (BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the run's to deal with
        connection.send_bytes(_FAILED)
        connection.send(error)
    else:
        connection.send_bytes(_DONE)
