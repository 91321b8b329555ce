"""Who may read, and how often: tokens, the codes they are exchanged for, and their requests of a minute."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from fakes.clever.errors import TooManyRequests
from fakes.shared.moments import read_wire_time, wire_time
from fakes.shared.refusals import BadRequest, Unauthorized

RATE_LIMIT_PER_MINUTE = 1200
"""Of one token, in a fixed window. Source: Clever's developer pages, "rate limits"."""

WINDOW_SECONDS = 60

CODE_SECONDS = 60
"""How long the code of a sign-in can be exchanged; no number is published, so this is an assumption."""

USER_TOKEN_HOURS = 24
"""How long a user's token is good; no number is published, so this is an assumption. A district's does not end."""

OwnerType = Literal["district", "user"]

NOBODY = "nobody"
"""The bucket of requests without a good token; nothing is counted there."""


class Window(msgspec.Struct, frozen=True):
    """The requests of one token in one minute."""

    began: int
    """Unix seconds."""
    used: int


class Grant(msgspec.Struct, frozen=True):
    """A token: for whom, and of whom it speaks."""

    token: str
    id: str
    """24 hex digits; it names the token where its text must not stand."""
    client_id: str
    """Of the application."""
    owner_type: OwnerType
    owner_id: str
    created: str
    ends: str | None = None
    """From this moment on it is worthless; ``None`` if it has no end."""
    replaced: bool = False
    """Whether a newer one stands in its place, so that lists of tokens leave it out."""


class Code(msgspec.Struct, frozen=True):
    """What a sign-in leaves in the address of the browser: good once, for a user's token."""

    code: str
    client_id: str
    user: str
    redirect_uri: str
    ends: str


class Allowance(msgspec.Struct, frozen=True):
    """What is left to a token; it goes into the headers of every answer."""

    bucket: str
    limit: int
    remaining: int
    reset: int
    """When the window ends, in unix seconds."""

    def headers(self) -> dict[str, str]:
        """Write the rate-limit headers."""
        return {
            "x-ratelimit-bucket": self.bucket,
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-reset": str(self.reset),
        }


class RateLimited(TooManyRequests):
    """A token's minute is used up.

    Args:
        allowance: what the headers say all the same.
    """

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(f"{allowance.limit} requests a minute are used up")
        self.allowance = allowance


class AccessState(msgspec.Struct, frozen=True):
    """What is to be kept of a district's tokens."""

    issued: int = 0
    """How many tokens and codes were made so far; the next one follows from it."""
    grants: tuple[Grant, ...] = ()
    codes: tuple[Code, ...] = ()
    windows: Mapping[str, Window] = {}


