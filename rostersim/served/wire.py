"""The routes of the control API: read, call, answer; no rule."""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from flask import Flask, request

from fakes.shared.api import Api, Call
from fakes.shared.refusals import Conflict, Forbidden, NotFound, Unauthorized, Unprocessable
from rostersim.served import looking
from rostersim.served.commands import Mark, StartRecord, StopRecord
from rostersim.served.house import SANDBOX, House, HouseClosed, Room, is_loopback
from rostersim.served.life import NotBegunError
from rostersim.served.records import (
    ClassSight,
    ClockStatus,
    Demand,
    Destination,
    Exchange,
    ExplainQuery,
    FaultList,
    JournalPage,
    JournalQuery,
    Keys,
    Names,
    NamesQuery,
    NewWorld,
    PersonSight,
    PlanSight,
    RecordStatus,
    RecordWish,
    Remark,
    SchoolSight,
    SnapshotLine,
    SnapshotList,
    SnapshotName,
    SnapshotWish,
    Speed,
    State,
    Steps,
    StepsDone,
    VerbList,
    WirePage,
    WireQuery,
    WorldId,
    WorldList,
    WorldMade,
    WorldStatus,
)
from rostersim.served.served import ServedWorld, StoreFull
from rostersim.served.snapshots import Snapshot, SnapshotDamagedError
from scenarios.shelf import NoSuchStoryError, find_stories
from simulator.explanation import CannotExplain, Explanation, explain

T = TypeVar("T")
HouseCall = Call[House]
OWNER = "the server's owner"
DOING = (NotFound, Conflict, Unprocessable, StoreFull, HouseClosed)
LOOKING = (NotFound, HouseClosed)

control_api: Api[House] = Api(
    title="rostersim control",
    description=(
        "Worlds that are served, each with ATS/STARS, Clever, Otus and a clock of its own. The clock is a test clock: "
        "it stands, unless it is told to advance or to run.\n\n"
        "`POST .../clock/advance` answers at once; `GET .../clock` says `advancing`, and `ready` when all that falls "
        "due has happened, or `failed` and why.\n\n"
        "Every request that changes something needs `Authorization: Bearer` with the token of the server, or of the "
        "world. Reading needs none, unless the server listens beyond this machine."
    ),
    tags={
        "worlds": "Which worlds there are.",
        "clock": "Time, and the nightly sync.",
        "steps": "What people do, and what goes wrong, in the words of the story language.",
        "snapshots": "Coming back.",
        "record": "What was done becomes a story file.",
        "looking": "What the three systems hold, and what has happened.",
    },
    refusals=(Forbidden,),
)


class Actor(NamedTuple):
    """Who asks."""

    world: str | None
    """The one that they may change; ``None`` for the server's owner, and for whoever only reads."""
    may_change: bool


def control_application(house: House, host: str) -> Flask:
    """Make the application that serves the control API.

    Args:
        house: with the worlds.
        host: where it listens: beyond this machine, reading needs the token too.
    """
    return control_api.application(house, lambda: datetime.now(UTC), partial(who_asks, house, host))


def who_asks(house: House, host: str) -> Actor:
    """Let nobody in whom a web page elsewhere could have sent.

    A page elsewhere cannot send the token; the host and the origin are looked at besides, so that no name that
    leads to this machine lets it read.
    """
    name, only_here = urlsplit(f"//{request.host}").hostname or "", is_loopback(host)
    if only_here and not is_loopback(name):
        raise Forbidden(f"the host {name!r} is not this server's; use 127.0.0.1 or localhost")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        raise Forbidden("another web page may not ask this server")
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = given.strip() if scheme.lower() == "bearer" else ""
    actor = _actor_of(house, token)
    if actor is not None:
        return actor
    if token or not only_here or request.method not in ("GET", "HEAD"):
        raise Unauthorized("the token is missing or unknown; send Authorization: Bearer, with the token of server.json")
    return Actor(None, may_change=False)


def _actor_of(house: House, token: str) -> Actor | None:
    if hmac.compare_digest(token.encode(), house.token.encode()):
        return Actor(None, may_change=True)
    for name, room in list(house.rooms.items()):
        if hmac.compare_digest(token.encode(), room.token.encode()):
            return Actor(name, may_change=True)
    return None


