"""Story, invariants and oracle: who finds what, whose fault it is then, and with which exit code the run ends."""

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

import pytest

from otus_sync import app
from scenarios.expectations import ClassExpectation, Expectation, PersonExpectation, SyncExpectation
from scenarios.play import DEFAULT_SUT, Options, play_file
from scenarios.second_opinion import speaks_of
from simulator.oracle.belief import Aspect, Item, Reason
from simulator.oracle.compare import Difference
from simulator.results import StoryResult, SuiteResult
from simulator.sut import read_spec
from tests.broken import parts
from tests.scenarios.builders import WIPED, story_file, story_text

RENAMED = """\
  - Mon 14 Sep 10:00: {otus: add student, student: Mei Chen, class: Algebra 1-01}
  - after night 1:
      expect: {Algebra 1-01: {called: Hacked}}
"""
SILENT = """\
  - after nights 1-2:
      expect: {Mei Chen: {account: active}}
"""


def renames_every_class(environ: Mapping[str, str]) -> int:
    """The real sync, and then a mistake that no invariant looks for."""
    code = app_nightly(environ)
    base, token = f"{environ['OTUS_URL']}/api/v1", environ["OTUS_TOKEN"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{base}/classes", headers=headers)) as answer:
        classes = json.load(answer)["items"]
    rows = [{"id": each["id"], "clever_id": each["clever_id"], "name": "Hacked"} for each in classes]
    body = json.dumps({"rows": rows}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{base}/classes/bulk", body, headers)):
        return code


app_nightly = app.nightly


def played(folder: Path, story: str) -> StoryResult:
    """Without the second run: it would notice as well."""
    path = story_file(folder, story_text(story))
    return play_file(path, path.name, Options(DEFAULT_SUT, second_run=False), read_spec(DEFAULT_SUT))


def exit_code_of(result: StoryResult) -> int:
    return SuiteResult((result,), 0, DEFAULT_SUT, 0.0).exit_code


def test_what_the_oracle_alone_notices_is_a_finding_about_the_sync_told_once(tmp_path: Path) -> None:
    with patch("otus_sync.app.nightly", renames_every_class):
        result = played(tmp_path, SILENT)
    assert (result.status, exit_code_of(result)) == ("failed", 1)
    (finding,) = result.findings
    assert (finding.kind, finding.message) == ("oracle", "after night 1: Algebra 1-01 is called Hacked")
    assert finding.expected == "Algebra 1-01 must be called Algebra 1-01"
    assert finding.why.startswith("Algebra 1-01 must be called Algebra 1-01: Clever has it so")


def test_a_story_that_demands_what_the_oracle_forbids_breaks_the_run(tmp_path: Path) -> None:
    with patch("otus_sync.app.nightly", renames_every_class):
        result = played(tmp_path, RENAMED)
    assert (result.status, exit_code_of(result)) == ("broken", 3)
    (finding,) = result.findings
    assert finding.kind == "harness"
    assert finding.message == "after night 1 the story and the oracle disagree: Algebra 1-01 is called Hacked"
    assert finding.expected == "Algebra 1-01 must be called Algebra 1-01"
    assert finding.found == "Algebra 1-01 is called Hacked, as the story expects"
    assert finding.line == 12


def test_a_disagreement_beside_a_failed_expectation_leaves_the_sync_to_blame(tmp_path: Path) -> None:
    story = RENAMED + "  - after night 1: {expect: {Mei Chen: {in: Algebra 1-01}}}\n"
    with patch("otus_sync.app.nightly", renames_every_class):
        result = played(tmp_path, story)
    assert (result.status, exit_code_of(result)) == ("failed", 1)
    assert [finding.kind for finding in result.findings] == ["expectation", "oracle"]


def test_the_oracles_reason_is_told_with_what_the_judges_find(tmp_path: Path) -> None:
    with parts.f8_the_sync_leaves_students_added_by_hand():
        result = played(tmp_path, WIPED)
    why = "Mei Chen must not be in Algebra 1-01: added by hand Mon 14 Sep 10:00, Clever does not list them (F8)"
    assert [(finding.kind, finding.why) for finding in result.findings] == [("invariant", why), ("expectation", why)]
    assert result.status == "failed"


def test_a_wrong_story_is_told_why_the_oracle_agrees_with_otus(tmp_path: Path) -> None:
    result = played(tmp_path, WIPED.replace("not in", "in"))
    (finding,) = result.findings
    assert (result.status, finding.kind) == ("failed", "expectation")
    assert finding.why.startswith("Mei Chen must not be in Algebra 1-01: added by hand Mon 14 Sep 10:00")


def test_after_a_night_that_failed_the_oracle_says_nothing(tmp_path: Path) -> None:
    story = """\
  - Mon 14 Sep 10:00: {otus: add student, student: Mei Chen, class: Algebra 1-01}
  - Mon 14 Sep 11:00: {clever: goes down}
  - after nights 1-2:
      expect: {sync: {ended: failed}, Mei Chen: {in: Algebra 1-01, by: hand}}
  - Wed 16 Sep 11:00: {clever: comes back}
  - after night 3:
      expect: {Mei Chen: {not in: Algebra 1-01}}
"""
    result = played(tmp_path, story)
    assert (result.status, result.findings) == ("passed", ())


def difference(aspect: Aspect, *about: str) -> Difference:
    """What the oracle says otherwise of Mei Chen, or of Algebra 1-01."""
    return Difference(Item(aspect), "", "", Reason(("F4",)), about, "student")


MEI, ALGEBRA = "Mei Chen", "Algebra 1-01"


@pytest.mark.parametrize(
    ("expectation", "subject", "aspect", "about"),
    [
        (PersonExpectation(in_=(ALGEBRA,)), MEI, "member", (MEI, ALGEBRA)),
        (PersonExpectation(not_in=(ALGEBRA,)), MEI, "member", (MEI, ALGEBRA)),
        (PersonExpectation(in_=(ALGEBRA,), by="hand"), MEI, "member by", (MEI, ALGEBRA)),
        (PersonExpectation(in_=(ALGEBRA,), as_="student"), MEI, "member as", (MEI, ALGEBRA)),
        (PersonExpectation(account="active"), MEI, "active", (MEI,)),
        (PersonExpectation(account="none"), MEI, "account", (MEI,)),
        (PersonExpectation(role="student"), MEI, "role", (MEI,)),
        (PersonExpectation(email="m@x.example"), MEI, "email", (MEI,)),
        (PersonExpectation(called=MEI), MEI, "name", (MEI,)),
        (PersonExpectation(made_by="hand"), MEI, "account by", (MEI,)),
        (PersonExpectation(work={ALGEBRA: "hidden"}), MEI, "work", (MEI, ALGEBRA)),
        (ClassExpectation(state="active"), ALGEBRA, "state", (ALGEBRA,)),
        (ClassExpectation(called=ALGEBRA), ALGEBRA, "called", (ALGEBRA,)),
        (ClassExpectation(students=(MEI,)), ALGEBRA, "member", (MEI, ALGEBRA)),
        (ClassExpectation(students=()), ALGEBRA, "member", (MEI, ALGEBRA)),
        (ClassExpectation(student_count=0), ALGEBRA, "member", (MEI, ALGEBRA)),
        (SyncExpectation(ended="held"), "sync", "run", ()),
    ],
)
def test_an_expectation_speaks_of_what_it_names(
    expectation: Expectation, subject: str, aspect: Aspect, about: tuple[str, ...]
) -> None:
    assert speaks_of(expectation, subject, difference(aspect, *about))
    assert not speaks_of(type(expectation)(), subject, difference(aspect, *about))
    if aspect != "run":
        assert not speaks_of(expectation, "Somebody else", difference(aspect, *about))


@pytest.mark.parametrize(
    ("expectation", "aspect"),
    [
        (PersonExpectation(in_=("Biology-01",)), "member"),
        (PersonExpectation(in_=(ALGEBRA,)), "member by"),
        (PersonExpectation(account="active"), "email"),
    ],
)
def test_an_expectation_about_another_point_does_not(expectation: Expectation, aspect: Aspect) -> None:
    assert not speaks_of(expectation, MEI, difference(aspect, MEI, ALGEBRA))


def test_a_class_expectation_about_the_teacher_says_nothing_of_the_students() -> None:
    assert not speaks_of(ClassExpectation(teacher="Rosa Diaz"), ALGEBRA, difference("member", MEI, ALGEBRA))
