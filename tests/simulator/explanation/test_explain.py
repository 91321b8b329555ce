"""What an explanation says of people by hand, of e-mails and accounts, and how it finds whom one means."""

import msgspec
import pytest

from fakes.ats.records import PersonEdit
from fakes.otus.records import AccountEdit, NewClass, NewMember
from simulator.district import District, Person
from simulator.explanation import AmbiguousName, Explanation, UnknownName, explain
from simulator.explanation.records import Topic
from simulator.sut import read_spec
from simulator.world import World
from tests.simulator.builders import ALGEBRA, BEN, DBN, MEI, ROSA, nights, small_district, world_of
from tests.simulator.test_feed import HOURS, enroll, id_of, office, wait

REAL_SYNC = "callable: otus_sync.app:nightly"
ANNA = "Anna Kowalski"
TONIGHT = "tonight (Tue 15 Sep 01:00)"


def topic(explanation: Explanation, concern: str) -> Topic:
    return next(each for each in explanation.topics if each.concern == concern)


def account_id(world: World, name: str) -> int:
    number = explain(world, name).ids.otus_account
    assert number is not None
    return number


def class_id(world: World) -> int:
    return next(iter(world.otus_view().classes))


def add_by_hand(world: World, name: str, part: str) -> None:
    body = NewMember(part=part, account=account_id(world, name))  # type: ignore[arg-type]
    assert world.otus_api("POST", f"/classes/{class_id(world)}/members", body).code < 300


def test_who_is_where_they_must_be_is_said_to_be_right() -> None:
    with world_of() as world:
        told = explain(world, BEN)
    assert told.right
    assert [each.concern for each in told.topics] == ["account", "e-mail", "name", "membership"]
    assert not any(each.turns for each in told.topics)
    assert told.topics[3].verdict == f"{BEN} is on the roster of {ALGEBRA}, as ATS/STARS has it"


def test_a_student_by_hand_will_be_removed_tonight_and_is_back_when_clever_knows() -> None:
    with world_of() as world:
        enroll(world)
        add_by_hand(world, MEI, "student")
        told = explain(world, MEI, ALGEBRA).topics[0]
    assert told.now == "in it by hand"
    assert f"will be removed {TONIGHT}, because {MEI} was added by hand and Clever does not list them" in told.verdict
    assert [(turn.becomes, turn.rules) for turn in told.turns] == [
        ("not in it", ("F8",)),
        ("on the roster", ("F4", "F7")),
    ]
    assert told.by_itself == "in Clever Thu 17 Sep 08:00, in Otus Fri 18 Sep 01:00"
    assert told.evidence[-1].at == "2026-09-14T12:00:00.000Z"


def test_a_co_teacher_by_hand_stays() -> None:
    with world_of(district=_with(Person(name=ANNA, role="teacher", schools=(DBN,)))) as world:
        add_by_hand(world, ANNA, "co_teacher")
        told = explain(world, ANNA, ALGEBRA).topics[0]
    assert (told.right, told.turns, told.rules) == (True, (), ("F9",))


def test_a_class_made_by_hand_is_never_touched() -> None:
    with world_of() as world:
        world.otus_api("POST", "/classes", NewClass("Practice", DBN, account_id(world, ROSA)))
        told = explain(world, ROSA, "practice").topics[0]
    assert (told.right, told.rules, told.turns) == (True, ("F10",), ())


def test_a_rostered_student_taken_out_by_hand_is_back_tonight() -> None:
    with world_of() as world:
        world.otus_api("DELETE", f"/classes/{class_id(world)}/members/{account_id(world, BEN)}")
        told = explain(world, BEN, ALGEBRA).topics[0]
    assert told.verdict == f"{BEN} has been taken out of {ALGEBRA} by hand, and is back {TONIGHT}"
    assert told.rules == ("H1",)


def test_an_email_edited_in_otus_is_overwritten_tonight() -> None:
    with world_of() as world:
        world.otus_api("PATCH", f"/accounts/{account_id(world, BEN)}", AccountEdit(email="ben@elsewhere.example"))
        told = topic(explain(world, BEN), "e-mail")
    assert not told.right
    assert f"becomes ben.okri@students.example {TONIGHT}" in told.verdict
    assert told.by_itself == "in Clever already, in Otus Tue 15 Sep 01:00"


