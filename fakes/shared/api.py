"""Routes declared once: the same declaration answers HTTP requests and writes the OpenAPI document.

A route is a plain function. Its annotations are the wire: ``body`` is decoded and validated against its
struct, ``query`` likewise, every other argument is a part of the path, and the return annotation is the
answer's struct.
"""

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar, get_type_hints

import msgspec
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from fakes.shared.moments import Clock, http_date
from fakes.shared.openapi import Contact, openapi_document
from fakes.shared.refusals import (
    BadRequest,
    MethodNotAllowed,
    NotFound,
    Refusal,
    TooLarge,
    Unauthorized,
    Unprocessable,
    WrongContentType,
)

BODY_BYTES_MAX = 64 * 1024 * 1024
"""The largest body a fake reads; a bulk write of 10,000 rosters stays far below it."""

JSON = "application/json"

System = TypeVar("System")
Route = Callable[..., Any]


class Call(NamedTuple, Generic[System]):
    """What a route is given besides its arguments."""

    system: System
    """The rules of the fake."""
    actor: Any
    """Who asks, as the fake's own authentication told; each fake has its type for it."""


class Encoded(NamedTuple):
    """An answer that is JSON already, with headers of its own (Clever's pages are slices of stored bytes)."""

    body: bytes
    headers: Mapping[str, str] = {}


class Operation(NamedTuple):
    """One method of one path, as declared."""

    method: str
    path: str
    function: Route
    status: int
    answer: Any
    body: Any
    query: Any
    refusals: tuple[type[Refusal], ...]
    tag: str


class Api(Generic[System]):
    """The routes of one fake.

    Args:
        title: the name of the system in its OpenAPI document.
        description: what it is, in a sentence or two.
        problem: turns a refusal into the struct of the error body (Clever's differs from the others').
        contact: of the OpenAPI document.
    """

    def __init__(
        self,
        title: str,
        description: str,
        problem: Callable[[Refusal], msgspec.Struct] = Refusal.problem,
        contact: Contact | None = None,
    ) -> None:
        self.title = title
        self.description = description
        self.problem = problem
        self.contact = contact or Contact(name="rostersim")
        self.operations: list[Operation] = []
        self._pattern: Flask | None = None

    def route(
        self,
        method: str,
        path: str,
        *,
        status: int = 200,
        refusals: tuple[type[Refusal], ...] = (),
        tag: str = "",
    ) -> Callable[[Route], Route]:
        """Declare a route; use it as a decorator.

        Args:
            method: ``GET``, ``POST``, ``PUT``, ``PATCH`` or ``DELETE``.
            path: with its variables in braces, ``/schools/{dbn}``.
            status: of the good answer.
            refusals: what it may refuse with, besides what any route may (bad request, bad token).
            tag: the chapter of the documentation it stands in.
        """

        def declare(function: Route) -> Route:
            self._pattern = None
            hints = get_type_hints(function)
            self.operations.append(
                Operation(
                    method=method,
                    path=path,
                    function=function,
                    status=status,
                    answer=hints.get("return"),
                    body=hints.get("body"),
                    query=hints.get("query"),
                    refusals=refusals,
                    tag=tag,
                )
            )
            return function

        return declare

    def document(self) -> dict[str, Any]:
        """Write the OpenAPI 3.1 document of the declared routes."""
        return openapi_document(self)

    def application(self, system: System, clock: Clock, authenticate: Callable[[], Any]) -> Flask:
        """Make the Flask application that serves the routes.

        Args:
            system: the rules that the routes call.
            clock: whose time the ``Date`` header of every answer carries.
            authenticate: reads Flask's ``request`` and returns the actor; raises
                :class:`~fakes.shared.refusals.Unauthorized`.
        """
        if self._pattern is None:
            self._pattern = self._lay_out()
        application = _copy_of(self._pattern)
        application.extensions[_SERVED] = _Served(system, clock, authenticate)
        return application

    def _lay_out(self) -> Flask:
        """Compile the routes once for all applications of this API: it is what takes the time."""
        application = Flask(self.title, static_folder=None)
        application.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
        application.url_map.strict_slashes = False
        document = msgspec.json.encode(self.document())

        def answer_refusal(refusal: Refusal) -> Response:
            return Response(msgspec.json.encode(self.problem(refusal)), refusal.status, mimetype=JSON)

        def answer_http_error(error: HTTPException) -> Response:
            return answer_refusal(_as_refusal(error))

        application.register_error_handler(Refusal, answer_refusal)
        application.register_error_handler(HTTPException, answer_http_error)
        application.after_request(_set_date)
        application.add_url_rule("/openapi.json", "openapi", lambda: Response(document, mimetype=JSON))
        for operation in self.operations:
            application.add_url_rule(
                re.sub(r"\{(\w+)\}", r"<\1>", operation.path),
                f"{operation.method} {operation.path}",
                _view(operation),
                methods=[operation.method],
            )
        return application


