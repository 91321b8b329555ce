"""``rostersim serve`` without a system: whole worlds, kept up until somebody ends them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click
import msgspec
from rich.console import Console

from fakes.shared.refusals import Refusal
from rostersim.console import with_console
from rostersim.served.beginning import FOLDER, take_over
from rostersim.served.client import DEFAULT_STATE
from rostersim.served.commands import LOG_NAME, Begin, LogDamagedError, read_log
from rostersim.served.house import SANDBOX, House, Room, StateInUseError
from rostersim.served.life import NotBegunError
from rostersim.served.records import SERVER_FILE
from rostersim.served.wire import control_application
from rostersim.stopping import ended_by_sigterm
from rostersim.unusable import Unusable
from scenarios.located import StoryError
from scenarios.play import DEFAULT_SUT
from scenarios.shelf import NoSuchStoryError, find_stories
from scenarios.story import SUFFIX, read_beginning, read_story
from simulator.gateway import PortInUseError, Server
from simulator.sut import UnusableSutError, read_spec

MAIN = "main"
"""The world that the command line means when none is named."""
CONTROL_THREADS = 12
"""Requests of the control API that are answered at once: a browser asks several together."""
WORLD_FILE = f"world{SUFFIX}"
SANDBOX_LABEL = "the sandbox"


class WorldsWish(NamedTuple):
    """What the user wants to have served."""

    world: str | None
    """A story of which only the beginning counts, or a folder with one."""
    scenario: str | None
    """A story that is played."""
    district: Path | None
    """A generated district, to begin with."""
    state: Path | None
    fresh: bool
    """Whether what the state directory holds is thrown away."""
    port_base: int | None
    host: str
    speed: float | None
    seed: int
    sut: str | None
    """By default the one that the world began with."""


def serve_worlds(wish: WorldsWish) -> None:
    """Serve worlds until Ctrl-C.

    Raises:
        Unusable: what was asked for cannot be.
    """
    state = wish.state or DEFAULT_STATE
    try:
        with ended_by_sigterm(), _house(state, wish) as house:
            room = _main_room(house, wish)
            port = wish.port_base or 0
            application = with_console(control_application(house, wish.host), house, wish.host)
            server = Server(application, "control", port, wish.host, CONTROL_THREADS)
            try:
                house.tell_address(server.url)
                if wish.speed is not None:
                    _run_when_ready(room, wish.speed)
                _tell(house, room, server.url)
                _spare_the_collector()
                house.run()
            finally:
                house.stop()
                server.stop()
    except (UnusableSutError, StateInUseError, LogDamagedError) as error:
        raise Unusable(str(error)) from None
    except PortInUseError as error:
        raise Unusable(f"{error}; leave --port-base out, or name another") from None
    except KeyboardInterrupt:
        click.echo("\nrostersim: stopped; the worlds are kept, and nothing is left running", err=True)


def _spec_of(log: Path) -> str | None:
    """Give the sync under test that a world began with, if there is such a world."""
    return read_log(log).begin.sut if log.exists() else None


@contextmanager
def _house(state: Path, wish: WorldsWish) -> Iterator[House]:
    spec = wish.sut or _spec_of(state / "worlds" / MAIN / LOG_NAME) or DEFAULT_SUT
    try:
        house = House(state, read_spec(spec), spec)
    except OSError as error:
        raise Unusable(f"--state {state}: {error.strerror or error}") from None
    try:
        if wish.fresh:
            for name in house.kept():
                house.forget(name)
        yield house
    finally:
        house.close()


def _main_room(house: House, wish: WorldsWish) -> Room:
    """Open the worlds that there are, and the wanted one."""
    kept = house.kept()
    wanted = {"--world": wish.world, "--scenario": wish.scenario, "--district": wish.district}
    for option in (name for name, value in wanted.items() if value is not None and MAIN in kept):
        raise Unusable(
            f"{house.folder} holds a world already: leave {option} out to go on with it, "
            "say --fresh to throw it away, or name another place with --state"
        )
    try:
        for name in kept:
            house.open(name, _world_ports(wish) if name == MAIN else None)
        if MAIN in kept:
            return house.rooms[MAIN]
        if wish.district is not None:
            return _district_room(house, wish, wish.district)
        text, label = _story_text(wish)
        return house.make(
            MAIN, label, text, plays=wish.scenario is not None, seed=wish.seed, port_base=_world_ports(wish)
        )
    except (NotBegunError, Refusal) as error:
        raise Unusable(str(error)) from None


def _district_room(house: House, wish: WorldsWish, district: Path) -> Room:
    """Serve a generated district; its size takes its time, so it is said what is done."""
    console = Console(stderr=True)
    with console.status("") as shown:

        def tell(what: str) -> None:
            shown.update(f"the district {district}: {what}")

        def put(folder: Path, begin: Begin) -> Begin:
            taken = take_over(district, folder / FOLDER, tell)
            tell("reading who there is")
            return msgspec.structs.replace(begin, story=taken.story, files=taken.files)

        label = f"the district {district}"
        return house.make(MAIN, label, "", seed=wish.seed, port_base=_world_ports(wish), put=put)


def _world_ports(wish: WorldsWish) -> int | None:
    return None if wish.port_base is None else wish.port_base + 1


def _story_text(wish: WorldsWish) -> tuple[str, str]:
    """Read the story that is wanted, and what to call it.

    Raises:
        Unusable: it cannot be read, or is wrong; every problem is named with its line.
    """
    name = wish.scenario or wish.world
    if name is None:
        return SANDBOX.read_text(encoding="utf-8"), SANDBOX_LABEL
    inside = Path(name) / WORLD_FILE
    try:
        books = find_stories([str(inside) if inside.is_file() else name])
    except NoSuchStoryError as error:
        raise Unusable(f"{error}; or name a folder with a {WORLD_FILE}") from None
    if len(books) > 1:
        raise Unusable(f"{name!r} holds {len(books)} stories; name one of them, as {books[0].label}")
    try:
        (read_story if wish.scenario else read_beginning)(books[0].path, wish.seed)
    except StoryError as error:
        error.path = Path(books[0].label)
        raise Unusable("\n".join(error.lines())) from None
    return books[0].path.read_text(encoding="utf-8"), books[0].label


def _spare_the_collector() -> None:
    """Keep what the worlds began with out of the garbage collector's rounds.

    A school of 4,000 is some hundred thousand objects, and a page that such a round falls into takes 150 ms longer.
    A world that is brought back to an earlier moment leaves its first life's behind, once; later lives are collected.
    """
    gc.collect()
    gc.freeze()


def _run_when_ready(room: Room, speed: float) -> None:
    """Bring a world to where it was, and let its clock run."""
    while room.world.is_working:
        room.world.go_on(1.0)
    try:
        room.world.run(speed)
    except Refusal as refusal:
        raise Unusable(refusal.message) from None


def _tell(house: House, room: Room, url: str) -> None:
    world, status = room.world, room.world.present_status()
    click.echo(f"the console is at {url}/console, and `rostersim console` opens it signed in")
    click.echo(f"the control API answers at {url}; its documentation: {url}/docs")
    for system, address in room.urls.items():
        click.echo(f"  {system:<7} {address}")
    stands = "is brought back to where it was left" if world.is_working else f"stands at {status.now_in_new_york}"
    click.echo(f"the world {world.name!r}, {world.begin.label}, {stands}")
    for note in status.notes:
        click.echo(f"note: {note}")
    click.echo(f"address and token: {house.folder / SERVER_FILE}, for you alone; the worlds are kept there too")
    click.echo("in another terminal: rostersim clock status | clock advance 72h | do '...' | sync | snapshot save NAME")
    click.echo("Ctrl-C ends it")
