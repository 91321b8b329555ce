"""``rostersim diff``: two moments, or Clever against Otus at one; people, classes, memberships, and why."""

from pathlib import Path

import click
import msgspec
from rich.markup import escape
from rich.table import Table

from fakes.shared.refusals import Refusal
from rostersim.consoles import table_console
from rostersim.offer import Wish, offered
from rostersim.served.snapshots import SnapshotDamagedError, read_snapshot
from rostersim.stories import one_story
from rostersim.unusable import Unusable
from scenarios.halfway import MomentError, halfway, moment_of
from scenarios.play import DEFAULT_SUT, Options
from simulator.difference import Difference, clever_against_otus, compare
from simulator.difference.compare import State
from simulator.gateway import call, request_environ
from simulator.past import PastError
from simulator.sut import read_spec
from simulator.views import read_clever

EXIT_SAME, EXIT_DIFFERENT = 0, 1
MOMENT_MARK = "@"


@click.command(name="diff")
@click.argument("before", metavar="A")
@click.argument("after", metavar="[B]", required=False)
@click.option("--all", "with_by_hand", is_flag=True, help="Also show what the rules leave as it is (F6, F9, F10, H4).")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="For all that a story does not say.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(before: str, after: str | None, with_by_hand: bool, seed: int, as_json: bool) -> None:
    """Compare the moments A and B; with A alone, Clever against Otus at that moment.

    A moment is a snapshot's file, a folder of Clever's CSV files, a story (its end), or `STORY@MOMENT`.

    \b
    Exit codes: 0 the same · 1 there are differences · 2 the input was wrong
    Examples:
      rostersim diff before.json after.json
      rostersim diff ticket.scenario.yaml@"Mon 14 Sep 12:00" ticket.scenario.yaml@"Fri 18 Sep 02:00"
      rostersim diff ticket.scenario.yaml@"Tue 15 Sep 12:00"
    """
    one = _state_of(before, seed)
    if after is None:
        found = _against(before, one)
    else:
        other = _state_of(after, seed)
        if not any(each is not None and its is not None for each, its in zip(one[:3], other[:3], strict=True)):
            raise Unusable(f"{before} and {after} have no system in common")
        found = compare(one, other)
    shown = [each for each in found if with_by_hand or not each.stays]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(shown), indent=2).decode())
    else:
        _print(shown, ("Clever", "Otus") if after is None else ("before", "after"), len(found) - len(shown))
    raise SystemExit(EXIT_DIFFERENT if shown else EXIT_SAME)


def _against(name: str, state: State) -> list[Difference]:
    if state.clever is None or state.otus is None:
        raise Unusable(f"{name} holds no Otus to hold against Clever; name a second moment to compare it with")
    return clever_against_otus(state.clever, state.otus, state.by_hand_co_teachers)


def _state_of(name: str, seed: int) -> State:
    path = Path(name)
    if path.is_file() and path.suffix == ".json":
        try:
            snapshot = read_snapshot(path)
        except SnapshotDamagedError as error:
            raise Unusable(str(error)) from None
        return State(snapshot.ats, snapshot.clever, snapshot.otus)
    if path.is_dir() and any(path.glob("*.csv")):
        return _state_of_folder(name, seed)
    return _state_of_story(name, seed)


def _state_of_folder(name: str, seed: int) -> State:
    wish = Wish("clever", name, seed, None, None)
    with offered(wish) as offer:
        headers = {"Authorization": f"Bearer {offer.tokens['CLEVER_TOKEN']}"}
        return State(
            clever=read_clever(lambda path: call(offer.application, request_environ("GET", path, headers)).body)
        )


def _state_of_story(name: str, seed: int) -> State:
    label, _, words = name.partition(MOMENT_MARK) if not Path(name).exists() else (name, "", "")
    story = one_story(label, seed)
    try:
        moment = moment_of(words, story) if words else None
        with halfway(story, read_spec(DEFAULT_SUT), Options(DEFAULT_SUT, seed), moment) as player:
            world = player.world
            return State(world.ats_view(), world.clever_view(), world.otus_view(), world.setup.by_hand_co_teachers)
    except MomentError as error:
        raise Unusable(str(error)) from None
    except (Refusal, PastError) as error:
        raise Unusable(f"{name}: the beginning cannot be: {error}") from None


def _print(found: list[Difference], sides: tuple[str, str], hidden: int) -> None:
    console = table_console()
    if found:
        table = Table(box=None, pad_edge=False)
        for heading in ("system", "what", "", *sides, "why"):
            table.add_column(heading, overflow="fold")
        for each in found:
            why = f"{each.why} ({', '.join(each.rules)})"
            table.add_row(*map(escape, (each.system, each.about, each.aspect, each.before, each.after, why)))
        console.print(table)
    many = "no differences" if not found else "1 difference" if len(found) == 1 else f"{len(found)} differences"
    beside = f"; {hidden} by hand that the rules leave so are not shown (--all)" if hidden else ""
    console.print(f"{many}{beside}")
