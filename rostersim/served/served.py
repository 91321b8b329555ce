"""One served world: its life, its log, its clock and its snapshots. Everything here runs on the simulation thread.

Only :attr:`ServedWorld.status` is read by others: a value that is replaced as a whole.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from fakes.shared.moments import read_wire_time, wire_time
from fakes.shared.refusals import Conflict, NotFound, Refusal, Unprocessable
from rostersim.served.beginning import check_files, read_images
from rostersim.served.commands import (
    LOG_NAME,
    Advance,
    AnyCommand,
    Ask,
    Begin,
    CommandLog,
    ExpectInRecord,
    LogUnwritableError,
    Mark,
    Paused,
    Perform,
    Restore,
    Rewind,
    Save,
    StartRecord,
    StopRecord,
    history_of,
    read_log,
)
from rostersim.served.deeds import scenario_of
from rostersim.served.life import READING, Life, NotBegunError, Outside
from rostersim.served.moving import Present, read_backward, read_forward
from rostersim.served.records import (
    ClockState,
    ClockStatus,
    RecordStatus,
    SnapshotLine,
    SnapshotList,
    StepDone,
)
from rostersim.served.snapshots import (
    FORMAT,
    SUFFIX,
    Snapshot,
    SnapshotDamagedError,
    read_snapshot,
    write_snapshot,
)
from scenarios.located import StoryError, nearest
from scenarios.story import Story, read_beginning, read_story
from simulator.clock import new_york
from simulator.gateway import Answer
from simulator.sut import Sut, UnusableSutError

HEARTBEAT_SECONDS = 5.0
"""How often the place of a clock that runs by itself is written down, in real time, when nothing happens."""
STORY_NAME = "world.scenario.yaml"
T = TypeVar("T")
Work = Iterator[None]
OVER = object()


class Busy(Exception):  # noqa: N818 - no error: whoever asks waits
    """The world is in the middle of something that will soon be over."""


class StoreFull(Refusal):
    """The state directory cannot be written, so nothing was done."""

    status = 507
    code = "state_unwritable"


class Flow(NamedTuple):
    """A clock that runs by itself."""

    speed: float
    """Simulated seconds in a real one."""
    since: float
    """Real time, monotonic, in seconds."""
    origin: datetime


class ServedWorld:
    """A world that is served.

    Args:
        name: its id.
        folder: with its log.
        sut: the sync under test.
        sut_spec: as the user named it.
        monotonic: real time in seconds, for a clock that runs.

    Raises:
        rostersim.served.commands.LogDamagedError: the log cannot be read.
        NotBegunError: its story cannot be.
    """

    def __init__(
        self, name: str, folder: Path, sut: Sut, sut_spec: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        read = read_log(folder / LOG_NAME)
        self.name = name
        self.begin: Begin = read.begin
        self._folder = folder
        self._sut = sut
        self._monotonic = monotonic
        self._log: list[AnyCommand] = read.commands
        self._file = CommandLog(folder / LOG_NAME)
        another = f"it began with --sut {self.begin.sut!r}, and what was done is done again with {sut_spec!r}"
        self._notes = tuple(note for note in (read.note, another if self.begin.sut != sut_spec else "") if note)
        self._flow: Flow | None = None
        self._beaten = monotonic()
        self._target: datetime | None = None
        self._work: Work | None = None
        self._doing = ""
        self._failed = ""
        self._stop_asked = False
        check_files(folder, self.begin.files)
        self.story = _read(folder, self.begin)
        self.life = self._new_life()
        if self._log:
            self._start_again(None)
        self.status = self._status()

    def close(self) -> None:
        """End it; the log stays."""
        self.life.close()
        self._file.close()

    # ------------------------------------------------------------ going on

    @property
    def is_working(self) -> bool:
        """Whether something goes on that takes a while."""
        return self._work is not None

    @property
    def is_hosting(self) -> bool:
        """Whether a sync runs in this process just now: no other world may go on meanwhile."""
        return self.life.player.hosts

    def seconds_to_next(self) -> float | None:
        """Say in how many real seconds something is to be done, if the clock runs by itself."""
        if self._flow is None or self._work is not None:
            return None
        due = self.life.world.clock.next_due()
        beat = self._beaten + HEARTBEAT_SECONDS - self._monotonic()
        if due is None:
            return max(0.0, beat)
        return max(0.0, min(beat, (due - self._flowing_now()).total_seconds() / self._flow.speed))

    def go_on(self, real_seconds: float) -> None:
        """Go on with what is to be done, for a while of real time, or until it is done."""
        if self._work is None:
            self._flow_on()
        over = self._monotonic() + real_seconds
        while self._work is not None:
            self._one_step()
            if self._monotonic() >= over:
                break
        self.status = self._status()

    def _one_step(self) -> None:
        work = self._work
        if work is None:
            return
        try:
            if next(work, OVER) is not OVER:
                return
            self.life.sight()  # whoever looks next finds it ready
        except UnusableSutError as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other worlds go on
            self._fail(f"the harness itself failed: {type(error).__name__}: {error}")
        else:
            self._work, self._target, self._doing = None, None, ""

    def _fail(self, why: str) -> None:
        self._work, self._target, self._flow = None, None, None
        self._failed = why
        self.life.player.release()

    def _flow_on(self) -> None:
        """Let a clock that runs by itself catch up: something has fallen due, or its place is to be written down."""
        if self._flow is None:
            return
        now, due = self._flowing_now(), self.life.world.clock.next_due()
        late = self._monotonic() - self._beaten >= HEARTBEAT_SECONDS
        if now > self.life.now and (late or (due is not None and due <= now)):
            self._advance_to(now)

    def _flowing_now(self) -> datetime:
        flow = self._flow
        if flow is None:
            return self.life.now
        seconds = int((self._monotonic() - flow.since) * flow.speed)
        return max(self.life.now, flow.origin + timedelta(seconds=seconds))

    def _advance_to(self, moment: datetime) -> None:
        self._write(Advance(at=self._at(), to=wire_time(moment)))
        self._beaten = self._monotonic()
        self._begin_work(self._advancing(moment), moment)

    def _advancing(self, moment: datetime) -> Work:
        for _ in self.life.advance(moment):
            yield
            if self._stop_asked and self.life.is_quiet() and self.life.now < moment:
                yield from self.life.advance(self.life.now)  # to a whole second
                self._write(Paused(at=self._at()))
                break
        self._stop_asked = False

    def _begin_work(self, work: Work, target: datetime | None, doing: str = "") -> None:
        self._work, self._target, self._doing = work, target, doing
        self._stop_asked = False
        self.status = self._status()

    # ------------------------------------------------------------ commands

    def advance(self, words: str) -> ClockStatus:
        """Let the clock go to a moment; it is under way when this returns."""
        self._be_ready()
        self._advance_to(read_forward(words, self._present()))
        return self.status

    def run(self, speed: float) -> ClockStatus:
        """Let the clock run by itself."""
        self._be_ready()
        self._flow = Flow(speed, self._monotonic(), self.life.now)
        self.status = self._status()
        return self.status

    def pause(self) -> ClockStatus:
        """Let the clock stand: at once, or as soon as the run that goes on has ended."""
        if self._work is None and self._flow is not None:
            self._be_ready()
        elif self._work is not None and self._doing:
            raise Conflict(f"the world is {self._doing}, which cannot be stopped halfway", "advancing")
        self._stop_asked = self._work is not None
        self._flow = None
        self.status = self._status()
        return self.status

    def sync(self) -> ClockStatus:
        """Start the sync by hand; it runs when this returns."""
        self._be_ready()
        command = Perform(at=self._at(), steps="{sync: run now}")
        self._write(command)
        self._begin_work(self.life.follow(command), None)
        return self.status

    def steps(self, steps: str | dict[str, Any] | list[Any]) -> list[StepDone]:
        """Do steps now, and wait for what becomes of them."""
        words = _yaml(steps)
        self._be_ready()
        try:
            self.life.read(words)
        except StoryError as error:
            raise Unprocessable("; ".join(_without_file(line) for line in error.lines()), "steps") from None
        self._write(Perform(at=self._at(), steps=words))
        done = [each for each in self._guarded(lambda: list(self.life.perform(words))) if each is not None]
        self.status = self._status()
        return done

    def ask(self, outside: Outside) -> Answer:
        """Answer a program outside.

        Raises:
            Busy: it wants to change something while the world advances.
        """
        if outside.method in READING:
            return self.life.ask(outside)
        if self._work is not None:
            raise Busy
        self._be_ready()
        self._write(
            Ask(
                at=self._at(),
                system=outside.system,
                method=outside.method,
                target=outside.target,
                headers=outside.headers,
                body=outside.body,
            )
        )
        answer = self.life.ask(outside)
        self.status = self._status()
        return answer

    # ------------------------------------------------------------ snapshots

    def save(self, name: str) -> SnapshotLine:
        """Take a snapshot; one of this name is replaced."""
        self._be_ready()
        life = self.life
        journal = hashlib.sha256(life.world.journal.encode()).hexdigest()
        views = life.sight().views
        snapshot = Snapshot(FORMAT, name, self._at(), life.world.nights, journal, *views)
        try:
            write_snapshot(self._snapshots, snapshot)
        except OSError as error:
            raise StoreFull(f"the snapshot cannot be written: {error.strerror}") from None
        self._write(Save(at=self._at(), name=name))
        return SnapshotLine(name, snapshot.at, new_york(life.now))

    def snapshots(self) -> SnapshotList:
        """List the snapshots."""
        lines = []
        for name, saved in history_of(self._log).saved.items():
            try:
                self.snapshot(name)
                problem = ""
            except SnapshotDamagedError as error:
                problem = str(error)
            lines.append(SnapshotLine(name, saved.at, new_york(read_wire_time(saved.at)), problem))
        return SnapshotList(sorted(lines, key=lambda line: line.at))

    def snapshot(self, name: str) -> Snapshot:
        """Read a snapshot.

        Raises:
            NotFound: there is none of this name; the nearest is offered.
            SnapshotDamagedError: its file cannot be trusted.
        """
        saved = history_of(self._log).saved
        if name not in saved:
            raise NotFound(f"there is no snapshot {name!r} ({nearest(name, saved) or 'there is none yet'})")
        snapshot = read_snapshot(self._snapshots / f"{name}{SUFFIX}")
        if snapshot.at != saved[name].at:
            raise SnapshotDamagedError(
                f"{name}{SUFFIX} is of {snapshot.at}, and the snapshot was taken {saved[name].at}"
            )
        return snapshot

    def restore(self, name: str) -> ClockStatus:
        """Bring the world back to a snapshot; it is under way when this returns."""
        self.be_settled()
        try:
            snapshot = self.snapshot(name)
        except SnapshotDamagedError as error:
            at = history_of(self._log).saved[name].at
            instead = f"`rostersim clock rewind '{new_york(read_wire_time(at))}'` brings that moment back without it"
            raise Unprocessable(
                f"the snapshot cannot be restored: {error}; nothing was changed. {instead}", "corrupt"
            ) from None
        self._write(Restore(at=self._at(), name=name))
        self._flow = None
        self._start_again(snapshot)
        return self.status

    def rewind(self, words: str) -> ClockStatus:
        """Bring the world back to a moment, by doing again what was done until then."""
        self.be_settled()
        moment = read_backward(words, self._present())
        self._write(Rewind(at=self._at(), to=wire_time(moment)))
        self._flow = None
        self._start_again(None)
        return self.status

    def _start_again(self, snapshot: Snapshot | None) -> None:
        """Begin the world anew and do again what counts, a snapshot's journal being the proof."""
        commands = history_of(self._log).commands
        last = commands[-1] if commands else None
        target = read_wire_time(last.to if isinstance(last, Advance) else last.at) if last is not None else None
        self._failed = ""
        self._begin_work(self._following(commands, snapshot), target, "doing again what was done")

    def _following(self, commands: tuple[AnyCommand, ...], snapshot: Snapshot | None) -> Work:
        self.life.close()
        self.life = self._new_life()
        yield
        for command in commands:
            try:
                for _ in self.life.follow(command):
                    yield
            except (StoryError, Refusal):
                continue  # it was refused the first time too, and changed nothing
        journal = hashlib.sha256(self.life.world.journal.encode()).hexdigest()
        if snapshot is not None and journal != snapshot.journal_sha256:
            note = f"what was done again for {snapshot.name!r} is not what was saved: is the sync another one by now?"
            self._notes = (*self._notes, note)

    # ------------------------------------------------------------ the recording

    def record(self, command: StartRecord | StopRecord | Mark) -> RecordStatus:
        """Do what is said about the recording."""
        self._be_ready()
        self._write(msgspec.structs.replace(command, at=self._at()))
        self.life.note_record(command)
        return self.recorded()

    def demand(self, expect: str | dict[str, Any]) -> RecordStatus:
        """Demand something in the recording, and say whether it holds now."""
        self._be_ready()
        words = _yaml(expect)
        try:
            mismatches = self.life.judge(words)
        except StoryError as error:
            raise Unprocessable("; ".join(_without_file(line) for line in error.lines()), "expect") from None
        command = ExpectInRecord(at=self._at(), expect=words)
        self._write(command)
        self.life.note_record(command)
        return msgspec.structs.replace(self.recorded(), holds=not mismatches, message="; ".join(mismatches))

    def recorded(self) -> RecordStatus:
        """Give the recording as far as it has come: all that was done since the world's beginning."""
        recording = self.life.recording
        world, life = self.begin.story, self.life
        if self.begin.files:
            world = life.extract.beginning_of(life.deeds)
        scenario = scenario_of(world, recording, life.deeds, self.begin.seed)
        return RecordStatus(recording.going_on, recording.title, scenario)

    # ------------------------------------------------------------ inside

    @property
    def _snapshots(self) -> Path:
        return self._folder / "snapshots"

    def be_settled(self) -> None:
        """Refuse while something goes on; a world that has failed may be brought back.

        Raises:
            Conflict: something goes on.
        """
        if self._work is not None:
            what = self._doing or f"advancing to {new_york(self._target)}" if self._target else "advancing"
            raise Conflict(f"the world is {what}; ask again when its clock is ready", "advancing")

    def _be_ready(self) -> None:
        """Be at a moment at which a command can be done; a clock that runs comes to its present one."""
        if self._work is not None and self._flow is not None:
            raise Busy
        self.be_settled()
        self._be_whole()
        if self._flow is not None and self._flowing_now() > self.life.now:
            self._advance_to(self._flowing_now())
            while self._work is not None:
                self._one_step()
            self._be_whole()

    def _be_whole(self) -> None:
        if self._failed:
            raise Conflict(f"the world has failed: {self._failed}; restore a snapshot, or rewind it", "failed")

    def _guarded(self, work: Callable[[], T]) -> T:
        """Do something in the world's life; if the harness fails there, the world has failed."""
        try:
            return work()
        except (Refusal, StoryError):
            raise
        except Exception as error:
            self._fail(f"{type(error).__name__}: {error}")
            self.status = self._status()
            raise Conflict(
                f"the world has failed: {self._failed}; restore a snapshot, or rewind it", "failed"
            ) from error

    def _write(self, command: AnyCommand) -> None:
        try:
            self._file.append(command)
        except LogUnwritableError as error:
            raise StoreFull(f"{error}; nothing was done") from None
        self._log.append(command)

    def _at(self) -> str:
        return wire_time(self.life.now)

    def _new_life(self) -> Life:
        images = read_images(self._folder) if self.begin.files else None
        return Life(self.story, self.begin.story, self._sut, plays=self.begin.plays, images=images)

    def _present(self) -> Present:
        life, setup = self.life, self.life.world.setup
        due = life.world.clock.next_due()
        return Present(life.now, setup.start, life.next_night, due, setup.nightly_at)

    def _status(self) -> ClockStatus:
        life = self.life
        state: ClockState = "ready"
        if self._failed:
            state = "failed"
        elif self._flow is not None:
            state = "running"
        elif self._work is not None:
            state = "advancing"
        now = self._flowing_now() if self._work is None else life.now
        night, due = life.next_night, life.world.clock.next_due()
        ends = life.world.runner.ends
        return ClockStatus(
            status=state,
            now=wire_time(now),
            now_in_new_york=new_york(now),
            target=None if self._target is None else wire_time(self._target),
            speed=None if self._flow is None else self._flow.speed,
            why=self._failed or self._doing,
            nights=life.world.nights,
            next_night=wire_time(night),
            next_night_in_new_york=new_york(night),
            next_due=None if due is None else wire_time(due),
            last_run=f"{ends[-1].outcome}, {new_york(ends[-1].started)}" if ends else "",
            notes=self._notes,
        )

    def present_status(self) -> ClockStatus:
        """Give the status as it is this moment; any thread may ask."""
        status, flow = self.status, self._flow
        if flow is None or status.status != "running":
            return status
        now = max(
            read_wire_time(status.now),
            flow.origin + timedelta(seconds=int((self._monotonic() - flow.since) * flow.speed)),
        )
        return msgspec.structs.replace(status, now=wire_time(now), now_in_new_york=new_york(now))


def _read(folder: Path, begin: Begin) -> Story:
    """Read the story that a log begins with.

    Raises:
        NotBegunError: it is none any more (an older rostersim wrote it).
    """
    path = folder / STORY_NAME
    path.write_text(begin.story, encoding="utf-8")
    read = read_story if begin.plays else read_beginning
    try:
        return read(path, begin.seed)
    except StoryError as error:
        error.path = Path(begin.label)
        raise NotBegunError("\n".join(error.lines())) from None


def _yaml(words: str | dict[str, Any] | list[Any]) -> str:
    """Give YAML; JSON is YAML."""
    return words if isinstance(words, str) else msgspec.json.encode(words).decode()


def _without_file(line: str) -> str:
    """Leave the name of a file out that there is none of."""
    return line.removeprefix("step:")
