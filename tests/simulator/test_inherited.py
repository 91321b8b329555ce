"""A world that takes over what three systems hold is the world that wrote it, and lives on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import msgspec
import pytest

from fakes.ats.records import Enrolling
from fakes.clever.feed import UserRow
from fakes.otus.records import NewAccount, NewClass
from simulator.clock import Order
from simulator.district import CleverOnly, District, Person, School, Section, Setup
from simulator.feed import rows_of
from simulator.inherited import Images, inherit_past, record_of, records_in_ats
from simulator.sut import CallableSut
from simulator.world import World
from tests.simulator.builders import ALGEBRA, BEN, DBN, MEI, MONDAY, ROSA, idle, small_district, world_of

OTHER = "03M859"


def large_district() -> District:
    """Two schools, and two people called Mei Chen."""
    small = small_district()
    return msgspec.structs.replace(
        small,
        schools=(*small.schools, School(dbn=OTHER)),
        people=(
            *small.people,
            Person(name="the other Mei", called=MEI, role="student", schools=(OTHER, DBN)),
            Person(name="Abe Yu", role="teacher", schools=(OTHER, DBN)),
        ),
        sections=(
            *small.sections,
            Section(name="Geometry-01", school=OTHER, teacher="Abe Yu", students=("the other Mei",)),
            Section(name="Chess-01", school=OTHER, teacher="Abe Yu"),
        ),
        clever_only=(CleverOnly(name="Sam Lee", role="staff", email="sam@office.example", schools=(DBN,)),),
    )


def images_of(world: World) -> Images:
    return Images(world.ats.store.snapshot(), world.clever.snapshot(), world.otus.snapshot())


@contextmanager
def inherited(images: Images) -> Iterator[tuple[World, District]]:
    with World(Setup(start=MONDAY + timedelta(days=1)), CallableSut(idle), images) as world:
        yield world, inherit_past(world)


@pytest.fixture(scope="module")
def images() -> Images:
    with world_of(district=large_district()) as world:
        teacher = world.otus_view().accounts
        rosa = next(each.id for each in teacher.values() if each.last_name == "Diaz")
        world.otus_api("POST", "/classes", NewClass("Practice", DBN, rosa))
        world.otus_api("POST", "/accounts", NewAccount("admin", "ann@o.example", "Ann", "Poe", (DBN,)))
        return images_of(world)


def test_all_that_the_systems_hold_is_there_and_nothing_is_on_its_way(images: Images) -> None:
    with world_of(district=large_district()) as before, inherited(images) as (world, _):
        assert world.ats_view() == before.ats_view()
        assert world.clever_view() == before.clever_view()
        assert world.otus_view().rosters.items() >= before.otus_view().rosters.items()
        assert world.feed.pending() == []
        assert world.feed.look() == []
        assert world.runner.last_sight is not None


def test_everybody_has_a_name_a_namesake_with_the_number_and_a_class_of_a_common_name_with_its_school(
    images: Images,
) -> None:
    with inherited(images) as (world, district):
        directory = world.directory
        assert {ROSA, BEN, MEI, "Abe Yu"} < set(directory.people)
        (other,) = set(directory.people) - {ROSA, BEN, MEI, "Abe Yu"}
        assert other == f"{MEI} {directory.people[other].id}"
        assert directory.people[other].called == MEI
        assert set(directory.sections) == {ALGEBRA, "Geometry-01", "Chess-01"}
        assert directory.outsiders == {"Ann Poe": "ann@o.example", "Sam Lee": "sam@office.example"}
        assert list(directory.classes) == ["Practice"]
        assert [(school.dbn, school.finalized) for school in district.schools] == [(DBN, True), (OTHER, True)]
        assert next(each for each in district.sections if each.name == ALGEBRA).students == (BEN,)


def test_two_schools_classes_of_one_name_are_told_apart_by_their_schools() -> None:
    district = large_district()
    with world_of(district=district) as world:
        for section in world.ats_view().sections.values():
            if section.dbn == OTHER and section.name == "Geometry-01":
                world.ats.store.write(
                    msgspec.structs.replace(section, name=ALGEBRA), at="2026-09-01", by="", action="", released_at=None
                )
        images = images_of(world)
    with inherited(images) as (world, _):
        assert set(world.directory.sections) == {f"{DBN} {ALGEBRA}", f"{OTHER} {ALGEBRA}", "Chess-01"}


def test_what_is_edited_from_then_on_reaches_clever_after_the_lag(images: Images) -> None:
    with inherited(images) as (world, _):
        directory = world.directory
        section, mei = directory.sections[ALGEBRA], directory.people[MEI].id
        assert world.ats_api("POST", f"/sections/{section}/students", Enrolling(mei)).code < 300
        (delivery,) = world.feed.look()
        assert delivery.due == world.clock() + timedelta(hours=72)
        over = world.clock.at(delivery.due, Order.EXPECTATION)
        world.clock.run_until(lambda: over.processed)
        user, listed = world.clever_view().user_of(mei), world.clever_view().section_of(section)
        assert user is not None
        assert listed is not None
        assert user.id in listed.students


def test_ats_is_filled_with_what_clever_must_have_been_delivered(images: Images) -> None:
    with inherited(images) as (world, _):
        records = list(records_in_ats(world.clever))
        assert {record.key: record for record in records} == {
            record.key: record
            for view in (world.ats_view().schools, world.ats_view().people, world.ats_view().sections)
            for record in view.values()
        } | {record.key: record for record in records if type(record).__name__ in ("Term", "Course")}
        delivered = [row for space in ("school", "student", "section") for row in world.clever.delivered(space)]
        for row in delivered:
            record = record_of(row)
            assert record is not None
            assert rows_of(record) == [row]


def test_who_comes_from_elsewhere_has_no_record_in_ats() -> None:
    assert record_of(UserRow("staff", "1", "Sam", "Lee", "sam@office.example")) is None
