"""What is kept from look to look is what a look at everything would give, whatever has happened in between."""

import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from fakes.ats.records import Enrolling, PersonEdit
from fakes.otus.records import AccountEdit, ClassEdit, NewClass, NewMember
from rostersim.served.changed import Views
from rostersim.served.kept import Kept
from scenarios.stage import Stage
from simulator.clock import Order
from simulator.district import District, Person, School, Section
from simulator.sut import read_spec
from simulator.world import World
from tests.simulator.builders import DBN, ROSA, nights, world_of

OTHER = "03M859"
STUDENTS = [f"Student {letter}" for letter in "ABCDEF"]
CLASSES = ["Algebra 1-01", "Algebra 1-02", "Chess-01"]
SYNC = "callable: otus_sync.app:nightly"


def district() -> District:
    return District(
        schools=(School(dbn=DBN), School(dbn=OTHER)),
        people=(
            Person(name=ROSA, role="teacher", schools=(DBN, OTHER)),
            *(Person(name=name, role="student", schools=(DBN, OTHER)) for name in STUDENTS),
        ),
        sections=tuple(
            Section(name=name, school=dbn, teacher=ROSA, students=tuple(STUDENTS[:place]))
            for place, (name, dbn) in enumerate(zip(CLASSES, (DBN, DBN, OTHER), strict=True), start=2)
        ),
    )


def views_of(world: World) -> Views:
    return Views(world.ats_view(), world.clever_view(), world.otus_view())


def content_of(kept: Kept) -> dict[str, Any]:
    """Give all that a sight is made of; what is counted as nobody is nothing."""
    rolls, naming, schools = kept.rolls, kept.naming, kept.schools
    return {
        "called": naming.called,
        "numbers": naming.numbers,
        "everybody": {name: naming.account_id(name) for name in naming.everybody()},
        "classes": (rolls.ids, rolls.rolls, rolls.names()),
        "counts": [+count for count in (*rolls.counts, rolls.unlike, rolls.differing)],
        "schools": [
            {dbn: keys for dbn, keys in each.items() if keys}
            for each in (rolls.by_school, schools.in_ats, schools.in_clever, schools.in_otus)
        ],
    }


def something(world: World, dice: random.Random) -> None:
    """Let something happen; what is refused has not."""
    directory, otus = world.directory, world.otus_view()
    student = directory.people[dice.choice(STUDENTS)].id
    section = directory.sections[dice.choice(CLASSES)]
    account, klass = dice.choice(list(otus.accounts)), dice.choice(list(otus.classes))
    member = NewMember("student", account)
    deeds = (
        lambda: world.ats_api("POST", f"/sections/{section}/students", Enrolling(student)),
        lambda: world.ats_api("DELETE", f"/sections/{section}/students/{student}"),
        lambda: world.ats_api("PATCH", f"/people/{student}", PersonEdit(last_name=dice.choice("XYZ"))),
        lambda: world.ats_api("PATCH", f"/people/{student}", PersonEdit(schools=(dice.choice((DBN, OTHER)),))),
        lambda: world.ats_api("POST", f"/people/{student}/{dice.choice(('discharge', 'readmit'))}"),
        lambda: world.ats_api("POST", f"/sections/{section}/{dice.choice(('cancel', 'restore'))}"),
        lambda: world.otus_api("PATCH", f"/accounts/{account}", AccountEdit(first_name=dice.choice("PQ"))),
        lambda: world.otus_api("POST", f"/classes/{klass}/members", member),
        lambda: world.otus_api("DELETE", f"/classes/{klass}/members/{account}"),
        lambda: world.otus_api("POST", "/classes", NewClass(dice.choice(CLASSES), DBN, account)),
        lambda: world.otus_api("DELETE", f"/classes/{klass}"),
        lambda: world.otus_api("PATCH", f"/classes/{klass}", ClassEdit(archived=dice.random() < 0.5)),
        lambda: world.stop_sharing(OTHER),
        lambda: world.share(OTHER),
        world.clever_view,
        lambda: days(world, dice.randrange(1, 4)),
    )
    dice.choice(deeds)()
    world.feed.look()


def days(world: World, count: int) -> None:
    """Let days pass, with their nights or without."""
    if count > 1:
        nights(world, count)
        return
    over = world.clock.after(world.setup.lag.longest, Order.EXPECTATION)
    world.clock.run_until(lambda: over.processed)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_kept_is_what_a_look_at_everything_gives(seed: int) -> None:
    dice = random.Random(seed)
    with world_of(read_spec(SYNC), district=district(), second_run=False) as world:
        kept = Kept(Stage(world))
        for _ in range(30):
            kept.look(views_of(world))
            anew = Kept(Stage(world))
            anew.look(views_of(world))
            assert content_of(kept) == content_of(anew)
            something(world, dice)


