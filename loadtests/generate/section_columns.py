"""Values of sections, as columns for the template."""

from itertools import pairwise
from typing import NamedTuple

from loadtests.generate.calendar import TERM
from loadtests.generate.catalogue import COURSES_PER_GRADE, GRADES, ROW_GRADES, Course
from loadtests.generate.draw import NOBODY, District
from loadtests.generate.names import Ints
from loadtests.generate.people_columns import Values, school_columns
from loadtests.generate.places import Places


class NamedIn(NamedTuple):
    """Whom sections name, by their places."""

    teachers: list[list[int]]
    students: list[list[int]]


def named_in(district: District, begin: int, end: int) -> NamedIn:
    """Tell whom some sections name."""
    sections, rosters = district.sections, district.rosters
    teachers = [[one for one in row if one != NOBODY] for row in sections.teachers[begin:end].tolist()]
    begins = rosters.begins[begin : end + 1].tolist()
    together = rosters.students[begins[0] : begins[-1]].tolist()
    offsets = [place - begins[0] for place in begins]
    students = [together[one:other] for one, other in pairwise(offsets)]
    return NamedIn(teachers, students)


def section_columns(
    district: District, places: Places, catalogue: list[Course], named: NamedIn, begin: int, end: int
) -> dict[str, Values]:
    """Write all values of some sections.

    Args:
        district: drawn.
        places: of it.
        catalogue: all courses.
        named: whom these sections name.
        begin: the first of them.
        end: one after the last.
    """
    sections = district.sections
    schools = school_columns(district, places, sections.school[begin:end])
    grades = sections.grade[begin:end].tolist()
    course_places = (sections.grade * COURSES_PER_GRADE + sections.course)[begin:end].tolist()
    courses = [catalogue[place] for place in course_places]
    numbers = [b"%02d" % number for number in sections.number[begin:end].tolist()]
    return {
        **schools,
        "id": places.ids(places.section + begin, places.section + end),
        "sis_id": [
            b"%b-%b-%b-%b" % (dbn, TERM.sis_id.encode(), course.code.encode(), number)  # A3, as ATS/STARS makes it
            for dbn, course, number in zip(schools["dbn"], courses, numbers, strict=True)
        ],
        "name": [b"%b-%b" % (course.name.encode(), number) for course, number in zip(courses, numbers, strict=True)],
        "section_number": numbers,
        "period": [b"%d" % (place % 8 + 1) for place in range(begin, end)],
        "subject": [course.subject.encode() for course in courses],
        "grade": [GRADES[grade].encode() for grade in grades],
        "row_grade": [ROW_GRADES[grade].encode() for grade in grades],
        "term": [TERM.sis_id.encode()] * (end - begin),
        "term_id": [places.id(places.term)] * (end - begin),
        "course": [course.code.encode() for course in courses],
        "course_id": [places.id(places.course + place) for place in course_places],
        "teacher": [places.id(places.teacher + row[0]) for row in named.teachers],
        **_lists(named.teachers, "teachers", "teacher_numbers", places, places.teacher, district.teachers.number),
        **_lists(named.students, "students", "student_numbers", places, places.student, district.students.number),
    }


def _lists(
    named: list[list[int]], ids_name: str, numbers_name: str, places: Places, first_number: int, numbers: Ints
) -> dict[str, Values]:
    """Write lists of people, by their ids and by the district's own numbers, with quotes and commas.

    Those in neighbouring sections are neighbours: every one of them is written once, and then only joined.
    """
    low = min((min(row) for row in named if row), default=0)
    high = max((max(row) for row in named if row), default=-1) + 1
    ids = [b'"%b"' % one for one in places.ids(first_number + low, first_number + high)]
    own = [b'"%d"' % number for number in numbers[low:high].tolist()]
    offsets = [[one - low for one in row] for row in named]
    return {
        ids_name: [b",".join(map(ids.__getitem__, row)) for row in offsets],
        numbers_name: [b",".join(map(own.__getitem__, row)) for row in offsets],
    }
