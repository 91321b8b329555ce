"""The small district of a drawn story, and what its office has made of it so far.

The generator keeps no books of Clever or Otus: a step that turns out impossible there is left out by the player.
What it knows of ATS serves to draw steps that are mostly possible.
"""

import random
from dataclasses import dataclass, field

from scenarios.soak.dice import Dice, some
from scenarios.soak.tale import Words

FIRST = (
    *("Mei", "Ben", "Omar", "Hana", "Rosa", "Kofi", "Anna", "Luis", "Noor", "Ivan", "Zoe", "Tariq"),
    *("Ines", "Yuki", "Sam", "Lea", "Ravi", "Nia", "Paul", "Ada", "Emre", "Vera", "Hugo", "Lin"),
)
LAST = (
    *("Chen", "Okri", "Haddad", "Yoshida", "Diaz", "Mensah", "Kowalski", "Ortiz", "Rahman", "Petrov", "Brandt"),
    *("Aziz", "Costa", "Mori", "Lund", "Roth", "Patel", "Obi", "Weiss", "Young", "Demir", "Novak", "Silva", "Park"),
)
COURSES = ("Algebra 1", "Biology", "Chemistry", "English 9", "French 2", "Geometry", "History", "Music")
DBNS = ("02M475", "16K393", "27Q410")
CO_TEACHERS_DRAWN_MAX = 2


@dataclass
class Section:
    """A section as the office has it."""

    school: str
    teacher: str | None
    co_teachers: list[str]
    students: list[str]
    canceled: bool = False


@dataclass
class Town:
    """Who and what there is.

    Attributes:
        sandboxes: classes made by hand.
        strangers: people who were added by hand, by e-mail.
        lost: schools that the feed delivers empty.
        unshared: schools that Otus is not shown.
        locked: systems of which the sync has no token that is good.
        named: how many names have been given out.
    """

    names: list[str]
    schools: list[str] = field(default_factory=list)
    students: dict[str, str] = field(default_factory=dict)
    teachers: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    sections: dict[str, Section] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    admins: dict[str, str] = field(default_factory=dict)
    strangers: dict[str, str] = field(default_factory=dict)
    sandboxes: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    unshared: set[str] = field(default_factory=set)
    locked: set[str] = field(default_factory=set)
    named: int = 0

    def new_name(self) -> str:
        """Give a name that nobody has."""
        self.named += 1
        return self.names[self.named - 1]

    def new_class_name(self, words: str) -> str:
        """Give a name that no class has."""
        taken = sum(name.startswith(words) for name in (*self.sections, *self.sandboxes))
        return f"{words}-{taken + 1:02d}"

    @property
    def people(self) -> list[str]:
        """Everybody whom ATS knows, those who have left too."""
        return [*self.students, *self.teachers]

    @property
    def classes(self) -> list[str]:
        """Every class that Otus may have."""
        return [*self.sections, *self.sandboxes]

    def join(self, name: str, role: str, school: str) -> None:
        """Take somebody in."""
        domain = "students.example" if role == "student" else "schools.example"
        self.emails[name] = f"{name.lower().replace(' ', '.')}@{domain}"
        (self.students if role == "student" else self.teachers)[name] = school


def found(dice: Dice) -> Town:
    """Draw a district of one to three schools."""
    chance = dice.of("district")
    names = [f"{first} {last}" for first in FIRST for last in LAST]
    chance.shuffle(names)
    town = Town(names)
    for dbn in DBNS[: chance.choice([1, 1, 2, 2, 3])]:
        town.schools.append(dbn)
        _fill(town, dbn, dice.of("school", dbn))
    admin = town.new_name()
    town.admins[admin] = f"{admin.lower().replace(' ', '.')}@office.example"
    return town


def _fill(town: Town, dbn: str, chance: random.Random) -> None:
    for _ in range(chance.randint(2, 4)):
        town.join(town.new_name(), "teacher", dbn)
    for _ in range(chance.randint(3, 9)):
        town.join(town.new_name(), "student", dbn)
    teachers = [name for name, school in town.teachers.items() if school == dbn]
    students = [name for name, school in town.students.items() if school == dbn]
    for course in chance.sample(COURSES, chance.randint(1, 3)):
        main, *others = chance.sample(teachers, len(teachers))
        town.sections[town.new_class_name(course)] = Section(
            dbn, main, some(chance, others, CO_TEACHERS_DRAWN_MAX), some(chance, students, len(students))
        )


def district_words(town: Town) -> Words:
    """Say the district as a story does."""
    return {
        dbn: {
            "teachers": [name for name, school in town.teachers.items() if school == dbn],
            "students": [name for name, school in town.students.items() if school == dbn],
            "sections": {
                name: {
                    "teacher": section.teacher or "",
                    "co-teachers": tuple(section.co_teachers),
                    "students": tuple(section.students),
                }
                for name, section in town.sections.items()
                if section.school == dbn
            },
        }
        for dbn in town.schools
    }


def others_words(town: Town) -> Words:
    """Say who is an admin in Otus."""
    return {name: {"is": "admin in Otus", "email": email} for name, email in town.admins.items()}
