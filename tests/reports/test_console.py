import re
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from rich.console import Console

from reports.console import FINDINGS_SHOWN_MAX, LiveConsole
from simulator.results import StoryResult, SuiteResult
from tests.reports.builders import Told, at, finding, many_nights, story, suite, wiped, worked_timing

ESCAPE = "\x1b"


def played(results: SuiteResult, console: Console, *, verbose: bool = False, report: Path | None = None) -> str:
    """Tell a whole run to a console, as the front door does."""
    with LiveConsole(console, len(results.stories), verbose=verbose) as live:
        for result in results.stories:
            live.story_started(result.path, result.title)
            hear = live.listener(result.path)
            for entry in result.entries:
                hear(entry)
            live.story_finished(result)
        live.close(results, report)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def plain() -> Console:
    return Console(file=StringIO(), width=110)


def terminal(**environ: str) -> Console:
    variables = {"TERM": "xterm", **environ}
    return Console(file=StringIO(), width=110, force_terminal=True, color_system="standard", _environ=variables)


def failed_story() -> StoryResult:
    return story(wiped(), status="failed", findings=(finding(wiped()),))


def test_every_story_is_one_line_and_its_timeline_another() -> None:
    text = played(suite(story(wiped())), plain())
    line = "✓ by-hand A student added by hand is gone after the night  F8 · 1 night · 0.25 s\n"
    assert line + "  Mon 14 Sep ◆✓ ☾✓ Tue 15 Sep\n" in text


def test_the_signs_are_explained_once() -> None:
    text = played(suite(story(wiped()), story(worked_timing(), path="another")), plain())
    assert text.count("edit in ATS") == 1


def test_plain_output_has_no_control_codes_and_no_trailing_blanks() -> None:
    text = played(suite(failed_story(), story(many_nights(30), path="b")), plain(), verbose=True)
    assert ESCAPE not in text
    assert not re.search(r"[ \t]+$", text, re.MULTILINE)
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", text)


def test_no_color_means_plain_also_on_a_terminal() -> None:
    assert ESCAPE not in played(suite(failed_story()), terminal(NO_COLOR="1"))
    assert ESCAPE not in played(suite(failed_story()), terminal(TERM="dumb"))


def test_a_terminal_gets_colours_a_bar_and_its_cursor_back() -> None:
    text = played(suite(story(wiped()), failed_story()), terminal())
    assert "0 of 2 stories" in text
    assert "1 of 2 stories" in text
    assert text.rindex(f"{ESCAPE}[?25h") > text.rindex(f"{ESCAPE}[?25l")


def test_a_terminal_shows_a_story_grow_night_by_night() -> None:
    console = terminal()
    with LiveConsole(console, 1) as live:
        live.story_started("a", "A student added in ATS")
        hear = live.listener("a")
        for entry in worked_timing().entries[:-6]:
            hear(entry)
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", console.file.getvalue())  # type: ignore[attr-defined]
    assert "Mon 14 Sep ●┈┈☾✓┈┈☾" in text


def test_an_interrupted_run_gives_the_terminal_back() -> None:
    console = terminal()

    def interrupted() -> None:
        with LiveConsole(console, 1) as live:
            live.story_started("a", "A story")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert text.rindex(f"{ESCAPE}[?25h") > text.rindex(f"{ESCAPE}[?25l")


def test_the_summary_counts_and_says_seed_sync_and_report(tmp_path: Path) -> None:
    results = suite(story(wiped()), failed_story(), story(status="unusable", path="c"))
    text = played(results, plain(), report=tmp_path / "index.html")
    assert "1 failed · 1 unusable · 1 passed  (6 checks, 2 nights, 1.50 s)" in text
    assert "sync under test otus_sync.nightly:run · seed 42" in text
    assert f"report {tmp_path / 'index.html'}" in text


def test_findings_are_shown_in_full_and_many_are_counted() -> None:
    many = tuple(finding(message=f"finding {number}") for number in range(FINDINGS_SHOWN_MAX + 3))
    text = played(suite(story(status="failed", findings=many)), plain())
    assert text.count("✗ FAILED") == FINDINGS_SHOWN_MAX
    assert "and 3 more findings: the report has them all" in text


def test_an_unusable_story_is_marked_as_such_on_its_line() -> None:
    text = played(suite(story(status="unusable", title="mine.yaml", findings=(finding(kind="input"),))), plain())
    assert "✎ by-hand mine.yaml [unusable]" in text


def test_verbose_tells_the_description_and_the_whole_timeline_without_requests() -> None:
    text = played(suite(story(wiped())), plain(), verbose=True)
    assert "Rosa adds Mei by hand" in text
    assert "Tue 15 Sep 01:00" in text
    assert "GET /v3.0" not in text


def test_a_terminal_that_knows_ascii_only_is_not_killed_by_a_name() -> None:
    file = TextIOWrapper(BytesIO(), encoding="ascii")
    with LiveConsole(Console(file=file, width=110), 1) as live:
        live.story_finished(story(Told().by_hand(at(14), "adds 陈 to Algebra"), title="陈"))
        live.close(suite(story()))
    file.flush()
    assert b"PASSED by-hand ?" in file.buffer.getvalue()
    file.close()


def test_a_run_without_stories_says_so() -> None:
    assert "no stories" in played(suite(), plain())
