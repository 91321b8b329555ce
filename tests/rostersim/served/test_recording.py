"""What was done in a served world becomes a story that does it again."""

from datetime import datetime
from pathlib import Path

import pytest

from rostersim.served.deeds import time_words
from scenarios.play import DEFAULT_SUT, Options, play_file
from simulator.clock import NEW_YORK
from simulator.results import StoryResult
from simulator.sut import read_spec
from tests.rostersim.served.builders import BY_HAND, ENROLL, served
from tests.scenarios.builders import story_file, story_text

BEGINNING_PARTS = """\
start: 2026-09-14 08:00
settings:
  feed: {lag: 48h}  # a fast one
district:
  02M475:
    students: ['Mei Chen']
    sections:
      Algebra 1-01: {teacher: Rosa Diaz, students: [Ben Okri]}
people:
  Mei Chen: {grade: '09'}
"""


def replayed(tmp_path: Path, scenario: str, sut: str = DEFAULT_SUT) -> StoryResult:
    path = story_file(tmp_path, scenario, "ticket")
    return play_file(path, path.name, Options(sut), read_spec(sut))


def test_a_recording_plays_green_where_the_demand_holds_and_red_where_it_does_not(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        asker.post("/record/start", {"title": "Ticket 1234: Mei Chen is missing"})
        asker.advance("Mon 14 Sep 10:00")
        asker.do(ENROLL)
        asker.do(BY_HAND)
        asker.advance("next night")
        told = asker.post("/record/expect", {"expect": "Mei Chen: {in: Algebra 1-01}"})
        assert (told["holds"], "Mei Chen is not in Algebra 1-01" in told["message"]) == (False, True)
        red = asker.post("/record/stop")["scenario"]
        asker.post("/clock/rewind", {"to": "Mon 14 Sep 10:00"})
        asker.until_ready()
        asker.advance("night 4")
        asker.post("/record/mark", {"words": "the teacher looks"})
        assert asker.post("/record/expect", {"expect": "Mei Chen: {in: Algebra 1-01}"})["holds"]
        green = asker.post("/record/stop")["scenario"]
    result = replayed(tmp_path, red)
    assert (result.status, result.title) == ("failed", "Ticket 1234: Mei Chen is missing")
    assert [finding.message for finding in result.findings] == ["Mei Chen is not in Algebra 1-01"]
    assert "# the teacher looks" in green
    assert replayed(tmp_path, green).status == "passed"


def test_every_kind_of_deed_is_done_again_at_its_time(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        asker.do("{otus: make class, teacher: Rosa Diaz, class: Practice}")
        asker.do("{fault: clever answers 500, requests: first 2, night: 1}")
        asker.advance("next night")
        asker.do("{sync: run now}")
        asker.do("expect: {sync: {ended: succeeded}}")
        asker.advance("36s")
        done = asker.do(f"[{BY_HAND}, {BY_HAND}]")
        assert [each["accepted"] for each in done] == [True, False]
        asker.advance("25h")
        asker.do("expect: {Mei Chen: {not in: Algebra 1-01}}")
        items = asker.get("/journal?limit=5000")["items"]
        entries = [(entry["who"], entry["what"]) for entry in items if entry["kind"] != "expectation"]
        scenario = asker.get("/record")["scenario"]
    result = replayed(tmp_path, scenario)
    assert result.status == "passed", (result.findings, scenario)
    again = [(entry.who, entry.what) for entry in result.entries if entry.kind != "expectation"]
    assert again == entries, scenario
    assert "- after night 1:\n      - {sync: run now}\n      - {expect: {sync: {ended: succeeded}}}" in scenario
    assert "- Mon 14 Sep 08:00:" in scenario


def test_what_was_undone_is_in_no_recording(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        asker.post("/snapshots", {"name": "before"})
        asker.do(BY_HAND)
        assert "add student" in asker.get("/record")["scenario"]
        asker.post("/snapshots/before/restore")
        asker.until_ready()
        assert "add student" not in asker.get("/record")["scenario"]


def test_the_steps_of_a_story_that_is_played_are_in_its_recording_too(tmp_path: Path) -> None:
    with served(tmp_path / "state", story_text(), play=True) as asker:
        asker.advance("next night")
        scenario = asker.get("/record")["scenario"]
    assert "- Mon 14 Sep 10:00: {otus: add student, student: Mei Chen, class: Algebra 1-01}" in scenario
    assert "- after night 1: {expect: {Mei Chen: {not in: Algebra 1-01}}}" in scenario
    assert replayed(tmp_path, scenario).status == "passed"


def test_the_beginning_of_a_recording_is_the_one_of_its_world_word_for_word(tmp_path: Path) -> None:
    with served(tmp_path / "state", f"{BEGINNING_PARTS}title: 'Another: order'\n") as asker:
        scenario = asker.get("/record")["scenario"]
    assert BEGINNING_PARTS in scenario
    assert scenario.count("start:") == 1


def test_a_world_whose_story_is_one_line_is_recorded_too(tmp_path: Path) -> None:
    beginning = (
        "{title: x, start: 2026-09-14 08:00, district: {02M475: {sections: {Algebra 1-01: {teacher: Rosa Diaz}}}}}"
    )
    with served(tmp_path / "state", beginning) as asker:
        asker.do("expect: {Rosa Diaz: {in: Algebra 1-01}}")
        scenario = asker.get("/record")["scenario"]
    assert replayed(tmp_path, scenario).status == "passed", scenario


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-09-14T10:00:00", "Mon 14 Sep 10:00"),
        ("2026-09-14T10:00:07", "2026-09-14 10:00:07"),
    ],
)
def test_times_are_written_as_stories_have_them(moment: str, words: str) -> None:
    assert time_words(datetime.fromisoformat(moment).replace(tzinfo=NEW_YORK)) == words
