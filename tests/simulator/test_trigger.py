"""A sync that is started over HTTP: how its end becomes known, and what is told when its server is none."""

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from simulator.gateway import Ended, Inbox
from simulator.sut import UnusableSutError, read_spec
from simulator.trigger import CALLBACK, HttpSut
from tests.simulator.builders import Client, nights, world_of

Respond = Callable[[str, dict[str, str]], tuple[int, dict[str, str], object]]
"""Path and body to status, headers and body."""


@contextmanager
def sync_server(respond: Respond) -> Iterator[str]:
    """Somebody's server; the URL that starts a run."""

    class Answering(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            told = json.loads(self.rfile.read(length) or b"{}")
            status, headers, body = respond(self.path, told)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer  # noqa: N815 - the library's names

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/run"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ended(url: str, environ: Mapping[str, str] | None = None) -> Ended:
    inbox = Inbox()
    run = HttpSut(url).start(environ or {}, inbox)
    message = inbox.get(20)
    assert isinstance(message, Ended)
    assert run.is_over()
    return message


def test_the_environment_is_posted_and_an_answer_with_an_exit_code_is_the_end() -> None:
    told: list[dict[str, str]] = []

    def respond(path: str, body: dict[str, str]) -> tuple[int, dict[str, str], object]:
        told.append(body)
        return 200, {}, {"exit_code": 3, "output": f"held, asked at {path}"}

    with sync_server(respond) as url:
        assert ended(url, {"SYNC_NOW": "2026-09-15T05:00:00.000Z"}) == Ended(3, "held, asked at /run")
    assert told[0]["SYNC_NOW"] == "2026-09-15T05:00:00.000Z"
    assert told[0][CALLBACK].startswith("http://127.0.0.1:")


@pytest.mark.parametrize("where", ["location", "body"])
def test_a_status_url_is_asked_until_the_run_has_ended(where: str) -> None:
    looks: list[str] = []

    def respond(path: str, _body: dict[str, str]) -> tuple[int, dict[str, str], object]:
        if path == "/run":
            started: dict[str, str] = {"status_url": "/runs/7"} if where == "body" else {}
            return 202, {"Location": "/runs/7"} if where == "location" else {}, started
        looks.append(path)
        return 200, {}, {} if len(looks) < 3 else {"exit_code": 0}

    with sync_server(respond) as url:
        assert ended(url) == Ended(0, "")
    assert looks == ["/runs/7"] * 3


def test_a_run_may_call_in_when_it_has_ended_and_what_is_no_end_is_refused() -> None:
    refusals: list[int] = []

    def call_in(url: str) -> None:
        for body in (b"no json", b"{}"):
            with pytest.raises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(urllib.request.Request(url, body))
            refusals.append(caught.value.code)
            caught.value.close()
        urllib.request.urlopen(urllib.request.Request(url, b'{"exit_code": 1, "output": "no token"}')).close()

    def respond(_path: str, body: dict[str, str]) -> tuple[int, dict[str, str], object]:
        threading.Thread(target=call_in, args=(body[CALLBACK],)).start()
        return 202, {}, b""

    with sync_server(respond) as url:
        assert ended(url) == Ended(1, "no token")
    assert refusals == [400, 400]


@pytest.mark.parametrize(
    ("answer", "told"),
    [((500, {}, b"out of order"), "Internal Server Error"), ((200, {}, b"<html>"), "no run's state")],
)
def test_a_server_that_fails_is_a_run_that_failed_and_says_why(answer: Any, told: str) -> None:
    with sync_server(lambda _path, _body: answer) as url:
        end = ended(url)
    assert end.exit_code == 1
    assert told in end.output


def test_nobody_at_the_url_is_a_run_that_failed() -> None:
    with sync_server(lambda _path, _body: (200, {}, {})) as url:
        pass
    assert "Connection refused" in ended(url).output


@pytest.mark.parametrize("spec", ["http:", "http: 127.0.0.1:80", "http: ftp://host/run"])
def test_what_is_no_url_is_told(spec: str) -> None:
    with pytest.raises(UnusableSutError, match="expected a URL"):
        read_spec(spec)


def test_a_whole_night_is_run_over_http() -> None:
    def respond(_path: str, environ: dict[str, str]) -> tuple[int, dict[str, str], object]:
        with Client(environ) as client:
            run = client.otus("POST", "/sync-runs", {}).json()["id"]
            client.clever("/v3.1/users")
            client.otus("PATCH", f"/sync-runs/{run}", {"status": "succeeded", "reason": "all done"})
        return 200, {}, {"exit_code": 0}

    with sync_server(respond) as url, world_of(read_spec(f"http: {url}")) as world:
        nights(world, 2)
        assert [(end.outcome, end.requests, end.reason) for end in world.runner.ends] == [
            ("succeeded", 3, "all done")
        ] * 2
