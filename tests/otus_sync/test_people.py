"""Accounts: who gets one, who keeps one, and which e-mail is on it."""

from collections.abc import Iterator, Sequence

import msgspec
import pytest

from otus_sync.clever import Name, Part, Roles, User
from otus_sync.otus_records import ClassDigest, Problem
from otus_sync.plan.emails import grant_emails
from otus_sync.plan.people import Person
from tests.otus_sync.builders import OTHER_DBN, account, clever, section, settings, student, teacher
from tests.otus_sync.otus_model import Night, OtusModel, night


def problem_of(tonight: Night) -> Problem:
    (problem,) = tonight.plan.problems
    return problem


def test_every_shared_student_and_teacher_gets_an_account() -> None:  # F7, H11
    otus = OtusModel()
    night(clever(student("ann", sis_id="123456789"), teacher("bea")), otus)
    ann = otus.person("ann")
    assert (ann.role, ann.email, ann.sis_id, ann.active) == ("student", "ann@schools.example", "123456789", True)
    assert ann.schools == ("02M475",)
    assert otus.person("bea").role == "teacher"


def test_staff_and_district_admins_and_contacts_create_nothing() -> None:  # F6
    otus = OtusModel()
    principal = User("principal", "principal@schools.example", Name("Pat", "Poe"), Roles())
    night(clever(principal), otus)
    assert otus.people == {}


def test_a_teacher_who_also_is_a_student_or_district_admin_is_a_teacher() -> None:  # F6
    otus = OtusModel()
    both = User("kim", "kim@schools.example", Name("Kim", "Poe"), Roles(student=Part("1"), teacher=Part("2")))
    night(clever(both), otus)
    assert otus.person("kim").role == "teacher"


def test_an_admin_account_is_never_changed_whatever_clever_says() -> None:  # F6
    linked = account(1, "admin", "ada@schools.example", clever_id="ada")
    otus = OtusModel(linked, account(2, "admin", "bob@schools.example"))
    before = dict(otus.people)
    tonight = night(clever(teacher("ada"), teacher("bob")), otus)
    assert otus.people == before
    assert {problem.clever_id for problem in tonight.plan.problems} == {"ada", "bob"}


def test_an_email_and_a_name_edited_in_otus_are_overwritten_that_night() -> None:  # A7, H1
    otus = OtusModel()
    night(clever(student("ann")), otus)
    number = otus.person("ann").id
    before = otus.people[number]
    otus.edit(number, email="mine@home.example", first_name="Annie", sis_id="0", schools=(OTHER_DBN,))
    night(clever(student("ann")), otus)
    assert otus.people[number] == before


def test_an_account_of_whatever_id_is_found_again() -> None:  # A10
    otus = OtusModel()
    night(clever(student("ann")), otus)
    far = 2**40
    otus.people[far] = msgspec.structs.replace(otus.people.pop(otus.person("ann").id), id=far)
    assert night(clever(student("ann")), otus).plan.is_empty()
    tonight = night(clever(student("ann"), section("algebra", students=("ann",))), otus)
    assert not tonight.plan.accounts
    assert otus.room("algebra").roster.students == (far,)


def test_a_case_only_change_of_an_email_arrives_and_clashes_with_nobody() -> None:  # A11
    otus = OtusModel()
    night(clever(student("ann")), otus)
    tonight = night(clever(student("ann", "Ann@Schools.example")), otus)
    assert otus.person("ann").email == "Ann@Schools.example"
    assert tonight.plan.problems == ()


def test_whoever_is_gone_from_clever_is_deactivated_and_leaves_rostered_classes() -> None:  # A13
    otus = OtusModel()
    algebra = section("algebra", students=("ann", "ben"))
    night(clever(student("ann"), student("ben"), algebra), otus)
    sandbox = otus.by_hand_class(members={otus.person("ann").id: "student"})
    night(clever(student("ben"), algebra), otus)
    assert not otus.person("ann").active
    assert otus.students_in("algebra") == {"ben"}
    assert otus.person("ann").id in sandbox.by_hand


