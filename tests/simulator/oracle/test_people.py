from datetime import timedelta

from simulator.oracle.facts import Key
from tests.simulator.oracle.builders import (
    BEN,
    HANA,
    MEI,
    OMAR,
    SANDBOX,
    STUDENT,
    STUDENT_BY_HAND,
    Town,
    day,
    email_of,
    person,
    town,
)

LONG_AWAY_NIGHTS = 305


def returns_after_300_days() -> Town:
    """Ben leaves, and comes back when Clever has forgotten him."""
    ben = town()
    ben.hand_in(day(1, 8), BEN)
    ben.discharge(day(1, 10), BEN)
    ben.nights(1, 4)
    ben.edit(day(LONG_AWAY_NIGHTS, 10), BEN, discharged=False)
    ben.enroll(day(LONG_AWAY_NIGHTS, 10), BEN)
    ben.nights(LONG_AWAY_NIGHTS, LONG_AWAY_NIGHTS + 3)
    return ben


def test_an_email_changed_in_ats_is_in_otus_when_clever_has_it() -> None:
    mei = town()
    mei.edit(day(1), MEI, email="mei@new.example")
    mei.nights(1, 3)
    assert mei.account(MEI).email == email_of(MEI)
    mei.night(4)
    assert mei.account(MEI).email == "mei@new.example"


def test_an_email_or_name_edited_in_otus_is_overwritten_that_night() -> None:
    mei = town()
    mei.edit_account(day(1), MEI, email="mine@x.example", first_name="May")
    assert (mei.account(MEI).email, mei.account(MEI).full_name) == ("mine@x.example", "May Chen")
    mei.night(1)
    assert (mei.account(MEI).email, mei.account(MEI).full_name) == (email_of(MEI), "Mei Chen")  # A7


def test_only_the_case_of_an_email_changes() -> None:
    mei = town()
    mei.edit(day(1), MEI, email=email_of(MEI).upper())
    mei.nights(1, 4)
    assert mei.account(MEI).email == email_of(MEI).upper()


def test_two_students_swap_their_emails_in_one_night() -> None:
    both = town()
    both.edit(day(1), MEI, email=email_of(OMAR))
    both.edit(day(1), OMAR, email=email_of(MEI))
    both.nights(1, 4)
    assert (both.account(MEI).email, both.account(OMAR).email) == (email_of(OMAR), email_of(MEI))  # A11


def test_three_people_pass_their_emails_on() -> None:
    three = town()
    three.edit(day(1), MEI, email=email_of(OMAR))
    three.edit(day(1), OMAR, email=email_of(BEN))
    three.edit(day(1), BEN, email="ben@new.example")
    three.nights(1, 4)
    emails = [three.account(number).email for number in (MEI, OMAR, BEN)]
    assert emails == [email_of(OMAR), email_of(BEN), "ben@new.example"]


def test_a_clash_with_an_admin_leaves_the_old_email_and_the_classes_and_heals_by_itself() -> None:
    ben = town()
    ben.make_account(day(1, 8), "admin", "head@x.example", "Gloria Adeyemi")
    ben.edit(day(1), BEN, email="head@x.example")
    ben.nights(1, 4)
    assert (ben.account(BEN).email, ben.member(BEN)) == (email_of(BEN), STUDENT)
    admin = next(name for name, account in ben.belief.accounts.items() if account.role == "admin")
    assert ben.belief.accounts[admin].full_name == "Gloria Adeyemi"
    from_admin = [str(reason) for item, reason in ben.belief.reasons.items() if item.aspect == "email"]
    assert from_admin == ["the e-mail head@x.example is the one of Gloria Adeyemi (A11)"]


def test_who_waits_for_an_email_that_is_not_given_up_after_all_keeps_the_old_one() -> None:
    both = town()
    both.make_account(day(1, 8), "admin", "head@x.example", "Gloria Adeyemi")
    both.edit(day(1), OMAR, email="head@x.example")
    both.edit(day(1), MEI, email=email_of(OMAR))
    both.nights(1, 4)
    assert (both.account(OMAR).email, both.account(MEI).email) == (email_of(OMAR), email_of(MEI))


def test_somebody_new_without_an_email_is_not_rostered_until_it_arrives() -> None:
    hana = town()
    hana.office(day(1), person(HANA, email=""))
    hana.enroll(day(1), HANA)
    hana.nights(1, 4)
    assert hana.find(HANA) is None
    assert hana.why(HANA) == (
        "Hana Yoshida must not be in Algebra 1-01: in Clever since Thu 17 Sep 10:00, Clever has no e-mail for them (H4)"
    )
    hana.edit(day(5), HANA, email="hana@x.example")
    hana.nights(5, 8)
    assert hana.member(HANA) == STUDENT


def test_an_account_keeps_the_email_that_clever_loses() -> None:
    ben = town()
    ben.edit(day(1), BEN, email="")
    ben.nights(1, 5)
    assert (ben.account(BEN).email, ben.member(BEN)) == (email_of(BEN), STUDENT)  # H4


