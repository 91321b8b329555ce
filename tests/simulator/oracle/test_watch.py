"""What people do in a world reaches the oracle: after each step Otus is as the oracle says, without any night."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scenarios.stage import SUPPORT, Stage
from scenarios.verbs import Step
from scenarios.verbs.ats import Discharge, Enroll, Transfer
from scenarios.verbs.clever import NewStaff, Pause, Resume, Share, StopSharing
from scenarios.verbs.fault import FeedDeliversAgain
from scenarios.verbs.feed import FindsSchool, LosesSchool
from scenarios.verbs.otus import (
    AddCoTeacherByHand,
    AddStudent,
    AdjustId,
    ArchiveClass,
    ChangeEmailByHand,
    ConfuseId,
    DeleteClass,
    HandInWork,
    JoinByCode,
    MakeAccount,
    MakeClass,
    Remove,
    RenameByHand,
    RenameClass,
    TurnManualRostering,
    UnarchiveClass,
)
from simulator.district import Admin, District, Person, School, Section, Setup
from simulator.oracle.watch import Watch
from simulator.past import write_past
from simulator.sut import CallableSut
from simulator.views import OtusView
from simulator.world import World
from tests.simulator.builders import ALGEBRA, BEN, DBN, MEI, MONDAY, ROSA, idle, nights

KIM = "Kim Tran"
OTHER_DBN = "16K393"
EVERY_EDIT: list[tuple[Step, ...]] = [
    (AddStudent(student=MEI, class_=ALGEBRA),),
    (AddStudent(student="Noor Haddad", class_=ALGEBRA, email="noor@x.example"),),
    (AddCoTeacherByHand(teacher=KIM, class_=ALGEBRA),),
    (Remove(person=BEN, class_=ALGEBRA),),
    (AddStudent(student=MEI, class_=ALGEBRA), Remove(person=MEI, class_=ALGEBRA)),
    (JoinByCode(student=MEI, class_=ALGEBRA),),
    (MakeClass(class_="Practice", teacher=ROSA, students=(BEN, MEI)),),
    (MakeClass(class_="Practice", teacher=ROSA), JoinByCode(student=BEN, class_="Practice")),
    (MakeClass(class_="Practice", teacher=ROSA), RenameClass(class_="Practice", to="Practice 2")),
    (MakeClass(class_="Practice", teacher=ROSA), DeleteClass(class_="Practice")),
    (ArchiveClass(class_=ALGEBRA),),
    (ArchiveClass(class_=ALGEBRA), UnarchiveClass(class_=ALGEBRA)),
    (DeleteClass(class_=ALGEBRA),),
    (RenameClass(class_=ALGEBRA, to="Numbers"),),
    (ChangeEmailByHand(person=MEI, email="mei@new.example"),),
    (ChangeEmailByHand(person="Ada Admin", email="ada@new.example"),),
    (RenameByHand(person=MEI, to="May Chen"),),
    (MakeAccount(person="New Adult", role="teacher", email="new@x.example"),),
    (
        MakeAccount(person="New Adult", role="admin", email="new@x.example"),
        ChangeEmailByHand(person="New Adult", email="newer@x.example"),
        RenameByHand(person="New Adult", to="Newer Adult"),
    ),
    (HandInWork(student=BEN, class_=ALGEBRA, work="Essay"),),
    (HandInWork(student=BEN, class_=ALGEBRA, work="Essay"), Remove(person=BEN, class_=ALGEBRA)),
    (ConfuseId(person=BEN), AdjustId(person=BEN)),
    (TurnManualRostering(to=False), TurnManualRostering(to=True), MakeClass(class_="Practice", teacher=ROSA)),
]


@contextmanager
def watched() -> Iterator[tuple[World, Watch, Stage]]:
    """A world with two schools, followed from its beginning."""
    district = District(
        schools=(School(dbn=DBN), School(dbn=OTHER_DBN)),
        people=(
            Person(name=ROSA, role="teacher", schools=(DBN,)),
            Person(name=KIM, role="teacher", schools=(DBN,)),
            Person(name=BEN, role="student", schools=(DBN,)),
            Person(name=MEI, role="student", schools=(DBN,)),
            Person(name="Tariq Aziz", role="student", schools=(OTHER_DBN,)),
        ),
        sections=(
            Section(name=ALGEBRA, school=DBN, teacher=ROSA, students=(BEN,)),
            Section(name="Choir-01", school=OTHER_DBN, students=("Tariq Aziz",)),
        ),
        admins=(Admin(name="Ada Admin", email="ada@office.example", schools=(DBN,)),),
    )
    with World(Setup(start=MONDAY, sync_real_seconds_max=10), CallableSut(idle)) as world:
        watch = Watch(world)
        write_past(world, district)
        watch.past_is_written()
        yield world, watch, Stage(world)


def perform(stage: Stage, step: Step) -> None:
    act = step.perform(stage)
    assert act is not None
    assert act.answer is None or act.answer.code < 300, stage.world.message_of(act.answer)
    stage.world.feed.look()


def said(watch: Watch, otus: OtusView) -> list[str]:
    return [difference.message for difference in watch.differences(otus)]


def test_a_world_begins_as_the_oracle_says() -> None:
    with watched() as (world, watch, _):
        assert watch.oracle.settled
        assert said(watch, world.otus_view()) == []


@pytest.mark.parametrize("steps", EVERY_EDIT, ids=lambda steps: " ".join(type(step).__name__ for step in steps))
def test_the_oracle_knows_of_every_edit_at_once(steps: tuple[Step, ...]) -> None:
    with watched() as (world, watch, stage):
        before = world.otus_view()
        for step in steps:
            perform(stage, step)
            assert said(watch, world.otus_view()) == []
        changed = world.otus_view().without_moments() != before.without_moments()
        undone = {Remove, DeleteClass, UnarchiveClass, AdjustId, HandInWork}
        assert changed or type(steps[-1]) in undone


def test_a_sync_that_does_nothing_is_seen_through_the_first_night_it_had_something_to_do() -> None:
    with watched() as (world, watch, stage):
        perform(stage, AddStudent(student=MEI, class_=ALGEBRA, by=SUPPORT))
        nights(world)
        otus = world.otus_view()
        watch.night_is_over(world.runner.ends[-1], otus)
        assert said(watch, otus) == [f"{MEI} is in {ALGEBRA} as a student, by hand"]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((Enroll(student=MEI, section=ALGEBRA), Pause()), []),
        ((Enroll(student=MEI, section=ALGEBRA), Pause(), Resume()), [f"{MEI} is not in {ALGEBRA}"]),
        ((Enroll(student=MEI, section=ALGEBRA),), [f"{MEI} is not in {ALGEBRA}"]),
        ((StopSharing(school=OTHER_DBN),), ["the account of Tariq Aziz is active", "Choir-01 is active"]),
        ((StopSharing(school=OTHER_DBN), Share(school=OTHER_DBN)), []),
        ((LosesSchool(school=OTHER_DBN),), ["the account of Tariq Aziz is active", "Choir-01 is active"]),
        ((LosesSchool(school=OTHER_DBN), FindsSchool(school=OTHER_DBN)), []),
        ((LosesSchool(school=OTHER_DBN), FeedDeliversAgain(school=OTHER_DBN)), []),
        ((NewStaff(person=ROSA), LosesSchool(school=DBN), FindsSchool(school=DBN)), []),
        (
            (LosesSchool(school=DBN), NewStaff(person=ROSA), FindsSchool(school=DBN)),
            [f"the account of {ROSA} is active", f"{ROSA} is in {ALGEBRA} as the teacher, by roster"],
        ),
        ((Transfer(person=MEI, to=(OTHER_DBN,)),), [f"the account of {MEI} is one of {DBN}"]),
        ((Discharge(person="Tariq Aziz"),), ["the account of Tariq Aziz is active", "Tariq Aziz is in Choir-01"]),
    ],
)
def test_what_happens_at_clever_reaches_the_oracle(steps: tuple[Step, ...], expected: list[str]) -> None:
    """The sync does nothing, so what the oracle misses after four nights is what the steps must have led to."""
    with watched() as (world, watch, stage):
        for step in steps:
            perform(stage, step)
        nights(world, 4)
        otus = world.otus_view()
        watch.night_is_over(world.runner.ends[-1], otus)
        found = said(watch, otus)
        assert len(found) == len(expected)
        assert all(message.startswith(words) for message, words in zip(found, expected, strict=True))


def test_nothing_is_said_after_a_run_that_failed() -> None:
    def failing(_environ: object) -> int:
        return 1

    with watched() as (world, watch, stage):
        world.sut = CallableSut(failing)
        perform(stage, AddStudent(student=MEI, class_=ALGEBRA, by=SUPPORT))
        nights(world)
        watch.night_is_over(world.runner.ends[-1], world.otus_view())
        assert watch.differences(world.otus_view()) == []
