"""``rostersim explain``: why somebody is missing from a class, who must act, and when it will be right by itself."""

import sys
from pathlib import Path
from urllib.parse import quote, urlencode

import click
import msgspec
from rich.console import Console

from fakes.shared.refusals import Refusal
from reports.explanation import print_explanation
from rostersim.served.client import Control
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
@click.option(
    "--live",
    metavar="WHERE",
    help="Look at a world that is served: its state directory, or the URL of its control API.",
)
@click.option("--id", "world_id", default="main", show_default=True, metavar="ID", help="Of the world that is served.")
@click.option("--at", "moment", metavar="MOMENT", help="Of the story: `Tue 15 Sep 12:00`. Default: its end.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="For all that a story does not say.")
@click.option("--sut", default=DEFAULT_SUT, show_default=True, metavar="SPEC", help="The sync of the story's nights.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(
    person: str,
    class_name: str | None,
    scenario: str | None,
    world: str | None,
    live: str | None,
    world_id: str,
    moment: str | None,
    seed: int,
    sut: str,
    as_json: bool,
) -> None:
    """Say why PERSON is (not) in CLASS in Otus: the FAQ's five steps with their evidence, and when it will be right.

    PERSON is a name, an OSIS or staff number, or an e-mail; without CLASS everything about them is told.

    \b
    Examples:
      rostersim explain "Mei Chen" "Algebra 1-01" --scenario ticket.scenario.yaml --at "Tue 15 Sep 12:00"
      rostersim explain 201234567 --world captured
      rostersim explain "Mei Chen" --live .rostersim
    """
    if sum(where is not None for where in (scenario, world, live)) != 1:
        raise Unusable("say where to look: --scenario STORY, --world WORLD or --live WHERE")
    if moment is not None and scenario is None:
        raise Unusable("--at is of a --scenario; a --world is looked at as it begins, and what is served as it is now")
    if live is not None:
        told = _told_by_server(live, world_id, person, class_name)
    else:
        story = one_story(scenario or world or "", seed, only_beginning=scenario is None)
        told = _explained(story, sut, seed, moment, person, class_name)
    _print(told, as_json=as_json)


def _told_by_server(where: str, world_id: str, person: str, class_name: str | None) -> Explanation:
    # whoever is on this machine may read without a token
    control = Control(where.rstrip("/"), "") if "://" in where else Control.of_state(Path(where))
    asked = {"person": person} | ({"class": class_name} if class_name is not None else {})
    return control.get(f"/worlds/{quote(world_id)}/explain?{urlencode(asked)}", Explanation)


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
