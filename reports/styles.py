"""The colours of the console: one for each status and each piece of a strip."""

from rich.text import Text

from reports.strip import Piece, Role
from simulator.journal import Lane
from simulator.results import Status

STATUS_STYLES: dict[Status, str] = {
    "passed": "bold green",
    "failed": "bold red",
    "unusable": "bold yellow",
    "broken": "bold magenta",
}

ROLE_STYLES: dict[Role, str] = {
    "date": "dim",
    "ats": "bold yellow",
    "clever": "bold blue",
    "otus": "bold magenta",
    "refusal": "bold red",
    "fault": "bold red",
    "way": "yellow",
    "night": "cyan",
    "held": "bold yellow",
    "failed": "bold red",
    "good": "bold green",
    "bad": "bold red",
    "more": "dim",
}

LANE_STYLES: dict[Lane, str] = {
    "ats": "yellow",
    "clever": "blue",
    "otus": "magenta",
    "sync": "cyan",
    "judge": "bold",
}


def coloured(pieces: tuple[Piece, ...]) -> Text:
    """Put the pieces of a strip together in their colours."""
    return Text.assemble(*((piece.text, ROLE_STYLES[piece.role]) for piece in pieces))
