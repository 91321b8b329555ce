"""``rostersim serve``: one fake alone behind a real HTTP server, for a program that is written against it."""

import os
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import click

from rostersim.offer import Offer, Wish, offered
from rostersim.stopping import ended_by_sigterm
from rostersim.unusable import Unusable
from simulator.clock import NEW_YORK, new_york
from simulator.folders import temporary_folder
from simulator.gateway import Gateway, Inbox, PortInUseError, Request, Server, call
from simulator.world import SystemName

TITLES: dict[SystemName, str] = {"ats": "ATS/STARS", "clever": "Clever", "otus": "Otus"}
POLL_SECONDS = 0.5
"""How long to wait for a request before looking again whether to stop, in real time."""
NO_LIMIT_PER_MINUTE = 1_000_000_000
"""Of Clever while its clock stands: there no minute ever ends, and a client would wait for it in vain."""
PRIVATE = 0o600
FORMS = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]


@click.command()
@click.argument("system", type=click.Choice(list(TITLES)))
@click.option("--world", required=True, metavar="W", help="A story (its district at the start), or a CSV folder.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="P", help="Default: one that is free.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="For all that is made up.")
@click.option("--now", type=click.DateTime(FORMS), help="The moment, in New York. Default: the story's start.")
@click.option(
    "--clock",
    type=click.Choice(["stands", "goes"]),
    default="stands",
    show_default=True,
    help="Whether the moment lasts (and no rate limit applies), or time goes on from it.",
)
@click.option(
    "--env-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where address and token are written, for you alone. Default: a file that is gone afterwards.",
)
@click.option("--show-token", is_flag=True, help="Print the token too.")
def serve(
    system: SystemName,
    world: str,
    port: int,
    seed: int,
    now: datetime | None,
    clock: str,
    env_file: Path | None,
    show_token: bool,
) -> None:
    r"""Serve one fake alone on this machine: clever, otus or ats. Ctrl-C ends it.

    \b
    Examples:
      rostersim serve clever --world my.scenario.yaml --port 8700
      rostersim serve clever --world folder-of-csv-files --clock goes
    """
    goes = clock == "goes"
    moment = None if now is None else now.replace(tzinfo=NEW_YORK)
    limit = None if goes else NO_LIMIT_PER_MINUTE
    try:
        with (
            ended_by_sigterm(),
            offered(Wish(system, world, seed, moment, limit)) as offer,
            temporary_folder() as folder,
        ):
            inbox = Inbox()
            server = Server(Gateway(system, inbox), system, port)
            try:
                environ = {f"{system.upper()}_URL": server.url, **offer.tokens}
                path = env_file or folder / f"{system}.env"
                _write_privately(path, environ)
                _tell(system, server.url, offer, path, goes=goes, tokens=show_token)
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
