"""``rostersim explain``: why somebody is missing from a class, who must act, and when it will be right by itself."""

import sys

import click
import msgspec
from rich.console import Console

from fakes.shared.refusals import Refusal
from reports.explanation import print_explanation
from rostersim.stories import one_story
from rostersim.unusable import Unusable
from scenarios.halfway import MomentError, halfway, moment_of
from scenarios.play import DEFAULT_SUT, Options
from scenarios.story import Story
from simulator.explanation import CannotExplain, Explanation
from simulator.explanation import explain as explained
from simulator.past import PastError
from simulator.sut import UnusableSutError, read_spec

PIPE_WIDTH = 1000


@click.command(name="explain")
@click.argument("person")
@click.argument("class_name", metavar="[CLASS]", required=False)
@click.option("--scenario", metavar="STORY", help="Play a story (a file, or `library/...`) and look there.")
@click.option("--world", metavar="WORLD", help="Look at how a story, or the world of a captured folder, begins.")
@click.option("--at", "moment", metavar="MOMENT", help="Of the story: `Tue 15 Sep 12:00`. Default: its end.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="For all that a story does not say.")
@click.option("--sut", default=DEFAULT_SUT, show_default=True, metavar="SPEC", help="The sync of the story's nights.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(
    person: str,
    class_name: str | None,
    scenario: str | None,
    world: str | None,
    moment: str | None,
    seed: int,
    sut: str,
    as_json: bool,
) -> None:
    r"""Say why PERSON is (not) in CLASS in Otus: the FAQ's five steps with their evidence, and when it will be right.

    PERSON is a name, an OSIS or staff number, or an e-mail; without CLASS everything about them is told.

    \b
    Examples:
      rostersim explain "Mei Chen" "Algebra 1-01" --scenario ticket.scenario.yaml --at "Tue 15 Sep 12:00"
      rostersim explain 201234567 --world captured
    """
    if (scenario is None) == (world is None):
        raise Unusable("say where to look: --scenario STORY or --world WORLD")
    story = one_story(scenario or world or "", seed)
    if world is not None:
        story = story._replace(scenes=())
        if moment is not None:
            raise Unusable("--at is of a --scenario; a --world is looked at as it begins")
    _print(_explained(story, sut, seed, moment, person, class_name), as_json=as_json)


def _explained(
    story: Story, sut: str, seed: int, moment: str | None, person: str, class_name: str | None
) -> Explanation:
    try:
        when = moment_of(moment, story) if moment is not None else None
        with halfway(story, read_spec(sut), Options(sut, seed), when) as player:
            return explained(player.world, person, class_name)
    except (CannotExplain, MomentError, UnusableSutError) as error:
        raise Unusable(str(error)) from None
    except (Refusal, PastError) as error:
        raise Unusable(f"{story.path}: the beginning cannot be: {error}") from None


def _print(explanation: Explanation, *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(explanation), indent=2).decode())
        return
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    print_explanation(explanation, console)