class _Served(NamedTuple):
    """Whom an application serves; the same routes serve any number of systems."""

    system: Any
    clock: Clock
    authenticate: Callable[[], Any]


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


def _copy_of(pattern: Flask) -> Flask:
    """Copy an application that has not served yet: the compiled routes are shared, the rest is its own."""
    application = copy.copy(pattern)
    for name in _OWN_OF_EACH:
        setattr(application, name, copy.deepcopy(getattr(pattern, name)))
    application.config = pattern.config.copy()  # type: ignore[assignment]  # dict.copy gives no Config
    return application


def _served() -> _Served:
    served: _Served = current_app.extensions[_SERVED]
    return served


def _set_date(response: Response) -> Response:
    response.headers["Date"] = http_date(_served().clock())
    return response


def _view(operation: Operation) -> Callable[..., Response]:
    body_decoder = msgspec.json.Decoder(operation.body) if operation.body is not None else None
    takes_query = operation.query is not None
    encode = msgspec.json.Encoder().encode

    def view(**path_parts: str) -> Response:
        served = _served()
        call = Call(system=served.system, actor=served.authenticate())
        arguments: dict[str, Any] = dict(path_parts)
        if takes_query:
            arguments["query"] = _read_query(operation.query)
        if body_decoder is not None:
            arguments["body"] = _read_body(body_decoder)
        answer = operation.function(call, **arguments)
        if isinstance(answer, Encoded):
            return Response(answer.body, operation.status, dict(answer.headers), mimetype=JSON)
        if answer is None:
            return Response(b"", operation.status)
        return Response(encode(answer), operation.status, mimetype=JSON)

    return view


def _read_query(query: type[msgspec.Struct]) -> msgspec.Struct:
    try:
        return msgspec.convert(request.args.to_dict(), query, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(f"query: {error}") from None


def _read_body(decoder: "msgspec.json.Decoder[Any]") -> Any:  # noqa: ANN401 - whatever struct the route declares
    if request.mimetype != JSON:
        raise WrongContentType(f"the body is {request.mimetype or 'of no type'}; send application/json")
    try:
        return decoder.decode(request.get_data())
    except msgspec.ValidationError as error:
        raise Unprocessable(f"body: {error}", code="invalid_body") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"the body is not JSON: {error}") from None


def _as_refusal(error: HTTPException) -> Refusal:
    """Say what Flask itself refused (no such path, wrong method, too large) in the fake's own words."""
    where = f"{request.method} {request.path}"
    match error.code:
        case 404:
            return NotFound(f"there is no {where}; /openapi.json lists what there is")
        case 405:
            return MethodNotAllowed(f"{where} does not exist, though the path does; /openapi.json lists the methods")
        case 413:
            return TooLarge(f"the body is over {BODY_BYTES_MAX} bytes")
        case 401:
            return Unauthorized(str(error.description))
        case _:
            return BadRequest(str(error.description))
