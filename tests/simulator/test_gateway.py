"""The gateway over real sockets: what comes in there is answered on the simulation thread, and only there."""

import http.client
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from simulator.gateway import (
    LOOPBACK,
    Answer,
    Gateway,
    Inbox,
    PortInUseError,
    Request,
    Server,
    call,
    path_and_query,
    request_environ,
)
from tests.simulator.builders import Client, asking, nights, the_end, world_of

Reply = Callable[[Request], Answer]


@contextmanager
def served(reply: Reply) -> Iterator[str]:
    """A server whose requests this thread answers while :func:`asked` waits for its client."""
    inbox = Inbox()
    server = Server(Gateway("clever", inbox), "clever")
    _SERVED[server.url] = (inbox, reply)
    try:
        yield server.url
    finally:
        server.stop()


_SERVED: dict[str, tuple[Inbox, Reply]] = {}


def asked(url: str, client: Callable[[http.client.HTTPConnection], object]) -> object:
    """Let a client ask in a thread of its own, and answer it in this one."""
    inbox, reply = _SERVED[url]
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(client, connection)
        while not future.done():
            message = inbox.get(0.05)
            if isinstance(message, Request):
                message.reply.put(reply(message))
    connection.close()
    return future.result()


def get(path: str, method: str = "GET", body: bytes | None = None) -> Callable[[http.client.HTTPConnection], bytes]:
    def client(connection: http.client.HTTPConnection) -> bytes:
        connection.request(method, path, body)
        return connection.getresponse().read()

    return client


def said(text: str) -> Answer:
    return Answer("200 OK", [("Content-Type", "text/plain")], text.encode())


def test_a_request_is_answered_on_the_thread_that_takes_it_from_the_inbox() -> None:
    with served(lambda _: said(threading.current_thread().name)) as url:
        assert asked(url, get("/")) == threading.current_thread().name.encode()


def test_the_fakes_answer_a_sync_on_the_simulation_thread_and_nowhere_else() -> None:
    threads: list[str] = []
    with world_of(asking(lambda client: client.clever("/v3.1/users"))) as world:
        clever = world.applications["clever"]

        def watched(environ: Any, start_response: Any) -> Any:
            threads.append(threading.current_thread().name)
            return clever(environ, start_response)

        world.applications["clever"] = watched
        nights(world)
        threads = threads[-1:]  # the judges ask first, before the run
    assert threads == [threading.main_thread().name]


def test_method_path_query_and_body_arrive_as_they_were_sent() -> None:
    got: list[tuple[str, bytes]] = []

    def reply(request: Request) -> Answer:
        got.append((request.line, request.environ["wsgi.input"].read()))
        return said("")

    with served(reply) as url:
        asked(url, get("/v3.1/users?limit=3&role=student", "POST", '{"name": "Núñez"}'.encode()))
    assert got == [("POST /v3.1/users?limit=3&role=student", '{"name": "Núñez"}'.encode())]


def test_a_body_without_a_length_arrives_too() -> None:
    got: list[bytes] = []

    def reply(request: Request) -> Answer:
        got.append(request.environ["wsgi.input"].read())
        assert request.environ["CONTENT_LENGTH"] == str(len(got[0]))
        return said("")

    def client(connection: http.client.HTTPConnection) -> None:
        connection.request("PUT", "/", iter([b"one ", b"two"]), encode_chunked=True)
        connection.getresponse().read()

    with served(reply) as url:
        asked(url, client)
    assert got == [b"one two"]


def test_a_large_body_goes_both_ways_whole() -> None:
    large = bytes(range(256)) * 80_000  # 20 MB

    def reply(request: Request) -> Answer:
        return Answer("200 OK", [], request.environ["wsgi.input"].read())

    with served(reply) as url:
        assert asked(url, get("/", "POST", large)) == large


def test_one_connection_serves_many_requests() -> None:
    ports: set[str] = set()

    def reply(request: Request) -> Answer:
        ports.add(str(request.environ["REMOTE_PORT"]))
        return said("")

    def client(connection: http.client.HTTPConnection) -> None:
        for _ in range(20):
            connection.request("GET", "/")
            connection.getresponse().read()

    with served(reply) as url:
        asked(url, client)
    assert len(ports) == 1


def test_an_answer_comes_in_one_piece() -> None:
    """Else a client wakes for the headers alone, thousands of times a story."""

    def client(connection: http.client.HTTPConnection) -> bytes:
        connection.connect()
        connection.sock.sendall(b"GET / HTTP/1.1\r\nHost: otus\r\n\r\n")
        return connection.sock.recv(65536)

    with served(lambda _: Answer("200 OK", [("Content-Length", "4")], b"done")) as url:
        piece = asked(url, client)
    assert isinstance(piece, bytes)
    assert piece.startswith(b"HTTP/1.1 200 OK\r\n")
    assert piece.endswith(b"\r\n\r\ndone")


