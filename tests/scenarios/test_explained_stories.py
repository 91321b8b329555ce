"""At any moment of a story the explanation agrees with the oracle, and what it foretells really happens."""

import copy
from datetime import datetime, timedelta
from itertools import islice

import pytest

from fakes.shared.moments import read_wire_time
from scenarios.halfway import halfway
from scenarios.moments import AfterNights, At
from scenarios.play import DEFAULT_SUT, Options, Player
from scenarios.shelf import LIBRARY
from scenarios.story import Story, read_story
from simulator.clock import Order, Process
from simulator.diagnosis import REASONS
from simulator.explanation.explain import explain_in, read_systems
from simulator.explanation.records import STATUS_IN_WORDS, Topic
from simulator.nights import nights_after, nth_night
from simulator.oracle.facts import Key, NightRan
from simulator.oracle.oracle import Oracle
from simulator.sut import read_spec
from simulator.world import World

LONG_STORY = "student-missing/five-reasons-one-after-the-other"
A_MINUTE = timedelta(minutes=1)
NIGHTS_AHEAD = 5
"""The longest way from ATS/STARS to Otus, 72 hours and the night after, and a night more to see that it stays."""
IN_WORDS = {"clever": STATUS_IN_WORDS["roster"], "manual": STATUS_IN_WORDS["hand"], None: STATUS_IN_WORDS["none"]}


def story_of(name: str) -> Story:
    return read_story(LIBRARY / f"{name}.scenario.yaml", 0)


def moments_of(story: Story, every: timedelta) -> list[datetime]:
    """When a story's steps happen and a minute later, and regularly between, nights included."""
    start, last = story.setup.start, max(s.when.last for s in story.scenes if isinstance(s.when, AfterNights))
    steps = [scene.when.moment for scene in story.scenes if isinstance(scene.when, At)]
    end = nth_night(start, last) + timedelta(hours=2)
    regular = [start + number * every for number in range(int((end - start) / every) + 1)]
    return sorted({*steps, *(moment + A_MINUTE for moment in steps), *regular})


def topics_of(world: World) -> dict[tuple[str, str], Topic]:
    """The explanation of everybody in every section."""
    people, sections, systems = world.directory.people, world.directory.sections, read_systems(world)
    return {
        (people[name].id, sections[class_name]): explain_in(systems, people[name].id, class_name).topics[0]
        for class_name in sections
        for name in people
    }


def coming_nights(world: World) -> list[datetime]:
    return list(islice(nights_after(world.clock(), world.setup.nightly_at), NIGHTS_AHEAD))


def as_foretold(topic: Topic, nights: list[datetime]) -> list[str]:
    """How an explanation says that somebody is in a class, after each of some nights."""
    turns = [(read_wire_time(turn.in_otus), turn.becomes) for turn in reversed(topic.turns)]
    return [next((becomes for at, becomes in turns if at <= night), topic.now) for night in nights]


def by_the_oracle(oracle: Oracle, person: str, section: str) -> str:
    """How the oracle says that somebody must be in a class."""
    belief = oracle.expected()
    account = belief.account_of(Key("student" if len(person) == 9 else "teacher", person))
    if account is None or section not in belief.classes:
        return IN_WORDS[None]
    membership = belief.members_judged(section).get(account)
    return IN_WORDS[membership.provenance if membership is not None else None]


def disagreements(world: World, oracle: Oracle) -> list[str]:
    """Where explanations and the oracle differ, now and in the nights that come, if these go well."""
    nights, ahead, topics = coming_nights(world), copy.deepcopy(oracle), topics_of(world)
    said = {pair: [by_the_oracle(oracle, *pair)] for pair in topics}
    for night in nights:
        ahead.happened(NightRan(at=night, started=night, outcome="succeeded"))
        for pair in topics:
            said[pair].append(by_the_oracle(ahead, *pair))
    told = {pair: [topic.now, *as_foretold(topic, nights)] for pair, topic in topics.items()}
    at = f"{world.clock():%a %d %H:%M}"
    return [f"{at} {topics[pair].about}: {told[pair]}, not {said[pair]}" for pair in topics if told[pair] != said[pair]]


STORIES = [
    LONG_STORY,
    "student-missing/schedule-reopened",
    "by-hand/student-also-added-in-ats",
    "co-teacher/by-hand-then-ats-then-removed",
    "class-and-people/student-without-an-email",
    "night/seventy-two-hours-while-the-clock-goes-back",
]


@pytest.mark.parametrize("name", STORIES)
def test_at_every_moment_of_a_story_the_explanation_agrees_with_the_oracle(name: str) -> None:
    story = story_of(name)
    found: list[str] = []
    seen = []

    def look(player: Player) -> Process:
        for moment in moments_of(story, timedelta(hours=6 if name == LONG_STORY else 24)):
            yield player.world.clock.at(moment, Order.EXPECTATION)
            if player.world.running is None:
                seen.append(moment)
                found.extend(disagreements(player.world, player.opinion.oracle))

    with halfway(story, read_spec(DEFAULT_SUT), Options(DEFAULT_SUT), None, look):
        pass
    assert len(seen) >= 8
    assert not found, "\n".join(found)


def reality(world: World, nights: list[datetime]) -> list[dict[tuple[str, str], str]]:
    """Let some nights come, nobody doing anything more, and see how everybody is in every class after each."""
    seen: list[dict[tuple[str, str], str]] = []

    def look() -> Process:
        for night in nights:
            yield world.clock.at(night + timedelta(minutes=30), Order.EXPECTATION)
            seen.append({pair: topic.now for pair, topic in topics_of(world).items()})

    world.play(look())
    return seen


def test_what_is_foretold_at_every_step_of_the_long_story_really_happens_if_nobody_does_anything_more() -> None:
    story, reasons, came_true = story_of(LONG_STORY), [], 0
    steps = {scene.when.moment for scene in story.scenes if isinstance(scene.when, At)}
    for moment in sorted({*steps, nth_night(story.setup.start, 6) + timedelta(hours=1)}):
        with halfway(story, read_spec(DEFAULT_SUT), Options(DEFAULT_SUT), moment) as player:
            nights, told = coming_nights(player.world), topics_of(player.world)
            amara = next(topic for topic in told.values() if topic.about == "Amara Osei in Dance-01")
            reasons.append(amara.reason)
            if amara.conditions:
                assert any("Clever is down" in condition for condition in amara.conditions)
                continue
            after = reality(player.world, nights)
            for pair, topic in told.items():
                assert [state[pair] for state in after] == as_foretold(topic, nights), f"{moment} {topic.verdict}"
                came_true += len(topic.turns)
    assert [reason for reason in REASONS[2:] if reason in reasons] == list(REASONS[2:])
    assert came_true >= 6
