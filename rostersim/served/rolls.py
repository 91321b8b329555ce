"""Who is in which class, in the three systems; a class that has not changed is not compared again."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fakes.ats.records import Section
from fakes.otus.records import Class, ClassRoster
from rostersim.served.changed import Changed, Views
from rostersim.served.naming import Called, Renamed
from scenarios.expectations import PART_WORDS, PROVENANCE_WORDS
from scenarios.stage import Stage
from simulator.feed import members_of as members_in_ats
from simulator.views import CleverSection, members_of

NOTHING = ""
TRIPLE = tuple[str, str, str]
"""What ATS, Clever and Otus say."""
BY = ", by "
"""Stands before how a member got into Otus, which is no difference."""


class Held(NamedTuple):
    """A class as each system has it; ``None`` where it has none."""

    section: Section | None
    listed: CleverSection | None
    klass: Class | None
    roster: ClassRoster | None

    @property
    def dbn(self) -> str:
        """The school that it is of, as the first system says that has it."""
        if self.section is not None:
            return self.section.dbn
        if self.listed is not None:
            return self.listed.school
        return "" if self.klass is None else self.klass.school

    def is_over(self, term: str) -> bool:
        """Tell whether it is a class of the past, which the sync leaves as it is: archived, and rightly so (A12, H9).

        Args:
            term: the present one, as ATS has its code.
        """
        if self.klass is None or not self.klass.archived or self.listed is not None:
            return False
        return self.section is None or self.section.canceled or self.section.term != term


class Roll(NamedTuple):
    """Who is in a class, by name, as what."""

    in_ats: dict[str, str]
    in_clever: dict[str, str]
    in_otus: dict[str, str]
    differing: frozenset[str]
    """Of whom the three say different things; of nobody in a class of the past."""
    is_over: bool
    """Whether it is a class of the past."""

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
    """The rolls of all classes, kept from one look to the next.

    Args:
        stage: with the names of the story.
    """

    def __init__(self, stage: Stage) -> None:
        self._directory = stage.directory
        self.ids: dict[str, TRIPLE] = {}
        """Of every class in the three systems, by its name."""
        self.rolls: dict[str, Roll] = {}
        self.counts: tuple[Counter[str], Counter[str], Counter[str]] = (Counter(), Counter(), Counter())
        """In how many classes everybody is, by name, in each system; classes of the past aside."""
        self.unlike: Counter[str] = Counter()
        """In how many classes the three say different things of somebody."""
        self.by_school: dict[str, set[str]] = {}
        """Names of classes, by DBN."""
        self.differing: Counter[str] = Counter()
        """In how many classes of a school the three differ, by DBN."""
        self._held: dict[str, Held] = {}
        self._names: dict[str, str] = {}
        """By ATS's id of a section, of what ATS or Clever has."""
        self._listed: dict[str, str] = {}
        """Clever's id of a section by ATS's."""
        self._taken: dict[int, str] = {}
        """ATS's id of its section by the id of a class in Otus."""
        self._alone: dict[int, str] = {}
        """Names of the classes of Otus that have no section, by their ids."""
        self._term = ""
        self._in_order: list[str] | None = None

    def names(self) -> list[str]:
        """Name all classes, in order."""
        if self._in_order is None:
            self._in_order = sorted(self.ids)
        return self._in_order

    def look(self, before: Views, after: Views, changed: Changed, renamed: Renamed, called: Called, term: str) -> None:
        """Take note of a change.

        Args:
            before: the look before.
            after: the systems now.
            changed: between the two.
            renamed: who is called otherwise.
            called: what everybody is called now.
            term: the present one, as ATS has its code.
        """
        names = self._find_classes(before, after, changed)
        names |= {name for key in changed.in_otus if (name := self._name_of_class(key)) is not None}
        names |= set(self._naming(renamed)) if any(renamed) else set()
        if term != self._term:
            names |= self.ids.keys()
        self._term = term
        for name in names:
            if (name in self._held) != (name in self.ids):
                self._in_order = None
            self._take_off(name)
            if name in self.ids:
                self._put_on(name, after, called)

    def held(self, name: str) -> Held:
        """Give a class as each system has it."""
        return self._held[name]

    # ------------------------------------------------------------ which classes there are

    def _find_classes(self, before: Views, after: Views, changed: Changed) -> set[str]:
        """Look again at which ids belong to one class, and give the names of those that may be otherwise."""
        keys = set(changed.in_ats)
        for clever_id in changed.in_clever:
            for views in (before, after):
                section = views.clever.sections.get(clever_id)
                if section is not None:
                    keys.add(section.sis_id)
                    self._listed.pop(section.sis_id, None)
        for clever_id in changed.in_clever & after.clever.sections.keys():
            self._listed[after.clever.sections[clever_id].sis_id] = clever_id
        for class_id in changed.in_otus:
            keys |= self._keys_of(class_id, after)
        if not keys and not changed.in_otus:
            return set()
        names = set(self._alone.values())
        for name in names:  # a section may come to be called like one of them
            del self.ids[name]
        names |= {name for key in keys for name in self._find_class(key, after)}
        self._find_alone(after)
        return names | set(self._alone.values())

    def _keys_of(self, class_id: int, views: Views) -> set[str]:
        """Give the ids of sections that a class of Otus had, or has now."""
        klass = views.otus.classes.get(class_id)
        clever_id = "" if klass is None else klass.clever_id or ""
        section = views.clever.sections.get(clever_id)
        known = self._directory.section_stints.get(clever_id)
        found = (self._taken.get(class_id), section.sis_id if section else None, known[0] if known else None)
        return {key for key in found if key is not None}

    def _find_class(self, key: str, views: Views) -> list[str]:
        """Put the ids of a section together, and give the names that it had and has."""
        was, clever_id = self._names.pop(key, None), self._listed.get(key, "")
        if was is not None:
            class_id = self.ids.pop(was)[2]
            if class_id and self._taken.get(int(class_id)) == key:
                del self._taken[int(class_id)]
        if not clever_id and key not in views.ats.sections:
            return [] if was is None else [was]
        name = self._directory.name_of(key)
        linked = views.otus.class_of(clever_id or self._directory.clever_sections.get(name, ""))
        self._names[key] = name
        self.ids[name] = (key, clever_id, "" if linked is None else str(linked.id))
        if linked is not None:
            self._taken[linked.id] = key
        return [name] if was is None else [was, name]

    def _find_alone(self, views: Views) -> None:
        """Name the classes that Otus alone has; one that is called like another one by its id too."""
        by_hand = {key: name for name, key in self._directory.classes.items()}
        self._alone = {}
        for class_id in sorted(views.otus.classes.keys() - self._taken.keys()):
            name = by_hand.get(class_id, views.otus.classes[class_id].name)
            name = name if name not in self.ids else f"{name} ({class_id})"
            self.ids[name] = ("", "", str(class_id))
            self._alone[class_id] = name

    def _name_of_class(self, class_id: int) -> str | None:
        key = self._taken.get(class_id)
        return self._alone.get(class_id) if key is None else self._names[key]

    # ------------------------------------------------------------ who is in them

    def _naming(self, renamed: Renamed) -> Iterator[str]:
        """Give the classes in which somebody is who is called otherwise."""
        for name, (section, listed, _, roster) in self._held.items():
            if (
                (section is not None and not renamed.in_ats.isdisjoint(members_in_ats(section)))
                or (listed is not None and not renamed.in_clever.isdisjoint((*listed.teachers, *listed.students)))
                or (roster is not None and not renamed.in_otus.isdisjoint(members_of(roster)))
            ):
                yield name

    def _take_off(self, name: str) -> None:
        held, roll = self._held.pop(name, None), self.rolls.pop(name, None)
        if held is not None and roll is not None:
            self.by_school[held.dbn].discard(name)
            self._count(held.dbn, roll, -1)

    def _put_on(self, name: str, views: Views, called: Called) -> None:
        section_id, clever_id, class_id = self.ids[name]
        otus_id = int(class_id or 0)
        held = self._held[name] = Held(
            views.ats.sections.get(section_id),
            views.clever.sections.get(clever_id),
            views.otus.classes.get(otus_id),
            views.otus.rosters.get(otus_id),
        )
        roll = self.rolls[name] = roll_of(held, called, is_over=held.is_over(self._term))
        self.by_school.setdefault(held.dbn, set()).add(name)
        self._count(held.dbn, roll, 1)

    def _count(self, dbn: str, roll: Roll, step: int) -> None:
        if roll.is_over:
            return
        for count, names in zip(self.counts, (roll.in_ats, roll.in_clever, roll.in_otus), strict=True):
            for name in names:
                count[name] += step
        for name in roll.differing:
            self.unlike[name] += step
        self.differing[dbn] += step if roll.differing else 0


def roll_of(held: Held, called: Called, *, is_over: bool = False) -> Roll:
    """Put the three systems' members of a class side by side.

    Args:
        held: the class in each system.
        called: what everybody is called.
        is_over: whether it is a class of the past.
    """
    in_ats, in_clever = _in_ats(held.section, called.in_ats), _in_clever(held.listed, called.in_clever)
    members = {} if held.roster is None else members_of(held.roster)
    plain = {called.in_otus[account]: PART_WORDS[part] for account, (part, _) in members.items()}
    in_otus = {
        called.in_otus[account]: f"{PART_WORDS[part]}{BY}{PROVENANCE_WORDS[provenance]}"
        for account, (part, provenance) in members.items()
    }
    if is_over or in_ats == in_clever == plain:
        return Roll(in_ats, in_clever, in_otus, frozenset(), is_over)
    unlike = {
        name
        for name in {**in_ats, **in_clever, **plain}
        if not in_ats.get(name) == in_clever.get(name) == plain.get(name)
    }
    return Roll(in_ats, in_clever, in_otus, frozenset(unlike), is_over)


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