def test_requests_that_come_all_at_once_or_letter_by_letter_are_read_alike() -> None:
    def request(path: str) -> bytes:
        return f"GET /{path} HTTP/1.1\r\nHost: otus\r\nX-Long: {'x' * 9000}\r\n\r\n".encode()

    def client(connection: http.client.HTTPConnection) -> list[bytes]:
        connection.connect()
        connection.sock.sendall(request("first") + request("second"))
        for letter in request("third"):
            connection.sock.sendall(bytes([letter]))
        found = b""
        while found.count(b">") < 3:
            found += connection.sock.recv(65536)
        return re.findall(rb"<(.*?)>", found)

    with served(lambda request: said(f"<{request.line}>")) as url:
        assert asked(url, client) == [b"GET /first", b"GET /second", b"GET /third"]


def test_clients_beyond_the_number_of_threads_have_their_turn_while_the_others_keep_their_connections() -> None:
    def client(connection: http.client.HTTPConnection) -> list[bytes]:
        others = [http.client.HTTPConnection(connection.host, connection.port, timeout=10) for _ in range(12)]
        said = [get(f"/{number}")(other) for number, other in enumerate(others)]
        said += [get(f"/{number}")(other) for number, other in enumerate(others)]
        for other in others:
            other.close()
        return said

    with served(lambda request: said(request.line)) as url:
        assert asked(url, client) == [f"GET /{number}".encode() for number in range(12)] * 2


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified", "404 Not Found", "503 Service Unavailable"])
def test_any_status_goes_over_the_wire(status: str) -> None:
    def client(connection: http.client.HTTPConnection) -> tuple[int, bytes]:
        connection.request("GET", "/")
        response = connection.getresponse()
        return response.status, response.read()

    with served(lambda _: Answer(status, [("Content-Length", "0")], b"")) as url:
        assert asked(url, client) == (int(status[:3]), b"")


def test_servers_listen_on_loopback_and_nowhere_else() -> None:
    with served(lambda _: said("")) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        assert host == LOOPBACK == "127.0.0.1"
        with socket.socket() as elsewhere:
            elsewhere.settimeout(1)
            with pytest.raises(OSError, match=r"refused|timed out|unreachable"):
                elsewhere.connect(("127.0.0.2", int(port)))


def test_a_request_that_nobody_will_answer_any_more_keeps_no_thread_waiting() -> None:
    inbox = Inbox()
    server = Server(Gateway("clever", inbox), "clever")
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", "/")
        assert isinstance(inbox.get(5), Request), "taken, and forgotten"
        inbox.close()
        assert connection.getresponse().status == 503
    finally:
        connection.close()
        server.stop()


def test_a_port_in_use_is_told_with_what_to_do() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortInUseError, match=rf"port {port} .* cannot be had for clever"):
            Server(Gateway("clever", Inbox()), "clever", port)


def test_a_port_is_free_again_as_soon_as_its_server_has_stopped() -> None:
    with served(lambda _: said("")) as url:
        asked(url, get("/"))
    port = int(url.rpartition(":")[2])
    Server(Gateway("clever", Inbox()), "clever", port).stop()


def test_an_unknown_path_is_a_404_of_the_fake_itself() -> None:
    answers = []
    with world_of(asking(lambda client: answers.append(client.clever("/nothing/here")))) as world:
        nights(world)
    assert answers[0].status == 404
    assert "there is no GET /nothing/here" in json.loads(answers[0].data)["message"]


def test_every_answer_carries_the_simulated_date() -> None:
    dates: list[str] = []

    def ask(client: Client) -> None:
        dates.extend(
            response.headers["Date"]
            for response in (
                client.clever("/v3.1/users"),
                client.clever("/nothing"),
                client.otus("GET", "/accounts"),
                client.otus("PUT", "/accounts"),
            )
        )

    with world_of(asking(ask)) as world:
        nights(world)
        began = the_end(world).started
    assert [(parsedate_to_datetime(date) - began).total_seconds() for date in dates] == [0, 0, 0, 0]


def test_a_system_that_is_down_answers_503_with_the_simulated_date() -> None:
    answers = []
    with world_of(asking(lambda client: answers.append(client.otus("GET", "/accounts")))) as world:
        world.down.add("otus")
        nights(world)
    assert answers[0].status == 503
    assert answers[0].headers["Date"].endswith("Sep 2026 05:00:00 GMT")


@pytest.mark.parametrize("target", ["/a%20b?q=%C3%B1", "/v3.1/users?starting_after=0&x=a%2Fb", "/", "/%E2%9C%93"])
def test_a_request_in_process_reads_like_one_over_the_wire(target: str) -> None:
    lines: list[str] = []

    def reply(request: Request) -> Answer:
        lines.append(request.line)
        return said("")

    with served(reply) as url:
        asked(url, get(target))
    assert lines == [f"GET {path_and_query(request_environ('GET', target, {}))}"] == [f"GET {target}"]


def test_what_a_wsgi_application_gives_in_parts_is_one_answer_and_closed_afterwards() -> None:
    closed: list[bool] = []

    class Parts:
        def __iter__(self) -> Iterator[bytes]:
            return iter((b"a", b"b"))

        def close(self) -> None:
            closed.append(True)

    def application(_environ: object, start_response: Callable[..., object]) -> Parts:
        start_response("200 OK", [("X-A", "1")])
        return Parts()

    answer = call(application, request_environ("GET", "/", {}))
    assert (answer, closed) == (Answer("200 OK", [("X-A", "1")], b"ab"), [True])
