"""Clever's ids: 24 hex digits that sort by the time they were made."""

import hashlib
from datetime import datetime

COUNTER_BITS = 24
ID_LENGTH = 24
"""Hex digits: 4 bytes of seconds, 5 of the machine, 3 of a counter (the ObjectId of MongoDB)."""


class ObjectIds:
    """Makes ids; the same seed, moments and order of calls give the same ids.

    Args:
        seed: stands for the 5 bytes that a real ObjectId draws at random when its process starts.
        minted: how many were made before, so that a restored Clever goes on where the first one was.
        machine: which of Clever's machines makes them; events are made by one of their own, so that records have
            the same ids whether anybody wants events or not.
    """

    def __init__(self, seed: int, minted: int = 0, machine: str = "clever") -> None:
        self._machine = hashlib.blake2b(f"{machine} {seed}".encode(), digest_size=5).hexdigest()
        self.minted = minted

    def mint(self, moment: datetime) -> str:
        """Make the next id; it is larger than any made at an earlier second.

        Args:
            moment: now, by the simulated clock.
        """
        counter = self.minted % (1 << COUNTER_BITS)
        self.minted += 1
        return f"{int(moment.timestamp()):08x}{self._machine}{counter:06x}"


def legacy_id(clever_id: str, role: str) -> str:
    """Give the id a person had in Clever's API v2.1, where each role was a record of its own.

    A student's v2.1 id is the v3 one (facts on Clever's wire), so students carry no legacy id.
    """
    tail = hashlib.blake2b(f"{role} {clever_id}".encode(), digest_size=8).hexdigest()
    return clever_id[:8] + tail
