"""The files of an upload and their columns, in Clever's own names.

Source: facts on Clever's wire, "How data gets in", and the usual headers of Clever's SFTP format for what rows carry.
Clever's six files have no place for district admins and resources, nor for courses and terms that no section has, and
none for all of a contact (a name in two parts); such rows stand in files of our own, which an upload may leave out.
"""

import re
from typing import Literal, NamedTuple

from fakes.clever.feed import UserRole

Need = Literal["key", "header", "usual", "extra"]
"""``key``: every row has a value; ``header``: the column is there; ``extra``: written only where a row has a value."""

GIVEN = "given."
"""Begins the field of a column whose value stands in a row's ``given``."""

TEACHER = "teacher."
"""Begins the field of a column that names a section's teacher; the main one's is the first."""

CONTACT = "contact."
"""Begins the field of a column of students.csv that holds something of a contact."""

CONTACT_GIVEN = ("phone", "phone_type", "relationship", "type")
"""What is said of contacts beyond their rows' own fields."""

SAME_AS_KEY = frozenset({"given.student_number", "given.school_number"})
"""Given only where it is another one than the row's ``sis_id``."""

DAYS = frozenset({"birth_date", "start_date", "end_date"})
"""Fields that hold a day."""


class Column(NamedTuple):
    """A column of a file."""

    name: str
    field: str
    """Of the row, or of what is given."""
    need: Need = "usual"


class Layout(NamedTuple):
    """A file."""

    file: str
    columns: tuple[Column, ...]
    role: UserRole | None = None
    """Of the people in it."""
    required: bool = False

    @property
    def key(self) -> Column:
        """The column that tells rows apart."""
        return next(column for column in self.columns if column.field == "sis_id")


def _given(name: str, field: str, need: Need = "extra") -> Column:
    return Column(name, GIVEN + field, need)


FIRST_NAME, LAST_NAME = Column("First_name", "first_name", "header"), Column("Last_name", "last_name", "header")
USERNAME, MIDDLE_NAME = _given("Username", "username"), _given("Middle_name", "middle_name")
SCHOOL_OF_ROW = Column("School_id", "school", "key")
GRADE, GENDER = Column("Grade", "grade", "extra"), Column("Gender", "gender", "extra")
DOB = Column("DOB", "birth_date", "extra")

