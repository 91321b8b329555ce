"""A picture of a run as its console showed it, as SVG: for a README or a ticket."""

import io
import re
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI

from reports.console import LiveConsole
from reports.files import write_whole
from simulator.results import SuiteResult

COLUMNS = 136
_OFFLINE_FORMAT = re.sub(r"<!-- .*? -->\s*|@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
"""Rich's own frame, without the fonts that it would fetch from the network."""


def write_picture(suite: SuiteResult, path: Path) -> Path:
    """Draw the console's lines of a finished run.

    Args:
        suite: all results.
        path: of the SVG file.

    Raises:
        ReportError: the file cannot be written.
    """
    console = Console(
        record=True, file=io.StringIO(), force_terminal=True, no_color=False, width=COLUMNS, color_system="truecolor"
    )
    live = LiveConsole(console, len(suite.stories))
    for story in suite.stories:
        live.story_finished(story)
    live.close(suite)
    drawn = console.export_svg(title="rostersim run", theme=MONOKAI, unique_id="rostersim", code_format=_OFFLINE_FORMAT)
    return write_whole(path, drawn.encode())
