"""A story is played: its steps in their time, the nights between them, and the judges after each."""

import itertools
import shlex
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
import simpy

from fakes.shared.moments import wire_time
from fakes.shared.refusals import Refusal
from scenarios.expectations import Mismatch
from scenarios.located import Place, StoryError
from scenarios.moments import AfterNights, At, BeforeNight, During, Later
from scenarios.second_opinion import SecondOpinion
from scenarios.stage import Act, NotOnStageError, Stage
from scenarios.story import EXPECT, SUFFIX, Expected, Scene, Story, read_story
from scenarios.verbs.otus import ApproveRemovals
from scenarios.verbs.sync import RunBeside, RunNow
from simulator.clock import Order, Process, new_york
from simulator.district import SILENCE_SECONDS_MAX
from simulator.gateway import PortInUseError
from simulator.invariants import (
    QUIET,
    After,
    Violation,
    second_run_violations,
    settled_night_violations,
    violations,
)
from simulator.journal import Entry, Kind, Lane, Listener
from simulator.night import RunEnd
from simulator.nights import nth_night
from simulator.oracle.compare import Difference
from simulator.past import PastError, write_past
from simulator.progress import Point
from simulator.results import Finding, FindingKind, Status, StoryResult
from simulator.sut import ClockKind, Sut, UnusableSutError
from simulator.timeline import leading_to
from simulator.views import CleverView, OtusView, changed_accounts, changed_classes, otus_view_of
from simulator.world import World

DEFAULT_SUT = "callable: otus_sync.app:nightly"
"""The sync under test when the user names none; it is never special otherwise."""
_NO_TIME = timedelta()
_AT_ONCE = Later(_NO_TIME)
_A_MINUTE = timedelta(minutes=1)
FINDINGS_MAX = 40
"""Beyond this many a story is only more of the same."""
EXPLAINED: tuple[FindingKind, ...] = ("expectation", "invariant")
"""Findings to which the oracle says why."""
ABOUT_THE_SYNC: tuple[FindingKind, ...] = ("expectation", "refusal", "invariant", "sync")
"""Findings of the story and its judges: with one of these, a sync has failed whatever the oracle says."""

Visitor = Callable[[World], None]
"""Somebody who is shown a story's world before its past is written."""

LANES: dict[str, Lane] = {"ats": "ats", "clever": "clever", "feed": "clever", "otus": "otus", "sync": "sync"}


class Options(NamedTuple):
    """How stories are played."""

    sut_spec: str
    """As the user named it, for the command that reproduces."""
    seed: int = 0
    second_run: bool = True
    real_seconds_max: float = SILENCE_SECONDS_MAX
    """For which a sync may say nothing."""
    simulated_hours_max: float | None = None
    """For which a run of the sync may go on; by default the story's own setting."""
    port_base: int | None = None
    """Clever's port, Otus's is the next; by default the system chooses."""
    clock: ClockKind = "environment"
    """Which time a command sees."""


class Settled(NamedTuple):
    """Clever and Otus as a run left them that had nothing more to do."""

    otus: OtusView
    clever: CleverView

    def still(self, otus: OtusView, clever: CleverView) -> bool:
        """Tell whether nothing is new: a world gives the same view as long as there is nothing else to be seen."""
        return otus is self.otus and clever is self.clever


class StopStory(Exception):  # noqa: N818 - a turn of the story, no error of a program
    """The rest of a story makes no sense: a step was refused that should not have been."""


class _SkipScene(Exception):  # noqa: N818 - a turn of the story, no error of a program
    """A step that need not be possible is not."""


