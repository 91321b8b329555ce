"""The guide for whoever has a ticket: its commands, as they stand there, lead from the ticket to a failing story."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulator.results import EXIT_FAILED

GUIDE = Path(__file__).parents[2] / "docs" / "reproduce-a-ticket.md"
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL) for line in block.splitlines()
]
ROSTERSIM = (sys.executable, "-P", "-m", "rostersim")
REAL_SECONDS_MAX = 60


def told(line: str, folder: Path) -> tuple[int, str]:
    """Type a command of the guide; give its exit code and what it printed or wrote to a file."""
    line, _, file = line.partition(" > ")
    words = shlex.split(line)
    assert words[0] == "rostersim"
    done = subprocess.run(
        (*ROSTERSIM, *words[1:]), cwd=folder, capture_output=True, text=True, timeout=REAL_SECONDS_MAX, check=False
    )
    if file:
        (folder / file).write_text(done.stdout)
    return done.returncode, done.stdout + done.stderr


@contextmanager
def kept_up(line: str, folder: Path) -> Iterator[None]:
    """Type the command that keeps a world up, in a terminal of its own; Ctrl-C in the end."""
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(
        (*ROSTERSIM, *shlex.split(line)[1:]), cwd=folder, env=environ, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        assert any("Ctrl-C ends it" in said for said in server.stdout)
        yield
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(REAL_SECONDS_MAX)
        server.stdout.close()


def test_a_newcomer_gets_from_the_ticket_to_a_failing_story_in_ten_commands_or_fewer(tmp_path: Path) -> None:
    assert len(COMMANDS) <= 10
    serve, *others = COMMANDS
    with kept_up(serve, tmp_path):
        answers = [told(line, tmp_path) for line in others]
    codes = [code for code, _ in answers]
    assert codes == [0] * (len(others) - 1) + [EXIT_FAILED], answers
    explained = next(text for line, (_, text) in zip(others, answers, strict=True) if " explain " in line)
    promised = re.search(r"```text\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert promised is not None
    assert promised.group(1) in explained
    assert "Mei Chen is not in Algebra 1-01" in answers[-1][1]
    story = (tmp_path / "ticket-1234.scenario.yaml").read_text()
    late = story.replace("Thu 17 Sep 09:00: {expect:", "after night 4: {expect:")
    (tmp_path / "later.scenario.yaml").write_text(late)
    assert told("rostersim run later.scenario.yaml", tmp_path)[0] == 0
