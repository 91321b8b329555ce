"""Faults as a story says them, and steps inside a night."""

from pathlib import Path

import pytest

from scenarios.verbs import VERBS
from simulator.journal import Entry, encode_entries
from simulator.results import StoryResult
from tests.scenarios.builders import played, story_text
from tests.scenarios.test_language_errors import problems_of

ENROLLED = "  - Mon 14 Sep 10:00: {ats: enroll, student: Mei Chen, section: Algebra 1-01}\n"
FAST = "settings: {feed: {lag: 6h}}\n"
IN = "  - after night 1: {expect: {Mei Chen: {in: Algebra 1-01}, sync: {ended: succeeded}}}\n"

LOOKS = "  - after night 1: {expect: {Ben Okri: {in: Algebra 1-01}}}\n"


def faults(result: StoryResult) -> list[Entry]:
    return [entry for entry in result.entries if entry.kind == "fault"]


def messages(result: StoryResult) -> str:
    return " ".join(f"{finding.message} {finding.found}" for finding in result.findings)


def test_a_fault_is_in_the_journal_when_it_strikes_with_the_line_that_planned_it(tmp_path: Path) -> None:
    steps = ENROLLED + "  - +1min: {fault: clever answers 500, page: 1, of: sections, night: 1}\n" + IN
    result = played(tmp_path, steps, head=FAST)
    assert result.status == "passed"
    (entry,) = faults(result)
    assert (entry.lane, entry.who, entry.what) == ("clever", "Clever", "answers 500, page 1 of sections")
    assert (entry.night, entry.at[:16]) == (1, "2026-09-15T05:00")
    assert entry.line == 12


@pytest.mark.parametrize("words", [words for words in VERBS["fault"] if "answer" in words or "cuts" in words])
def test_the_sync_that_comes_along_outlives_every_fault_that_passes(tmp_path: Path, words: str) -> None:
    steps = ENROLLED + f"  - +1min: {{fault: {words}, requests: 2, night: 1}}\n" + IN
    result = played(tmp_path, steps, head=FAST)
    assert (result.status, len(faults(result))) == ("passed", 1)


def test_a_fault_that_never_strikes_is_a_finding_at_its_line(tmp_path: Path) -> None:
    result = played(tmp_path, "  - +1min: {fault: clever answers 500, page: 7, of: sections, night: 1}\n" + IN)
    assert "a fault never struck: answers 500" in messages(result)
    assert 10 in [finding.line for finding in result.findings]


def test_without_a_night_a_fault_is_for_the_next_run_alone(tmp_path: Path) -> None:
    steps = (
        "  - Tue 15 Sep 10:00: {fault: clever answers 500, requests: first}\n"
        "  - Tue 15 Sep 11:00: {sync: run now}\n"
        "  - after night 2: {expect: {sync: {ended: succeeded}}}\n"
    )
    assert [entry.at[:13] for entry in faults(played(tmp_path, steps))] == ["2026-09-15T15"]


def test_a_fault_of_a_night_spares_a_run_between_the_nights(tmp_path: Path) -> None:
    steps = (
        "  - Mon 14 Sep 10:00: {fault: sync is killed, requests: 1, night: 1}\n"
        "  - after night 1: {expect: {sync: {ended: crashed}}}\n"
        "  - Tue 15 Sep 10:00: [{sync: run now}, {expect: {sync: {ended: succeeded}}}]\n"
    )
    assert played(tmp_path, steps).status == "passed"


def test_a_system_is_down_from_when_to_when_and_comes_back_by_itself(tmp_path: Path) -> None:
    steps = (
        '  - Mon 14 Sep 10:00: {fault: clever is down, from: "00:50", to: "01:10", night: 1}\n'
        "  - after night 1: {expect: {sync: {ended: failed}}}\n"
        "  - Tue 15 Sep 01:10: [{sync: run now}, {expect: {sync: {ended: succeeded}}}]\n"
    )
    result = played(tmp_path, steps)
    assert result.status == "passed"
    assert [(entry.what, entry.at[11:16]) for entry in faults(result)] == [
        ("goes down", "04:50"),
        ("comes back", "05:10"),
    ]


