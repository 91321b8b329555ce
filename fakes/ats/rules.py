"""What is edited in ATS/STARS, and what it refuses (F1, F2)."""

from msgspec.structs import replace

from fakes.ats.entries import check_code, check_fields, check_term_days, edited, in_words
from fakes.ats.people import People
from fakes.ats.records import (
    Course,
    NewSection,
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
    section_id,
    staff_of,
    without_person,
)
from fakes.shared.refusals import Conflict, NotFound, Unprocessable


class Ats(People):
    """ATS/STARS of one district: its :class:`~fakes.ats.book.Book` and the edits that the office makes.

    Who may do what over the wire (:data:`fakes.ats.rights.RIGHTS` is the table that the code reads):

    ====================================  ===========  ========
    what                                  DIIT office  a school
    ====================================  ===========  ========
    read                                  yes          yes
    edit schools, terms and courses       yes          no
    edit people (F1)                      yes          no
    edit sections (F1, F2)                yes          no
    finalize and reopen schedules (F3)    yes          no
    import                                yes          no
    ====================================  ===========  ========

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
        _check_term(term)
        return self._add(term, "add term", by)

    def put_school(self, school: School, *, by: str) -> School:
        """Write a school as it should be, known or new.

        Raises:
            Unprocessable: a field is malformed.
        """
        return self._write(school, "import school", by)

    def put_term(self, term: Term, *, by: str) -> Term:
        """Write a term as it should be, known or new.

        Raises:
            Unprocessable: as for :meth:`add_term`.
        """
        _check_term(term)
        return self._write(term, "import term", by)

    def put_course(self, course: Course, *, by: str) -> Course:
        """Write a course as it should be, known or new.

        Raises:
            Unprocessable: as for :meth:`add_course`.
        """
        check_code("course code", course.code)
        return self._write(course, "import course", by)

    def put_schedule(self, schedule: Schedule, *, by: str) -> Schedule:
        """Bring a schedule into a state: open it as a draft, finalize it, or reopen it (F3)."""
        with self.store.transaction():
            self.schedule(schedule.dbn, schedule.term)
            self._open_schedule(schedule.dbn, schedule.term, by)
            now = self.schedule(schedule.dbn, schedule.term)
            if now.state == schedule.state:
                return now
            bring = self.finalize if schedule.state == "finalized" else self.reopen
            return bring(schedule.dbn, schedule.term, by=by)

    def add_course(self, course: Course, *, by: str) -> Course:
        """Add a course to the catalogue.

        Raises:
            Conflict: its code is taken.
            Unprocessable: a field is malformed.
        """
        check_code("course code", course.code)
        return self._add(course, "add course", by)

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
        self._check_everybody(section)
        with self.store.transaction():
            self._open_schedule(new.dbn, new.term, by)
            return self._add(section, "add section", by)

    def put_section(self, section: Section, *, by: str) -> Section:
        """Write a section as it should be, with everybody in it, known or new.

        Raises:
            Conflict: somebody in it is discharged.
            Unprocessable: its id is not the one ATS makes (A3), it has a third co-teacher (F2) or somebody it
                cannot have, or a field is malformed.
        """
        check_fields(section)
        check_code("section number", section.number)
        self.school(section.dbn)
        self.term(section.term)
        self.course(section.course)
        if section.id != section_id(section):
            raise Unprocessable(
                f"section {section.id} is of {section.dbn}, {section.term}, {section.course} and {section.number}, so "
                f"its id is {section_id(section)}; ATS/STARS makes ids of these four",
                code="wrong_id",
            )
        self._check_everybody(section)
        with self.store.transaction():
            self._open_schedule(section.dbn, section.term, by)
            return self._write(section, "import section", by)

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
        return self._write(section, f"change {in_words(fields)}", by)

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
            raise NotFound(f"{osis} is not enrolled in section {section_id}; only who is in it can be dropped")
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

    def _open_schedule(self, dbn: str, term: str, by: str) -> None:
        if self.store.schedule(dbn, term) is None:
            self._write_schedule(Schedule(dbn, term, "draft"), by)

    def _check_everybody(self, section: Section) -> None:
        self._check_staff(section)
        for osis in section.students:
            check_may_join(self.person(osis), section, "student")

    def _check_staff(self, section: Section) -> None:
        check_co_teachers(section)  # F2
        check_nobody_twice(section)
        for teacher_id in staff_of(section):
            check_may_join(self.person(teacher_id), section, "teacher")


def _check_term(term: Term) -> None:
    check_code("term code", term.code)
    check_term_days(term)
