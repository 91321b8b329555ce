"""What is edited in ATS/STARS, and what it refuses (F1, F2)."""

from collections.abc import Sequence

from msgspec.structs import replace

from fakes.ats.book import Book
from fakes.ats.entries import check_code, check_fields, check_person, check_term_days, edited
from fakes.ats.records import (
    Course,
    NewSection,
    Person,
    PersonEdit,
    Schedule,
    School,
    Section,
    SectionEdit,
    Term,
)
from fakes.ats.sections import (
    check_co_teachers,
    check_may_join,
    check_nobody_twice,
    check_not_canceled,
    schedule_section,
    staff_of,
    without_person,
)
from fakes.shared.refusals import Conflict, NotFound


class Ats(Book):
    """ATS/STARS of one district: its :class:`~fakes.ats.book.Book` and the edits that the office makes.

    Every method that changes something takes ``by``, the actor in words ("DIIT office"), checks everything
    first and then writes all of it, so a refused edit leaves no trace. One edit of one record is one line of
    the history. Any of them raises :class:`~fakes.shared.refusals.NotFound` when it is given an id that ATS
    does not know.

    Args:
        clock: answers the present moment; ATS looks at no other.
        store: where it keeps everything; by default a new one in memory.
    """

    # Schools, terms, courses

    def add_school(self, school: School, *, by: str) -> School:
        """Add a school.

        Raises:
            Conflict: its DBN is taken.
            Unprocessable: a field is malformed.
        """
        return self._add(school, "add school", by)

    def add_term(self, term: Term, *, by: str) -> Term:
        """Add a term to the calendar of the district.

        Raises:
            Conflict: its code is taken.
            Unprocessable: a field is malformed, or it does not end after it starts.
        """
        check_code("term code", term.code)
        check_term_days(term)
        return self._add(term, "add term", by)

    def add_course(self, course: Course, *, by: str) -> Course:
        """Add a course to the catalogue.

        Raises:
            Conflict: its code is taken.
            Unprocessable: a field is malformed.
        """
        check_code("course code", course.code)
        return self._add(course, "add course", by)

    # People

    def add_person(self, person: Person, *, by: str) -> Person:
        """Add a student or teacher (F1). Two may have one e-mail, or none (H4): ATS does not mind.

        Raises:
            Conflict: the OSIS or staff number is taken.
            Unprocessable: a field is malformed, the id is not of the role, or they are in no school.
        """
        check_fields(person)
        check_person(person)
        for dbn in person.schools:
            self.school(dbn)
        return self._add(person, f"add {person.role}", by)

    def edit_person(self, person_id: str, edit: PersonEdit, *, by: str) -> Person:
        """Change name, e-mail (F1), grade or schools. Who leaves a school also leaves its sections.

        Raises:
            Unprocessable: a field is malformed, or they would be in no school.
        """
        before = self.person(person_id)
        person, fields = edited(before, edit)
        if not fields:
            return before
        check_person(person)
        for dbn in person.schools:
            self.school(dbn)
        with self.store.transaction():
            for dbn in before.schools:
                if dbn not in person.schools:
                    self._leave_sections(person, dbn, f"left {dbn}", by)
            return self._write(person, f"change {_words(fields)}", by)

    def discharge(self, person_id: str, *, by: str) -> Person:
        """Note that a person has left the district; they also leave every section, and ATS keeps the record.

        The sections come first in the history, so that none ever names somebody who is gone. They wait for
        their schedules (F3), the person does not (A1).

        Raises:
            Conflict: they are discharged already.
        """
        person = self.person(person_id)
        if person.discharged:
            raise Conflict(
                f"{person.role} {person_id} is discharged already; to take them back, readmit them",
                code="discharged",
            )
        with self.store.transaction():
            for dbn in person.schools:
                self._leave_sections(person, dbn, "discharged", by)
            return self._write(replace(person, discharged=True), "discharge", by)

    def readmit(self, person_id: str, *, by: str) -> Person:
        """Take a discharged person back, into their schools but into no section.

        Raises:
            Conflict: they are not discharged.
        """
        person = self.person(person_id)
        if not person.discharged:
            raise Conflict(
                f"{person.role} {person_id} is in the district; only a discharged person is readmitted",
                code="not_discharged",
            )
        return self._write(replace(person, discharged=False), "readmit", by)

    # Sections

    def add_section(self, new: NewSection, *, by: str) -> Section:
        """Schedule a section; the first of a school in a term opens their schedule, as a draft (F3).

        Raises:
            Conflict: school, term and course have this number already, or somebody in it is discharged.
            Unprocessable: it has a third co-teacher (F2) or somebody it cannot have, or a field is malformed.
        """
        check_code("section number", new.number)
        self.school(new.dbn)
        self.term(new.term)
        section = schedule_section(new, self.course(new.course))
        self._check_staff(section)
        for osis in section.students:
            check_may_join(self.person(osis), section, "student")
        with self.store.transaction():
            if self.store.schedule(new.dbn, new.term) is None:
                self.store.write_schedule(Schedule(new.dbn, new.term, "draft", by=by))
            return self._add(section, "add section", by)

    def edit_section(self, section_id: str, edit: SectionEdit, *, by: str) -> Section:
        """Change name, period, teacher or co-teachers; those given together change in one go.

        Raises:
            Conflict: the section is canceled, or one of its teachers is discharged.
            Unprocessable: it would have a third co-teacher (F2) or somebody it cannot have; or a field is
                malformed.
        """
        before = self._open_section(section_id)
        section, fields = edited(before, edit)
        if not fields:
            return before
        self._check_staff(section)
        return self._write(section, f"change {_words(fields)}", by)

    def add_co_teacher(self, section_id: str, teacher_id: str, *, by: str) -> Section:
        """Add a co-teacher to a section.

        Raises:
            Conflict: the section is canceled, or the teacher is discharged or teaches it already.
            Unprocessable: it has two already (F2), or the person is no teacher or not in the school.
        """
        section = self._open_section(section_id)
        self.person(teacher_id)
        if teacher_id in staff_of(section):
            raise Conflict(
                f"{teacher_id} is already a teacher of section {section_id}; everybody is in a section once",
                code="already_teaching",
            )
        section = replace(section, co_teachers=(*section.co_teachers, teacher_id))
        self._check_staff(section)
        return self._write(section, f"add co-teacher {teacher_id}", by)

    def remove_co_teacher(self, section_id: str, teacher_id: str, *, by: str) -> Section:
        """Take a co-teacher out of a section.

        Raises:
            Conflict: the section is canceled.
            NotFound: they are no co-teacher of it.
        """
        section = self._open_section(section_id)
        if teacher_id not in section.co_teachers:
            raise NotFound(
                f"{teacher_id} is no co-teacher of section {section_id}; its co-teachers are: "
                f"{', '.join(section.co_teachers) or 'none'}"
            )
        return self._write(without_person(section, teacher_id), f"remove co-teacher {teacher_id}", by)

    def enroll(self, section_id: str, osis: str, *, by: str) -> Section:
        """Put a student into a section.

        Raises:
            Conflict: they are in it already or are discharged, or the section is canceled.
            Unprocessable: the person is no student, or not in the school of the section.
        """
        section = self._open_section(section_id)
        student = self.person(osis)
        if osis in section.students:
            raise Conflict(f"student {osis} is already in section {section_id}", code="already_enrolled")
        check_may_join(student, section, "student")
        return self._write(replace(section, students=(*section.students, osis)), f"enroll {osis}", by)

    def drop(self, section_id: str, osis: str, *, by: str) -> Section:
        """Take a student out of a section.

        Raises:
            Conflict: the section is canceled.
            NotFound: they are not in it.
        """
        section = self._open_section(section_id)
        if osis not in section.students:
            raise NotFound(
                f"{osis} is not enrolled in section {section_id}; only who is in it can be dropped"
            )
        return self._write(without_person(section, osis), f"drop {osis}", by)

    def cancel_section(self, section_id: str, *, by: str) -> Section:
        """Cancel a section; ATS keeps it with everybody in it.

        Raises:
            Conflict: it is canceled already.
        """
        section = self._open_section(section_id)
        return self._write(replace(section, canceled=True), "cancel", by)

    def restore_section(self, section_id: str, *, by: str) -> Section:
        """Take a cancellation back; who was in the section, and has not left since, is in it.

        Raises:
            Conflict: it is not canceled.
        """
        section = self.section(section_id)
        if not section.canceled:
            raise Conflict(
                f"section {section_id} is not canceled; only a canceled one is restored", code="not_canceled"
            )
        return self._write(replace(section, canceled=False), "restore", by)

    # What several edits share

    def _open_section(self, section_id: str) -> Section:
        section = self.section(section_id)
        check_not_canceled(section)
        return section

    def _check_staff(self, section: Section) -> None:
        check_co_teachers(section)  # F2
        check_nobody_twice(section)
        for teacher_id in staff_of(section):
            check_may_join(self.person(teacher_id), section, "teacher")

    def _leave_sections(self, person: Person, dbn: str, why: str, by: str) -> None:
        for section in self.store.page_in_school(Section, dbn, after="", limit=-1):
            if person.id in section.students:
                self._write(without_person(section, person.id), f"drop {person.id} ({why})", by)
            elif person.id in staff_of(section):
                self._write(without_person(section, person.id), f"remove teacher {person.id} ({why})", by)


def _words(fields: Sequence[str]) -> str:
    return ", ".join("co-teachers" if field == "co_teachers" else field.replace("_", " ") for field in fields)