def own_room(house: House, actor: Actor, world: str) -> Room:
    """Find a world that the asker may change.

    Raises:
        Unauthorized: the asker has no token.
        Forbidden: the token is another world's.
    """
    if not actor.may_change:
        raise Unauthorized("this needs a token")
    if actor.world not in (None, world):
        raise Forbidden(f"this token is the one of the world {actor.world!r}")
    return house.room(world)


def _change(call: HouseCall, world: str, do: Callable[[ServedWorld], T], *, waits: bool = True) -> T:
    """Have something done to a world."""
    room = own_room(call.system, call.actor, world)
    return call.system.ask(lambda: do(room.world), changes=waits)


def _look(call: HouseCall, world: str, do: Callable[[ServedWorld], T]) -> T:
    room = call.system.room(world)
    if call.actor.world not in (None, world):
        raise Forbidden(f"this token is the one of the world {call.actor.world!r}")
    return call.system.ask(lambda: do(room.world))


def _owner(call: HouseCall) -> House:
    actor: Actor = call.actor
    if not actor.may_change or actor.world is not None:
        raise Forbidden("this needs the token of the server, not of a world")
    return call.system


# ---------------------------------------------------------------- worlds


@control_api.route("GET", "/worlds", tag="worlds")
def list_worlds(call: HouseCall) -> WorldList:
    """List the worlds."""
    house = call.system
    return WorldList([house.status(name) for name in sorted(house.rooms)])


@control_api.route("POST", "/worlds", status=201, refusals=DOING, tag="worlds")
def make_world(call: HouseCall, body: NewWorld) -> WorldMade:
    """Serve one more world; its token is told here and nowhere else."""
    house = _owner(call)
    if body.story is not None and body.named is not None:
        raise Unprocessable("`story` and `named` exclude each other")
    text, label = _story_of(body)
    try:
        room = house.ask(lambda: house.make(body.id, label, text, plays=body.play, seed=body.seed), changes=True)
    except NotBegunError as error:
        raise Unprocessable(str(error), "story") from None
    return WorldMade(house.status(body.id), room.token)


def _story_of(wish: NewWorld) -> tuple[str, str]:
    if wish.story is not None:
        return wish.story, "the story that was sent"
    if wish.named is None:
        return SANDBOX.read_text(encoding="utf-8"), "the sandbox"
    if not wish.named.startswith("library/"):
        raise Unprocessable("`named` is for built-in stories, library/...; send another story's text as `story`")
    try:
        books = find_stories([wish.named])
    except NoSuchStoryError as error:
        raise Unprocessable(str(error)) from None
    if len(books) > 1:
        raise Unprocessable(f"{wish.named!r} holds {len(books)} stories; name one, as {books[0].label}")
    return books[0].path.read_text(encoding="utf-8"), books[0].label


@control_api.route("GET", "/worlds/{world}", refusals=LOOKING, tag="worlds")
def get_world(call: HouseCall, world: WorldId) -> WorldStatus:
    """Say how a world is."""
    return call.system.status(world)


@control_api.route("DELETE", "/worlds/{world}", status=204, refusals=DOING, tag="worlds")
def delete_world(call: HouseCall, world: WorldId) -> None:
    """End a world and forget it, with its snapshots."""
    house = _owner(call)
    house.ask(lambda: house.delete(world), changes=True)


@control_api.route("GET", "/worlds/{world}/keys", refusals=LOOKING, tag="worlds")
def get_keys(call: HouseCall, world: WorldId) -> Keys:
    """Give addresses and tokens of a world's systems; this needs the token."""
    own_room(call.system, call.actor, world)
    return call.system.ask(lambda: call.system.keys(world))


# ---------------------------------------------------------------- clock


@control_api.route("GET", "/worlds/{world}/clock", refusals=LOOKING, tag="clock")
def get_clock(call: HouseCall, world: WorldId) -> ClockStatus:
    """Say where the clock stands; answered at once, whatever goes on."""
    return call.system.room(world).world.present_status()


@control_api.route("POST", "/worlds/{world}/clock/advance", status=202, refusals=DOING, tag="clock")
def advance_clock(call: HouseCall, world: WorldId, body: Destination) -> ClockStatus:
    """Let time go on, by so much or to a moment; answered at once, `ready` when all that falls due has happened."""
    return _change(call, world, lambda served: served.advance(body.to))


