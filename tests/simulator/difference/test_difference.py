"""What differs between two moments, and between Clever and Otus, with the rule that says why."""

from fakes.ats.records import PersonEdit
from fakes.otus.records import AccountEdit, ClassEdit, IdAdjustment, NewAccount, NewClass, NewMember
from simulator.difference import Difference, clever_against_otus, compare
from simulator.difference.compare import State
from simulator.sut import read_spec
from simulator.world import World
from tests.simulator.builders import ALGEBRA, BEN, DBN, MEI, ROSA, nights, world_of
from tests.simulator.test_feed import HOURS, enroll, id_of, office, wait

REAL_SYNC = "callable: otus_sync.app:nightly"


def state(world: World) -> State:
    return State(None, world.clever_view(), world.otus_view())


def against(world: World) -> list[tuple[str, str, str, str, tuple[str, ...]]]:
    found = clever_against_otus(world.clever_view(), world.otus_view(), world.setup.by_hand_co_teachers)
    return [_short(each) for each in found]


def changes(before: State, after: State) -> list[tuple[str, str, str, str, tuple[str, ...]]]:
    return [_short(each) for each in compare(before, after)]


def _short(each: Difference) -> tuple[str, str, str, str, tuple[str, ...]]:
    return each.about, each.aspect, each.before, each.after, each.rules


def account_id(world: World, name: str) -> int:
    return next(a.id for a in world.otus_view().accounts.values() if f"{a.first_name} {a.last_name}" == name)


def class_id(world: World) -> int:
    return next(iter(world.otus_view().classes))


def add_by_hand(world: World, name: str) -> None:
    body = NewMember(part="student", account=account_id(world, name))
    assert world.otus_api("POST", f"/classes/{class_id(world)}/members", body).code < 300


def test_a_world_as_it_begins_has_no_differences() -> None:
    with world_of() as world:
        assert against(world) == []
        assert compare(state(world), state(world)) == []


def test_what_clever_has_and_no_sync_has_brought_is_told_and_gone_after_the_night() -> None:
    with world_of(read_spec(REAL_SYNC)) as world:
        enroll(world)
        office(world, "PATCH", f"/people/{id_of(world, BEN)}", PersonEdit(email="ben2@students.example"))
        wait(world, 72 * HOURS)
        assert against(world) == [
            (BEN, "email", "ben2@students.example", "ben.okri@students.example", ("A7",)),
            (f"{MEI} in {ALGEBRA}", "part", "student", "absent", ("F5", "H1")),
        ]
        before = state(world)
        nights(world)
        assert against(world) == []
        assert changes(before, state(world)) == [
            (BEN, "email", "ben.okri@students.example", "ben2@students.example", ("F4", "F7")),
            (f"{MEI} in {ALGEBRA}", "part", "absent", "student", ("F4", "F7")),
        ]


def test_what_was_done_by_hand_is_told_with_its_rule() -> None:
    with world_of() as world:
        before = state(world)
        add_by_hand(world, MEI)
        world.otus_api("DELETE", f"/classes/{class_id(world)}/members/{account_id(world, BEN)}")
        world.otus_api("PATCH", f"/accounts/{account_id(world, BEN)}", AccountEdit(email="b@elsewhere.example"))
        assert against(world) == [
            (BEN, "email", "ben.okri@students.example", "b@elsewhere.example", ("A7",)),
            (f"{BEN} in {ALGEBRA}", "part", "student", "absent", ("F5", "H1")),
            (f"{MEI} in {ALGEBRA}", "part", "absent", "student by hand", ("F8",)),
        ]
        assert [(about, rules) for about, _, _, _, rules in changes(before, state(world))] == [
            (BEN, ("A7",)),
            (f"{BEN} in {ALGEBRA}", ("H1",)),
            (f"{MEI} in {ALGEBRA}", ("F8", "F9")),
        ]


def test_what_the_rules_leave_is_told_to_stay() -> None:
    with world_of() as world:
        world.otus_api("POST", "/accounts", NewAccount("admin", "pat@admin.example", "Pat", "Lee", (DBN,)))
        world.otus_api("POST", "/classes", NewClass("Practice", DBN, account_id(world, ROSA)))
        found = clever_against_otus(world.clever_view(), world.otus_view())
    assert [(each.about, each.rules, each.stays) for each in found] == [
        ("Pat Lee", ("F6",), True),
        ("Practice", ("F10",), True),
    ]


def test_a_class_archived_by_hand_is_told_to_come_back() -> None:
    with world_of() as world:
        world.otus_api("PATCH", f"/classes/{class_id(world)}", ClassEdit(archived=True))
        assert (ALGEBRA, "state", "active", "archived", ("H2",)) in against(world)


def test_an_id_that_needs_adjusting_is_told_as_such_on_both_sides() -> None:
    with world_of() as world:
        path = f"/accounts/{account_id(world, BEN)}/adjust-id"
        world.otus_api("POST", path, IdAdjustment("000000000000000000000001"))
        assert [each[4] for each in against(world) if each[:2] == (BEN, "is there")] == [("A10",), ("A10",)]


def test_somebody_without_an_email_has_no_account_and_that_is_why() -> None:
    with world_of(read_spec(REAL_SYNC)) as world:
        ben = id_of(world, BEN)
        world.clever.deliver([])
        office(world, "PATCH", f"/people/{ben}", PersonEdit(email=""))
        wait(world, 72 * HOURS)
        nights(world)
        found = [each for each in clever_against_otus(world.clever_view(), world.otus_view()) if each.about == BEN]
    assert [(each.rules, each.stays) for each in found] == [(("H4",), True)]


def test_what_the_office_has_changed_is_told_of_ats() -> None:
    with world_of() as world:
        before = State(world.ats_view())
        enroll(world)
        assert changes(before, State(world.ats_view())) == [
            (f"{MEI} in {ALGEBRA}", "part", "absent", "student", ("F1",))
        ]
