"""The Flask application that serves declared routes, and how it says no."""

import copy
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as NoSuchMethod

from fakes.shared.application import Application, WholeResponse
from fakes.shared.moments import Clock, http_date
from fakes.shared.operations import (
    JSON,
    JSON_LINES,
    READS,
    WRITES,
    Around,
    Call,
    Encoded,
    Lines,
    Operation,
    Reply,
    Tagged,
)
from fakes.shared.reading import Reader
from fakes.shared.refusals import BadRequest, MethodNotAllowed, NotFound, Refusal, TooLarge, Unauthorized

if TYPE_CHECKING:
    from fakes.shared.api import Api

BODY_BYTES_MAX = 64 * 1024 * 1024
"""The largest body a fake reads; a bulk write of 10,000 rosters stays far below it."""

DOCUMENT_PATH = "/openapi.json"
DOCS_PATH = "/docs"
OPEN_PATHS = frozenset({DOCUMENT_PATH, DOCS_PATH})
"""What is told without a token."""

ROUTE, RECORDS = "fakes.route", "fakes.records"
"""Keys of the WSGI environment: which route answered, and how many records the answer holds."""

_encode = msgspec.json.Encoder().encode


class _Served(NamedTuple):
    """Whom an application serves; the same routes serve any number of systems."""

    system: Any
    clock: Clock
    authenticate: Callable[[], Any]
    around: Around | None


_SERVED = "fakes.served"
_OWN_OF_EACH = (
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "error_handler_spec",
    "view_functions",
    "extensions",
)
"""What an application may change after it was made, and so must not share with the others."""


def lay_out(api: "Api[Any]") -> Flask:
    """Compile the routes of an API into an application that serves nobody yet."""
    application = Application(api.title, static_folder=None)
    application.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    application.url_map.strict_slashes = False
    application.url_map.merge_slashes = False  # it would redirect //schools, and no system here redirects
    document = msgspec.json.encode(api.document())

    def answer_refusal(refusal: Refusal) -> Response:
        body = b"" if refusal.bodiless else _encode(api.problem(refusal))
        return _response(Reply(refusal.status, body, refusal.headers))

    def answer_http_error(error: HTTPException) -> Response:
        return answer_refusal(_as_refusal(error))

    application.register_error_handler(Refusal, answer_refusal)
    application.register_error_handler(HTTPException, answer_http_error)
    application.after_request(_set_date)
    application.add_url_rule(DOCUMENT_PATH, "openapi", lambda: Response(document, mimetype=JSON))
    application.add_url_rule(DOCS_PATH, "docs", lambda: Response(api.page, mimetype="text/html"))
    shadowed = _shadowed(api.operations)
    for operation in api.operations:
        application.add_url_rule(
            re.sub(r"\{(\w+)\}", r"<\1>", operation.path),
            f"{operation.method} {operation.path}",
            _view(operation, Reader(operation, api.headers_of(operation.method))),
            methods=[operation.method],
            provide_automatic_options=operation.path not in shadowed,
        )
    for path, methods in shadowed.items():
        application.add_url_rule(
            path,
            f"other methods of {path}",
            _no_such_method(sorted({*methods, "OPTIONS"})),
            methods=sorted({*READS, *WRITES, "OPTIONS"} - methods),
            provide_automatic_options=False,
        )
    return application


def _shadowed(operations: Iterable[Operation]) -> dict[str, set[str]]:
    """Give the methods of each path without variables that is also of the form of one with: it has no others."""
    methods: dict[str, set[str]] = {}
    for operation in operations:
        methods.setdefault(operation.path, set()).add(operation.method)
    forms = [re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in methods if "{" in path]
    plain_paths = [path for path in methods if "{" not in path]
    return {path: methods[path] for path in plain_paths if any(form.fullmatch(path) for form in forms)}


def _no_such_method(methods: Sequence[str]) -> Callable[[], Response]:
    def refuse() -> Response:
        if request.method == "OPTIONS":
            return Response(b"", headers={"Allow": ", ".join(methods)})
        raise MethodNotAllowed(_no_method_message(), methods)

    return refuse


def _no_method_message() -> str:
    return f"{request.method} {request.path} does not exist, though the path does; {DOCUMENT_PATH} lists the methods"


def serving(
    pattern: Flask, system: object, clock: Clock, authenticate: Callable[[], Any], around: Around | None
) -> Flask:
    """Copy an application that has not served yet: the compiled routes are shared, the rest is its own."""
    application = copy.copy(pattern)
    for name in _OWN_OF_EACH:
        setattr(application, name, copy.deepcopy(getattr(pattern, name)))
    application.config = pattern.config.copy()  # type: ignore[assignment]  # dict.copy gives no Config
    application.extensions[_SERVED] = _Served(system, clock, authenticate, around)
    return application


def _served() -> _Served:
    served: _Served = current_app.extensions[_SERVED]
    return served


def _set_date(response: Response) -> Response:
    response.headers["Date"] = http_date(_served().clock())
    return response


def _view(operation: Operation, reader: Reader) -> Callable[..., Response]:
    def view(**path_parts: str) -> Response:
        served = _served()
        request.environ[ROUTE] = operation.path
        call = Call(system=served.system, actor=served.authenticate())
        arguments = reader.arguments(path_parts)

        def perform() -> Reply:
            return _reply(operation, operation.function(call, **arguments))

        return _response(perform() if served.around is None else served.around(call, operation, perform))

    return view


def _reply(operation: Operation, answer: object) -> Reply:
    match answer:
        case None:
            return Reply(operation.status, b"")
        case Encoded(body, headers, records):
            return Reply(operation.status, body, headers, records=records)
        case Tagged(record, version):
            return Reply(operation.status, _encode(record), {"ETag": f'"{version}"'})
        case Lines(lines):
            body = b"".join(_encode(line.row) + b"\n" for line in lines)
            return Reply(operation.status, body, mimetype=JSON_LINES, records=len(lines))
        case _:
            return Reply(operation.status, _encode(answer), records=_rows_in(answer))


def _rows_in(answer: object) -> int:
    """Count the rows of a page, or of a bulk write's answer."""
    rows = (getattr(answer, name, None) for name in ("items", "results", "ids"))
    return next((len(some) for some in rows if isinstance(some, list | tuple)), 0)


def _response(reply: Reply) -> Response:
    request.environ[RECORDS] = reply.records
    response = WholeResponse(reply.body, reply.status, dict(reply.headers), mimetype=reply.mimetype)
    if not reply.body and reply.mimetype == JSON:
        del response.headers["Content-Type"]  # nothing is of no type
    return response


def _as_refusal(error: HTTPException) -> Refusal:
    """Say what Flask itself refused (no such path, wrong method, too large) in the fake's own words."""
    where = f"{request.method} {request.path}"
    match error.code:
        case 404:
            return NotFound(f"there is no {where}; {DOCUMENT_PATH} lists what there is")
        case 405:
            methods = sorted(error.valid_methods or ()) if isinstance(error, NoSuchMethod) else []
            return MethodNotAllowed(_no_method_message(), methods)
        case 413:
            return TooLarge(f"the body is over {current_app.config['MAX_CONTENT_LENGTH']} bytes")
        case 401:
            return Unauthorized(str(error.description))
        case _:
            return BadRequest(str(error.description))
