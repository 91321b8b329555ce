"""The stories that live from what Clever does go red when it does it otherwise, or when the sync minds."""

import pytest
from _pytest.mark import ParameterSet

from tests.broken import clever_parts as parts
from tests.broken.stories import LONG
from tests.broken.test_each_rule_can_fail import Broken, play

PROOFS: list[tuple[Broken, str]] = [
    (parts.clever_holds_nothing, "clever/hold-released"),
    (parts.a_released_hold_is_thrown_away, "clever/hold-released"),
    (parts.what_comes_behind_a_hold_is_lost, "clever/hold-released"),
    (parts.clever_holds_nothing, "clever/hold-discarded"),
    (parts.a_discarded_hold_is_taken_in, "clever/hold-discarded"),
    (parts.a_pause_stops_nothing, "night/clever-paused-in-summer"),
    (parts.a_pause_stops_nothing, "clever/summer-by-the-calendar"),
    (parts.the_pause_begins_on_the_last_day, "clever/summer-by-the-calendar"),
    (parts.ids_are_remembered_for_ever, "class-and-people/leaves-and-returns-after-300-days"),
    (parts.nobody_merges, "clever/teacher-who-is-also-staff"),
    (parts.the_staff_half_keeps_the_id, "clever/teacher-who-is-also-staff"),
    (parts.everything_is_shared, "class-and-people/school-not-shared"),
    (parts.everything_is_shared, "clever/school-unshared-while-paused"),
    (parts.the_sync_takes_emails_as_they_come, "clever/quirks-of-a-night"),
    (parts.the_sync_wants_an_at_in_every_email, "clever/quirks-of-a-night"),
    (parts.terms_keep_their_ids, "clever/term-id-reissued"),
    (parts.clever_holds_nothing, "clever/term-id-reissued"),
]


def stories() -> list[ParameterSet]:
    """Give the stories of the proofs; the long ones take their time in ``make broken``."""
    named = sorted({story for _, story in PROOFS})
    return [pytest.param(story, marks=pytest.mark.thorough if story in LONG else ()) for story in named]


def proofs() -> list[ParameterSet]:
    """Give the proofs, likewise."""
    return [pytest.param(*proof, marks=pytest.mark.thorough if proof[1] in LONG else ()) for proof in PROOFS]


@pytest.mark.parametrize(("broken", "story"), proofs())
def test_a_story_goes_red_when_its_part_is_broken(broken: Broken, story: str) -> None:
    with broken():
        result = play(story)
    assert result.status == "failed", f"{story} does not notice"
    assert all(finding.kind not in ("harness", "input") for finding in result.findings)


@pytest.mark.parametrize("story", stories())
def test_the_same_story_is_green_when_nothing_is_broken(story: str) -> None:
    result = play(story)
    assert (result.status, result.findings) == ("passed", ())
