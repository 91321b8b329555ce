"""Classes and rosters: what comes from Clever, what was done by hand."""

from collections.abc import Iterator, Sequence

import pytest

from otus_sync.clever import CleverSide, School
from otus_sync.otus_records import ClassRoster
from tests.otus_sync.builders import (
    OTHER_DBN,
    SCHOOLS,
    account,
    clever,
    section,
    settings,
    student,
    teacher,
)
from tests.otus_sync.otus_model import OtusModel, night

TEACHERS = (teacher("main"), teacher("co"), teacher("overflow"))
STUDENTS = (student("ann"), student("ben"))


def algebra(
    *, teachers: tuple[str, ...] = ("main",), students: tuple[str, ...] = ("ann",), name: str = "Algebra"
) -> CleverSide:
    """Clever with one section."""
    return clever(*TEACHERS, *STUDENTS, section("algebra", teachers, students, name))


def otus_after(side: CleverSide) -> OtusModel:
    """Otus after a first night."""
    otus = OtusModel()
    night(side, otus)
    return otus


def number_of(otus: OtusModel, clever_id: str) -> int:
    return otus.person(clever_id).id


def test_every_shared_section_is_a_class_also_an_empty_one_without_a_teacher() -> None:  # H11
    otus = otus_after(clever(section("empty", name="Homeroom")))
    assert (otus.room("empty").name, otus.room("empty").school) == ("Homeroom", "02M475")


def test_the_first_teacher_is_the_teacher_and_the_rest_are_co_teachers() -> None:
    otus = otus_after(algebra(teachers=("main", "co", "overflow")))
    roster = otus.room("algebra").roster
    assert roster.teacher == number_of(otus, "main")
    assert set(roster.co_teachers) == {number_of(otus, "co"), number_of(otus, "overflow")}


def test_somebody_listed_twice_has_one_part() -> None:
    otus = otus_after(algebra(teachers=("main", "main", "co", "co"), students=("ann", "ann", "main")))
    roster = otus.room("algebra").roster
    assert (roster.teacher, len(roster.co_teachers), len(roster.students)) == (number_of(otus, "main"), 1, 1)


def test_teacher_and_co_teacher_swap_in_one_night() -> None:
    otus = otus_after(algebra(teachers=("main", "co")))
    tonight = night(algebra(teachers=("co", "main")), otus)
    roster = otus.room("algebra").roster
    assert (roster.teacher, roster.co_teachers) == (number_of(otus, "co"), (number_of(otus, "main"),))
    assert tonight.applied.counts.memberships_removed == 0


def test_a_main_teacher_who_is_not_shared_leaves_the_place_empty_and_promotes_nobody() -> None:  # A16
    otus = otus_after(algebra(teachers=("unshared", "co")))
    roster = otus.room("algebra").roster
    assert (roster.teacher, roster.co_teachers) == (None, (number_of(otus, "co"),))


def test_ids_that_lead_nowhere_are_skipped_and_named_and_stop_nothing() -> None:  # A16
    otus = OtusModel()
    dangling = section("algebra", ("nobody",), ("ann", "ghost"))
    homeless = section("homeless", school="unshared-school")
    tonight = night(clever(*STUDENTS, dangling, homeless), otus)
    skipped = {skipped.section: skipped.ids for skipped in tonight.plan.skipped}
    assert skipped == {"algebra": ("nobody", "ghost"), "homeless": ("unshared-school",)}
    assert otus.students_in("algebra") == {"ann"}
    assert len(otus.rooms) == 1


def test_a_class_whose_school_is_no_longer_shared_is_archived() -> None:  # H11, A12
    otus = otus_after(algebra())
    night(clever(*TEACHERS, *STUDENTS, section("algebra"), schools=SCHOOLS[1:]), otus)
    assert otus.room("algebra").archived


def test_a_class_that_changes_schools_stays_the_same_class() -> None:
    otus = otus_after(algebra())
    before = otus.room("algebra").id
    night(clever(*TEACHERS, *STUDENTS, section("algebra", ("main",), ("ann",), "Algebra", "school-b")), otus)
    assert (otus.room("algebra").id, otus.room("algebra").school) == (before, OTHER_DBN)


# ---------------------------------------------------------------- by hand


def test_a_student_added_by_hand_is_removed_by_the_next_sync() -> None:  # F8
    otus = otus_after(algebra())
    otus.add_by_hand("algebra", number_of(otus, "ben"), "student")
    tonight = night(algebra(), otus)
    assert otus.room("algebra").by_hand == {}
    assert tonight.applied.counts.by_hand_removed == 1
    assert tonight.applied.counts.memberships_removed == 0


