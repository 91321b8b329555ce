"""Draws a district: its schools, people, sections and who is in which, as arrays of numbers and nothing else.

People and sections are known by their places in the arrays; those of a school stand together. One generator of
random numbers draws everything in a fixed order, so a size and a seed are one district.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from loadtests.generate.catalogue import BOROUGHS, COURSES_PER_GRADE, LEVELS
from loadtests.generate.names import Ints, Names, draw_names
from loadtests.generate.size import STUDENTS_PER_SCHOOL_MIN, Size

TEACHERS_PER_SCHOOL_MIN = 3
"""A section may have a main teacher and two co-teachers (F2)."""
SECOND_SCHOOL_OF_TEACHERS = 0.03
SECOND_SCHOOL_OF_STUDENTS = 0.005
ONE_CO_TEACHER, TWO_CO_TEACHERS = 0.14, 0.03
"""Shares; integrated co-teaching is common in New York."""
SIZE_SPREAD = 0.45
"""Standard deviation of the logarithm of a school's size."""
DBN_NUMBERS = 1_000
"""A DBN has three digits after its borough."""
NOBODY = -1

OSIS_FIRST = 200_000_000
OSIS_GAP_MAX = 350
"""Two million students at gaps of 1 to 350 end well below a billion: OSIS numbers have 9 digits (A3)."""
STAFF_NUMBER_FIRST = 1_000_000
STAFF_GAP_MAX = 40


class Schools(NamedTuple):
    """Schools, by DBN."""

    dbns: tuple[str, ...]
    level: Ints
    """Places in :data:`~loadtests.generate.catalogue.LEVELS`."""
    borough: Ints


class People(NamedTuple):
    """Teachers or students, those of a school together."""

    names: Names
    number: Ints
    """OSIS or staff number, ascending."""
    school: Ints
    second_school: Ints
    """``NOBODY`` for nearly all."""


class Sections(NamedTuple):
    """Sections, those of a school together, in it those of a grade, in it those of a course."""

    school: Ints
    grade: Ints
    course: Ints
    """Of the grade: 0 to 7."""
    number: Ints
    """Of the course in the school, from 1."""
    teachers: Ints
    """Three columns: main teacher and co-teachers, ``NOBODY`` where there is none."""


class Rosters(NamedTuple):
    """Who is in which section."""

    begins: Ints
    """Where the students of each section begin; one more at the end."""
    students: npt.NDArray[np.int32]
    """Ascending in each section."""


class District(NamedTuple):
    """A drawn district."""

    schools: Schools
    students: People
    grades: Ints
    """Of the students."""
    teachers: People
    staff: People
    district_admins: People
    sections: Sections
    rosters: Rosters


def draw_district(size: Size, seed: int) -> District:
    """Draw a district."""
    dice = np.random.default_rng(seed)
    schools = _schools(dice, size.schools)
    weights = np.array([level.weight for level in LEVELS])[schools.level]
    weights = weights * dice.lognormal(0.0, SIZE_SPREAD, size.schools)
    per_school = _students_per_school(size, weights)
    student_schools = np.repeat(np.arange(size.schools), per_school)
    grades = _grades(dice, schools, student_schools)
    students = _people(dice, OSIS_FIRST, OSIS_GAP_MAX, student_schools, size.schools, SECOND_SCHOOL_OF_STUDENTS)
    teachers, staff, admins = _adults(dice, size, per_school)
    sections = _sections(dice, size, student_schools, grades, teachers)
    rosters = _rosters(size, students, grades, sections)
    return District(schools, students, grades, teachers, staff, admins, sections, rosters)


def _students_per_school(size: Size, weights: npt.NDArray[np.float64]) -> Ints:
    """Share the students out; where one school's number is said, it is the one of the most weight."""
    if not size.large_school or size.schools == 1:
        return shared_out(size.students, weights, STUDENTS_PER_SCHOOL_MIN)
    large = int(weights.argmax())
    rest = shared_out(size.students - size.large_school, np.delete(weights, large), STUDENTS_PER_SCHOOL_MIN)
    return np.insert(rest, large, size.large_school)


