"""Each sync that does not survive every kill is found out, at the very kill, and told in words."""

from pathlib import Path

import pytest

from scenarios.crashes import StoryCrashes, Wish, crash_story, mortal
from scenarios.shelf import Book
from simulator.crash.kills import KillKind
from simulator.crash.results import Miss
from tests.scenarios.builders import story_file, story_text

NEW_STUDENT = """\
  - Mon 14 Sep 10:00: {ats: new student, student: Zoe Papas, school: 02M475}
  - after night 1: {expect: {Ben Okri: {account: active}}}
"""
QUICK = "settings: {feed: {lag: 6h}}\n"


def crashed(folder: Path, sync: str, kinds: tuple[KillKind, ...] = ("unserved", "half", "sent")) -> StoryCrashes:
    """Put the night after a new student has come to the test."""
    wish = Wish(f"forked: tests.broken.crashing:{sync}", night=1, kinds=kinds)
    story = story_text(NEW_STUDENT, head=QUICK)
    return crash_story(Book(story_file(folder, story), "small"), wish, mortal(wish.sut_spec))


def misses(story: StoryCrashes) -> list[Miss]:
    assert [ordeal.flaw for ordeal in story.ordeals] == [""]
    assert story.status == "failed"
    return list(story.ordeals[0].misses)


def test_a_sync_that_leaves_its_dead_runs_alone_is_kept_out_by_them(tmp_path: Path) -> None:
    found = misses(crashed(tmp_path, "leaves_its_dead_runs_alone", ("half",)))
    begun = next(miss for miss in found if miss.request == "POST /api/v1/sync-runs")
    assert found[0] == begun, "a run that has not begun keeps nobody out"
    assert begun.what[0].startswith("the run after it ended refused (")
    assert begun.what[0].endswith("and must end succeeded")
    assert found[-1].request == "PATCH /api/v1/sync-runs/1" or found[-1].kill.request >= begun.kill.request


def test_a_sync_that_notes_before_it_writes_forgets_somebody(tmp_path: Path) -> None:
    found = misses(crashed(tmp_path, "notes_before_it_writes"))
    assert {what for miss in found for what in miss.what} == {"Zoe Papas's account is not there, and must be"}
    before, during = (miss.kill for miss in found)  # whoever was in Otus before is there after all
    assert (before.request, before.kind) == (during.request - 1, "sent"), "noted, and about to be written"
    assert (during.kind, found[1].request) == ("unserved", "POST /api/v1/accounts/bulk")


def test_a_sync_that_adds_to_what_is_there_adds_twice(tmp_path: Path) -> None:
    found = misses(crashed(tmp_path, "adds_once_more"))
    once = "Algebra 1-01 (2026-09-15)"
    twice = f"the class {once}: name is {once} (2026-09-15), and must be {once}"
    assert {what for miss in found for what in miss.what} == {twice}
    assert [(miss.request, miss.kill.kind) for miss in found] == [
        ("POST /api/v1/classes/bulk", "half"),
        ("POST /api/v1/classes/bulk", "sent"),
        ("GET /v3.1/districts", "unserved"),
        ("GET /v3.1/districts", "half"),
    ]


@pytest.mark.parametrize("kind", ["unserved", "half", "sent"])
def test_the_same_night_is_green_when_nothing_is_broken(kind: KillKind, tmp_path: Path) -> None:
    wish = Wish(night=1, kinds=(kind,))
    story = crash_story(
        Book(story_file(tmp_path, story_text(NEW_STUDENT, head=QUICK)), "small"), wish, mortal(wish.sut_spec)
    )
    assert (story.status, story.problems, story.misses) == ("passed", (), 0)
    assert story.ordeals[0].killed == story.ordeals[0].requests
