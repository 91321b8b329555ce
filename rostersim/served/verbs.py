"""The verbs of the command line that talk to a served world: clock, sync, do, snapshot, record."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

import click

from rostersim.served.client import STATE_VARIABLE, Control
from rostersim.served.records import (
    ClockStatus,
    Keys,
    PlanSight,
    RecordStatus,
    SnapshotLine,
    SnapshotList,
    StepDone,
    StepsDone,
)
from rostersim.unusable import Unusable
from simulator.results import EXIT_FAILED

Function = TypeVar("Function", bound=Callable[..., Any])


class Where(NamedTuple):
    """Which world a verb is about."""

    control: Control
    world: str

    def path(self, rest: str) -> str:
        """Give a path of the world."""
        return f"/worlds/{quote(self.world)}{rest}"


def about_a_world(function: Function) -> Function:
    """Give a command the options that say which world is meant."""
    state = click.option(
        "--state",
        type=click.Path(file_okay=False, path_type=Path),
        envvar=STATE_VARIABLE,
        metavar="DIR",
        help="The state directory of the server. Default: .rostersim.",
    )
    world = click.option("--on", "world", default="main", show_default=True, metavar="ID", help="Which world.")
    return state(world(function))


def where_of(state: Path | None, world: str) -> Where:
    """Find the server of a state directory, and a world of it.

    Raises:
        Unusable: no server keeps it.
    """
    return Where(Control.of_state(state), world)


def _clock_words(status: ClockStatus) -> str:
    words = [f"{status.status}: {status.now_in_new_york} in New York, {status.nights} nights so far"]
    if status.speed is not None:
        words.append(f"runs at {status.speed:g} times real time")
    if status.why:
        words.append(status.why)
    if status.last_run:
        words.append(f"last run of the sync: {status.last_run}")
    if status.next_night_in_new_york:
        words.append(f"next night: {status.next_night_in_new_york}")
    return "\n  ".join([*words, *(f"note: {note}" for note in status.notes)])


def _go(where: Where, path: str, body: object, *, wait: bool) -> None:
    status = where.control.post(where.path(path), ClockStatus, body)
    click.echo(_clock_words(where.control.until_ready(where.world, status) if wait else status))


_waiting = click.option("--no-wait", is_flag=True, help="Return at once; `rostersim clock status` says how it goes.")


@click.group()
def clock() -> None:
    """Move the clock of a served world."""


@clock.command()
@click.argument("by")
@_waiting
@about_a_world
def advance(by: str, no_wait: bool, state: Path | None, world: str) -> None:
    """Let time go on BY so much, or to an event.

    \b
    Examples:
      rostersim clock advance 72h
      rostersim clock advance "next night"
      rostersim clock advance "next event"
    """
    _go(where_of(state, world), "/clock/advance", {"to": by}, wait=not no_wait)


@clock.command()
@click.argument("moment")
@_waiting
@about_a_world
def to(moment: str, no_wait: bool, state: Path | None, world: str) -> None:
    """Let time go on to a MOMENT: "Fri 18 Sep 01:00", "2026-09-18 01:00", "night 4"."""
    _go(where_of(state, world), "/clock/advance", {"to": moment}, wait=not no_wait)


@clock.command()
@click.argument("moment")
@about_a_world
def rewind(moment: str, state: Path | None, world: str) -> None:
    """Bring the world back to a MOMENT (or `start`), by doing again what was done until then; the rest is undone."""
    _go(where_of(state, world), "/clock/rewind", {"to": moment}, wait=True)


@clock.command()
@about_a_world
def status(state: Path | None, world: str) -> None:
    """Say where the clock stands."""
    where = where_of(state, world)
    click.echo(_clock_words(where.control.get(where.path("/clock"), ClockStatus)))


@clock.command()
@about_a_world
def pause(state: Path | None, world: str) -> None:
    """Let the clock stand."""
    _go(where_of(state, world), "/clock/pause", None, wait=True)


@clock.command()
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True, metavar="S")
@about_a_world
def run(speed: float, state: Path | None, world: str) -> None:
    """Let the clock run by itself, at S times real time."""
    _go(where_of(state, world), "/clock/run", {"speed": speed}, wait=False)


@click.command()
@click.option("--plan", is_flag=True, help="Only say what the next night would do.")
@_waiting
@about_a_world
def sync(plan: bool, no_wait: bool, state: Path | None, world: str) -> None:
    """Run the sync of a served world now, or say what it would do in the next night."""
    where = where_of(state, world)
    if not plan:
        _go(where, "/sync", None, wait=not no_wait)
        return
    sight = where.control.get(where.path("/plan"), PlanSight)
    many = "nothing" if not sight.items else f"{len(sight.items)} changes"
    click.echo(f"{sight.night_in_new_york}: {sight.outcome}, {many} in Otus ({sight.reason})")
    for item in sight.items:
        click.echo(f"  {item.change}: {item.what}: {item.before or 'nothing'} -> {item.after or 'nothing'}")


@click.command(name="do")
@click.argument("steps", nargs=-1, required=True)
@about_a_world
def do(steps: tuple[str, ...], state: Path | None, world: str) -> None:
    """Do STEPS of the story language in a served world, now. `rostersim words` lists them.

    \b
    Exit code 1: a system refused, or an expectation does not hold.

    Examples:
      rostersim do '{ats: enroll, student: Mei Chen, section: Algebra 1-01}'
      rostersim do '{otus: add student, student: Mei Chen, class: Algebra 1-01}'
      rostersim do '{fault: otus is down, from: 01:00, to: 02:00}'
      rostersim do 'expect: {Mei Chen: {in: Algebra 1-01}}'
    """
    where = where_of(state, world)
    for words in steps:
        done = where.control.post(where.path("/steps"), StepsDone, {"steps": words}).items
        for each in done:
            click.echo(_step_words(each))
        if not all(each.accepted for each in done):
            raise SystemExit(EXIT_FAILED)


def _step_words(done: StepDone) -> str:
    words = f"{done.who} {done.what}"
    if not done.accepted:
        return f"{words}: no: {done.message}"
    arrives = f"; in Clever {done.in_clever}" if done.in_clever else ""
    return f"{words}: done{arrives}" + (f" ({done.message})" if done.message else "")


@click.group()
def snapshot() -> None:
    """Take and restore snapshots of a served world."""


@snapshot.command()
@click.argument("name")
@about_a_world
def save(name: str, state: Path | None, world: str) -> None:
    """Take a snapshot called NAME; one of this name is replaced."""
    where = where_of(state, world)
    line = where.control.post(where.path("/snapshots"), SnapshotLine, {"name": name})
    click.echo(f"{line.name}: {line.at_in_new_york}")


@snapshot.command()
@click.argument("name")
@about_a_world
def restore(name: str, state: Path | None, world: str) -> None:
    """Bring the world back to the snapshot NAME."""
    _go(where_of(state, world), f"/snapshots/{quote(name, safe='')}/restore", None, wait=True)


@snapshot.command(name="list")
@about_a_world
def list_snapshots(state: Path | None, world: str) -> None:
    """List the snapshots, the oldest first."""
    where = where_of(state, world)
    lines = where.control.get(where.path("/snapshots"), SnapshotList).items
    for line in lines:
        click.echo(f"{line.name}: {line.at_in_new_york}" + (f"  ({line.problem})" if line.problem else ""))
    if not lines:
        click.echo("there is no snapshot yet; `rostersim snapshot save before` takes one")


@click.group()
def record() -> None:
    """Turn what is done in a served world into a story file."""


@record.command()
@click.argument("title", required=False)
@about_a_world
def start(title: str | None, state: Path | None, world: str) -> None:
    """Start a recording called TITLE; what was done before is part of its story, as its past."""
    where = where_of(state, world)
    body = {} if title is None else {"title": title}
    recorded = where.control.post(where.path("/record/start"), RecordStatus, body)
    click.echo(f"recording: {recorded.title}")


@record.command()
@click.argument("words")
@about_a_world
def mark(words: str, state: Path | None, world: str) -> None:
    """Put a remark into the recording."""
    where = where_of(state, world)
    where.control.post(where.path("/record/mark"), RecordStatus, {"words": words})
    click.echo(f"marked: {words}")


@record.command()
@click.argument("demand")
@about_a_world
def expect(demand: str, state: Path | None, world: str) -> None:
    """Say what should be here: the story demands it, and fails as long as it is not so.

    \b
    Example:
      rostersim record expect 'Mei Chen: {in: Algebra 1-01}'
    """
    where = where_of(state, world)
    recorded = where.control.post(where.path("/record/expect"), RecordStatus, {"expect": demand})
    click.echo("it is so now: the story will pass" if recorded.holds else f"it is not so now: {recorded.message}")


@record.command()
@about_a_world
def stop(state: Path | None, world: str) -> None:
    """End the recording and print its story: `rostersim record stop > ticket.scenario.yaml`."""
    where = where_of(state, world)
    recorded = where.control.get(where.path("/record"), RecordStatus)
    if not recorded.recording:
        raise Unusable("nothing is being recorded; start with `rostersim record start`")
    click.echo(where.control.post(where.path("/record/stop"), RecordStatus).scenario, nl=False)


@record.command()
@about_a_world
def show(state: Path | None, world: str) -> None:
    """Print the story as far as it has come, and go on recording."""
    where = where_of(state, world)
    click.echo(where.control.get(where.path("/record"), RecordStatus).scenario, nl=False)


@click.command()
@about_a_world
def keys(state: Path | None, world: str) -> None:
    """Print addresses and tokens of a served world, a variable a line, so that any program can be run against it.

    \b
    Example:
      env $(rostersim keys) otus-sync plan
    """
    where = where_of(state, world)
    told = where.control.get(where.path("/keys"), Keys).environment
    told["SYNC_NOW"] = where.control.get(where.path("/clock"), ClockStatus).now
    for name, value in told.items():
        click.echo(f"{name}={value}")
