from fakes.otus.records import Account, ByHand, Class, ClassRoster, Roster, Work
from simulator.oracle.compare import Difference, Names, Sight, differences
from simulator.views import otus_view_of
from tests.simulator.oracle.builders import (
    ALGEBRA,
    ANNA,
    BEN,
    KOFI,
    MEI,
    OMAR,
    ROSA,
    Town,
    day,
    email_of,
    person,
    section,
    town,
)

CLASS = 7
IDS = {ROSA: 1, ANNA: 2, KOFI: 3, BEN: 4, MEI: 5, OMAR: 6}


def account(number: str, **changes: object) -> Account:
    """Somebody's account as it is in Otus."""
    known = person(number)
    role = known.role
    fields: dict[str, object] = {
        "id": IDS.get(number, 99),
        "role": role,
        "email": email_of(number),
        "first_name": known.first_name,
        "last_name": known.last_name,
        "sis_id": number,
        "clever_id": f"clever {number}",
        "provenance": "clever",
        "active": True,
        "schools": known.schools,
        "created": "",
        "updated": "",
    }
    return Account(**{**fields, **changes})  # type: ignore[arg-type]


def sight(
    *changed: Account,
    roster: Roster | None = None,
    by_hand: tuple[ByHand, ...] = (),
    name: str = "Algebra 1-01",
    archived: bool = False,
    more: tuple[Class, ...] = (),
    works: tuple[Work, ...] = (),
) -> Sight:
    """Otus as it must be after a town's first synced night, but for what is named."""
    accounts = {held.id: held for held in (*(account(number) for number in IDS), *changed)}
    accounts = {key: held for key, held in accounts.items() if held.first_name}
    held = Class(CLASS, name, "02M475", "clever algebra", "clever", archived, None, "CODE", 1, "", "")
    members = ClassRoster(CLASS, 1, roster or Roster(teacher=1, students=(4,)), by_hand)
    rosters = {CLASS: members} | {each.id: ClassRoster(each.id, 1, Roster(), ()) for each in more}
    classes = {CLASS: held} | {each.id: each for each in more}
    view = otus_view_of(accounts, classes, rosters)
    names = {ALGEBRA: held} | {f"by hand {each.id}": each for each in more}
    return Sight(view, names, {ALGEBRA: works}, "succeeded")


def compared(told: Town, seen: Sight) -> list[Difference]:
    return differences(told.oracle.possible(), seen, Names())


def messages(told: Town, seen: Sight) -> list[str]:
    return [difference.message for difference in compared(told, seen)]


def test_nothing_differs_when_otus_is_as_it_must_be() -> None:
    assert compared(town(), sight()) == []


def test_a_surplus_member_is_told_with_what_must_be_and_why() -> None:
    mei = town()
    mei.add(day(1), MEI)
    mei.night(1)
    (difference,) = compared(mei, sight(by_hand=(ByHand(5, "student"),)))
    assert difference.message == "Mei Chen is in Algebra 1-01 as a student, by hand"
    assert difference.why == (
        "Mei Chen must not be in Algebra 1-01: added by hand Mon 14 Sep 10:00, Clever does not list them (F8)"
    )
    assert (difference.about, difference.part) == (("Mei Chen", "Algebra 1-01"), "student")


def test_a_missing_member_is_told() -> None:
    assert messages(town(), sight(roster=Roster(teacher=1))) == ["Ben Okri is not in Algebra 1-01"]


def test_a_member_in_another_part_or_by_hand_is_another_difference_than_none() -> None:
    kofi = town()
    kofi.add(day(1), KOFI, part="co_teacher")
    kofi.night(1)
    seen = sight(roster=Roster(teacher=1, co_teachers=(3,), students=(4,)))
    (by_roster,) = compared(kofi, seen)
    assert by_roster.item.aspect == "member by"
    assert by_roster.message == "Kofi Mensah is in Algebra 1-01 as a co-teacher, by roster"
    (promoted,) = compared(town(), sight(roster=Roster(co_teachers=(1,), students=(4,))))
    assert promoted.item.aspect == "member as"


