"""One life of a served world, from its beginning through commands, until it is closed or begun anew.

All of it happens on the simulation thread. What takes its time is a generator that can be left between two events
of the simulation, so that somebody else may look at the world meanwhile.
"""

import queue
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from fakes.shared.moments import read_wire_time, wire_time
from fakes.shared.refusals import Refusal, Unprocessable
from rostersim.served.beginning import inherited
from rostersim.served.changed import Views
from rostersim.served.commands import (
    Advance,
    AnyCommand,
    Ask,
    ExpectInRecord,
    Mark,
    Perform,
    StartRecord,
    StopRecord,
)
from rostersim.served.deeds import Deed, Recording, plain_steps, time_words, whole_second
from rostersim.served.exchanges import exchange_of
from rostersim.served.extract import Extract
from rostersim.served.kept import Kept
from rostersim.served.records import Exchange, StepDone
from rostersim.served.sight import Sight
from scenarios.moments import AfterNights, Later
from scenarios.play import LANES, Player, StopStory, mismatches_of
from scenarios.stage import Act, Stage
from scenarios.story import EXPECT, Scene, Story, read_steps
from scenarios.verbs.otus import ApproveRemovals
from scenarios.verbs.sync import RunBeside, RunNow
from simulator.clock import Order, Process
from simulator.frozen import frozen_time
from simulator.gateway import Answer, Request, path_and_query, request_environ
from simulator.guest import hosted
from simulator.inherited import Images
from simulator.journal import Kind
from simulator.night import Foresight
from simulator.nights import nights_after
from simulator.past import PastError, write_past
from simulator.results import Finding
from simulator.sut import Sut
from simulator.world import World

EXCHANGES_MAX = 2000
"""So many requests are kept as they went over the wire."""
OUTSIDE = "program outside"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
ANSWERED: tuple[str, ...] = ("expectation", "refusal")
"""Findings that are the answer to a step done by hand, and no news."""


class NotBegunError(Exception):
    """A world cannot begin as its story says; the message is the system's own."""


class LivePlayer(Player):
    """Plays a story, or only its nights, while people do steps of their own in between.

    Args:
        story: whose scenes are played.
        stage: with the world; it must have no past yet.
        noted: is told of every scene of the story when it is performed.
    """

    def __init__(self, story: Story, stage: Stage, noted: Callable[[Scene], None]) -> None:
        super().__init__(story, stage, story.path.name)
        self.story_is_over = not story.scenes
        self.deaf = False
        """Whether the oracle is asked no more: somebody outside has done what it was not told of."""
        self.last_act: Act | None = None
        self.last_night = 0
        """The night whose run ended last."""
        self.answer: list[str] = []
        """What kept the last step by hand from being done."""
        self._noted = noted
        self._mine: Scene | None = None
        """The step that somebody does by hand now."""
        self._host = ExitStack()
        self._guests = 0

    def whole_course(self) -> Process:
        """Let the nights come, and the story's own steps; a story that makes no sense any more stops."""
        try:
            yield from self.course()
        except StopStory:
            self.world.journal.record("judge", "note", "story", "stops: a step could not be done as the story has it")
        self.story_is_over = True

    def by_hand(self, scene: Scene) -> Process:
        """Perform a step that somebody does now."""
        self._mine, self.last_act = scene, None
        news, self.findings = self.findings, []  # apart: they are bounded, and an answer must not be lost
        with suppress(StopStory):  # it has left a finding, which is the answer
            yield from self._perform(scene)
        self.answer = [each.found or each.message for each in self.findings if each.kind in ANSWERED]
        self.findings = [*news, *(each for each in self.findings if each.kind not in ANSWERED)]
        self._mine = None

    @property
    def hosts(self) -> bool:
        """Whether a sync runs in this process just now."""
        return self._guests > 0

    def release(self) -> None:
        """Give the process's time and streams back, should a run be in the middle of something."""
        self._guests = 0
        self._host.close()

    @contextmanager
    def hosting(self) -> Iterator[None]:
        """Let a sync in this process see the simulated time and sleep in it, for one run."""
        if not self.world.sut.in_process:
            yield
            return
        self._guests += 1
        if self._guests == 1:
            self._host.enter_context(frozen_time(self.world.clock))
            self._host.enter_context(hosted(self.world.line.inbox, self.world.line.output))
        try:
            yield
        finally:
            self._guests = max(0, self._guests - 1)
            if not self._guests:
                self._host.close()

    def _run(self, number: int, *, nightly: bool = True) -> Process:
        with self.hosting():
            yield from super()._run(number, nightly=nightly)
        self.last_night = number if nightly else 0

    def _perform(self, scene: Scene) -> Process:
        if scene is not self._mine:
            self._noted(scene)
        yield from super()._perform(scene)

    def _take_down(self, scene: Scene, act: Act) -> None:
        if scene is self._mine:
            self.last_act = act
        super()._take_down(scene, act)

    def _take_down_opinion(self) -> None:
        if not self.deaf:
            super()._take_down_opinion()


