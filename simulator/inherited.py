"""A world whose past was written elsewhere: a district of any size, taken over from what its three systems hold.

A story's past goes through the systems' rules, row by row (:mod:`simulator.past`). A district of 56,000 students takes
minutes that way. Here the systems are opened as they are, and the world only learns who and what there is, and what
everybody is called: by first and last name, a namesake also by number; a class whose name another school has too, by
its school's DBN as well.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from fakes.ats.records import Course, Record
from fakes.ats.records import Person as AtsPerson
from fakes.ats.records import School as AtsSchool
from fakes.ats.records import Section as AtsSection
from fakes.ats.records import Term as AtsTerm
from fakes.clever import Clever
from fakes.clever.feed import CourseRow, Row, SchoolRow, SectionRow, TermRow, UserRow
from fakes.shared.moments import read_wire_time
from simulator.district import Admin, District, Person, School, Section
from simulator.night import Sight
from simulator.views import AtsView, OtusView

if TYPE_CHECKING:
    from simulator.world import World

IN_ATS = ("school", "term", "course", "student", "teacher", "section")
"""What ATS/STARS has of what Clever is delivered, in the order in which one is named by the next."""


class Images(NamedTuple):
    """What the stores of three systems held, as their ``snapshot`` gives it."""

    ats: bytes
    clever: bytes
    otus: bytes


def records_in_ats(clever: Clever) -> Iterator[Record]:
    """Give the records that ATS/STARS must have, for Clever to hold what it does (F4).

    Args:
        clever: the district's; nothing may be delivered to it meanwhile.
    """
    for space in IN_ATS:
        for row in clever.delivered(space):
            record = record_of(row)
            if record is not None:
                yield record


def record_of(row: Row) -> Record | None:
    """Give the record of ATS of which the feed makes a row; ``None`` for what does not come from there (F6)."""
    match row:
        case SchoolRow():
            return AtsSchool(row.sis_id, row.name, row.low_grade, row.high_grade)
        case TermRow():
            return AtsTerm(row.sis_id, row.name, row.start_date, row.end_date)
        case CourseRow():
            return Course(row.sis_id, row.name, row.subject)
        case UserRow(role="student" | "teacher" as role):
            return AtsPerson(
                id=row.sis_id,
                role=role,
                first_name=row.first_name,
                last_name=row.last_name,
                email=row.email,
                schools=row.schools,
                grade=row.grade,
                birth_date=row.birth_date,
                gender=row.gender,
                title=row.title,
            )
        case SectionRow():
            return AtsSection(
                id=row.sis_id,
                dbn=row.school,
                term=row.term,
                course=row.course,
                number=row.section_number,
                name=row.name,
                teacher=row.teachers[0] if row.teachers else None,
                co_teachers=row.teachers[1:],
                students=row.students,
                period=row.period,
            )
    return None


def inherit_past(world: "World") -> District:
    """Take over what the systems of a new world hold: it was entered, delivered and synced before the world begins.

    Args:
        world: made of images.

    Returns:
        The district, under the names that the world's directory has from now on.
    """
    ats, otus = world.ats_view(), world.otus_view()
    world.feed.take_as_delivered()
    people, sections = _people(world, ats), _sections(world, ats)
    admins = _made_by_hand(world, otus)
    _outsiders(world)
    if otus.linked_accounts:
        moment = max(read_wire_time(account.updated) for account in otus.linked_accounts.values())
        world.runner.last_sight = Sight(moment, world.clever_view())
    schools = tuple(School(dbn=school.dbn, name=school.name) for school in ats.schools.values())
    return District(schools=schools, people=people, sections=sections, admins=admins)


class _Names:
    """Gives names, each once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def give(self, name: str, other: str) -> str:
        """Give a name, or another one if somebody has it."""
        given = name if name not in self._taken else f"{name} {other}"
        self._taken.add(given)
        return given


def _people(world: "World", ats: AtsView) -> tuple[Person, ...]:
    names, people = _Names(), []
    for each in ats.people.values():
        if each.discharged:
            continue
        called = f"{each.first_name} {each.last_name}"
        name = names.give(called, each.id)
        person = Person(
            name=name,
            role=each.role,
            schools=each.schools,
            called="" if name == called else called,
            id=each.id,
            email=each.email,
            grade=each.grade,
            birth_date=each.birth_date,
            gender=each.gender,
        )
        world.directory.add_person(person)
        people.append(person)
    return tuple(people)


def _sections(world: "World", ats: AtsView) -> tuple[Section, ...]:
    directory, times = world.directory, Counter(section.name for section in ats.sections.values())
    names, sections = _Names(), []
    for each in ats.sections.values():
        called = each.name if times[each.name] == 1 else f"{each.dbn} {each.name}"
        name = names.give(called, each.id)
        directory.add_section(name, each.id)
        world.remember_section(each)
        sections.append(
            Section(
                name=name,
                school=each.dbn,
                teacher=None if each.teacher is None else directory.name_of(each.teacher),
                co_teachers=tuple(map(directory.name_of, each.co_teachers)),
                students=tuple(map(directory.name_of, each.students)),
            )
        )
    return tuple(sections)


def _made_by_hand(world: "World", otus: OtusView) -> tuple[Admin, ...]:
    """Name the accounts and classes that were made by hand in Otus (F6, F10, H5)."""
    directory = world.directory
    names, admins = _Names(directory.people), []
    for account in otus.accounts.values():
        if account.provenance != "manual":
            continue
        name = names.give(f"{account.first_name} {account.last_name}", f"(account {account.id})")
        directory.accounts[name], directory.outsiders[name] = account.id, account.email
        if account.role == "admin":
            admins.append(Admin(name=name, email=account.email, schools=account.schools))
    classes = _Names(directory.sections)
    for klass in otus.classes.values():
        if klass.provenance == "manual":
            directory.classes[classes.give(klass.name, f"(class {klass.id})")] = klass.id
    return tuple(admins)


def _outsiders(world: "World") -> None:
    """Name whom Clever has from elsewhere than ATS: staff and district admins (F6)."""
    names = _Names([*world.directory.people, *world.directory.outsiders])
    for role in ("staff", "district_admin"):
        for row in world.clever.delivered(role):
            assert isinstance(row, UserRow), row  # noqa: S101 - the spaces of roles hold users
            name = names.give(f"{row.first_name} {row.last_name}", row.sis_id)
            world.directory.outsiders[name] = row.email
