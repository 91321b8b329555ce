"""The removal guard (A14)."""

from collections.abc import Sequence

import pytest

from otus_sync.clever import CleverSide, District
from otus_sync.otus_records import ClassWrite, RowResult
from otus_sync.plan.guard import ruling_on
from otus_sync.plan.model import Ruling
from otus_sync.run import _outcome
from tests.otus_sync.builders import clever, held_run, section, settings, student, teacher
from tests.otus_sync.otus_model import OtusModel, night

MANY = tuple(f"student-{number:03}" for number in range(100))
TEACHERS = (teacher("main"), teacher("co"))


def district(
    *, people: tuple[str, ...] = MANY, rostered: tuple[str, ...] = MANY, teachers: tuple[str, ...] = ("main",)
) -> CleverSide:
    """A hundred students in one class, or fewer."""
    everybody = (*TEACHERS, *(student(key) for key in people))
    return clever(*everybody, section("assembly", teachers, rostered))


def sections(count: int) -> CleverSide:
    return clever(*TEACHERS, *(section(f"section-{number:03}", ("main",)) for number in range(count)))


def otus_after(side: CleverSide) -> OtusModel:
    otus = OtusModel()
    night(side, otus)
    return otus


def test_a_run_that_would_remove_too_many_people_is_held_and_removes_nobody() -> None:  # A14
    otus = otus_after(district())
    tonight = night(district(people=MANY[:60]), otus)
    verdict = tonight.plan.verdict
    assert verdict.status == "held"
    assert "40 of 102 accounts" in verdict.reason
    assert (verdict.withheld.accounts_deactivated, verdict.withheld.memberships_removed) == (40, 40)
    assert all(person.active for person in otus.people.values())
    assert len(otus.students_in("assembly")) == 100


def test_a_held_run_still_creates_and_updates_and_wipes_by_hand_students() -> None:  # A14, F8
    otus = otus_after(district())
    night(
        clever(*TEACHERS, student("visitor"), *(student(key) for key in MANY), section("assembly", ("main",), MANY)),
        otus,
    )
    otus.add_by_hand("assembly", otus.person("visitor").id, "student")
    smaller = (*TEACHERS, student("visitor"), student("new"), student(MANY[0], first="Renamed"))
    tonight = night(clever(*smaller, section("assembly", ("main",), (MANY[0], "new"))), otus)
    assert tonight.plan.verdict.status == "held"
    assert otus.person(MANY[0]).first_name == "Renamed"
    assert otus.students_in("assembly") == {*MANY, "new"}
    assert otus.room("assembly").by_hand == {}


def test_twenty_percent_exactly_is_not_over_twenty_percent() -> None:  # A14
    otus = otus_after(sections(125))
    assert night(sections(100), otus).plan.verdict.status == "clear"
    otus = otus_after(sections(124))
    assert night(sections(99), otus).plan.verdict.status == "held"


def test_fewer_than_twenty_five_removals_are_never_held() -> None:  # A14
    otus = otus_after(sections(25))
    assert night(sections(1), otus).plan.verdict.status == "clear"
    otus = otus_after(sections(26))
    assert night(sections(1), otus).plan.verdict.status == "held"


def test_memberships_of_classes_that_stay_as_they_are_count_among_all() -> None:  # A14
    def with_a_choir_of(count: int) -> CleverSide:
        assembly, choir = section("assembly", ("main",), MANY), section("choir", ("main",), MANY[:count])
        return clever(*TEACHERS, *map(student, MANY), assembly, choir)

    otus = otus_after(with_a_choir_of(100))
    assert night(with_a_choir_of(60), otus).plan.verdict.status == "clear", "40 of 202, and not of 101, are removed"


def test_the_numbers_are_settings() -> None:  # A14
    otus = otus_after(sections(10))
    assert night(sections(9), otus, settings(guard_percent=5, guard_minimum=1)).plan.verdict.status == "held"


def test_removals_are_counted_gross_however_many_are_added() -> None:  # A14
    newcomers = tuple(f"new-{number:03}" for number in range(100))
    everybody = (*TEACHERS, *(student(key) for key in (*MANY, *newcomers)))
    otus = otus_after(clever(*everybody, section("assembly", ("main",), MANY)))
    tonight = night(clever(*everybody, section("assembly", ("main",), newcomers)), otus)
    assert tonight.plan.verdict.withheld.memberships_removed == 100
    assert otus.students_in("assembly") == {*MANY, *newcomers}


def test_memberships_of_a_cancelled_class_are_the_class_s_removal_and_not_theirs() -> None:  # A14
    people = (*TEACHERS, *(student(key) for key in MANY))
    otus = otus_after(clever(*people, section("assembly", ("main",), MANY)))
    tonight = night(clever(*people), otus)
    assert tonight.plan.verdict.status == "clear"
    assert otus.room("assembly").archived


def test_a_change_of_part_is_no_removal() -> None:  # A14
    otus = otus_after(district(teachers=("main", "co")))
    tonight = night(district(teachers=("co", "main")), otus, settings(guard_percent=0, guard_minimum=1))
    assert tonight.plan.verdict.status == "clear"


def test_a_withheld_main_teacher_makes_room_for_the_new_one_and_stays_in_the_class() -> None:  # A14
    otus = otus_after(district())
    tonight = night(district(rostered=MANY[:10], teachers=("co",)), otus)
    assert tonight.plan.verdict.status == "held"
    roster = otus.room("assembly").roster
    assert roster.teacher == otus.person("co").id
    assert roster.co_teachers == (otus.person("main").id,)


