"""Why is a student missing? The right one of the five reasons at every moment (F12), and who must act."""

from collections.abc import Mapping
from typing import Any

import pytest

from fakes.ats.records import PersonEdit
from fakes.otus.records import IdAdjustment
from simulator.diagnosis import REASONS, WHO_MUST_ACT, diagnose
from simulator.district import District, Person, School, Section
from simulator.sut import read_spec
from simulator.world import World
from tests.simulator.builders import ALGEBRA, BEN, DBN, MEI, MONDAY, ROSA, Client, nights, small_district, world_of
from tests.simulator.test_feed import HOURS, algebra, enroll, finalize, id_of, office, reopen, wait

REAL_SYNC = "callable: otus_sync.app:nightly"


def reason(world: World, name: str = MEI) -> str:
    return diagnose(world, name, ALGEBRA).reason


def real_world(**settings: Any) -> Any:
    return world_of(read_spec(REAL_SYNC), **settings)


def test_each_reason_says_who_must_act() -> None:
    assert set(WHO_MUST_ACT) == set(REASONS)
    assert all(WHO_MUST_ACT.values())


def test_who_is_there_is_not_missing() -> None:
    with real_world() as world:
        diagnosis = diagnose(world, BEN, ALGEBRA)
    assert diagnosis == ("not missing", f"{BEN} is on the roster of {ALGEBRA} in Otus")


def test_one_student_goes_through_all_the_reasons_one_after_the_other() -> None:
    with real_world(district=small_district(finalized=False)) as world:
        told = [reason(world)]
        enroll(world)
        told.append(reason(world))
        finalize(world)
        told.append(reason(world))
        wait(world, 72 * HOURS)
        told.append(reason(world))
        nights(world)
        told.append(reason(world))
    assert told == [
        "schedule not finalized",
        "schedule not finalized",
        "not in Clever yet",
        "no successful sync since",
        "not missing",
    ]


def test_a_student_whom_ats_has_elsewhere_is_not_in_the_section() -> None:
    with real_world() as world:
        assert reason(world) == "not in the section"
        office(world, "POST", f"{algebra(world)}/cancel")
        assert reason(world) == "not in the section"


def test_a_student_who_is_in_a_canceled_section_is_not_in_the_section() -> None:
    with real_world() as world:
        office(world, "POST", f"{algebra(world)}/cancel")
        wait(world, 72 * HOURS)
        nights(world)
        assert reason(world, BEN) == "not in the section"


def test_an_enrolment_under_way_is_on_its_way_though_the_schedule_has_been_reopened() -> None:
    with real_world() as world:
        enroll(world)
        wait(world, HOURS)
        reopen(world)
        assert reason(world) == "not in Clever yet"
        wait(world, 72 * HOURS)
        assert reason(world) == "no successful sync since"


def test_an_enrolment_made_after_the_schedule_was_reopened_waits_for_it() -> None:
    with real_world() as world:
        reopen(world)
        enroll(world)
        assert reason(world) == "schedule not finalized"


def test_a_failed_night_is_no_successful_sync() -> None:
    calls: list[int] = []

    def failing(_environ: Mapping[str, str]) -> int:
        calls.append(1)
        return 1

    with world_of(failing) as world:
        enroll(world)
        wait(world, 72 * HOURS)
        nights(world)
        assert (reason(world), len(calls)) == ("no successful sync since", 1)


def test_an_account_linked_to_another_clever_user_needs_its_id_adjusted_and_then_a_sync() -> None:
    with real_world() as world:
        ben = account_of(world, BEN)
        assert world.otus_api("POST", f"/accounts/{ben}/adjust-id", IdAdjustment("0" * 23 + "1")).code == 200
        assert reason(world, BEN) == "ID needs adjusting"
        nights(world)
        assert reason(world, BEN) == "ID needs adjusting"
        right = world.clever.clever_id("user", id_of(world, BEN), "student")
        assert right is not None
        assert world.otus_api("POST", f"/accounts/{ben}/adjust-id", IdAdjustment(right)).code == 200
        assert reason(world, BEN) == "no successful sync since", "Support has acted: now it is a matter of a night"
        nights(world)
        assert reason(world, BEN) == "not missing"


