"""Values of sections, as columns for the template."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from loadtests.generate.calendar import TERM
from loadtests.generate.catalogue import COURSES_PER_GRADE, GRADES, ROW_GRADES, Course
from loadtests.generate.draw import NOBODY, District, Sections
from loadtests.generate.names import Ints
from loadtests.generate.people_columns import Values, school_columns
from loadtests.generate.places import Places


class Groups(NamedTuple):
    """People in groups, such as the students of each section: one array, and where each group begins in it."""

    begins: Ints
    """One more at the end."""
    members: Ints

    def owners(self) -> Ints:
        """Say of every member in which group they are, from 0."""
        return np.repeat(np.arange(len(self.begins) - 1), np.diff(self.begins))

    def ranks(self) -> Ints:
        """Say of every member at which place of the group they are, from 0."""
        return np.arange(len(self.members)) - np.repeat(self.begins[:-1], np.diff(self.begins))

    def lists(self) -> list[list[int]]:
        """List the members of every group."""
        everybody = self.members.tolist()
        return [everybody[begin:end] for begin, end in pairwise(self.begins.tolist())]


class NamedIn(NamedTuple):
    """Whom sections name, by their places."""

    teachers: Groups
    """The main teacher is the first of each."""
    students: Groups


def named_in(district: District, begin: int, end: int) -> NamedIn:
    """Tell whom some sections name."""
    teachers = district.sections.teachers[begin:end]
    there = teachers != NOBODY
    begins = district.rosters.begins[begin : end + 1]
    return NamedIn(
        Groups(np.r_[0, np.cumsum(there.sum(axis=1))], teachers[there]),
        Groups(begins - begins[0], district.rosters.students[begins[0] : begins[-1]].astype(np.int64)),
    )


def course_places(sections: Sections, begin: int, end: int) -> Ints:
    """Tell the places in the catalogue of the courses of some sections."""
    return (sections.grade * COURSES_PER_GRADE + sections.course)[begin:end]


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
    in_catalogue = course_places(sections, begin, end).tolist()
    courses = [catalogue[place] for place in in_catalogue]
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
        "course_id": [places.id(places.course + place) for place in in_catalogue],
        "teacher": [places.id(places.teacher + main) for main in sections.teachers[begin:end, 0].tolist()],
        **_lists(named.teachers, "teachers", "teacher_numbers", places, places.teacher, district.teachers.number),
        **_lists(named.students, "students", "student_numbers", places, places.student, district.students.number),
    }


def _lists(
    named: Groups, ids_name: str, numbers_name: str, places: Places, first_number: int, numbers: Ints
) -> dict[str, Values]:
    """Write lists of people, by their ids and by the district's own numbers, with quotes and commas.

    Everybody is in several of the sections: every one of them is written once, and then only taken.
    """
    is_named = np.zeros(len(numbers), dtype=np.bool_)
    is_named[named.members] = True
    everybody = np.flatnonzero(is_named)
    taken = Groups(named.begins, (np.cumsum(is_named) - 1)[named.members])
    ids = [b'"%b",' % places.id(number) for number in (first_number + everybody).tolist()]
    own = [b'"%d",' % number for number in numbers[everybody].tolist()]
    return {ids_name: _joined(ids, taken), numbers_name: _joined(own, taken)}


def _joined(words: list[bytes], groups: Groups) -> Values:
    """Join words by groups.

    Args:
        words: each ends with a comma, and all are of one width, as ids and numbers are (A3).
        groups: of places in them.
    """
    widths = set(map(len, words))
    if len(widths) > 1:
        raise AssertionError(f"numbers of one width were expected, and there are {words[0]!r} and {words[-1]!r}")
    width = widths.pop() if widths else 1
    taken = np.array(words, dtype=f"S{width}")[groups.members].tobytes()
    ends = (groups.begins * width).tolist()
    return [taken[begin : max(begin, end - 1)] for begin, end in pairwise(ends)]