def shared_out(total: int, weights: npt.NDArray[np.float64], least: int) -> Ints:
    """Share a number out by weights, at least so many to each, and exactly all of it.

    Args:
        total: to be shared out; at least ``least`` for each.
        weights: of those who share.
        least: for each.
    """
    exact = (total - least * len(weights)) * weights / weights.sum()
    shares: Ints = np.floor(exact).astype(np.int64)
    left = total - least * len(weights) - int(shares.sum())
    shares[np.argsort(shares - exact, kind="stable")[:left]] += 1  # the largest fractions first
    shares += least
    return shares


def _schools(dice: np.random.Generator, count: int) -> Schools:
    borough = dice.choice(len(BOROUGHS), count, p=[borough.share for borough in BOROUGHS])
    level = dice.choice(len(LEVELS), count, p=[level.share for level in LEVELS])
    dbns = [""] * count
    for place, borough_ in enumerate(BOROUGHS):
        here = np.flatnonzero(borough == place)
        # Distinct places in a table of the borough's districts and the numbers in each.
        cells = dice.choice(len(borough_.districts) * (DBN_NUMBERS - 1), len(here), replace=False)
        for school, cell in zip(here.tolist(), cells.tolist(), strict=True):
            district, number = divmod(cell, DBN_NUMBERS - 1)
            dbns[school] = f"{borough_.districts[district]:02d}{borough_.letter}{number + 1:03d}"
    order = sorted(range(count), key=dbns.__getitem__)
    return Schools(tuple(dbns[place] for place in order), level[order], borough[order])


def _grades(dice: np.random.Generator, schools: Schools, student_schools: Ints) -> Ints:
    """Give every student a grade of their school; in a school they stand by grade."""
    first = np.array([level.first_grade for level in LEVELS])[schools.level]
    last = np.array([level.last_grade for level in LEVELS])[schools.level]
    grades: Ints = dice.integers(first[student_schools], last[student_schools] + 1)
    ordered: Ints = grades[np.lexsort((grades, student_schools))]
    return ordered


def _people(
    dice: np.random.Generator,
    first_number: int,
    gap_max: int,
    schools: Ints,
    school_count: int,
    second_share: float,
    names: Names | None = None,
) -> People:
    count = len(schools)
    numbers = first_number + np.cumsum(dice.integers(1, gap_max + 1, count))
    second = np.where(dice.random(count) < second_share, dice.integers(0, school_count, count), NOBODY)
    return People(
        names=draw_names(dice, count) if names is None else names,
        number=numbers,
        school=schools,
        second_school=np.where(second == schools, NOBODY, second),
    )


