"""Who may read, and how often: district tokens and their requests of a minute."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from fakes.clever.errors import TooManyRequests
from fakes.shared.refusals import Unauthorized

RATE_LIMIT_PER_MINUTE = 1200
"""Of one token, in a fixed window. Source: Clever's developer pages, "rate limits"."""

WINDOW_SECONDS = 60


class Window(msgspec.Struct, frozen=True):
    """The requests of one token in one minute."""

    began: int
    """Unix seconds."""
    used: int


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


class Access:
    """The tokens of a district and what they have used.

    Args:
        limit: requests a minute, for each token.
        tokens: that are good.
        windows: what has been used already.
    """

    def __init__(self, limit: int, tokens: Iterable[str] = (), windows: Mapping[str, Window] | None = None) -> None:
        self.limit = limit
        self._tokens = dict.fromkeys(tokens)
        self._windows = dict(windows or {})

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens that are good, in the order in which they were issued."""
        return tuple(self._tokens)

    @property
    def windows(self) -> dict[str, Window]:
        """What each token has used."""
        return dict(self._windows)

    def issue(self, seed: int, number: int) -> str:
        """Make a token of 40 hex digits.

        Args:
            seed: of the run.
            number: how many were made before.
        """
        token = hashlib.blake2b(f"token {seed} {number}".encode(), digest_size=20).hexdigest()
        self._tokens[token] = None
        return token

    def revoke(self, token: str) -> None:
        """Make a token worthless; one that is unknown already is."""
        self._tokens.pop(token, None)
        self._windows.pop(token, None)

    def admit(self, token: str, now: datetime) -> Allowance:
        """Count a request.

        A request over the limit is refused and not counted: the window ends when it would have ended.

        Raises:
            Unauthorized: the token is none of ours.
            RateLimited: the minute is used up.
        """
        if token not in self._tokens:
            raise Unauthorized("the bearer token is missing, unknown or revoked; send one that the district issued")
        began = int(now.timestamp()) // WINDOW_SECONDS * WINDOW_SECONDS
        window = self._windows.get(token)
        used = window.used if window is not None and window.began == began else 0
        if used >= self.limit:
            raise RateLimited(self._allowance(token, began, used))
        self._windows[token] = Window(began, used + 1)
        return self._allowance(token, began, used + 1)

    def _allowance(self, token: str, began: int, used: int) -> Allowance:
        bucket = hashlib.blake2b(token.encode(), digest_size=8).hexdigest()
        return Allowance(bucket, self.limit, self.limit - used, began + WINDOW_SECONDS)
