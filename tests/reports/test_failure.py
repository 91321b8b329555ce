from io import StringIO

from rich.console import Console

from reports.failure import render_failure
from simulator.results import Finding, StoryResult
from tests.reports.builders import Told, at, finding, story, wiped


def shown(found: Finding, result: StoryResult, width: int = 110) -> str:
    console = Console(file=StringIO(), width=width)
    console.print(render_failure(found, result))
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_a_finding_says_where_what_was_expected_what_was_found_and_why() -> None:
    text = shown(finding(), story())
    assert "✗ FAILED Mei Chen is not in Algebra 1-01" in text
    assert "library/by-hand/student-wiped.scenario.yaml:31:7" in text
    assert "expected  Mei Chen is not in Algebra 1-01" in text
    assert "found     Mei Chen is in Algebra 1-01, added by hand by Rosa Diaz" in text
    assert "F8    A student added by hand to a rostered class is removed by the next sync" in text
    assert "Hint  did you mean: is in" in text
    assert "Again rostersim run library/by-hand/student-wiped.scenario.yaml --seed 42" in text


def test_the_timeline_is_a_table_in_new_york_time_across_the_systems() -> None:
    text = shown(finding(wiped()), story())
    assert "Mon 14 Sep 10:00   Otus    Rosa Diaz   ● adds Mei Chen to Algebra 1-01 by hand" in text
    assert "Tue 15 Sep 01:00   sync    sync        ☾ night 1 ends: succeeded" in text


def test_wrong_input_a_broken_harness_and_a_failed_sync_look_different_and_name_whose_fault() -> None:
    failed, wrong, broken = (shown(finding(kind=kind), story()) for kind in ("expectation", "input", "harness"))
    assert "✗ FAILED" in failed
    assert "The sync under test did not do what the story expects." in failed
    assert "✎ UNUSABLE" in wrong
    assert "says nothing about the sync. Mend the input." in wrong
    assert "⚙ BROKEN" in broken
    assert "The harness itself failed" in broken


def test_a_name_with_an_escape_code_moves_no_cursor() -> None:
    told = Told().by_hand(at(14), "adds \x1b[2JMei to \x1b]0;title\x07Algebra")
    text = shown(finding(told, message="\x1b[31mred", found="\x1b[2J"), story(title="\x1b[0m"))
    assert "\x1b" not in text
    assert "\x07" not in text


def test_square_brackets_in_a_name_are_no_markup() -> None:
    assert "[bold]Mei[/bold]" in shown(finding(message="[bold]Mei[/bold] is not in [red]"), story())


def test_a_rule_that_does_not_exist_is_said_to_be_none() -> None:
    assert "There is no rule of this number." in shown(finding(rules=("F99",)), story())


def test_a_narrow_console_breaks_lines_and_loses_nothing() -> None:
    text = " ".join(shown(finding(wiped()), story(), width=60).split())
    assert "by the next sync unless Clever has them in it." in text