def test_faults_can_be_said_by_the_clock_alone(tmp_path: Path) -> None:
    steps = (
        '  - Mon 14 Sep 10:00: {fault: otus is slow, by: 5min, from: "01:00", to: "01:20"}\n'
        "  - Tue 15 Sep 05:00: {expect: {sync: {ended: succeeded}}}\n"
    )
    result = played(tmp_path, steps)
    assert result.status == "passed"
    slow = [entry for entry in result.entries if entry.kind == "request" and entry.lane == "otus"]
    assert slow[0].at[11:16] == "05:05"
    assert slow[-1].at[11:16] < "05:40"


def test_a_crash_that_the_story_wants_is_no_finding_and_another_one_is(tmp_path: Path) -> None:
    steps = "  - Mon 14 Sep 10:00: {fault: sync is killed, requests: 5, night: 1}\n"
    crashed = "  - after night 1: {expect: {sync: {ended: crashed}}}\n"
    assert played(tmp_path, steps + crashed).status == "passed"
    result = played(tmp_path, crashed, sut="command: python -c 'import os; os.kill(os.getpid(), 9)'")
    assert "the sync failed in night 1" in messages(result)


# ---------------------------------------------------------------- inside a night


def test_a_step_inside_a_night_comes_between_two_requests(tmp_path: Path) -> None:
    steps = (
        "  - during night 1, after page 1 of sections: {otus: add student, student: Mei Chen, class: Algebra 1-01}\n"
        "  - during night 1, after request 9: {otus: remove, person: Mei Chen, class: Algebra 1-01}\n"
        "  - after night 1: {expect: {Mei Chen: {not in: Algebra 1-01}}}\n"
    )
    result = played(tmp_path, steps)
    assert result.status == "passed"
    kinds = [entry for entry in result.entries if entry.kind in ("request", "edit")]
    places = [place for place, entry in enumerate(kinds) if entry.kind == "edit"]
    assert "/sections" in kinds[places[0] - 1].what
    assert places[1] == 9 + 1  # nine requests and the first edit lie before it


def test_a_run_that_never_comes_to_the_point_is_a_finding(tmp_path: Path) -> None:
    steps = "  - during night 1, after request 500: {otus: remove, person: Ben Okri, class: Algebra 1-01}\n"
    assert "the run of this night never came there" in messages(played(tmp_path, steps))


def test_steps_after_a_point_that_has_passed_are_not_done(tmp_path: Path) -> None:
    steps = (
        "  - during night 1, after request 6: {otus: remove, person: Ben Okri, class: Algebra 1-01}\n"
        "  - during night 1, after request 2: {otus: add student, student: Mei Chen, class: Algebra 1-01}\n"
    )
    result = played(tmp_path, steps)
    assert "was there before this step" in messages(result)
    assert not [entry for entry in result.entries if "Mei Chen" in entry.about]


def test_two_runs_at_once_give_the_same_journal_every_time(tmp_path: Path) -> None:
    steps = (
        "  - Mon 14 Sep 10:00: {fault: clever is slow, by: 10s, requests: all, night: 1}\n"
        "  - during night 1, after request 3: [{sync: run beside}, {expect: {sync: {ended: refused}}}]\n"
        "  - after night 1: {expect: {sync: {ended: succeeded}}}\n"
    )
    first, second = (played(tmp_path, steps) for _ in range(2))
    assert first.status == "passed"
    assert encode_entries(list(first.entries)) == encode_entries(list(second.entries))


