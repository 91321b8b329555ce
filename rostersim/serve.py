"""``rostersim serve``: a whole world, or one fake alone for a program that is written against it."""

import os
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import click
from click.core import ParameterSource

from rostersim.offer import Offer, Wish, offered
from rostersim.served.client import STATE_VARIABLE
from rostersim.served.records import SPEED_MAX
from rostersim.served.starting import WorldsWish, serve_worlds
from rostersim.stopping import ended_by_sigterm
from rostersim.unusable import Unusable
from simulator.clock import NEW_YORK, new_york
from simulator.folders import temporary_folder
from simulator.gateway import LOOPBACK, Gateway, Inbox, PortInUseError, Request, Server, call
from simulator.world import SystemName

TITLES: dict[SystemName, str] = {"ats": "ATS/STARS", "clever": "Clever", "otus": "Otus"}
POLL_SECONDS = 0.5
"""How long to wait for a request before looking again whether to stop, in real time."""
NO_LIMIT_PER_MINUTE = 1_000_000_000
"""Of Clever while its clock stands: there no minute ever ends, and a client would wait for it in vain."""
PRIVATE = 0o600
ONE_FAKE = ("port", "now", "clock", "env_file", "show_token")
WHOLE_WORLD = ("scenario", "district", "port_base", "host", "speed", "state", "fresh", "sut")
"""Options that go with one of the two ways of serving."""
FORMS = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]


@click.command()
@click.argument("system", type=click.Choice(list(TITLES)), required=False)
@click.option(
    "--world", metavar="W", help="A story, for its district at the start; for clever alone also a CSV folder."
)
@click.option("--scenario", metavar="F", help="A whole world: a story whose steps happen as time comes to them.")
@click.option(
    "--district",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="A whole world: a district of `rostersim generate`, with an ATS/STARS alike; DIR is only read.",
)
@click.option(
    "--port-base",
    type=click.IntRange(1, 65532),
    metavar="P",
    help="A whole world: control API, ATS, Clever and Otus at this port and the next three. Default: free ones.",
)
@click.option("--host", default=LOOPBACK, show_default=True, help="A whole world: where the control API listens.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True, max=SPEED_MAX),
    metavar="S",
    help="A whole world: let the clock run at S times real time. Default: it stands.",
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    envvar=STATE_VARIABLE,
    metavar="DIR",
    help="A whole world: where it is kept. Default: .rostersim.",
)
@click.option("--fresh", is_flag=True, help="A whole world: throw away what DIR holds, and begin anew.")
@click.option("--sut", metavar="SPEC", help="A whole world: the sync under test, as for `rostersim run`.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="P", help="One fake: its port.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="For all that is made up.")
@click.option(
    "--now", type=click.DateTime(FORMS), help="One fake: the moment, in New York. Default: the story's start."
)
@click.option(
    "--clock",
    type=click.Choice(["stands", "goes"]),
    default="stands",
    show_default=True,
    help="One fake: whether the moment lasts (and no rate limit applies), or time goes on from it.",
)
@click.option(
    "--env-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="One fake: where address and token are written, for you alone. Default: a file that is gone afterwards.",
)
@click.option("--show-token", is_flag=True, help="One fake: print the token too.")
def serve(
    system: SystemName | None,
    world: str | None,
    scenario: str | None,
    district: Path | None,
    port_base: int | None,
    host: str,
    speed: float | None,
    state: Path | None,
    fresh: bool,
    sut: str | None,
    port: int,
    seed: int,
    now: datetime | None,
    clock: str,
    env_file: Path | None,
    show_token: bool,
) -> None:
    """Serve a whole world with its clock, or one fake alone: clever, otus or ats. Ctrl-C ends it.

    A whole world stands until it is moved: `rostersim clock`, `do`, `sync`, `snapshot` and `record` talk to it.

    \b
    Examples:
      rostersim serve
      rostersim serve --world my.scenario.yaml --port-base 8700
      rostersim serve --scenario library/student-missing/inside-the-72-hours.scenario.yaml
      rostersim serve --district /tmp/sandbox
      rostersim serve clever --world my.scenario.yaml --port 8700
      rostersim serve clever --world folder-of-csv-files --clock goes
    """
    if system is None:
        _refuse_options(ONE_FAKE, "go with one fake: name it, `rostersim serve clever`")
        if sum(each is not None for each in (world, scenario, district)) > 1:
            raise click.UsageError("--world, --scenario and --district exclude each other")
        serve_worlds(WorldsWish(world, scenario, district, state, fresh, port_base, host, speed, seed, sut))
        return
    _refuse_options(WHOLE_WORLD, f"go with a whole world: leave {system!r} out")
    if world is None:
        raise click.UsageError("Missing option '--world'")
    moment = None if now is None else now.replace(tzinfo=NEW_YORK)
    limit = None if clock == "goes" else NO_LIMIT_PER_MINUTE
    _serve_one(Wish(system, world, seed, moment, limit), port, env_file, goes=clock == "goes", tokens=show_token)


