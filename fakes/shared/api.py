"""Routes declared once: the same declaration answers HTTP requests and writes the OpenAPI document.

A route is a plain function. Its annotations are the wire: ``body`` is decoded and validated against its
struct, ``query`` and ``headers`` likewise, every other argument is a part of the path, and the return
annotation is the answer's struct, perhaps :class:`~fakes.shared.operations.Tagged` with its version or
:class:`~fakes.shared.operations.Lines` of it.
"""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Generic, get_args, get_origin, get_type_hints

import msgspec
from flask import Flask

from fakes.shared.docs import docs_page
from fakes.shared.moments import Clock
from fakes.shared.openapi import Contact, openapi_document
from fakes.shared.operations import (
    JSON,
    JSON_LINES,
    Around,
    Call,
    Encoded,
    Lines,
    Operation,
    Reply,
    Route,
    System,
    Tagged,
)
from fakes.shared.refusals import Refusal
from fakes.shared.serving import BODY_BYTES_MAX, OPEN_PATHS, lay_out, serving

__all__ = [
    "BODY_BYTES_MAX",
    "OPEN_PATHS",
    "Api",
    "Call",
    "Encoded",
    "Lines",
    "Operation",
    "Reply",
    "Route",
    "Tagged",
]


class Api(Generic[System]):
    """The routes of one fake.

    Args:
        title: the name of the system in its OpenAPI document.
        description: what it is; Markdown, of which the docs page shows paragraphs, code and tables.
        problem: turns a refusal into the struct of the error body (Clever's differs from the others').
        contact: of the OpenAPI document.
        tags: what each chapter of the documentation is about.
        headers: structs of the headers that every route of some methods takes: for each its methods.
        answer_headers: what every answer carries besides ``Date``: name to meaning.
        refusals: what any route may refuse with, besides a bad request and a bad token.
        who_may: says in words who may do a deed, for the documentation.
    """

    def __init__(
        self,
        title: str,
        description: str,
        problem: Callable[[Refusal], msgspec.Struct] = Refusal.problem,
        contact: Contact | None = None,
        tags: Mapping[str, str] | None = None,
        headers: Mapping[type[msgspec.Struct], frozenset[str]] | None = None,
        answer_headers: Mapping[str, str] | None = None,
        refusals: tuple[type[Refusal], ...] = (),
        who_may: Callable[[str], str] | None = None,
    ) -> None:
        self.title = title
        self.description = description
        self.problem = problem
        self.contact = contact or Contact(name="rostersim")
        self.tags = dict(tags or {})
        self.headers = dict(headers or {})
        self.answer_headers = dict(answer_headers or {})
        self.refusals = refusals
        self.who_may = who_may
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
        deed: str = "",
    ) -> Callable[[Route], Route]:
        """Declare a route; use it as a decorator.

        Args:
            method: ``GET``, ``POST``, ``PUT``, ``PATCH`` or ``DELETE``.
            path: with its variables in braces, ``/schools/{dbn}``.
            status: of the good answer.
            refusals: what it may refuse with, besides what any route may (bad request, bad token).
            tag: the chapter of the documentation it stands in.
            deed: what it does, in a word of the fake's table of rights.
        """

        def declare(function: Route) -> Route:
            self._pattern = None
            hints = get_type_hints(function, include_extras=True)
            answer, body = hints.get("return"), hints.get("body")
            variables = re.findall(r"\{(\w+)\}", path)
            self.operations.append(
                Operation(
                    method=method,
                    path=path,
                    function=function,
                    status=status,
                    answer=_inside(answer),
                    body=_inside(body),
                    query=hints.get("query"),
                    refusals=refusals,
                    tag=tag,
                    headers=hints.get("headers"),
                    path_types={name: hints[name] for name in variables if hints.get(name, str) is not str},
                    tagged=get_origin(answer) is Tagged,
                    body_type=_content_type(body),
                    answer_type=_content_type(answer),
                    deed=deed,
                )
            )
            return function

        return declare

    def headers_of(self, method: str) -> tuple[type[msgspec.Struct], ...]:
        """Give the structs of the headers that every route of a method takes."""
        return tuple(headers for headers, methods in self.headers.items() if method in methods)

    def document(self) -> dict[str, Any]:
        """Write the OpenAPI 3.1 document of the declared routes."""
        return openapi_document(self)

    @cached_property
    def page(self) -> str:
        """The documentation for people, one HTML page made from the OpenAPI document."""
        return docs_page(self.document())

    def application(
        self, system: System, clock: Clock, authenticate: Callable[[], Any], around: Around | None = None
    ) -> Flask:
        """Make the Flask application that serves the routes.

        Args:
            system: the rules that the routes call.
            clock: whose time the ``Date`` header of every answer carries.
            authenticate: reads Flask's ``request`` and returns the actor; raises
                :class:`~fakes.shared.refusals.Unauthorized`.
            around: goes around every call of a route; without it the route is simply called.
        """
        if self._pattern is None:
            # Compiled once for all applications of this API: it is what takes the time.
            self._pattern = lay_out(self)
        return serving(self._pattern, system, clock, authenticate, around)


def _inside(annotation: Any) -> Any:  # noqa: ANN401 - an annotation
    """Give the struct inside :class:`Tagged` or :class:`Lines`."""
    return get_args(annotation)[0] if get_origin(annotation) in (Tagged, Lines) else annotation


def _content_type(annotation: Any) -> str:  # noqa: ANN401 - an annotation
    return JSON_LINES if get_origin(annotation) is Lines else JSON
