"""Turns the files of an upload into the rows of a delivery, as far as they are right."""

from collections.abc import Mapping
from typing import Literal

from fakes.clever.feed import CourseRow, ResourceRow, SchoolRow, SectionRow, TermRow, UserRow
from fakes.clever.sftp.columns import (
    CONTACT,
    COURSES,
    ENROLLMENTS,
    PEOPLE,
    RESOURCES,
    SCHOOLS,
    SECTIONS,
    STUDENTS,
    TEACHER,
    TEACHERS,
    TERMS,
    Layout,
)
from fakes.clever.sftp.contacts import StudentContacts
from fakes.clever.sftp.report import Findings
from fakes.clever.sftp.sheet import Cells, Gathered, Sheet
from fakes.clever.store import Delivered

CONTACT_KEYS = (f"{CONTACT}sis_id", f"{CONTACT}email", f"{CONTACT}name")
"""Any of these may be new in a student's later row."""

ROLES_OF: dict[str, Literal["teacher", "student"]] = {"teacher": "teacher", "student": "student"}
"""Whom a resource can be for."""


def read_files(files: Mapping[str, bytes], findings: Findings) -> dict[str, list[Delivered]]:
    """Read the files of an upload; those of Clever's format must be there, staff.csv excepted.

    Args:
        files: by name; those with other names are not looked at.
        findings: is told what is wrong.

    Returns:
        The rows by space. A space that no file holds is missing: the upload says nothing of it.

    Raises:
        FileRefused: a file cannot be read at all.
    """
    sheets = {
        layout.file: Sheet(layout, files[layout.file], findings)
        for layout in (SCHOOLS, *PEOPLE, SECTIONS, ENROLLMENTS, COURSES, TERMS, RESOURCES)
        if layout.file in files
    }
    rows: dict[str, list[Delivered]] = {"school": _schools(sheets[SCHOOLS.file])}
    schools = frozenset(row.sis_id for row in rows["school"])
    contacts = StudentContacts()
    for layout in PEOPLE:
        if layout.role is not None and layout.file in sheets:
            rows[layout.role] = _people(sheets[layout.file], schools, contacts)
    if CONTACT + "name" in sheets[STUDENTS.file].fields():
        known = {row.sis_id for row in rows.setdefault("contact", [])}
        rows["contact"] += [row for row in contacts.rows() if row.sis_id not in known]
    catalogue = Catalogue()
    for layout in (COURSES, TERMS):
        if layout.file in sheets:
            catalogue.read(sheets[layout.file])
    teachers = {row.sis_id for row in rows["teacher"]}
    sections = _sections(sheets[SECTIONS.file], schools, teachers, catalogue)
    students = {row.sis_id for row in rows["student"]}
    enrolled = _enrollments(sheets[ENROLLMENTS.file], schools, students, sections)
    rows["section"] = [_section(found, enrolled[sis_id]) for sis_id, found in sections.items()]
    rows |= {"course": list(catalogue.courses.values()), "term": list(catalogue.terms.values())}
    if RESOURCES.file in sheets:
        rows["resource"] = _resources(sheets[RESOURCES.file])
    return rows


class Catalogue:
    """The courses and terms that files name; of one key the first counts."""

    def __init__(self) -> None:
        self.courses: dict[str, CourseRow] = {}
        self.terms: dict[str, TermRow] = {}

    def read(self, sheet: Sheet) -> None:
        """Read courses.csv or terms.csv."""
        for cells, _ in sheet.gather():
            get = cells.get
            if sheet.layout is COURSES:
                self.courses[get("sis_id")] = CourseRow(get("sis_id"), get("name"), get("subject"))
            else:
                term = TermRow(get("sis_id"), get("name"), get("start_date"), get("end_date"))
                self.terms[term.sis_id] = term

    def take_course(self, sheet: Sheet, cells: Cells) -> None:
        """Take the course of a section, if the section tells more than its number."""
        name, subject = cells.get("course.name"), cells.get("course.subject")
        course = CourseRow(course_key(cells), name, subject)
        if course.sis_id and (name or subject) and self.courses.setdefault(course.sis_id, course) != course:
            field = "course.name" if self.courses[course.sis_id].name != name else "course.subject"
            sheet.note(cells, field, f"is not as before for course {course.sis_id}; the first counts")

    def take_term(self, sheet: Sheet, cells: Cells) -> None:
        """Take the term of a section, if the section tells more than its id."""
        name, start, end = cells.get("term.name"), cells.get("start_date"), cells.get("end_date")
        term = TermRow(term_key(cells), name, start, end)
        if (name or start or end) and self.terms.setdefault(term.sis_id, term) != term:
            sheet.note(cells, "term", f"is not as before for term {term.sis_id}; the first counts")


