"""Form bodies at the token endpoint: OAuth's own way (RFC 6749), which Clever takes besides JSON."""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import msgspec

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FORM = "application/x-www-form-urlencoded"
FORM_BYTES_MAX = 16 * 1024
"""A code, a word and an address stay far below it; a longer form is left as it is, and refused for its type."""


class FormsToo:
    """WSGI middleware that lets one path take a form where its route reads JSON.

    Args:
        application: reads JSON.
        path: in lower case.
    """

    def __init__(self, application: "WSGIApplication", path: str) -> None:
        self._application = application
        self._path = path

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass a request on, a form as the same in JSON."""
        if environ["PATH_INFO"].rstrip("/") == self._path and _is_form(environ):
            form = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            # Latin-1 takes any byte; what is no form at all is refused when its fields are missed.
            body = msgspec.json.encode(dict(parse_qsl(form.decode("latin-1"), keep_blank_values=True)))
            environ["wsgi.input"] = io.BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
            environ["CONTENT_TYPE"] = "application/json"
        return self._application(environ, start_response)


def _is_form(environ: "WSGIEnvironment") -> bool:
    content_type = str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
    length = str(environ.get("CONTENT_LENGTH") or "0")
    return content_type == FORM and length.isdecimal() and int(length) <= FORM_BYTES_MAX
