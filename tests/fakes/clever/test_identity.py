"""Whose Clever id is whose, who keeps it, and who merges."""

import pytest

from fakes.clever import CleverSettings
from tests.fakes.clever.builders import (
    district,
    district_admin,
    gone,
    one_class,
    section,
    staff,
    student,
    teacher,
    term,
)


def test_ids_are_24_hex_digits_that_sort_by_the_simulated_time() -> None:
    with district(student()) as clever:
        first = clever.id_of("user", "200000001")
        assert len(first) == 24
        assert int(first[:8], 16) == int(clever.now.timestamp())
        clever.later(seconds=1)
        clever.deliver(student("200000002"))
        assert clever.id_of("user", "200000002") > first


def test_the_same_seed_gives_the_same_ids_and_another_seed_others() -> None:
    with district(*one_class()) as one, district(*one_class()) as same, district(*one_class(), seed=2) as other:
        assert one.ids("/v3.0/users") == same.ids("/v3.0/users")
        assert not set(one.ids("/v3.0/users")) & set(other.ids("/v3.0/users"))


@pytest.mark.parametrize(
    ("away", "returns"),
    [
        ({"days": 1}, True),
        ({"days": 299, "hours": 23, "minutes": 59}, True),
        ({"days": 300}, False),
        ({"days": 400}, False),
    ],
)
def test_an_id_comes_back_within_300_days_and_not_after(away: dict[str, float], returns: bool) -> None:
    with district(*one_class()) as clever:
        before = clever.id_of("user", "200000001")
        clever.deliver(gone(student()))
        clever.later(**away)
        clever.deliver(student())
        after = clever.id_of("user", "200000001")
        assert (after == before) is returns
        assert clever.section()["students"] == [after]
        assert clever.clever.sis_of(before) == "200000001"


def test_a_new_sis_id_is_a_new_person() -> None:
    with district(student()) as clever:
        before = clever.id_of("user", "200000001")
        clever.deliver(gone(student()), student("200000009", "student.200000001@schools.example"))
        assert clever.id_of("user", "200000009") != before


def test_the_days_of_memory_are_a_setting() -> None:
    with district(student(), settings=CleverSettings(identity_days=1)) as clever:
        before = clever.id_of("user", "200000001")
        clever.deliver(gone(student()))
        clever.later(days=1)
        clever.deliver(student())
        assert clever.id_of("user", "200000001") != before


def test_a_section_canceled_and_restored_keeps_its_id() -> None:
    with district(*one_class()) as clever:
        before = clever.id_of("section", "algebra")
        clever.deliver(gone(section()))
        assert clever.ids("/v3.0/sections") == []
        clever.later(days=3)
        clever.deliver(section())
        assert clever.id_of("section", "algebra") == before
        assert clever.section()["created"] == "2026-09-17T10:00:00.000Z"


@pytest.mark.parametrize(
    "changed", [term(name="Fall"), term(start="2026-09-11"), term(end="2027-01-29")], ids=["name", "start", "end"]
)
def test_a_terms_id_changes_with_its_name_or_dates(changed: object) -> None:
    with district(*one_class()) as clever:
        before = clever.id_of("term", "2026-1")
        clever.deliver(changed)  # type: ignore[arg-type]
        after = clever.id_of("term", "2026-1")
        assert after != before
        assert clever.ids("/v3.0/terms") == [after]
        assert clever.section()["term_id"] == after
        clever.deliver(term())
        assert clever.id_of("term", "2026-1") == before


def test_teacher_staff_and_district_admin_of_one_email_are_one_user() -> None:
    rows = (
        teacher("1", "Kim@Schools.example"),
        staff("2", "kim@schools.example"),
        district_admin("3", "KIM@schools.example"),
    )
    with district(*rows) as clever:
        assert len(clever.ids("/v3.0/users")) == 1
        found = clever.user("1")
        assert set(found["roles"]) == {"teacher", "staff", "district_admin"}
        assert found["email"] == "Kim@Schools.example"
        assert clever.id_of("user", "2") == clever.id_of("user", "3") == found["id"]
        assert clever.clever.sis_of(found["id"]) == "1"


def test_students_never_merge() -> None:
    with district(student("200000001", "a@x.example"), student("200000002", "a@x.example")) as clever:
        clever.deliver(teacher("1", "a@x.example"))
        assert len(clever.ids("/v3.0/users")) == 3


def test_two_teachers_of_one_email_stay_two_users() -> None:
    with district(teacher("1", "a@x.example"), teacher("2", "a@x.example")) as clever:
        assert clever.id_of("user", "1") != clever.id_of("user", "2")


def test_adults_without_an_email_do_not_merge() -> None:
    with district(teacher("1", ""), staff("2", "")) as clever:
        assert len(clever.ids("/v3.0/users")) == 2


