"""A story played up to a moment, to look around there; and, if wanted, on from there without its further steps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import msgspec
import simpy
import yaml

from scenarios.located import Wrong
from scenarios.moments import read_moment
from scenarios.play import Options, Player, StopStory
from scenarios.stage import Stage
from scenarios.story import Story
from simulator.clock import Order, Process
from simulator.past import write_past
from simulator.sut import Sut
from simulator.world import World

Beside = Callable[[Player], Process]
"""Makes a course of events for the player of a story."""
_A_SECOND = timedelta(seconds=1)


class MomentError(Exception):
    """A moment that is none, or at which the story has not begun yet."""


def moment_of(words: str, story: Story) -> datetime:
    """Read a moment of a story, ``Tue 15 Sep 12:00``.

    Raises:
        MomentError: it is none, or lies before the story begins.
    """
    try:
        moment = read_moment(yaml.ScalarNode("", words, yaml.Mark("", 0, 0, 0, "", 0)), words, story.setup.start)
    except Wrong as error:
        raise MomentError("; ".join(filter(None, error.problem[1:]))) from None
    if moment < story.setup.start:
        raise MomentError(f"{words!r} lies before the story begins, {story.setup.start:%Y-%m-%d %H:%M}")
    return moment


@contextmanager
def halfway(
    story: Story, sut: Sut, options: Options, moment: datetime | None, beside: Beside | None = None
) -> Iterator[Player]:
    """Play a story up to a moment, or to its end, and give the player, whose world is as it is then.

    Time may go on from there: the nights come, and what is on its way arrives, but the story's further steps do not.

    Args:
        story: to be played; what it expects is of no account here.
        sut: the sync.
        options: how to play.
        moment: in UTC; a run of the sync that goes on then is let end first.
        beside: a course of events that happens beside the story.

    Raises:
        fakes.shared.refusals.Refusal, simulator.past.PastError: the beginning cannot be.
    """
    setup = msgspec.structs.replace(story.setup, second_run=False, port_base=options.port_base)
    with World(setup, sut) as world:
        player = Player(story, Stage(world), str(story.path))
        write_past(world, story.district)
        player.opinion.past_is_written()
        if beside is not None:
            world.clock.start_process(beside(player))
        world.play(_until(world, player, moment))
        yield player


def _until(world: World, player: Player, moment: datetime | None) -> Process:
    course = world.clock.start_process(_steps(player))
    if moment is None:
        yield course
        return
    yield world.clock.at(max(moment, world.clock()), Order.EXPECTATION)
    while world.running is not None:
        yield world.clock.after(_A_SECOND, Order.EXPECTATION)
    if not course.processed:
        course.interrupt()
        yield course


def _steps(player: Player) -> Process:
    try:
        yield from player.course()
    except (StopStory, simpy.Interrupt):
        return
