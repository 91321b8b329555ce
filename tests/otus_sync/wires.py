"""A server on loopback that answers from a script."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import msgspec


class Answer(NamedTuple):
    """One answer of the script."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = {}
    cut: bool = False
    """Whether the connection is cut in the middle of the body."""


class Asked(NamedTuple):
    """One request as it came in."""

    method: str
    path: str
    authorization: str
    body: bytes


class Script(NamedTuple):
    """A server that runs."""

    url: str
    asked: list[Asked]


def answer(value: object, status: int = 200) -> Answer:
    return Answer(status, msgspec.json.encode(value))


@contextmanager
def scripted(answers: Sequence[Answer]) -> Iterator[Script]:
    """Serve the answers one after the other; the last one is repeated."""
    asked: list[Asked] = []
    left = list(answers)

    class Wire(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body go out together, without waiting for an acknowledgement in between

        def _reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            asked.append(Asked(self.command, self.path, self.headers.get("Authorization", ""), body))
            given = left.pop(0) if len(left) > 1 else left[0]
            self.send_response_only(given.status)
            for name, text in {"Content-Length": str(len(given.body)), **given.headers}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(given.body[: len(given.body) // 2] if given.cut else given.body)
            self.close_connection = given.cut

        do_GET = do_POST = do_PATCH = _reply  # noqa: N815 - the standard library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Wire)
    server.daemon_threads = True
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    serving.start()
    try:
        yield Script(f"http://127.0.0.1:{server.server_port}", asked)
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
