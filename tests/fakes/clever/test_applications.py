"""Several applications in one district: each reads what is shared with it, and nothing else (H11)."""

from typing import Any

import pytest

from fakes.clever import Application, Clever, Row, Sharing, create_app
from fakes.clever.applications import APPLICATIONS_MAX
from fakes.clever.connections import UnknownApplication
from tests.fakes.clever.builders import (
    MIDWOOD,
    STUYVESANT,
    District,
    contact,
    course,
    district,
    one_class,
    resource,
    school,
    section,
    student,
    teacher,
)

QUIZZES = Application.named("Quizzes")


def two_schools() -> tuple[Row, ...]:
    return (
        *one_class(),
        school(MIDWOOD, "Midwood High School"),
        course("ENG9", "English 9"),
        teacher("1000002", schools=(MIDWOOD,)),
        student("200000002", schools=(MIDWOOD,)),
        contact("9", "200000002"),
        section("english", ("1000002",), ("200000002", "200000001"), school=MIDWOOD, course="ENG9"),
        resource("R2", sections=("english",), courses=()),
    )


def connected(clever: District, sharing: Sharing) -> str:
    clever.clever.admission.connect(QUIZZES, sharing)
    return clever.clever.admission.issue_token(QUIZZES)


def read(clever: District, uri: str, token: str) -> Any:
    answer = clever.ask(uri, token)
    assert answer.status_code == 200, (uri, answer.text)
    return answer.get_json()


def names(clever: District, kind: str, token: str) -> set[str | None]:
    items = read(clever, f"/v3.0/{kind}?limit=1000", token)["data"]
    return {clever.clever.sis_of(item["data"]["id"]) for item in items}


def test_each_application_reads_the_schools_that_are_shared_with_it() -> None:
    with district(*two_schools()) as clever:
        token = connected(clever, Sharing(all_schools_but=(STUYVESANT,)))
        clever.clever.share_all_but({MIDWOOD})
        assert names(clever, "schools", clever.token) == {STUYVESANT}
        assert names(clever, "schools", token) == {MIDWOOD}
        assert names(clever, "users", clever.token) == {"1000001", "200000001"}
        assert names(clever, "users", token) == {"1000002", "200000002", "9"}
        assert names(clever, "resources", token) == {"R2"}
        assert names(clever, "resources", clever.token) == set()


def test_what_is_not_shared_is_a_404_though_other_records_name_it() -> None:
    with district(*two_schools()) as clever:
        token = connected(clever, Sharing(all_schools_but=(STUYVESANT,)))
        english = read(clever, f"/v3.0/sections/{clever.id_of('section', 'english')}", token)["data"]
        hidden = clever.id_of("user", "200000001")
        assert hidden in english["students"]
        assert clever.ask(f"/v3.0/users/{hidden}", token).status_code == 404
        assert clever.ask(f"/v3.0/users/{hidden}").status_code == 200
        assert hidden not in [
            item["data"]["id"] for item in read(clever, f"/v3.0/sections/{english['id']}/users", token)["data"]
        ]


def test_types_of_records_that_are_not_shared_are_absent_everywhere() -> None:
    with district(*two_schools()) as clever:
        token = connected(clever, Sharing(kinds=("school", "section")))
        assert (
            names(clever, "users", token) == names(clever, "courses", token) == names(clever, "terms", token) == set()
        )
        assert len(names(clever, "sections", token)) == 2
        here = f"/v3.0/sections/{clever.id_of('section', 'algebra')}"
        assert read(clever, f"{here}/users", token)["data"] == []
        assert clever.ask(f"{here}/course", token).status_code == 404
        assert read(clever, "/v3.0/users?count=true", token) == {"count": 0}
        assert len(read(clever, "/v3.0/districts", token)["data"]) == 1, "the district itself is always shared"


