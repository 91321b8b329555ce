"""What the DIIT office does in ATS/STARS on a drawn day."""

import random
from collections.abc import Sequence

from scenarios.soak.deeds import deed, one_of, step, two_of
from scenarios.soak.dice import some
from scenarios.soak.tale import Words
from scenarios.soak.town import COURSES, Section, Town


@deed(7)
def enroll(town: Town, chance: random.Random) -> Sequence[Words]:
    """Put a student into a section."""
    student, name = one_of(chance, list(town.students)), one_of(chance, list(town.sections))
    if student is None or name is None:
        return ()
    section = town.sections[name]
    if student not in section.students:
        section.students.append(student)
    return [step("ats", "enroll", student=student, section=name)]


@deed(5)
def drop(town: Town, chance: random.Random) -> Sequence[Words]:
    """Take a student out of a section."""
    name = one_of(chance, [name for name, section in town.sections.items() if section.students])
    if name is None:
        return ()
    student = chance.choice(town.sections[name].students)
    town.sections[name].students.remove(student)
    return [step("ats", "drop", student=student, section=name)]


@deed(3)
def move(town: Town, chance: random.Random) -> Sequence[Words]:
    """Take a student out of one section and put them into another, in one moment."""
    name = one_of(chance, [name for name, section in town.sections.items() if section.students])
    to = one_of(chance, [other for other in town.sections if other != name])
    if name is None or to is None:
        return ()
    student = chance.choice(town.sections[name].students)
    town.sections[name].students.remove(student)
    if student not in town.sections[to].students:
        town.sections[to].students.append(student)
    return [step("ats", "move", student=student, from_=name, to=to)]


@deed(2)
def empty(town: Town, chance: random.Random) -> Sequence[Words]:
    """Take all students out of a section: what the removal guard is for (A14)."""
    name = one_of(chance, [name for name, section in town.sections.items() if section.students])
    if name is None:
        return ()
    students, town.sections[name].students = town.sections[name].students, []
    return [step("ats", "drop", student=student, section=name) for student in students]


@deed(3)
def add_co_teacher(town: Town, chance: random.Random) -> Sequence[Words]:
    """Add a co-teacher; a third is refused (F2)."""
    name = one_of(chance, list(town.sections))
    teacher = one_of(chance, list(town.teachers))
    if name is None or teacher is None:
        return ()
    return [step("ats", "add co-teacher", teacher=teacher, section=name)]


@deed(2)
def remove_co_teacher(town: Town, chance: random.Random) -> Sequence[Words]:
    """Take a co-teacher out."""
    name = one_of(chance, list(town.sections))
    teacher = one_of(chance, town.sections[name].co_teachers or list(town.teachers)) if name else None
    return [step("ats", "remove co-teacher", teacher=teacher, section=name)] if name and teacher else ()


@deed(3)
def set_teachers(town: Town, chance: random.Random) -> Sequence[Words]:
    """Replace the main teacher, or swap them with a co-teacher."""
    name = one_of(chance, list(town.sections))
    if name is None or len(town.teachers) < 2:
        return ()
    section = town.sections[name]
    if section.teacher and section.co_teachers and chance.random() < 0.5:
        main, first = section.co_teachers[0], section.teacher
        co_teachers = [first, *section.co_teachers[1:]]
    else:
        main, *others = chance.sample(list(town.teachers), len(town.teachers))
        co_teachers = some(chance, others, 2)
    section.teacher, section.co_teachers = main, co_teachers
    return [step("ats", "set teachers", section=name, teacher=main, co_teachers=co_teachers)]


# ---------------------------------------------------------------- e-mails


@deed(3)
def swap_emails(town: Town, chance: random.Random) -> Sequence[Words]:
    """Let two people swap their e-mails (A11)."""
    pair = two_of(chance, town.people)
    return _rotate(town, pair)


@deed(2)
def chain_emails(town: Town, chance: random.Random) -> Sequence[Words]:
    """Let each of three people get the e-mail of the next; the last one's goes round, or is a new one."""
    people = chance.sample(town.people, 3) if len(town.people) > 2 else []
    steps = list(_rotate(town, people))
    if people and chance.random() < 0.5:
        town.emails[people[-1]] = _new_email(town, people[-1], chance)
        steps[-1] = _email(people[-1], town.emails[people[-1]])
    return steps


def _rotate(town: Town, people: Sequence[str]) -> Sequence[Words]:
    emails = [town.emails[name] for name in people]
    for name, email in zip(people, [*emails[1:], *emails[:1]], strict=True):
        town.emails[name] = email
    return [_email(name, town.emails[name]) for name in people]


@deed(3)
def change_email(town: Town, chance: random.Random) -> Sequence[Words]:
    """Give somebody a new e-mail, the same in capitals, or that of somebody whom only Otus knows (A11)."""
    name = chance.choice(town.people)
    foreign = [*town.strangers.values(), *town.admins.values()]
    email = chance.choice(
        [_new_email(town, name, chance), town.emails[name].title(), chance.choice(foreign or [town.emails[name]])]
    )
    town.emails[name] = email
    return [_email(name, email)]


