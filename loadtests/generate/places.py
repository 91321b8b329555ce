"""Where everything of a district stands in Clever: the number of its entry, and the id of its record.

Clever numbers entries from 1 and makes ids in the same order, in one second: so the number of an entry is the
counter in its id. The small kinds come first, in a delivery of their own; then students, sections and teachers.
"""

from typing import NamedTuple

from fakes.clever.ids import COUNTER_BITS
from loadtests.generate.draw import District

COUNTER_DIGITS = COUNTER_BITS // 4


class Places(NamedTuple):
    """The number of the first of each kind, and what all ids begin with."""

    id_head: bytes
    """Seconds and machine."""
    school: int
    term: int
    course: int
    student: int
    section: int
    teacher: int
    end: int
    """One more than the last number."""

    def id(self, number: int) -> bytes:
        """Give the id of the record of an entry."""
        return b"%b%06x" % (self.id_head, number)

    def ids(self, begin: int, end: int) -> list[bytes]:
        """Give the ids of the records of entries."""
        form = self.id_head.replace(b"%", b"%%") + b"%06x"
        return [form % number for number in range(begin, end)]


def places_of(district: District, courses: int, example_id: str) -> Places:
    """Lay a district out.

    Args:
        district: drawn.
        courses: how many there are.
        example_id: any id of the same second.
    """
    school = 1
    term = school + len(district.schools.dbns)
    course = term + 1
    student = course + courses + len(district.staff.number) + len(district.district_admins.number)
    section = student + len(district.students.number)
    teacher = section + len(district.sections.school)
    return Places(
        id_head=example_id[:-COUNTER_DIGITS].encode(),
        school=school,
        term=term,
        course=course,
        student=student,
        section=section,
        teacher=teacher,
        end=teacher + len(district.teachers.number),
    )
