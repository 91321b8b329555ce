"""Writes records from rows as delivered."""

from typing import Literal

from fakes.clever.feed import CourseRow, SchoolRow, SectionRow, TermRow, UserRow
from fakes.clever.invention import BOROUGHS, Invention
from fakes.clever.people import RoleHeld, render_user
from fakes.clever.records import (
    TEACHERS_MAX,
    Course,
    Location,
    Principal,
    School,
    Section,
    SectionV31,
    Term,
)
from fakes.clever.references import held_first, held_ids
from fakes.clever.spelling import grade_word, subject_word
from fakes.clever.store import Entry, Mention, Store
from fakes.clever.versions import Rendered, Stamps, extended

SectionNames = Literal["delivered", "generated"]


class Renderer:
    """Writes records.

    Args:
        store: tells what the rows' references are called in Clever.
        seed: of the invented values.
        section_names: as delivered, or as Clever makes them: ``Course - LastName - period``.
    """

    def __init__(self, store: Store, seed: int, section_names: SectionNames) -> None:
        self._store = store
        self._seed = seed
        self._section_names = section_names

    def render(self, entries: list[Entry], stamps: Stamps) -> Rendered:
        """Write the record of some entries: one, or a user's one for each role."""
        entry = entries[0]
        match entry.row:
            case SchoolRow():
                school = _school(entry.row, stamps, Invention(self._seed, entry.space, entry.sis_id))
                return Rendered(school, school)
            case TermRow(name=name, start_date=start, end_date=end):
                term = Term(stamps.id, stamps.district, name, start, end)
                return Rendered(term, term)
            case CourseRow():
                course = Course(stamps.id, stamps.district, entry.row.name, entry.sis_id)
                return Rendered(course, course)
            case SectionRow():
                return self._section(entry, entry.row, stamps)
            case UserRow():
                return render_user([self._role(one) for one in entries], stamps)
            case None:
                raise AssertionError(f"{entry.space} {entry.sis_id} is to be written, and was not delivered")

    def _role(self, entry: Entry) -> RoleHeld:
        if not isinstance(entry.row, UserRow):
            raise TypeError(f"{entry.space} {entry.sis_id} is to be written as a user, and is none")
        invention = Invention(self._seed, entry.space, entry.sis_id)
        return RoleHeld(entry.row, self._store.mentions(entry.number), invention)

    def _section(self, entry: Entry, row: SectionRow, stamps: Stamps) -> Rendered:
        mentions = self._store.mentions(entry.number)
        teachers = tuple(held_ids(mentions, "teacher"))[:TEACHERS_MAX]
        course = next((mention for mention in mentions if mention.space == "course"), None)
        course_row = self._store.entries([course.number])[0].row if course else None
        section = Section(
            id=stamps.id,
            district=stamps.district,
            school=held_first(mentions, "school"),
            name=self._section_name(row, course_row, mentions),
            sis_id=row.sis_id,
            section_number=row.section_number,
            period=row.period,
            subject=subject_word(course_row.subject) if isinstance(course_row, CourseRow) else "",
            grade="",
            course=held_first(mentions, "course"),
            term_id=held_first(mentions, "term"),
            teacher=teachers[0] if teachers else "",
            teachers=teachers,
            students=tuple(sorted(held_ids(mentions, "student"))),
            created=stamps.created,
            last_modified=stamps.last_modified,
        )
        return Rendered(section, extended(section, SectionV31))

    def _section_name(self, row: SectionRow, course: object, mentions: list[Mention]) -> str:
        if self._section_names == "delivered" or not isinstance(course, CourseRow):
            return row.name
        held = (mention for mention in mentions if mention.space == "teacher" and mention.clever_id)
        teacher = next(held, None)
        teacher_row = self._store.entries([teacher.number])[0].row if teacher else None
        last_name = teacher_row.last_name if isinstance(teacher_row, UserRow) else ""
        return " - ".join(part for part in (course.name, last_name, row.period) if part)


def _school(row: SchoolRow, stamps: Stamps, invention: Invention) -> School:
    borough = next((letter for letter in row.sis_id if letter in BOROUGHS), "M")
    city, area, first_zip = BOROUGHS[borough]
    return School(
        id=stamps.id,
        district=stamps.district,
        name=row.name,
        school_number=row.sis_id,
        sis_id=row.sis_id,
        state_id=invention.digits("state", 12),
        nces_id="36" + invention.digits("nces", 10),
        mdr_number=invention.digits("mdr", 8),
        low_grade=grade_word(row.low_grade),
        high_grade=grade_word(row.high_grade),
        phone=invention.phone(area),
        principal=Principal(invention.person(), f"principal.{row.sis_id.lower()}@schools.example"),
        location=Location(invention.street(), city, "NY", invention.zip_code(first_zip)),
        created=stamps.created,
        last_modified=stamps.last_modified,
    )