def test_whoever_comes_back_under_the_same_clever_id_is_active_again_in_their_classes() -> None:  # A13
    otus = OtusModel()
    everybody = clever(student("ann"), section("algebra", students=("ann",)))
    night(everybody, otus)
    before = otus.state()
    night(clever(section("algebra", students=("ann",))), otus)
    night(everybody, otus)
    assert otus.state() == before


def test_a_teacher_who_loses_the_teacher_role_is_gone() -> None:  # F6, A13
    otus = OtusModel()
    night(clever(teacher("bea"), section("algebra", teachers=("bea",))), otus)
    now_staff = User("bea", "bea@schools.example", Name("Bea", "Kim"), Roles())
    night(clever(now_staff, section("algebra", teachers=("bea",))), otus)
    assert not otus.person("bea").active
    assert otus.room("algebra").roster.teacher is None


def test_a_teacher_turned_student_is_an_id_conflict_and_no_account_changes_its_role() -> None:  # A10
    otus = OtusModel()
    night(clever(teacher("bea")), otus)
    tonight = night(clever(student("bea")), otus)
    assert problem_of(tonight).kind == "id_conflict"
    assert otus.person("bea").role == "teacher"
    assert not otus.person("bea").active


# ---------------------------------------------------------------- A10: matching


def test_an_account_made_by_hand_is_linked_by_sis_id_and_role() -> None:  # A10
    otus = OtusModel(account(1, "student", "old@home.example", sis_id="123456789"))
    night(clever(student("ann", sis_id="123456789")), otus)
    assert otus.person("ann").id == 1
    assert otus.person("ann").email == "ann@schools.example"


def test_an_account_made_by_hand_is_linked_by_email_when_clever_brings_the_person() -> None:  # A10, H5
    otus = OtusModel(account(1, "student", "ANN@schools.example"))
    night(clever(student("ann")), otus)
    assert [person.clever_id for person in otus.people.values()] == ["ann"]


def test_the_sis_id_of_another_role_matches_nobody() -> None:  # A10
    otus = OtusModel(account(1, "teacher", sis_id="7"))
    night(clever(student("ann", sis_id="7")), otus)
    assert otus.people[1].clever_id is None
    assert otus.person("ann").role == "student"


def test_a_sis_id_says_more_than_an_email_whoever_comes_first() -> None:  # A10
    otus = OtusModel(account(1, "student", "shared@schools.example", sis_id="7"))
    tonight = night(clever(student("ann", "shared@schools.example", sis_id="1"), student("ben", sis_id="7")), otus)
    assert otus.person("ben").id == 1
    assert otus.person("ann").email == "shared@schools.example"
    assert tonight.plan.problems == ()


def test_of_two_clever_people_who_fit_one_account_the_first_by_clever_id_has_it() -> None:  # A10
    otus = OtusModel(account(1, "student", sis_id="7"))
    tonight = night(clever(student("ann", sis_id="7"), student("ben", sis_id="7")), otus)
    assert otus.person("ann").id == 1
    assert (problem_of(tonight).kind, problem_of(tonight).clever_id) == ("id_conflict", "ben")


def test_two_clever_people_with_the_email_of_one_account_do_not_share_it() -> None:  # A10
    otus = OtusModel(account(1, "student", "both@schools.example"))
    both = (student("ann", "both@schools.example"), student("ben", "both@schools.example"))
    tonight = night(clever(*both), otus)
    assert otus.person("ann").id == 1
    problem = problem_of(tonight)
    assert (problem.kind, problem.clever_id, problem.account) == ("id_conflict", "ben", 1)


