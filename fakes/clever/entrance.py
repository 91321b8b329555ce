"""Who stands before the wire: reads token or client id, counts the request, and says what is left of the minute."""

from flask import Flask, Response, g, request

from fakes.clever.access import Allowance, RateLimited
from fakes.clever.districts import Districts, Visitor
from fakes.clever.errors import CannotGet
from fakes.clever.fragments import uri
from fakes.clever.paths import asked_uri
from fakes.clever.records import VERSIONS
from fakes.shared.api import OPEN_PATHS

TOKENS_PATH = "/oauth/tokens"
TOKEN_INFO_PATH = "/oauth/tokeninfo"  # noqa: S105 - a path


def open_entrance(application: Flask, districts: Districts) -> None:
    """Let every request of an application through the entrance.

    Whoever comes in stands in ``g.actor``: a :class:`~fakes.clever.districts.Visitor`, or at ``/oauth/tokens`` a
    :class:`~fakes.clever.districts.Client`.
    """

    def admit() -> None:
        if request.path in OPEN_PATHS:
            return
        g.allowance = districts.nobodys_allowance()
        if request.path == TOKENS_PATH:
            g.actor = districts.admit_client(*_basic())
            g.allowance = g.actor.allowance
        else:
            g.actor = districts.admit(_bearer())
            g.allowance = g.actor.visit.allowance
            _require_fitting_token(g.actor)

    def tell_allowance(response: Response) -> Response:
        allowance: Allowance | None = g.get("allowance")
        if allowance is not None:
            response.headers.update(allowance.headers())
        return response

    def answer_over_limit(refusal: RateLimited) -> Response:
        g.allowance = refusal.allowance
        response = Response(b"", refusal.status)
        del response.headers["Content-Type"]  # nothing is of no type
        return response

    def answer_cannot_get(refusal: CannotGet) -> Response:
        return Response(refusal.page, refusal.status, mimetype="text/html")

    application.before_request(admit)
    application.after_request(tell_allowance)
    application.register_error_handler(RateLimited, answer_over_limit)
    application.register_error_handler(CannotGet, answer_cannot_get)


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _basic() -> tuple[str, str]:
    given = request.authorization
    if given is None or given.type != "basic":
        return "", ""
    return given.username or "", given.password or ""


def _require_fitting_token(visitor: Visitor) -> None:
    """Let a user's token read who the user is, the two records that this leads to, and nothing else."""
    grant = visitor.visit.grant
    if grant.owner_type == "district":
        return
    fitting = {TOKEN_INFO_PATH}
    for version in VERSIONS:
        district = uri(version, "district", visitor.clever.district_id)
        fitting |= {f"/{version}/me", uri(version, "user", grant.owner_id), district}
    if request.path.rstrip("/") not in fitting:
        raise CannotGet(request.method, asked_uri().partition("?")[0])
