"""The oracle's opinion beside the story's: who is right when Otus is not as the oracle says.

A story says what it is about and leaves out the rest; the oracle says everything. Where they contradict each
other about something that Otus holds, one of them is wrong, and no word is said about the sync.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from fakes.clever.quirks import EMAILS_NOT_NORMALISED, EMAILS_WITHOUT_AT, UNBOUNDED_STRINGS
from scenarios.expectations import ClassExpectation, Expectation, PersonExpectation, SyncExpectation
from scenarios.story import SYNC_SUBJECT, Expected
from simulator.district import Setup
from simulator.night import RunEnd
from simulator.oracle.compare import Difference
from simulator.oracle.oracle import Oracle
from simulator.oracle.watch import Watch
from simulator.views import OtusView
from simulator.world import World

UNFORESEEN = frozenset({EMAILS_NOT_NORMALISED, EMAILS_WITHOUT_AT, UNBOUNDED_STRINGS})
"""Quirks that change what Otus gets, of records that only Clever's own seed tells."""
REASONS_MAX = 3
"""As many reasons as one finding can carry and still be read."""


class Open(NamedTuple):
    """A difference that nobody else has noticed so far."""

    difference: Difference
    end: RunEnd
    """Of the run that left it."""


class Disagreement(NamedTuple):
    """The story expects what the oracle says must not be."""

    difference: Difference
    end: RunEnd
    expected: Expected


class SecondOpinion:
    """Asks the oracle after every night.

    Args:
        world: must have no past yet.

    Attributes:
        disagreements: between the story and the oracle.
    """

    def __init__(self, world: World) -> None:
        self.disagreements: list[Disagreement] = []
        self._world = world
        self._watch = None if world.is_inherited else Watch(world)
        """Nobody told an oracle of a past that was written elsewhere, so it has no opinion there."""
        self._is_asked = speaks_of_world(world.setup)
        self._open: dict[object, Open] = {}
        self._told: set[object] = set()

    def past_is_written(self) -> None:
        """Take note of how the story begins."""
        if self._watch is not None:
            self._watch.past_is_written()

    @property
    def oracle(self) -> Oracle:
        """The oracle, told all that has happened so far; there is none in a world that is inherited."""
        assert self._watch is not None  # noqa: S101 - see above
        return self._watch.up_to_date()

    def after_night(self, end: RunEnd, otus: OtusView) -> None:
        """Hear what the oracle says to what a run has left.

        Args:
            end: of the run.
            otus: as it is now.
        """
        if self._watch is None:
            return
        self._watch.night_is_over(end, otus)
        for difference in self._watch.differences(otus) if self._is_asked else ():
            if difference.item not in self._told:
                self._open[difference.item] = Open(difference, end)

    def hears_of_run_beside(self, end: RunEnd) -> None:
        """Take note of a run beside another one: what it has written is no writing of the other one.

        Args:
            end: of the run; one that has written nothing (it refused to, A15) is no news.
        """
        if end.writes and self._watch is not None:
            self._watch.night_is_over(end, self._world.otus_view())

    def why(self, about: Collection[str]) -> str:
        """Say what the oracle thinks of something that the story or an invariant has found.

        What it thinks otherwise than Otus about these names is told with it, and needs no finding of its own.

        Args:
            about: the names concerned.
        """
        told = [each for each in self._now() if _concerns(each, about)]
        for difference in told:
            self._told.add(difference.item)
            self._open.pop(difference.item, None)
        return "; ".join(difference.why for difference in told[:REASONS_MAX])

    def agrees(self, about: Sequence[str]) -> str:
        """Say why the oracle finds right what the story finds wrong: somebody in a class, or not in it.

        Args:
            about: the names concerned.
        """
        directory = self._world.directory
        person = next((directory.people[name] for name in about if name in directory.people), None)
        class_ = next((directory.sections.get(name, name) for name in about if self._is_class(name)), None)
        oracle = self._watch.oracle if self._watch is not None and self._is_asked else None
        if person is None or class_ is None or oracle is None or not oracle.settled:
            return ""
        return oracle.why(person.id, class_)

    def hears(self, expected: Expected) -> None:
        """Take note of an expectation that held: what it demands and the oracle forbids is a disagreement."""
        if not self._open:
            return
        still = {difference.item for difference in self._now()}
        for item, (difference, end) in list(self._open.items()):
            if item in still and speaks_of(expected.expectation, expected.subject, difference):
                self.disagreements.append(Disagreement(difference, end, expected))
                self._told.add(item)
                del self._open[item]

    def take_open(self) -> list[Open]:
        """Give what the oracle alone has noticed, each thing once."""
        found = list(self._open.values())
        self._told |= self._open.keys()
        self._open.clear()
        return found

    def _now(self) -> list[Difference]:
        asked = self._watch if self._is_asked else None
        return [] if asked is None else asked.differences(self._world.otus_view())

    def _is_class(self, name: str) -> bool:
        return name in self._world.directory.sections or name in self._world.directory.classes


def speaks_of_world(setup: Setup) -> bool:
    """Tell whether the oracle knows all that can happen in a world: how Clever spoils names and e-mails it does not.

    Such a story is judged by its own expectations and by the invariants alone.
    """
    return not setup.clever_quirks & UNFORESEEN


def speaks_of(expectation: Expectation, subject: str, difference: Difference) -> bool:
    """Tell whether an expectation demands something about the very point of a difference.

    Args:
        expectation: of the story.
        subject: whom or what it is about.
        difference: between Otus and the oracle.
    """
    match expectation:
        case PersonExpectation():
            return difference.about[:1] == (subject,) and _says_of_person(expectation, difference)
        case ClassExpectation():
            return difference.about[-1:] == (subject,) and _says_of_class(expectation, difference)
        case SyncExpectation():
            return difference.item.aspect == "run" and expectation.ended is not None
    return False


def _says_of_person(expectation: PersonExpectation, difference: Difference) -> bool:
    class_ = difference.about[-1]
    match difference.item.aspect:
        case "account" | "active":
            return expectation.account is not None
        case "role":
            return expectation.role is not None
        case "email":
            return expectation.email is not None
        case "name":
            return expectation.called is not None
        case "account by":
            return expectation.made_by is not None
        case "member":
            return class_ in (*expectation.in_, *expectation.not_in)
        case "member as":
            return expectation.as_ is not None and class_ in expectation.in_
        case "member by":
            return expectation.by is not None and class_ in expectation.in_
        case "work":
            return class_ in expectation.work
    return False


def _says_of_class(expectation: ClassExpectation, difference: Difference) -> bool:
    match difference.item.aspect:
        case "class" | "state":
            return expectation.state is not None
        case "called":
            return expectation.called is not None
        case "member" | "member as":
            named = {
                "teacher": expectation.teacher is not None,
                "co_teacher": expectation.co_teachers is not None,
                "student": expectation.students is not None or expectation.student_count is not None,
            }
            return difference.part is not None and named[difference.part]
    return False


def _concerns(difference: Difference, about: Collection[str]) -> bool:
    names, others = frozenset(difference.about), frozenset(about)
    if difference.item.aspect == "run":
        return others == {SYNC_SUBJECT}
    return bool(names and others) and (names <= others or others <= names)
