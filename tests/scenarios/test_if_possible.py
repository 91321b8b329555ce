"""Steps of which it does not matter whether they can be done, and what goes wrong by chance."""

from pathlib import Path

import pytest

from simulator.journal import encode_entries
from simulator.results import StoryResult
from tests.scenarios.builders import played, story_text
from tests.scenarios.test_language_errors import problems_of

LAST = "  - after night 2: {expect: {Mei Chen: {not in: Algebra 1-01}, sync: {ended: succeeded}}}\n"


def ends(result: StoryResult) -> list[str]:
    return [
        entry.what.rpartition(" ")[2] for entry in result.entries if entry.kind == "night" and entry.good is not None
    ]


@pytest.mark.parametrize(
    "step",
    [
        "Mon 14 Sep 10:00: {ats: drop, student: Mei Chen, section: Algebra 1-01}",  # refused
        "Mon 14 Sep 10:00: {otus: approve removals}",  # there are none
        "Mon 14 Sep 10:00: {clever: release hold}",  # nothing is held
        "Mon 14 Sep 10:00: {fault: otus answers 500, writes: 9, night: 1}",  # it never strikes
        "during night 1, after request 500: {otus: add student, student: Mei Chen, class: Algebra 1-01}",
        "after night 1: {otus: approve removals}",
    ],
)
def test_a_story_goes_on_where_a_step_that_is_only_done_if_possible_is_not(tmp_path: Path, step: str) -> None:
    assert played(tmp_path, f"  - {step}\n{LAST}").status == "failed"
    result = played(tmp_path, f"  - {step[:-1]}, if possible: yes}}\n{LAST}")
    assert (result.status, len(ends(result))) == ("passed", 2)


def test_somebody_who_never_came_is_not_there_for_later_steps(tmp_path: Path) -> None:
    story = (
        "  - during night 1, after request 500:\n"
        "      - {ats: new teacher, teacher: Kim Tran, school: 02M475, if possible: yes}\n"
        "  - after night 1:\n"
        "      - {otus: adjust ID, person: Kim Tran, if possible: yes}\n"
        "      - {clever: new staff, person: Kim Tran, if possible: yes}\n"
        "      - {otus: make class, class: Practice, teacher: Kim Tran, if possible: yes}\n"
    )
    assert played(tmp_path, story + LAST).status == "passed"


def test_nobody_leaves_a_section_for_one_that_is_not_there(tmp_path: Path) -> None:
    story = (
        "  - during night 1, after request 500:\n"
        "      - {ats: new section, section: Biology-01, school: 02M475, if possible: yes}\n"
        "  - after night 1: {ats: move, student: Ben Okri, from: Algebra 1-01, to: Biology-01, if possible: yes}\n"
        "  - after night 3: {ats: enroll, student: Mei Chen, section: Algebra 1-01}\n"
        "  - after night 5: {expect: {Ben Okri: {in: Algebra 1-01}, Mei Chen: {in: Algebra 1-01}}}\n"
    )
    assert played(tmp_path, story, head="settings: {feed: {lag: 1h}}\n").status == "passed"


def test_a_step_that_is_possible_is_done(tmp_path: Path) -> None:
    story = "  - after night 1: {otus: add student, student: Mei Chen, class: Algebra 1-01, if possible: yes}\n"
    now = "  - +1min: {expect: {Mei Chen: {in: Algebra 1-01}}}\n"
    assert played(tmp_path, story + now + LAST).status == "passed"


def test_a_step_cannot_be_refused_and_done_if_possible(tmp_path: Path) -> None:
    step = "  - Mon 14 Sep 10:00: {clever: pause, refused: no, if possible: yes}\n"
    (problem,) = problems_of(tmp_path, story_text(step + LAST))
    assert "exclude each other" in problem.message


# ---------------------------------------------------------------- by chance


def test_what_goes_wrong_by_chance_goes_wrong_in_the_nights_it_is_said_of_and_always_so(tmp_path: Path) -> None:
    head = "settings: {seed: 5, faults: {errors: 90, nights: 1-2}}\n"
    results = [
        played(tmp_path, "  - after night 4: {expect: {sync: {ended: succeeded}}}\n", head=head) for _ in range(2)
    ]
    assert ends(results[0]) == ["failed", "failed", "succeeded", "succeeded"]
    assert encode_entries(list(results[0].entries)) == encode_entries(list(results[1].entries))


def test_an_answer_spoilt_to_the_end_excuses_a_run_that_fails_or_cannot_say_how_it_ended(tmp_path: Path) -> None:
    head = "settings: {faults: {spoilt: 100, nights: 1-1}}\n"
    result = played(tmp_path, "  - after night 2: {expect: {sync: {ended: succeeded}}}\n", head=head)
    assert result.status == "passed"
    assert ends(result)[0] in ("failed", "crashed")


def test_the_seed_of_a_story_is_added_to_the_one_of_the_command_line(tmp_path: Path) -> None:
    def strikes(story_seed: int, seed: int) -> list[str]:
        head = f"settings: {{seed: {story_seed}, faults: {{slow: 30}}}}\n"
        result = played(tmp_path, LAST, head=head, seed=seed)
        return [entry.what for entry in result.entries if entry.kind == "fault"]

    assert strikes(3, 4) == strikes(7, 0) != strikes(3, 0)


def test_rates_that_are_more_than_all_requests_are_refused_where_they_stand(tmp_path: Path) -> None:
    text = story_text(LAST, head="settings:\n  faults: {errors: 60, slow: 60}\n")
    (problem,) = problems_of(tmp_path, text)
    assert (problem.place.line, "120 faults in 100 requests" in problem.message) == (5, True)