def test_an_account_made_by_hand_becomes_the_rostered_one_with_all_that_is_in_it() -> None:
    hana = town()
    hana.make_sandbox(day(1))
    hana.add_stranger(day(1, 11), email_of(HANA), "H. Yoshida", SANDBOX)
    hana.office(day(1), person(HANA))
    hana.enroll(day(1), HANA)
    hana.nights(1, 3)
    by_hand = [account for account in hana.belief.accounts.values() if account.email == email_of(HANA)]
    assert [(account.provenance, account.sis_id) for account in by_hand] == [("manual", None)]
    hana.night(4)
    account = hana.account(HANA)
    assert (account.provenance, account.full_name) == ("clever", "Hana Yoshida")  # H5, A10
    assert (hana.member(HANA), hana.member(HANA, SANDBOX)) == (STUDENT, STUDENT_BY_HAND)


def test_an_account_of_another_role_is_never_taken_over() -> None:
    hana = town()
    hana.make_account(day(1, 8), "teacher", email_of(HANA), "Hana Yoshida")
    hana.office(day(1), person(HANA))
    hana.nights(1, 4)
    assert hana.find(HANA) is None


def test_who_leaves_is_inactive_and_out_of_rostered_classes_and_stays_in_those_by_hand() -> None:
    ben = town()
    ben.make_sandbox(day(1, 8), BEN)
    ben.edit(day(1), BEN, discharged=True)
    ben.nights(1, 4)
    assert not ben.account(BEN).active
    assert (ben.member(BEN), ben.member(BEN, SANDBOX)) == (None, STUDENT_BY_HAND)  # A13, F10
    assert ben.why(BEN) == "Ben Okri must not be in Algebra 1-01: gone from Clever since Thu 17 Sep 10:00 (A13, F4)"


def test_who_returns_in_time_is_active_again_on_the_old_account() -> None:
    ben = town()
    ben.discharge(day(1), BEN)
    ben.nights(1, 4)
    ben.edit(day(11), BEN, discharged=False)
    ben.enroll(day(11), BEN)
    ben.nights(11, 14)
    assert ben.account(BEN).active
    assert ben.member(BEN) == STUDENT
    assert len([a for a in ben.belief.accounts.values() if a.sis_id == BEN]) == 1


def test_who_returns_after_300_days_needs_the_id_adjusted() -> None:
    ben = returns_after_300_days()
    assert (ben.account(BEN).active, ben.member(BEN)) == (False, None)
    assert ben.why(BEN).endswith("an account with their number is linked to another Clever user (A10)")
    ben.adjust_id(day(LONG_AWAY_NIGHTS + 4), BEN, Key("student", BEN))
    ben.night(LONG_AWAY_NIGHTS + 4)
    assert (ben.account(BEN).active, ben.member(BEN)) == (True, STUDENT)
    assert ben.belief.shows(ben.belief.works[0]) is True


def test_an_absence_one_second_short_of_300_days_changes_nothing() -> None:
    ben = town()
    ben.edit(day(1), BEN, discharged=True)
    ben.nights(1, 4)
    ben.edit(day(1) + timedelta(days=300, seconds=-1), BEN, discharged=False)
    ben.nights(301, 304)
    assert (ben.account(BEN).active, ben.member(BEN)) == (True, STUDENT)


def test_an_account_linked_to_a_wrong_user_is_an_id_conflict_until_it_is_adjusted() -> None:
    ben = town()
    ben.adjust_id(day(1), BEN, "an id that is nobody's")
    ben.nights(1, 2)
    assert ben.member(BEN) is None
    ben.adjust_id(day(3), BEN, Key("student", BEN))
    ben.night(3)
    assert ben.member(BEN) == STUDENT


def test_an_unlinked_account_is_found_by_its_number() -> None:
    ben = town()
    ben.edit_account(day(1), BEN, email="other@x.example")
    ben.adjust_id(day(1, 11), BEN, None)
    ben.night(1)
    assert (ben.member(BEN), ben.account(BEN).email) == (STUDENT, email_of(BEN))


def test_admins_are_never_touched() -> None:
    head = town()
    head.make_account(day(1), "admin", "head@x.example", "Gloria Adeyemi")
    head.nights(1, 20)
    account = next(account for account in head.belief.accounts.values() if account.role == "admin")
    assert (account.active, account.email, account.provenance) == (True, "head@x.example", "manual")  # F6


def test_of_two_newcomers_with_one_email_either_may_be_rostered_and_never_both() -> None:
    both = town()
    both.office(day(1), person(HANA, email="one@x.example"))
    both.office(day(1), person("200000005", email="one@x.example"))
    both.nights(1, 4)
    ways = both.oracle.possible()
    rostered = [{a.sis_id for a in way.accounts.values() if a.email == "one@x.example"} for way in ways]
    assert rostered == [{HANA}, {"200000005"}]
