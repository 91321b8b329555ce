"""The pictures of the guides: a real console and a real report in a real Chromium (``make pictures``)."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import ViewportSize, sync_playwright

from reports.html import write_html
from rostersim.served.client import Control
from rostersim.served.records import ClockStatus, StepsDone
from scenarios.play import DEFAULT_SUT, Options
from scenarios.shelf import find_stories
from scenarios.suite import Follower, play_suite

WORLD = "main"
LAST_WORDS = "Ctrl-C ends it"
TICKET = "{ats: enroll, student: Mei Chen, section: Algebra 1-01}"
MOMENTS = ("Mon 14 Sep 10:00", "Thu 17 Sep 09:00")
"""When she is added, and when somebody looks: an hour before Clever has it."""
ABOUT = {"person": "Mei Chen", "class": "Algebra 1-01", "tab": "why"}
SIZE = ViewportSize(width=1280, height=800)
STORY = "library/by-hand"


def main(folder: Path) -> None:
    """Make the pictures.

    Args:
        folder: where to; files of the same names are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chromium = find_chromium()
    if chromium is None:
        sys.exit("Chromium is not installed: install the system's package chromium")
    with tempfile.TemporaryDirectory() as kept, sync_playwright() as playwright, _console(Path(kept)) as console:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        pages = (
            ("console", f"{console}/{WORLD}?{urlencode({**ABOUT, 'person': '', 'tab': 'timeline'})}", "light"),
            ("console-why", f"{console}/{WORLD}?{urlencode(ABOUT)}", "dark"),
            ("report", _report(Path(kept)).as_uri(), "light"),
        )
        for name, address, scheme in pages:
            page = browser.new_page(viewport=SIZE, color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
            page.goto(address)
            page.screenshot(path=folder / f"{name}.png")
            page.close()
        browser.close()


def find_chromium() -> str | None:
    """Find the system's Chromium, under whatever name its package gives it."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def _console(folder: Path) -> Iterator[str]:
    """Serve the sandbox, in a process of its own, as it is while the ticket is looked at."""
    state = folder / "state"
    command = (sys.executable, "-P", "-m", "rostersim", "serve", "--state", str(state))
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - this very program
    try:
        if server.stdout is None or not any(LAST_WORDS in said for said in server.stdout):
            sys.exit("rostersim serve did not start")
        control = Control.of_state(state)
        added, looked_at = MOMENTS
        _advance(control, added)
        control.post(f"/worlds/{WORLD}/steps", StepsDone, {"steps": TICKET})
        _advance(control, looked_at)
        yield f"{control.url}/console"
    finally:
        server.terminate()
        server.communicate()


def _advance(control: Control, moment: str) -> None:
    status = control.post(f"/worlds/{WORLD}/clock/advance", ClockStatus, {"to": moment})
    control.until_ready(WORLD, status)


def _report(folder: Path) -> Path:
    """Write the report of a few built-in stories."""
    suite = play_suite(find_stories([STORY]), Options(DEFAULT_SUT), 1, Follower())
    return write_html(suite, folder / "report")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
