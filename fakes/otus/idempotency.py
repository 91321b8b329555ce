"""Idempotency keys: a write that is repeated under its key is answered as it was, and done once.

The draft of the HTTP header ``Idempotency-Key`` says no more than that a key marks a write; how long it is
kept, and that a refusal is kept too, is Otus's own.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

import msgspec

from fakes.otus.listings import KeptReport
from fakes.otus.store import KeptAnswer, Store
from fakes.shared.moments import Clock, wire_time
from fakes.shared.operations import Reply
from fakes.shared.refusals import Refusal, Unprocessable

HOURS = 24
"""How long an answer is kept, in the time of the district."""
KEPT_MAX = 5_000
KEPT_BYTES_MAX = 64 * 1024 * 1024
"""Answers, and bytes of them, kept at once; the oldest go first, and :meth:`KeptAnswers.report` counts them."""
REPLAYED = {"Idempotency-Replayed": "true"}


class IdempotencyKey(msgspec.Struct, frozen=True, rename={"key": "Idempotency-Key"}):
    """Marks a write, so that it can be repeated when its answer was lost."""

    key: (
        Annotated[
            str,
            msgspec.Meta(
                pattern=r"^[!-~]{1,255}$",
                description=(
                    f"The same key with the same request gives the same answer again for {HOURS} hours, with"
                    " Idempotency-Replayed: true, and has no second effect; with another request it is refused"
                ),
                examples=["night-12-batch-3"],
            ),
        ]
        | None
    ) = None


class KeptAnswers:
    """The answers that Otus remembers by the keys of their requests.

    Args:
        store: where they are kept.
        clock: of the district.
        kept_max: how many are kept at once.
        bytes_max: how many bytes of them.
    """

    def __init__(self, store: Store, clock: Clock, kept_max: int = KEPT_MAX, bytes_max: int = KEPT_BYTES_MAX) -> None:
        self._store = store
        self._clock = clock
        self._kept_max = kept_max
        self._bytes_max = bytes_max

    def once(self, who: str, key: str, request: bytes, perform: Callable[[], Reply]) -> Reply:
        """Answer a write that has a key: as before if it was answered before, and otherwise by doing it.

        Effect and answer are kept in one transaction. A refusal by a rule is an answer too.

        Args:
            who: whose key it is; everybody has their own.
            key: as sent.
            request: what tells this request from others.
            perform: does it.

        Raises:
            Unprocessable: the key came with another request before.
            Refusal: what ``perform`` raises.
        """
        fingerprint = hashlib.sha256(request).digest()
        kept = self._store.kept_answer(who, key, since=self._horizon())
        if kept is not None:
            if kept.fingerprint != fingerprint:
                raise Unprocessable(
                    f"the Idempotency-Key came with another request at {kept.at}; give each request a key of its own",
                    code="idempotency_key_reused",
                )
            return Reply(kept.status, kept.body, REPLAYED)
        try:
            with self._store.transaction():
                reply = perform()
                self._keep(who, key, fingerprint, reply)
        except Refusal as refusal:
            with self._store.transaction():
                refused = Reply(refusal.status, msgspec.json.encode(refusal.problem()))
                self._keep(who, key, fingerprint, refused)
            raise
        return reply

    def report(self) -> KeptReport:
        """Tell how many answers are kept, and how many had to go before their time."""
        count, size, dropped = self._store.kept_answers_count()
        return KeptReport(HOURS, count, self._kept_max, size, self._bytes_max, dropped)

    def _keep(self, who: str, key: str, fingerprint: bytes, reply: Reply) -> None:
        self._store.forget_answers(until=self._horizon())
        kept = KeptAnswer(wire_time(self._clock()), fingerprint, reply.status, reply.body)
        self._store.keep_answer(who, key, kept)
        self._store.drop_answers(self._kept_max, self._bytes_max)

    def _horizon(self) -> str:
        return wire_time(self._clock() - timedelta(hours=HOURS))