def course_key(cells: Cells) -> str:
    """Tell a section's course: by its number, or by its name where it has none."""
    return cells.get("course") or cells.get("course.name")


def term_key(cells: Cells) -> str:
    """Tell a section's term: by its id, or by name and dates, which are all that Clever's format gives."""
    parts = (cells.get("term.name"), cells.get("start_date"), cells.get("end_date"))
    return cells.get("term") or " ".join(part for part in parts if part)


def _schools(sheet: Sheet) -> list[Delivered]:
    return [
        SchoolRow(
            sis_id=cells.get("sis_id"),
            name=cells.get("name"),
            low_grade=cells.get("low_grade"),
            high_grade=cells.get("high_grade"),
            given=cells.given,
        )
        for cells, _ in sheet.gather()
    ]


def _people(sheet: Sheet, schools: frozenset[str], contacts: StudentContacts) -> list[Delivered]:
    belongs = any(column.field == "school" and column.need == "key" for column in sheet.layout.columns)
    has_contacts = sheet.layout is STUDENTS
    lists = ("school", "student", *CONTACT_KEYS) if has_contacts else ("school", "student")
    gathered = sheet.gather(lists, schools if belongs else None, contacts.take if has_contacts else None)
    return [_person(sheet.layout, person) for person in gathered]


def _person(layout: Layout, person: Gathered) -> UserRow:
    if layout.role is None:
        raise ValueError(f"{layout.file} holds no people")
    get = person.first.get
    return UserRow(
        role=layout.role,
        sis_id=get("sis_id"),
        first_name=get("first_name"),
        last_name=get("last_name"),
        email=get("email"),
        schools=person.tuple_of("school"),
        grade=get("grade"),
        birth_date=get("birth_date"),
        gender=get("gender"),
        title=get("title"),
        students=person.tuple_of("student"),
        given=person.first.given,
    )


def _sections(sheet: Sheet, schools: frozenset[str], teachers: set[str], catalogue: Catalogue) -> dict[str, Cells]:
    fields = [field for field in sheet.fields() if field.startswith(TEACHER)]
    sections = {}
    for cells, _ in sheet.gather(schools=schools):
        sections[cells.get("sis_id")] = cells
        catalogue.take_course(sheet, cells)
        catalogue.take_term(sheet, cells)
        for field in fields:
            value = cells.get(field)
            if value and value not in teachers:
                sheet.note(cells, field, f"{value} is not in {TEACHERS.file}; the section goes in without them")
    return sections


def _enrollments(
    sheet: Sheet, schools: frozenset[str], students: set[str], sections: Mapping[str, Cells]
) -> dict[str, dict[str, None]]:
    enrolled: dict[str, dict[str, None]] = {sis_id: {} for sis_id in sections}
    for cells in sheet:
        school, section, student = cells.get("school"), cells.get("section"), cells.get("sis_id")
        if school not in schools:
            sheet.leave_out(cells, "school", f"{school} is not in {SCHOOLS.file}")
        elif section not in enrolled:
            sheet.leave_out(cells, "section", f"{section} is not in {SECTIONS.file}")
        elif student in enrolled[section]:
            sheet.leave_out(cells, "sis_id", f"{student} is in section {section} already; the first counts")
        else:
            enrolled[section][student] = None
            if student not in students:
                sheet.note(cells, "sis_id", f"{student} is not in {STUDENTS.file}; the section goes in without them")
    return enrolled


def _section(cells: Cells, students: Mapping[str, None]) -> SectionRow:
    get = cells.get
    teachers = {
        int(field.removeprefix(TEACHER)): value
        for field, value in cells.values.items()
        if value and field.startswith(TEACHER)
    }
    return SectionRow(
        sis_id=get("sis_id"),
        school=get("school"),
        term=term_key(cells),
        course=course_key(cells),
        section_number=get("section_number"),
        name=get("name"),
        teachers=tuple(dict.fromkeys(teachers[place] for place in sorted(teachers))),
        students=tuple(students),
        period=get("period"),
        given=cells.given,
    )


def _resources(sheet: Sheet) -> list[Delivered]:
    resources: list[Delivered] = []
    for resource in sheet.gather(("role", "section", "course", "teacher", "student")):
        get, named = resource.first.get, resource.tuple_of
        for role in named("role"):
            if role not in ROLES_OF:
                reason = f"{role} is neither teacher nor student; the resource goes in without it"
                sheet.note(resource.first, "role", reason)
        resources.append(
            ResourceRow(
                sis_id=get("sis_id"),
                title=get("title"),
                roles=tuple(ROLES_OF[role] for role in named("role") if role in ROLES_OF),
                sections=named("section"),
                courses=named("course"),
                teachers=named("teacher"),
                students=named("student"),
            )
        )
    return resources
