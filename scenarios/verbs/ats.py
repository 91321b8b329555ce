"""What the DIIT office does in ATS/STARS."""

from datetime import date

import msgspec

from fakes.ats.bundle import Bundle, ImportResult
from fakes.ats.records import CoTeacher, Enrolling, NewSection, PersonEdit, SectionEdit
from fakes.ats.records import Course as AtsCourse
from fakes.ats.records import Section as AtsSection
from fakes.ats.records import Term as AtsTerm
from fakes.shared.refusals import Problem
from scenarios.binding import NewName, PersonName, SchoolName, SectionName, StudentName, TeacherName
from scenarios.stage import Act, Stage, decoded
from scenarios.verbs.step import Step, verb
from simulator.district import Person, Section, course_code
from simulator.gateway import Answer
from simulator.past import DIIT, ats_person


class AtsStep(Step, frozen=True, kw_only=True):
    """Something that the DIIT office does in ATS/STARS."""

    def ask(self, stage: Stage, method: str, path: str, body: msgspec.Struct | None, what: str, *about: str) -> Act:
        """Ask ATS and tell what was asked."""
        return Act(DIIT, what, about, stage.world.ats_api(method, path, body))


@verb("ats", "enroll")
class Enroll(AtsStep, frozen=True, kw_only=True):
    """Put a student into a section."""

    student: StudentName
    section: SectionName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/sections/{stage.section_id(self.section)}/students"
        body = Enrolling(stage.person_id(self.student))
        return self.ask(stage, "POST", path, body, f"adds {self.student} to {self.section}", self.student, self.section)


@verb("ats", "drop")
class Drop(AtsStep, frozen=True, kw_only=True):
    """Take a student out of a section."""

    student: StudentName
    section: SectionName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/sections/{stage.section_id(self.section)}/students/{stage.person_id(self.student)}"
        what = f"takes {self.student} out of {self.section}"
        return self.ask(stage, "DELETE", path, None, what, self.student, self.section)


@verb("ats", "move")
class Move(AtsStep, frozen=True, kw_only=True):
    """Take a student out of one section and put them into another."""

    student: StudentName
    from_: SectionName = msgspec.field(name="from")
    to: SectionName

    def perform(self, stage: Stage) -> Act:
        """Do it, if there is a section to go to: dropped first; a refusal of either is the step's."""
        stage.section_id(self.to)
        dropped = Drop(student=self.student, section=self.from_).perform(stage)
        act = dropped if _refused(dropped.answer) else Enroll(student=self.student, section=self.to).perform(stage)
        what = f"moves {self.student} from {self.from_} to {self.to}"
        return Act(DIIT, what, (self.student, self.from_, self.to), act.answer)


@verb("ats", "add co-teacher")
class AddCoTeacher(AtsStep, frozen=True, kw_only=True):
    """Add a co-teacher to a section; ATS takes at most two (F2)."""

    teacher: TeacherName
    section: SectionName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/sections/{stage.section_id(self.section)}/co-teachers"
        body = CoTeacher(stage.person_id(self.teacher))
        what = f"adds {self.teacher} to {self.section} as a co-teacher"
        return self.ask(stage, "POST", path, body, what, self.teacher, self.section)


@verb("ats", "remove co-teacher")
class RemoveCoTeacher(AtsStep, frozen=True, kw_only=True):
    """Take a co-teacher out of a section."""

    teacher: TeacherName
    section: SectionName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/sections/{stage.section_id(self.section)}/co-teachers/{stage.person_id(self.teacher)}"
        what = f"takes the co-teacher {self.teacher} out of {self.section}"
        return self.ask(stage, "DELETE", path, None, what, self.teacher, self.section)


@verb("ats", "set teachers")
class SetTeachers(AtsStep, frozen=True, kw_only=True):
    """Set a section's main teacher and co-teachers in one change (a replacement, a swap)."""

    section: SectionName
    teacher: TeacherName
    co_teachers: tuple[TeacherName, ...] | None = msgspec.field(name="co-teachers", default=None)

    def perform(self, stage: Stage) -> Act:
        """Do it; co-teachers that are not named stay."""
        named = self.co_teachers
        co_teachers = msgspec.UNSET if named is None else tuple(stage.person_id(name) for name in named)
        body = SectionEdit(teacher=stage.person_id(self.teacher), co_teachers=co_teachers)
        what = f"makes {self.teacher} the teacher of {self.section}"
        if named:
            what += f", with {' and '.join(named)} as co-teacher{'s' if len(named) > 1 else ''}"
        path = f"/sections/{stage.section_id(self.section)}"
        return self.ask(stage, "PATCH", path, body, what, self.section, self.teacher, *(named or ()))


