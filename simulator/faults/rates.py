"""Faults that nobody planned: so many in a hundred requests, drawn from a seed."""

import random
from datetime import timedelta

import msgspec

from simulator.faults.effects import (
    AnswersError,
    AnswersLimit,
    AnswersWebPage,
    BreaksJson,
    CutsAnswer,
    CutsRequest,
    Effect,
    HalvesJson,
    KillsSync,
    Slows,
)
from simulator.progress import Sighting

SLOW_BY = timedelta(seconds=20)
"""Longer than a person would wait, shorter than any sensible timeout of a nightly job."""


class FaultRates(msgspec.Struct, frozen=True, kw_only=True):
    """How likely each fault is, for any request; each a share from 0 to 1, all together at most 1.

    Raises:
        ValueError: one of them is no share, or they are more than 1 together.
    """

    limits: float = 0.0
    """429, of Clever alone."""
    errors: float = 0.0
    """500, 502 and 503 in equal parts."""
    cuts: float = 0.0
    """Of the request, and before, inside and after the answer, in equal parts."""
    spoilt: float = 0.0
    """Half the JSON, broken JSON, a web page, in equal parts."""
    slow: float = 0.0
    kills: float = 0.0
    """Of the sync, with the answer not sent, half sent and sent, in equal parts."""

    def __post_init__(self) -> None:
        shares = [getattr(self, field) for field in self.__struct_fields__]
        if any(not 0 <= share <= 1 for share in shares) or sum(shares) > 1:
            raise ValueError(f"rates of faults ({shares}) must each be a share from 0 to 1, and at most 1 together")

    def draw(self, seed: int, run: int, sighting: Sighting) -> Effect | None:
        """Draw what befalls one request: the same for the same numbers, whatever came before.

        Args:
            seed: of the world.
            run: of the sync, counted from the world's first.
            sighting: the request's place in it.
        """
        dice = random.Random(f"fault {seed} {run} {sighting.request}")  # noqa: S311 - a simulation, no secret
        drawn = dice.random()
        for share, effects in self._kinds(sighting):
            if drawn < share:
                return dice.choice(effects)
            drawn -= share
        return None

    def _kinds(self, sighting: Sighting) -> list[tuple[float, list[Effect]]]:
        return [
            (self.limits if sighting.system == "clever" else 0.0, [AnswersLimit()]),
            (self.errors, [AnswersError(500), AnswersError(502), AnswersError(503)]),
            (self.cuts, [CutsRequest(), CutsAnswer("before"), CutsAnswer("inside"), CutsAnswer("after")]),
            (self.spoilt, [HalvesJson(), BreaksJson(), AnswersWebPage()]),
            (self.slow, [Slows(SLOW_BY)]),
            (self.kills, [KillsSync("not sent"), KillsSync("half sent"), KillsSync("sent")]),
        ]
