"""All served worlds and the one simulation thread that keeps them up.

Whoever wants something of a world, the control API or a program that asks one of its systems, leaves a job and waits.
A world that advances is left between two events of its simulation, so that others may be asked meanwhile; only while
a sync runs inside this process does every other world stand, as there is but one process's time to be frozen.
"""

import fcntl
import os
import queue
import re
import secrets
import shutil
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from fakes.shared.refusals import Conflict, NotFound, Refusal
from rostersim.served.commands import FORMAT, PRIVATE, PRIVATE_FOLDER, Begin, write_beginning, write_durably
from rostersim.served.exchanges import headers_of
from rostersim.served.life import Outside
from rostersim.served.records import SERVER_FILE, Keys, ServerFile, WorldStatus
from rostersim.served.served import Busy, ServedWorld
from scenarios.located import nearest
from simulator.gateway import (
    LOOPBACK,
    Gateway,
    Inbox,
    Message,
    Request,
    Server,
    path_and_query,
    unavailable,
)
from simulator.sut import Sut
from simulator.world import SystemName

T = TypeVar("T")
SYSTEMS: tuple[SystemName, ...] = ("ats", "clever", "otus")
"""In the order of their ports."""
WORLDS_MAX = 20
SLICE_SECONDS = 0.05
"""For so long, in real time, one world goes on before anybody else is heard."""
POLL_SECONDS = 0.25
"""How often the thread looks whether to stop, in real time."""
JOBS_AT_ONCE = 64
SANDBOX = Path(__file__).with_name("sandbox.scenario.yaml")


class StateInUseError(Exception):
    """Another server keeps the worlds of this state directory."""


class HouseClosed(Refusal):
    """The server is about to end."""

    status = 503
    code = "closed"


class _Job(NamedTuple):
    """Something to be done on the simulation thread."""

    do: Callable[[], Any]
    reply: "queue.SimpleQueue[tuple[Any, BaseException | None]]"
    changes: bool
    """Whether it waits until no sync runs inside this process."""


class _Door(Inbox):
    """Where the requests of programs outside come in: they are jobs of the house.

    Args:
        house: of the world.
        world: that they are about.
    """

    def __init__(self, house: "House", world: ServedWorld) -> None:
        super().__init__()
        self._house = house
        self._world = world

    def put(self, message: Message) -> None:
        """Take a request in; any thread may."""
        if isinstance(message, Request):
            self._house.let_in(self._world, message)


class Room(NamedTuple):
    """A world with what belongs to it."""

    world: ServedWorld
    token: str
    urls: dict[str, str]
    leave: ExitStack
    """Stops its servers, then ends it."""


