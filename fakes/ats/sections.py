"""What ATS/STARS lets a section be (F2, A3): functions of a section and its people, no store, no clock."""

from collections import Counter

from msgspec.structs import replace

from fakes.ats.records import CO_TEACHERS_MAX, Course, NewSection, Person, PersonKind, Section
from fakes.shared.refusals import Conflict, Unprocessable


def schedule_section(new: NewSection, course: Course) -> Section:
    """Make a section of what was asked for, with the id that ATS gives it and, if need be, the name."""
    return Section(
        id=section_id(new),
        dbn=new.dbn,
        term=new.term,
        course=new.course,
        number=new.number,
        name=new.name or f"{course.name}-{new.number}",
        teacher=new.teacher,
        co_teachers=new.co_teachers,
        students=new.students,
        period=new.period,
    )


def section_id(section: NewSection | Section) -> str:
    """Make the id of a section of its school, term, course code and number (A3)."""
    return f"{section.dbn}-{section.term}-{section.course}-{section.number}"


def staff_of(section: Section) -> tuple[str, ...]:
    """Give the main teacher, if there is one, and the co-teachers."""
    return (*([section.teacher] if section.teacher is not None else []), *section.co_teachers)


def without_person(section: Section, person_id: str) -> Section:
    """Take a person out of a section, whatever they are in it."""
    return replace(
        section,
        teacher=None if section.teacher == person_id else section.teacher,
        co_teachers=tuple(teacher for teacher in section.co_teachers if teacher != person_id),
        students=tuple(student for student in section.students if student != person_id),
    )


def check_co_teachers(section: Section) -> None:
    """Refuse a third co-teacher (F2).

    Raises:
        Unprocessable: the section would have more than :data:`~fakes.ats.records.CO_TEACHERS_MAX`.
    """
    if len(section.co_teachers) > CO_TEACHERS_MAX:
        raise Unprocessable(
            f"section {section.id} would have {len(section.co_teachers)} co-teachers "
            f"({', '.join(section.co_teachers)}); ATS/STARS allows at most {CO_TEACHERS_MAX}. "
            "Remove a co-teacher from the section in ATS/STARS, or add this one by hand to the class in Otus",
            code="co_teacher_limit",
        )


def check_nobody_twice(section: Section) -> None:
    """Refuse a person who would be in a section in two places.

    Raises:
        Unprocessable: the same id stands twice among its teacher and co-teachers, or among its students.
    """
    for part, people in (("teachers", staff_of(section)), ("students", section.students)):
        twice = [person_id for person_id, times in Counter(people).items() if times > 1]
        if twice:
            raise Unprocessable(
                f"{', '.join(twice)} would stand twice among the {part} of section {section.id}; everybody "
                "is in a section once. Leave one out; to swap teacher and co-teacher, give both in one edit",
                code="person_twice",
            )


def check_not_canceled(section: Section) -> None:
    """Refuse to work on a canceled section.

    Raises:
        Conflict: it is canceled.
    """
    if section.canceled:
        raise Conflict(
            f"section {section.id} is canceled, and a canceled section is not edited; restore it first",
            code="canceled",
        )


def check_may_join(person: Person, section: Section, role: PersonKind) -> None:
    """Refuse a person whom a section cannot have.

    Args:
        person: who is to join.
        section: what they join.
        role: what the place wants, a student or a teacher.

    Raises:
        Conflict: the person is discharged.
        Unprocessable: the person has the other role, or is not in the section's school.
    """
    if person.role != role:
        raise Unprocessable(
            f"{person.id} is a {person.role}, and this place in section {section.id} is for a {role}; "
            f"give the id of a {role}",
            code="wrong_role",
        )
    if person.discharged:
        raise Conflict(
            f"{person.role} {person.id} is discharged, and section {section.id} takes only who is in the "
            "district; readmit them first",
            code="discharged",
        )
    if section.dbn not in person.schools:
        raise Unprocessable(
            f"{person.role} {person.id} is in {', '.join(person.schools)}, and section {section.id} is of "
            f"{section.dbn}; add {section.dbn} to their schools first",
            code="not_in_school",
        )