class Player:
    """Plays one story in one world.

    Args:
        story: to be played.
        stage: with the world; it must have no past yet.
        label: how the user named the story, for messages.
    """

    def __init__(self, story: Story, stage: Stage, label: str) -> None:
        self.story = story
        self.stage = stage
        self.world = stage.world
        self.label = label
        self.findings: list[Finding] = []
        self.checks = 0
        self.opinion = SecondOpinion(self.world)
        self._night_over: dict[int, simpy.Event] = {}
        self._busy = False
        self._before = otus_view_of({}, {}, {})
        self._clever_before = CleverView({}, {})
        self._meanwhile = QUIET
        self._visited = False
        """Whether a step of the story was done while the present run went on."""
        self._settled: Settled | None = None
        """How the last run left the systems, if another one right after it must change nothing."""

    @property
    def busy(self) -> bool:
        """Whether a run of the sync goes on."""
        return self._busy

    # ------------------------------------------------------------ the course of the story

    def course(self) -> Process:
        """Play all scenes, one after the other, while the nights come by themselves."""
        world = self.world
        world.clock.start_process(world.nightly(self._night))
        for _, together in itertools.groupby(self.story.scenes, key=lambda scene: scene.turn):
            scenes = list(together)
            when = scenes[0].when
            if isinstance(when, AfterNights):
                for night in range(when.first, when.last + 1):
                    yield from self._until_over(night)
                    for scene in scenes:
                        with suppress(_SkipScene):
                            yield from self._perform(scene)
                continue
            for index, scene in enumerate(scenes):
                waits_again = index > 0 and isinstance(when, Later | During)
                with suppress(_SkipScene):
                    yield from self._until(scene._replace(when=_AT_ONCE) if waits_again else scene)
                    yield from self._perform(scene)

    def conclude(self) -> None:
        """Put down what the oracle alone has noticed, and where the story contradicts it."""
        self._take_down_opinion()
        kind: FindingKind = "harness"
        if any(finding.kind in ABOUT_THE_SYNC for finding in self.findings):
            kind = "oracle"  # the sync is wrong anyway; who of the two is wrong too must wait
        for difference, end, expected in self.opinion.disagreements:
            message = f"after night {end.night} the story and the oracle disagree: {difference.message}"
            found = f"{difference.message}, as the story expects"
            self._find_difference(kind, expected.place, message, difference, found, end)

    def miss_faults(self) -> None:
        """Put down the faults that never struck: a story that counts on them proves nothing."""
        for fault in self.world.faults.unhappened():
            place = Place(fault.line or 1, 1)
            message = f"a fault never struck: {fault.words}"
            self._find("expectation", place, message, "a request that it strikes", "none")

    def _take_down_opinion(self) -> None:
        for difference, end in self.opinion.take_open():
            message = f"after night {end.night}: {difference.message}"
            self._find_difference("oracle", Place(1, 1), message, difference, difference.message, end)

    def _find_difference(
        self, kind: FindingKind, place: Place, message: str, difference: Difference, found: str, end: RunEnd
    ) -> None:
        self._find(
            kind,
            place,
            message,
            difference.must,
            found,
            about=difference.about,
            rules=difference.reason.rules,
            why=difference.why,
            at=end.ended,
        )

    def _until(self, scene: Scene) -> Process:
        clock = self.world.clock
        order = Order.EXPECTATION if scene.system == EXPECT else Order.EDIT
        match scene.when:
            case At(moment):
                yield clock.at(max(moment, clock()), order)
            case Later(wait):
                yield clock.after(wait, order)
            case BeforeNight(night):
                yield clock.at(max(self._moment_of(night), clock()), Order.EDIT)
            case During(night, point):
                yield from self._until_reached(scene, night, point)

    def _until_reached(self, scene: Scene, night: int, point: Point) -> Process:
        """Wait for a point of a night's run.

        Raises:
            StopStory: the night is over and has never come there.
            _SkipScene: likewise, and the step is only to be done if possible.
        """
        reached, over = self.world.runner.reaches(night, point), self._over(night)
        if not over.processed:
            yield reached | over
        if not reached.triggered:
            if scene.step is not None and scene.step.if_possible:
                raise _SkipScene
            message = f"{scene.when_words}: the run of this night never came there, or was there before this step"
            self._find("expectation", scene.place, message, "the run to come there", "it did not")
            raise StopStory

    def _until_over(self, night: int) -> Process:
        over = self._over(night)
        if not over.processed:
            yield over
        yield self.world.clock.after(_NO_TIME, Order.EXPECTATION)

    def _over(self, night: int) -> simpy.Event:
        return self._night_over.setdefault(night, self.world.clock.env.event())

    def _moment_of(self, night: int) -> datetime:
        setup = self.story.setup
        return nth_night(setup.start, night, setup.nightly_at)

    def _perform(self, scene: Scene) -> Process:
        if scene.step is None:
            self._judge(scene)
            return
        self._visited |= self._busy
        before = self.world.otus_view() if self._busy else None
        self.stage.line = scene.place.line
        try:
            act = scene.step.perform(self.stage)
        except NotOnStageError as error:
            if scene.step.if_possible:
                raise _SkipScene from None
            self._find("expectation", scene.place, str(error), expected="to do this step", found=str(error))
            raise StopStory from None
        if before is not None:
            self._note_meanwhile(before, self.world.otus_view())
        if act is None:
            return
        self._take_down(scene, act)
        self._judge_refusal(scene, act)
        refused = act.answer is not None and act.answer.code >= 300
        if isinstance(scene.step, RunNow | ApproveRemovals) and not refused:
            yield from self._run(self.world.nights, nightly=False)
        elif isinstance(scene.step, RunBeside):
            yield from self.world.runner.run(self.world.nights, nightly=False, line=self.world.second_line())
            self.opinion.hears_of_run_beside(self.world.runner.ends[-1])

    def _note_meanwhile(self, before: OtusView, after: OtusView) -> None:
        """Note what a person has changed while a run goes on, so that nobody takes it for the sync's doing."""
        self._meanwhile = self._meanwhile._replace(
            accounts=self._meanwhile.accounts | changed_accounts(before, after),
            classes=self._meanwhile.classes | changed_classes(before, after),
        )

    def _take_down(self, scene: Scene, act: Act) -> None:
        world = self.world
        lane = act.lane or LANES[scene.system]
        line = scene.place.line
        set_out = world.feed.look() if lane == "ats" else []  # what was refused may have changed something before it
        if act.answer is None:
            kind: Kind = "fault" if act.breaks else "edit"
            world.journal.record(lane, kind, act.who, act.what, about=act.about, line=line)
            return
        if act.answer.code >= 300:
            facts = {"status": str(act.answer.code), "message": world.message_of(act.answer)}
            world.journal.record(lane, "refusal", act.who, act.what, about=act.about, line=line, facts=facts)
            return
        due = max((delivery.due for delivery in set_out), default=None)
        facts = {"in Clever": new_york(due)} if due is not None else {}
        if lane == "ats" and due is None:
            facts = {"in Clever": "when the schedule is finalized"}
        world.journal.record(lane, "edit", act.who, act.what, about=act.about, line=line, due=due, facts=facts)

    def _judge_refusal(self, scene: Scene, act: Act) -> None:
        expected = scene.step.refused if scene.step is not None else None
        refused = act.answer is not None and act.answer.code >= 300
        if expected is None and not refused:
            return
        if scene.step is not None and scene.step.if_possible:
            return
        self.checks += 1
        message = self.world.message_of(act.answer) if act.answer is not None and refused else ""
        what = f"{act.who} {act.what}"
        if expected is None:
            self._find(
                "refusal",
                scene.place,
                f"{what}: refused",
                expected="accepted",
                found=message,
                about=act.about,
            )
            raise StopStory
        if not refused:
            self._find(
                "refusal",
                scene.place,
                f"{what}: not refused",
                f"refused: {expected}",
                "accepted",
                about=act.about,
            )
        elif expected.casefold() not in message.casefold():
            self._find("refusal", scene.place, f"{what}: refused in other words", expected, message, about=act.about)

    # ------------------------------------------------------------ nights

    def _night(self, number: int) -> Process:
        yield from self._run(number)
        over = self._over(number)
        over.succeed()

    def _run(self, number: int, *, nightly: bool = True) -> Process:
        while self._busy:  # a run between the nights may last into one
            yield self.world.clock.after(_A_MINUTE)
        self._take_down_opinion()
        self._busy = True
        self._before, self._clever_before = self.world.otus_view(), self.world.clever_view()
        self._meanwhile, self._visited = QUIET, False
        told = len(self.world.journal.entries)
        yield from self.world.runner.run(number, nightly=nightly)
        self._busy = False
        happened = self.world.journal.entries[told:]
        clever_moved = any(entry.lane == "clever" and entry.kind != "request" for entry in happened)
        self._meanwhile = self._meanwhile._replace(clever_moved=clever_moved)
        self._judge_night(self.world.runner.ends[-1])

    def _judge_night(self, end: RunEnd) -> None:
        world = self.world
        # A run that could not even report is excused when something was in its way (a system down, its disk full).
        for_no_reason = end.outcome in ("failed", "refused") and end.report is None and not end.disturbed
        if (end.outcome in ("hung", "crashed") and not end.killed) or for_no_reason:
            did = {"hung": "has to be stopped", "refused": "refused to run"}
            kind = did.get(end.outcome, end.outcome)
            message = f"the sync {kind} in night {end.night}"
            self._find("sync", Place(1, 1), message, "a run that ends and says how", end.reason.strip())
        self.checks += 2
        after = After(
            end,
            self._before,
            world.otus_view(),
            world.clever_view(),
            world.setup.by_hand_co_teachers,
            self._meanwhile,
        )
        self.opinion.after_night(end, after.otus)
        broken = violations(after)
        if world.setup.second_run:
            broken += self._second_run(after)
        for violation in broken:
            self._find_violation(violation, end)

    def _second_run(self, after: After) -> list[Violation]:
        """Judge that a run right after another one changes nothing (A15).

        A night that begins as the night before it ended, with nothing new in Clever and Otus, is itself a second run,
        and the best there is: at its own hour, with the real ledger. Another one on a copy of the world would only be
        the third. After every other night the second run is rehearsed.
        """
        settled, self._settled = self._settled, None
        if self._meanwhile != QUIET or self.world.locked_out or self.world.otus_takes_nothing:
            return []
        if after.end.outcome == "succeeded":
            self._settled = Settled(after.otus, after.clever)
        if settled is not None and settled.still(self._before, self._clever_before) and not self._disturbed(after.end):
            return settled_night_violations(after)
        if after.end.outcome != "succeeded":
            return []
        return second_run_violations(self.world.runner.rehearse(after.otus))

    def _disturbed(self, end: RunEnd) -> bool:
        """Tell whether a run may end as it did since somebody was in its way."""
        return end.disturbed or self._visited

    def _find_violation(self, violation: Violation, end: RunEnd) -> None:
        self.world.journal.record(
            "judge",
            "invariant",
            "judge",
            violation.message,
            about=violation.about,
            night=end.night,
            good=False,
        )
        self._find(
            "invariant",
            Place(1, 1),
            f"after night {end.night}: {violation.message}",
            violation.expected,
            violation.found,
            rules=violation.rules,
            about=violation.about,
        )

    # ------------------------------------------------------------ judging

    def _judge(self, scene: Scene) -> None:
        for expected in scene.expected:
            self.checks += 1
            mismatches = mismatches_of(expected, self.stage)
            what = f"{expected.subject}: {'as expected' if not mismatches else mismatches[0].message}"
            entry = self.world.journal.record(
                "judge",
                "expectation",
                "story",
                what,
                about=(expected.subject,),
                line=expected.place.line,
                good=not mismatches,
            )
            if not mismatches and not self._busy:
                self.opinion.hears(expected)
            for mismatch in mismatches:
                about = (expected.subject, *self._mentioned(mismatch.message, expected.subject))
                self._find("expectation", expected.place, *mismatch, about=about, rules=self.story.rules, upto=entry)

    def _mentioned(self, message: str, subject: str) -> tuple[str, ...]:
        directory = self.stage.directory
        names = [*directory.sections, *directory.classes]
        return tuple(name for name in names if name in message and name != subject)

    def _find(
        self,
        kind: FindingKind,
        place: Place,
        message: str,
        expected: str = "",
        found: str = "",
        *,
        about: tuple[str, ...] = (),
        rules: tuple[str, ...] | None = None,
        upto: Entry | None = None,
        why: str = "",
        at: datetime | None = None,
    ) -> None:
        if len(self.findings) >= FINDINGS_MAX:
            return
        if kind in EXPLAINED and not self._busy:
            why = self.opinion.why(about) or self.opinion.agrees(about)
        now = wire_time(at or self.world.clock())
        self.findings.append(
            Finding(
                kind=kind,
                message=message,
                file=self.label,
                line=place.line,
                column=place.column,
                expected=expected,
                found=found,
                rules=self.story.rules if rules is None else rules,
                at=now,
                timeline=tuple(leading_to(self.world.journal.entries, about, upto.at if upto is not None else now)),
                why=why,
            )
        )


