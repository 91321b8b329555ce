"""How Clever spells what a district writes in its own way: grades, subjects, birthdays."""

import re

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
