"""Two states of Otus are compared by what people know of them, and differences are told in words."""

from fakes.otus.records import Account, ByHand, Class, ClassRoster, Role, Roster
from simulator.crash.picture import differences, picture_of, untouchable
from simulator.views import OtusView, otus_view_of


def account(id_: int, name: str, *, role: Role = "student", clever: str | None = None, email: str = "") -> Account:
    first, last = name.split()
    address = email or f"{first.lower()}@students.example"
    return Account(
        id=id_, role=role, email=address, first_name=first, last_name=last, sis_id=None, clever_id=clever,
        provenance="clever" if clever else "manual", active=True, schools=("02M475",),
        created="then", updated="then",
    )  # fmt: skip


def klass(id_: int, name: str, clever: str | None, *, archived: bool = False) -> Class:
    return Class(
        id=id_, name=name, school="02M475", clever_id=clever, provenance="clever" if clever else "manual",
        archived=archived, archived_by="sync" if archived else None, code=f"code-{id_}", version=id_,
        created="then", updated="then",
    )  # fmt: skip


MEI, BEN = account(1, "Mei Chen", clever="c1"), account(2, "Ben Okri", clever="c2")
ADA = account(9, "Ada Boone", role="admin")
ALGEBRA, GAME = klass(1, "Algebra 1-01", "s1"), klass(2, "Budget Game", None)


def otus(
    *accounts: Account, classes: tuple[Class, ...] = (), members: dict[int, ClassRoster] | None = None
) -> OtusView:
    return otus_view_of({one.id: one for one in accounts}, {one.id: one for one in classes}, members or {})


def roster(class_id: int, *students: int, by_hand: tuple[int, ...] = ()) -> dict[int, ClassRoster]:
    held = tuple(ByHand(account, "student") for account in by_hand)
    return {class_id: ClassRoster(class_id, 1, Roster(None, (), students), held)}


def told(found: OtusView, expected: OtusView, before: OtusView | None = None) -> tuple[str, ...]:
    since = before or otus(MEI, BEN)
    return differences(picture_of(found, since), picture_of(expected, since))


def test_what_was_made_in_the_night_may_have_another_id() -> None:
    def new(id_: int) -> Account:
        return account(id_, "Zoe Papas", clever="c3")

    first = otus(MEI, new(5), classes=(klass(7, "Art-01", "s7"),), members=roster(7, 1, 5))
    second = otus(MEI, new(6), classes=(klass(8, "Art-01", "s7"),), members=roster(8, 1, 6))
    assert told(first, second) == ()


def test_what_was_there_before_keeps_its_id() -> None:
    moved = account(4, "Mei Chen", clever="c1")
    assert sorted(told(otus(moved), otus(MEI))) == [
        "Mei Chen's account is not there, and must be",
        "Mei Chen's account is there, and must not be",
    ]


def test_a_field_that_differs_is_named_with_both_values() -> None:
    other = account(1, "Mei Chen", clever="c1", email="mei2@students.example")
    assert told(otus(other), otus(MEI)) == (
        "Mei Chen's account: e-mail is mei2@students.example, and must be mei@students.example",
    )


def test_members_are_told_with_their_part_and_their_origin() -> None:
    classes = (ALGEBRA,)
    full = otus(MEI, BEN, classes=classes, members=roster(1, 1, 2))
    half = otus(MEI, BEN, classes=classes, members=roster(1, 1))
    by_hand = otus(MEI, BEN, classes=classes, members=roster(1, 1, by_hand=(2,)))
    assert told(half, full) == ("Ben Okri is not in Algebra 1-01, and must be (student by roster)",)
    assert told(full, half) == ("Ben Okri is in Algebra 1-01 (student by roster), and must not be",)
    assert told(by_hand, full) == (
        "Ben Okri is in Algebra 1-01 as student by hand, and must be there as student by roster",
    )


def test_an_archived_class_and_a_missing_one_are_told() -> None:
    archived = klass(1, "Algebra 1-01", "s1", archived=True)
    before = otus(classes=(ALGEBRA, GAME))
    assert told(otus(classes=(archived, GAME)), before, before) == (
        "the class Algebra 1-01: state is archived by sync, and must be active",
    )
    assert told(otus(classes=(ALGEBRA,)), before, before) == ("the class Budget Game is not there, and must be",)


def test_much_is_told_with_its_number() -> None:
    many = [account(id_, f"Mei Chen{id_}", clever=f"c{id_}") for id_ in range(20)]
    found = told(otus(), otus(*many))
    assert len(found) == 13
    assert found[-1] == "and 8 more"


def test_admins_and_classes_by_hand_are_what_no_run_may_touch() -> None:
    before = otus(MEI, ADA, classes=(ALGEBRA, GAME), members=roster(2, by_hand=(1,)))
    rostered_otherwise = otus(
        account(1, "Mei Chen", clever="c1", email="new@x.example"),
        ADA,
        classes=(klass(1, "Algebra 2-01", "s1"), GAME),
        members=roster(2, by_hand=(1,)),
    )
    assert untouchable(before) == untouchable(rostered_otherwise)
    without = otus(MEI, ADA, classes=(ALGEBRA, GAME), members=roster(2))
    assert [what for what, _ in untouchable(before) - untouchable(without)] == ["the class Budget Game, made by hand"]
    no_admin = otus(MEI, classes=(ALGEBRA, GAME), members=roster(2, by_hand=(1,)))
    assert [what for what, _ in untouchable(before) - untouchable(no_admin)] == ["the admin Ada Boone"]