def test_a_student_added_by_hand_whom_clever_has_there_becomes_rostered() -> None:  # F8
    otus = otus_after(algebra())
    otus.add_by_hand("algebra", number_of(otus, "ben"), "student")
    counts = night(algebra(students=("ann", "ben")), otus).applied.counts
    assert otus.room("algebra").by_hand == {}
    assert otus.students_in("algebra") == {"ann", "ben"}
    assert (counts.by_hand_removed, counts.memberships_added) == (0, 1)


def test_a_co_teacher_added_by_hand_stays_for_thirty_nights() -> None:  # F9
    otus = otus_after(algebra(teachers=("main", "co")))
    overflow = number_of(otus, "overflow")
    otus.add_by_hand("algebra", overflow, "co_teacher")
    for _ in range(30):
        assert night(algebra(teachers=("main", "co")), otus).plan.is_empty()
    assert otus.room("algebra").by_hand == {overflow: "co_teacher"}


def test_a_co_teacher_by_hand_whom_clever_lists_becomes_rostered_and_then_follows_clever() -> None:  # A8
    otus = otus_after(algebra())
    otus.add_by_hand("algebra", number_of(otus, "co"), "co_teacher")
    night(algebra(teachers=("main", "co")), otus)
    assert otus.room("algebra").by_hand == {}
    assert otus.room("algebra").roster.co_teachers == (number_of(otus, "co"),)
    night(algebra(), otus)
    assert otus.room("algebra").roster.co_teachers == ()


def test_an_overflow_co_teacher_moved_from_ats_to_otus_stays() -> None:  # A8, F9
    otus = otus_after(algebra(teachers=("main", "co", "overflow")))
    night(algebra(teachers=("main", "co")), otus)
    otus.add_by_hand("algebra", number_of(otus, "overflow"), "co_teacher")
    assert night(algebra(teachers=("main", "co")), otus).plan.is_empty()


def test_under_the_earlier_edition_an_overflow_co_teacher_is_lost() -> None:  # H3
    otus = otus_after(algebra(teachers=("main", "co")))
    otus.add_by_hand("algebra", number_of(otus, "overflow"), "co_teacher")
    night(algebra(teachers=("main", "co")), otus, settings(by_hand_co_teachers="only_without_rostered"))
    assert otus.room("algebra").by_hand == {}


def test_under_the_earlier_edition_a_co_teacher_by_hand_stays_where_clever_has_none() -> None:  # H3
    otus = otus_after(algebra())
    otus.add_by_hand("algebra", number_of(otus, "overflow"), "co_teacher")
    earlier = settings(by_hand_co_teachers="only_without_rostered")
    assert night(algebra(), otus, earlier).plan.is_empty()


def test_a_class_made_by_hand_and_everyone_in_it_is_never_touched() -> None:  # F10
    otus = otus_after(algebra())
    members = {number_of(otus, "ben"): "student", number_of(otus, "main"): "teacher"}
    sandbox = otus.by_hand_class(members=members)
    night(algebra(students=("ben",)), otus)
    night(clever(), otus)
    assert sandbox.by_hand == members
    assert not sandbox.archived


@pytest.mark.parametrize("who", ["main", "ann"])
def test_a_rostered_member_removed_by_hand_is_back_after_the_next_sync(who: str) -> None:  # H1
    otus = otus_after(algebra())
    before = otus.room("algebra").roster
    otus.room("algebra").roster = type(before)(
        teacher=None if who == "main" else before.teacher,
        students=() if who == "ann" else before.students,
    )
    night(algebra(), otus)
    assert otus.room("algebra").roster == before


def test_a_rostered_class_archived_by_hand_is_unarchived() -> None:  # H2
    otus = otus_after(algebra())
    otus.room("algebra").archived = True
    night(algebra(), otus)
    assert not otus.room("algebra").archived


def test_a_rostered_class_deleted_by_hand_is_made_anew_without_its_by_hand_members() -> None:  # A17
    otus = otus_after(algebra())
    otus.add_by_hand("algebra", number_of(otus, "co"), "co_teacher")
    before = otus.room("algebra")
    del otus.rooms[before.id]
    night(algebra(), otus)
    anew = otus.room("algebra")
    assert (anew.roster, anew.by_hand) == (before.roster, {})


def test_a_class_name_edited_in_otus_is_overwritten() -> None:  # H10
    otus = otus_after(algebra())
    otus.room("algebra").name = "Mrs Kim's algebra"
    night(algebra(), otus)
    assert otus.room("algebra").name == "Algebra"


def test_a_class_name_edited_in_otus_stays_where_the_district_wants_it_so() -> None:  # H10
    otus = otus_after(algebra())
    otus.room("algebra").name = "Mrs Kim's algebra"
    assert night(algebra(), otus, settings(overwrite_class_names=False)).plan.is_empty()


# ---------------------------------------------------------------- gone and back


