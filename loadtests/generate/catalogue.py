"""What a New York school teaches, and how its boroughs, districts and schools are called (A3)."""

from typing import NamedTuple

GRADES = ("Kindergarten", *(str(grade) for grade in range(1, 13)))
"""In Clever's words, youngest first; a grade's number is its place."""
ROW_GRADES = ("0K", *(f"{grade:02d}" for grade in range(1, 13)))
"""As the feed writes them."""


class Level(NamedTuple):
    """A kind of school."""

    title: str
    """Begins its name."""
    first_grade: int
    last_grade: int
    share: float
    """Of all schools."""
    weight: float
    """How large one is beside the others."""


LEVELS = (
    Level("P.S.", 0, 5, 0.43, 0.85),
    Level("P.S./M.S.", 0, 8, 0.12, 1.1),
    Level("M.S.", 6, 8, 0.19, 0.9),
    Level("High School", 9, 12, 0.26, 1.3),
)


class Borough(NamedTuple):
    """A borough and its community school districts."""

    letter: str
    """In a DBN."""
    districts: tuple[int, ...]
    share: float
    """Of all schools."""


BOROUGHS = (
    Borough("M", tuple(range(1, 7)), 0.20),
    Borough("X", tuple(range(7, 13)), 0.23),
    Borough("K", (*range(13, 24), 32), 0.31),
    Borough("Q", tuple(range(24, 31)), 0.21),
    Borough("R", (31,), 0.05),
)
"""The districts are New York's own: 1 to 32."""


class Course(NamedTuple):
    """A course of the catalogue; a grade has its own of every subject."""

    code: str
    name: str
    subject: str


_YOUNG = (
    ("HR", "Homeroom", "homeroom/advisory"),
    ("LA", "Reading and Writing", "english/language arts"),
    ("MA", "Mathematics", "math"),
    ("SC", "Science", "science"),
    ("SS", "Social Studies", "social studies"),
    ("AR", "Art", "arts and music"),
    ("MU", "Music", "arts and music"),
    ("PE", "Physical Education", "PE and health"),
)
_HIGH: dict[int, tuple[tuple[str, str, str], ...]] = {
    9: (
        ("E1", "English 9", "english/language arts"),
        ("M1", "Algebra 1", "math"),
        ("S1", "Living Environment", "science"),
        ("H1", "Global History 1", "social studies"),
        ("L1", "Spanish 1", "language"),
        ("T1", "Introduction to Computing", "technology and engineering"),
        ("A1", "Studio Art", "arts and music"),
        ("P1", "Physical Education 9", "PE and health"),
    ),
    10: (
        ("E2", "English 10", "english/language arts"),
        ("M2", "Geometry", "math"),
        ("S2", "Earth Science", "science"),
        ("H2", "Global History 2", "social studies"),
        ("L2", "Spanish 2", "language"),
        ("T2", "Web Design", "technology and engineering"),
        ("A2", "Chorus", "arts and music"),
        ("P2", "Physical Education 10", "PE and health"),
    ),
    11: (
        ("E3", "English 11", "english/language arts"),
        ("M3", "Algebra 2", "math"),
        ("S3", "Chemistry", "science"),
        ("H3", "United States History", "social studies"),
        ("L3", "Spanish 3", "language"),
        ("T3", "Programming", "technology and engineering"),
        ("A3", "Photography", "arts and music"),
        ("P3", "Health", "PE and health"),
    ),
    12: (
        ("E4", "English 12", "english/language arts"),
        ("M4", "Calculus", "math"),
        ("S4", "Physics", "science"),
        ("H4", "Economics", "social studies"),
        ("L4", "Spanish Literature", "language"),
        ("T4", "Robotics", "technology and engineering"),
        ("A4", "Theatre", "arts and music"),
        ("P4", "Physical Education 12", "PE and health"),
    ),
}
COURSES_PER_GRADE = len(_YOUNG)


def courses() -> list[Course]:
    """List all courses, those of a grade together, grades youngest first."""
    found = []
    for grade, word in enumerate(ROW_GRADES):
        for code, name, subject in _HIGH.get(grade, _YOUNG):
            full = name if grade in _HIGH else f"{name} {'K' if grade == 0 else grade}"
            found.append(Course(f"{code}{word}", full, subject))
    return found
