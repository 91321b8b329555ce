"""Writes records from rows as delivered."""

from typing import Literal

from fakes.clever.feed import CourseRow, ResourceRow, SchoolRow, SectionRow, TermRow, UserRow
from fakes.clever.invention import Invention, borough_of
from fakes.clever.people import RoleHeld, render_user
from fakes.clever.places import location
from fakes.clever.quirks import Oddities
from fakes.clever.records import (
    TEACHERS_MAX,
    Course,
    Principal,
    Resource,
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
        oddities: what befalls the values.
    """

    def __init__(self, store: Store, seed: int, section_names: SectionNames, oddities: Oddities) -> None:
        self._store = store
        self._seed = seed
        self._section_names = section_names
        self._oddities = oddities

    def render(self, entries: list[Entry], stamps: Stamps) -> Rendered:
        """Write the record of some entries: one, or a user's one for each role."""
        entry = entries[0]
        match entry.row:
            case SchoolRow():
                school = self._school(entry.row, stamps, self._invention(entry))
                return Rendered(school, school)
            case TermRow(name=name, start_date=start, end_date=end):
                term = Term(stamps.id, stamps.district, name, start, end)
                return Rendered(term, term)
            case CourseRow():
                name = self._oddities.text(entry.row.name, self._invention(entry))
                course = Course(stamps.id, stamps.district, name, entry.sis_id)
                return Rendered(course, course)
            case SectionRow():
                return self._section(entry, entry.row, stamps)
            case ResourceRow(sis_id=sis_id, title=title, roles=roles):
                resource = Resource(
                    stamps.id, stamps.district, sis_id, title, roles, stamps.created, stamps.last_modified
                )
                return Rendered(resource, resource)
            case UserRow():
                return render_user([self._role(one) for one in entries], stamps, self._oddities)
            case None:
                raise AssertionError(f"{entry.space} {entry.sis_id} is to be written, and was not delivered")

    def created_moves(self, entries: list[Entry]) -> bool:
        """Tell whether the record of some entries says after each change that it is new."""
        return self._oddities.created_moves(self._invention(entries[0]))

    def _invention(self, entry: Entry) -> Invention:
        given = entry.row.given if isinstance(entry.row, SchoolRow | UserRow | SectionRow) else ()
        return Invention(self._seed, entry.space, entry.sis_id, given)

    def _role(self, entry: Entry) -> RoleHeld:
        if not isinstance(entry.row, UserRow):
            raise TypeError(f"{entry.space} {entry.sis_id} is to be written as a user, and is none")
        return RoleHeld(entry.row, self._store.mentions(entry.number), self._invention(entry))

    def _section(self, entry: Entry, row: SectionRow, stamps: Stamps) -> Rendered:
        mentions = self._store.mentions(entry.number)
        invention = self._invention(entry)
        teachers = tuple(held_ids(mentions, "teacher"))
        if self._oddities.teachers_capped:
            teachers = teachers[:TEACHERS_MAX]
        course = next((mention for mention in mentions if mention.space == "course"), None)
        course_row = self._store.entries([course.number])[0].row if course else None
        section = Section(
            id=stamps.id,
            district=stamps.district,
            school=held_first(mentions, "school"),
            name=self._oddities.text(self._section_name(row, course_row, mentions), invention),
            sis_id=row.sis_id,
            section_number=row.section_number,
            period=row.period,
            subject=subject_word(course_row.subject) if isinstance(course_row, CourseRow) else "",
            grade=grade_word(invention.given("grade")),
            course=held_first(mentions, "course"),
            term_id=held_first(mentions, "term"),
            teacher=teachers[0] if teachers else "",
            teachers=teachers,
            students=tuple(sorted(held_ids(mentions, "student"))),
            created=stamps.created,
            last_modified=stamps.last_modified,
            ext=invention.extensions(),
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

    def _school(self, row: SchoolRow, stamps: Stamps, invention: Invention) -> School:
        given = invention.given
        return School(
            id=stamps.id,
            district=stamps.district,
            name=self._oddities.text(row.name, invention),
            school_number=given("school_number", row.sis_id),
            sis_id=row.sis_id,
            state_id=given("state_id") or invention.digits("state", 12),
            nces_id=given("nces_id") or "36" + invention.digits("nces", 10),
            mdr_number=given("mdr_number") or invention.digits("mdr", 8),
            low_grade=grade_word(row.low_grade),
            high_grade=grade_word(row.high_grade),
            phone=given("phone") or invention.phone(borough_of(row.sis_id).area),
            principal=Principal(
                name=given("principal_name") or invention.person(),
                email=given("principal_email", f"principal.{row.sis_id.lower()}@schools.example"),
            ),
            location=location(row.sis_id, invention),
            created=stamps.created,
            last_modified=stamps.last_modified,
            ext=invention.extensions(),
        )