def test_a_class_gone_from_clever_is_archived_with_its_roster_and_restored_when_it_is_back() -> None:  # A12
    otus = otus_after(algebra())
    otus.add_by_hand("algebra", number_of(otus, "overflow"), "co_teacher")
    before = otus.state()
    cancelled = clever(*TEACHERS, *STUDENTS)
    night(cancelled, otus)
    assert otus.room("algebra").archived
    assert otus.students_in("algebra") == {"ann"}
    assert night(cancelled, otus).plan.is_empty()
    night(algebra(), otus)
    assert otus.state() == before


def test_a_student_who_moves_section_is_never_in_neither() -> None:
    sections = (section("one", students=("ann",)), section("two"))
    otus = otus_after(clever(*STUDENTS, *sections))
    otus.class_requests.clear()
    night(clever(*STUDENTS, section("one"), section("two", students=("ann",))), otus)
    assert [len(request) for request in otus.class_requests] == [2]


def test_a_student_whose_old_class_is_cancelled_is_in_the_new_one_before() -> None:
    otus = otus_after(clever(*STUDENTS, section("old", students=("ann",)), section("new")))
    otus.class_requests.clear()
    night(clever(*STUDENTS, section("new", students=("ann",))), otus)
    assert [request[0].clever_id for request in otus.class_requests] == ["new", "old"]


def test_an_id_conflict_keeps_only_that_person_out_of_the_class() -> None:  # A10
    otus = OtusModel(account(1, "student", "ann@schools.example", "old-id"))
    night(algebra(students=("ann", "ben")), otus)
    assert otus.students_in("algebra") == {"ben"}


def test_somebody_whom_support_unlinked_leaves_the_classes_clever_does_not_have_them_in() -> None:  # A10, F8
    otus = otus_after(algebra())
    number = number_of(otus, "ann")
    otus.edit(number, clever_id=None, email="other@x.example", sis_id=None)
    night(clever(*TEACHERS, student("ben"), section("algebra", ("main",), (), "Algebra")), otus)
    assert otus.room("algebra").roster.students == ()


# ---------------------------------------------------------------- quiet nights


def test_running_twice_changes_nothing_the_second_time() -> None:  # A15
    otus = otus_after(algebra(teachers=("main", "co"), students=("ann", "ben")))
    before = otus.state()
    otus.account_requests.clear()
    otus.class_requests.clear()
    assert night(algebra(teachers=("main", "co"), students=("ben", "ann")), otus).plan.is_empty()
    assert (otus.account_requests, otus.class_requests, otus.state()) == ([], [], before)


def test_of_a_section_that_is_listed_twice_the_last_word_counts() -> None:
    people = (*TEACHERS, *STUDENTS)
    otus = otus_after(clever(*people, section("algebra", students=("ann",))))
    night(clever(*people, section("algebra", students=("ann",)), section("algebra", students=("ann", "ben"))), otus)
    assert otus.students_in("algebra") == {"ann", "ben"}


def test_a_quiet_night_reads_no_rosters_and_a_small_change_only_what_differs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = (*TEACHERS, *STUDENTS)
    biology = section("biology", students=("ben",), school="school-b")
    otus = otus_after(clever(*people, section("algebra", students=("ann",)), section("art"), biology))
    read: list[Sequence[int]] = []
    whole = otus.rosters

    def counting(clever_id: str | None = None, ids: Sequence[int] = ()) -> Iterator[ClassRoster]:
        read.append(ids)
        return whole(clever_id, ids)

    monkeypatch.setattr(otus, "rosters", counting)
    night(clever(*people, section("algebra", students=("ann",)), section("art"), biology), otus)
    assert read == []
    night(clever(*people, section("algebra", students=("ann", "ben")), section("art"), biology), otus)
    assert read == [[otus.room("algebra").id]]


@pytest.mark.parametrize(("page_limit", "expected"), [(6, [7, 5]), (100, [0])])
def test_the_rosters_that_differ_are_asked_for_by_their_ids_unless_all_are_fewer_pages(
    monkeypatch: pytest.MonkeyPatch, page_limit: int, expected: list[int]
) -> None:
    schools = tuple(School(f"school-{number}", f"{number:02}M001") for number in range(12))
    shared = [section(f"s{number}", students=("ann",), school=school.id) for number, school in enumerate(schools)]
    bare = [section(f"s{number}", school=school.id) for number, school in enumerate(schools)]
    otus = otus_after(clever(*TEACHERS, *STUDENTS, *bare, schools=schools))
    read: list[int] = []
    whole = otus.rosters

    def counting(clever_id: str | None = None, ids: Sequence[int] = ()) -> Iterator[ClassRoster]:
        read.append(len(ids))
        return whole(clever_id, ids)

    monkeypatch.setattr(otus, "rosters", counting)
    monkeypatch.setattr("otus_sync.reading.IDS_ASKED_MAX", 7)
    tonight = clever(*TEACHERS, *STUDENTS, *shared, schools=schools)
    assert len(night(tonight, otus, settings(page_limit=page_limit)).plan.classes) == 12
    assert read == expected