def mismatches_of(expected: Expected, stage: Stage) -> list[Mismatch]:
    """Say what is not as expected; somebody or something that is not there at all is a mismatch too."""
    try:
        return list(expected.expectation.mismatches(stage, expected.subject))
    except NotOnStageError as error:
        return [Mismatch(str(error), "to be there", str(error))]


# ---------------------------------------------------------------- one story, from file to result


def play_file(
    path: Path,
    label: str,
    options: Options,
    sut: Sut,
    listener: Listener | None = None,
    visitor: Visitor | None = None,
) -> StoryResult:
    """Read a story and play it.

    Args:
        path: the file.
        label: how the user named it, for messages.
        options: how to play.
        sut: the sync under test.
        listener: follows the journal.
        visitor: looks at the world before anything happens in it.

    Returns:
        What became of it; a wrong file, a broken sync and a broken harness are told apart by the status.

    Raises:
        PortInUseError: a port that the user asked for cannot be had.
    """
    began = time.perf_counter()
    try:
        result = _played(read_story(path, options.seed), label, options, sut, listener, visitor)
    except StoryError as error:
        result = _not_played(path, label, options, "unusable", _wrong_input(label, error))
    except PortInUseError:
        raise
    except Exception:  # noqa: BLE001 - whatever it is, it is the harness's fault and is reported as such
        result = _not_played(path, label, options, "broken", (_harness_failed(label),))
    return msgspec.structs.replace(result, seconds=time.perf_counter() - began, reproduce=reproduce(label, options))


