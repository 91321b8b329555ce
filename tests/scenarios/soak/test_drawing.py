"""Worlds that are drawn: the same seed draws the same, and what is drawn is a story."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from scenarios.soak.deeds import DEEDS
from scenarios.soak.dice import Dice
from scenarios.soak.drawing import QUIET_NIGHTS, draw
from scenarios.soak.settings import nightly_at_of
from scenarios.soak.soaking import world_seeds, written
from scenarios.soak.tale import at, story_of
from scenarios.story import EXPECT, read_story
from simulator.clock import NEW_YORK
from simulator.nights import nth_night

SEEDS = range(60)
LAG = timedelta(hours=72)


def test_one_seed_always_draws_the_same_story_and_another_draws_another() -> None:
    assert story_of(draw(7)) == story_of(draw(7)) != story_of(draw(8))


def test_what_is_drawn_under_one_name_hangs_on_nothing_that_was_drawn_before() -> None:
    dice = Dice(3)
    first = dice.of("day", 4).random()
    dice.of("day", 1).random()
    assert dice.of("day", 4).random() == first != dice.of("day", 5).random()


def test_every_drawn_world_is_a_story_that_can_be_read(tmp_path: Path) -> None:
    for seed in SEEDS:
        story = read_story(written(draw(seed), tmp_path).path, 0)
        assert story.scenes[-1].system == EXPECT


def test_everything_that_may_be_drawn_is_drawn() -> None:
    steps = [step for seed in range(300) for turn in draw(seed).turns for step in turn.steps]
    verbs = Counter(next(iter(step.items())) for step in steps if EXPECT not in step)
    assert len(verbs) > len(DEEDS)
    assert {
        ("ats", "readmit"),
        ("otus", "adjust ID"),
        ("fault", "sync is killed"),
        ("sync", "run beside"),
    } <= verbs.keys()


def test_edits_fall_on_the_edges_of_the_lag_far_more_often_than_chance_would_have_it() -> None:
    on_the_edge = 0
    for seed in SEEDS:
        tale = draw(seed)
        if tale.settings["feed"] != {"lag": "72h"}:
            continue
        nightly_at = time.fromisoformat(nightly_at_of(tale.settings))
        edges = {nth_night(tale.start, night, nightly_at) - LAG for night in range(4, tale.nights)}
        on_the_edge += sum(turn.when.moment in edges for turn in tale.turns)
    assert on_the_edge > len(SEEDS)


def test_the_nights_after_the_last_bad_one_are_quiet() -> None:
    for seed in SEEDS:
        tale = draw(seed)
        settled = nth_night(tale.start, tale.nights - QUIET_NIGHTS + 1)
        late = [step for turn in tale.turns for step in turn.steps if turn.when.moment > settled]
        assert [next(iter(step)) for step in late] == ["otus", EXPECT]


@pytest.mark.parametrize("hour", [5, 6])
def test_a_moment_that_the_clock_shows_twice_is_said_so_that_it_can_only_be_one(hour: int) -> None:
    # 1 November 2026: 05:30 UTC is 01:30 in New York, and 06:30 UTC is so again.
    said = at(datetime(2026, 11, 1, hour, 30, tzinfo=UTC))
    assert said.words == {5: "2026-11-01 01:30", 6: "2026-11-01 02:30"}[hour]
    assert f"{said.moment.astimezone(NEW_YORK):%Y-%m-%d %H:%M}" == said.words


def test_a_soak_draws_worlds_of_seeds_that_do_not_follow_one_another() -> None:
    seeds = [seed for seed, _ in zip(world_seeds(1), SEEDS, strict=False)]
    assert len(set(seeds)) == len(SEEDS)
    assert next(world_seeds(2)) not in seeds
