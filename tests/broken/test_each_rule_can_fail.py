from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from otus_sync import app
from scenarios.play import DEFAULT_SUT, Options, play_file
from scenarios.shelf import LIBRARY
from simulator.results import StoryResult
from simulator.rulebook import RULES
from simulator.sut import CallableSut
from tests.broken import parts

Broken = Callable[[], AbstractContextManager[None]]

PROOFS: dict[str, tuple[Broken, str]] = {
    "F1": (parts.f1_the_sync_never_changes_an_email, "email/student-changed-in-ats"),
    "F2": (parts.f2_ats_takes_a_third_co_teacher, "co-teacher/third-refused"),
    "F3": (parts.f3_the_feed_does_not_wait_for_the_schedule, "student-missing/schedule-not-finalized"),
    "F4": (parts.f4_the_sync_works_from_what_it_read_the_first_night, "student-missing/inside-the-72-hours"),
    "F5": (parts.f5_the_sync_sleeps_through_every_night, "night/clock-goes-back"),
    "F6": (parts.f6_the_sync_makes_accounts_for_clevers_staff, "admin/clever-staff-and-admins-create-nothing"),
    "F7": (parts.f7_the_sync_overlooks_the_teachers, "admin/teacher-who-is-also-district-admin"),
    "F8": (parts.f8_the_sync_leaves_students_added_by_hand, "by-hand/student-wiped"),
    "F9": (parts.f9_the_sync_removes_co_teachers_added_by_hand, "co-teacher/overflow-survives-30-nights"),
    "F10": (parts.f10_the_sync_archives_classes_made_by_hand, "by-hand/sandbox-student-leaves-and-returns"),
    "F11": (parts.f11_otus_lets_anybody_make_a_class, "by-hand/feature-off-refused"),
    "F12": (parts.f12_the_diagnosis_always_says_to_wait, "student-missing/five-reasons-one-after-the-other"),
}
"""For each F rule a broken part, and a built-in story that must notice."""


def play(story: str) -> StoryResult:
    path = LIBRARY / f"{story}.scenario.yaml"
    return play_file(path, f"library/{path.relative_to(LIBRARY)}", Options(DEFAULT_SUT), CallableSut(app.nightly))


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.startswith("F")])
def test_a_story_goes_red_and_names_the_rule_when_it_is_broken(rule: str) -> None:
    broken, story = PROOFS[rule]
    with broken():
        result = play(story)
    assert result.status == "failed", f"{story} does not notice that {rule} is broken"
    named = {number for finding in result.findings for number in finding.rules}
    assert rule in named
    assert all(finding.kind not in ("harness", "input") for finding in result.findings)


@pytest.mark.parametrize("story", sorted({story for _, story in PROOFS.values()}))
def test_the_same_story_is_green_when_nothing_is_broken(story: str) -> None:
    result = play(story)
    assert (result.status, result.findings) == ("passed", ())