def test_a_held_run_repeated_writes_nothing_and_has_the_same_digest() -> None:  # A14, A15
    otus = otus_after(district())
    first = night(district(people=MANY[:60]), otus)
    before = otus.state()
    second = night(district(people=MANY[:60]), otus)
    assert second.plan.is_empty()
    assert second.plan.verdict.digest == first.plan.verdict.digest
    assert otus.state() == before


def test_approved_removals_are_applied() -> None:  # A14
    otus = otus_after(district())
    held = night(district(people=MANY[:60]), otus).plan.verdict
    tonight = night(district(people=MANY[:60]), otus, ruling=Ruling(7, "approved", held.digest))
    assert tonight.plan.verdict.status == "approved"
    assert tonight.applied.counts.accounts_deactivated == 40
    assert len(otus.students_in("assembly")) == 60


def test_if_the_world_moved_on_after_the_approval_the_run_is_held_anew() -> None:  # A14
    otus = otus_after(district())
    held = night(district(people=MANY[:60]), otus).plan.verdict
    tonight = night(district(people=MANY[:50]), otus, ruling=Ruling(7, "approved", held.digest))
    assert tonight.plan.verdict.status == "held"
    assert otus.person(MANY[99]).active


def test_what_a_crash_left_over_of_approved_removals_is_approved_too() -> None:  # A14, A15
    otus = otus_after(district())
    held = night(district(people=MANY[:60]), otus).plan.verdict
    otus.edit(otus.person(MANY[99]).id, active=False)
    ruling = Ruling(7, "approved", held.digest, frozenset(held.removals))
    assert night(district(people=MANY[:60]), otus, ruling=ruling).plan.verdict.status == "approved"


def test_discarded_removals_stay_withheld_as_long_as_they_are_these() -> None:  # A14
    otus = otus_after(district())
    held = night(district(people=MANY[:60]), otus).plan.verdict
    ruling = Ruling(7, "discarded", held.digest, frozenset(held.removals))
    tonight = night(district(people=MANY[:60]), otus, ruling=ruling)
    assert tonight.plan.verdict.status == "discarded"
    assert "run 7" in tonight.plan.verdict.reason
    assert all(person.active for person in otus.people.values())
    assert night(district(people=MANY[:59]), otus, ruling=ruling).plan.verdict.status == "held"
    assert night(district(people=MANY[:61]), otus, ruling=ruling).plan.verdict.status == "held"


def test_a_class_that_changes_while_a_held_run_writes_loses_nobody_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # A14
    otus = otus_after(district())
    write = otus.write_classes

    def after_an_edit(rows: Sequence[ClassWrite]) -> list[RowResult]:
        monkeypatch.setattr(otus, "write_classes", write)
        otus.room("assembly").version += 1
        return write(rows)

    monkeypatch.setattr(otus, "write_classes", after_an_edit)
    night(district(people=MANY[:60], teachers=("main", "co")), otus)
    assert len(otus.students_in("assembly")) == 100
    assert otus.room("assembly").roster.co_teachers == (otus.person("co").id,)


def test_a_run_ends_held_with_what_it_withheld_and_a_digest() -> None:  # A15
    otus = otus_after(district())
    tonight = night(district(people=MANY[:60]), otus)
    ended = _outcome(tonight.plan, tonight.applied, District("district"))
    assert (ended.status, ended.withheld.accounts_deactivated, len(ended.removals)) == ("held", 40, 80)
    assert ended.digest == tonight.plan.verdict.digest


def test_a_run_that_withholds_what_was_discarded_succeeds_and_says_so() -> None:  # A14
    otus = otus_after(district())
    digest = night(district(people=MANY[:60]), otus).plan.verdict.digest
    tonight = night(district(people=MANY[:60]), otus, ruling=Ruling(7, "discarded", digest))
    ended = _outcome(tonight.plan, tonight.applied, District("district"))
    assert (ended.status, ended.digest) == ("succeeded", digest)
    assert "was discarded with run 7" in ended.reason


def test_a_run_says_that_clever_is_paused_and_how_old_its_data_is() -> None:
    tonight = night(clever(), OtusModel())
    paused = District("district", state="paused", last_sync="2026-06-24T05:00:00.000Z")
    ended = _outcome(tonight.plan, tonight.applied, paused)
    assert ended.reason == "nothing to do; Clever is paused, its data is of 2026-06-24T05:00:00.000Z"


def test_the_ruling_is_that_on_the_newest_held_run_of_the_scope() -> None:
    older = held_run(1, "d1", "approved")
    assert ruling_on([held_run(3, "d3", "approved"), older], ()) == Ruling(3, "approved", "d3")
    assert ruling_on([held_run(3, "d3"), older], ()) is None
    other_scope = held_run(3, "d3", scope=("02M475",))
    assert ruling_on([other_scope, older], ()) == Ruling(1, "approved", "d1")


def test_an_approval_is_used_once() -> None:
    approved = held_run(1, "d1", "approved")
    assert ruling_on([held_run(2, status="failed"), approved], ()) is not None
    assert ruling_on([held_run(2, status="succeeded"), approved], ()) is None


def test_a_discard_is_used_every_night() -> None:
    discarded = held_run(1, "d1", "discarded")
    assert ruling_on([held_run(2, "d1", status="succeeded"), discarded], ()) is not None
