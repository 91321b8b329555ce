"""Fills the file of a fake Otus: as before its first night, or as after last night; with things made by hand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from fakes.otus.codes import class_code
from fakes.otus.filling import Filling
from fakes.otus.records import Account, ByHand, Class, Role, Roster, Settings, roster_digest
from fakes.otus.store import StoredClass
from fakes.shared.moments import wire_time
from loadtests.generate.chunks import CHUNK_ROWS, Plan, Workshop, workshop
from loadtests.generate.draw import NOBODY, People
from loadtests.generate.names import FIRST_NAMES, LAST_NAMES
from loadtests.generate.people_columns import SCHOOLS_DOMAIN, STUDENTS_DOMAIN, person_columns
from loadtests.generate.section_columns import course_places, named_in
from loadtests.generate.tell import Tell

SCHOOLS_PER_ADMIN = 50
SCHOOLS_PER_CLASS_BY_HAND = 20
GUESTS_PER_CLASS = 5
CLASSES_PER_CO_TEACHER_BY_HAND = 500
BY_HAND_STEP = 3
"""A section's own teachers are the next two of the school; the third is in none of its parts."""
BY_HAND_DOMAIN = "by-hand.example"
"""Nobody in Clever has an e-mail of it, so nobody there is matched with who was made by hand (A10)."""


class Planted(msgspec.Struct, frozen=True):
    """What was put in by hand, so that a checker can see it untouched (F6, F9, F10)."""

    admins: tuple[int, ...] = ()
    accounts: tuple[Account, ...] = ()
    """Admins too."""
    classes: tuple[Class, ...] = ()
    members: tuple[tuple[int, int, str], ...] = ()
    """Of these classes: class, account and part."""
    co_teachers: tuple[tuple[int, int, str], ...] = ()
    """Of rostered classes, likewise."""

    def counts(self) -> dict[str, int]:
        """Say how much there is."""
        return {
            "admins": len(self.admins),
            "accounts": len(self.accounts),
            "classes": len(self.classes),
            "members": len(self.members),
            "co_teachers": len(self.co_teachers),
        }


class _Numbers(NamedTuple):
    """The ids of the first account and class of each kind."""

    student: int
    teacher: int
    account_end: int
    section: int
    class_end: int


def fill_otus(path: Path, plan: Plan, state: Literal["first", "after"], tell: Tell) -> Planted:
    """Make the file.

    Args:
        path: of the file; there is none yet.
        plan: of the district.
        state: as before the first night, or as after last night.
        tell: hears how far it is.

    Returns:
        What was put in by hand.
    """
    shop = workshop(plan)
    planted = _made_by_hand(shop)
    numbers = _numbered(shop, planted, state)
    if state == "after":
        planted = msgspec.structs.replace(planted, co_teachers=tuple(_co_teachers(shop, numbers)))
    filling = Filling(path)
    try:
        filling.settings(Settings(manual_rostering=True))  # F11
        filling.accounts(planted.accounts)
        filling.schools((school, account.id) for account in planted.accounts for school in account.schools)
        if state == "after":
            _fill_rostered(filling, shop, numbers, tell)
        filling.classes(StoredClass(about, Roster(), roster_digest(None, (), ())) for about in planted.classes)
        filling.by_hand(_by_hand(planted))
        filling.finish({"account": numbers.account_end - 1, "class": numbers.class_end - 1})
    except BaseException:
        filling.give_up()
        raise
    return planted


def _by_hand(planted: Planted) -> Iterator[tuple[int, ByHand]]:
    for class_id, account, part in (*planted.members, *planted.co_teachers):
        yield class_id, ByHand(account, part)  # type: ignore[arg-type]  # the words of Part


def _numbered(shop: Workshop, planted: Planted, state: str) -> _Numbers:
    district = shop.district
    counts = (len(district.students.number), len(district.teachers.number), len(district.sections.school))
    students, teachers, sections = counts if state == "after" else (0, 0, 0)
    student = len(planted.accounts) + 1
    section = len(planted.classes) + 1
    return _Numbers(student, student + students, student + students + teachers, section, section + sections)


def _made_by_hand(shop: Workshop) -> Planted:
    """Make admins, and classes of guests that nobody in Clever knows."""
    dbns = shop.district.schools.dbns
    accounts: list[Account] = []
    classes: list[Class] = []
    members: list[tuple[int, int, str]] = []
    moment = wire_time(shop.plan.moment)

    def account(role: Role, school: str) -> int:
        number = len(accounts) + 1
        first = FIRST_NAMES.names[number * 31 % len(FIRST_NAMES.names)]
        last = LAST_NAMES.names[number * 17 % len(LAST_NAMES.names)]
        email = f"{first}.{last}{number}@{BY_HAND_DOMAIN}".lower()
        made = Account(number, role, email, first, last, None, None, "manual", True, (school,), moment, moment)
        accounts.append(made)
        return number

    for school in dbns[::SCHOOLS_PER_ADMIN]:
        account("admin", school)
    admins = tuple(one.id for one in accounts)
    for school in dbns[::SCHOOLS_PER_CLASS_BY_HAND]:
        number = len(classes) + 1
        code = class_code(number)
        name = f"Practice {school}"
        classes.append(Class(number, name, school, None, "manual", False, None, code, 1, moment, moment))
        members.append((number, account("teacher", school), "teacher"))
        members += [(number, account("student", school), "student") for _ in range(GUESTS_PER_CLASS)]
    return Planted(admins, tuple(accounts), tuple(classes), tuple(members))


