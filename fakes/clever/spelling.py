"""How Clever spells what a district writes in its own way: grades, subjects, birthdays."""

import re

LAST_GRADE = 12
SCHOOL_YEAR_TURNS_MONTH = 7
"""July. Source: H9."""

GRADES = {"PK": "PreKindergarten", "0K": "Kindergarten", "K": "Kindergarten", "00": "Kindergarten"}
"""How the feed writes the grades that Clever spells out; ``09`` becomes ``9``."""

SUBJECTS = (
    "english/language arts",
    "math",
    "science",
    "social studies",
    "language",
    "homeroom/advisory",
    "interventions/online learning",
    "technology and engineering",
    "PE and health",
    "arts and music",
    "other",
)
SUBJECT_OF = {subject.casefold(): subject for subject in SUBJECTS} | {
    "ela": "english/language arts",
    "english": "english/language arts",
    "mathematics": "math",
    "history": "social studies",
    "physical education": "PE and health",
    "health": "PE and health",
    "art": "arts and music",
    "music": "arts and music",
}
"""Clever's own words, and what districts call the same."""


def grade_word(grade: str) -> str:
    """Write a grade as Clever does; one that it has no word for stays as it is."""
    if grade.isdigit() and grade.strip("0"):
        return grade.lstrip("0")
    return GRADES.get(grade.upper(), grade)


def subject_word(subject: str) -> str:
    """Write a subject in Clever's words; any other is ``other``, and none is ``""``."""
    return SUBJECT_OF.get(subject.casefold(), "other") if subject else ""


def birthday_word(day: str) -> str:
    """Write a day as Clever does, ``M/D/YYYY`` without zeros in front; what is no day stays as it is."""
    match = re.fullmatch(r"(\d{4})-0?(\d{1,2})-0?(\d{1,2})", day)
    return f"{match[2]}/{match[3]}/{match[1]}" if match else day


def graduation_year(grade: str, moment: str) -> str:
    """Tell in which year a student finishes grade 12, the school year turning on 1 July (H9).

    Args:
        grade: in Clever's words; without a number there is no year.
        moment: as on the wire, at which the student is in that grade.
    """
    if not grade.isdigit() or int(grade) > LAST_GRADE:
        return ""
    year, month = int(moment[:4]), int(moment[5:7])
    school_year_ends = year + 1 if month >= SCHOOL_YEAR_TURNS_MONTH else year
    return str(school_year_ends + LAST_GRADE - int(grade))