class Outside(NamedTuple):
    """A request that a program outside has made."""

    system: str
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Life:
    """A world that lives.

    Args:
        story: how it begins, and what happens by itself.
        text: of the story's file.
        sut: the sync under test.
        plays: whether the story's steps are played.
        images: what the systems hold already, of a district that is taken over.

    Raises:
        NotBegunError: the systems refuse the beginning.
    """

    def __init__(self, story: Story, text: str, sut: Sut, *, plays: bool, images: Images | None = None) -> None:
        setup = msgspec.structs.replace(story.setup, second_run=False)
        self.story = story if plays else story._replace(scenes=())
        self.world = World(setup, sut, images)
        self.stage = Stage(self.world)
        self.deeds: list[Deed] = []
        self.recording = Recording()
        self.exchanges: deque[Exchange] = deque(maxlen=EXCHANGES_MAX)
        self.exchanged = 0
        self.revision = 0
        """Goes up whenever something may have changed."""
        self._noted_last: tuple[datetime, str] = (datetime.min.replace(tzinfo=UTC), "")
        self._specs = plain_steps(text) if plays else {}
        self._sight: tuple[int, Sight] | None = None
        self._kept = Kept(self.stage)
        self._foresight: tuple[int, Foresight] | None = None
        self.player = LivePlayer(self.story, self.stage, self._note_scene)
        with ExitStack() as opened:
            opened.enter_context(self.world)
            opened.callback(self.player.release)
            self.outside_clever_token = self.world.clever.issue_token()
            """Of its own, so that a program outside uses up none of the sync's requests."""
            self._begin()
            self._stack = opened.pop_all()
        self.cast = self.story.cast.copied()
        self.player.opinion.past_is_written()
        self.world.wiretaps.append(lambda request, answer: self._overhear(request, answer, "sync"))
        self.world.clock.start_process(self.player.whole_course())
        self._settle()
        _ = self.sight().schools  # from here on only what changes is looked at again

    def _begin(self) -> None:
        if self.world.is_inherited:
            self.story = inherited(self.world, self.story)
            return
        try:
            write_past(self.world, self.story.district)
        except (Refusal, PastError) as error:
            raise NotBegunError(f"the beginning cannot be: {error}") from None

    def close(self) -> None:
        """End it, whatever goes on in it."""
        self._stack.close()

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.world.clock()

    @property
    def next_night(self) -> datetime:
        """When the sync runs next by itself."""
        return next(nights_after(self.now, self.world.setup.nightly_at))

    # ------------------------------------------------------------ what is done to it

    def follow(self, command: AnyCommand) -> Iterator[None]:
        """Do a command, event by event."""
        match command:
            case Advance(to=to):
                yield from self.advance(read_wire_time(to))
            case Perform(steps=steps):
                for _ in self.perform(steps):
                    yield
            case Ask():
                self.ask(Outside(command.system, command.method, command.target, command.headers, command.body))
            case StartRecord() | StopRecord() | Mark() | ExpectInRecord():
                self.note_record(command)
            case _:
                raise AssertionError(f"{type(command).__name__} is nothing that is done in a world")

    def advance(self, to: datetime) -> Iterator[None]:
        """Let time go on to a moment, and all that falls due until then happen, the run of a night to its end.

        The clock then stands at that moment, or at the first whole second after that run.
        """
        clock = self.world.clock
        while True:
            here = clock.at(max(to, clock()), Order.EXPECTATION)
            while not (here.processed and self.is_quiet()):
                clock.step()
                self.revision += 1
                yield
            to = whole_second(clock())
            if to == clock():
                return

    def perform(self, words: str) -> Iterator[StepDone | None]:
        """Do steps, one after the other, up to the first that is not accepted.

        Yields:
            What became of a step; nothing between two events of a run that it starts.

        Raises:
            scenarios.located.StoryError: the words are none of the language, or name nobody.
            Unprocessable: it cannot be done in a served world.
        """
        for spec, scene, cast in self.read(words):
            if scene.system == EXPECT:
                yield self._expect(scene, spec)
                continue
            when = self._when()
            over = self.world.clock.start_process(self.player.by_hand(scene))
            self.revision += 1
            while not over.processed:
                self.world.clock.step()
                yield None
            yield from self._up_to_whole_second()
            done = self._done(scene, spec, when)
            if done.accepted:
                self.cast = cast
            yield done
            if not done.accepted:
                return

    def read(self, words: str) -> list[tuple[Any, Scene, Any]]:
        """Read steps, each with its plain form and with the names that there are after it.

        Raises:
            scenarios.located.StoryError: the words are none of the language, or name nobody.
            Unprocessable: a step cannot be done in a served world.
        """
        cast = self.cast.copied()
        scenes = read_steps(words, cast)
        if any(isinstance(scene.step, RunBeside) for scene in scenes):
            raise Unprocessable("sync: run beside goes with a run that goes on; here, steps are done between the runs")
        specs = list(plain_steps(words, timed=False).values())
        return [(spec, scene, cast) for spec, scene in zip(specs, scenes, strict=True)]

    def ask(self, outside: Outside) -> Answer:
        """Answer a program outside."""
        world = self.world
        environ = request_environ(outside.method, outside.target, outside.headers, outside.body)
        if "Content-Type" in outside.headers:
            environ["CONTENT_TYPE"] = outside.headers["Content-Type"]
        request = Request(outside.system, environ, queue.SimpleQueue())
        answer = world.answer(request)
        self._overhear(request, answer, "outside", outside.body)
        if outside.method not in READING:
            self.revision += 1
            self._take_down_outside(request, outside, answer)
        return answer

    def _take_down_outside(self, request: Request, outside: Outside, answer: Answer) -> None:
        world = self.world
        set_out = world.feed.look()
        due = max((delivery.due for delivery in set_out), default=None)
        self.player.deaf = self.player.deaf or outside.system == "otus"
        facts = {"status": str(answer.code)}
        kind: Kind = "edit" if answer.code < 400 else "refusal"
        line = f"{outside.method} {path_and_query(request.environ)}"
        world.journal.record(LANES[outside.system], kind, OUTSIDE, line, due=due, facts=facts)
        self._note(remark=f"a program outside asked {outside.system}: {line}: {answer.status}")

    # ------------------------------------------------------------ what is looked at

    def sight(self) -> Sight:
        """Give what the three systems hold, side by side."""
        if self._sight is None or self._sight[0] != self.revision:
            world = self.world
            views = (world.ats_view(), world.clever_view(), world.otus_view())
            self._kept.look(Views(*views))
            self._sight = (self.revision, Sight(self._kept, self.next_night))
        return self._sight[1]

    @cached_property
    def extract(self) -> Extract:
        """Takes small worlds out of the district that this one began with."""
        return Extract(self.story.district, self.world.clock.start)

    @property
    def has_foresight(self) -> bool:
        """Whether what the next night would do is known, as nothing has happened since it was looked at."""
        return self._foresight is not None and self._foresight[0] == self.revision

    def foresight(self) -> Foresight:
        """Give what the sync would do in the next night, by letting it, on a copy."""
        if self._foresight is None or self._foresight[0] != self.revision:
            with self.player.hosting():
                foresight = self.world.runner.foresee(self.next_night)
            self._foresight = (self.revision, foresight)
        return self._foresight[1]

    def findings(self) -> list[Finding]:
        """Give what the judges have found so far."""
        return list(self.player.findings)

    # ------------------------------------------------------------ the recording

    def note_record(self, command: StartRecord | StopRecord | Mark | ExpectInRecord) -> None:
        """Do what is said about the recording."""
        match command:
            case StartRecord(title=title):
                self.recording = Recording(title, going_on=True)
                self._note(remark=f"the recording starts: {title}")
            case StopRecord():
                self.recording = self.recording._replace(going_on=False)
            case Mark(words=words):
                self._note(remark=words)
            case ExpectInRecord(expect=expect):
                spec = {EXPECT: next(iter(plain_steps(expect, timed=False).values()))}
                self._note(spec=spec)

    # ------------------------------------------------------------ inside

    def _expect(self, scene: Scene, spec: Any) -> StepDone:  # noqa: ANN401 - YAML in plain form
        mismatches = self._mismatches(scene)
        self._note(spec=spec)
        message = "; ".join(mismatches)
        about = tuple(expected.subject for expected in scene.expected)
        what = f"expects {', '.join(about)} to be as said: {message or 'as expected'}"
        self.world.journal.record("judge", "expectation", "engineer", what, about=about, good=not mismatches)
        return StepDone("engineer", f"expects {', '.join(about)}", not mismatches, message)

    def judge(self, expect: str) -> list[str]:
        """Say what is not as demanded.

        Raises:
            scenarios.located.StoryError: the words are none of the language, or name nobody.
        """
        spec = {EXPECT: next(iter(plain_steps(expect, timed=False).values()))}
        scenes = read_steps(msgspec.json.encode(spec).decode(), self.cast.copied())
        return [words for scene in scenes for words in self._mismatches(scene)]

    def _mismatches(self, scene: Scene) -> list[str]:
        found = [each for expected in scene.expected for each in mismatches_of(expected, self.stage)]
        return [f"{each.message}: expected {each.expected}, found {each.found}" for each in found]

    def _done(self, scene: Scene, spec: Any, when: str) -> StepDone:  # noqa: ANN401 - YAML in plain form
        act, said = self.player.last_act, self.player.answer
        if act is None and said:  # nobody was there to do it
            return StepDone("nobody", f"{scene.system}: not done", accepted=False, message="; ".join(said))
        if act is None:
            self._note(spec=spec, when=when)
            return StepDone("fault", "is planned", accepted=True)
        refused = act.answer is not None and act.answer.code >= 300
        message = self.world.message_of(act.answer) if act.answer is not None and refused else ""
        wanted = scene.step.refused if scene.step is not None else None
        brings_in = scene.step is not None and bool(scene.step.introduces())
        if refused and wanted is None and brings_in:
            self._note(remark=f"refused, {message}: {msgspec.json.encode(spec).decode()}", when=when)
        else:
            self._note(spec={**spec, "refused": message} if refused and wanted is None else spec, when=when)
        if isinstance(scene.step, RunNow | ApproveRemovals) and not refused:
            return StepDone(act.who, act.what, accepted=True, message=f"the run ended: {self._last_outcome()}")
        due = [entry.due for entry in self.world.journal.entries[-1:] if entry.kind == "edit"]
        return StepDone(act.who, act.what, not refused, message, in_clever=due[0] if due else None)

    def _last_outcome(self) -> str:
        end = self.world.runner.ends[-1]
        reason = end.reason.strip().splitlines()[-1:]
        return ": ".join([end.outcome, *reason])

    def _note(self, *, spec: Any = None, remark: str = "", when: str | None = None) -> None:  # noqa: ANN401 - YAML
        """Take down a deed that is done, or a remark.

        Args:
            spec: the step in plain form.
            remark: or words.
            when: it began, if not now.
        """
        words = when or self._when()
        self.deeds.append(Deed(words, spec, remark))
        self._noted_last = (self.now, words)

    def _when(self) -> str:
        """Say the present moment as a story has it: what follows a deed with no time between stands under its time."""
        moment, words = self._noted_last
        if moment == self.now:
            return words
        night = self._night_just_over()
        return f"after night {night}" if night else time_words(self.now)

    def _note_scene(self, scene: Scene) -> None:
        """Take down that the story has come to one of its own scenes."""
        match scene.when:
            case AfterNights():
                words = f"after night {self.player.last_night}"
            case Later():
                words = time_words(self.now)
            case _:
                words = scene.when_words
        self._note(spec=self._specs[scene.place], when=words)

    def _night_just_over(self) -> int:
        """Give the night after whose run no time has passed but the rest of a second, or 0."""
        ends = self.world.runner.ends
        just_over = bool(ends) and ends[-1].ended <= self.now <= whole_second(ends[-1].ended)
        return self.player.last_night if just_over else 0

    def is_quiet(self) -> bool:
        """Tell whether all that falls due now has happened, and no sync runs."""
        due = self.world.clock.next_due()
        return not self.player.busy and (due is None or due > self.now)

    def _settle(self) -> None:
        while not self.is_quiet():
            self.world.clock.step()

    def _up_to_whole_second(self) -> Iterator[None]:
        for _ in self.advance(self.now):
            yield None

    def _overhear(self, request: Request, answer: Answer, who: str, body: bytes | None = None) -> None:
        self.exchanged += 1
        self.exchanges.append(exchange_of(self.exchanged, wire_time(self.now), who, request, answer, body))
