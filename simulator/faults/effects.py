"""What a fault does to one request of the sync: one struct an effect.

An effect stands around the system: it may keep the request from it, and may spoil what it answers. So of every
effect it is plain whether the write has happened.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import ClassVar, Literal

import msgspec

from fakes.clever.access import RATE_LIMIT_PER_MINUTE, WINDOW_SECONDS
from fakes.shared.moments import http_date
from fakes.shared.refusals import Problem
from simulator.gateway import Answer, Cut, with_body

Answering = Callable[[], Answer]
"""Has the system act on the request, and gives its answer."""

PHRASES = {
    429: "429 Too Many Requests",
    500: "500 Internal Server Error",
    502: "502 Bad Gateway",
    503: "503 Service Unavailable",
}
WEB_PAGE = b"<!doctype html>\n<title>Maintenance</title>\n<h1>We will be back shortly</h1>\n"
"""What stands in a system's place while it is looked after, with status 200."""
BROKEN_JSON = b'{"data": undefined}'


class Effect(msgspec.Struct, frozen=True, tag=True):
    """What a fault does to a request."""

    lasts: ClassVar[bool] = False
    """Whether it is one thing that lasts, not one that happens anew with every request."""

    def delay(self) -> timedelta:
        """Say how much longer the request takes."""
        return timedelta()

    def meet(self, answering: Answering, now: datetime) -> Answer:  # noqa: ARG002 - each kind uses them
        """Stand between the request and the system.

        Args:
            answering: has the system act; an effect that never calls it keeps the request from the system.
            now: the simulated moment.
        """
        raise AssertionError(f"{type(self).__name__} does not say how")  # each kind says it


class AnswersLimit(Effect, frozen=True):
    """The request is one too many (429), with Clever's headers: they tell when the minute ends; nothing is done."""

    def meet(self, answering: Answering, now: datetime) -> Answer:  # noqa: ARG002 - the system never hears of it
        """Refuse as Clever does: an empty body, and no ``Retry-After`` (A5)."""
        began = int(now.timestamp()) // WINDOW_SECONDS * WINDOW_SECONDS
        headers = [
            ("x-ratelimit-bucket", "fault"),
            ("x-ratelimit-limit", str(RATE_LIMIT_PER_MINUTE)),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", str(began + WINDOW_SECONDS)),
        ]
        return Answer(PHRASES[429], [*headers, ("Content-Length", "0"), ("Date", http_date(now))], b"")


class AnswersError(Effect, frozen=True):
    """The system fails with 500, or a server before it with 502 or 503; nothing is done."""

    code: Literal[500, 502, 503]

    def meet(self, answering: Answering, now: datetime) -> Answer:  # noqa: ARG002 - the system never hears of it
        """Fail: the system says so in JSON, a server before it with a web page."""
        if self.code == 500:
            body, kind = msgspec.json.encode(Problem("something went wrong here", "internal")), "application/json"
        else:
            body, kind = f"<html><h1>{PHRASES[self.code]}</h1></html>\n".encode(), "text/html"
        headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Date", http_date(now))]
        return Answer(PHRASES[self.code], headers, body)


class CutsRequest(Effect, frozen=True):
    """The connection closes before the system has heard of the request: nothing is done."""

    def meet(self, answering: Answering, now: datetime) -> Answer:  # noqa: ARG002 - the system never hears of it
        """Close."""
        return Answer(PHRASES[503], [("Date", http_date(now))], b"", cut="before")


class CutsAnswer(Effect, frozen=True):
    """The connection closes when the system has acted: before, inside or after its answer."""

    where: Cut

    def meet(self, answering: Answering, now: datetime) -> Answer:  # noqa: ARG002 - the answer has its date
        """Act, and close."""
        return answering()._replace(cut=self.where)


class HalvesJson(Effect, frozen=True):
    """The answer is whole to HTTP, and its JSON ends in the middle; the system has acted."""

    def meet(self, answering: Answering, now: datetime) -> Answer:  # noqa: ARG002 - the answer has its date
        """Act, and answer half."""
        answer = answering()
        return with_body(answer, answer.body[: len(answer.body) // 2])


class BreaksJson(Effect, frozen=True):
    """The answer says that it is JSON, and is none; the system has acted."""

    def meet(self, answering: Answering, now: datetime) -> Answer:  # noqa: ARG002 - the answer has its date
        """Act, and answer nonsense."""
        return with_body(answering(), BROKEN_JSON)


class AnswersWebPage(Effect, frozen=True):
    """A web page comes instead of JSON, with status 200; the system never hears of the request."""

    def meet(self, answering: Answering, now: datetime) -> Answer:  # noqa: ARG002 - the system never hears of it
        """Show the page."""
        return with_body(Answer("200 OK", [("Date", http_date(now))], b""), WEB_PAGE, "text/html")


class Slows(Effect, frozen=True):
    """The answer takes longer."""

    lasts: ClassVar[bool] = True
    by: timedelta

    def delay(self) -> timedelta:
        """Say how much longer."""
        return self.by

    def meet(self, answering: Answering, now: datetime) -> Answer:  # noqa: ARG002 - the answer has its date
        """Answer as ever."""
        return answering()


class SkewsClock(Effect, frozen=True):
    """The system's clock is off: the moments in its headers (``Date``, ``x-ratelimit-reset``) are."""

    lasts: ClassVar[bool] = True
    by: timedelta
    """Ahead; behind if it is negative."""

    def meet(self, answering: Answering, now: datetime) -> Answer:  # noqa: ARG002 - the answer has its date
        """Answer with the system's own time."""
        answer = answering()
        return answer._replace(headers=[(name, self._shifted(name, value)) for name, value in answer.headers])

    def _shifted(self, name: str, value: str) -> str:
        match name.lower():
            case "date":
                return http_date(parsedate_to_datetime(value) + self.by)
            case "x-ratelimit-reset":
                return str(int(value) + int(self.by.total_seconds()))
        return value


class KillsSync(Effect, frozen=True):
    """The sync is killed at this request (A15)."""

    answer: Literal["not sent", "half sent", "sent"]
    """``sent``: it dies when it asks for the next thing, with all done that it did until then."""
    heard: bool = True
    """Whether the system has acted on the request; else the sync dies while it asks, and nothing is done."""

    def meet(self, answering: Answering, now: datetime) -> Answer:
        """Act, if the system hears of it at all, and answer as far as the sync still hears it."""
        if not self.heard:
            return Answer(PHRASES[503], [("Date", http_date(now))], b"", cut="before")
        cuts: dict[str, Cut] = {"not sent": "before", "half sent": "inside", "sent": None}
        return answering()._replace(cut=cuts[self.answer])
