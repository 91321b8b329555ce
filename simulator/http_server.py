"""cheroot as a story needs it: one client that asks thousands of times, each time as soon as it has its answer.

A night is made of small requests one after the other, so what counts is how often threads must wait for one another on
the way of each. cheroot is made for many slow clients; here it answers in one piece, reads lines from what it has
already, and lets the thread that answered see whether the same client asks again at once.
"""

import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cheroot.makefile import StreamReader, StreamWriter
from cheroot.server import HTTPConnection
from cheroot.wsgi import Gateway_10
from cheroot.wsgi import Server as CherootServer

ASKS_AGAIN_MS = 20
"""How long the thread that answered a client stays with it, in real milliseconds; then others have their turn."""


class _Reader(StreamReader):
    def readline(self, size: int | None = -1) -> bytes:
        """Read a line; one that has come already is cut out at once, cheroot's own way goes letter by letter."""
        buffered: bytes = self._read_buf  # type: ignore[attr-defined]  # of the reader in Python, which has no types
        start: int = self._read_pos  # type: ignore[has-type]
        end = buffered.find(b"\n", start) + 1
        if not end or (size is not None and 0 <= size < end - start):
            return super().readline(size)
        self._read_pos = end
        return buffered[start:end]


class _Writer(StreamWriter):
    _together = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """Send what is written inside the block in one piece."""
        self._together = True
        try:
            yield
        finally:
            self._together = False
            self._flush_unlocked()

    def _flush_unlocked(self) -> None:
        if not self._together:
            super()._flush_unlocked()  # type: ignore[misc]  # of the writer in Python, which has no types


def _file_of(sock: socket.socket, mode: str, size: int) -> _Reader | _Writer:
    return (_Reader if "r" in mode else _Writer)(sock, mode, size)


class _Connection(HTTPConnection):
    def __init__(self, server: Any, sock: socket.socket, _makefile: object = None) -> None:  # noqa: ANN401 - cheroot's
        super().__init__(server, sock, _file_of)

    def communicate(self) -> bool:
        """Answer requests as long as the next one is there at once, and tell whether the connection stays open."""
        while super().communicate():  # type: ignore[no-untyped-call]  # cheroot has no types for it
            if not self._asks_again():
                return True
        return False

    def _asks_again(self) -> bool:
        if self.rfile.has_data():
            return True
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        return bool(poll.poll(ASKS_AGAIN_MS))


class _Gateway(Gateway_10):
    def write(self, chunk: bytes) -> None:
        """Send a chunk, the first one together with the headers."""
        with self.req.conn.wfile.together():
            super().write(chunk)


class HttpServer(CherootServer):
    """A server for a few clients that ask a lot; see :class:`cheroot.wsgi.Server`."""

    ConnectionClass = _Connection

    def __init__(self, address: tuple[str, int], application: object, threads: int) -> None:
        super().__init__(address, application, numthreads=threads, max=threads)
        self.gateway = _Gateway

    @staticmethod
    def bind_socket(socket_: socket.socket, bind_addr: tuple[str, int]) -> socket.socket:
        """Bind a socket, and close it if that fails: cheroot leaves it to the garbage collector."""
        try:
            socket_.bind(bind_addr)
        except OSError:
            socket_.close()
            raise
        return socket_