@control_api.route("POST", "/worlds/{world}/clock/run", refusals=DOING, tag="clock")
def run_clock(call: HouseCall, world: WorldId, body: Speed) -> ClockStatus:
    """Let the clock run by itself."""
    return _change(call, world, lambda served: served.run(body.speed))


@control_api.route("POST", "/worlds/{world}/clock/pause", refusals=DOING, tag="clock")
def pause_clock(call: HouseCall, world: WorldId) -> ClockStatus:
    """Let the clock stand: at once, or when the run of the sync that goes on has ended."""
    return _change(call, world, ServedWorld.pause, waits=False)


@control_api.route("POST", "/worlds/{world}/clock/rewind", status=202, refusals=DOING, tag="clock")
def rewind_clock(call: HouseCall, world: WorldId, body: Destination) -> ClockStatus:
    """Bring the world back to a moment, by doing again what was done until then; what came later is undone."""
    return _change(call, world, lambda served: served.rewind(body.to))


@control_api.route("POST", "/worlds/{world}/sync", status=202, refusals=DOING, tag="clock")
def run_sync(call: HouseCall, world: WorldId) -> ClockStatus:
    """Start the sync by hand; answered at once, `ready` when it has ended."""
    return _change(call, world, ServedWorld.sync)


@control_api.route("GET", "/worlds/{world}/plan", refusals=DOING, tag="clock")
def get_plan(call: HouseCall, world: WorldId) -> PlanSight:
    """Say what the next night would do: the sync runs on a copy of the world, which is thrown away."""
    room = call.system.room(world)
    return call.system.ask(lambda: looking.plan(room.world), changes=True)


# ---------------------------------------------------------------- steps


@control_api.route("POST", "/worlds/{world}/steps", refusals=DOING, tag="steps")
def do_steps(call: HouseCall, world: WorldId, body: Steps) -> StepsDone:
    """Do steps of the story language now, up to the first that is not accepted; faults and expectations too."""
    return StepsDone(_change(call, world, lambda served: served.steps(body.steps)))


@control_api.route("GET", "/worlds/{world}/verbs", refusals=LOOKING, tag="steps")
def list_verbs(call: HouseCall, world: WorldId) -> VerbList:
    """List the verbs of the story language, with their words."""
    call.system.room(world)
    return looking.verbs()


@control_api.route("GET", "/worlds/{world}/faults", refusals=LOOKING, tag="steps")
def list_faults(call: HouseCall, world: WorldId) -> FaultList:
    """Say what is planned to go wrong, and what is wrong."""
    return _look(call, world, looking.faults)


# ---------------------------------------------------------------- snapshots


@control_api.route("GET", "/worlds/{world}/snapshots", refusals=LOOKING, tag="snapshots")
def list_snapshots(call: HouseCall, world: WorldId) -> SnapshotList:
    """List the snapshots, the oldest first."""
    return _look(call, world, ServedWorld.snapshots)


@control_api.route("POST", "/worlds/{world}/snapshots", status=201, refusals=DOING, tag="snapshots")
def save_snapshot(call: HouseCall, world: WorldId, body: SnapshotWish) -> SnapshotLine:
    """Take a snapshot; one of the same name is replaced."""
    return _change(call, world, lambda served: served.save(body.name))


@control_api.route("GET", "/worlds/{world}/snapshots/{name}", refusals=(*LOOKING, Unprocessable), tag="snapshots")
def get_snapshot(call: HouseCall, world: WorldId, name: SnapshotName) -> Snapshot:
    """Give all that a snapshot holds."""
    try:
        return _look(call, world, lambda served: served.snapshot(name))
    except SnapshotDamagedError as error:
        raise Unprocessable(str(error), "corrupt") from None


@control_api.route("POST", "/worlds/{world}/snapshots/{name}/restore", status=202, refusals=DOING, tag="snapshots")
def restore_snapshot(call: HouseCall, world: WorldId, name: SnapshotName) -> ClockStatus:
    """Bring the world back to a snapshot; answered at once, `ready` when it is there."""
    return _change(call, world, lambda served: served.restore(name))


# ---------------------------------------------------------------- the recording


@control_api.route("GET", "/worlds/{world}/record", refusals=LOOKING, tag="record")
def get_record(call: HouseCall, world: WorldId) -> RecordStatus:
    """Give the story file as far as it has come: all that was done since the world's beginning."""
    return _look(call, world, ServedWorld.recorded)


