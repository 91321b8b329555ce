"""A bad row is reported by file, line, column and reason, and the rest goes in."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fakes.clever.sftp import CsvFolder, SyncReport
from fakes.clever.sftp.report import ISSUES_MAX
from fakes.clever.sftp.table import RECORD_LINES_MAX
from tests.fakes.clever.builders import District, district
from tests.fakes.clever.csv_builders import (
    ENROLLMENTS_CSV,
    FILES,
    SECTIONS_CSV,
    STUDENTS_CSV,
    TEACHERS_CSV,
    processed,
    synced,
    upload,
)


@contextmanager
def an_upload(**files: str | bytes) -> Iterator[tuple[District, SyncReport]]:
    with district() as clever:
        yield clever, synced(clever, CsvFolder(clever.clever), **files)


def said(report: SyncReport) -> list[str]:
    return [str(issue) for issue in report.issues]


def students_held(clever: District) -> list[str]:
    return [row.sis_id for row in clever.clever.delivered("student")]


def test_an_upload_without_faults_goes_in_whole() -> None:
    with an_upload() as (clever, report):
        assert (report.outcome, said(report)) == ("applied", [])
        assert [(one.file, one.rows, one.left_out) for one in report.files] == [
            ("schools.csv", 1, 0),
            ("students.csv", 2, 0),
            ("teachers.csv", 2, 0),
            ("sections.csv", 1, 0),
            ("enrollments.csv", 2, 0),
        ]
        found = clever.section()
        assert found["students"] == [clever.id_of("user", "200000001"), clever.id_of("user", "200000002")]
        assert found["teachers"] == [clever.id_of("user", "1000001"), clever.id_of("user", "1000002")]
        assert (found["subject"], found["period"], found["name"]) == ("math", "3", "Algebra 1-01")
        assert clever.user("200000001")["roles"]["student"]["dob"] == "2/3/2011"
        assert clever.get("/v3.0/terms")["data"][0]["data"]["start_date"] == "2026-09-10"
        assert clever.get("/v3.0/districts")["data"][0]["data"]["state"] == "running"


THIRD = "02M475,200000003,Wu,Ada,09,02/03/2011,ada@schools.example\n"


@pytest.mark.parametrize(
    ("row", "where", "reason"),
    [
        ("02M475,,Wu,Ada,09,02/03/2011,a@x", "4:2: Student_id:", "is empty"),
        (",200000009,Wu,Ada,09,02/03/2011,a@x", "4:1: School_id:", "is empty"),
        ("99X999,200000009,Wu,Ada,09,02/03/2011,a@x", "4:1: School_id:", "99X999 is not in schools.csv"),
        ("02M475,200000009,Wu,Ada,09,02/30/2011,a@x", "4:6: DOB:", "'02/30/2011' is no day: day"),
        ("02M475,200000009,Wu,Ada,09,3 May 11,a@x", "4:6: DOB:", "'3 May 11' is no day; write MM/DD/YYYY"),
        ("02M475,200000009,Wu,Ada,09,02/03/2011,a@x,,", "4:8:", "too many columns: 9, where the header has 7"),
        ("02M475,200000009,Wu,Ada", "4:5: Grade:", "too few columns: 4, where the header has 7"),
        ('02M475,200000009,"Wu,Ada,09,02/03/2011,a@x', "4:3: Last_name:", "a quote is opened and not closed"),
        ('02M475,200000009,"W"u,Ada,09,02/03/2011,a@x', "4:3: Last_name:", "the quotes are not right"),
        ("02M475,200000002,Wu,Ada,09,02/03/2011,a@x", "4:2: Student_id:", "200000002 stands on line 3 already"),
    ],
)
def test_a_bad_row_is_reported_and_the_rest_goes_in(row: str, where: str, reason: str) -> None:
    with an_upload(students=f"{STUDENTS_CSV}{row}\n{THIRD}") as (clever, report):
        assert len(report.issues) == 1
        told = said(report)[0]
        assert told.startswith(f"students.csv:{where}"), told
        assert reason in told
        assert told.endswith("(row left out)")
        assert report.outcome == "applied"
        assert students_held(clever) == ["200000001", "200000002", "200000003"]


def test_a_row_in_another_encoding_is_reported_and_the_rest_goes_in() -> None:
    row = "02M475,200000009,Núñez,Ada,09,02/03/2011,a@x\n".encode("latin-1")
    with an_upload(students=STUDENTS_CSV.encode() + row + THIRD.encode()) as (clever, report):
        assert said(report) == ["students.csv:4:3: Last_name: is not in UTF-8; save the file in UTF-8 (row left out)"]
        assert students_held(clever) == ["200000001", "200000002", "200000003"]


def test_an_unclosed_quote_does_not_swallow_rows_up_to_the_next_quote() -> None:
    rows = f'02M475,200000009,"Wu,Ada,09,02/03/2011,a@x\n{THIRD}02M475,200000004,"Lee, Jr.",Al,09,02/03/2011,al@x\n'
    with an_upload(students=f"{STUDENTS_CSV}{rows}") as (clever, report):
        assert [(issue.line, issue.column) for issue in report.issues] == [(4, 3)]
        assert students_held(clever) == ["200000001", "200000002", "200000003", "200000004"]
        assert clever.user("200000004")["name"]["last"] == "Lee, Jr."


def test_a_quote_that_never_closes_costs_its_row_alone_in_a_long_file() -> None:
    many = "".join(f"02M475,2000010{number:02d},Wu,Ada,09,02/03/2011,a@x\n" for number in range(99))
    with an_upload(students=f'{STUDENTS_CSV}02M475,200000009,"Wu,Ada,09,,a@x\n{many}') as (clever, report):
        assert [issue.line for issue in report.issues] == [4]
        assert len(students_held(clever)) == 101


def test_an_unclosed_quote_that_a_stray_one_closes_does_not_swallow_rows_either() -> None:
    rows = '02M475,200000009,"Wu,Ada,09,02/03/2011,a@x\n02M475,200000003,Wu,Ada,09,02/03/2011,ada"\n'
    with an_upload(students=f"{STUDENTS_CSV}{rows}") as (clever, report):
        assert [(issue.line, issue.column) for issue in report.issues] == [(4, 3)]
        assert students_held(clever) == ["200000001", "200000002", "200000003"]
        assert clever.user("200000003")["email"] == 'ada"'


@pytest.mark.parametrize(("lines", "taken"), [(RECORD_LINES_MAX, True), (RECORD_LINES_MAX + 1, False)])
def test_a_field_may_go_over_so_many_lines_and_no_more(lines: int, taken: bool) -> None:
    name = "\n".join(["W"] * lines)
    with an_upload(students=f'{STUDENTS_CSV}02M475,200000009,"{name}",Ada,09,02/03/2011,a@x\n') as (clever, report):
        assert ("200000009" in students_held(clever)) is taken
        assert (report.issues == ()) is taken


def test_a_row_over_several_lines_is_one_and_later_lines_keep_their_numbers() -> None:
    rows = '02M475,200000009,"Wu\nLee",Ada,09,02/03/2011,a@x\n\n99X999,1,Wu,Ada,09,,a@x\n'
    with an_upload(students=f"{STUDENTS_CSV}{rows}") as (clever, report):
        assert [issue.line for issue in report.issues] == [7]
        assert clever.user("200000009")["name"]["last"] == "Wu\nLee"


def test_the_first_of_two_rows_with_one_id_counts() -> None:
    again = "02M475,200000001,Other,Name,12,01/01/2009,other@x\n"
    with an_upload(students=f"{STUDENTS_CSV}{again}") as (clever, report):
        assert [issue.line for issue in report.issues] == [4]
        assert clever.user("200000001")["name"]["last"] == "Chen"


def test_a_row_for_a_second_school_adds_the_school() -> None:
    schools = "School_id,School_name\n02M475,Stuyvesant\n22K405,Midwood\n"
    again = "22K405,1000002,lee@schools.example,Lee,Brown,Teacher\n"
    with an_upload(schools=schools, teachers=f"{TEACHERS_CSV}{again}") as (clever, report):
        assert said(report) == []
        role = clever.user("1000002")["roles"]["teacher"]
        assert role["school"] == clever.id_of("school", "02M475")
        assert role["schools"] == [clever.id_of("school", "02M475"), clever.id_of("school", "22K405")]


def test_an_enrollment_in_an_unknown_section_is_left_out() -> None:
    rows = "02M475,geometry,200000001\n02M475,algebra,200000001\n77X777,algebra,200000001\n"
    with an_upload(enrollments=f"{ENROLLMENTS_CSV}{rows}") as (clever, report):
        assert said(report) == [
            "enrollments.csv:4:2: Section_id: geometry is not in sections.csv (row left out)",
            "enrollments.csv:5:3: Student_id: 200000001 is in section algebra already; the first counts (row left out)",
            "enrollments.csv:6:1: School_id: 77X777 is not in schools.csv (row left out)",
        ]
        assert len(clever.section()["students"]) == 2


def test_a_malformed_day_of_a_term_costs_the_section() -> None:
    with an_upload(sections=SECTIONS_CSV.replace("09/10/2026", "September")) as (clever, report):
        assert said(report)[0].startswith("sections.csv:2:11: Term_start: 'September' is no day")
        assert said(report)[1].startswith("enrollments.csv:2:2: Section_id: algebra is not in sections.csv")
        assert clever.clever.clever_id("section", "algebra") is None


def test_a_course_that_is_told_twice_differently_is_as_told_first() -> None:
    row = "02M475,geometry,1000001,,Geometry,Geometry,MATH9,4,Mathematics,Fall 2026,09/10/2026,01/30/2027\n"
    with an_upload(sections=f"{SECTIONS_CSV}{row}") as (clever, report):
        assert said(report) == ["sections.csv:3:6: Course_name: is not as before for course MATH9; the first counts"]
        assert [item["data"]["name"] for item in clever.get("/v3.0/courses")["data"]] == ["Algebra 1"]


def test_terms_without_ids_are_told_apart_by_name_and_dates() -> None:
    row = "02M475,geometry,1000001,,Geometry,Algebra 1,MATH9,4,Mathematics,Fall 2026,09/10/2026,06/26/2027\n"
    with an_upload(sections=f"{SECTIONS_CSV}{row}") as (clever, report):
        assert said(report) == []
        assert len(clever.ids("/v3.0/terms")) == 2


def test_columns_that_nobody_knows_are_named_and_not_read() -> None:
    lines = STUDENTS_CSV.splitlines()
    students = f"{lines[0]},Shoe_size,ext.locker\n{lines[1]},42,B-17\n"
    with an_upload(students=students, enrollments=ENROLLMENTS_CSV.rsplit("02M475", 1)[0]) as (clever, report):
        assert said(report) == ["students.csv:1:8: Shoe_size: is no column of this file, and is not read"]
        assert clever.user("200000001")["roles"]["student"]["ext"] == {"locker": "B-17"}


def test_the_contacts_of_students_are_read_one_a_row() -> None:
    students = (
        "School_id,Student_id,Last_name,First_name,Contact_name,Contact_email,Contact_relationship,Contact_phone\n"
        "02M475,200000001,Chen,Mei,Ana Maria Chen,ana@home.example,Parent,(212) 555-0100\n"
        "02M475,200000001,Chen,Mei,Bo Chen,,Grandparent,\n"
        "02M475,200000002,Chen,Lin,Ana Maria Chen,ana@home.example,Parent,\n"
        "02M475,200000002,Chen,Lin,,,,\n"
    )
    with an_upload(students=students) as (clever, report):
        assert [(issue.line, issue.left_out) for issue in report.issues] == [(5, True)]
        assert clever.get("/v3.1/users?role=contact&count=true") == {"count": 2}
        ana = clever.user("ana@home.example")
        assert ana["name"] == {"first": "Ana Maria", "last": "Chen"}
        assert ana["roles"]["contact"]["phone"] == "(212) 555-0100"
        children = {one["student"] for one in ana["roles"]["contact"]["student_relationships"]}
        assert children == {clever.id_of("user", "200000001"), clever.id_of("user", "200000002")}
        bo = clever.user("200000001 Bo Chen")["roles"]["contact"]["student_relationships"]
        assert [one["relationship"] for one in bo] == ["Grandparent"]


def test_issues_stand_in_the_order_of_files_and_lines() -> None:
    students = f"{STUDENTS_CSV}99X999,1,Wu,Ada,09,,a@x\n"
    lines = SECTIONS_CSV.replace("Subject", "Topic")
    with an_upload(students=students, sections=lines, teachers=TEACHERS_CSV.replace("1000001", "1")) as (_, report):
        assert [(issue.file, issue.line, issue.column) for issue in report.issues] == [
            ("students.csv", 4, 1),
            ("sections.csv", 1, 9),
            ("sections.csv", 2, 3),
        ]


def test_what_a_district_says_is_not_invented() -> None:
    students = "School_id,Student_id,Last_name,First_name,Race,Ell_status,Student_zip,Graduation_year\n"
    with an_upload(students=f"{students}02M475,200000001,Chen,Mei,Asian,Y,10282,2031\n") as (clever, _):
        role = clever.user("200000001")["roles"]["student"]
        assert (role["race"], role["ell_status"], role["graduation_year"]) == ("Asian", "Y", "2031")
        assert role["location"]["zip"] == "10282"


def test_a_report_is_bounded_and_says_so() -> None:
    rows = "99X999,1,Wu,Ada,09,,a@x\n" * (ISSUES_MAX + 7)
    with an_upload(students=f"{STUDENTS_CSV}{rows}") as (_, report):
        assert (len(report.issues), report.issues_unlisted) == (ISSUES_MAX, 7)
        assert report.files[1].left_out == ISSUES_MAX + 7
        assert report.text().endswith("7 more issues are not listed")


# Files


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbf" + STUDENTS_CSV.encode(), STUDENTS_CSV.replace("\n", "\r\n").encode()]
)
def test_a_bom_and_crlf_do_no_harm(content: bytes) -> None:
    with an_upload(students=content) as (clever, report):
        assert (report.outcome, said(report)) == ("applied", [])
        assert students_held(clever) == ["200000001", "200000002"]


def test_columns_may_stand_in_any_order() -> None:
    enrollments = "Student_id,School_id,Section_id\n200000001,02M475,algebra\n"
    with an_upload(enrollments=enrollments) as (clever, report):
        assert said(report) == []
        assert len(clever.section()["students"]) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (STUDENTS_CSV.replace(",", ";"), "students.csv separates its columns by semicolons; write commas"),
        (STUDENTS_CSV.replace(",", "\t"), "students.csv separates its columns by tabs; write commas"),
        (STUDENTS_CSV.replace(",", "|"), "students.csv separates its columns by bars; write commas"),
        (STUDENTS_CSV.encode("utf-16"), "students.csv is in UTF-16; save it in UTF-8"),
        ("", "students.csv has no header that can be read; its first line names the columns"),
        (
            STUDENTS_CSV.replace("Student_id", "STUDENT_ID"),
            "students.csv has no column Student_id; headers are written",
        ),
        (STUDENTS_CSV.replace("Grade", "DOB"), "students.csv has the column DOB twice"),
    ],
)
def test_a_file_that_cannot_be_read_fails_the_sync_and_nothing_changes(content: str | bytes, reason: str) -> None:
    with district() as clever:
        folder = CsvFolder(clever.clever)
        synced(clever, folder)
        report = synced(clever, folder, students=content, teachers="School_id,Teacher_id,First_name,Last_name\n")
        assert report.outcome == "failed"
        assert report.reason.startswith(reason)
        assert clever.clever.clever_id("user", "1000001") is not None
        found = clever.get("/v3.0/districts")["data"][0]["data"]
        assert (found["state"], found["error"]) == ("error", report.reason)
        assert synced(clever, folder).outcome == "applied"
        assert clever.get("/v3.0/districts")["data"][0]["data"]["state"] == "running"


def test_a_file_with_another_name_is_named_and_not_read() -> None:
    with district() as clever:
        folder = CsvFolder(clever.clever)
        upload(folder, {**FILES, "Students.csv": STUDENTS_CSV})
        told = said(processed(clever, folder))
        assert len(told) == 1
        assert told[0].startswith("Students.csv:0: is no file of an upload, and is not read; there are: schools.csv")
