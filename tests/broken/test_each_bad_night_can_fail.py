from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.broken import bad_nights
from tests.broken.test_each_rule_can_fail import play

Broken = Callable[[], AbstractContextManager[object]]

PROOFS: list[tuple[Broken, str]] = [
    (bad_nights.asks_only_once, "clever-answers-500"),
    (bad_nights.asks_only_once, "cut-connections"),
    (bad_nights.asks_only_once, "spoilt-answers"),
    (bad_nights.asks_for_every_record_alone, "slow-answers"),
    (bad_nights.leaves_its_dead_runs_alone, "crash-in-the-middle"),
    (bad_nights.waits_by_its_own_clock, "clocks-that-differ"),
    (bad_nights.keeps_its_first_token, "token-rotated"),
    (bad_nights.reads_clever_only_once, "page-drift"),
    (bad_nights.gives_up_a_class_that_has_changed_meanwhile, "edited-while-the-sync-runs"),
    (bad_nights.takes_over_whoever_runs, "two-syncs-at-once"),
    (bad_nights.forgets_who_has_left, "thirty-days-without-a-night"),
    (bad_nights.loses_what_comes_twice, "delivered-twice"),
]
"""A broken part, and the story of a bad night that must notice."""


@pytest.mark.parametrize(("broken", "story"), PROOFS, ids=[f"{broken.__name__}-{story}" for broken, story in PROOFS])
def test_a_bad_night_finds_out_a_sync_that_is_not_made_for_it(broken: Broken, story: str) -> None:
    with broken():
        result = play(f"night/{story}")
    assert result.status == "failed", f"{story} does not notice {broken.__name__}"
    assert "A15" in {number for finding in result.findings for number in finding.rules}


@pytest.mark.parametrize("story", sorted({story for _, story in PROOFS}))
def test_the_same_night_is_green_when_nothing_is_broken(story: str) -> None:
    result = play(f"night/{story}")
    assert (result.status, result.findings) == ("passed", ())