def test_an_email_changed_in_ats_arrives_when_it_is_foretold() -> None:
    with world_of(read_spec(REAL_SYNC)) as world:
        office(world, "PATCH", f"/people/{id_of(world, BEN)}", PersonEdit(email="ben2@students.example"))
        told = topic(explain(world, BEN), "e-mail")
        nights(world, 3)
        before = topic(explain(world, BEN), "e-mail").now
        nights(world)
        after = topic(explain(world, BEN), "e-mail")
    assert told.by_itself == "in Clever Thu 17 Sep 08:00, in Otus Fri 18 Sep 01:00"
    assert (before, after.now, after.right) == ("ben.okri@students.example", "ben2@students.example", True)


def test_a_new_clash_of_emails_is_said_to_need_somebody() -> None:
    with world_of(read_spec(REAL_SYNC)) as world:
        world.otus_api("PATCH", f"/accounts/{account_id(world, ROSA)}", AccountEdit(email="mine@schools.example"))
        office(world, "PATCH", f"/people/{id_of(world, ROSA)}", PersonEdit(email="mine@schools.example"))
        office(world, "PATCH", f"/people/{id_of(world, BEN)}", PersonEdit(email="mine@schools.example"))
        wait(world, 72 * HOURS)
        told = topic(explain(world, BEN), "e-mail")
    assert (told.right, told.reason, told.by_itself) == (False, "e-mail clash", "")


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with world_of() as world:
        with pytest.raises(UnknownName, match=r"there is no person 'Mei Chan' .did you mean 'Mei Chen'"):
            explain(world, "Mei Chan")
        with pytest.raises(UnknownName, match=r"there is no class 'Algebra 2' .did you mean 'Algebra 1-01'"):
            explain(world, MEI, "Algebra 2")


def test_two_people_of_one_name_are_told_apart_by_their_numbers() -> None:
    with world_of(
        district=_with(Person(name="Mei Chen of grade 9", called=MEI, role="student", schools=(DBN,)))
    ) as world:
        with pytest.raises(AmbiguousName, match=r"2 are called 'mei chen'; say '2\d{8}' for .* or '2\d{8}' for"):
            explain(world, "mei chen")
        assert explain(world, id_of(world, "Mei Chen of grade 9")).person == "Mei Chen of grade 9"


def test_classes_whose_names_differ_in_case_alone_are_told_apart_by_it() -> None:
    with world_of() as world:
        world.otus_api("POST", "/classes", NewClass(ALGEBRA.lower(), DBN, account_id(world, ROSA)))
        assert explain(world, BEN, ALGEBRA).topics[0].now == "on the roster"
        assert explain(world, BEN, ALGEBRA.lower()).topics[0].now == "not in it"
        with pytest.raises(AmbiguousName):
            explain(world, BEN, ALGEBRA.upper())


def _with(*people: Person) -> District:
    district = small_district()
    return msgspec.structs.replace(district, people=(*district.people, *people))


def test_the_classes_that_name_somebody_are_found_and_told_as_if_they_were_named() -> None:
    with world_of() as world:
        rosa = account_id(world, ROSA)
        for name in ("Practice", "Elsewhere"):
            assert world.otus_api("POST", "/classes", NewClass(name, DBN, rosa)).code == 201
        practice = next(each.id for each in world.otus_view().classes.values() if each.name == "Practice")
        enroll(world)
        member = NewMember("student", account_id(world, MEI))
        assert world.otus_api("POST", f"/classes/{practice}/members", member).code < 300
        told = explain(world, MEI)
        ids = [world.directory.sections[ALGEBRA], f"class {practice}"]
        assert explain(world, id_of(world, MEI), None, ids) == told
        assert [each.about for each in told.topics][-2:] == [f"{MEI} in {ALGEBRA}", f"{MEI} in Practice"]
        teacher = [each.about for each in explain(world, ROSA).topics]
        assert teacher[-3:] == [f"{ROSA} in {ALGEBRA}", f"{ROSA} in Practice", f"{ROSA} in Elsewhere"]
