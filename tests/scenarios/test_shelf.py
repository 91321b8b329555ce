"""Which stories a user means."""

from pathlib import Path

import pytest

from scenarios.shelf import LIBRARY, Book, NoSuchStoryError, find_stories, nights_named
from tests.scenarios.builders import story_file, story_text


def labels(*names: str, word: str = "") -> list[str]:
    return [book.label for book in find_stories(list(names), word)]


@pytest.fixture(autouse=True)
def in_a_folder_with_two_stories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working folder has ``a`` and ``deep/b``, and a file that is no story."""
    (tmp_path / "deep").mkdir()
    story_file(tmp_path, story_text(rules="[F8]"), "a")
    story_file(tmp_path / "deep", story_text(rules="[A15]").replace("A small", "Another"), "b")
    (tmp_path / "notes.yaml").write_text("no story")
    monkeypatch.chdir(tmp_path)


def test_a_file_is_a_story_whatever_it_is_called() -> None:
    assert labels("a.scenario.yaml", "notes.yaml") == ["a.scenario.yaml", "notes.yaml"]


def test_a_folder_holds_the_stories_in_it_by_the_end_of_their_names() -> None:
    assert labels(".") == ["./a.scenario.yaml", "./deep/b.scenario.yaml"]
    assert labels("deep/") == ["deep/b.scenario.yaml"]


def test_a_story_that_is_named_twice_is_played_once_under_its_first_name(tmp_path: Path) -> None:
    assert labels("a.scenario.yaml", ".", str(tmp_path)) == ["a.scenario.yaml", "./deep/b.scenario.yaml"]


def test_without_a_name_the_whole_library_is_meant() -> None:
    whole = labels()
    assert whole == labels("library") == labels("library/")
    assert len(whole) == len(list(LIBRARY.rglob("*.scenario.yaml")))
    assert all(label.startswith("library/") for label in whole)


def test_a_part_of_the_library_can_be_named_from_anywhere() -> None:
    theme = labels("library/by-hand")
    assert all(label.startswith("library/by-hand/") for label in theme)
    assert labels("library/by-hand/student-wiped.scenario.yaml") == ["library/by-hand/student-wiped.scenario.yaml"]


def test_a_folder_of_the_users_called_library_is_the_users(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    story_file(tmp_path / "library", story_text(), "mine")
    assert labels("library") == ["library/mine.scenario.yaml"]
    assert labels("library/by-hand/student-wiped.scenario.yaml") == ["library/by-hand/student-wiped.scenario.yaml"]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("a.scen", ["a.scenario.yaml"]),
        ("DEEP", ["deep/b.scenario.yaml"]),
        ("another", ["deep/b.scenario.yaml"]),
        ("a15", ["deep/b.scenario.yaml"]),
        ("story", ["a.scenario.yaml", "deep/b.scenario.yaml"]),
    ],
)
def test_a_word_keeps_the_stories_that_have_it_in_path_title_or_rules(word: str, found: list[str]) -> None:
    assert labels("a.scenario.yaml", "deep", word=word) == found


def test_a_word_that_stands_in_the_story_itself_does_not_count() -> None:
    with pytest.raises(NoSuchStoryError, match=r"-k 'Mei Chen': no story has this in its path, title or rules \(of 2"):
        labels(".", word="Mei Chen")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere", "there is no file or folder 'nowhere'"),
        ("library/by-hnad", "did you mean 'library/by-hand'?"),
        ("libary/by-hand", "did you mean 'library/by-hand'?"),
        (
            "library/by-hand/student-wipd.scenario.yaml",
            "did you mean 'library/by-hand/student-wiped.scenario.yaml'?",
        ),
        ("x" * 5000, "cannot be looked into: File name too long"),
        ("a\0b", "there is no file or folder"),
    ],
)
def test_a_name_that_leads_nowhere_is_told_with_the_nearest(name: str, told: str) -> None:
    with pytest.raises(NoSuchStoryError) as caught:
        labels(name)
    assert told in str(caught.value)


def test_a_folder_without_a_story_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoSuchStoryError, match=r"'empty' holds no story: a story's file name ends with .scenario.yaml"):
        labels("empty")


def test_a_title_is_read_without_reading_the_story(tmp_path: Path) -> None:
    (book,) = find_stories(["a.scenario.yaml"])
    assert book.title == "A small story"
    story_file(tmp_path, "title: 'In quotes: yes'\n", "c")
    (tmp_path / "none.scenario.yaml").write_bytes(b"\xff\xfe no title")
    quoted, none = find_stories(["c.scenario.yaml", "none.scenario.yaml"])
    assert (quoted.title, none.title) == ("In quotes: yes", "none.scenario.yaml")


def test_a_file_that_vanishes_has_its_name_for_a_title(tmp_path: Path) -> None:
    (book,) = find_stories(["a.scenario.yaml"])
    (tmp_path / "a.scenario.yaml").unlink()
    assert book.title == "a.scenario.yaml"


def test_the_nights_of_a_story_are_guessed_from_the_largest_night_it_names(tmp_path: Path) -> None:
    story = tmp_path / "long.scenario.yaml"
    story.write_text("story:\n  - after night 3: {}\n  - after nights 4-139: {}\n  - faults: page 700 of sections\n")
    assert nights_named(Book(story, "long")) == 139
    assert nights_named(Book(tmp_path / "missing.scenario.yaml", "missing")) == 0
