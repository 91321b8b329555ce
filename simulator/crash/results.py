"""What a night that was put to the test has shown."""

import msgspec

from simulator.crash.kills import Kill


class Miss(msgspec.Struct, frozen=True):
    """A kill after which the sync did not come to the same end."""

    kill: Kill
    request: str
    """The request at which it was killed, as in an access log."""
    what: tuple[str, ...]
    """What differs, in words."""


class Ordeal(msgspec.Struct, frozen=True):
    """One run of a story, with the sync killed at every request of it."""

    night: int
    """The number of the night, or of the one before a run between the nights."""
    run: int
    """Which run of the story it is, from 1."""
    end: str
    """How the run ends that is never killed."""
    requests: int
    """Of that run."""
    writes: int
    points: int = 0
    """Kills that were tried."""
    killed: int = 0
    """Those that found the sync alive."""
    aftermaths: int = 0
    """How many different things they left behind; after each the sync was run again."""
    misses: tuple[Miss, ...] = ()
    flaw: str = ""
    """Why the run cannot be a measure: it fails, or is not at rest even if it is never killed."""
