"""``rostersim console``: a served world in the browser, signed in."""

import webbrowser
from pathlib import Path
from urllib.parse import quote

import click

from rostersim.console.tickets import GOOD_FOR_SECONDS, Ticket
from rostersim.served.verbs import about_a_world, where_of


@click.command()
@click.option(
    "--link", is_flag=True, help=f"Print the link instead; it is good once, for {GOOD_FOR_SECONDS:g} seconds."
)
@about_a_world
def console(state: Path | None, world: str, *, link: bool) -> None:
    """Open a served world in the browser, signed in.

    The browser is given a ticket that is good once, never the token.
    """
    where = where_of(state, world)
    ticket = where.control.post("/console/tickets", Ticket).ticket
    address = f"{where.control.url}/console/{quote(world)}#ticket={ticket}"
    if link or not webbrowser.open(address):
        click.echo(address)
