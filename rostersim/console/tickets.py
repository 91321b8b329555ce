"""How a browser comes by the token without anybody printing it: a ticket that is good once, and for a minute."""

import secrets
import threading
import time
from collections.abc import Callable

import msgspec

from fakes.shared.refusals import Unauthorized

GOOD_FOR_SECONDS = 60.0
TICKETS_MAX = 50


class Ticket(msgspec.Struct, frozen=True):
    """Stands for a token, once."""

    ticket: str


class Tickets:
    """Tickets that each stand for a token.

    Args:
        monotonic: real time in seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._tokens: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def issue(self, token: str) -> str:
        """Give a ticket for a token."""
        ticket = secrets.token_urlsafe(24)
        with self._lock:
            self._drop_old()
            self._tokens[ticket] = (self._monotonic(), token)
        return ticket

    def redeem(self, ticket: str) -> str:
        """Give the token for a ticket, which is then worth nothing.

        Raises:
            Unauthorized: it is unknown, used, or too old.
        """
        with self._lock:
            self._drop_old()
            _, token = self._tokens.pop(ticket, (0.0, ""))
        if not token:
            raise Unauthorized("this link was used already, or is too old; `rostersim console` opens a new one")
        return token

    def _drop_old(self) -> None:
        oldest = self._monotonic() - GOOD_FOR_SECONDS
        kept = [(ticket, about) for ticket, about in self._tokens.items() if about[0] >= oldest]
        self._tokens = dict(kept[-TICKETS_MAX:])
