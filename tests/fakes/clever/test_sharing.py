"""H11 and A16: only what is shared can be read, and other records go on naming the rest."""

from fakes.clever import Row
from tests.fakes.clever.builders import (
    MIDWOOD,
    STUYVESANT,
    contact,
    course,
    district,
    district_admin,
    school,
    section,
    student,
    teacher,
    term,
)


def two_schools() -> tuple[Row, ...]:
    """Stuyvesant and Midwood; one student goes to both, and Midwood's teacher helps at Stuyvesant."""
    return (
        school(),
        school(MIDWOOD, "Midwood High School"),
        term(),
        course(),
        course("ENG9", "English 9"),
        teacher("1000001"),
        teacher("1000002", schools=(MIDWOOD,)),
        student("200000001"),
        student("200000002", schools=(MIDWOOD, STUYVESANT)),
        student("200000003", schools=(MIDWOOD,)),
        district_admin("4000001", schools=(MIDWOOD,)),
        contact("8", "200000003"),
        contact("9", "200000002"),
        section("algebra", ("1000002", "1000001"), ("200000001", "200000002", "200000003")),
        section("english", ("1000002",), ("200000002",), school=MIDWOOD, course="ENG9"),
    )


HIDDEN = (("school", MIDWOOD), ("user", "1000002"), ("user", "200000003"), ("user", "8"), ("section", "english"))
SHOWN = (("school", STUYVESANT), ("user", "1000001"), ("user", "200000002"), ("user", "4000001"), ("user", "9"))


def test_what_belongs_to_unshared_schools_alone_is_neither_found_nor_listed() -> None:
    with district(*two_schools()) as clever:
        clever.clever.share_all_but({MIDWOOD})
        listed = [one for kind in ("schools", "users", "sections") for one in clever.ids(f"/v3.0/{kind}")]
        for kind, sis_id in HIDDEN:
            one = clever.id_of(kind, sis_id)
            assert clever.ask(f"/v3.0/{kind}s/{one}").status_code == 404, sis_id
            assert one not in listed
            assert not clever.clever.shares(one)
        for kind, sis_id in SHOWN:
            one = clever.id_of(kind, sis_id)
            assert clever.ask(f"/v3.0/{kind}s/{one}").status_code == 200, sis_id
            assert one in listed
            assert clever.clever.shares(one)


def test_counts_and_roles_leave_the_unshared_out() -> None:
    with district(*two_schools()) as clever:
        clever.clever.share_all_but({MIDWOOD})
        assert clever.get("/v3.0/users?count=true&role=student") == {"count": 2}
        assert clever.get("/v3.0/schools?count=true") == {"count": 1}
        assert clever.ids("/v3.0/users?role=teacher") == [clever.id_of("user", "1000001")]


def test_a_shared_section_goes_on_naming_people_who_are_not_shared() -> None:
    with district(*two_schools()) as clever:
        before = clever.section("algebra")
        clever.clever.share_all_but({MIDWOOD})
        assert clever.section("algebra") == before
        assert before["teacher"] == clever.id_of("user", "1000002")
        here = f"/v3.0/sections/{before['id']}/users"
        assert {clever.clever.sis_of(one) for one in clever.ids(here)} == {"1000001", "200000001", "200000002"}


def test_a_two_school_student_goes_on_naming_the_unshared_school() -> None:
    with district(*two_schools()) as clever:
        clever.clever.share_all_but({MIDWOOD})
        role = clever.user("200000002")["roles"]["student"]
        hidden = clever.id_of("school", MIDWOOD)
        assert role["school"] == hidden
        assert hidden in role["schools"]
        assert clever.ids(f"/v3.0/users/{clever.id_of('user', '200000002')}/schools") == [
            clever.id_of("school", STUYVESANT)
        ]


def test_relations_do_not_pass_through_what_is_not_shared() -> None:
    with district(*two_schools()) as clever:
        clever.clever.share_all_but({MIDWOOD})
        one = clever.id_of("user", "200000002")
        assert clever.ids(f"/v3.0/users/{one}/sections") == [clever.id_of("section", "algebra")]
        assert clever.ids(f"/v3.0/terms/{clever.id_of('term', '2026-1')}/schools") == [
            clever.id_of("school", STUYVESANT)
        ]
        assert clever.ids(f"/v3.0/courses/{clever.id_of('course', 'ENG9')}/sections") == []
        assert clever.ask(f"/v3.0/schools/{clever.id_of('school', MIDWOOD)}/users").status_code == 404


def test_people_who_meet_only_in_an_unshared_section_do_not_meet() -> None:
    hidden = section("history", ("1000003",), ("200000002",), school=MIDWOOD)
    with district(*two_schools(), teacher("1000003"), hidden) as clever:
        one, other = clever.id_of("user", "200000002"), clever.id_of("user", "1000003")
        assert other in clever.ids(f"/v3.0/users/{one}/myteachers")
        clever.clever.share_all_but({MIDWOOD})
        assert clever.ids(f"/v3.0/users/{one}/myteachers") == [clever.id_of("user", "1000001")]
        assert clever.ids(f"/v3.0/users/{other}/mystudents") == []


def test_the_roster_for_judges_holds_shared_people_only() -> None:
    with district(*two_schools()) as clever:
        clever.clever.share_all_but({MIDWOOD})
        assert clever.clever.section_members("algebra") == (
            ("co_teacher", "1000001"),
            ("student", "200000001"),
            ("student", "200000002"),
        )
        assert clever.clever.section_members("english") == ()


def test_sharing_holds_for_later_deliveries() -> None:
    with district(*two_schools()) as clever:
        clever.clever.share_all_but({MIDWOOD})
        clever.deliver(student("200000004", schools=(MIDWOOD,)), student("200000003", schools=(STUYVESANT,)))
        assert not clever.clever.shares(clever.id_of("user", "200000004"))
        assert clever.clever.shares(clever.id_of("user", "200000003"))
        assert clever.clever.shares(clever.id_of("user", "8")), "the contact of a student who is shared now"


def test_an_empty_set_shares_everything_again() -> None:
    with district(*two_schools()) as clever:
        before = clever.get("/v3.0/users")
        clever.clever.share_all_but({MIDWOOD, STUYVESANT})
        assert {clever.clever.sis_of(one) for one in clever.ids("/v3.0/users")} == {"4000001"}
        clever.clever.share_all_but(set())
        assert clever.get("/v3.0/users") == before