def without_a_user(views: Views) -> Views:
    """A section goes on naming somebody who is not shared any more (A16)."""
    users = dict(list(views.clever.users.items())[1:])
    return views._replace(clever=msgspec.structs.replace(views.clever, users=users))


def user_of_another_number(views: Views) -> Views:
    """An account is called by the number of its user, which is no longer its own."""
    key, user = list(views.clever.users.items())[-1]
    users = {**views.clever.users, key: msgspec.structs.replace(user, sis_id="999999999", first_name="Nobody")}
    return views._replace(clever=msgspec.structs.replace(views.clever, users=users))


def stranger(views: Views, last_name: str = "Ranger") -> Views:
    """ATS has somebody whom the story does not know, under the number of a user."""
    person = next(iter(views.ats.people.values()))
    people = {**views.ats.people, "999999999": msgspec.structs.replace(person, id="999999999", last_name=last_name)}
    section, *others = views.ats.sections.values()
    sections = {each.id: each for each in others}
    sections[section.id] = msgspec.structs.replace(section, students=("999999999",))
    return views._replace(ats=msgspec.structs.replace(views.ats, people=people, sections=sections))


@pytest.mark.parametrize(
    "changes",
    [
        (without_a_user,),
        (user_of_another_number,),
        (user_of_another_number, stranger),
        (stranger, lambda views: stranger(views, "Danger")),
        (user_of_another_number, stranger, lambda views: stranger(views, "Danger")),
    ],
)
def test_whoever_is_called_otherwise_is_so_in_every_class(changes: tuple[Callable[[Views], Views], ...]) -> None:
    with world_of(district=district()) as world:
        kept, views, states = Kept(Stage(world)), views_of(world), []
        kept.look(views)
        for change in changes:
            states.append(views)
            views = change(views)
            kept.look(views)
            anew = Kept(Stage(world))
            anew.look(views)
            assert content_of(kept) == content_of(anew)
        for state in reversed(states):
            kept.look(state)
            anew = Kept(Stage(world))
            anew.look(state)
            assert content_of(kept) == content_of(anew)


def test_a_look_at_what_has_not_changed_compares_no_class_again() -> None:
    with world_of(district=district()) as world:
        kept = Kept(Stage(world))
        kept.look(views_of(world))
        before = dict(kept.rolls.rolls)
        world.ats_api("DELETE", f"/sections/{world.directory.sections['Chess-01']}/students/"
                      f"{world.directory.people[STUDENTS[0]].id}")  # fmt: skip
        kept.look(views_of(world))
        assert {name for name, roll in kept.rolls.rolls.items() if roll is not before[name]} == {"Chess-01"}


def test_a_class_of_the_past_differs_from_nothing_and_counts_for_nobody() -> None:
    with world_of(read_spec(SYNC), district=district(), second_run=False) as world:
        world.ats_api("POST", f"/sections/{world.directory.sections['Chess-01']}/cancel")
        world.feed.look()
        nights(world, 5)
        kept = Kept(Stage(world))
        kept.look(views_of(world))
        roll = kept.rolls.rolls["Chess-01"]
        assert (len(roll.in_ats), len(roll.in_clever), len(roll.in_otus)) == (0, 0, 5)
        assert (roll.is_over, roll.differing, +kept.rolls.unlike) == (True, frozenset(), {})
        assert [count[STUDENTS[0]] for count in kept.rolls.counts] == [2, 2, 2]


def test_a_class_that_was_archived_by_hand_or_lost_on_the_way_still_differs() -> None:
    with world_of(read_spec(SYNC), district=district(), second_run=False) as world:
        klass = next(key for key, each in world.otus_view().classes.items() if each.name == "Chess-01")
        assert world.otus_api("PATCH", f"/classes/{klass}", ClassEdit(archived=True)).code == 200
        kept = Kept(Stage(world))
        kept.look(views_of(world))
        assert not kept.rolls.rolls["Chess-01"].is_over, "Clever has it, so the sync brings it back (H2)"
        world.lose_school(OTHER)
        kept.look(views_of(world))
        roll = kept.rolls.rolls["Chess-01"]
        assert (roll.is_over, len(roll.differing)) == (False, 5), "ATS has it in the present term"