def reproduce(label: str, options: Options) -> str:
    """Give the one command that plays a story in the same way again."""
    words = ["rostersim", "run", label]
    if options.seed:
        words += ["--seed", str(options.seed)]
    if options.sut_spec != DEFAULT_SUT:
        words += ["--sut", options.sut_spec]
    if options.clock != "environment":
        words += ["--clock", options.clock]
    usual = Options(options.sut_spec)
    if not options.second_run:
        words.append("--no-second-run")
    if options.real_seconds_max != usual.real_seconds_max:
        words += ["--silence-max", f"{options.real_seconds_max:g}"]
    if options.simulated_hours_max is not None:
        words += ["--run-max", f"{options.simulated_hours_max:g}"]
    return shlex.join(words)


def _played(
    story: Story, label: str, options: Options, sut: Sut, listener: Listener | None, visitor: Visitor | None
) -> StoryResult:
    setup = msgspec.structs.replace(
        story.setup,
        second_run=options.second_run,
        port_base=options.port_base,
        sync_real_seconds_max=options.real_seconds_max,
        sync_simulated_hours_max=options.simulated_hours_max or story.setup.sync_simulated_hours_max,
    )
    with World(setup, sut) as world:
        if listener is not None:
            world.journal.listeners.append(listener)
        if visitor is not None:
            visitor(world)
        player = Player(story, Stage(world), label)
        status: Status
        try:
            write_past(world, story.district)
        except (Refusal, PastError) as error:
            place = _place_in(story, str(error))
            finding = Finding(
                kind="input",
                message=f"the beginning cannot be: {error}",
                file=label,
                line=place.line,
                column=place.column,
            )
            return _result(story, label, options, world, (finding,), "unusable", 0)
        try:
            player.opinion.past_is_written()
            _play_through(player)
            status = _status_of(player.findings)
        except UnusableSutError as error:
            player.findings.append(Finding(kind="sync", message=str(error), file=label, line=1, column=1))
            status = "unusable"
        except Exception:  # noqa: BLE001 - caught here so that the journal up to now is not lost
            player.findings.append(_harness_failed(label))
            status = "broken"
        return _result(story, label, options, world, tuple(player.findings), status, player.checks)


