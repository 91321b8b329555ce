"""A slow line to a system: a proxy on loopback that lets every request wait, as a network or a busy system would."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
CHUNK_BYTES = 1 << 16
START_SECONDS_MAX = 10.0


@contextmanager
def slow_line(url: str, latency_ms: float) -> Iterator[str]:
    """Put a slow line before a system.

    Every request waits once: when the client begins to send after it has listened.

    Args:
        url: where the system is.
        latency_ms: how long each request waits, in milliseconds.

    Yields:
        Where the slow line is.
    """
    there = urlsplit(url)
    loop = asyncio.new_event_loop()
    ready: threading.Event = threading.Event()
    servers: list[asyncio.Server] = []

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(there.hostname, there.port)
        line = _Line(latency_ms / 1000)
        try:
            await asyncio.gather(line.ask(reader, far_writer), line.answer(far_reader, writer))
        finally:
            for end in (writer, far_writer):
                end.transport.abort()

    async def serve() -> None:
        servers.append(await asyncio.start_server(connect, LOOPBACK, 0))
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.create_task(serve())  # noqa: RUF006 - the loop goes on longer than it
        loop.run_forever()

    thread = threading.Thread(target=run, name="slow-line", daemon=True)
    thread.start()
    if not ready.wait(START_SECONDS_MAX):
        raise TimeoutError("the slow line did not start")
    try:
        yield f"{there.scheme}://{LOOPBACK}:{servers[0].sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(servers[0].close)
        asyncio.run_coroutine_threadsafe(_end_all(), loop).result(START_SECONDS_MAX)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end_all() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class _Line:
    def __init__(self, latency_seconds: float) -> None:
        self._latency_seconds = latency_seconds
        self._listened = True

    async def ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            if self._listened:
                self._listened = False
                await asyncio.sleep(self._latency_seconds)
            writer.write(chunk)
            await writer.drain()
        with suppress(OSError, RuntimeError):
            writer.write_eof()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            self._listened = True
            writer.write(chunk)
            await writer.drain()
        writer.close()
