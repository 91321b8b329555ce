from pathlib import Path

import pytest

from reports.document import write_json
from reports.errors import ReportError
from reports.files import write_whole
from reports.html import write_html
from reports.junit import write_junit
from tests.reports.builders import story, suite


def test_missing_folders_are_made_and_nothing_else_is_left_behind(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "a" / "b" / "report.txt", b"whole")
    assert path.read_bytes() == b"whole"
    assert [each.name for each in path.parent.iterdir()] == ["report.txt"]


def test_a_report_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    write_whole(tmp_path / "report.txt", b"the last one, and longer")
    assert write_whole(tmp_path / "report.txt", b"new").read_bytes() == b"new"


def test_a_folder_that_is_a_file_is_said_with_the_place_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ReportError, match=r"cannot write the report .*taken.*Name another place"):
        write_html(suite(story()), tmp_path / "taken")


def test_a_report_error_is_an_os_error() -> None:
    assert issubclass(ReportError, OSError)


def test_half_a_report_is_never_seen_when_writing_fails(tmp_path: Path) -> None:
    (tmp_path / "results.json" / "inside").mkdir(parents=True)
    for write in (write_json, write_junit):
        with pytest.raises(ReportError, match=r"results\.json"):
            write(suite(story()), tmp_path / "results.json")
    assert [each.name for each in tmp_path.iterdir()] == ["results.json"]
