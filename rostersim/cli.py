"""The command line: ``rostersim --help`` lists its commands; each has a module, imported when it is called.

Together they need all of the project and a dozen libraries: half a second of computing before the first word.
"""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version

import click

COMMANDS: Mapping[str, str] = {
    "capture": "rostersim.capture.command:capture",
    "change": "rostersim.district:change",
    "check": "rostersim.reading:check",
    "check-district": "rostersim.district:check_district",
    "clock": "rostersim.served.verbs:clock",
    "console": "rostersim.console.command:console",
    "crash": "rostersim.crash:crash",
    "diff": "rostersim.diff:diff",
    "do": "rostersim.served.verbs:do",
    "explain": "rostersim.explain:explain",
    "forecast": "rostersim.forecast:forecast",
    "generate": "rostersim.district:generate",
    "keys": "rostersim.served.verbs:keys",
    "list": "rostersim.reading:list_stories",
    "load": "rostersim.load:load",
    "openapi": "rostersim.openapi:openapi",
    "record": "rostersim.served.verbs:record",
    "run": "rostersim.run:run",
    "schema": "rostersim.reading:schema",
    "serve": "rostersim.serve:serve",
    "serve-district": "rostersim.district:serve_district",
    "snapshot": "rostersim.served.verbs:snapshot",
    "soak": "rostersim.soak:soak_command",
    "sync": "rostersim.served.verbs:sync",
    "words": "rostersim.reading:words",
}
"""Where each command is: ``module:function``."""


class Commands(click.Group):
    """A group that imports a command when it is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the commands in the order of the help."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; where there is no such one import all, as click tells the nearest of those it holds."""
        for name in [cmd_name] if cmd_name in COMMANDS else COMMANDS:
            module, _, function = COMMANDS[name].partition(":")
            self.add_command(getattr(import_module(module), function), name)
        return super().get_command(ctx, cmd_name)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(version("rostersim"), prog_name="rostersim")
def cli() -> None:
    """Play roster-sync stories: ATS/STARS, Clever and Otus on this machine, in virtual time.

    \b
    Exit codes: 0 all expectations held · 1 some did not · 2 the input was wrong · 3 the harness itself failed
    """