@control_api.route("POST", "/worlds/{world}/record/start", refusals=DOING, tag="record")
def start_record(call: HouseCall, world: WorldId, body: RecordWish) -> RecordStatus:
    """Start a recording and give it a title."""
    return _change(call, world, lambda served: served.record(StartRecord(at="", title=body.title)))


@control_api.route("POST", "/worlds/{world}/record/mark", refusals=DOING, tag="record")
def mark_record(call: HouseCall, world: WorldId, body: Remark) -> RecordStatus:
    """Put a remark into the recording."""
    return _change(call, world, lambda served: served.record(Mark(at="", words=body.words)))


@control_api.route("POST", "/worlds/{world}/record/expect", refusals=DOING, tag="record")
def demand_in_record(call: HouseCall, world: WorldId, body: Demand) -> RecordStatus:
    """Say what should be here: the recording demands it, so that it fails as long as it is not so."""
    return _change(call, world, lambda served: served.demand(body.expect))


@control_api.route("POST", "/worlds/{world}/record/stop", refusals=DOING, tag="record")
def stop_record(call: HouseCall, world: WorldId) -> RecordStatus:
    """End the recording and give its story file."""
    return _change(call, world, lambda served: served.record(StopRecord(at="")))


# ---------------------------------------------------------------- looking


@control_api.route("GET", "/worlds/{world}/state", refusals=LOOKING, tag="looking")
def get_state(call: HouseCall, world: WorldId) -> State:
    """Show a world at a glance."""
    status = call.system.status(world)
    return _look(call, world, lambda served: looking.state(served, status))


@control_api.route("GET", "/worlds/{world}/names", refusals=LOOKING, tag="looking")
def find_names(call: HouseCall, world: WorldId, query: NamesQuery) -> Names:
    """Find people, classes and schools whose name holds a word."""
    return _look(call, world, lambda served: looking.names(served, query))


@control_api.route("GET", "/worlds/{world}/journal", refusals=LOOKING, tag="looking")
def get_journal(call: HouseCall, world: WorldId, query: JournalQuery) -> JournalPage:
    """Give what has happened, of a person if one is named."""
    return _look(call, world, lambda served: looking.journal(served, query))


@control_api.route("GET", "/worlds/{world}/people/{name}", refusals=LOOKING, tag="looking")
def get_person(call: HouseCall, world: WorldId, name: str) -> PersonSight:
    """Show a person in the three systems."""
    return _look(call, world, lambda served: served.life.sight().person(name))


@control_api.route("GET", "/worlds/{world}/classes/{name}", refusals=LOOKING, tag="looking")
def get_class(call: HouseCall, world: WorldId, name: str) -> ClassSight:
    """Show a class in the three systems."""
    return _look(call, world, lambda served: served.life.sight().klass(name))


@control_api.route("GET", "/worlds/{world}/schools/{dbn}", refusals=LOOKING, tag="looking")
def get_school(call: HouseCall, world: WorldId, dbn: str) -> SchoolSight:
    """Show a school in the three systems."""
    return _look(call, world, lambda served: served.life.sight().school(dbn))


@control_api.route("GET", "/worlds/{world}/explain", refusals=LOOKING, tag="looking")
def explain_person(call: HouseCall, world: WorldId, query: ExplainQuery) -> Explanation:
    """Explain why somebody is in a class or not, who must act, and when it will be right by itself (F12)."""
    try:
        return _look(call, world, lambda served: explain(served.life.world, query.person, query.class_ or None))
    except CannotExplain as error:
        raise NotFound(str(error)) from None


@control_api.route("GET", "/worlds/{world}/wire", refusals=LOOKING, tag="looking")
def get_wire(call: HouseCall, world: WorldId, query: WireQuery) -> WirePage:
    """Give the requests that went over the wire, without headers and bodies."""
    return _look(call, world, lambda served: looking.wire(served, query))


@control_api.route("GET", "/worlds/{world}/wire/{number}", refusals=LOOKING, tag="looking")
def get_exchange(call: HouseCall, world: WorldId, number: str) -> Exchange:
    """Give one request with headers and bodies."""
    return _look(call, world, lambda served: looking.exchange(served, number))
