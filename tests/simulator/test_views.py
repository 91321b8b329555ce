"""What judges read of Clever and Otus: all of it, page by page, in shapes that can be compared."""

import json
from typing import Any

import msgspec

from fakes.otus.records import ByHand, Roster
from simulator.clock import NEW_YORK
from simulator.district import CleverOnly, District, Person, School, Section
from simulator.views import changed_accounts, changed_classes, otus_view_of, read_clever, read_otus
from tests.simulator.builders import ALGEBRA, BEN, DBN, MEI, ROSA, small_district, world_of

OTHER = "03M859"


def test_clever_users_are_seen_with_schools_by_dbn_and_sections_with_their_main_teacher_first() -> None:
    people = (
        Person(name=ROSA, role="teacher", schools=(DBN, OTHER)),
        Person(name="Abe Yu", role="teacher", schools=(DBN,)),
        Person(name=BEN, role="student", schools=(DBN,)),
    )
    section = Section(name=ALGEBRA, school=DBN, teacher=ROSA, co_teachers=("Abe Yu",), students=(BEN,))
    district = District(schools=(School(dbn=DBN), School(dbn=OTHER)), people=people, sections=(section,))
    with world_of(district=district) as world:
        view = world.clever_view()
        rosa, abe, ben = (view.user_of(world.directory.people[name].id) for name in (ROSA, "Abe Yu", BEN))
        seen = view.section_of(world.directory.sections[ALGEBRA])
    assert rosa is not None
    assert abe is not None
    assert ben is not None
    assert seen is not None
    assert (rosa.role, rosa.schools, rosa.first_name, rosa.last_name) == ("teacher", (DBN, OTHER), "Rosa", "Diaz")
    assert (seen.name, seen.school, seen.teachers, seen.students) == (ALGEBRA, DBN, (rosa.id, abe.id), (ben.id,))


def test_staff_of_clever_are_others() -> None:
    staff = CleverOnly(name="Sam Lee", role="district_admin", email="sam@office.example")
    with world_of(district=District(schools=(School(dbn=DBN),), people=(), sections=(), clever_only=(staff,))) as world:
        view = world.clever_view()
    assert (len(view.users), len(view.others)) == (0, 1)


def test_nobody_is_found_under_an_unknown_number() -> None:
    with world_of() as world:
        assert world.clever_view().user_of("000000000") is None
        assert world.clever_view().section_of("nothing") is None
        assert world.otus_view().account_of("nobody") is None
        assert world.otus_view().class_of("nothing") is None


def test_all_pages_of_clever_are_read() -> None:
    def page(kind: str, *ids: str, following: str | None = None, **more: Any) -> bytes:
        links = [{"rel": "self", "uri": "/x"}] + ([{"rel": "next", "uri": following}] if following else [])
        return json.dumps({"data": [{"data": {"id": key, **more}} for key in ids], "links": links}).encode()

    student = {"roles": {"student": {"sis_id": "1", "schools": ["s1"]}}, "name": {"first": "A", "last": "B"}}
    pages = {
        "/v3.1/schools?limit=10000": page("school", "s1", following="/schools2", sis_id=DBN),
        "/schools2": page("school", "s2", sis_id=OTHER),
        "/v3.1/users?limit=10000": page("user", "u1", "u2", following="/users2", **student),
        "/users2": page("user", "u3", roles={}),
        "/v3.1/sections?limit=10000": page("section", "c1", following="/sections2", school="s2"),
        "/sections2": page("section", "c2", school="gone"),
    }
    view = read_clever(pages.__getitem__)
    assert list(view.users) == ["u1", "u2"]
    assert view.others == {"u3"}
    assert {key: section.school for key, section in view.sections.items()} == {"c1": OTHER, "c2": ""}


def test_all_pages_of_otus_are_read() -> None:
    with world_of() as world:
        whole = world.otus_view()

        def get_in_ones(path: str) -> bytes:
            answer = world.otus_api("GET", path.replace("limit=10000", "limit=1"))
            assert answer.code == 200
            return answer.body

        assert read_otus(get_in_ones) == whole


def test_two_states_that_differ_in_moments_alone_are_equal() -> None:
    with world_of() as world:
        one = world.otus_view()
    accounts = {key: msgspec.structs.replace(a, created="2027", updated="2028") for key, a in one.accounts.items()}
    classes = {key: msgspec.structs.replace(k, updated="2028", version=9) for key, k in one.classes.items()}
    rosters = {key: msgspec.structs.replace(held, version=9) for key, held in one.rosters.items()}
    other = otus_view_of(accounts, classes, rosters)
    assert one != other
    assert one.without_moments() == other.without_moments()


def test_the_order_of_a_roster_is_no_difference_and_a_member_more_is() -> None:
    with world_of() as world:
        view = world.otus_view()
    (key,) = view.classes
    held = view.rosters[key]

    def with_roster(roster: Roster, by_hand: tuple[ByHand, ...] = ()) -> bytes:
        changed = msgspec.structs.replace(held, roster=roster, by_hand=by_hand)
        return otus_view_of(view.accounts, view.classes, {key: changed}).without_moments()

    teacher = held.roster.teacher
    assert with_roster(Roster(teacher, (), (2, 3))) == with_roster(Roster(teacher, (), (3, 2)))
    assert with_roster(Roster(teacher, (7, 8), ())) == with_roster(Roster(teacher, (8, 7), ()))
    assert with_roster(Roster(teacher, (), (2, 3))) != with_roster(Roster(teacher, (), (2,)))
    assert with_roster(Roster(teacher, (), ())) != with_roster(Roster(None, (), ()))
    assert with_roster(Roster(teacher, (), ()), (ByHand(2, "student"),)) != with_roster(Roster(teacher, (), ()))


def test_members_are_rostered_or_by_hand() -> None:
    with world_of() as world:
        view = world.otus_view()
        accounts = {account.last_name: key for key, account in view.accounts.items()}
    (key,) = view.classes
    by_hand = (ByHand(accounts["Chen"], "student"),)
    changed = msgspec.structs.replace(view.rosters[key], by_hand=by_hand)
    other = otus_view_of(view.accounts, view.classes, {key: changed})
    assert other.members(key) == {
        accounts["Diaz"]: ("teacher", "clever"),
        accounts["Okri"]: ("student", "clever"),
        accounts["Chen"]: ("student", "manual"),
    }
    assert (other.by_hand_in(key), view.by_hand_in(key)) == (by_hand, ())
    assert (changed_classes(view, other), changed_accounts(view, other)) == (frozenset({key}), frozenset())


def test_what_changed_between_two_views() -> None:
    with world_of() as world:
        view = world.otus_view()
    first, second, third = sorted(view.accounts)
    accounts = {
        first: view.accounts[first],
        second: msgspec.structs.replace(view.accounts[second], active=False),
        99: msgspec.structs.replace(view.accounts[third], id=99),
    }
    other = otus_view_of(accounts, {}, {})
    assert changed_accounts(view, other) == {second, third, 99}
    assert changed_classes(view, other) == set(view.classes)


def test_views_of_one_world_are_read_from_the_systems_and_not_kept() -> None:
    with world_of(district=small_district()) as world:
        before = world.otus_view()
        account = next(account for account in before.accounts.values() if account.last_name == MEI.split()[1])
        renamed = msgspec.defstruct("Renamed", [("first_name", str)])("Meimei")
        assert world.otus_api("PATCH", f"/accounts/{account.id}", renamed).code == 200
        assert world.otus_view().accounts[account.id].first_name == "Meimei"
        assert world.clock().astimezone(NEW_YORK).hour == 8
