"""Flask as the fakes have it: what is left out must not be missed."""

from collections.abc import Iterator

import pytest
from flask import Flask, Response, g
from flask.testing import FlaskClient

from fakes.shared.application import ROUTES_KEPT, Application


@pytest.fixture
def application() -> Application:
    """An application with hooks, a route with a variable, and one that leads elsewhere."""
    application = Application("Books", static_folder=None)
    application.before_request(lambda: setattr(g, "seen", ["before"]))
    application.after_request(lambda response: _marked(response, "first"))
    application.after_request(lambda response: _marked(response, "second"))
    application.add_url_rule("/books/<name>", "book", lambda name: Response(f"{name} {g.seen[0]}"))
    application.add_url_rule("/moved", "moved", lambda: Response(b"", 302, {"Location": "/books/Dune"}))
    application.add_url_rule("/gone", "gone", lambda: Response(b"", 204))
    application.add_url_rule("/lines", "lines", lambda: Response(_lines()))
    application.add_url_rule("/text", "text", lambda: "a text")
    return application


@pytest.fixture
def client(application: Application) -> FlaskClient:
    """Asks the application."""
    return application.test_client()


def _marked(response: Response, word: str) -> Response:
    response.headers["X-Hooks"] = f"{response.headers.get('X-Hooks', '')} {word}".strip()
    return response


def _lines() -> Iterator[bytes]:
    yield b"one "
    yield b"two"


def test_a_view_stands_between_the_hooks_and_the_last_hook_comes_first(client: FlaskClient) -> None:
    answer = client.get("/books/Dune")
    assert answer.text == "Dune before"
    assert answer.headers["X-Hooks"] == "second first"
    assert answer.headers["Content-Length"] == "11"


def test_a_path_that_is_asked_again_leads_to_the_same_view_with_its_own_arguments(client: FlaskClient) -> None:
    names = ["Dune", "Emma", "Dune", "Emma"]
    assert [client.get(f"/books/{name}").text for name in names] == [f"{name} before" for name in names]


def test_no_more_paths_are_remembered_than_there_is_room_for(application: Application, client: FlaskClient) -> None:
    for number in range(ROUTES_KEPT + 3):
        assert client.get(f"/books/{number}").text == f"{number} before"
    assert len(application.known_routes) <= ROUTES_KEPT


def test_a_path_or_method_that_does_not_exist_is_refused_each_time(client: FlaskClient) -> None:
    assert [client.get("/nowhere").status_code for _ in range(2)] == [404, 404]
    assert [client.post("/books/Dune").status_code for _ in range(2)] == [405, 405]
    assert client.get("/books/Dune").status_code == 200


def test_an_answer_without_a_body_has_none(client: FlaskClient) -> None:
    head = client.head("/books/Dune")
    assert (head.data, head.headers["Content-Length"]) == (b"", "11")
    gone = client.get("/gone")
    assert (gone.data, gone.headers.get("Content-Length")) == (b"", None)


@pytest.mark.parametrize(
    ("path", "status", "body"), [("/moved", 302, ""), ("/lines", 200, "one two"), ("/text", 200, "a text")]
)
def test_answers_of_other_kinds_are_as_flask_gives_them(client: FlaskClient, path: str, status: int, body: str) -> None:
    plain = Flask("Books", static_folder=None)
    plain.add_url_rule("/moved", "moved", lambda: Response(b"", 302, {"Location": "/books/Dune"}))
    plain.add_url_rule("/lines", "lines", lambda: Response(_lines()))
    plain.add_url_rule("/text", "text", lambda: "a text")
    ours, theirs = client.get(path), plain.test_client().get(path)
    assert (ours.status_code, ours.text) == (status, body)
    kept = [(name, value) for name, value in ours.headers if name != "X-Hooks"]
    assert kept == list(theirs.headers)
