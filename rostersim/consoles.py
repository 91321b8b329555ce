"""A console for tables."""

import sys

from rich.console import Console

PIPE_WIDTH = 1000
"""Columns off a terminal: a row stays one line, so that it can be searched for."""


def table_console(pipe_width: int = PIPE_WIDTH) -> Console:
    """Make a console on standard output, as wide as the terminal that it is.

    Args:
        pipe_width: in columns, off a terminal.
    """
    return Console(highlight=False, width=None if sys.stdout.isatty() else pipe_width)
