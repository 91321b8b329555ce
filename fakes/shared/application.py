"""Flask without what no fake has: sessions, hosts, blueprints, signals, redirects, streams.

A night of a story is thousands of requests, each of a few hundred microseconds; half of these went into asking for
things that are never there. Whatever is left out here a fake cannot use; the rest is Flask as its documents say.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from flask import Flask, Request, Response
from flask.ctx import RequestContext
from flask.sessions import NullSession, SessionInterface
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, Rule

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ROUTES_KEPT = 1024
"""Paths of which the route is remembered; then it is begun anew."""
BODILESS = frozenset({204, 304})
"""Status codes whose answers have neither body nor length."""


class _NoSession(SessionInterface):
    """Gives every request the one session in which nothing is ever kept."""

    def __init__(self) -> None:
        self._none = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:  # noqa: ARG002 - Flask's
        return self._none


class WholeResponse(Response):
    """An answer whose body is there as a whole, and whose links are as they shall go over the wire."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer in one piece; whatever is not of this kind, werkzeug answers."""
        body = self.response
        if type(body) is not list or self.status_code in BODILESS or "Location" in self.headers:
            return super().__call__(environ, start_response)
        headers = self.headers.to_wsgi_list()
        if "Content-Length" not in self.headers:
            headers.append(("Content-Length", str(sum(map(len, body)))))
        start_response(self.status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else body


class _Routed(RequestContext):
    """Remembers which path led to which route: a sync asks for the same ones night by night."""

    app: "Application"

    def match_request(self) -> None:
        """Find the route of the request."""
        asked = (self.request.environ["PATH_INFO"], self.request.method)
        known = self.app.known_routes.get(asked)
        if known is not None:
            self.request.url_rule, arguments = known
            self.request.view_args = dict(arguments)
            return
        super().match_request()
        rule, found = self.request.url_rule, self.request.view_args
        if rule is not None and found is not None:
            if len(self.app.known_routes) >= ROUTES_KEPT:
                self.app.known_routes.clear()
            self.app.known_routes[asked] = (rule, dict(found))


class Application(Flask):
    """A Flask application of routes alone, with hooks before and after a request."""

    response_class = WholeResponse
    session_interface = _NoSession()

    def __init__(self, name: str, *, static_folder: None = None) -> None:
        super().__init__(name, static_folder=static_folder)
        self.known_routes: dict[tuple[str, str], tuple[Rule, dict[str, str]]] = {}
        """By path and method; applications with the same routes share them."""

    def request_context(self, environ: "WSGIEnvironment") -> RequestContext:
        """Make what Flask knows a request by."""
        return _Routed(self, environ)

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Bind the routes to a request: to its path and method, as the same routes serve every host."""
        if request is None:
            return super().create_url_adapter(request)
        path = request.environ["PATH_INFO"].encode("latin-1").decode(errors="replace")  # WSGI's text is bytes
        return MapAdapter(self.url_map, "", request.root_path, "", request.scheme, path, request.method)

    def full_dispatch_request(self) -> Response:
        """Answer a request: the hooks before it, its view, the hooks after it."""
        self._got_first_request = True
        try:
            answer = self.preprocess_request()
            if answer is None:
                answer = self.dispatch_request()
        except Exception as error:  # noqa: BLE001 - Flask's way: handlers take what they know and raise the rest
            answer = self.handle_user_exception(error)
        return self.finalize_request(answer)

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Call the hooks before a request, until one of them answers it."""
        for hook in self.before_request_funcs.get(None, ()):
            answer = hook()
            if answer is not None:
                return cast("ResponseReturnValue", answer)  # none of them is a coroutine
        return None

    def finalize_request(
        self,
        rv: ResponseReturnValue | HTTPException,
        from_error_handler: bool = False,  # noqa: FBT002 - Flask's
    ) -> Response:
        """Make a response of what a view gave, and let the hooks see it."""
        if from_error_handler or not isinstance(rv, Response):
            return super().finalize_request(rv, from_error_handler)
        return self.process_response(rv)

    def process_response(self, response: Response) -> Response:
        """Call the hooks after a request, the last one first."""
        for hook in reversed(self.after_request_funcs.get(None, ())):
            response = cast("Response", hook(response))
        return response

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """Call the hooks at the end of a request."""
        for hook in reversed(self.teardown_request_funcs.get(None, ())):
            hook(exc)
