"""Who is in which class, in the three systems; a class that has not changed is not compared again."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fakes.ats.records import Section
from fakes.otus.records import ClassRoster
from scenarios.expectations import PART_WORDS, PROVENANCE_WORDS
from simulator.views import CleverSection, members_of

NOTHING = ""
TRIPLE = tuple[str, str, str]
"""What ATS, Clever and Otus say."""
BY = ", by "
"""Stands before how a member got into Otus, which is no difference."""


class Called(NamedTuple):
    """What everybody is called, by the ids of each system."""

    in_ats: dict[str, str]
    """By OSIS or staff number, of whom Clever alone has too."""
    in_clever: dict[str, str]
    """By Clever id."""
    in_otus: dict[int, str]
    """By the id of the account."""


class Held(NamedTuple):
    """A class as each system has it; ``None`` where it has none."""

    section: Section | None
    listed: CleverSection | None
    roster: ClassRoster | None


class Roll(NamedTuple):
    """Who is in a class, by name, as what."""

    in_ats: dict[str, str]
    in_clever: dict[str, str]
    in_otus: dict[str, str]
    differing: frozenset[str]
    """Of whom the three say different things."""

    def of(self, name: str) -> TRIPLE:
        """Say what somebody is in the class."""
        return self.in_ats.get(name, NOTHING), self.in_clever.get(name, NOTHING), self.in_otus.get(name, NOTHING)

    def everybody(self) -> dict[str, TRIPLE]:
        """Say what everybody is in the class."""
        return {name: self.of(name) for name in {**self.in_ats, **self.in_clever, **self.in_otus}}

    def has(self, name: str) -> bool:
        """Tell whether somebody is in the class, in any system."""
        return name in self.in_ats or name in self.in_clever or name in self.in_otus


class Rolls:
    """The rolls of all classes, kept from one look to the next."""

    def __init__(self) -> None:
        self._called: Called | None = None
        self._kept: dict[str, tuple[Held, Roll]] = {}

    def __call__(self, called: Called, classes: Mapping[str, Held]) -> dict[str, Roll]:
        """Give the roll of every class.

        Args:
            called: what everybody is called; when anybody is called otherwise than before, nothing is kept.
            classes: by name, as they are held now.
        """
        before = self._kept if called == self._called else {}
        self._called, self._kept = called, {}
        for name, held in classes.items():
            known = before.get(name)
            self._kept[name] = known if known is not None and known[0] == held else (held, roll_of(held, called))
        return {name: roll for name, (_, roll) in self._kept.items()}


def roll_of(held: Held, called: Called) -> Roll:
    """Put the three systems' members of a class side by side."""
    in_ats, in_clever = _in_ats(held.section, called.in_ats), _in_clever(held.listed, called.in_clever)
    members = {} if held.roster is None else members_of(held.roster)
    plain = {called.in_otus[account]: PART_WORDS[part] for account, (part, _) in members.items()}
    in_otus = {
        called.in_otus[account]: f"{PART_WORDS[part]}{BY}{PROVENANCE_WORDS[provenance]}"
        for account, (part, provenance) in members.items()
    }
    if in_ats == in_clever == plain:
        return Roll(in_ats, in_clever, in_otus, frozenset())
    unlike = {
        name
        for name in {**in_ats, **in_clever, **plain}
        if not in_ats.get(name) == in_clever.get(name) == plain.get(name)
    }
    return Roll(in_ats, in_clever, in_otus, frozenset(unlike))


def _in_ats(section: Section | None, names: Mapping[str, str]) -> dict[str, str]:
    if section is None or section.canceled:
        return {}
    parts = dict.fromkeys(section.students, "student")
    parts |= dict.fromkeys(section.co_teachers, "co-teacher")
    parts |= {} if section.teacher is None else {section.teacher: "teacher"}
    return {names.get(number, number): part for number, part in parts.items()}


def _in_clever(section: CleverSection | None, names: Mapping[str, str]) -> dict[str, str]:
    if section is None:
        return {}
    parts = dict.fromkeys(section.students, "student")
    parts |= dict.fromkeys(section.teachers[1:], "co-teacher")
    parts |= dict.fromkeys(section.teachers[:1], "teacher")
    return {names.get(user) or f"somebody not shared ({user})": part for user, part in parts.items()}


def differ(triple: Iterable[str]) -> bool:
    """Tell whether the systems say different things; how a member got into Otus is no difference."""
    return len({part.partition(BY)[0] for part in triple}) > 1