def _adults(dice: np.random.Generator, size: Size, per_school: Ints) -> tuple[People, People, People]:
    """Draw everybody with an e-mail of the schools together: no two have one e-mail, so none merge in Clever."""
    least = min(TEACHERS_PER_SCHOOL_MIN, size.teachers // size.schools)
    shares = shared_out(size.teachers, per_school.astype(np.float64), least)
    schools = np.concatenate(
        [
            np.repeat(np.arange(size.schools), shares),
            np.arange(size.staff) % size.schools,
            np.zeros(size.district_admins, dtype=np.int64),
        ]
    )
    all_ = _people(dice, STAFF_NUMBER_FIRST, STAFF_GAP_MAX, schools, size.schools, SECOND_SCHOOL_OF_TEACHERS)
    ends = [size.teachers, size.teachers + size.staff, len(schools)]
    return _part(all_, 0, ends[0]), _part(all_, ends[0], ends[1]), _part(all_, ends[1], ends[2])


def _part(people: People, begin: int, end: int) -> People:
    names, number, school, second = people
    return People(Names(*(part[begin:end] for part in names)), number[begin:end], school[begin:end], second[begin:end])


class _Groups(NamedTuple):
    """The students of one grade of one school, for every such grade."""

    school: Ints
    grade: Ints
    size: Ints
    begins: Ints


def _groups(student_schools: Ints, grades: Ints) -> _Groups:
    keys = student_schools * 100 + grades
    begins = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    return _Groups(student_schools[begins], grades[begins], np.diff(np.r_[begins, len(keys)]), begins)


def _sections_per_group(size: Size, groups: _Groups) -> Ints:
    """Share the sections out to grades by students; where it can be, each has one for every class of a student."""
    wanted = -(-size.enrollments // size.students) + 1
    least = max(1, min(wanted, size.sections // len(groups.size)))
    total = max(size.sections, least * len(groups.size))
    return shared_out(total, groups.size.astype(np.float64), least)


def _sections(dice: np.random.Generator, size: Size, student_schools: Ints, grades: Ints, teachers: People) -> Sections:
    groups = _groups(student_schools, grades)
    per_group = _sections_per_group(size, groups)
    group = np.repeat(np.arange(len(per_group)), per_group)
    place = np.arange(len(group)) - np.repeat(np.cumsum(per_group) - per_group, per_group)
    course = place * COURSES_PER_GRADE // per_group[group]
    first_of_course = -(-course * per_group[group] // COURSES_PER_GRADE)
    school = groups.school[group]
    return Sections(
        school=school,
        grade=groups.grade[group],
        course=course,
        number=place - first_of_course + 1,
        teachers=_teachers_of(dice, school, teachers, size.schools),
    )


def _teachers_of(dice: np.random.Generator, school: Ints, teachers: People, school_count: int) -> Ints:
    """Give a teacher some neighbouring sections, so that most teach one grade or two; co-teachers are the next."""
    sections_of = np.bincount(school, minlength=school_count)
    teachers_of = np.bincount(teachers.school, minlength=school_count)
    first_teacher = np.cumsum(teachers_of) - teachers_of
    place = np.arange(len(school)) - (np.cumsum(sections_of) - sections_of)[school]
    there = teachers_of[school]
    main = place * there // sections_of[school]
    chance = dice.random(len(school))
    co_teachers = [
        np.where((chance < share) & (there > ahead), first_teacher[school] + (main + ahead) % there, NOBODY)
        for ahead, share in ((1, ONE_CO_TEACHER + TWO_CO_TEACHERS), (2, TWO_CO_TEACHERS))
    ]
    return np.stack([first_teacher[school] + main, *co_teachers], axis=1)


def _rosters(size: Size, students: People, grades: Ints, sections: Sections) -> Rosters:
    groups = _groups(students.school, grades)
    keys = sections.school * 100 + sections.grade
    first_section = np.searchsorted(keys, groups.school * 100 + groups.grade)
    there = np.searchsorted(keys, groups.school * 100 + groups.grade, side="right") - first_section
    group = np.repeat(np.arange(len(groups.size)), groups.size)
    rank = np.arange(len(group)) - groups.begins[group]
    classes = _classes_per_student(size, there[group])
    # A student begins somewhere in the grade's sections and takes one at every step; neighbours begin at the same, so
    # that classmates share most of their classes, as a homeroom does.
    start = rank * there[group] // groups.size[group]
    step = there[group] // classes
    student = np.repeat(np.arange(len(group)), classes)
    turn = np.arange(len(student)) - np.repeat(np.cumsum(classes) - classes, classes)
    offset = (start[student] + turn * step[student]) % there[group][student]
    section = first_section[group][student] + offset
    _send_to_second_schools(students, sections, student, section, turn)
    packed = np.sort(section.astype(np.int64) << 32 | student)
    begins = np.searchsorted(packed, np.arange(len(sections.school) + 1, dtype=np.int64) << 32)
    return Rosters(begins, (packed & 0xFFFFFFFF).astype(np.int32))


def _classes_per_student(size: Size, there: Ints) -> Ints:
    base, more = divmod(size.enrollments, size.students)
    classes = np.full(len(there), base, dtype=np.int64)
    classes[np.linspace(0, len(there) - 1, more, dtype=np.int64)] += 1 if more else 0
    return np.clip(classes, 1, there)


def _send_to_second_schools(students: People, sections: Sections, student: Ints, section: Ints, turn: Ints) -> None:
    """Move one class of every student of two schools to the second one."""
    moves = np.flatnonzero((turn == 0) & (students.second_school[student] != NOBODY))
    target = students.second_school[student[moves]]
    first = np.searchsorted(sections.school, target)
    count = np.searchsorted(sections.school, target, side="right") - first
    section[moves] = first + student[moves] % count
