"""The library is the catalogue: no line without a story, no story without a line, no rule without either."""

import pytest

from scenarios.shelf import LIBRARY
from scenarios.story import SUFFIX, Story, read_story
from simulator.rulebook import RULES
from tests.scenarios.catalogue import CATALOGUE

LINES = {f"{theme}: {line}": (theme, names) for theme, lines in CATALOGUE.items() for line, names in lines.items()}
STORIES = sorted(LIBRARY.rglob(f"*{SUFFIX}"))


def key_of(path: object) -> str:
    return str(path).removeprefix(f"{LIBRARY}/").removesuffix(SUFFIX)


@pytest.fixture(scope="module")
def library() -> dict[str, Story]:
    return {key_of(path): read_story(path, 0) for path in STORIES}


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_catalogue_has_stories(line: str) -> None:
    theme, names = LINES[line]
    assert names, "a line without a story"
    assert [name for name in names if not (LIBRARY / theme / f"{name}{SUFFIX}").is_file()] == []


def test_every_story_of_the_library_is_on_one_line_of_the_catalogue() -> None:
    listed = [f"{theme}/{name}" for theme, names in LINES.values() for name in names]
    assert sorted(listed) == sorted(key_of(path) for path in STORIES)
    assert len(STORIES) >= 70


def test_no_rule_is_without_a_story_that_names_it(library: dict[str, Story]) -> None:
    named = {rule for story in library.values() for rule in story.rules}
    assert [rule for rule in RULES if rule not in named] == []


def test_no_two_stories_have_one_title_and_all_say_what_they_are_about(library: dict[str, Story]) -> None:
    assert len({story.title for story in library.values()}) == len(library)
    assert [key for key, story in library.items() if not story.about] == []
