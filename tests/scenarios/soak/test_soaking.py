"""Bad nights, played: the real sync passes them, and a sync with a rule broken does not."""

from pathlib import Path

from click.testing import CliRunner, Result

from rostersim.cli import cli
from scenarios.play import DEFAULT_SUT, Options
from scenarios.soak.drawing import draw
from scenarios.soak.shrink import steps_of
from scenarios.soak.soaking import Soaked, batches, command_of, shrunk_miss, soak, world_seeds
from scenarios.story import read_story
from scenarios.suite import Follower
from tests.broken import parts

NIGHTS = 200
OPTIONS = Options(DEFAULT_SUT)


def rostersim(*words: str) -> Result:
    result = CliRunner().invoke(cli, words, prog_name="rostersim")
    assert "Traceback" not in result.output
    return result


def soaked(seed: int, nights: int) -> Soaked:
    seen = Soaked()
    for batch in batches(world_seeds(seed), nights):
        soak(batch, OPTIONS, 1, Follower(), seen)
    return seen


def test_after_200_bad_nights_otus_holds_what_the_oracle_says() -> None:
    seen = soaked(0, NIGHTS)
    told = [(command_of(miss.seed, OPTIONS), miss.result.findings[0].message) for miss in seen.misses]
    assert told == []
    assert seen.nights >= NIGHTS
    for word in ("succeeded", "held", "failed", "crashed"):
        assert seen.ends[word] > 0, word
    for kind in ("edit", "refusal", "delivery", "fault"):
        assert seen.happened[kind] > 50, kind


def test_a_sync_that_forgets_a_rule_is_caught_and_its_miss_made_small() -> None:
    with parts.f8_the_sync_leaves_students_added_by_hand():
        miss = soaked(0, 40).misses[0]
        small = shrunk_miss(miss, OPTIONS, tries_max=12)
    assert any("F8" in finding.rules for finding in miss.result.findings)
    assert steps_of(small) < steps_of(draw(miss.seed)) / 3


def test_a_miss_ends_with_1_and_says_how_to_play_it_again(tmp_path: Path) -> None:
    found = tmp_path / "found.scenario.yaml"
    with parts.f8_the_sync_leaves_students_added_by_hand():
        result = rostersim("soak", "--nights", "30", "-n", "1", "--no-shrink", "--story", str(found))
    assert result.exit_code == 1
    assert "rostersim soak --world" in result.output
    assert "added by hand" in result.output
    assert read_story(found, 0).title.startswith("Bad nights")


def test_one_world_is_played_again_by_its_seed(tmp_path: Path) -> None:
    story = tmp_path / "world.scenario.yaml"
    seed = next(world_seeds(0))
    result = rostersim("soak", "--world", str(seed), "--story", str(story))
    assert result.exit_code == 0
    assert "nothing was missed" in result.output
    assert read_story(story, 0).setup.seed == seed


def test_a_sync_that_cannot_be_started_ends_with_2() -> None:
    result = rostersim("soak", "--nights", "1", "--sut", "callable: no.such:thing")
    assert result.exit_code == 2