def test_a_returning_student_with_a_new_clever_id_is_an_id_conflict_until_support_adjusts_it() -> None:  # A10, F12
    otus = OtusModel(account(1, "student", "ann@schools.example", "old-id", "7", active=False))
    today = clever(
        student("new-id", "ann@schools.example", "7", first="Ann"),
        student("ben"),
        section("algebra", students=("new-id", "ben")),
    )
    tonight = night(today, otus)
    problem = problem_of(tonight)
    assert (problem.kind, problem.name, problem.clever_id, problem.account) == ("id_conflict", "Ann Lee", "new-id", 1)
    assert "Otus Support" in problem.message
    assert otus.students_in("algebra") == {"ben"}, "everything else goes on"
    otus.edit(1, clever_id="new-id")
    assert night(today, otus).plan.problems == ()
    assert otus.people[1].active
    assert otus.students_in("algebra") == {"new-id", "ben"}


def test_an_email_linked_to_a_clever_id_that_is_long_gone_is_an_id_conflict() -> None:  # A10
    otus = OtusModel(account(1, "student", "ann@schools.example", "old-id", "7", active=False))
    tonight = night(clever(student("new-id", "Ann@schools.example", sis_id="8")), otus)
    assert (problem_of(tonight).kind, problem_of(tonight).account) == ("id_conflict", 1)
    assert len(otus.people) == 1


def test_an_account_that_support_unlinked_is_matched_again() -> None:  # A10
    otus = OtusModel(account(1, "student", "ann@schools.example", None, "7", active=False, provenance="clever"))
    night(clever(student("new-id", "other@schools.example", "7")), otus)
    assert (otus.people[1].clever_id, otus.people[1].active) == ("new-id", True)


def test_a_sis_id_that_clever_takes_off_its_account_tonight_is_no_conflict() -> None:  # A10
    otus = OtusModel()
    night(clever(student("ann", sis_id="7")), otus)
    tonight = night(clever(student("ann", sis_id="8"), student("ben", sis_id="7")), otus)
    assert tonight.plan.problems == ()
    assert otus.person("ben").sis_id == "7"


# ---------------------------------------------------------------- A11: e-mails


def test_two_students_swap_their_emails_in_one_night() -> None:  # A11
    otus = OtusModel()
    night(clever(student("ann", "a@x.example"), student("ben", "b@x.example")), otus)
    tonight = night(clever(student("ann", "b@x.example"), student("ben", "a@x.example")), otus)
    assert (otus.person("ann").email, otus.person("ben").email) == ("b@x.example", "a@x.example")
    assert tonight.plan.problems == ()


def test_a_chain_of_emails_works_in_one_night_and_in_one_request() -> None:  # A11
    otus = OtusModel()
    night(clever(*(student(key, f"{key}@x.example") for key in "abc")), otus)
    tomorrow = clever(
        student("a", "b@x.example"),
        student("b", "c@x.example"),
        student("c", "d@x.example"),
        student("z", "a@x.example"),
    )
    otus.account_requests.clear()
    tonight = night(tomorrow, otus, settings(batch_rows=4))
    assert [len(request) for request in otus.account_requests] == [4]
    assert tonight.plan.problems == ()
    assert otus.person("z").email == "a@x.example"


def test_a_swap_is_one_request_however_small_requests_are() -> None:  # A11
    otus = OtusModel()
    night(clever(student("ann", "a@x.example"), student("ben", "b@x.example")), otus)
    night(clever(student("ann", "b@x.example"), student("ben", "a@x.example")), otus, settings(batch_rows=1))
    assert (otus.person("ann").email, otus.person("ben").email) == ("b@x.example", "a@x.example")


def test_in_a_chain_whoever_gives_an_email_up_comes_before_who_takes_it() -> None:  # A11
    people = {
        key: Person(key, "student", f"{to}@x.example", "", "", "", ()) for key, to in zip("abc", "bcd", strict=True)
    }
    there = [account(number, email=f"{key}@x.example", clever_id=key) for number, key in enumerate("abc", start=1)]
    known = [(people[person.clever_id], person) for person in there if person.clever_id]
    assert grant_emails(known, [], there).chains == (("c", "b", "a"),)