def _play_through(player: Player) -> None:
    with suppress(StopStory):
        player.world.play(player.course())
        player.miss_faults()
    player.conclude()


def _status_of(findings: Sequence[Finding]) -> Status:
    if any(finding.kind == "harness" for finding in findings):
        return "broken"
    return "failed" if findings else "passed"


def _place_in(story: Story, message: str) -> Place:
    """Find the name that a refusal of the beginning is about, or the file's first line."""
    named = [name for name in story.places if name in message]
    return story.places[max(named, key=len)] if named else Place(1, 1)


def _result(
    story: Story,
    label: str,
    options: Options,
    world: World,
    findings: tuple[Finding, ...],
    status: Status,
    checks: int,
) -> StoryResult:
    return StoryResult(
        path=label,
        title=story.title,
        theme=story.path.resolve().parent.name,
        rules=story.rules,
        status=status,
        seed=options.seed,
        findings=findings,
        entries=tuple(world.journal.entries),
        dropped=world.journal.dropped,
        nights=world.nights,
        starts=wire_time(story.setup.start),
        ends=wire_time(world.clock()),
        about=story.about,
        checks=checks,
    )


def _harness_failed(label: str) -> Finding:
    """Make the finding of the exception that is being handled."""
    message = "the harness itself failed; this is no finding about the sync"
    return Finding(kind="harness", message=message, file=label, line=1, column=1, found=traceback.format_exc())


def _wrong_input(label: str, error: StoryError) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            kind="input",
            message=problem.message,
            file=label,
            line=problem.place.line,
            column=problem.place.column,
            hint=problem.hint,
        )
        for problem in error.problems
    )


def _not_played(path: Path, label: str, options: Options, status: Status, findings: tuple[Finding, ...]) -> StoryResult:
    return StoryResult(
        path=label,
        title=path.name.removesuffix(SUFFIX),
        theme=path.resolve().parent.name,
        rules=(),
        status=status,
        seed=options.seed,
        findings=findings,
    )
