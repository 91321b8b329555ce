"""A miss is made small: what it does not need goes, what it needs stays."""

from msgspec.structs import replace

from scenarios.soak.drawing import draw
from scenarios.soak.shrink import shrunk, steps_of
from scenarios.soak.tale import Tale, Words, story_of

NEEDED: Words = {"ats": "drop", "student": "Mei Chen", "section": "Algebra 1-01"}


def with_needed(tale: Tale) -> Tale:
    """Hide two steps that a miss needs, in the middle of a tale."""
    turns = list(tale.turns)
    for place in (len(turns) // 4, len(turns) // 2):
        turns[place] = replace(turns[place], steps=(*turns[place].steps, NEEDED))
    return replace(tale, turns=tuple(turns))


def misses(tale: Tale) -> bool:
    return sum(step == NEEDED for turn in tale.turns for step in turn.steps) == 2


def test_what_a_miss_does_not_need_is_left_out() -> None:
    tale = with_needed(draw(12))
    assert steps_of(tale) > 20
    small = shrunk(tale, misses, tale.nights)
    assert [step for turn in small.turns[:-1] for step in turn.steps] == [NEEDED, NEEDED]
    assert "faults" not in small.settings
    assert small.settings["seed"] == tale.settings["seed"]


def test_a_tale_ends_with_the_night_in_which_it_missed() -> None:
    small = shrunk(draw(12), lambda _: True, 3)
    assert "after night 3: {expect" in story_of(small)
    assert steps_of(small) == 0


def test_only_so_many_tales_are_played() -> None:
    played: list[Tale] = []

    def never_misses(tale: Tale) -> bool:
        played.append(tale)
        return False

    shrunk(draw(12), never_misses, 3, tries_max=10)
    assert len(played) == 10