class House:
    """The worlds of one state directory.

    Args:
        folder: the state directory; made if need be.
        sut: the sync under test of all worlds.
        sut_spec: as the user named it.

    Raises:
        StateInUseError: another server keeps this directory.
        OSError: it cannot be written.
    """

    def __init__(self, folder: Path, sut: Sut, sut_spec: str) -> None:
        self.folder = folder
        self._sut = sut
        self._sut_spec = sut_spec
        self.rooms: dict[str, Room] = {}
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._parked: list[_Job] = []
        self._stopping = threading.Event()
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, PRIVATE)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise StateInUseError(f"another server keeps the worlds of {folder}") from None
        self._worlds_folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        for left in self._worlds_folder.glob("*.new"):  # torn off while it was made: no world yet
            shutil.rmtree(left)
        self.token = _kept_token(folder / "token")

    @property
    def _worlds_folder(self) -> Path:
        return self.folder / "worlds"

    # ------------------------------------------------------------ on the simulation thread

    def run(self) -> None:
        """Keep the worlds up until :meth:`stop`; this thread is the simulation thread."""
        while not self._stopping.is_set():
            self._hear(self._wait_seconds())
            self._go_on()

    def close(self) -> None:
        """End all worlds, whatever goes on in them; their logs stay."""
        self._stopping.set()
        for room in self.rooms.values():
            room.leave.close()
        self.rooms = {}
        (self.folder / SERVER_FILE).unlink(missing_ok=True)
        os.close(self._lock)

    def kept(self) -> list[str]:
        """Name the worlds that the directory holds."""
        return sorted(path.name for path in self._worlds_folder.iterdir() if path.is_dir())

    def forget(self, name: str) -> None:
        """Remove a world that is not served."""
        shutil.rmtree(self._worlds_folder / name)

    def open(self, name: str, port_base: int | None = None) -> Room:
        """Serve a world of the directory.

        Args:
            name: its id.
            port_base: of its first system, the others follow; by default the system chooses.

        Raises:
            PortInUseError: a port cannot be had.
            LogDamagedError: its log cannot be read.
            NotBegunError: its story cannot be.
        """
        folder = self._worlds_folder / name
        world = ServedWorld(name, folder, self._sut, self._sut_spec)
        with ExitStack() as opened:
            opened.callback(world.close)
            door = _Door(self, world)
            urls: dict[str, str] = {}
            for offset, system in enumerate(SYSTEMS):
                port = 0 if port_base is None else port_base + offset
                server = Server(Gateway(system, door), f"{name}-{system}", port)
                opened.callback(server.stop)
                urls[system] = server.url
            opened.callback(door.close)
            room = Room(world, _kept_token(folder / "token"), urls, opened.pop_all())
        self.rooms[name] = room
        return room

    def make(
        self,
        name: str,
        label: str,
        story: str,
        *,
        plays: bool = False,
        seed: int = 0,
        port_base: int | None = None,
        put: Callable[[Path, Begin], Begin] = lambda _, begin: begin,
    ) -> Room:
        """Make a world and serve it; if its story cannot be, nothing is left of it.

        Args:
            name: its id.
            label: what the user calls the story.
            story: its text.
            plays: whether its steps are played too.
            seed: for all that the story does not say.
            port_base: of its first system; see :meth:`open`.
            put: puts into its folder what else it begins with.

        Raises:
            Conflict: there is one of this name, or there are too many.
            NotBegunError: its story cannot be.
            PortInUseError: a port cannot be had.
        """
        if name in self.rooms or (self._worlds_folder / name).exists():
            raise Conflict(f"there is a world {name!r} already; choose another name, or delete it", "exists")
        if len(self.rooms) >= WORLDS_MAX:
            raise Conflict(f"{WORLDS_MAX} worlds are served already; delete one", "too_many")
        begin = Begin(FORMAT, label, story, plays, seed, self._sut_spec)
        write_beginning(self._worlds_folder / name, begin, put)
        try:
            return self.open(name, port_base)
        except Exception:
            shutil.rmtree(self._worlds_folder / name)
            raise

    def delete(self, name: str) -> None:
        """End a world and remove it.

        Raises:
            NotFound: there is none of this name.
        """
        room = self.room(name)
        room.leave.close()
        del self.rooms[name]
        self.forget(name)

    # ------------------------------------------------------------ on any thread

    def room(self, name: str) -> Room:
        """Find a world.

        Raises:
            NotFound: there is none of this name; the nearest is offered.
        """
        room = self.rooms.get(name)
        if room is None:
            raise NotFound(f"there is no world {name!r} ({nearest(name, self.rooms) or 'there is none'})")
        return room

    def status(self, name: str) -> WorldStatus:
        """Give the status of a world, as it was when it was last left alone."""
        room = self.room(name)
        return WorldStatus(name, room.world.begin.label, room.world.present_status(), room.urls)

    def keys(self, name: str) -> Keys:
        """Give addresses and tokens of a world's systems, by the names of environment variables."""
        room = self.room(name)
        life = room.world.life
        environment = {f"{system.upper()}_URL": url for system, url in room.urls.items()}
        for system in SYSTEMS:
            environment |= life.world.tokens(system)
        return Keys(environment | {"CLEVER_TOKEN": life.outside_clever_token})

    def ask(self, do: Callable[[], T], *, changes: bool = False) -> T:
        """Have something done on the simulation thread, and wait for it.

        Args:
            do: what is done.
            changes: whether it may start a sync, and so waits until none runs inside this process.

        Raises:
            HouseClosed: the server ends meanwhile.
        """
        job = _Job(do, queue.SimpleQueue(), changes)
        self._jobs.put(job)
        while True:
            try:
                answer, error = job.reply.get(timeout=POLL_SECONDS)
            except queue.Empty:
                if self._stopping.is_set():
                    raise HouseClosed("the server is about to end") from None
                continue
            if error is not None:
                raise error
            result: T = answer
            return result

    def let_in(self, world: ServedWorld, request: Request) -> None:
        """Let a request of a program outside be answered when its turn comes."""
        self._jobs.put(_Job(lambda: _answer(world, request), queue.SimpleQueue(), changes=False))

    def stop(self) -> None:
        """Let :meth:`run` end; any thread may say so."""
        self._stopping.set()

    def tell_address(self, url: str) -> None:
        """Write down where the control API answers, for clients of the same user."""
        file = ServerFile(url, self.token, os.getpid())
        write_durably(self.folder / SERVER_FILE, msgspec.json.encode(file))

    # ------------------------------------------------------------ inside

    def _wait_seconds(self) -> float:
        worlds = [room.world for room in self.rooms.values()]
        if any(world.is_working for world in worlds):
            return 0.0
        nexts = [seconds for world in worlds if (seconds := world.seconds_to_next()) is not None]
        return min([POLL_SECONDS, *nexts])

    def _hear(self, wait_seconds: float) -> None:
        """Do what was asked for; what has to wait is tried again the next time."""
        jobs, self._parked = self._parked, []
        try:
            jobs.append(self._jobs.get(timeout=wait_seconds) if wait_seconds > 0 else self._jobs.get_nowait())
            while len(jobs) < JOBS_AT_ONCE:
                jobs.append(self._jobs.get_nowait())
        except queue.Empty:
            pass
        for job in jobs:
            self._do(job)

    def _do(self, job: _Job) -> None:
        if job.changes and any(room.world.is_hosting for room in self.rooms.values()):
            self._parked.append(job)
            return
        try:
            job.reply.put((job.do(), None))
        except Busy:
            self._parked.append(job)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            job.reply.put((None, error))

    def _go_on(self) -> None:
        worlds = [room.world for room in self.rooms.values()]
        hosting = [world for world in worlds if world.is_hosting]
        for world in hosting or worlds:
            world.go_on(SLICE_SECONDS)
            if world.is_hosting:
                return


def _answer(world: ServedWorld, request: Request) -> None:
    """Answer a program outside."""
    environ = request.environ
    stream = environ["wsgi.input"]
    stream.seek(0)
    outside = Outside(
        request.system,
        str(environ["REQUEST_METHOD"]),
        path_and_query(environ),
        headers_of(request),
        stream.read(),
    )
    try:
        request.reply.put(world.ask(outside))
    except Refusal as refusal:
        request.reply.put(unavailable(refusal.message, world.life.now))


def _kept_token(path: Path) -> str:
    """Read a token, or make one that stays."""
    if not path.exists():
        write_durably(path, secrets.token_urlsafe(32).encode())
    return path.read_text(encoding="ascii").strip()


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    return host in (LOOPBACK, "localhost", "::1") or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None
