"""What a measured run has asked, in order: made of the fakes' access log and of what its processes had of the cores.

Nothing is asked of the sync itself, so it is had of any sync.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Literal, NamedTuple, cast

import msgspec

from fakes.shared.access_log import Line
from loadtests.forecast.watch import WHO, Share, Usage, Who
from loadtests.load.access_log import began, ended
from loadtests.load.happenings import name_of

System = Literal["clever", "otus"]

CURSORS = frozenset({"limit", "after", "starting_after", "ending_before", "page", "offset"})
"""Parameters that say where in a list, not which list."""
WORD = re.compile(r"[a-z_,]+")
"""A parameter's value that belongs to the kind (``role=student``); any other is one of many (``school=02M475``)."""
LIMIT = re.compile(r"[?&]limit=([0-9]+)")


class Group(msgspec.Struct, frozen=True):
    """Requests of one kind that follow one another: the pages of a list, the batches of a bulk write."""

    kind: str
    """``GET /v3.1/users?role=student``."""
    turn: int
    """Which group of its kind it is in the run, from 0."""
    system: System
    is_read: bool
    requests: int
    records: int
    """In all answers: rows of pages, results of bulk writes."""
    bytes: int
    """Of all answers and all bodies that were sent."""
    server_seconds: float
    """For which the system was at work, without its waits for a core that others had."""
    server_core_seconds: float
    """Of these, on a core."""
    client_seconds: float
    """From the end of each of these to the next request, of whichever group, while none was under way; likewise without
    waits for a core."""
    client_core_seconds: float
    """Of these, the sync on a core."""
    largest: int
    """Records in the fullest of them."""
    limit: int | None
    """What the requests named as the most records of one, if they did."""

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from the other groups of a run."""
        return self.kind, self.turn


class Trace(msgspec.Struct, frozen=True):
    """One measured run."""

    students: int
    """Of its district: its size."""
    seconds: float
    """From the start of the process to its end, waits for cores and all."""
    start_seconds: float
    """Before the first request, without waits for a core."""
    groups: tuple[Group, ...]
    waited_seconds: float = 0.0
    """For which processes of the run waited for a core, added up."""
    others: dict[Who, tuple[float, ...]] = {}
    """How many others wanted a core, second by second, as far as each one could feel it."""

    @property
    def own_seconds(self) -> float:
        """The time it takes when nobody else wants a core; of a run with one request in flight."""
        return self.start_seconds + sum(group.server_seconds + group.client_seconds for group in self.groups)


class Watched(NamedTuple):
    """A run as it was seen from outside; moments in seconds since 1970."""

    began: float
    """When the process was started."""
    ended: float
    usage: Usage


class NothingAsked(ValueError):  # noqa: N818 - as the refusals are named
    """A run has sent no request, so there is nothing to learn from it."""


def kind_of(line: Line) -> str:
    """Name a request so that all pages of a list have one name, and lists that differ have two.

    Args:
        line: of the access log.
    """
    _, _, query = line.path.partition("?")
    parts = []
    for parameter in filter(None, query.split("&")):
        key, _, value = parameter.partition("=")
        if key not in CURSORS:
            parts.append(f"{key}={value}" if WORD.fullmatch(value) else f"{key}={{}}")
    name = name_of(line.method, line.route or line.path)
    return f"{name}?{'&'.join(parts)}" if parts else name


def trace_of(lines: Iterable[Line], students: int, watched: Watched) -> Trace:
    """Read a run from the access log, and from what was seen of its processes.

    Args:
        lines: of the log, of this run alone.
        students: of the district.
        watched: the run.

    Raises:
        NothingAsked: no line.
    """
    ordered = sorted(lines, key=lambda line: (began(line), ended(line)))
    if not ordered:
        raise NothingAsked("the sync has sent no request to Clever or Otus; does it read CLEVER_URL and OTUS_URL?")
    gaps = _gaps(ordered, watched.ended)
    asked = [_Asked(kind_of(line), line, gap) for line, gap in zip(ordered, gaps, strict=True)]
    usage, first = watched.usage, began(ordered[0])
    starting = usage.between("sync", watched.began, first)
    all_of_it = [usage.between(who, watched.began, watched.ended) for who in WHO]
    return Trace(
        students=students,
        seconds=watched.ended - watched.began,
        start_seconds=max(0.0, first - watched.began - starting.waited),
        groups=tuple(_groups(asked, watched)),
        waited_seconds=sum(share.waited for share in all_of_it),
        others=usage.others(),
    )


class _Asked(msgspec.Struct):
    kind: str
    line: Line
    gap: float


def _gaps(ordered: Sequence[Line], ended_at: float) -> list[float]:
    """Give the time after each request in which none is under way; 0 while others still are."""
    gaps = []
    busy_until = 0.0
    for number, line in enumerate(ordered):
        busy_until = max(busy_until, ended(line))
        following = began(ordered[number + 1]) if number + 1 < len(ordered) else ended_at
        gaps.append(max(0.0, following - busy_until))
    return gaps


def _groups(asked: Sequence[_Asked], watched: Watched) -> Iterator[Group]:
    turns: Counter[str] = Counter()
    found = [(kind, list(group)) for kind, group in groupby(asked, key=lambda one: one.kind)]
    begins = [began(group[0].line) for _, group in found]
    for (kind, group), begin, end in zip(found, begins, [*begins[1:], watched.ended], strict=True):
        usage = watched.usage
        sync, system = (usage.between(who, begin, end) for who in ("sync", cast("System", group[0].line.system)))
        yield group_of(kind, turns[kind], group, system, sync)
        turns[kind] += 1


def group_of(kind: str, turn: int, asked: Sequence[_Asked], system: Share, sync: Share) -> Group:
    """Add up the requests of a group.

    Args:
        kind: of all of them.
        turn: which group of its kind it is.
        asked: the requests.
        system: what it had of the cores meanwhile.
        sync: likewise.
    """
    first = asked[0].line
    named = LIMIT.search(first.path)
    answering = sum(one.line.microseconds for one in asked) / 1e6
    server_seconds, server_core_seconds = _without_waits(answering, system)
    # A system waits for a core before it takes a request in and while it sends its answer too: the sync waits with it.
    waited = sync.waited + system.waited - (answering - server_seconds)
    client_seconds, client_core_seconds = _without_waits(sum(one.gap for one in asked), Share(sync.on_core, waited))
    return Group(
        kind=kind,
        turn=turn,
        system=cast("System", first.system),
        is_read=first.method in ("GET", "HEAD"),
        requests=len(asked),
        records=sum(one.line.records for one in asked),
        bytes=sum(one.line.bytes + one.line.request_bytes for one in asked),
        server_seconds=server_seconds,
        server_core_seconds=server_core_seconds,
        client_seconds=client_seconds,
        client_core_seconds=client_core_seconds,
        largest=max(one.line.records for one in asked),
        limit=int(named[1]) if named else None,
    )


def _without_waits(seconds: float, share: Share) -> tuple[float, float]:
    """Take the waits for a core from a time; what was work is never taken.

    Returns:
        What remains, and how much of it was on a core.
    """
    on_core = min(seconds, share.on_core)
    return max(on_core, seconds - share.waited), on_core


def merged(trace: Trace) -> Trace:
    """Put all groups of a kind into one, where its kind comes first.

    A sync that goes from school to school has as many groups as there are schools; so they cannot be set side by side
    with those of a smaller district, but the kinds can.

    Args:
        trace: of a run.
    """
    by_kind: dict[str, Group] = {}
    for group in trace.groups:
        before = by_kind.get(group.kind)
        by_kind[group.kind] = group if before is None else _sum(before, group)
    return msgspec.structs.replace(trace, groups=tuple(by_kind.values()))


def _sum(one: Group, other: Group) -> Group:
    return msgspec.structs.replace(
        one,
        requests=one.requests + other.requests,
        records=one.records + other.records,
        bytes=one.bytes + other.bytes,
        server_seconds=one.server_seconds + other.server_seconds,
        server_core_seconds=one.server_core_seconds + other.server_core_seconds,
        client_seconds=one.client_seconds + other.client_seconds,
        client_core_seconds=one.client_core_seconds + other.client_core_seconds,
        largest=max(one.largest, other.largest),
    )