def test_an_email_that_moves_away_tonight_is_free_for_a_new_student() -> None:  # A10, A11
    otus = OtusModel()
    night(clever(student("ann", "lee@x.example")), otus)
    tonight = night(clever(student("ann", "ann.lee@x.example"), student("ben", "lee@x.example")), otus)
    assert otus.person("ben").email == "lee@x.example"
    assert tonight.plan.problems == ()


def test_a_clash_with_an_admin_keeps_the_old_email_and_the_classes_and_heals_by_itself() -> None:  # A11
    otus = OtusModel(account(1, "admin", "Lee@x.example"))
    algebra = section("algebra", students=("ann",))
    night(clever(student("ann", "ann@x.example"), algebra), otus)
    changed = clever(student("ann", "lee@x.example"), algebra)
    tonight = night(changed, otus)
    assert (problem_of(tonight).kind, problem_of(tonight).account) == ("email_clash", 1)
    assert otus.person("ann").email == "ann@x.example"
    assert otus.students_in("algebra") == {"ann"}
    otus.edit(1, email="moved@x.example")
    assert night(changed, otus).plan.problems == ()
    assert otus.person("ann").email == "lee@x.example"


def test_a_new_student_whose_email_an_account_of_another_role_has_is_not_rostered() -> None:  # A11
    otus = OtusModel(account(1, "teacher", "lee@x.example", clever_id="gone"))
    tonight = night(clever(student("ann", "lee@x.example"), section("algebra", students=("ann",))), otus)
    assert problem_of(tonight).kind == "email_clash"
    assert otus.students_in("algebra") == set()


def test_a_clash_with_a_deactivated_account_keeps_the_old_email() -> None:  # A11
    otus = OtusModel(account(1, "student", "lee@x.example", clever_id="gone", active=False))
    night(clever(student("ann", "ann@x.example")), otus)
    tonight = night(clever(student("ann", "lee@x.example")), otus)
    assert problem_of(tonight).kind == "email_clash"
    assert "deactivated" in problem_of(tonight).message
    assert otus.person("ann").email == "ann@x.example"


def test_a_denied_email_denies_the_one_that_waits_for_the_old_one() -> None:  # A11
    otus = OtusModel(account(1, "admin", "admin@x.example"))
    night(clever(student("ann", "ann@x.example"), student("ben", "ben@x.example")), otus)
    tonight = night(clever(student("ann", "admin@x.example"), student("ben", "ann@x.example")), otus)
    assert {problem.clever_id for problem in tonight.plan.problems} == {"ann", "ben"}
    assert otus.person("ben").email == "ben@x.example"


def test_of_two_clever_people_with_one_email_the_one_who_has_it_keeps_it() -> None:  # A11
    otus = OtusModel()
    night(clever(student("zoe", "lee@x.example")), otus)
    tonight = night(clever(student("zoe", "lee@x.example"), student("ann", "lee@x.example")), otus)
    assert (problem_of(tonight).kind, problem_of(tonight).clever_id) == ("email_clash", "ann")
    assert otus.person("zoe").email == "lee@x.example"


def test_of_two_who_want_one_free_email_the_lower_clever_id_gets_it_whoever_has_an_account() -> None:  # A11
    otus = OtusModel()
    night(clever(student("zoe", "zoe@x.example")), otus)
    tonight = night(clever(student("zoe", "lee@x.example"), student("ann", "lee@x.example")), otus)
    assert problem_of(tonight).clever_id == "zoe"
    assert otus.person("zoe").email == "zoe@x.example"


def test_of_two_new_people_with_one_email_the_lower_clever_id_gets_it() -> None:  # A11
    otus = OtusModel()
    tonight = night(clever(student("ben", "lee@x.example"), student("ann", "LEE@x.example")), otus)
    assert problem_of(tonight).clever_id == "ben"
    assert otus.person("ann").email == "LEE@x.example"


