"""A small world out of a large one: the beginning of a story with only whom and what its steps name.

A recording of a world that began with a district would else be a story of 56,000 students. Whoever is in a class that
is named comes along; what these people's other classes do is nobody's concern in a ticket.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from rostersim.served.deeds import Deed, flow
from simulator.clock import NEW_YORK
from simulator.district import District, Person, Section


class Extract:
    """Takes small worlds out of a district.

    Args:
        district: as the world began; everybody was in all three systems.
        start: of the world.
    """

    def __init__(self, district: District, start: datetime) -> None:
        self._start = start
        self._schools = {school.dbn for school in district.schools}
        self._people = {person.name: person for person in district.people}
        self._sections = {section.name: section for section in district.sections}
        self._admins = {admin.name: admin for admin in district.admins}

    def beginning_of(self, deeds: Iterable[Deed]) -> str:
        """Write how a story of some deeds begins, as a story's file has it.

        Args:
            deeds: done since the world's beginning.
        """
        words = {word for deed in deeds for word in _words(deed.spec)}
        sections = [self._sections[name] for name in sorted(words & self._sections.keys())]
        for section in sections:
            words.update(filter(None, (section.teacher, *section.co_teachers, *section.students)))
        people = [self._people[name] for name in sorted(words & self._people.keys())]
        schools = {section.school for section in sections} | {dbn for person in people for dbn in person.schools}
        lines = [f"start: {self._start.astimezone(NEW_YORK):%Y-%m-%d %H:%M}", "district:"]
        for dbn in sorted(schools | words & self._schools):
            lines += _school(dbn, people, sections)
        details = [f"  {flow(person.name)}: {flow(_details(person))}" for person in people]
        admins = [self._admins[name] for name in sorted(words & self._admins.keys())]
        others = [f"  {flow(each.name)}: {flow({'is': 'admin in Otus', 'email': each.email})}" for each in admins]
        for head, said in (("people:", details), ("others:", others)):
            lines += [head, *said] if said else []
        return "\n".join(lines) + "\n"


def _words(spec: Any) -> Iterator[str]:  # noqa: ANN401 - YAML in plain form
    """Give every word of a step that may be a name, keys too: an expectation has names there."""
    match spec:
        case dict():
            yield from (str(key) for key in spec)
            for value in spec.values():
                yield from _words(value)
        case list():
            for value in spec:
                yield from _words(value)
        case str():
            yield spec


def _school(dbn: str, people: list[Person], sections: list[Section]) -> Iterator[str]:
    here = [person for person in people if person.schools[:1] == (dbn,)]
    said: dict[str, Any] = {}
    for role in ("teacher", "student"):
        names = [person.name for person in here if person.role == role]
        said |= {f"{role}s": names} if names else {}
    classes = {section.name: _section(section) for section in sections if section.school == dbn}
    yield f"  {dbn}: {flow(said | ({'sections': classes} if classes else {}))}"


def _section(section: Section) -> dict[str, Any]:
    said = {"teacher": section.teacher, "co-teachers": [*section.co_teachers], "students": [*section.students]}
    return {word: value for word, value in said.items() if value}


def _details(person: Person) -> dict[str, Any]:
    said = {
        "called": person.called,
        "osis" if person.role == "student" else "number": person.id,
        "email": person.email or "none",
        "grade": person.grade,
        "schools": [*person.schools] if len(person.schools) > 1 else [],
    }
    return {word: value for word, value in said.items() if value}