@verb("ats", "change email")
class ChangeEmail(AtsStep, frozen=True, kw_only=True):
    """Give a person another e-mail address (F1: only here)."""

    person: PersonName
    email: str

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/people/{stage.person_id(self.person)}"
        what = f"changes the e-mail of {self.person} to {self.email}"
        return self.ask(stage, "PATCH", path, PersonEdit(email=self.email), what, self.person)


@verb("ats", "remove email")
class RemoveEmail(AtsStep, frozen=True, kw_only=True):
    """Leave a person without an e-mail address (H4)."""

    person: PersonName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/people/{stage.person_id(self.person)}"
        return self.ask(stage, "PATCH", path, PersonEdit(email=""), f"removes the e-mail of {self.person}", self.person)


@verb("ats", "rename")
class Rename(AtsStep, frozen=True, kw_only=True):
    """Give a person another name; the story goes on calling them by the old one."""

    person: PersonName
    to: str

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        first, _, last = self.to.rpartition(" ")
        body = PersonEdit(first_name=first or last, last_name=last)
        path = f"/people/{stage.person_id(self.person)}"
        return self.ask(stage, "PATCH", path, body, f"renames {self.person} to {self.to}", self.person)


@verb("ats", "transfer")
class Transfer(AtsStep, frozen=True, kw_only=True):
    """Set the schools of a person; the first is the primary one."""

    person: PersonName
    to: tuple[SchoolName, ...]

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/people/{stage.person_id(self.person)}"
        what = f"transfers {self.person} to {' and '.join(self.to)}"
        return self.ask(stage, "PATCH", path, PersonEdit(schools=self.to), what, self.person, *self.to)


@verb("ats", "discharge")
class Discharge(AtsStep, frozen=True, kw_only=True):
    """A person leaves the district, and with it all sections."""

    person: PersonName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/people/{stage.person_id(self.person)}/discharge"
        return self.ask(stage, "POST", path, None, f"discharges {self.person} from the district", self.person)


@verb("ats", "readmit")
class Readmit(AtsStep, frozen=True, kw_only=True):
    """A person who left comes back, into no section yet."""

    person: PersonName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/people/{stage.person_id(self.person)}/readmit"
        return self.ask(stage, "POST", path, None, f"readmits {self.person} to the district", self.person)


@verb("ats", "new student")
class NewStudent(AtsStep, frozen=True, kw_only=True):
    """Somebody nobody has heard of becomes a student of a school."""

    student: NewName
    school: SchoolName
    email: str | None = None
    """Made up if it is not given; ``none`` for a student without one."""
    called: str = ""

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        email = "" if self.email == "none" else self.email
        person = Person(name=self.student, role="student", schools=(self.school,), email=email, called=self.called)
        return _admit(stage, person)

    def introduces(self) -> dict[str, str]:
        """Bring the student into the story."""
        return {self.student: "student"}


@verb("ats", "new teacher")
class NewTeacher(AtsStep, frozen=True, kw_only=True):
    """Somebody nobody has heard of becomes a teacher at a school."""

    teacher: NewName
    school: SchoolName
    email: str | None = None

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        email = "" if self.email == "none" else self.email
        return _admit(stage, Person(name=self.teacher, role="teacher", schools=(self.school,), email=email))

    def introduces(self) -> dict[str, str]:
        """Bring the teacher into the story."""
        return {self.teacher: "teacher"}


def _admit(stage: Stage, person: Person) -> Act:
    """Add somebody to ATS; whoever already has a by-hand account in Otus under this name keeps its e-mail (H5)."""
    known = stage.directory.outsiders.get(person.name)
    if known is not None and person.email is None:
        person = msgspec.structs.replace(person, email=known)
    whole = stage.meet(person)
    what = f"adds the {whole.role} {whole.name} to {whole.schools[0]}"
    answer = stage.world.ats_api("POST", "/people", ats_person(whole))
    return Act(DIIT, what, (whole.name, *whole.schools), answer)


