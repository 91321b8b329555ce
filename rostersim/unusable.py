"""What the command line says when its input was wrong."""

import click

from simulator.results import EXIT_UNUSABLE


class Unusable(click.ClickException):
    """The input was wrong; exit code 2."""

    exit_code = EXIT_UNUSABLE

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature
        """Say it on standard error."""
        click.echo(f"rostersim: {self.message}", err=True)
