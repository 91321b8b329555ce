"""Uploads are processed five minutes after the last one, full files each time."""

from datetime import timedelta

import pytest

from fakes.clever import CleverSettings, Removal
from fakes.clever.hold import HoldSettings
from fakes.clever.sftp import CsvFolder, FileRefused
from fakes.clever.sftp import folder as folder_module
from tests.fakes.clever.builders import MONDAY, District, contact, district, district_admin
from tests.fakes.clever.csv_builders import ENROLLMENTS_CSV, FILES, STUDENTS_CSV, processed, synced, upload

ONE_STUDENT = STUDENTS_CSV.rsplit("02M475", 1)[0]
ONE_ENROLLMENT = ENROLLMENTS_CSV.rsplit("02M475", 1)[0]


def held_students(clever: District) -> list[str]:
    return [row.sis_id for row in clever.clever.delivered("student")]


def test_nothing_is_due_without_an_upload() -> None:
    with district() as clever:
        folder = CsvFolder(clever.clever)
        assert folder.due() is None
        assert folder.process(clever.now).outcome == "waiting"


def test_files_are_processed_five_minutes_after_the_last_upload() -> None:
    with district() as clever:
        folder = CsvFolder(clever.clever)
        upload(folder)
        assert folder.due() == MONDAY + timedelta(minutes=5)
        clever.later(minutes=4)
        folder.upload("enrollments.csv", ENROLLMENTS_CSV.encode())
        assert folder.due() == MONDAY + timedelta(minutes=9)
        clever.later(minutes=4, seconds=59)
        waiting = folder.process(clever.now)
        assert (waiting.outcome, held_students(clever)) == ("waiting", [])
        assert "2026-09-14T10:09:00.000Z" in waiting.reason
        clever.later(seconds=1)
        assert folder.process(clever.now).outcome == "applied"
        assert held_students(clever) == ["200000001", "200000002"]
        assert folder.due() is None
        assert clever.get("/v3.0/districts")["data"][0]["data"]["last_sync"] == "2026-09-14T10:09:00.000Z"


def test_what_is_no_longer_in_the_files_is_removed() -> None:
    with district() as clever:
        folder = CsvFolder(clever.clever)
        synced(clever, folder)
        report = synced(clever, folder, students=ONE_STUDENT, enrollments=ONE_ENROLLMENT)
        assert report.removed == {"student": 1}
        assert held_students(clever) == ["200000001"]
        assert clever.section()["students"] == [clever.id_of("user", "200000001")]


def test_a_full_upload_of_the_same_changes_nothing() -> None:
    with district() as clever:
        folder = CsvFolder(clever.clever)
        synced(clever, folder)
        before = [clever.ask(f"/v3.1/{kind}").data for kind in ("users", "sections", "terms", "courses", "schools")]
        assert synced(clever, folder).removed == {}
        assert [
            clever.ask(f"/v3.1/{kind}").data for kind in ("users", "sections", "terms", "courses", "schools")
        ] == before


def test_a_row_that_is_left_out_takes_its_record_away() -> None:
    with district() as clever:
        folder = CsvFolder(clever.clever)
        synced(clever, folder)
        report = synced(clever, folder, students=STUDENTS_CSV.replace("12/10/2010", "12/40/2010"))
        assert [issue.line for issue in report.issues if issue.left_out] == [3]
        assert held_students(clever) == ["200000001"]


def test_people_whom_no_file_holds_stay() -> None:
    with district(district_admin(), contact("9", "200000001")) as clever:
        synced(clever, CsvFolder(clever.clever))
        assert clever.clever.clever_id("user", "4000001") is not None
        assert clever.clever.clever_id("user", "9") is not None


def test_staff_who_are_teachers_too_are_one_user() -> None:
    staff = "School_id,Staff_id,Staff_email,First_name,Last_name,Department,Title\n"
    with district() as clever:
        synced(clever, CsvFolder(clever.clever), staff=f"{staff}02M475,77,kim@schools.example,Kim,Green,Math,Coach\n")
        roles = clever.user("77", "staff")["roles"]
        assert set(roles) == {"teacher", "staff"}
        assert (roles["staff"]["department"], roles["staff"]["title"]) == ("Math", "Coach")