@deed(1.5)
def clash_emails(town: Town, chance: random.Random) -> Sequence[Words]:
    """Give somebody the e-mail of another person."""
    pair = two_of(chance, town.people)
    if not pair:
        return ()
    town.emails[pair[0]] = town.emails[pair[1]]
    return [_email(pair[0], town.emails[pair[1]])]


@deed(1.5)
def remove_email(town: Town, chance: random.Random) -> Sequence[Words]:
    """Leave somebody without an e-mail (H4)."""
    return [step("ats", "remove email", person=chance.choice(town.people))]


def _email(name: str, email: str) -> Words:
    return step("ats", "change email", person=name, email=email)


def _new_email(town: Town, name: str, chance: random.Random) -> str:
    domain = "students.example" if name in town.students else "schools.example"
    return f"{name.rpartition(' ')[2].lower()}.{chance.randrange(1000)}@{domain}"


# ---------------------------------------------------------------- people


@deed(1.5)
def rename(town: Town, chance: random.Random) -> Sequence[Words]:
    """Give somebody another name, of somebody else even."""
    person = chance.choice(town.people)
    return [step("ats", "rename", person=person, to=chance.choice([f"{person} Jr", chance.choice(town.people)]))]


@deed(1.5)
def transfer(town: Town, chance: random.Random) -> Sequence[Words]:
    """Let somebody go to another school, or be in two."""
    person = chance.choice(town.people)
    return [
        step("ats", "transfer", person=person, to=chance.sample(town.schools, chance.randint(1, len(town.schools))))
    ]


@deed(3)
def discharge(town: Town, chance: random.Random) -> Sequence[Words]:
    """Let somebody leave the district."""
    person = one_of(chance, [name for name in town.people if name not in town.gone])
    if person is None:
        return ()
    town.gone.add(person)
    return [step("ats", "discharge", person=person)]


@deed(4)
def readmit(town: Town, chance: random.Random) -> Sequence[Words]:
    """Let somebody who left come back, perhaps into a section at once."""
    person = one_of(chance, sorted(town.gone))
    if person is None:
        return ()
    town.gone.discard(person)
    steps = [step("ats", "readmit", person=person)]
    if person in town.students and town.sections and chance.random() < 0.7:
        steps.append(step("ats", "enroll", student=person, section=chance.choice(list(town.sections))))
    return steps


@deed(2)
def new_person(town: Town, chance: random.Random) -> Sequence[Words]:
    """Take somebody new in; sometimes with the e-mail of somebody whom Otus has by hand (H5), or without one (H4)."""
    name, school = town.new_name(), chance.choice(town.schools)
    role = chance.choice(["student", "student", "teacher"])
    town.join(name, role, school)
    town.emails[name] = chance.choice([town.emails[name], *town.strangers.values(), "none"])
    return [step("ats", f"new {role}", **{role: name}, school=school, email=town.emails[name])]


# ---------------------------------------------------------------- sections and schedules


@deed(2)
def new_section(town: Town, chance: random.Random) -> Sequence[Words]:
    """Schedule a section; the schedule of its school may have to be finalized for it (F3)."""
    name, school = town.new_class_name(chance.choice(COURSES)), chance.choice(town.schools)
    teacher = chance.choice(list(town.teachers))
    students = some(chance, list(town.students), 4)
    town.sections[name] = Section(school, teacher, [], students)
    steps = [step("ats", "new section", section=name, school=school, teacher=teacher, students=students)]
    if chance.random() < 0.6:
        steps.append(step("ats", "finalize schedule", school=school))
    return steps


@deed(2.5)
def cancel_section(town: Town, chance: random.Random) -> Sequence[Words]:
    """Cancel a section."""
    name = one_of(chance, [name for name, section in town.sections.items() if not section.canceled])
    if name is None:
        return ()
    town.sections[name].canceled = True
    return [step("ats", "cancel section", section=name)]


@deed(3)
def restore_section(town: Town, chance: random.Random) -> Sequence[Words]:
    """Take a cancellation back."""
    name = one_of(chance, [name for name, section in town.sections.items() if section.canceled])
    if name is None:
        return ()
    town.sections[name].canceled = False
    return [step("ats", "restore section", section=name)]


@deed(0.7)
def change_term(town: Town, chance: random.Random) -> Sequence[Words]:  # noqa: ARG001 - a deed's form
    """Give the term another name: Clever may hold that, and the term has another id (A5)."""
    return [step("ats", "change term", name=f"Term {chance.randrange(9)}")]


@deed(1.5)
def turn_schedule(town: Town, chance: random.Random) -> Sequence[Words]:
    """Finalize a schedule, or reopen it."""
    verb = chance.choice(["finalize schedule", "finalize schedule", "reopen schedule"])
    return [step("ats", verb, school=chance.choice(town.schools))]
