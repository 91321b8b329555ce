"""What a Clever holds leaves as a CSV folder and comes back without loss."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.clever import Removal, ResourceRow, Row
from fakes.clever.sftp import CsvFolder, export_files, export_folder
from fakes.clever.sftp.writing import NoColumn
from tests.fakes.clever.builders import (
    District,
    course,
    district,
    one_class,
    school,
    section,
    staff,
    student,
    teacher,
    term,
)
from tests.fakes.clever.csv_builders import FILES, made_up, processed

SPACES = ("school", "term", "course", "student", "teacher", "staff", "district_admin", "contact", "section", "resource")


def rows_of(clever: District) -> list[Row]:
    return [row for space in SPACES for row in clever.clever.delivered(space)]


def carried(clever: District, other: District) -> None:
    """Carry what one Clever holds to another as files."""
    folder = CsvFolder(other.clever)
    for name, content in export_files(clever.clever).items():
        folder.upload(name, content)
    report = processed(other, folder)
    assert (report.outcome, report.issues) == ("applied", ()), report.text()


def test_a_district_of_ten_thousand_students_comes_back_to_the_byte() -> None:
    with district(*made_up(10_000)) as first, district() as second:
        written = export_files(first.clever)
        carried(first, second)
        assert export_files(second.clever) == written
        assert rows_of(second) == rows_of(first)
        assert len(written["students.csv"].splitlines()) > 10_000


def test_a_district_that_was_carried_over_says_the_same_on_the_wire() -> None:
    with district(*made_up(60)) as first, district() as second:
        carried(first, second)
        for kind in ("schools", "courses", "terms"):
            told = [
                sorted(item["data"]["name"] for item in clever.get(f"/v3.1/{kind}")["data"])
                for clever in (first, second)
            ]
            assert told[0] == told[1]
        assert [second.clever.section_members(f"S{number}") for number in range(15)] == [
            first.clever.section_members(f"S{number}") for number in range(15)
        ]


def test_the_files_have_clevers_names_and_headers() -> None:
    with district(*one_class()) as clever:
        written = export_files(clever.clever)
        assert list(written) == [
            "schools.csv", "students.csv", "teachers.csv", "staff.csv", "sections.csv", "enrollments.csv",
        ]  # fmt: skip
        headers = {name: content.decode().splitlines()[0] for name, content in written.items()}
        assert headers["enrollments.csv"] == "School_id,Section_id,Student_id"
        assert headers["sections.csv"].startswith("School_id,Section_id,Teacher_id,Teacher_2_id,Teacher_3_id")
        assert "Teacher_10_id,Name,Section_number,Course_name,Course_number" in headers["sections.csv"]
        assert written["students.csv"].decode().splitlines()[1] == (
            "02M475,200000001,200000001,Person1,Ada,09,,02/03/2011,student.200000001@schools.example"
        )


def test_a_folder_loses_the_files_that_say_nothing_any_more(tmp_path: Path) -> None:
    with district(*one_class(), course("ART", "Drawing")) as clever:
        export_folder(clever.clever, tmp_path)
        assert (tmp_path / "courses.csv").read_text() == "Course_number,Course_name,Subject\nART,Drawing,Mathematics\n"
        clever.deliver(Removal("course", "ART"))
        export_folder(clever.clever, tmp_path)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == export_files(clever.clever)
        assert not (tmp_path / "courses.csv").exists()


def test_who_is_named_and_not_held_is_named_again() -> None:
    rows = (*one_class()[:5], section(teachers=("7", "1000001"), students=("8", "200000001")))
    with district(*rows) as first, district() as second:
        folder = CsvFolder(second.clever)
        for name, content in export_files(first.clever).items():
            folder.upload(name, content)
        report = processed(second, folder)
        assert [(issue.name, issue.left_out) for issue in report.issues] == [
            ("Teacher_id", False),
            ("Student_id", False),
        ]
        assert rows_of(second) == rows_of(first)


def test_courses_and_terms_that_are_named_and_not_held_do_not_come_to_be() -> None:
    with district(school(), teacher(), student(), section()) as first, district() as second:
        carried(first, second)
        assert rows_of(second) == rows_of(first)
        second.deliver(term(), course())
        assert second.section()["course"] == second.id_of("course", "MATH9")


def test_an_upload_leaves_with_clevers_own_columns_alone() -> None:
    with district() as clever:
        folder = CsvFolder(clever.clever)
        for name, content in FILES.items():
            folder.upload(name, content.encode())
        processed(clever, folder)
        written = export_files(clever.clever)
        assert sorted(written) == sorted([*FILES, "staff.csv"])
        assert b"Term_id" not in written["sections.csv"]
        assert b"Fall 2026,09/10/2026,01/30/2027" in written["sections.csv"]


def test_what_no_column_holds_is_not_lost_in_silence() -> None:
    child = student(given=(("ext.bus", "B46"), ("shoe_size", "42")))
    with district(*one_class(), child) as clever, pytest.raises(NoColumn, match="has no column for shoe_size, which"):
        export_files(clever.clever)


def test_more_than_ten_teachers_are_kept() -> None:
    people = [teacher(f"10000{number}") for number in range(10, 23)]
    rows = (*one_class(), *people, section(teachers=tuple(row.sis_id for row in people)))
    with district(*rows) as first, district() as second:
        carried(first, second)
        assert rows_of(second) == rows_of(first)


def test_resources_are_kept_with_all_they_are_assigned_to() -> None:
    resources = (
        ResourceRow("R1", "Atlas", ("student",), ("algebra", "geometry"), ("MATH9",), ("1000001",), ("200000001", "8")),
        ResourceRow("R2", "Globe", ("student", "teacher")),
        ResourceRow("R3", "", ()),
    )
    with district(*one_class(), *resources) as first, district() as second:
        carried(first, second)
        assert rows_of(second) == rows_of(first)


TEXT = st.text(st.characters(codec="utf-8"), max_size=8)


@given(TEXT, TEXT, TEXT)
@settings(max_examples=60, deadline=None)
def test_any_text_comes_back(first_name: str, title: str, subject: str) -> None:
    rows = (
        *one_class()[:1],
        term(first_name or "Fall"),
        course(name=title or "Algebra", subject=subject),
        student(first_name=first_name, last_name=title),
        teacher(title=title),
        staff(title=subject),
        section(name=title, period=subject),
    )
    with district(*rows) as first, district() as second:
        carried(first, second)
        assert rows_of(second) == rows_of(first)
