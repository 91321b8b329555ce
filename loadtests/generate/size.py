"""How large a district is: presets, and what follows where only a part is said."""

from typing import NamedTuple

import msgspec

STUDENTS_MAX = 2_000_000
"""Beyond twice New York the ids of one delivery and the staff numbers of 7 digits would run out."""
SCHOOLS_MAX = 4_000
STUDENTS_PER_SCHOOL_MIN = 20
"""Fewer make no grades of their own."""


class Size(msgspec.Struct, frozen=True):
    """How much there is of everything.

    ``teachers``, ``sections`` and ``enrollments`` are met exactly where every class of a grade can have its own; a
    district of very few students has fewer.
    """

    schools: int
    students: int
    teachers: int
    sections: int
    enrollments: int
    staff: int = 0
    district_admins: int = 1
    large_school: int = 0
    """So many students has one school, whatever is drawn for the others; 0 leaves it to chance."""

    @property
    def users(self) -> int:
        """How many users Clever has."""
        return self.students + self.teachers + self.staff + self.district_admins


PRESETS = {
    "small": Size(schools=6, students=900, teachers=70, sections=330, enrollments=6_300, staff=12),
    # Clever's own sandbox of New York's size class: its figures.
    "sandbox": Size(
        schools=239, students=56_635, teachers=8_412, sections=25_843, enrollments=460_000, staff=478, district_admins=5
    ),
    # New York City's public schools: 1.08 million users.
    "nyc": Size(
        schools=1_800,
        students=1_000_000,
        teachers=76_360,
        sections=250_000,
        enrollments=7_000_000,
        staff=3_600,
        district_admins=40,
    ),
}


class Wish(NamedTuple):
    """What the user says of a size."""

    preset: str
    schools: int | None = None
    students: int | None = None
    large_school: int | None = None


class UnusableSize(ValueError):  # noqa: N818 - as the refusals are named
    """No district can be of this size; the message says which can."""


def size_of(wish: Wish) -> Size:
    """Give the size that is wished for: the preset's, and where schools or students are said, in its proportions.

    Raises:
        UnusableSize: too many, too few, or too few students for so many schools.
    """
    size = _size_of(wish)
    if wish.large_school is None:
        return size
    most = size.students - (size.schools - 1) * STUDENTS_PER_SCHOOL_MIN
    least = STUDENTS_PER_SCHOOL_MIN if size.schools > 1 else size.students
    if not least <= wish.large_school <= most:
        raise UnusableSize(
            f"{wish.large_school:,} students cannot be in one of {size.schools:,} schools with {size.students:,}"
            f" students; name {least:,} to {most:,} with --large-school"
        )
    return msgspec.structs.replace(size, large_school=wish.large_school)


def _size_of(wish: Wish) -> Size:
    preset = PRESETS[wish.preset]
    if wish.schools is None and wish.students is None:
        return preset
    students = wish.students if wish.students is not None else _scaled(preset.students, wish.schools, preset.schools)
    schools = wish.schools if wish.schools is not None else _scaled(preset.schools, wish.students, preset.students)
    _check(schools, students)
    return Size(
        schools=schools,
        students=students,
        teachers=max(3 * schools, _scaled(preset.teachers, students, preset.students)),
        sections=max(schools, _scaled(preset.sections, students, preset.students)),
        enrollments=_scaled(preset.enrollments, students, preset.students),
        staff=2 * schools,
        district_admins=max(1, schools // 45),
    )


def _check(schools: int, students: int) -> None:
    if students > STUDENTS_MAX:
        raise UnusableSize(f"{students:,} students cannot be; name at most {STUDENTS_MAX:,}")
    if schools > SCHOOLS_MAX:
        raise UnusableSize(f"{schools:,} schools cannot be; name at most {SCHOOLS_MAX:,} with --schools")
    if students < schools * STUDENTS_PER_SCHOOL_MIN:
        raise UnusableSize(
            f"{students:,} students are too few for {schools:,} schools, which have at least"
            f" {STUDENTS_PER_SCHOOL_MIN} each; name {schools * STUDENTS_PER_SCHOOL_MIN:,} or more, or fewer schools"
        )


def _scaled(whole: int, part: int | None, of: int) -> int:
    return max(1, round(whole * (part or 0) / of))