@pytest.mark.parametrize("missing", sorted(FILES))
def test_a_missing_file_fails_the_sync_until_it_comes(missing: str) -> None:
    with district() as clever:
        folder = CsvFolder(clever.clever)
        upload(folder, {name: content for name, content in FILES.items() if name != missing})
        report = processed(clever, folder)
        assert (report.outcome, report.reason) == (
            "failed",
            f"{missing} is missing; upload all files each time, whole",
        )
        assert held_students(clever) == []
        assert folder.due() is None
        folder.upload(missing, FILES[missing].encode())
        assert processed(clever, folder).outcome == "applied"
        assert [one.outcome for one in folder.reports] == ["failed", "applied"]


def test_a_half_uploaded_folder_is_refused() -> None:
    with district() as clever:
        folder = CsvFolder(clever.clever)
        synced(clever, folder)
        folder.upload("students.csv", ONE_STUDENT.encode())
        report = processed(clever, folder)
        assert report.outcome == "failed"
        assert report.reason.startswith("schools.csv was not uploaded with the others")
        assert len(held_students(clever)) == 2


def test_by_its_quirk_a_half_uploaded_folder_is_processed_with_what_lies_there() -> None:
    with district(settings=CleverSettings(quirks=frozenset({"half_uploaded_csv"}))) as clever:
        folder = CsvFolder(clever.clever)
        synced(clever, folder)
        folder.upload("students.csv", ONE_STUDENT.encode())
        assert processed(clever, folder).removed == {"student": 1}
        assert len(clever.section()["students"]) == 1
        folder.remove("enrollments.csv")
        assert processed(clever, folder).outcome == "applied"
        assert clever.section()["students"] == []


def test_by_its_quirk_a_first_upload_of_one_file_is_all_there_is() -> None:
    with district(settings=CleverSettings(quirks=frozenset({"half_uploaded_csv"}))) as clever:
        folder = CsvFolder(clever.clever)
        folder.upload("schools.csv", FILES["schools.csv"].encode())
        assert processed(clever, folder).outcome == "applied"
        assert len(clever.ids("/v3.0/schools")) == 1


def test_a_file_that_was_cut_short_loses_its_last_row() -> None:
    with district() as clever:
        folder = CsvFolder(clever.clever)
        report = synced(clever, folder, students=STUDENTS_CSV[:-40])
        assert [(issue.file, issue.line) for issue in report.issues if issue.left_out] == [("students.csv", 3)]
        assert held_students(clever) == ["200000001"]


def test_while_paused_no_upload_is_processed() -> None:
    with district() as clever:
        folder = CsvFolder(clever.clever)
        synced(clever, folder)
        clever.clever.pause()
        upload(folder, {**FILES, "students.csv": ONE_STUDENT})
        assert folder.due() is None
        report = processed(clever, folder)
        assert (report.outcome, report.reason) == ("waiting", "the district is paused; no upload is processed")
        clever.later(days=60)
        clever.clever.resume()
        assert folder.process(clever.now).outcome == "applied"
        assert held_students(clever) == ["200000001"]


def test_an_upload_that_removes_much_waits_for_a_person() -> None:
    settings = CleverSettings(hold=HoldSettings(removed_percent=40, removed_min=1))
    with district(settings=settings) as clever:
        folder = CsvFolder(clever.clever)
        synced(clever, folder)
        report = synced(clever, folder, students=ONE_STUDENT)
        assert report.outcome == "held"
        assert report.reason == "on hold, significant changes: 1 of 2 students would be removed"
        assert len(held_students(clever)) == 2
        upload(folder)
        assert folder.due() is None
        clever.clever.discard()
        assert folder.due() is not None
        assert processed(clever, folder).outcome == "applied"
        assert len(held_students(clever)) == 2


def test_a_resource_for_somebody_unknown_goes_in_without_them() -> None:
    with district() as clever:
        report = synced(clever, CsvFolder(clever.clever), resources="Resource_id,Title,Role\nR1,Atlas,parent\n")
        assert [str(issue) for issue in report.issues] == [
            "resources.csv:2:3: Role: parent is neither teacher nor student; the resource goes in without it"
        ]
        assert [row.sis_id for row in clever.clever.delivered("resource")] == ["R1"]


def test_a_file_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "FILE_BYTES_MAX", 10)
    with district() as clever, pytest.raises(FileRefused, match="has 11 bytes; a file may have 10"):
        CsvFolder(clever.clever).upload("students.csv", b"x" * 11)


def test_the_feed_and_the_files_are_two_ways_into_one_clever() -> None:
    with district() as clever:
        folder = CsvFolder(clever.clever)
        synced(clever, folder)
        clever.deliver(Removal("user", "200000002", "student"))
        assert held_students(clever) == ["200000001"]
        synced(clever, folder)
        assert held_students(clever) == ["200000001", "200000002"]