# ---------------------------------------------------------------- H4: no e-mail


def test_a_new_student_without_an_email_is_not_rostered_until_it_arrives() -> None:  # H4
    otus = OtusModel()
    algebra = section("algebra", students=("ann", "ben"))
    tonight = night(clever(student("ann", None), student("ben"), algebra), otus)
    assert (problem_of(tonight).kind, problem_of(tonight).name) == ("no_email", "Ann Lee")
    assert otus.students_in("algebra") == {"ben"}
    night(clever(student("ann"), student("ben"), algebra), otus)
    assert otus.students_in("algebra") == {"ann", "ben"}


def test_a_rostered_account_whose_email_clever_loses_keeps_the_one_it_has() -> None:  # H4
    otus = OtusModel()
    night(clever(student("ann", sis_id="7")), otus)
    tonight = night(clever(student("ann", " ", sis_id="7")), otus)
    assert tonight.plan.is_empty()
    assert tonight.plan.problems == ()


def test_names_and_emails_longer_than_otus_takes_do_not_stop_the_others() -> None:  # A15
    otus = OtusModel()
    endless = student("ann", "a" * 400 + "@x.example", first="N" * 400)
    tonight = night(clever(endless, student("ben", first="B" * 400)), otus)
    assert problem_of(tonight).kind == "no_email"
    assert otus.person("ben").first_name == "B" * 300


# ---------------------------------------------------------------- scope


def test_a_run_for_one_school_leaves_the_other_schools_alone() -> None:
    otus = OtusModel()
    here, there = student("ann"), student("ben", schools=("school-b",))
    both = clever(here, there, section("algebra"), section("biology", school="school-b"))
    night(both, otus, settings(schools=("02M475",)))
    assert [person.clever_id for person in otus.people.values()] == ["ann"]
    assert [room.clever_id for room in otus.rooms.values()] == ["algebra"]
    night(both, otus)
    night(clever(), otus, settings(schools=("02M475",)))
    assert (otus.person("ann").active, otus.person("ben").active) == (False, True)
    assert (otus.room("algebra").archived, otus.room("biology").archived) == (True, False)


def test_a_run_for_one_school_reads_no_class_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    otus = OtusModel()
    both = clever(student("ann"), section("algebra"), section("biology", school="school-b"))
    night(both, otus)
    read: list[int] = []
    whole = otus.class_digests

    def counting(clever_id: str | None = None, ids: Sequence[int] = ()) -> Iterator[ClassDigest]:
        read.extend(ids)
        return whole(clever_id, ids)

    monkeypatch.setattr(otus, "class_digests", counting)
    night(clever(student("ann"), section("algebra", students=("ann",))), otus, settings(schools=("02M475",)))
    assert set(read) == {otus.room("algebra").id}


def test_a_class_that_left_for_a_school_outside_the_scope_is_not_gone() -> None:  # A12
    otus = OtusModel()
    night(clever(section("algebra")), otus)
    night(clever(section("algebra", school="school-b")), otus, settings(schools=("02M475",)))
    assert not otus.room("algebra").archived


def test_a_class_that_came_from_a_school_outside_the_scope_is_not_made_twice() -> None:
    otus = OtusModel()
    night(clever(section("algebra", school="school-b")), otus)
    night(clever(section("algebra")), otus, settings(schools=("02M475",)))
    assert [room.school for room in otus.rooms.values()] == ["02M475"]


def test_whoever_is_in_a_class_of_the_school_is_rostered_with_it() -> None:
    otus = OtusModel()
    visitor = student("ben", schools=("school-b",))
    night(clever(visitor, section("algebra", students=("ben",))), otus, settings(schools=("02M475",)))
    assert otus.students_in("algebra") == {"ben"}
