"""What the control API shows of a world; nothing here changes it. All of it runs on the simulation thread."""

import types
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal, Protocol, TypeVar, Union, get_args, get_origin

import msgspec

from fakes.shared.refusals import NotFound
from rostersim.served.planned import plan_sight
from rostersim.served.records import (
    Exchange,
    FaultLine,
    FaultList,
    JournalPage,
    JournalQuery,
    Names,
    NamesQuery,
    PlanSight,
    State,
    VerbField,
    VerbLine,
    VerbList,
    WirePage,
    WireQuery,
    WorldStatus,
)
from rostersim.served.served import ServedWorld
from scenarios.binding import Names as NameMark
from scenarios.verbs import VERBS, Step
from simulator.progress import Span


class Numbered(Protocol):
    """Something with a number that goes up."""

    @property
    def number(self) -> int:
        """1, 2, 3 ..."""


N = TypeVar("N", bound=Numbered)
PLAIN_KINDS: dict[Any, str] = {
    bool: "yes or no",
    int: "number",
    timedelta: "duration",
    time: "time of day",
    date: "day",
    Span: "which",
}
"""Types of a step's words, as a form would ask for them."""


def state(served: ServedWorld, status: WorldStatus) -> State:
    """Show a world at a glance."""
    life = served.life
    sight, wrong = life.sight(), faults(served)
    return State(
        world=status,
        schools=sight.schools,
        classes=sight.classes,
        people=len(sight.people),
        on_the_way=sight.all_on_the_way,
        faults=[line.words for line in wrong.items if not line.struck],
        down=wrong.down,
        findings=life.findings(),
        recording=life.recording.going_on,
    )


def names(served: ServedWorld, query: NamesQuery) -> Names:
    """Find names that hold a word."""
    sight, word = served.life.sight(), query.like.casefold()

    def holding(candidates: Sequence[str]) -> list[str]:
        return sorted(name for name in candidates if word in name.casefold())[: query.limit]

    return Names(holding(sight.everybody), holding(sight.classes), holding(list(sight.views.ats.schools)))


def journal(served: ServedWorld, query: JournalQuery) -> JournalPage:
    """Give what has happened."""
    entries = served.life.world.journal.entries
    chosen = [
        entry
        for entry in entries[query.since :]
        if (not query.person or query.person in entry.about)
        and (query.lane is None or entry.lane == query.lane)
        and (query.kind is None or entry.kind == query.kind)
    ]
    items, following = _page(chosen, query.limit, newest=query.newest)
    return JournalPage(items, following, entries[-1].number if entries else 0)


def wire(served: ServedWorld, query: WireQuery) -> WirePage:
    """Give the requests that went over the wire, without headers and bodies."""
    chosen = [
        each
        for each in served.life.exchanges
        if each.number > query.since
        and (query.system is None or each.system == query.system)
        and (query.who is None or each.who == query.who)
    ]
    items, following = _page(chosen, query.limit, newest=query.newest)
    short = [
        msgspec.structs.replace(each, request_headers={}, request_body="", answer_headers={}, answer_body="")
        for each in items
    ]
    return WirePage(short, following, served.life.exchanged)


def _page(chosen: list[N], limit: int, *, newest: bool) -> tuple[list[N], int | None]:
    items = chosen[-limit:] if newest else chosen[:limit]
    more = bool(items) and items[-1] is not chosen[-1]
    return items, items[-1].number if more else None


def exchange(served: ServedWorld, number: str) -> Exchange:
    """Give one request with headers and bodies.

    Raises:
        NotFound: there was none of this number, or it is too long ago.
    """
    found = next((each for each in served.life.exchanges if str(each.number) == number), None)
    if found is None:
        kept = served.life.exchanges
        range_kept = f"{kept[0].number} to {kept[-1].number} are kept" if kept else "there was none yet"
        raise NotFound(f"there is no request {number!r}: {range_kept}")
    return found


def plan(served: ServedWorld) -> PlanSight:
    """Say what the next night would do.

    Raises:
        Conflict: the world advances, or has failed.
    """
    served.be_settled()
    life = served.life
    return plan_sight(life.stage, life.foresight(), life.next_night)


def faults(served: ServedWorld) -> FaultList:
    """Say what is planned to go wrong, and what is wrong."""
    world = served.life.world
    open_ones = world.faults.unhappened()
    lines = [FaultLine(fault.words, struck=fault not in open_ones) for fault in world.faults.planned()]
    lines += [
        FaultLine(f"the sync's disk is full in night {nights}", struck=False) for nights in world.runner.full_disks
    ]
    return FaultList(lines, sorted(world.down), sorted(world.locked_out))


def verbs() -> VerbList:
    """List the verbs of the story language, with their words."""
    lines = []
    for system, of_system in VERBS.items():
        for words, step in of_system.items():
            about = (step.__doc__ or "").strip().splitlines()
            lines.append(VerbLine(system, words, about[0] if about else "", _fields(step)))
    return VerbList(lines)


def _fields(step: type[Step]) -> list[VerbField]:
    found = []
    for field in msgspec.structs.fields(step):
        kind, choices = _kind(field.type)
        found.append(VerbField(field.encode_name, field.required, kind, choices))
    return found


def _kind(annotation: Any) -> tuple[str, tuple[str, ...]]:  # noqa: ANN401 - an annotation
    """Say what stands behind a word of a step, and between which words one may choose."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        mark = arguments[1]
        return (mark.kind, ()) if isinstance(mark, NameMark) else _kind(arguments[0])
    if origin in (Union, types.UnionType):
        return _kind(next(part for part in arguments if part is not type(None)))
    if origin is tuple:
        kind, choices = _kind(arguments[0])
        return f"{kind}, several", choices
    if origin is Literal:
        return "choice", tuple(str(word) for word in arguments)
    return PLAIN_KINDS.get(annotation, "text"), ()
