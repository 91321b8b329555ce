"""What the judge finds after a night: each rule broken on purpose, in views made by hand, and found by its number."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from fakes.otus.records import Account, ByHand, Class, ClassRoster, Roster, RunCounts, SyncRun
from simulator.invariants import After, Meanwhile, Violation, second_run_violations, violations
from simulator.night import Rehearsal, RunEnd
from simulator.views import CleverSection, CleverUser, CleverView, OtusView, otus_view_of

DBN = "02M475"
NOW = datetime(2026, 9, 15, 5, 0, tzinfo=UTC)
ROSA, ABE, BEN, MEI, ADMIN, LUZ = range(1, 7)
ALGEBRA, SANDBOX = 11, 12


def account(key: int, role: Any, name: str, **more: Any) -> Account:
    first, _, last = name.partition(" ")
    ordinary = Account(
        id=key,
        role=role,
        email=f"{last.lower()}@x.example",
        first_name=first,
        last_name=last,
        sis_id=str(key),
        clever_id=f"u{key}",
        provenance="clever",
        active=True,
        schools=(DBN,),
        created="",
        updated="",
    )
    return replace(ordinary, **more)


def klass(key: int, name: str, **more: Any) -> Class:
    ordinary = Class(
        id=key,
        name=name,
        school=DBN,
        clever_id=f"c{key}",
        provenance="clever",
        archived=False,
        archived_by=None,
        code="",
        version=1,
        created="",
        updated="",
    )
    return replace(ordinary, **more)


@cache
def otus() -> OtusView:
    """Rosa teaches Ben, with Luz as a co-teacher by hand; Mei is in no class but Rosa's sandbox; there is an admin."""
    by_hand: dict[str, Any] = {"clever_id": None, "sis_id": None, "provenance": "manual"}
    people = (
        account(ROSA, "teacher", "Rosa Diaz"),
        account(ABE, "teacher", "Abe Yu"),
        account(BEN, "student", "Ben Okri"),
        account(MEI, "student", "Mei Chen"),
        account(ADMIN, "admin", "Ana Park", **by_hand),
        account(LUZ, "teacher", "Luz Vega", **by_hand),
    )
    classes = (klass(ALGEBRA, "Algebra"), klass(SANDBOX, "Sandbox", clever_id=None, provenance="manual"))
    rosters = (
        ClassRoster(ALGEBRA, 1, Roster(ROSA, (), (BEN,)), (ByHand(LUZ, "co_teacher"),)),
        ClassRoster(SANDBOX, 1, Roster(None, (), ()), (ByHand(ROSA, "teacher"), ByHand(MEI, "student"))),
    )
    return otus_view_of({a.id: a for a in people}, {k.id: k for k in classes}, {r.class_id: r for r in rosters})


@cache
def clever() -> CleverView:
    """What Clever has of the same people."""
    users = {}
    for person in otus().accounts.values():
        if person.clever_id is not None and person.role != "admin":
            users[person.clever_id] = CleverUser(
                person.clever_id,
                person.role,
                person.sis_id or "",
                person.email,
                person.first_name,
                person.last_name,
                (DBN,),
            )
    section = CleverSection(f"c{ALGEBRA}", "s", "Algebra", DBN, (f"u{ROSA}",), (f"u{BEN}",))
    return CleverView(users, {section.id: section})


def report(**withheld: int) -> SyncRun:
    return SyncRun(
        id=1,
        status="held" if withheld else "succeeded",
        started="",
        ended="",
        lease_until="",
        scope=(),
        reason="",
        counts=RunCounts(),
        withheld=RunCounts(**withheld),
        problems=(),
        removals="",
        approval=None,
    )


def run(outcome: Any = "succeeded", **withheld: int) -> RunEnd:
    return RunEnd(1, outcome, "", NOW, NOW, 10, 1, 0, report(**withheld))


def found(now: OtusView, **more: Any) -> list[Violation]:
    """What the judge finds when Otus is so after the night."""
    ordinary = After(run(), otus(), now, clever(), "keep")
    return violations(ordinary._replace(**more))


def with_account(key: int, **change: Any) -> OtusView:
    return with_accounts({key: replace(otus().accounts[key], **change)})


def with_accounts(changed: dict[int, Account | None], base: OtusView | None = None) -> OtusView:
    view = base or otus()
    accounts = {key: kept for key, kept in (view.accounts | changed).items() if kept is not None}
    return otus_view_of(accounts, view.classes, view.rosters)


def with_class(key: int, **change: Any) -> OtusView:
    classes = otus().classes | {key: replace(otus().classes[key], **change)}
    return otus_view_of(otus().accounts, classes, otus().rosters)


