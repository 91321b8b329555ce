"""Routes declared once: what is read, what is answered, what is documented."""

from typing import Any

import msgspec
import pytest
from openapi_spec_validator import validate

from fakes.shared.api import Api, Call
from fakes.shared.docs import docs_page, type_in_words
from fakes.shared.prose import as_html, plain
from tests.fakes.shared.builders import Book, BookQuery, Shelf, application, library, twice

GOOD = {"Authorization": "Bearer x"}


def test_a_query_a_body_and_an_answer_are_those_of_the_annotations() -> None:
    shelf = Shelf()
    client = application(library(), shelf).test_client()
    assert client.get("/books?title=null&pages=7", headers=GOOD).json == [
        {"kind": "book", "title": "Dune", "pages": 412}
    ]
    assert shelf.asked == [BookQuery("null", 7)]
    assert client.post("/books/new", json={"title": "Emma"}, headers=GOOD).status_code == 201
    assert shelf.book == Book("Emma")


def test_a_tagged_answer_has_an_etag_and_an_empty_one_no_type() -> None:
    client = application(library(), Shelf()).test_client()
    answer = client.get("/books/7", headers=GOOD)
    assert answer.headers["ETag"] == '"7"'
    assert client.get("/books/0", headers=GOOD).status_code == 404


def test_lines_are_read_one_by_one_and_answered_one_by_one() -> None:
    shelf = Shelf()
    client = application(library(), shelf).test_client()
    body = '{"title": "Emma"}\r\n\n{"title": ""}\n{"kind": "film", "title": "X"}\n'
    answer = client.post("/lines", data=body, content_type="application/x-ndjson", headers=GOOD)
    assert (answer.mimetype, answer.text) == ("application/x-ndjson", '{"kind":"book","title":"Emma","pages":0}\n')
    [lines] = shelf.asked
    assert [(line.number, line.row is None, bool(line.problem)) for line in lines.lines] == [  # type: ignore[attr-defined]
        (1, False, False),
        (3, True, True),
        (4, True, True),
    ]
    assert client.post("/lines", json={}, headers=GOOD).status_code == 415


def test_what_is_nested_too_deeply_is_refused_also_where_nobody_looks_at_it() -> None:
    api = library()

    class Lenient(msgspec.Struct):
        """Passes over what it does not know."""

    @api.route("POST", "/lenient")
    def take(call: Call[Shelf], body: Lenient) -> None:
        """Take anything."""

    client = application(api, Shelf()).test_client()
    deep = b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    answer = client.post("/lenient", data=deep, content_type="application/json", headers=GOOD)
    assert answer.status_code == 400
    assert "nested too deeply" in answer.text


def test_a_header_that_is_declared_is_checked_on_every_write() -> None:
    client = application(library(), Shelf()).test_client()
    wrong = {**GOOD, "X-Trace": "too long"}
    assert client.post("/books/new", json={"title": "Emma"}, headers=wrong).status_code == 400
    assert client.get("/books", headers=wrong).status_code == 200


def test_what_goes_around_a_route_may_answer_itself() -> None:
    shelf = Shelf()
    client = application(library(), shelf, twice).test_client()
    answer = client.get("/books", headers=GOOD)
    assert (answer.status_code, answer.json, shelf.asked) == (202, "reader GET", [])


def test_a_path_that_looks_like_anothers_variable_has_its_own_methods_only() -> None:
    client = application(library(), Shelf()).test_client()
    answer = client.get("/books/new", headers=GOOD)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")
    assert client.options("/books/new").headers["Allow"] == "OPTIONS, POST"


def test_the_document_says_what_can_happen() -> None:
    document = library().document()
    validate(document)
    get = document["paths"]["/books/{number}"]["get"]
    assert set(get["responses"]) == {"200", "400", "401", "404"}
    assert set(get["responses"]["200"]["headers"]) == {"Date", "X-Shelf", "ETag"}
    assert set(get["responses"]["404"]["headers"]) == {"Date", "X-Shelf"}
    assert get["description"] == "May: whoever may read."
    assert get["parameters"][0]["schema"]["pattern"] == "^[1-9]$"
    post = document["paths"]["/books/new"]["post"]
    assert set(post["responses"]) == {"201", "400", "401", "413", "415", "422"}
    assert [parameter["name"] for parameter in post["parameters"]] == ["X-Trace"]
    assert document["paths"]["/lines"]["post"]["requestBody"]["content"]["application/x-ndjson"]
    assert document["tags"] == [{"name": "books", "description": "All about books."}]
    assert document["components"]["schemas"]["Book"]["description"] == "A `book`, kept on `Shelf`."
    assert document["components"]["schemas"]["Book"]["required"] == ["title"]


def test_two_operations_of_one_name_are_a_mistake() -> None:
    api = library()

    @api.route("GET", "/more")
    def list_books(call: Call[Shelf]) -> None:
        """Collides."""

    with pytest.raises(ValueError, match="list_books"):
        api.document()


def test_the_page_is_made_of_the_document_and_needs_no_network() -> None:
    client = application(library(), Shelf()).test_client()
    answer = client.get("/docs")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    page = answer.text
    for wanted in (
        "<h1>Shelf</h1>",
        'id="list_books"',
        'href="#list_books"',
        'id="schema-Book"',
        'href="#schema-Book"',
        "All about books.",
        "<td><code>x</code></td><td>&lt;y&gt;</td>",
        "They stand in order.",
        "light-dark(",
        "lines of",
    ):
        assert wanted in page, wanted
    for forbidden in ("http://", "https://", "<script", "<link", "@import", "url(", "{{", "{%"):
        assert forbidden not in page, forbidden


def test_an_operation_without_a_tag_stands_at_the_end_of_the_page() -> None:
    page = docs_page(library().document())
    assert page.index('id="list_books"') < page.index('id="add_lines"') < page.index('id="schemas"')


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string", "maxLength": 3}, "string, at most 3 characters"),
        ({"enum": ["a", "b"]}, "<code>a</code> · <code>b</code>"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/A"}}, 'list of <a href="#schema-A">A</a>'),
        ({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}, "integer, at least 1 or null"),
        ({"type": "string", "pattern": "<b>"}, "string, <code>&lt;b&gt;</code>"),
        ({}, "anything"),
    ],
)
def test_a_schema_is_said_in_words(schema: dict[str, Any], words: str) -> None:
    assert str(type_in_words(schema)) == words


def test_words_are_escaped_and_code_is_marked() -> None:
    assert as_html("a `b<` & c\n\nd") == "<p>a <code>b&lt;</code> &amp; c</p>\n<p>d</p>"
    assert plain("see :class:`~fakes.ats.Ats` and ``x``") == "see `Ats` and `x`"


def test_any_number_of_systems_are_served_by_one_declaration() -> None:
    api: Api[Shelf] = library()
    one, two = Shelf(), Shelf()
    first, second = application(api, one).test_client(), application(api, two).test_client()
    first.post("/books/new", data=msgspec.json.encode(Book("A")), content_type="application/json", headers=GOOD)
    assert (one.book.title, two.book.title) == ("A", "Dune")
    assert second.get("/books", headers=GOOD).json[0]["title"] == "Dune"  # type: ignore[index]