def test_each_field_of_an_account_is_a_point_of_its_own() -> None:
    wrong = account(
        MEI, email="other@x.example", first_name="May", active=False, provenance="manual", sis_id=MEI, role="student"
    )
    assert messages(town(), sight(wrong)) == [
        "the e-mail of Mei Chen is other@x.example",
        "Mei Chen is called May Chen",
        "the account of Mei Chen is inactive",
        "the account of Mei Chen is one by hand",
    ]


def test_an_email_counts_to_the_letter() -> None:
    assert messages(town(), sight(account(MEI, email=email_of(MEI).upper()))) == [
        f"the e-mail of Mei Chen is {email_of(MEI).upper()}"
    ]


def test_missing_and_surplus_accounts_are_told() -> None:
    gone = account(MEI, first_name="")
    assert messages(town(), sight(gone)) == ["Mei Chen has no account"]
    hana = account("200000004")
    assert messages(town(), sight(hana)) == ["Hana Yoshida has an active account of a student"]


def test_a_surplus_account_of_somebody_who_is_kept_out_is_told_with_the_reason() -> None:
    hana = town()
    hana.office(day(1), person("200000004", email=""))
    hana.nights(1, 4)
    (difference,) = compared(hana, sight(account("200000004")))
    assert difference.why.endswith("Clever has no e-mail for them (H4)")


def test_state_and_name_of_a_class_are_told() -> None:
    assert messages(town(), sight(name="Numbers", archived=True)) == [
        "Algebra 1-01 is archived",
        "Algebra 1-01 is called Numbers",
    ]


def test_a_class_that_nobody_made_is_told() -> None:
    extra = Class(8, "Practice", "02M475", None, "manual", False, None, "C", 1, "", "")
    assert messages(town(), sight(more=(extra,))) == ["Otus has the class Practice, made by hand"]


def test_a_missing_class_is_told_once_and_not_member_by_member() -> None:
    seen = sight()
    assert messages(town(), Sight(seen.otus, {}, {}, "succeeded")) == ["Otus has no class Algebra 1-01"]


def test_who_of_its_roster_is_in_an_archived_class_is_not_judged() -> None:
    ben = town()
    ben.office(day(1), section(canceled=True))
    ben.nights(1, 4)
    assert compared(ben, sight(archived=True)) == []
    assert compared(ben, sight(archived=True, roster=Roster())) == []


def test_how_the_run_must_have_ended_is_told() -> None:
    ben = town()
    ben.night(1)
    held = sight()
    (difference,) = compared(ben, Sight(held.otus, held.classes, {}, "held"))
    assert difference.why == "the sync must have succeeded: the removals are few enough to be made (A14)"


def test_work_must_be_hidden_or_visible_and_never_gone() -> None:
    ben = town()
    ben.hand_in(day(1), BEN)
    ben.night(1)
    essay = Work(1, CLASS, 4, "Essay", "", hidden=False)
    assert compared(ben, sight(works=(essay,))) == []
    hidden = Work(1, CLASS, 4, "Essay", "", hidden=True)
    words = "'Essay', which Ben Okri handed in to Algebra 1-01, is"
    assert messages(ben, sight(works=(hidden,))) == [f"{words} hidden"]
    assert messages(ben, sight()) == [f"{words} not there"]


def test_otus_is_wrong_only_where_it_is_wrong_by_every_way() -> None:
    mei = town()
    mei.add(day(1), MEI)
    mei.night(1, "failed")
    assert compared(mei, sight(by_hand=(ByHand(5, "student"),))) == []
    assert compared(mei, sight()) == []
    assert messages(mei, sight(roster=Roster(teacher=1, students=(4, 5)))) == [
        "Mei Chen is in Algebra 1-01 as a student, by roster"
    ]
