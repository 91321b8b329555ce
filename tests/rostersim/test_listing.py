"""How stories and rules are listed for the eye, and for a program that searches the lines."""

import io
from pathlib import Path

from rich.console import Console

from rostersim.listing import Listed, print_rules, print_stories
from scenarios.story import read_story
from tests.scenarios.builders import story_file, story_text


def console(*, terminal: bool) -> Console:
    width = 100 if terminal else 1000
    return Console(file=io.StringIO(), record=True, force_terminal=terminal, width=width, highlight=False)


def listed(folder: Path, *themes: str) -> list[Listed]:
    path = story_file(folder, story_text().replace("A small story", "A [bold]small[/] story"))
    return [Listed(f"library/{theme}/one.scenario.yaml", read_story(path, 0)) for theme in themes]


def test_on_a_terminal_stories_stand_under_their_themes(tmp_path: Path) -> None:
    shown = console(terminal=True)
    print_stories(shown, listed(tmp_path, "email", "email", "night"))
    lines = shown.export_text().splitlines()
    heads = [line for line in lines if line.startswith("library/")]
    assert heads == ["library/email  2 stories", "library/night  1 story"]
    assert sum("A [bold]small[/] story" in line and "F8" in line for line in lines) == 3
    assert lines[-1] == "3 stories in 2 themes"


def test_on_a_terminal_rules_stand_under_where_they_come_from_and_bare_ones_are_told(tmp_path: Path) -> None:
    shown = console(terminal=True)
    print_rules(shown, listed(tmp_path, "email"))
    text = shown.export_text()
    assert [line.split()[1] for line in text.splitlines() if line.startswith("Rules ")] == ["F", "H", "A"]
    assert "email/one" in text
    assert "no story" in text
    assert "40 rules, without a story: F1, F2" in " ".join(text.split())


def test_elsewhere_a_rule_is_a_line_that_can_be_searched(tmp_path: Path) -> None:
    shown = console(terminal=False)
    print_rules(shown, listed(tmp_path, "email"))
    lines = [line.rstrip() for line in shown.export_text().splitlines()]
    assert any(line.startswith("F8 ") and line.endswith("library/email/one.scenario.yaml") for line in lines)
