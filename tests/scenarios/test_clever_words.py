"""What a story may say of Clever: its settings, what is done there, what is expected of it."""

from pathlib import Path
from typing import get_args

import pytest

from fakes.clever import QUIRKS, USUAL_QUIRKS, HoldSettings
from fakes.clever.quirks import HALF_UPLOADED_CSV
from scenarios.located import StoryError
from scenarios.story import QuirkWords, Story, read_story
from simulator.results import StoryResult
from tests.scenarios.builders import played, story_file, story_text

CLEVER = "settings: {{clever: {{{}}}}}\n"


def read(folder: Path, words: str) -> Story:
    return read_story(story_file(folder, story_text(head=CLEVER.format(words))), 0)


def messages(folder: Path, text: str) -> str:
    with pytest.raises(StoryError) as caught:
        read_story(story_file(folder, text), 0)
    return "\n".join(caught.value.lines())


def at_ten(*steps: str) -> str:
    return "".join(f"  - Mon 14 Sep 10:0{minute}: {{{step}}}\n" for minute, step in enumerate(steps))


def found(result: StoryResult) -> list[tuple[str, str]]:
    return [(finding.kind, finding.message) for finding in result.findings]


def test_clever_holds_nothing_unless_a_story_says_so(tmp_path: Path) -> None:
    assert read(tmp_path, "rate limit per minute: 60").setup.clever_hold is None


@pytest.mark.parametrize(
    ("words", "hold"),
    [
        ("hold at percent: 10", HoldSettings(removed_percent=10)),
        ("hold at percent: 0, hold at least: 1", HoldSettings(removed_percent=0, removed_min=1)),
        ("hold on term change: yes", HoldSettings(term_change=True)),
    ],
)
def test_one_word_on_holds_turns_them_on_and_leaves_the_rest_as_usual(
    tmp_path: Path, words: str, hold: HoldSettings
) -> None:
    assert read(tmp_path, words).setup.clever_hold == hold


def test_quirks_come_to_the_usual_ones_and_those_can_be_turned_off(tmp_path: Path) -> None:
    setup = read(tmp_path, "quirks: [enum drift], quirks off: [term ids reissued], quirk percent: 100").setup
    assert setup.clever_quirks == USUAL_QUIRKS - {"term_ids_reissued"} | {"enum_drift"}
    assert setup.clever_quirk_percent == 100


def test_a_story_knows_every_quirk_but_the_one_of_csv_folders() -> None:
    assert {words.replace(" ", "_") for words in get_args(QuirkWords)} == QUIRKS.keys() - {HALF_UPLOADED_CSV}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (story_text(head=CLEVER.format("quirks: [enum drfit]")), "did you mean 'enum drift'?"),
        (story_text(head=CLEVER.format("hold at percent: 101")), "expected 0 to 100"),
        (story_text(at_ten("clever: relase hold")), "did you mean 'release hold'?"),
        (story_text(at_ten("clever: new staff, person: Mei Chen")), "'Mei Chen' is not a teacher of the district"),
        (story_text(at_ten("clever: pause for the summer, year: 2027, last day: June")), "'June' is no day"),
        (story_text(at_ten("expect: {clever: {state: helt}}")), "expected one of: error, paused, pending, running"),
        (story_text(at_ten("expect: {clever: {}}")), "nothing is expected"),
        (story_text(at_ten("expect: {clevr: {state: running}}")), "did you mean 'clever'?"),
    ],
)
def test_a_slip_is_told_with_the_nearest_right_word(tmp_path: Path, text: str, message: str) -> None:
    assert message in messages(tmp_path, text)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ("{is: contact in Clever}", "`of` names the students of a contact"),
        ("{is: staff in Clever, of: [Mei Chen]}", "`of` names the students of a contact"),
        ("{is: contact in Clever, of: [Mei Chan]}", "'Mei Chan' is no student of the district"),
    ],
)
def test_a_contact_is_of_students(tmp_path: Path, other: str, message: str) -> None:
    assert message in messages(tmp_path, story_text().replace("story:", f"others: {{Lan Chen: {other}}}\nstory:"))


@pytest.mark.parametrize("verb", ["release hold", "discard hold"])
def test_a_hold_that_is_not_there_is_a_finding_about_the_story(tmp_path: Path, verb: str) -> None:
    result = played(tmp_path, at_ten(f"clever: {verb}"))
    assert result.status == "failed"
    ((kind, message),) = found(result)
    assert kind == "expectation"
    assert "no sync is on hold" in message


def test_who_is_not_staff_cannot_leave_the_staff(tmp_path: Path) -> None:
    result = played(tmp_path, at_ten("clever: no longer staff, person: Rosa Diaz"))
    assert found(result) == [("expectation", "Clever has no Rosa Diaz among the staff now")]


def test_staff_of_another_email_are_another_user(tmp_path: Path) -> None:
    steps = (
        "clever: new staff, person: Rosa Diaz, email: office@schools.example",
        "expect: {Rosa Diaz: {roles in Clever: teacher}}",
        "clever: no longer staff, person: Rosa Diaz",
        "clever: new staff, person: Rosa Diaz",
        "expect: {Rosa Diaz: {roles in Clever: [staff, teacher]}}",
    )
    assert found(played(tmp_path, at_ten(*steps))) == []


def test_a_term_that_would_end_before_it_starts_is_refused(tmp_path: Path) -> None:
    steps = at_ten("ats: change term, ends: 2026-09-01, refused: start", "expect: {Mei Chen: {in ATS: Algebra 1-01}}")
    assert [kind for kind, _ in found(played(tmp_path, steps))] == ["expectation"]  # she is in no section


def test_what_clever_is_expected_to_be_and_is_not_is_told(tmp_path: Path) -> None:
    steps = (
        "clever: pause",
        "expect: {clever: {state: running, reason: terms, new term ids: [Fall 2026]}}",
    )
    assert [message for _, message in found(played(tmp_path, at_ten(*steps)))] == [
        "the state of the district in clever",
        "what clever says of the district",
        "the terms with a new id in clever",
    ]


def test_a_delivery_that_waits_says_why(tmp_path: Path) -> None:
    story = at_ten("clever: pause", "ats: enroll, student: Mei Chen, section: Algebra 1-01") + (
        "  - Thu 17 Sep 10:02:\n      expect: {Mei Chen: {not in Clever: Algebra 1-01}}\n"
    )
    result = played(tmp_path, story)
    assert found(result) == []
    (delivery,) = [entry for entry in result.entries if entry.kind == "delivery"]
    assert delivery.facts["waits"] == "the district is paused"


def test_a_summer_without_a_first_day_lasts_until_somebody_resumes(tmp_path: Path) -> None:
    story = """\
  - Mon 14 Sep 10:00: {clever: pause for the summer, year: 2026}
  - Mon 14 Sep 10:00:
      - expect: {clever: {state: paused}}
      - {clever: resume}
      - expect: {clever: {state: running}}
"""
    assert found(played(tmp_path, story)) == []
