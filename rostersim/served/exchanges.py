"""Requests as they went over the wire, with what was answered; tokens are left out."""

import http.client
import re

from rostersim.served.records import Exchange
from simulator.gateway import Answer, Request, path_and_query

BODY_BYTES_MAX = 65_536
"""So much of a body is kept; the length says how long it was."""
HIDDEN = "(left out)"
SECRET = frozenset({"authorization", "cookie", "set-cookie"})
_SECRET_IN_BODY = re.compile(r'("(?:access_token|token|client_secret|code)"\s*:\s*")[^"]*')


def exchange_of(number: int, at: str, who: str, request: Request, answer: Answer, body: bytes | None) -> Exchange:
    """Take down a request and its answer.

    Args:
        number: of the exchange.
        at: the simulated moment, UTC.
        who: has asked.
        request: as it came in.
        answer: as it goes out.
        body: of the request, if it has been read already.
    """
    sent = _body_of(request) if body is None else body
    return Exchange(
        number=number,
        at=at,
        who=who,
        system=request.system,
        method=str(request.environ["REQUEST_METHOD"]),
        target=path_and_query(request.environ),
        status=answer.code,
        reason=answer.status.partition(" ")[2] or http.client.responses.get(answer.code, ""),
        request_headers=without_secrets(headers_of(request)),
        request_body=_text(sent),
        request_bytes=len(sent),
        answer_headers=without_secrets(dict(answer.headers)),
        answer_body=_text(answer.body),
        answer_bytes=len(answer.body),
        cut=answer.cut or "",
    )


def headers_of(request: Request) -> dict[str, str]:
    """Give the headers of a request by their usual names."""
    environ = request.environ
    found = {
        key.removeprefix("HTTP_").replace("_", "-").title(): str(value)
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        found["Content-Type"] = str(environ["CONTENT_TYPE"])
    return found


def without_secrets(headers: dict[str, str]) -> dict[str, str]:
    """Leave out what nobody needs to see who reads along."""
    return {name: HIDDEN if name.lower() in SECRET else value for name, value in headers.items()}


def _body_of(request: Request) -> bytes:
    """Read the body once more; the gateway has it in memory."""
    stream = request.environ["wsgi.input"]
    stream.seek(0)
    return bytes(stream.read())


def _text(body: bytes) -> str:
    return _SECRET_IN_BODY.sub(rf"\1{HIDDEN}", body[:BODY_BYTES_MAX].decode(errors="replace"))
