"""What a removed student did is hidden, and there again when they return (H7)."""

from typing import Any

from tests.fakes.otus.builders import District, people, rostered_class, sandbox, write_accounts, write_classes


def work(district: District, class_id: int) -> list[tuple[str, bool]]:
    items: list[dict[str, Any]] = district.support("GET", f"/classes/{class_id}/work").body["items"]
    return [(item["title"], item["hidden"]) for item in items]


def test_a_student_of_the_class_hands_in_work(district: District) -> None:
    tom, ana = people(district, "teacher", "student")
    algebra = rostered_class(district, tom, students=(ana,))
    answer = district.person(ana, "POST", f"/classes/{algebra}/work", {"title": "Essay"})
    assert answer.status == 201
    assert answer.body == {
        "id": 1,
        "class_id": algebra,
        "student": ana,
        "title": "Essay",
        "handed_in": district.now(),
        "hidden": False,
    }
    assert district.support("GET", f"/classes/{algebra}/work").body == {"items": [answer.body], "next": None}


def test_nobody_else_hands_in_work(district: District) -> None:
    tom, ana, ben = people(district, "teacher", "student", "student")
    algebra = rostered_class(district, tom, students=(ana,))
    body = {"title": "Essay"}
    assert district.person(tom, "POST", f"/classes/{algebra}/work", body).status == 403
    assert district.person(ben, "POST", f"/classes/{algebra}/work", body).status == 403
    assert district.support("POST", f"/classes/{algebra}/work", body).status == 403
    assert district.person(ana, "POST", "/classes/999/work", body).status == 404
    assert work(district, algebra) == []


def test_work_is_hidden_while_the_student_is_out_of_the_class(district: District) -> None:
    tom, ana, ben = people(district, "teacher", "student", "student")
    algebra = rostered_class(district, tom, students=(ana, ben))
    for student, title in ((ana, "Essay"), (ben, "Poem")):
        district.person(student, "POST", f"/classes/{algebra}/work", {"title": title})
    write_classes(district, {"id": algebra, "clever_id": "s1", "roster": {"teacher": tom, "students": [ben]}})
    assert work(district, algebra) == [("Essay", True), ("Poem", False)]
    write_classes(district, {"id": algebra, "clever_id": "s1", "roster": {"teacher": tom, "students": [ana]}})
    assert work(district, algebra) == [("Essay", False), ("Poem", True)]


def test_work_of_a_deactivated_student_is_hidden_until_they_return(district: District) -> None:
    tom, ana = people(district, "teacher", "student")
    practice = sandbox(district, tom)
    district.person(tom, "POST", f"/classes/{practice}/members", {"part": "student", "account": ana})
    district.person(ana, "POST", f"/classes/{practice}/work", {"title": "Essay"})
    write_accounts(district, {"id": ana, "clever_id": "c2", "active": False})
    assert work(district, practice) == [("Essay", True)]
    write_accounts(district, {"id": ana, "clever_id": "c2", "active": True})
    assert work(district, practice) == [("Essay", False)]
