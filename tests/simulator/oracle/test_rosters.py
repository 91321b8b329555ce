from msgspec.structs import replace

from simulator.oracle.facts import Card, MemberAdded, SchoolUnshared, Settings
from tests.simulator.oracle.builders import (
    ALGEBRA,
    ANNA,
    BEN,
    CO_TEACHER,
    CO_TEACHER_BY_HAND,
    HANA,
    KOFI,
    MEI,
    OMAR,
    ROSA,
    STUDENT,
    STUDENT_BY_HAND,
    TEACHER,
    day,
    section,
    town,
)

EARLIER_EDITION = Settings(by_hand_co_teachers="only_without_rostered")


def test_a_student_added_in_ats_is_in_otus_after_the_first_night_that_finds_them_in_clever() -> None:
    mei = town()
    mei.enroll(day(1, 10), MEI)
    held = []
    for night in range(1, 6):
        mei.night(night)
        held.append(mei.member(MEI))
    assert held == [None, None, None, STUDENT, STUDENT]  # F4, A2: the worked timing of Mon 14 to Fri 18 September


def test_what_is_due_at_the_very_instant_of_the_night_is_seen_by_it() -> None:
    mei = town()
    mei.enroll(day(1, 1), MEI)
    mei.night(2)
    assert mei.member(MEI) is None
    mei.night(3)  # due Thu 01:00, the night's own instant (A4)
    assert mei.member(MEI) == STUDENT


def test_a_student_added_by_hand_is_wiped_and_the_reason_names_the_moment() -> None:
    mei = town()
    mei.add(day(1, 10), MEI)
    assert mei.member(MEI) == STUDENT_BY_HAND
    mei.night(1)
    assert mei.member(MEI) is None
    assert mei.why(MEI) == (
        "Mei Chen must not be in Algebra 1-01: added by hand Mon 14 Sep 10:00, Clever does not list them (F8)"
    )


def test_a_student_added_by_hand_and_in_ats_is_wiped_three_nights_and_back_on_the_fourth() -> None:
    mei = town()
    mei.enroll(day(1, 9), MEI)
    mei.add(day(1, 10), MEI)
    mei.night(1)
    assert mei.member(MEI) is None
    assert mei.why(MEI) == (
        "Mei Chen must not be in Algebra 1-01: added by hand Mon 14 Sep 10:00, in Clever from Thu 17 Sep 09:00, "
        "Clever does not list them (F8)"
    )
    mei.nights(2, 3)
    assert mei.member(MEI) is None
    mei.night(4)
    assert mei.member(MEI) == STUDENT
    assert mei.why(MEI) == (
        "Mei Chen must be in Algebra 1-01 as a student, by roster: added in ATS Mon 14 Sep 09:00, "
        "in Clever since Thu 17 Sep 09:00, Clever lists them (F4)"
    )


def test_a_student_by_hand_whom_clever_has_becomes_a_rostered_one() -> None:
    mei = town()
    mei.enroll(day(1, 10), MEI)
    mei.nights(1, 3)
    mei.add(day(4, 12), MEI)
    mei.night(4)
    assert mei.member(MEI) == STUDENT
    assert "added by hand Thu 17 Sep 12:00" in mei.why(MEI)
    assert mei.why(MEI).endswith("so the membership is a rostered one (F8)")


def test_who_joins_with_the_class_code_counts_as_added_by_hand() -> None:
    omar = town()
    omar.tell(MemberAdded(at=day(1, 11), class_=ALGEBRA, account=omar.card(OMAR), part="student", joined=True))
    assert omar.member(OMAR) == STUDENT_BY_HAND
    omar.night(1)
    assert omar.member(OMAR) is None
    assert omar.why(OMAR) == (
        "Omar Haddad must not be in Algebra 1-01: joined with the class code Mon 14 Sep 11:00, "
        "Clever does not list them (F8)"
    )


def test_a_student_dropped_in_ats_leaves_when_clever_knows() -> None:
    ben = town()
    ben.drop(day(1, 10), BEN)
    ben.nights(1, 3)
    assert ben.member(BEN) == STUDENT
    ben.night(4)
    assert ben.member(BEN) is None
    assert ben.why(BEN) == (
        "Ben Okri must not be in Algebra 1-01: taken out in ATS Mon 14 Sep 10:00, out of Clever since "
        "Thu 17 Sep 10:00, Clever does not list them (F4)"
    )


def test_a_rostered_student_removed_by_hand_is_back_after_the_night() -> None:
    ben = town()
    ben.remove(day(1, 12), BEN)
    assert ben.member(BEN) is None
    ben.night(1)
    assert ben.member(BEN) == STUDENT
    assert "taken out by hand Mon 14 Sep 12:00" in ben.why(BEN)
    assert ben.why(BEN).endswith("and Clever lists them (H1)")


def test_a_rostered_co_teacher_removed_by_hand_is_back_after_the_night() -> None:
    anna = town(None, section("02M475-2026-1-BIO-01", name="Biology-01", co_teachers=(ANNA,)))
    anna.remove(day(1, 12), ANNA, "02M475-2026-1-BIO-01")
    anna.night(1)
    assert anna.member(ANNA, "02M475-2026-1-BIO-01") == CO_TEACHER