@verb("ats", "new section")
class ScheduleSection(AtsStep, frozen=True, kw_only=True):
    """Schedule a section."""

    section: NewName
    school: SchoolName
    teacher: TeacherName | None = None
    co_teachers: tuple[TeacherName, ...] = msgspec.field(name="co-teachers", default=())
    students: tuple[StudentName, ...] = ()

    def perform(self, stage: Stage) -> Act:
        """Do it, with a new course if there is none of the name."""
        course, number = Section(name=self.section, school=self.school).course_and_number
        code = course_code(course)
        if stage.world.ats_api("GET", f"/courses/{code}").code == 404:
            stage.world.ats_api("POST", "/courses", AtsCourse(code, course))
        body = NewSection(
            dbn=self.school,
            term=stage.term.code,
            course=code,
            number=number,
            name=self.section,
            teacher=None if self.teacher is None else stage.person_id(self.teacher),
            co_teachers=tuple(stage.person_id(name) for name in self.co_teachers),
            students=tuple(stage.person_id(name) for name in self.students),
        )
        answer = stage.world.ats_api("POST", "/sections", body)
        if not _refused(answer):
            stage.directory.add_section(self.section, decoded(answer, AtsSection).id)
        return Act(DIIT, f"schedules the section {self.section}", (self.section, self.school), answer)

    def introduces(self) -> dict[str, str]:
        """Bring the section into the story."""
        return {self.section: "section"}


@verb("ats", "cancel section")
class CancelSection(AtsStep, frozen=True, kw_only=True):
    """Cancel a section; ATS keeps its record."""

    section: SectionName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/sections/{stage.section_id(self.section)}/cancel"
        return self.ask(stage, "POST", path, None, f"cancels the section {self.section}", self.section)


@verb("ats", "restore section")
class RestoreSection(AtsStep, frozen=True, kw_only=True):
    """Take the cancellation of a section back."""

    section: SectionName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/sections/{stage.section_id(self.section)}/restore"
        return self.ask(stage, "POST", path, None, f"restores the section {self.section}", self.section)


@verb("ats", "finalize schedule")
class FinalizeSchedule(AtsStep, frozen=True, kw_only=True):
    """Finalize a school's schedule: what waits for it sets out for Clever (F3, A2)."""

    school: SchoolName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/schedules/{self.school}/{stage.term.code}/finalize"
        return self.ask(stage, "POST", path, None, f"finalizes the schedule of {self.school}", self.school)


@verb("ats", "reopen schedule")
class ReopenSchedule(AtsStep, frozen=True, kw_only=True):
    """Make a school's schedule a draft again: section changes wait for the next finalization (A2)."""

    school: SchoolName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/schedules/{self.school}/{stage.term.code}/reopen"
        return self.ask(stage, "POST", path, None, f"reopens the schedule of {self.school}", self.school)


@verb("ats", "change term")
class ChangeTerm(AtsStep, frozen=True, kw_only=True):
    """Give the present term another name or other days."""

    name: str | None = None
    starts: date | None = None
    ends: date | None = None

    def perform(self, stage: Stage) -> Act:
        """Do it, as an import of one row."""
        path = f"/terms/{stage.term.code}"
        term = decoded(stage.world.ats_api("GET", path), AtsTerm)
        changed = AtsTerm(
            code=term.code,
            name=self.name or term.name,
            start=term.start if self.starts is None else self.starts.isoformat(),
            end=term.end if self.ends is None else self.ends.isoformat(),
        )
        act = self.ask(stage, "POST", "/import", Bundle(terms=(changed,)), f"changes the term {term.name}")
        return act._replace(answer=_of_one_row(act.answer))


def _of_one_row(answer: Answer | None) -> Answer | None:
    """Take an import of one row as refused when its row was: the import itself is then a good answer."""
    if answer is None or _refused(answer):
        return answer
    row = decoded(answer, ImportResult).results[0]
    if row.status != "refused":
        return answer
    problem = msgspec.json.encode(Problem(row.message, row.code))
    return Answer("422 Unprocessable Content", answer.headers, problem)


def _refused(answer: Answer | None) -> bool:
    return answer is not None and answer.code >= 300
