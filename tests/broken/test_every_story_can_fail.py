"""No story is always green: each has been seen to fail, as a finding about the sync, when something is broken."""

import pytest

from otus_sync import app
from scenarios.play import DEFAULT_SUT, Options, play_file
from scenarios.shelf import LIBRARY
from scenarios.story import SUFFIX
from simulator.results import StoryResult
from simulator.sut import CallableSut
from tests.broken.stories import LONG, PROOFS

THOROUGH = pytest.mark.thorough
STORIES = [pytest.param(story, marks=THOROUGH if story in LONG else ()) for story in PROOFS]


def play(story: str) -> StoryResult:
    """Play a story without second runs: what is broken is to be noticed by the story itself."""
    path = LIBRARY / f"{story}{SUFFIX}"
    options = Options(DEFAULT_SUT, second_run=False)
    return play_file(path, f"library/{path.relative_to(LIBRARY)}", options, CallableSut(app.nightly))


def test_every_story_of_the_library_has_something_that_turns_it_red() -> None:
    stories = {str(path.relative_to(LIBRARY)).removesuffix(SUFFIX) for path in LIBRARY.rglob(f"*{SUFFIX}")}
    assert sorted(stories) == sorted(PROOFS)
    assert set(LONG) <= set(PROOFS)


@pytest.mark.parametrize("story", STORIES)
def test_a_story_fails_when_something_is_broken(story: str) -> None:
    with PROOFS[story]():
        result = play(story)
    assert result.status == "failed", f"{story} does not notice {PROOFS[story].__name__}"
    assert all(finding.kind not in ("harness", "input") for finding in result.findings)