class Access:
    """The tokens of a district and what they have used.

    Args:
        seed: of the run.
        limit: requests a minute, for each token.
        state: what was kept of an earlier one.
    """

    def __init__(self, seed: int, limit: int, state: AccessState | None = None) -> None:
        kept = state or AccessState()
        self.limit = limit
        self._seed = seed
        self._issued = kept.issued
        self._grants = {grant.token: grant for grant in kept.grants}
        self._codes = {code.code: code for code in kept.codes}
        self._windows = dict(kept.windows)

    @property
    def state(self) -> AccessState:
        """What is to be kept."""
        grants, codes = tuple(self._grants.values()), tuple(self._codes.values())
        return AccessState(self._issued, grants, codes, dict(self._windows))

    # Tokens

    def issue(self, client_id: str, owner_type: OwnerType, owner_id: str, now: datetime) -> Grant:
        """Make a token of 40 hex digits.

        Args:
            client_id: of the application that may use it.
            owner_type: a user's ends after a day, a district's does not.
            owner_id: Clever's id.
            now: by the simulated clock.
        """
        token = self._drawn("token", 20)
        ends = wire_time(now + timedelta(hours=USER_TOKEN_HOURS)) if owner_type == "user" else None
        grant = Grant(token, _grant_id(token, now), client_id, owner_type, owner_id, wire_time(now), ends)
        self._grants[token] = grant
        return grant

    def grants_of(self, client_id: str, now: datetime) -> list[Grant]:
        """List an application's tokens of the district that are good and not replaced, the oldest first."""
        return [
            grant
            for grant in self._grants.values()
            if grant.client_id == client_id
            and grant.owner_type == "district"
            and not grant.replaced
            and not _over(grant.ends, now)
        ]

    def replace(self, client_id: str, old_good_until: datetime) -> None:
        """Let an application's present district tokens end, and tell it of them no longer.

        Args:
            client_id: of the application.
            old_good_until: from this moment on they are worthless.
        """
        for token, grant in self._grants.items():
            if grant.client_id == client_id and grant.owner_type == "district" and not grant.replaced:
                ends = wire_time(old_good_until)
                self._grants[token] = msgspec.structs.replace(grant, ends=ends, replaced=True)

    def revoke(self, token: str) -> None:
        """Make a token worthless; one that is unknown already is."""
        self._grants.pop(token, None)
        self._windows.pop(token, None)

    def revoke_all(self, client_id: str) -> None:
        """Make all tokens and codes of an application worthless."""
        for grant in [grant for grant in self._grants.values() if grant.client_id == client_id]:
            self.revoke(grant.token)
        self._codes = {code.code: code for code in self._codes.values() if code.client_id != client_id}

    def grant(self, token: str, now: datetime) -> Grant | None:
        """Find a token that is good now."""
        found = self._grants.get(token)
        return None if found is None or _over(found.ends, now) else found

    # Codes

    def mint_code(self, client_id: str, user: str, redirect_uri: str, now: datetime) -> str:
        """Make the code that a sign-in gives; it is good once and for a minute.

        Args:
            client_id: of the application that the user signs in to.
            user: Clever's id of theirs.
            redirect_uri: where the browser is sent; the exchange must name the same.
            now: by the simulated clock.
        """
        code = self._drawn("code", 10)
        self._codes[code] = Code(code, client_id, user, redirect_uri, wire_time(now + timedelta(seconds=CODE_SECONDS)))
        return code

    def knows_code(self, code: str) -> bool:
        """Tell whether a code was made here and not exchanged yet."""
        return code in self._codes

    def exchange(self, client_id: str, code: str, redirect_uri: str, now: datetime) -> Grant:
        """Give a user's token for a code; a code that was tried once is used up.

        Raises:
            BadRequest: the code is unknown, too old, of another application or another address.
        """
        found = self._codes.pop(code, None)
        if found is None or found.client_id != client_id:
            raise BadRequest("the code is unknown, used already or another application's; let the user sign in again")
        if _over(found.ends, now):
            raise BadRequest(f"the code is older than {CODE_SECONDS} seconds; let the user sign in again")
        if found.redirect_uri != redirect_uri:
            raise BadRequest("redirect_uri is not the one the code was made for; send the very same")
        return self.issue(client_id, "user", found.user, now)

    # Rate limit

    def admit(self, token: str, now: datetime) -> Allowance:
        """Count a request.

        Raises:
            Unauthorized: the token is none of ours, or its time is over.
            RateLimited: the minute is used up.
        """
        if self.grant(token, now) is None:
            raise Unauthorized("the bearer token is missing, unknown or revoked; send one that the district issued")
        return self.count(token, now)

    def count(self, bucket: str, now: datetime) -> Allowance:
        """Count a request of a token or of a client id.

        A request over the limit is refused and not counted: the window ends when it would have ended.

        Raises:
            RateLimited: the minute is used up.
        """
        began = _window_start(now)
        window = self._windows.get(bucket)
        used = window.used if window is not None and window.began == began else 0
        if used >= self.limit:
            raise RateLimited(_allowance(bucket, self.limit, used, began))
        self._windows[bucket] = Window(began, used + 1)
        return _allowance(bucket, self.limit, used + 1, began)

    def _drawn(self, what: str, size: int) -> str:
        drawn = hashlib.blake2b(f"{what} {self._seed} {self._issued}".encode(), digest_size=size).hexdigest()
        self._issued += 1
        return drawn


def nobodys_allowance(limit: int, now: datetime) -> Allowance:
    """Write what the headers say to a request without a good token: nothing is counted, all is left."""
    return _allowance(NOBODY, limit, 0, _window_start(now))


def seconds_left(grant: Grant, now: datetime) -> int | None:
    """Tell how long a token is good; ``None`` if it has no end."""
    return None if grant.ends is None else max(0, int((read_wire_time(grant.ends) - now).total_seconds()))


def _over(ends: str | None, now: datetime) -> bool:
    return ends is not None and ends <= wire_time(now)


def _window_start(now: datetime) -> int:
    return int(now.timestamp()) // WINDOW_SECONDS * WINDOW_SECONDS


def _allowance(bucket: str, limit: int, used: int, began: int) -> Allowance:
    # A digest, as the bucket's name goes out in a header and a token must not.
    name = hashlib.blake2b(bucket.encode(), digest_size=8).hexdigest()
    return Allowance(name, limit, limit - used, began + WINDOW_SECONDS)


def _grant_id(token: str, now: datetime) -> str:
    return f"{int(now.timestamp()):08x}{hashlib.blake2b(token.encode(), digest_size=8).hexdigest()}"
