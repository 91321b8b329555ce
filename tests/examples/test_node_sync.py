"""The example sync in Node passes the stories that docs/your-own-sync.md names, and some bad nights besides."""

import shutil
from pathlib import Path

import pytest

from scenarios.play import Options, play_file
from scenarios.shelf import LIBRARY
from simulator.sut import read_spec

PROGRAM = Path(__file__).parents[2] / "examples" / "node-sync" / "sync.mjs"
SUT = f"command: node {PROGRAM}"
STORIES = [
    "by-hand/student-wiped",
    "by-hand/student-also-added-in-ats",
    "co-teacher/added-in-ats",
    "co-teacher/third-refused",
    "email/student-changed-in-ats",
    "night/crash-in-the-middle",
    "night/two-syncs-at-once",
    "night/token-rotated",
]

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed on this machine")


@pytest.mark.parametrize("story", STORIES)
def test_the_example_passes_the_story(story: str) -> None:
    path = LIBRARY / f"{story}.scenario.yaml"
    result = play_file(path, story, Options(SUT, second_run=story.startswith("night/")), read_spec(SUT))
    assert [finding.message for finding in result.findings] == []
    assert result.status == "passed"


def test_the_document_shows_the_program_and_names_what_it_passes() -> None:
    document = (PROGRAM.parents[2] / "docs" / "your-own-sync.md").read_text(encoding="utf-8")
    assert "examples/node-sync/sync.mjs" in document
    assert all(f"library/{story}" in document for story in STORIES)