def test_a_co_teacher_added_by_hand_stays_for_thirty_nights() -> None:
    kofi = town()
    kofi.add(day(1, 10), KOFI, part="co_teacher")
    kofi.nights(1, 30)
    assert kofi.member(KOFI) == CO_TEACHER_BY_HAND
    assert kofi.why(KOFI) == (
        "Kofi Mensah must be in Algebra 1-01 as a co-teacher, by hand: added by hand Mon 14 Sep 10:00, "
        "which the sync leaves as it is (F9)"
    )


def test_a_by_hand_co_teacher_whom_clever_lists_becomes_rostered_and_then_follows_clever() -> None:
    kofi = town()
    kofi.add(day(1, 10), KOFI, part="co_teacher")
    kofi.office(day(2, 10), section(co_teachers=(KOFI,)))
    kofi.nights(1, 4)
    assert kofi.member(KOFI) == CO_TEACHER_BY_HAND
    kofi.night(5)
    assert kofi.member(KOFI) == CO_TEACHER
    assert kofi.why(KOFI).endswith("so the membership is a rostered one (A8)")
    kofi.office(day(6, 11), section())
    kofi.nights(6, 8)
    assert kofi.member(KOFI) == CO_TEACHER
    kofi.night(9)
    assert kofi.member(KOFI) is None


def test_under_the_earlier_edition_a_by_hand_co_teacher_goes_if_clever_has_given_the_class_one() -> None:
    kofi = town(EARLIER_EDITION)
    kofi.add(day(1, 10), KOFI, part="co_teacher")
    kofi.office(day(1, 10), section(co_teachers=(ANNA,)))
    kofi.nights(1, 3)
    assert kofi.member(KOFI) == CO_TEACHER_BY_HAND
    kofi.night(4)
    assert kofi.member(KOFI) is None
    assert kofi.why(KOFI).endswith("and the class has a co-teacher from Clever (H3)")


def test_the_edition_we_build_on_keeps_the_same_co_teacher() -> None:
    kofi = town()
    kofi.add(day(1, 10), KOFI, part="co_teacher")
    kofi.office(day(1, 10), section(co_teachers=(ANNA,)))
    kofi.nights(1, 4)
    assert kofi.member(KOFI) == CO_TEACHER_BY_HAND


def test_main_teacher_and_co_teacher_swap_in_one_night() -> None:
    both = town(None, section("02M475-2026-1-BIO-01", name="Biology-01", co_teachers=(ANNA,)))
    before = both.sections["02M475-2026-1-BIO-01"]
    both.office(day(1, 10), replace(before, teacher=ANNA, co_teachers=(ROSA,)))
    both.nights(1, 4)
    assert both.member(ANNA, before.id) == TEACHER
    assert both.member(ROSA, before.id) == CO_TEACHER


def test_clevers_first_teacher_is_the_main_one_when_the_main_teacher_has_left_the_district() -> None:
    anna = town(None, section("02M475-2026-1-BIO-01", name="Biology-01", co_teachers=(ANNA,)))
    anna.edit(day(1, 10), ROSA, discharged=True)
    anna.nights(1, 4)
    assert anna.member(ANNA, "02M475-2026-1-BIO-01") == TEACHER


def test_nobody_is_promoted_when_the_main_teacher_cannot_be_rostered() -> None:
    anna = town()
    anna.adjust_id(day(1, 10), ROSA, "an id that is nobody's")
    anna.office(day(1, 9), section(co_teachers=(ANNA,)))
    anna.nights(1, 4)
    assert anna.member(ANNA) == CO_TEACHER
    assert anna.member(ROSA) is None


def test_somebody_whom_clever_does_not_have_stops_nothing() -> None:
    mei = town()
    mei.office(day(1, 10), section(students=(BEN, HANA, MEI)))
    mei.nights(1, 4)
    assert (mei.member(MEI), mei.member(BEN), mei.find(HANA)) == (STUDENT, STUDENT, None)  # A16


def test_everybody_by_hand_in_a_class_made_by_hand_stays() -> None:
    mei = town()
    mei.make_sandbox(day(1, 10), MEI)
    mei.nights(1, 30)
    assert mei.member(MEI, "by hand 900") == STUDENT_BY_HAND  # F10


def test_an_account_is_made_for_somebody_added_under_an_unknown_email_and_stays_when_they_are_wiped() -> None:
    noor = town()
    noor.add_stranger(day(1, 10), "noor@x.example", "Noor Haddad")
    assert [str(m.provenance) for m in noor.belief.classes[ALGEBRA].members.values()].count("manual") == 1
    noor.night(1)
    assert [str(m.provenance) for m in noor.belief.classes[ALGEBRA].members.values()].count("manual") == 0
    account = next(account for account in noor.belief.accounts.values() if account.email == "noor@x.example")
    assert (account.provenance, account.active, account.full_name) == ("manual", True, "Noor Haddad")  # H5


def test_who_was_added_by_hand_under_an_email_that_somebody_has_is_that_somebody() -> None:
    mei = town()
    mei.tell(MemberAdded(at=day(1), class_=ALGEBRA, account=Card("student", "MEI.CHEN@x.example"), part="student"))
    assert mei.member(MEI) == STUDENT_BY_HAND


def test_a_student_of_a_school_that_is_not_shared_is_in_no_class() -> None:
    ben = town()
    ben.edit(day(1, 10), BEN, schools=("20K490",))
    ben.tell(SchoolUnshared(at=day(1, 11), dbn="20K490"))
    ben.nights(1, 4)
    assert ben.member(BEN) is None
    assert not ben.account(BEN).active
