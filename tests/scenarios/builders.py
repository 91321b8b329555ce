"""Small stories for tests, written out as files."""

from pathlib import Path

from scenarios.play import DEFAULT_SUT, Options, play_file
from scenarios.story import SUFFIX
from simulator.results import StoryResult
from simulator.sut import read_spec

DISTRICT = """\
  02M475:
    students: [Mei Chen]
    sections:
      Algebra 1-01: {teacher: Rosa Diaz, students: [Ben Okri]}
"""
WIPED = """\
  - Mon 14 Sep 10:00: {otus: add student, student: Mei Chen, class: Algebra 1-01}
  - after night 1:
      expect: {Mei Chen: {not in: Algebra 1-01}}
"""


def story_text(story: str = WIPED, *, district: str = DISTRICT, head: str = "", rules: str = "[F8]") -> str:
    """Write a story of Mei Chen, Ben Okri and Rosa Diaz in Algebra 1-01."""
    return f"title: A small story\nrules: {rules}\nstart: 2026-09-14 08:00\n{head}district:\n{district}story:\n{story}"


def story_file(folder: Path, text: str, name: str = "small") -> Path:
    """Put a story into a folder."""
    path = folder / f"{name}{SUFFIX}"
    path.write_text(text, encoding="utf-8")
    return path


def played(folder: Path, story: str = WIPED, *, sut: str = DEFAULT_SUT, seed: int = 0, **parts: str) -> StoryResult:
    """Play a small story with the real sync, or another."""
    path = story_file(folder, story_text(story, **parts))
    return play_file(path, path.name, Options(sut, seed), read_spec(sut))
