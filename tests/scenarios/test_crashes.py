"""Crash everywhere: in every small world the sync is killed at every request of a night, in three ways (A15)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scenarios.crashes import (
    Onlooker,
    StoryCrashes,
    Wish,
    crash_stories,
    crash_story,
    find_worlds,
    mortal,
    replay,
    shelf_of,
)
from scenarios.play import Options, play_file
from scenarios.shelf import Book, NoSuchStoryError
from simulator.crash.kills import KILL_KINDS, Kill
from simulator.crash.results import Miss, Ordeal
from simulator.sut import UnusableSutError, read_spec
from tests.scenarios.builders import WIPED, story_file, story_text
from tests.scenarios.conftest import CRASHES

NIGHTS = {"by-events": 2, "cancelled-and-restored": 2}
"""Where a world has two nights of work, the one that is put to the test here; ``rostersim crash`` does both."""
QUICK = "settings: {feed: {lag: 6h}}\n"


@pytest.mark.parametrize("world", [book.label for book in shelf_of("small")])
def test_killed_at_any_request_the_sync_comes_to_the_same_end(
    world: str, record_property: Callable[[str, object], None]
) -> None:
    wish = Wish(night=NIGHTS.get(world, 1))
    story = crash_story(find_worlds([world])[0], wish, mortal(wish.sut_spec))
    told = [(miss.kill, miss.request, miss.what) for ordeal in story.ordeals for miss in ordeal.misses]
    assert (story.status, story.problems, told) == ("passed", (), [])
    for ordeal in story.ordeals:
        assert ordeal.killed == ordeal.points == ordeal.requests * len(KILL_KINDS)
        assert ordeal.writes
        assert ordeal.aftermaths > len(KILL_KINDS)
    requests, aftermaths = (sum(getattr(o, name) for o in story.ordeals) for name in ("requests", "aftermaths"))
    counts = {"kills": story.kills, "requests": requests, "aftermaths": aftermaths, "differences": story.misses}
    record_property(CRASHES, (world, counts))


def test_there_are_at_least_six_small_worlds_and_some_have_several_schools() -> None:
    books = shelf_of("small")
    assert len(books) >= 6
    assert len({book.title for book in books}) == len(books)


@pytest.mark.parametrize("book", shelf_of("large"), ids=lambda book: book.label)
def test_a_large_world_is_a_story_that_holds(book: Book) -> None:
    result = play_file(book.path, book.label, Options(""), read_spec("callable: otus_sync.app:nightly"))
    assert (result.status, result.findings) == ("passed", ())


# ---------------------------------------------------------------- what is tried


def one(folder: Path, wish: Wish, story: str = WIPED) -> StoryCrashes:
    return crash_story(Book(story_file(folder, story_text(story, head=QUICK)), "small"), wish, mortal(wish.sut_spec))


def test_one_kill_alone_can_be_tried(tmp_path: Path) -> None:
    story = one(tmp_path, Wish(request=2, kinds=("half",)))
    assert [(ordeal.night, ordeal.points, ordeal.killed) for ordeal in story.ordeals] == [(1, 1, 1)]


def test_a_command_is_killed_as_well(tmp_path: Path) -> None:
    story = one(tmp_path, Wish("command: otus-sync run", request=2))
    assert (story.status, story.problems, story.kills) == ("passed", (), 3)


def test_every_kill_is_run_again_when_that_is_wished(tmp_path: Path) -> None:
    usual, thorough = (one(tmp_path, Wish(request=3, thorough=wished)) for wished in (False, True))
    assert (usual.kills, thorough.kills) == (3, 3)
    assert (usual.misses, thorough.misses) == (0, 0)


def test_quiet_nights_are_left_out_unless_they_are_named(tmp_path: Path) -> None:
    quiet = "  - after nights 1-2: {expect: {Ben Okri: {account: active}}}\n"
    left_out, named = one(tmp_path, Wish(), quiet), one(tmp_path, Wish(night=2, request=1), quiet)
    assert (left_out.status, left_out.ordeals) == ("passed", ())
    assert (named.status, named.kills, named.ordeals[0].writes) == ("passed", 3, 0)


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        (Wish(night=7), "--night 7: the story has 1 nights"),
        (Wish(night=1, request=99), "--at 99: no run of night 1 has so many requests"),
        (Wish(request=99), "--at 99: no run that writes has so many requests"),
    ],
)
def test_what_is_not_there_to_be_killed_is_told(wish: Wish, told: str, tmp_path: Path) -> None:
    story = one(tmp_path, wish)
    assert (story.status, story.problems) == ("unusable", (told,))


def test_a_story_that_does_not_hold_is_no_measure(tmp_path: Path) -> None:
    story = one(tmp_path, Wish(request=1), WIPED.replace("not in:", "in:"))
    assert story.status == "failed"
    assert "expected" in story.problems[0] or "Mei Chen" in story.problems[0]


@pytest.mark.parametrize("story", ["night/two-syncs-at-once", "night/rate-limit"])
def test_a_story_goes_on_as_ever_after_its_nights_were_put_to_the_test(story: str) -> None:
    wish = Wish(kinds=("half",))
    found = crash_story(find_worlds([f"library/{story}.scenario.yaml"])[0], wish, mortal(wish.sut_spec))
    assert (found.status, found.problems, found.misses) == ("passed", (), 0)
    assert found.kills > 0


@pytest.mark.parametrize("spec", ["callable: otus_sync.app:nightly", "external", "http: http://127.0.0.1:1/run"])
def test_a_sync_that_is_no_process_of_ours_cannot_be_killed(spec: str) -> None:
    with pytest.raises(UnusableSutError, match="a sync is killed as a process"):
        mortal(spec)


def test_a_world_that_is_not_there_is_told_with_the_nearest() -> None:
    with pytest.raises(NoSuchStoryError, match=r"no world, file or folder 'by-hant' .*by-hand"):
        find_worlds(["by-hant"])


def test_worlds_are_found_by_name_by_kind_by_file_and_in_the_library(tmp_path: Path) -> None:
    path = story_file(tmp_path, story_text())
    books = find_worlds(["first-night", "small", str(path), "library/email/two-students-swapped.scenario.yaml"])
    labels = [book.label for book in books]
    assert labels[0] == "first-night"
    assert set(labels) > {book.label for book in shelf_of("small")}
    assert len(set(labels)) == len(labels) == len(shelf_of("small")) + 2
    assert find_worlds([]) == shelf_of("small")


def test_workers_find_the_same_and_are_counted(tmp_path: Path) -> None:
    class Counted(Onlooker):
        kills = 0

        def tried(self, kills: int) -> None:
            self.kills = max(self.kills, kills)

    books = [Book(story_file(tmp_path, story_text(head=QUICK), name), name) for name in ("first", "second")]
    counted = Counted()
    stories = crash_stories(books, Wish(request=2), 2, counted)
    assert [(story.label, story.status, story.kills) for story in stories] == [
        ("first", "passed", 3),
        ("second", "passed", 3),
    ]
    assert counted.kills == 6


def test_a_miss_is_tried_again_by_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNC_BATCH_ROWS", "2")
    miss = Miss(Kill(17, "half"), "POST /x", ("something",))
    assert replay("by-hand", Ordeal(4, 9, "succeeded", 20, 2), miss, Wish("command: node a.js", seed=3)) == (
        "SYNC_BATCH_ROWS=2 rostersim crash --world by-hand --night 4 --at 17 --kind half --seed 3"
        " --sut 'command: node a.js'"
    )
