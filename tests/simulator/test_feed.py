"""The district feed: 72 hours to the second, in order, and nothing before its schedule is final (F3, F4, A1, A2)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.ats.records import Enrolling, PersonEdit, SectionEdit
from simulator.clock import Order, Process
from simulator.feed import Lag
from simulator.world import World
from tests.simulator.builders import ALGEBRA, BEN, DBN, MEI, MONDAY, ROSA, small_district, world_of

HOURS = timedelta(hours=1)
TERM = "2026-1"


def wait(world: World, span: timedelta) -> None:
    """Let time pass, with whatever is due in it."""

    def story() -> Process:
        yield world.clock.after(span, Order.EXPECTATION)

    world.play(story())


def office(world: World, method: str, path: str, body: Any = None) -> list[datetime]:
    """Let the DIIT office do something; gives when what it changed will be in Clever."""
    answer = world.ats_api(method, path, body)
    assert answer.code < 300, answer.body
    return [delivery.due for delivery in world.feed.look()]


def enroll(world: World, name: str = MEI) -> list[datetime]:
    return office(world, "POST", f"{algebra(world)}/students", Enrolling(id_of(world, name)))


def algebra(world: World) -> str:
    return f"/sections/{world.directory.sections[ALGEBRA]}"


def id_of(world: World, name: str) -> str:
    return world.directory.people[name].id


def finalize(world: World) -> list[datetime]:
    return office(world, "POST", f"/schedules/{DBN}/{TERM}/finalize")


def reopen(world: World) -> list[datetime]:
    return office(world, "POST", f"/schedules/{DBN}/{TERM}/reopen")


def in_clever(world: World, name: str) -> bool:
    view = world.clever_view()
    user, section = view.user_of(id_of(world, name)), view.section_of(world.directory.sections[ALGEBRA])
    return user is not None and section is not None and user.id in section.students


def email_in_clever(world: World, name: str) -> str:
    user = world.clever_view().user_of(id_of(world, name))
    assert user is not None
    return user.email


def test_a_change_is_in_clever_after_72_hours_to_the_second() -> None:
    with world_of() as world:
        assert enroll(world) == [MONDAY + 72 * HOURS]
        wait(world, 72 * HOURS - timedelta(seconds=1))
        assert not in_clever(world, MEI)
        wait(world, timedelta(seconds=1))
        assert in_clever(world, MEI)


def test_72_hours_are_72_hours_also_when_the_clock_goes_back() -> None:
    friday = MONDAY.replace(month=10, day=30)
    with world_of(start=friday) as world:
        (due,) = enroll(world)
        assert due - world.clock() == 72 * HOURS
        assert due.astimezone(MONDAY.tzinfo).hour == 7, "an hour earlier by the wall"


def test_a_change_of_a_draft_schedule_waits_for_it_and_its_72_hours_begin_then() -> None:
    with world_of(district=small_district(finalized=False)) as world:
        assert enroll(world) == []
        wait(world, 100 * HOURS)
        assert set(finalize(world)) == {MONDAY + 172 * HOURS}
        wait(world, 72 * HOURS)
        assert in_clever(world, MEI)


def test_people_do_not_wait_for_a_schedule() -> None:
    with world_of(district=small_district(finalized=False)) as world:
        edit = PersonEdit(email="ben@students.example")
        assert office(world, "PATCH", f"/people/{id_of(world, BEN)}", edit) == [MONDAY + 72 * HOURS]
        wait(world, 72 * HOURS)
        assert email_in_clever(world, BEN) == "ben@students.example"


def test_what_is_under_way_arrives_though_its_schedule_is_reopened_and_what_comes_later_waits() -> None:
    with world_of() as world:
        enroll(world)
        wait(world, 10 * HOURS)
        reopen(world)
        assert office(world, "DELETE", f"{algebra(world)}/students/{id_of(world, BEN)}") == []
        wait(world, 62 * HOURS)
        assert (in_clever(world, MEI), in_clever(world, BEN)) == (True, True)
        assert finalize(world) == [MONDAY + 144 * HOURS]
        wait(world, 72 * HOURS)
        assert (in_clever(world, MEI), in_clever(world, BEN)) == (True, False)


def test_looking_again_sets_nothing_out_twice() -> None:
    with world_of() as world:
        enroll(world)
        assert world.feed.look() == []
        wait(world, 80 * HOURS)
        deliveries = [entry for entry in world.journal.entries if entry.kind == "delivery"]
        assert len(deliveries) == 1


def test_a_delivery_is_told_in_words_with_the_moment_of_the_change() -> None:
    with world_of() as world:
        enroll(world)
        wait(world, 72 * HOURS)
        (entry,) = world.journal.entries
    assert (entry.lane, entry.kind, entry.who, entry.what) == (
        "clever",
        "delivery",
        "district feed",
        f"{ALGEBRA}: enroll {MEI}",
    )
    assert entry.about == (ALGEBRA, MEI, DBN)
    assert (entry.since, entry.at) == ("2026-09-14T12:00:00.000Z", "2026-09-17T12:00:00.000Z")


def test_a_lost_school_is_empty_in_clever_and_whole_again_when_it_is_found() -> None:
    with world_of() as world:
        enroll(world)
        before = world.clever_view()
        world.feed.lose(DBN)
        assert (world.clever_view().users, world.clever_view().sections) == ({}, {})
        wait(world, 72 * HOURS)
        assert world.clever_view().users == {}, "what falls due meanwhile is lost with the rest"
        assert world.journal.entries == [], "and nobody says that it arrived"
        world.feed.find(DBN)
        after = world.clever_view()
    assert after.users == before.users, "under the same Clever ids"
    assert {section.sis_id for section in after.sections.values()} == {
        section.sis_id for section in before.sections.values()
    }


def test_a_found_school_has_what_fell_due_meanwhile_and_nothing_that_has_not() -> None:
    with world_of() as world:
        enroll(world)
        wait(world, 71 * HOURS)
        office(world, "DELETE", f"{algebra(world)}/students/{id_of(world, BEN)}")
        world.feed.lose(DBN)
        wait(world, 2 * HOURS)
        world.feed.find(DBN)
        assert (in_clever(world, MEI), in_clever(world, BEN)) == (True, True)
        wait(world, 70 * HOURS)
        assert (in_clever(world, MEI), in_clever(world, BEN)) == (True, False)


def test_losing_and_finding_twice_is_as_once() -> None:
    with world_of() as world:
        before = world.clever_view().users
        for _ in range(2):
            world.feed.lose(DBN)
        for _ in range(2):
            world.feed.find(DBN)
        assert world.clever_view().users == before


def test_since_when_clever_has_a_student() -> None:
    with world_of() as world:
        section = world.directory.sections[ALGEBRA]
        enroll(world)
        assert world.feed.arrived_at(section, id_of(world, MEI)) is None
        wait(world, 72 * HOURS)
        assert world.feed.arrived_at(section, id_of(world, MEI)) == MONDAY + 72 * HOURS
        office(world, "DELETE", f"{algebra(world)}/students/{id_of(world, MEI)}")
        wait(world, 72 * HOURS)
        assert world.feed.arrived_at(section, id_of(world, MEI)) is None
        office(world, "POST", f"{algebra(world)}/cancel")
        wait(world, 72 * HOURS)
        assert world.feed.arrived_at(section, id_of(world, BEN)) is None


# ---------------------------------------------------------------- a drawn lag


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 240), st.integers(0, 240))
def test_a_lag_is_drawn_between_its_bounds_and_is_always_the_same(seed: int, number: int, one: int, other: int) -> None:
    lag = Lag(min(one, other) * HOURS, max(one, other) * HOURS)
    drawn = lag.draw(seed, number)
    assert lag.shortest <= drawn <= lag.longest
    assert drawn == lag.draw(seed, number)
    assert drawn % timedelta(seconds=1) == timedelta()


def test_another_seed_draws_other_lags() -> None:
    lag = Lag(48 * HOURS, 72 * HOURS)
    assert [lag.draw(1, number) for number in range(20)] != [lag.draw(2, number) for number in range(20)]
    assert len({lag.draw(1, number) for number in range(20)}) > 15


class Told:
    """What arrived in Clever, in the order in which it did."""

    def __init__(self, world: World) -> None:
        self.numbers: dict[str, list[int]] = {}
        tell = world.feed._tell

        def listen(delivery: Any) -> None:
            self.numbers.setdefault(delivery.change.record.key, []).append(delivery.change.number)
            tell(delivery)

        world.feed._tell = listen


steps = st.lists(
    st.tuples(st.integers(0, 100), st.sampled_from(("email", "teacher", "enroll", "drop", "draft", "final"))),
    max_size=15,
)


def perform(world: World, what: str, number: int) -> None:
    match what:
        case "email":
            world.ats_api("PATCH", f"/people/{id_of(world, MEI)}", PersonEdit(email=f"mei{number}@students.example"))
        case "teacher":
            world.ats_api("PATCH", algebra(world), SectionEdit(teacher=id_of(world, ROSA) if number % 2 else None))
        case "enroll":
            world.ats_api("POST", f"{algebra(world)}/students", Enrolling(id_of(world, MEI)))
        case "drop":
            world.ats_api("DELETE", f"{algebra(world)}/students/{id_of(world, MEI)}")
        case "draft":
            world.ats_api("POST", f"/schedules/{DBN}/{TERM}/reopen")
        case "final":
            world.ats_api("POST", f"/schedules/{DBN}/{TERM}/finalize")
    world.feed.look()


@settings(max_examples=20, deadline=None)
@given(steps, st.integers(0, 5))
def test_with_a_drawn_lag_the_changes_of_one_record_arrive_in_their_order_and_none_is_lost(
    asked: list[tuple[int, str]], seed: int
) -> None:
    with world_of(seed=seed, lag=Lag(1 * HOURS, 200 * HOURS)) as world:
        told = Told(world)
        for number, (hours, what) in enumerate(asked):
            wait(world, hours * HOURS)
            perform(world, what, number)
        perform(world, "final", 0)
        wait(world, 201 * HOURS)
        for numbers in told.numbers.values():
            assert numbers == sorted(numbers)
        last = {number for number in (delivery.change.number for delivery in world.feed.deliveries)}
        assert set(released(world)) == last
        section = world.clever_view().section_of(world.directory.sections[ALGEBRA])
        assert section is not None
        enrolled = id_of(world, MEI) in world.ats.section(world.directory.sections[ALGEBRA]).students
        assert in_clever(world, MEI) == enrolled
        assert email_in_clever(world, MEI) == world.ats.person(id_of(world, MEI)).email


def released(world: World) -> Iterator[int]:
    """The changes that have left ATS."""
    answer = world.feed._history_after(0)
    return (change.number for change in answer if change.released_at is not None)


@pytest.mark.parametrize("lag", [timedelta(), timedelta(seconds=1)])
def test_a_lag_of_nothing_delivers_at_this_very_instant(lag: timedelta) -> None:
    with world_of(lag=Lag(lag, lag)) as world:
        enroll(world)
        wait(world, lag)
        assert in_clever(world, MEI)