# ---------------------------------------------------------------- what cannot be


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("fault: clever answers 500", "which requests is missing"),
        ("fault: clever answers 500, reads: 1, writes: 1", "`reads` and `writes` exclude each other"),
        ("fault: clever answers 500, page: 7", "`page` and `of` belong together"),
        ("fault: clever answers 500, reads: the second", "does not say which"),
        ("fault: clever answers 500, reads: 4-2", "counted from 1, upwards"),
        ("fault: clever answers 500, reads: 1, times: 0", "expected 1 or more"),
        ("fault: clever is slow, reads: all", "'by' is missing"),
        ("fault: clever is down", "'to' is missing"),
        ('fault: clever is down, to: "01:20", night: 2-3', "go with one night"),
        ("fault: clever answers 505, reads: 1", "unknown verb"),
        ("fault: otus answers 429, reads: 1", "unknown verb"),
        ("fault: sync is killed, requests: 1, answer: lost", "is not one of its words"),
        ("fault: feed delivers again, school: 02M999", "02M999"),
    ],
)
def test_a_fault_that_cannot_be_is_told(tmp_path: Path, step: str, message: str) -> None:
    (problem, *_) = problems_of(tmp_path, story_text(f"  - Mon 14 Sep 10:00: {{{step}}}\n"))
    assert message in problem.message


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("during night 0, after request 1", "counted from 1"),
        ("during night 1, after request 0", "counted from 1"),
        ("during night 1, after reqest 1", "is no time"),
        ("during night 1", "is no time"),
    ],
)
def test_a_point_of_a_night_that_cannot_be_is_told(tmp_path: Path, when: str, message: str) -> None:
    steps = f'  - "{when}": {{otus: remove, person: Ben Okri, class: Algebra 1-01}}\n'
    (problem, *_) = problems_of(tmp_path, story_text(steps))
    assert message in problem.message


# ---------------------------------------------------------------- named points, folders, disks


WIPES_MEI = """\
  - Mon 14 Sep 10:00:
      - {{otus: add student, student: Mei Chen, class: Algebra 1-01}}
      - {{fault: sync is killed, at: {at}, night: 1}}
  - after night 1:
      expect: {{sync: {{ended: crashed, writes: {writes}}}, Mei Chen: {{{there}}}}}
"""


@pytest.mark.parametrize(
    ("at", "writes", "there"),
    [
        ("once it has begun", "no", "in: Algebra 1-01"),
        ("after reading Clever", "no", "in: Algebra 1-01"),
        ("before the first write", "yes", "in: Algebra 1-01"),
        ("before the first class", "yes", "in: Algebra 1-01"),
        ("before it reports", "yes", "not in: Algebra 1-01"),
        ("once it has reported", "yes", "not in: Algebra 1-01"),
    ],
)
def test_a_sync_is_killed_at_a_named_point(tmp_path: Path, at: str, writes: str, there: str) -> None:
    result = played(tmp_path, WIPES_MEI.format(at=at, writes=writes, there=there))
    assert (result.status, result.findings) == ("passed", ())
    assert f"is killed {at}" in next(entry.what for entry in result.entries if entry.kind == "fault")


def test_a_point_that_a_run_never_comes_to_is_found(tmp_path: Path) -> None:
    story = "  - Mon 14 Sep 10:00: {fault: sync is killed, at: before the first write, night: 1}\n" + LOOKS
    result = played(tmp_path, story)
    assert [finding.message for finding in result.findings] == [
        "a fault never struck: is killed before the first write"
    ]


@pytest.mark.parametrize("more", ["writes: 1", "requests: all", "times: 2", "answer: sent"])
def test_a_named_point_says_all_there_is_to_say(tmp_path: Path, more: str) -> None:
    story = f"  - Mon 14 Sep 10:00: {{fault: sync is killed, at: before it reports, {more}}}\n" + LOOKS
    result = played(tmp_path, story)
    assert result.status == "unusable"
    assert "exclude each other" in result.findings[0].message


def test_clever_leaves_a_half_uploaded_folder_alone_while_it_is_paused(tmp_path: Path) -> None:
    story = """\
  - Mon 14 Sep 10:00:
      - {clever: pause}
      - {fault: feed uploads half a folder}
  - after night 1:
      expect: {clever: {state: paused}, Ben Okri: {in: Algebra 1-01}}
"""
    result = played(tmp_path, story)
    assert (result.status, result.findings) == ("passed", ())
    assert any("leaves the folder alone" in entry.what for entry in result.entries)


def test_a_full_disk_is_not_for_a_sync_that_runs_elsewhere(tmp_path: Path) -> None:
    story = "  - Mon 14 Sep 10:00: {fault: sync's disk is full, night: 1}\n" + LOOKS
    result = played(tmp_path, story, sut="http: http://127.0.0.1:9/run")
    assert result.status == "unusable"
    assert "runs elsewhere" in result.findings[0].message
