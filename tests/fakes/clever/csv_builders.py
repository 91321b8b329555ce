"""A made-up district, the same for the same seed, and small uploads to arrange tests with."""

import random
from collections.abc import Iterator, Mapping

from fakes.clever import CourseRow, Row, SchoolRow, SectionRow, TermRow, UserRow
from fakes.clever.sftp import CsvFolder, SyncReport
from tests.fakes.clever.builders import District

NAMES = ("O'Neil", "Núñez", 'Ann "Bee"', "Lee, Jr.", "Wu", "Çelik", "de la Cruz", " Smith ", "Zoë\nMay", "李")
COURSES = tuple(CourseRow(f"C{number}", f"Course {number}, part I", "Mathematics") for number in range(40))
TERMS = (
    TermRow("2026-1", "Fall 2026", "2026-09-10", "2027-01-30"),
    TermRow("2026-2", "Fall 2026", "2026-09-10", "2027-01-30"),
)


def made_up(students: int, seed: int = 1) -> Iterator[Row]:
    """Make a district: a school for 1,000 students, a section for every four of them, 30 students in each."""
    dice = random.Random(f"district {seed}")
    dbns = [f"{number % 32 + 1:02d}{'MXKQR'[number % 5]}{number + 100}" for number in range(students // 1000 + 2)]
    yield from (SchoolRow(dbn, f"P.S. {dbn}", "PK", "12", (("ext.region", "7"),)) for dbn in dbns)
    yield from TERMS
    yield TermRow("2027-1", "Nobody's term", "2027-09-09", "2028-01-31")
    yield from COURSES
    yield from _people(students, dbns, dice)
    for number in range(students // 4):
        teachers = dice.sample(range(students // 15), 3)
        yield SectionRow(
            sis_id=f"S{number}",
            school=dice.choice(dbns),
            term=dice.choice(TERMS).sis_id,
            course=dice.choice(COURSES[1:]).sis_id,
            section_number=f"{number % 9:02d}",
            name=f"Section {number}",
            teachers=tuple(f"{1000000 + teacher}" for teacher in teachers[: dice.randrange(4)]),
            students=tuple(f"{200000000 + one}" for one in dice.sample(range(students), dice.choice((0, 30, 30)))),
            period=str(number % 8),
        )


def _people(students: int, dbns: list[str], dice: random.Random) -> Iterator[Row]:
    for number in range(students):
        yield UserRow(
            role="student",
            sis_id=f"{200000000 + number}",
            first_name=dice.choice(NAMES),
            last_name=dice.choice(NAMES),
            email="" if number % 50 == 0 else f"student{number}@schools.example",
            schools=tuple(dice.sample(dbns, 2 if number % 40 == 0 else 1)),
            grade=f"{dice.randrange(1, 13):02d}",
            birth_date=f"{dice.randrange(2008, 2020)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}",
            gender=dice.choice("FMX"),
            given=(("race", "Asian"),) if number % 3 == 0 else (),
        )
    for number in range(students // 15):
        role, sis_id = ("staff", 3000000) if number % 20 == 0 else ("teacher", 1000000)
        for held, first in (("teacher", 1000000), (role, sis_id)):
            yield UserRow(held, f"{first + number}", "Kim", dice.choice(NAMES), f"kim{number}@x.example", (dbns[0],))  # type: ignore[arg-type]
    yield UserRow("district_admin", "4000001", "Dana", "Marsh", "dana@x.example", title="Superintendent")
    yield UserRow("contact", "9", "Pat", "Wu", "pat@home.example", students=("200000001", "200000000"))


SCHOOLS_CSV = "School_id,School_name\n02M475,Stuyvesant High School\n"
STUDENTS_CSV = (
    "School_id,Student_id,Last_name,First_name,Grade,DOB,Student_email\n"
    "02M475,200000001,Chen,Mei,09,02/03/2011,mei@schools.example\n"
    "02M475,200000002,Diaz,Leo,10,12/10/2010,leo@schools.example\n"
)
TEACHERS_CSV = (
    "School_id,Teacher_id,Teacher_email,First_name,Last_name,Title\n"
    "02M475,1000001,kim@schools.example,Kim,Green,Teacher\n"
    "02M475,1000002,lee@schools.example,Lee,Brown,Teacher\n"
)
SECTIONS_CSV = (
    "School_id,Section_id,Teacher_id,Teacher_2_id,Name,Course_name,Course_number,Period,Subject,"
    "Term_name,Term_start,Term_end\n"
    "02M475,algebra,1000001,1000002,Algebra 1-01,Algebra 1,MATH9,3,Mathematics,Fall 2026,09/10/2026,01/30/2027\n"
)
ENROLLMENTS_CSV = "School_id,Section_id,Student_id\n02M475,algebra,200000001\n02M475,algebra,200000002\n"

FILES: dict[str, str] = {
    "schools.csv": SCHOOLS_CSV,
    "students.csv": STUDENTS_CSV,
    "teachers.csv": TEACHERS_CSV,
    "sections.csv": SECTIONS_CSV,
    "enrollments.csv": ENROLLMENTS_CSV,
}


def upload(folder: CsvFolder, files: Mapping[str, str | bytes] = FILES) -> None:
    for name, content in files.items():
        folder.upload(name, content if isinstance(content, bytes) else content.encode())


def processed(clever: District, folder: CsvFolder) -> SyncReport:
    """Let five minutes pass and process what was uploaded."""
    clever.later(minutes=5)
    return folder.process(clever.now)


def synced(clever: District, folder: CsvFolder, **files: str | bytes) -> SyncReport:
    """Upload a whole folder with some files changed (``students=...``), and process it."""
    changed = {f"{name}.csv": content for name, content in files.items()}
    upload(folder, {**FILES, **changed})
    return processed(clever, folder)
