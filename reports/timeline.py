"""What all reports draw: the days, the nights and the ways from ATS to Clever, from a story's journal."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from reports.times import new_york
from simulator.journal import Entry, Lane

Outcome = Literal["succeeded", "held", "failed", "unfinished"]
"""How a run of the sync ended (A15); ``unfinished``: the journal ends before the run does."""

READING_METHODS = ("GET", "HEAD", "OPTIONS")
RUN_RECORDS = "/api/v1/sync-runs"
"""Where the sync reports its runs to Otus (A15), every night: that changes no account and no class."""

LANE_NAMES: dict[Lane, str] = {
    "ats": "ATS",
    "clever": "Clever",
    "otus": "Otus",
    "sync": "sync",
    "judge": "check",
}


class Night(msgspec.Struct, frozen=True):
    """One run of the sync."""

    number: int
    began: str
    ended: str
    outcome: Outcome
    what: str
    """How it ended, in the journal's words."""
    requests: int = 0
    refused: int = 0
    """How many of the requests were answered 4xx or 5xx."""
    writes: tuple[str, ...] = ()
    """What the sync wrote to Otus, request by request."""


class Crossing(msgspec.Struct, frozen=True):
    """What was changed in ATS at one moment, on its way to Clever (A2)."""

    since: str
    arrives: str
    arrived: bool
    """False when the story ends before Clever has it."""
    changes: tuple[str, ...]


class Day(msgspec.Struct, frozen=True):
    """One day in New York."""

    date: date
    entries: tuple[Entry, ...]
    """What happened, without requests and without nights."""
    nights: tuple[Night, ...]
    crossing: bool
    """Whether something is on its way from ATS to Clever when the day ends."""

    @property
    def quiet(self) -> bool:
        """Whether nothing but nights that changed nothing, and checks that held, happened."""
        return all(entry.good is True and is_judgement(entry) for entry in self.entries) and all(
            night.outcome == "succeeded" and not night.writes and not night.refused for night in self.nights
        )


def is_judgement(entry: Entry) -> bool:
    """Tell whether an entry is a judgement: an expectation or an invariant."""
    return entry.kind in ("expectation", "invariant")


def is_write(entry: Entry) -> bool:
    """Tell whether an entry is a request by which the sync changed accounts or classes in Otus."""
    if entry.kind != "request" or entry.lane != "otus" or _was_refused(entry):
        return False
    method, _, path = entry.what.partition(" ")
    return method not in READING_METHODS and not path.startswith(RUN_RECORDS)


def outcome_of(ended: Entry) -> Outcome:
    """Say how a run ended, from the entry of its end; ``good`` alone does not tell held from failed."""
    if ended.good:
        return "succeeded"
    return "held" if ended.facts.get("outcome") == "held" else "failed"


def nights_of(entries: Sequence[Entry]) -> tuple[Night, ...]:
    """Pair the beginnings and the ends of the runs, in the order in which they began.

    Two runs of one night that overlap keep their order: the first to end is taken for the first that began.
    """
    runs: list[_Run] = []
    for entry in entries:
        if entry.kind == "night" and entry.good is None:
            runs.append(_Run(entry))
        elif entry.kind == "night":
            _run_that_ends(runs, entry).ended = entry
        elif entry.kind == "request":
            for run in reversed(runs):
                if run.ended is None and entry.night in (None, run.began.night):
                    run.take(entry)
                    break
    return tuple(run.night() for run in runs)


def crossings_of(entries: Sequence[Entry]) -> tuple[Crossing, ...]:
    """Group what crossed from ATS to Clever by its two moments, in the order of departure."""
    last = entries[-1].at if entries else ""
    ways: dict[tuple[str, str, bool], list[str]] = {}
    for entry in entries:
        if entry.kind == "delivery" and entry.since is not None:
            ways.setdefault((entry.since, entry.at, True), []).append(entry.what)
        elif entry.kind == "edit" and entry.due is not None and entry.due > last:
            ways.setdefault((entry.at, entry.due, False), []).append(entry.what)
    return tuple(Crossing(*way, changes=tuple(changes)) for way, changes in sorted(ways.items()))


def days_of(entries: Sequence[Entry]) -> tuple[Day, ...]:
    """Give every day from the first entry to the last, also the empty ones."""
    if not entries:
        return ()
    happened: dict[date, list[Entry]] = {}
    for entry in entries:
        if entry.kind not in ("request", "night"):
            happened.setdefault(new_york(entry.at).date(), []).append(entry)
    nights: dict[date, list[Night]] = {}
    for night in nights_of(entries):
        nights.setdefault(new_york(night.began).date(), []).append(night)
    ways = [(new_york(way.since).date(), new_york(way.arrives).date()) for way in crossings_of(entries)]
    return tuple(
        Day(
            date=day,
            entries=tuple(happened.get(day, ())),
            nights=tuple(nights.get(day, ())),
            crossing=any(departs <= day < arrives for departs, arrives in ways),
        )
        for day in _days_between(new_york(entries[0].at).date(), new_york(entries[-1].at).date())
    )


def in_full(entry: Entry) -> str:
    """Say an entry with its actor: ``DIIT office adds Mei Chen to Algebra 1-01``."""
    return f"{entry.who} {what_of(entry)}".strip()


def what_of(entry: Entry) -> str:
    """Say an entry without its actor; of a night, also which it is."""
    if entry.kind == "night" and entry.night is not None:
        return f"night {entry.night} {entry.what}"
    return entry.what


def sign_of(entry: Entry) -> str:
    """Give the sign that stands before an entry."""
    match entry.kind:
        case "expectation" | "invariant":
            return "✓" if entry.good else "✗"
        case "edit":
            return "●"
        case "delivery":
            return "▶"
        case "refusal":
            return "⊘"
        case "fault":
            return "ϟ"
        case "night":
            return "☾"
        case _:
            return "·"


class _Run:
    """A run while its night is being put together."""

    def __init__(self, began: Entry) -> None:
        self.began = began
        self.ended: Entry | None = None
        self.requests = 0
        self.refused = 0
        self.writes: list[str] = []

    def take(self, request: Entry) -> None:
        self.requests += 1
        self.refused += _was_refused(request)
        if is_write(request):
            self.writes.append(request.what)

    def night(self) -> Night:
        ended = self.ended
        return Night(
            number=self.began.night or 0,
            began=self.began.at,
            ended=self.began.at if ended is None else ended.at,
            outcome="unfinished" if ended is None else outcome_of(ended),
            what=self.began.what if ended is None else ended.what,
            requests=self.requests,
            refused=self.refused,
            writes=tuple(self.writes),
        )


def _run_that_ends(runs: list[_Run], ended: Entry) -> _Run:
    for run in runs:
        if run.ended is None and run.began.night == ended.night:
            return run
    # A run that could not even start has an end only.
    alone = _Run(ended)
    runs.append(alone)
    return alone


def _was_refused(request: Entry) -> bool:
    return request.good is False


def _days_between(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)