def _co_teachers(shop: Workshop, numbers: _Numbers) -> Iterator[tuple[int, int, str]]:
    """Add teachers of the school to rostered classes by hand (F9)."""
    district = shop.district
    schools = district.teachers.school
    for place in range(0, len(district.sections.school), CLASSES_PER_CO_TEACHER_BY_HAND):
        row = district.sections.teachers[place].tolist()
        candidate = row[0] + BY_HAND_STEP
        same_school = candidate < len(schools) and schools[candidate] == schools[row[0]]
        if same_school and candidate not in row:
            yield numbers.section + place, numbers.teacher + candidate, "co_teacher"


def _fill_rostered(filling: Filling, shop: Workshop, numbers: _Numbers, tell: Tell) -> None:
    district = shop.district
    total = numbers.account_end - numbers.student + numbers.class_end - numbers.section
    done = 0
    for role, people, first, domain in (
        ("student", district.students, numbers.student, STUDENTS_DOMAIN),
        ("teacher", district.teachers, numbers.teacher, SCHOOLS_DOMAIN),
    ):
        for begin in range(0, len(people.number), CHUNK_ROWS):
            end = min(begin + CHUNK_ROWS, len(people.number))
            accounts = list(_accounts(shop, role, people, domain, first, begin, end))  # type: ignore[arg-type]  # above
            filling.accounts(accounts)
            filling.schools((school, account.id) for account in accounts for school in account.schools)
            done += end - begin
            tell(f"accounts of {role}s", done, total)
    for begin in range(0, len(district.sections.school), CHUNK_ROWS):
        end = min(begin + CHUNK_ROWS, len(district.sections.school))
        filling.classes(_classes(shop, numbers, begin, end))
        done += end - begin
        tell("classes", done, total)


def _accounts(
    shop: Workshop, role: Role, people: People, domain: str, first: int, begin: int, end: int
) -> Iterator[Account]:
    moment = wire_time(shop.plan.moment)
    dbns = shop.district.schools.dbns
    columns = person_columns(people, begin, end, domain)
    place = shop.places.student if role == "student" else shop.places.teacher
    rows = zip(
        columns["first_name"],
        columns["last_name"],
        columns["email"],
        columns["sis_id"],
        shop.places.ids(place + begin, place + end),
        people.school[begin:end].tolist(),
        people.second_school[begin:end].tolist(),
        strict=True,
    )
    for number, (one, other, email, sis_id, clever_id, school, second) in enumerate(rows, start=first + begin):
        schools = (dbns[school],) if second == NOBODY else (dbns[school], dbns[second])
        yield Account(
            number,
            role,
            email.decode(),
            one.decode(),
            other.decode(),
            sis_id.decode(),
            clever_id.decode(),
            "clever",
            True,
            schools,
            moment,
            moment,
        )


def _classes(shop: Workshop, numbers: _Numbers, begin: int, end: int) -> Iterator[StoredClass]:
    moment = wire_time(shop.plan.moment)
    sections, places = shop.district.sections, shop.places
    named = named_in(shop.district, begin, end)
    rows = zip(
        sections.school[begin:end].tolist(),
        course_places(sections, begin, end).tolist(),
        sections.number[begin:end].tolist(),
        named.teachers.lists(),
        named.students.lists(),
        strict=True,
    )
    for place, (school, course, number, teachers, students) in enumerate(rows, start=begin):
        main, *co_teachers = teachers
        teacher_keys = [places.id(places.teacher + one).decode() for one in teachers]
        student_keys = tuple(places.id(places.student + one).decode() for one in students)
        class_id = numbers.section + place
        yield StoredClass(
            Class(
                id=class_id,
                name=f"{shop.catalogue[course].name}-{number:02d}",
                school=shop.district.schools.dbns[school],
                clever_id=places.id(places.section + place).decode(),
                provenance="clever",
                archived=False,
                archived_by=None,
                code=class_code(class_id),
                version=1,
                created=moment,
                updated=moment,
            ),
            Roster(
                teacher=numbers.teacher + main,
                co_teachers=tuple(sorted(numbers.teacher + one for one in co_teachers)),
                students=tuple([numbers.student + one for one in students]),
            ),
            roster_digest(teacher_keys[0], tuple(teacher_keys[1:]), student_keys),
        )