def without_class(key: int) -> OtusView:
    classes = {kept: k for kept, k in otus().classes.items() if kept != key}
    return otus_view_of(otus().accounts, classes, {kept: r for kept, r in otus().rosters.items() if kept != key})


def with_members(key: int, **change: Any) -> OtusView:
    rosters = otus().rosters | {key: replace(otus().rosters[key], **change)}
    return otus_view_of(otus().accounts, otus().classes, rosters)


def with_roster(teacher: int | None = ROSA, co: tuple[int, ...] = (), students: tuple[int, ...] = (BEN,)) -> OtusView:
    return with_members(ALGEBRA, roster=Roster(teacher, co, students))


def with_user(key: int, **change: Any) -> CleverView:
    users = clever().users | {f"u{key}": replace(clever().users[f"u{key}"], **change)}
    return replace(clever(), users=users)


def without_user(key: int) -> CleverView:
    return replace(clever(), users={kept: user for kept, user in clever().users.items() if kept != f"u{key}"})


def with_section(**change: Any) -> CleverView:
    section = replace(clever().sections[f"c{ALGEBRA}"], **change)
    return replace(clever(), sections={section.id: section})


def test_a_good_night_has_nothing_to_find() -> None:
    assert found(otus()) == []


BROKEN: dict[str, tuple[Callable[[], OtusView], str, str]] = {
    "an admin edited": (lambda: with_account(ADMIN, first_name="Anna"), "F6", "changed the admin account of Ana Park"),
    "an admin gone": (lambda: with_accounts({ADMIN: None}), "F6", "removed the admin account of Ana Park"),
    "an admin deactivated": (lambda: with_account(ADMIN, active=False), "F6", "changed the admin account"),
    "an admin made": (
        lambda: with_accounts({9: account(9, "admin", "Sam Lee", clever_id=None)}),
        "F6",
        "created the admin account of Sam Lee",
    ),
    "a by-hand class gone": (lambda: without_class(SANDBOX), "F10", "removed the by-hand class Sandbox"),
    "a by-hand class archived": (lambda: with_class(SANDBOX, archived=True), "F10", "changed the by-hand class"),
    "a by-hand class renamed": (lambda: with_class(SANDBOX, name="Box"), "F10", "changed the by-hand class"),
    "a sandbox student wiped": (
        lambda: with_members(SANDBOX, by_hand=(ByHand(ROSA, "teacher"),)),
        "F10",
        "changed the members of the by-hand class Sandbox",
    ),
    "a by-hand co-teacher gone": (lambda: with_members(ALGEBRA, by_hand=()), "F9", "co-teacher Luz Vega is gone"),
    "two with one e-mail": (lambda: with_account(LUZ, email="YU@x.example"), "A11", "Abe Yu and Luz Vega have one"),
    "an account missing": (lambda: with_accounts({MEI: None}), "F7", "Mei Chen is in Clever and has no account"),
    "an account unlinked": (
        lambda: with_account(MEI, clever_id=None),
        "F7",
        "Mei Chen is in Clever and has no account",
    ),
    "an account inactive": (lambda: with_account(MEI, active=False), "A13", "Mei Chen has a wrong account"),
    "an account of another role": (lambda: with_account(MEI, role="teacher"), "F7", "Mei Chen has a wrong account"),
    "another name": (lambda: with_account(MEI, first_name="May"), "A7", "Mei Chen is called otherwise in Otus"),
    "another e-mail": (lambda: with_account(MEI, email="mei@x.example"), "A7", "Mei Chen has another e-mail"),
    "another case": (lambda: with_account(MEI, email="CHEN@x.example"), "A7", "Mei Chen has another e-mail"),
    "a class missing": (lambda: without_class(ALGEBRA), "F4", "Clever has the section Algebra, and Otus no living"),
    "a class archived": (lambda: with_class(ALGEBRA, archived=True), "A12", "Clever has the section Algebra"),
    "a student missing": (lambda: with_roster(students=()), "F4", "Ben Okri is in Algebra in Clever, and not on its"),
    "a student too many": (lambda: with_roster(students=(BEN, MEI)), "F4", "Mei Chen is on the roster of Algebra"),
    "a co-teacher too many": (lambda: with_roster(co=(ABE,)), "F4", "Abe Yu is on the roster of Algebra in Otus"),
    "the teacher missing": (lambda: with_roster(teacher=None), "F4", "Rosa Diaz is in Algebra in Clever, and not on"),
    "another main teacher": (lambda: with_roster(teacher=ABE, co=(ROSA,)), "F4", "has another main teacher in Otus"),
    "a by-hand student left": (
        lambda: with_members(ALGEBRA, by_hand=(ByHand(LUZ, "co_teacher"), ByHand(MEI, "student"))),
        "F8",
        "Mei Chen, added by hand, is still in Algebra after the night",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_rule_is_found_by_its_number(what: str) -> None:
    broken, rule, message = BROKEN[what]
    violation = next(violation for violation in found(broken()) if message in violation.message)
    assert rule in violation.rules
    assert violation.expected
    assert violation.found
    assert violation.about


def test_somebody_gone_from_clever_who_is_still_active_is_found() -> None:
    (violation,) = found(otus(), clever=without_user(MEI))
    assert (violation.rules, violation.message) == (("A13",), "Mei Chen is gone from Clever and still active")


def test_a_class_gone_from_clever_that_lives_on_is_found() -> None:
    messages = [violation.message for violation in found(otus(), clever=replace(clever(), sections={}))]
    assert messages == ["Algebra is gone from Clever and not archived"]


def test_an_account_of_somebody_who_is_only_staff_in_clever_is_found() -> None:
    only_staff = replace(without_user(MEI), others=frozenset({f"u{MEI}"}))
    (violation,) = found(otus(), clever=only_staff)
    assert (violation.rules, "neither a student nor a teacher" in violation.message) == (("F6",), True)


# ---------------------------------------------------------------- what is right though it looks wrong


def test_a_failed_night_is_not_judged_by_what_clever_has_and_still_by_what_it_must_not_touch() -> None:
    assert found(with_roster(students=()), end=run("failed")) == []
    assert found(with_accounts({MEI: None}), end=run("crashed")) == []
    (violation,) = found(with_account(ADMIN, active=False), end=run("failed"))
    assert violation.rules == ("F6",)


def test_somebody_without_an_email_needs_no_account() -> None:
    assert found(with_accounts({MEI: None}), clever=with_user(MEI, email="")) == []


def test_an_account_whose_email_clever_has_lost_keeps_it() -> None:
    assert found(otus(), clever=with_user(MEI, email="")) == []


@pytest.mark.parametrize(
    "other",
    [
        account(9, "student", "Old Mei", sis_id=str(MEI), clever_id="u-of-old", active=False),
        account(9, "student", "Old Mei", email="CHEN@x.example", clever_id="u-of-old", active=False),
        account(9, "teacher", "New Mei", email="chen@x.example", clever_id=None, provenance="manual"),
        account(9, "student", "Old Mei", email="chen@x.example", clever_id=None, provenance="manual", active=False),
    ],
    ids=["a linked number", "a linked e-mail", "an e-mail of another role", "an e-mail of a deactivated person"],
)
def test_a_conflict_excuses_a_missing_account(other: Account) -> None:
    assert found(with_accounts({MEI: None, 9: other})) == []


def test_an_email_of_an_admin_excuses_a_missing_account() -> None:
    assert found(with_accounts({MEI: None}), clever=with_user(MEI, email="PARK@x.example")) == []


@pytest.mark.parametrize(
    "other",
    [
        account(9, "student", "Mei Chen", sis_id=None, clever_id=None, provenance="manual"),
        account(9, "student", "Mei Chen", email="other@x.example", sis_id=str(MEI), clever_id=None, active=False),
    ],
    ids=["by its e-mail", "by its number"],
)
def test_an_account_that_is_theirs_to_be_linked_excuses_nothing(other: Account) -> None:
    """A10: the sync must link it; a sync that leaves it alone is not excused by it."""
    (violation,) = found(with_accounts({MEI: None, 9: other}))
    assert violation.message == "Mei Chen is in Clever and has no account"


def test_an_account_keeps_its_email_while_the_new_one_is_somebody_elses() -> None:
    assert found(otus(), clever=with_user(MEI, email="PARK@x.example")) == []


def test_a_by_hand_co_teacher_may_become_rostered() -> None:
    linked = with_account(LUZ, clever_id=f"u{LUZ}", sis_id=str(LUZ), provenance="clever")
    now = otus_view_of(
        linked.accounts, linked.classes, with_members(ALGEBRA, roster=Roster(ROSA, (LUZ,), (BEN,)), by_hand=()).rosters
    )
    luz = CleverUser(f"u{LUZ}", "teacher", str(LUZ), "vega@x.example", "Luz", "Vega", (DBN,))
    known = replace(with_section(teachers=(f"u{ROSA}", f"u{LUZ}")), users=clever().users | {luz.id: luz})
    assert found(now, clever=known) == []


def test_under_the_earlier_edition_a_by_hand_co_teacher_gives_way_to_a_rostered_one_and_only_to_one() -> None:
    gone = with_members(ALGEBRA, roster=Roster(ROSA, (ABE,), (BEN,)), by_hand=())
    with_abe = with_section(teachers=(f"u{ROSA}", f"u{ABE}"))
    earlier = {"by_hand_co_teachers": "only_without_rostered"}
    assert found(gone, clever=with_abe, **earlier) == []
    assert [v.rules for v in found(gone, clever=with_abe)] == [("F9",)]
    assert [v.rules for v in found(with_members(ALGEBRA, by_hand=()), **earlier)] == [("F9",)]


def test_a_class_deleted_by_hand_and_made_anew_need_not_have_its_co_teachers_by_hand() -> None:
    anew = without_class(ALGEBRA)
    classes = anew.classes | {99: klass(99, "Algebra", clever_id=f"c{ALGEBRA}")}
    rosters = anew.rosters | {99: ClassRoster(99, 1, Roster(ROSA, (), (BEN,)), ())}
    assert found(otus_view_of(otus().accounts, classes, rosters)) == []


def test_a_student_added_by_hand_may_stay_in_a_class_that_clever_has_no_more_while_its_archiving_is_withheld() -> None:
    now = with_members(ALGEBRA, by_hand=(ByHand(LUZ, "co_teacher"), ByHand(MEI, "student")))
    gone = replace(clever(), sections={})
    assert [violation.rules for violation in found(now, clever=gone)] == [("A12",)]
    assert found(now, clever=gone, end=run(classes_archived=1)) == []


def test_a_section_may_name_people_whom_clever_does_not_share() -> None:
    assert found(otus(), clever=with_section(students=(f"u{BEN}", "u-unknown"), teachers=(f"u{ROSA}", "u-gone"))) == []


def test_a_section_whose_main_teacher_is_unknown_may_have_none() -> None:
    assert found(with_roster(teacher=None), clever=with_section(teachers=("u-gone",))) == []


# ---------------------------------------------------------------- what others did meanwhile


Ids = tuple[int, ...]


def meanwhile(accounts: Ids = (), classes: Ids = (), *, clever_moved: bool = False) -> Meanwhile:
    return Meanwhile(frozenset(accounts), frozenset(classes), clever_moved)


@pytest.mark.parametrize(
    ("now", "others"),
    [
        (with_account(ADMIN, first_name="Anna"), meanwhile((ADMIN,))),
        (with_class(SANDBOX, name="Box"), meanwhile((), (SANDBOX,))),
        (without_class(SANDBOX), meanwhile((), (SANDBOX,))),
        (with_members(ALGEBRA, by_hand=()), meanwhile((), (ALGEBRA,))),
        (with_account(MEI, email="mei@x.example"), meanwhile((MEI,))),
        (with_members(ALGEBRA, by_hand=(ByHand(LUZ, "co_teacher"), ByHand(MEI, "student"))), meanwhile((), (ALGEBRA,))),
        (with_class(ALGEBRA, archived=True), meanwhile((), (ALGEBRA,))),
        (without_class(ALGEBRA), meanwhile((), (ALGEBRA,))),
        (with_roster(students=(BEN, MEI)), meanwhile(clever_moved=True)),
        (with_account(BEN, clever_id="0" * 24), meanwhile((BEN,))),
        (with_account(ROSA, clever_id="0" * 24), meanwhile((ROSA,))),
    ],
)
def test_what_a_person_did_while_the_sync_ran_is_not_laid_to_the_sync(now: OtusView, others: Meanwhile) -> None:
    assert found(now) != []
    assert found(now, meanwhile=others) == []


def test_what_others_did_elsewhere_excuses_nothing() -> None:
    assert found(with_account(ADMIN, first_name="Anna"), meanwhile=meanwhile((MEI,), (ALGEBRA, SANDBOX))) != []
    assert found(with_class(SANDBOX, name="Box"), meanwhile=meanwhile((ADMIN,), (ALGEBRA,), clever_moved=True)) != []


# ---------------------------------------------------------------- a second run


@pytest.mark.parametrize(
    ("rehearsal", "good"),
    [
        (Rehearsal("succeeded", 0, same=True), True),
        (Rehearsal("held", 0, same=True), True),
        (Rehearsal("succeeded", 1, same=True), False),
        (Rehearsal("succeeded", 0, same=False), False),
        (Rehearsal("failed", 0, same=True), False),
        (Rehearsal("crashed", 0, same=True), False),
        (Rehearsal("hung", 0, same=True), False),
    ],
)
def test_a_second_run_writes_nothing_and_changes_nothing(rehearsal: Rehearsal, good: bool) -> None:
    found_again = second_run_violations(rehearsal)
    assert [violation.rules for violation in found_again] == ([] if good else [("A15",)])