def account_of(world: World, name: str) -> int:
    sis_id = id_of(world, name)
    return next(account.id for account in world.otus_view().accounts.values() if account.sis_id == sis_id)


def test_a_rostered_student_removed_by_hand_waits_for_the_next_sync() -> None:
    with real_world() as world:
        nights(world)
        (klass,) = world.otus_view().classes
        assert world.otus_api("DELETE", f"/classes/{klass}/members/{account_of(world, BEN)}").code < 300
        assert reason(world, BEN) == "no successful sync since"
        nights(world)
        assert reason(world, BEN) == "not missing"


def test_a_student_without_an_email_is_told_first_and_then_goes_the_usual_way() -> None:
    people = (
        Person(name=ROSA, role="teacher", schools=(DBN,)),
        Person(name=MEI, role="student", schools=(DBN,), email=""),
    )
    section = Section(name=ALGEBRA, school=DBN, teacher=ROSA, students=(MEI,))
    with real_world(district=District(schools=(School(dbn=DBN),), people=people, sections=(section,))) as world:
        nights(world)
        told = [reason(world)]
        office(world, "PATCH", f"/people/{id_of(world, MEI)}", PersonEdit(email="mei@students.example"))
        told.append(reason(world))
        wait(world, 72 * HOURS)
        told.append(reason(world))
        nights(world)
        told.append(reason(world))
    assert told == ["no e-mail", "not in Clever yet", "no successful sync since", "not missing"]


def test_an_email_that_has_arrived_waits_for_a_sync_and_is_no_matter_of_the_id() -> None:
    people = (
        Person(name=ROSA, role="teacher", schools=(DBN,)),
        Person(name=MEI, role="student", schools=(DBN,), email=""),
    )
    section = Section(name=ALGEBRA, school=DBN, teacher=ROSA, students=(MEI,))
    with real_world(district=District(schools=(School(dbn=DBN),), people=people, sections=(section,))) as world:
        office(world, "PATCH", f"/people/{id_of(world, MEI)}", PersonEdit(email="mei@students.example"))
        nights(world, 3)
        wait(world, 12 * HOURS)
        assert reason(world) == "no successful sync since"
        nights(world)
        assert reason(world) == "not missing"


def test_a_school_that_is_shared_only_now_waits_for_a_sync() -> None:
    with real_world() as world:
        world.stop_sharing(DBN)
        nights(world)
        assert reason(world, BEN) == "not in Clever yet"
        world.share(DBN)
        assert reason(world, BEN) == "no successful sync since"
        nights(world)
        assert reason(world, BEN) == "not missing"


def test_before_any_night_there_was_no_successful_sync() -> None:
    with real_world() as world:
        ben = account_of(world, BEN)
        (klass,) = world.otus_view().classes
        assert world.otus_api("DELETE", f"/classes/{klass}/members/{ben}").code < 300
        assert diagnose(world, BEN, ALGEBRA) == (
            "no successful sync since",
            f"the account of {BEN} is in order; the last sync was Wed 19 Aug 08:00",
        )


def test_a_delivery_in_the_middle_of_a_run_is_news_to_the_next() -> None:
    """What counts is what Clever had when the run began: the run may have read the section before."""

    def slow(environ: Mapping[str, str]) -> int:
        with Client(environ) as client:
            for _ in range(3):
                client.clever("/v3.1/sections")
        return 0

    # The enrolment is made 72 hours before the first request of a night is answered.
    with world_of(slow, latency_ms=3_600_000) as world:
        wait(world, 18 * HOURS)
        enroll(world)
        nights(world, 3)
        assert world.feed.arrived_at(world.directory.sections[ALGEBRA], id_of(world, MEI)) == MONDAY + 90 * HOURS
        assert reason(world) == "no successful sync since"


def test_an_unknown_name_is_an_error_of_the_asker() -> None:
    with world_of() as world, pytest.raises(KeyError):
        diagnose(world, "Nobody", ALGEBRA)
