"""The journal: everything that happened in a world, in order, in words, the same bytes for the same seed.

It holds no port, no token, no real time and nothing else that differs between two runs of one story.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import msgspec

from fakes.shared.moments import Clock, wire_time

ENTRIES_MAX = 2_000_000
"""A bound for runaway stories; what is dropped beyond it is counted and reported, never silent."""

Lane = Literal["ats", "clever", "otus", "sync", "judge"]
"""Where it happened: one of the three systems, the sync under test, or the judge of the story."""

Kind = Literal["edit", "refusal", "delivery", "request", "night", "fault", "expectation", "invariant", "note"]
"""``edit``: somebody did something and the system took it · ``refusal``: it did not · ``delivery``: the feed
brought a change to Clever · ``request``: the sync asked a system something over HTTP · ``night``: a run of the
sync began or ended · ``fault``: something broke or mended · ``expectation``, ``invariant``: a judgement."""


class Entry(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One thing that happened."""

    number: int
    """1, 2, 3 ... in the order of happening."""
    at: str
    """Simulated moment, UTC (``2026-09-14T14:00:00.000Z``)."""
    lane: Lane
    kind: Kind
    who: str
    """The actor in words: ``DIIT office``, ``district feed``, ``Rosa Diaz``, ``sync``."""
    what: str
    """What happened, a sentence without the actor: ``adds Mei Chen to Algebra 1-01``."""
    about: tuple[str, ...] = ()
    """Names of the people, classes and schools concerned, as the story names them."""
    since: str | None = None
    """Of a delivery: when ATS made the change, so that the 72 hours can be drawn."""
    due: str | None = None
    """Of an edit in ATS: when it will be in Clever, if that is known already."""
    night: int | None = None
    """Of a night and its requests: which night of the story, from 1."""
    line: int | None = None
    """The line of the story file that caused it."""
    good: bool | None = None
    """Of a judgement and of a night's end: whether it held, or the run succeeded."""
    facts: dict[str, str] = {}
    """Details in the order in which they matter: ``{"status": "200", "bytes": "5120"}``."""


Listener = Callable[[Entry], None]
"""Somebody who follows the journal while it is written: the live console."""


class Journal:
    """Takes down what happens.

    Args:
        clock: whose moments the entries carry.
        entries_max: entries beyond this many are counted in :attr:`dropped` and not kept.
    """

    def __init__(self, clock: Clock, entries_max: int = ENTRIES_MAX) -> None:
        self._clock = clock
        self._entries_max = entries_max
        self.entries: list[Entry] = []
        self.dropped = 0
        self.listeners: list[Listener] = []

    def record(
        self,
        lane: Lane,
        kind: Kind,
        who: str,
        what: str,
        *,
        about: tuple[str, ...] = (),
        since: datetime | None = None,
        due: datetime | None = None,
        night: int | None = None,
        line: int | None = None,
        good: bool | None = None,
        facts: dict[str, str] | None = None,
    ) -> Entry:
        """Write down one thing that happens now; the arguments are :class:`Entry`'s."""
        entry = Entry(
            number=len(self.entries) + self.dropped + 1,
            at=wire_time(self._clock()),
            lane=lane,
            kind=kind,
            who=who,
            what=what,
            about=about,
            since=None if since is None else wire_time(since),
            due=None if due is None else wire_time(due),
            night=night,
            line=line,
            good=good,
            facts=facts or {},
        )
        if len(self.entries) < self._entries_max:
            self.entries.append(entry)
        else:
            self.dropped += 1
        for listener in self.listeners:
            listener(entry)
        return entry

    def encode(self) -> bytes:
        """Give the whole journal as JSON lines; the last line says how many entries were dropped, if any."""
        return encode_entries(self.entries, self.dropped)


def encode_entries(entries: list[Entry], dropped: int = 0) -> bytes:
    """Encode entries as JSON lines.

    Args:
        entries: in order.
        dropped: how many more there were.
    """
    lines = [msgspec.json.encode(entry) for entry in entries]
    if dropped:
        lines.append(msgspec.json.encode({"dropped": dropped}))
    return b"\n".join(lines) + b"\n"
