"""How a request was asked, to the letter: Clever's routes ignore case and its links repeat what was asked."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ASKED = "rostersim.asked"
"""The key in the WSGI environment that keeps path and query as they came."""

CURSORS = ("starting_after", "ending_before")


class AnyCase:
    """WSGI middleware that lets routes ignore case and keeps what was asked.

    Args:
        application: whose routes are in lower case.
    """

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass a request on with its path in lower case."""
        environ[ASKED] = _asked(environ)
        # The path is UTF-8 read as Latin-1: only ASCII may change.
        environ["PATH_INFO"] = environ["PATH_INFO"].encode("latin-1").lower().decode("latin-1")
        return self._application(environ, start_response)


def asked_uri() -> str:
    """Give path and query of the present request, without the host, to the letter."""
    return str(request.environ[ASKED])


def with_cursor(cursor: str, clever_id: str) -> str:
    """Write what was asked with another cursor; the limit, and whatever else was asked, comes before it.

    Args:
        cursor: ``starting_after`` or ``ending_before``.
        clever_id: the id it stands at.
    """
    path, _, query = asked_uri().partition("?")
    kept = [part for part in query.split("&") if part and part.partition("=")[0] not in CURSORS]
    return f"{path}?{'&'.join([*kept, f'{cursor}={clever_id}'])}"


def _asked(environ: "WSGIEnvironment") -> str:
    for name in ("REQUEST_URI", "RAW_URI"):  # whatever the server calls it
        raw = str(environ.get(name, ""))
        if raw.startswith("/"):
            return raw
    path = quote(str(environ["PATH_INFO"]).encode("latin-1"))
    query = str(environ.get("QUERY_STRING", ""))
    return f"{path}?{query}" if query else path