def _refuse_options(names: tuple[str, ...], advice: str) -> None:
    """Refuse options that go with the other kind of serving, if somebody has typed one."""
    context = click.get_current_context()
    typed = [name for name in names if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if typed:
        words = ", ".join(f"--{name.replace('_', '-')}" for name in typed)
        raise click.UsageError(f"{words}: such options {advice}")


def _serve_one(wish: Wish, port: int, env_file: Path | None, *, goes: bool, tokens: bool) -> None:
    """Serve one fake alone until Ctrl-C."""
    system = wish.system
    try:
        with ended_by_sigterm(), offered(wish) as offer, temporary_folder() as folder:
            inbox = Inbox()
            server = Server(Gateway(system, inbox), system, port)
            try:
                environ = {f"{system.upper()}_URL": server.url, **offer.tokens}
                path = env_file or folder / f"{system}.env"
                _write_privately(path, environ)
                _tell(system, server.url, offer, path, goes=goes, tokens=tokens)
                _answer_until_stopped(inbox, offer, goes=goes)
            finally:
                inbox.close()
                server.stop()
    except PortInUseError as error:
        raise Unusable(f"{error}; leave --port out, or name another") from None
    except KeyboardInterrupt:
        click.echo("\nrostersim: stopped; nothing is left running", err=True)


def _write_privately(path: Path, environ: Mapping[str, str]) -> None:
    """Write what a shell reads with ``.``, into a file that nobody else may read."""
    lines = "".join(f"export {name}={text}\n" for name, text in environ.items())
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE), "w") as file:  # noqa: PTH123 - with a mode
            os.fchmod(file.fileno(), PRIVATE)  # also one that was there before
            file.write(lines)
    except OSError as error:
        raise Unusable(f"--env-file {path}: {error.strerror or error}") from None


def _tell(system: SystemName, url: str, offer: Offer, path: Path, *, goes: bool, tokens: bool) -> None:
    names = ", ".join([f"{system.upper()}_URL", *offer.tokens])
    click.echo(f"fake {TITLES[system]} answers at {url}; its documentation: {url}/docs")
    click.echo(f"it is {new_york(offer.now)} in New York, and the clock {'goes' if goes else 'stands'}")
    click.echo(f"address and token, for a shell:  . {path}  (sets {names})")
    for name, token in offer.tokens.items() if tokens else ():
        click.echo(f"{name}={token}")
    for remark in offer.remarks:
        click.echo(remark)
    click.echo("Ctrl-C ends it")


def _answer_until_stopped(inbox: Inbox, offer: Offer, *, goes: bool) -> None:
    """Answer requests on this thread, which the fake's store belongs to."""
    began = time.monotonic()
    while True:
        message = inbox.get(POLL_SECONDS)
        if not isinstance(message, Request):
            continue
        if goes:
            offer.clock.pretend(offer.now + timedelta(seconds=time.monotonic() - began))
        message.reply.put(call(offer.application, message.environ))