def test_hidden_fields_are_left_out_of_lists_and_of_single_records() -> None:
    hidden = ("users.roles.student.dob", "users.email", "sections.students", "users.roles.teacher")
    with district(*two_schools()) as clever:
        token = connected(clever, Sharing(hidden_fields=hidden))
        one = clever.id_of("user", "200000001")
        whole, narrow = clever.user("200000001"), read(clever, f"/v3.0/users/{one}", token)["data"]
        assert set(whole) - set(narrow) == {"email"}
        assert set(whole["roles"]["student"]) - set(narrow["roles"]["student"]) == {"dob"}
        listed = read(clever, "/v3.0/users?limit=1000", token)["data"]
        assert narrow in [item["data"] for item in listed]
        assert all("teacher" not in item["data"]["roles"] for item in listed)
        assert all("students" not in item["data"] for item in read(clever, "/v3.1/sections", token)["data"])
        assert "students" in clever.section()


@pytest.mark.parametrize("path", ["dob", "students.dob", "users", "users."])
def test_a_field_of_no_list_cannot_be_hidden(path: str) -> None:
    with district() as clever:
        before = clever.clever.admission.connections
        with pytest.raises(ValueError, match=r"users\.roles\.student\.dob"):
            clever.clever.admission.connect(QUIZZES, Sharing(hidden_fields=(path,)))
        with pytest.raises(ValueError, match="is no field"):
            clever.clever.admission.share(Sharing(hidden_fields=(path,)))
        assert clever.clever.admission.connections == before


def test_sharing_changes_for_one_application_alone_and_holds_for_later_deliveries() -> None:
    with district(*two_schools()) as clever:
        token = connected(clever, Sharing())
        before = clever.get("/v3.1/users")
        clever.clever.admission.share(Sharing(all_schools_but=(MIDWOOD,)), QUIZZES)
        clever.deliver(student("200000003", schools=(MIDWOOD,)), student("200000004"))
        assert names(clever, "users", token) == {"1000001", "200000001", "200000004"}
        assert len(clever.get("/v3.1/users")["data"]) == len(before["data"]) + 2


def test_share_all_but_keeps_what_else_was_agreed_with_the_first_application() -> None:
    with district(*two_schools()) as clever:
        clever.clever.admission.share(Sharing(kinds=("school",), hidden_fields=("schools.phone",)))
        clever.clever.share_all_but({MIDWOOD})
        (found,) = clever.get("/v3.0/schools")["data"]
        assert "phone" not in found["data"]
        assert clever.ids("/v3.0/users") == []


def test_tokens_are_each_applications_own() -> None:
    with district(*two_schools()) as clever:
        token = connected(clever, Sharing())
        clever.clever.admission.disconnect(QUIZZES)
        assert clever.ask("/v3.0/me", token).status_code == 401
        assert clever.ask("/v3.0/me").status_code == 200
        clever.clever.admission.connect(QUIZZES)
        assert clever.ask("/v3.0/me", token).status_code == 401, "connected again, and the old token stays worthless"


def test_an_application_that_was_never_connected_is_unknown() -> None:
    with district() as clever:
        for do in (clever.clever.admission.disconnect, clever.clever.admission.issue_token):
            with pytest.raises(UnknownApplication, match="connect it first"):
                do(QUIZZES)


def test_a_district_has_room_for_62_applications() -> None:
    with district(*one_class()) as clever:
        for number in range(1, APPLICATIONS_MAX):
            clever.clever.admission.connect(Application.named(f"app {number}"), Sharing(all_schools_but=(MIDWOOD,)))
        last = clever.clever.admission.issue_token(Application.named(f"app {APPLICATIONS_MAX - 1}"))
        assert names(clever, "users", last) == {"1000001", "200000001"}
        with pytest.raises(ValueError, match="62 applications"):
            clever.clever.admission.connect(QUIZZES)


def test_a_copy_keeps_every_application() -> None:
    with district(*two_schools()) as clever:
        token = connected(clever, Sharing(all_schools_but=(STUYVESANT,), hidden_fields=("users.email",)))
        copy = Clever.restored(clever.clever.snapshot(), lambda: clever.now)
        headers = {"Authorization": f"Bearer {token}"}
        answer = create_app(copy).test_client().get("/v3.0/users", headers=headers)
        assert answer.data == clever.ask("/v3.0/users", token).data
        copy.close()


def test_ids_and_secrets_of_applications_follow_from_name_and_seed() -> None:
    same, other, third = Application.named("Quizzes"), Application.named("Quizzes", 2), Application.named("Books")
    assert same == QUIZZES
    assert len({one.client_id for one in (same, other, third)}) == 3
    assert len({one.client_secret for one in (same, other, third)}) == 3