SCHOOLS = Layout(
    "schools.csv",
    (
        Column("School_id", "sis_id", "key"),
        Column("School_name", "name", "header"),
        _given("School_number", "school_number", "usual"),
        _given("State_id", "state_id"),
        _given("NCES_id", "nces_id"),
        _given("MDR_number", "mdr_number"),
        Column("Low_grade", "low_grade"),
        Column("High_grade", "high_grade"),
        _given("Principal", "principal_name"),
        _given("Principal_email", "principal_email"),
        _given("School_address", "address"),
        _given("School_city", "city"),
        _given("School_state", "state"),
        _given("School_zip", "zip"),
        _given("School_phone", "phone"),
    ),
    required=True,
)
STUDENTS = Layout(
    "students.csv",
    (
        SCHOOL_OF_ROW,
        Column("Student_id", "sis_id", "key"),
        _given("Student_number", "student_number", "usual"),
        _given("State_id", "state_id"),
        LAST_NAME,
        MIDDLE_NAME,
        FIRST_NAME,
        Column("Grade", "grade"),
        Column("Gender", "gender"),
        _given("Graduation_year", "graduation_year"),
        Column("DOB", "birth_date"),
        _given("Race", "race"),
        _given("Hispanic_Latino", "hispanic_ethnicity"),
        _given("Home_language", "home_language"),
        _given("Home_language_code", "home_language_code"),
        _given("Ell_status", "ell_status"),
        _given("Frl_status", "frl_status"),
        _given("IEP_status", "iep_status"),
        _given("Gifted_status", "gifted_status"),
        _given("Section_504_status", "section_504_status"),
        _given("Disability_type", "disability_type"),
        _given("Disability_code", "disability_code"),
        _given("Disability_status", "disability_status"),
        _given("Preferred_first_name", "preferred_first_name"),
        _given("Preferred_middle_name", "preferred_middle_name"),
        _given("Preferred_last_name", "preferred_last_name"),
        _given("Student_street", "address"),
        _given("Student_city", "city"),
        _given("Student_state", "state"),
        _given("Student_zip", "zip"),
        Column("Student_email", "email"),
        USERNAME,
        Column("Title", "title", "extra"),
        Column("Contact_sis_id", CONTACT + "sis_id", "extra"),
        Column("Contact_name", CONTACT + "name", "extra"),
        Column("Contact_email", CONTACT + "email", "extra"),
        *(Column(f"Contact_{name}", CONTACT + name, "extra") for name in CONTACT_GIVEN),
    ),
    role="student",
    required=True,
)
TEACHERS = Layout(
    "teachers.csv",
    (
        SCHOOL_OF_ROW,
        Column("Teacher_id", "sis_id", "key"),
        _given("Teacher_number", "teacher_number"),
        _given("State_teacher_id", "state_id"),
        Column("Teacher_email", "email"),
        FIRST_NAME,
        MIDDLE_NAME,
        LAST_NAME,
        Column("Title", "title"),
        USERNAME,
        GRADE,
        GENDER,
        DOB,
    ),
    role="teacher",
    required=True,
)
STAFF = Layout(
    "staff.csv",
    (
        SCHOOL_OF_ROW,
        Column("Staff_id", "sis_id", "key"),
        Column("Staff_email", "email"),
        FIRST_NAME,
        LAST_NAME,
        _given("Department", "department"),
        Column("Title", "title"),
        USERNAME,
        _given("Role", "role"),
        GRADE,
        GENDER,
        DOB,
    ),
    role="staff",
)
SECTIONS = Layout(
    "sections.csv",
    (
        SCHOOL_OF_ROW,
        Column("Section_id", "sis_id", "key"),
        Column("Teacher_id", f"{TEACHER}1", "header"),
        Column("Name", "name"),
        Column("Section_number", "section_number"),
        _given("Grade", "grade"),
        Column("Course_name", "course.name"),
        Column("Course_number", "course"),
        Column("Period", "period"),
        Column("Subject", "course.subject"),
        Column("Term_name", "term.name"),
        Column("Term_start", "start_date"),
        Column("Term_end", "end_date"),
        # Ours: Clever knows a term by its name and its dates alone.
        Column("Term_id", "term", "extra"),
    ),
    required=True,
)
ENROLLMENTS = Layout(
    "enrollments.csv",
    (
        SCHOOL_OF_ROW,
        Column("Section_id", "section", "key"),
        Column("Student_id", "sis_id", "key"),
    ),
    required=True,
)
CONTACTS = Layout(
    "contacts.csv",
    (
        Column("Contact_sis_id", "sis_id", "key"),
        Column("Student_id", "student"),
        FIRST_NAME,
        LAST_NAME,
        Column("Contact_email", "email"),
        *(_given(f"Contact_{name}", name) for name in CONTACT_GIVEN),
        Column("School_id", "school", "extra"),
        Column("Title", "title", "extra"),
        GRADE,
        GENDER,
        DOB,
    ),
    role="contact",
)
DISTRICT_ADMINS = Layout(
    "district_admins.csv",
    (
        Column("Staff_id", "sis_id", "key"),
        Column("Staff_email", "email"),
        FIRST_NAME,
        LAST_NAME,
        Column("Title", "title"),
        Column("School_id", "school", "extra"),
        GRADE,
        GENDER,
        DOB,
    ),
    role="district_admin",
)
COURSES = Layout(
    "courses.csv",
    (
        Column("Course_number", "sis_id", "key"),
        Column("Course_name", "name"),
        Column("Subject", "subject"),
    ),
)
TERMS = Layout(
    "terms.csv",
    (
        Column("Term_id", "sis_id", "key"),
        Column("Term_name", "name"),
        Column("Term_start", "start_date"),
        Column("Term_end", "end_date"),
    ),
)
RESOURCES = Layout(
    "resources.csv",
    (
        Column("Resource_id", "sis_id", "key"),
        Column("Title", "title"),
        Column("Role", "role"),
        Column("Section_id", "section"),
        Column("Course_number", "course"),
        Column("Teacher_id", "teacher"),
        Column("Student_id", "student"),
    ),
)

CLEVERS = (SCHOOLS, STUDENTS, TEACHERS, SECTIONS, ENROLLMENTS, STAFF)
"""The files of Clever's format."""
PEOPLE = (STUDENTS, TEACHERS, STAFF, CONTACTS, DISTRICT_ADMINS)
LAYOUTS = {layout.file: layout for layout in (*CLEVERS, CONTACTS, DISTRICT_ADMINS, COURSES, TERMS, RESOURCES)}
"""Every file that is read, by its name."""

TEACHER_COLUMNS_MIN = 10
"""Teacher_id and Teacher_2_id to Teacher_10_id always stand in sections.csv, as in Clever's format."""


def teacher_column(place: int) -> Column:
    """Make the column of a section's teacher; the main one's place is 1."""
    return Column("Teacher_id" if place == 1 else f"Teacher_{place}_id", f"{TEACHER}{place}", "header")


def teacher_place(name: str) -> int | None:
    """Tell whose place a column of sections.csv holds, from 2; ``None`` if it is no such column."""
    match = re.fullmatch(r"Teacher_([1-9]\d?)_id", name)
    return int(match[1]) if match else None