def test_an_email_change_merges_two_users_and_sections_follow() -> None:
    with district(staff("2", "kim@x.example"), teacher("1", "lee@x.example"), section(teachers=("1",))) as clever:
        as_teacher, as_staff = clever.id_of("user", "1"), clever.id_of("user", "2")
        clever.later(hours=1)
        clever.deliver(teacher("1", "kim@x.example"))
        merged = clever.id_of("user", "1")
        assert merged == clever.id_of("user", "2") == as_teacher
        assert clever.ids("/v3.0/users") == [merged]
        assert clever.section()["teachers"] == [merged]
        assert clever.ask(f"/v3.0/users/{as_staff}").status_code == 404


def test_an_email_change_splits_a_user_and_the_teacher_keeps_the_id() -> None:
    with district(teacher("1", "kim@x.example"), staff("2", "kim@x.example")) as clever:
        before = clever.id_of("user", "1")
        clever.deliver(staff("2", "lee@x.example"))
        assert clever.id_of("user", "1") == before
        assert clever.id_of("user", "2") != before
        assert set(clever.user("1")["roles"]) == {"teacher"}


def test_the_teacher_keeps_the_id_when_it_is_the_teachers_email_that_changes() -> None:
    with district(teacher("1", "kim@x.example"), staff("2", "kim@x.example")) as clever:
        before = clever.id_of("user", "1")
        clever.deliver(teacher("1", "lee@x.example"))
        assert clever.id_of("user", "1") == before
        assert clever.id_of("user", "2") != before
        assert len(clever.ids("/v3.0/users")) == 2


def test_who_returns_in_a_role_has_the_id_of_that_role() -> None:
    with district(teacher("1", "kim@x.example"), staff("1", "lee@x.example")) as clever:
        before = clever.id_of("user", "1", "staff")
        clever.deliver(gone(teacher("1")), gone(staff("1")))
        clever.deliver(staff("1", "lee@x.example"))
        assert clever.id_of("user", "1", "staff") == before


def test_users_who_merged_and_split_have_their_own_ids_again() -> None:
    with district(teacher("1", "lee@x.example"), staff("2", "kim@x.example")) as clever:
        before = clever.id_of("user", "1"), clever.id_of("user", "2")
        clever.deliver(staff("2", "lee@x.example"))
        clever.later(days=2)
        clever.deliver(staff("2", "kim@x.example"))
        assert (clever.id_of("user", "1"), clever.id_of("user", "2")) == before


def test_a_merged_user_who_loses_a_role_keeps_the_id() -> None:
    with district(teacher("1", "kim@x.example"), staff("2", "kim@x.example"), section(teachers=("1",))) as clever:
        before = clever.id_of("user", "1")
        clever.later(hours=1)
        clever.deliver(gone(teacher("1")))
        found = clever.user("2")
        assert found["id"] == before
        assert set(found["roles"]) == {"staff"}
        assert found["last_modified"] == "2026-09-14T11:00:00.000Z"
        assert clever.section()["teachers"] == []


def test_a_teacher_who_becomes_staff_keeps_the_id() -> None:
    with district(teacher("1", "kim@x.example")) as clever:
        before = clever.id_of("user", "1")
        clever.deliver(gone(teacher("1")), staff("1", "kim@x.example"))
        assert clever.user("1")["id"] == before
        assert set(clever.user("1")["roles"]) == {"staff"}


def test_a_returning_teacher_does_not_take_the_id_that_now_is_anothers() -> None:
    with district(teacher("1", "kim@x.example")) as clever:
        clever.deliver(gone(teacher("1")), staff("1", "kim@x.example"))
        clever.deliver(teacher("1", "lee@x.example"))
        assert clever.id_of("user", "1", "teacher") != clever.id_of("user", "1", "staff")
        assert len(clever.ids("/v3.0/users")) == 2


def test_a_case_only_change_of_an_email_moves_nobody() -> None:
    with district(teacher("1", "kim@x.example"), staff("2", "kim@x.example")) as clever:
        before = clever.id_of("user", "1")
        clever.deliver(teacher("1", "Kim@X.example"))
        assert clever.id_of("user", "1") == clever.id_of("user", "2") == before
        assert clever.user("1")["email"] == "Kim@X.example"


def test_two_teachers_swap_their_emails_and_keep_their_ids() -> None:
    with district(teacher("1", "a@x.example"), teacher("2", "b@x.example")) as clever:
        before = clever.id_of("user", "1"), clever.id_of("user", "2")
        clever.deliver(teacher("1", "b@x.example"))
        clever.deliver(teacher("2", "a@x.example"))
        assert (clever.id_of("user", "1"), clever.id_of("user", "2")) == before
