"""Puts a world together from masked records: a story's beginning, Clever's CSV folder, and the moments.

``world.scenario.yaml`` is what `rostersim explain --world`, `serve --world` and a story begin with; ``clever/`` holds
the same district as Clever's CSV files, with all its teachers of a section; ``times.json`` says when Clever made and
last changed each record.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from fakes.ats.records import CO_TEACHERS_MAX
from fakes.clever import Clever, CourseRow, SchoolRow, SectionRow, TermRow, UserRow
from fakes.clever.feed import Row
from fakes.clever.sftp import export_folder
from rostersim.capture.masking import MaskedSchool, MaskedSection, MaskedUser
from rostersim.capture.pages import Captured
from rostersim.capture.reading import CaptureError
from rostersim.stories import WORLD_FILE
from scenarios.located import STORY_BYTES_MAX
from simulator.clock import NEW_YORK

CLEVER_FOLDER = "clever"
TIMES_FILE = "times.json"


class Cast(NamedTuple):
    """Who and what is in the world, under the names that a story calls them by."""

    schools: dict[str, MaskedSchool]
    """By DBN."""
    people: dict[str, MaskedUser]
    """Students and teachers."""
    office: dict[str, MaskedUser]
    """Staff and district admins (F6)."""
    sections: dict[str, MaskedSection]


class Built(NamedTuple):
    """What was written, and what there is to say of it."""

    cast: Cast
    remarks: tuple[str, ...]


class _World:
    """Writes the beginning of a story."""

    def __init__(self, cast: Cast, start: datetime) -> None:
        self._cast = cast
        self._start = start
        self._dbn = {school.id: dbn for dbn, school in cast.schools.items()}
        self._name = {user.id: name for name, user in cast.people.items()}
        self._emails: set[str] = set()
        self.left_out: Counter[str] = Counter()

    def lines(self) -> Iterator[str]:
        """Give the file, line by line."""
        local = self._start.astimezone(NEW_YORK)
        yield "title: A captured district"
        yield "about: Captured from Clever; every name, number, address and date of birth in it is made up."
        yield f"start: {local:%Y-%m-%d %H:%M}"
        yield "district:"
        for dbn, school in self._cast.schools.items():
            yield from self._school(dbn, school)
        yield "people:"
        for name, user in self._cast.people.items():
            yield f"  {name}: {_flow(self._details(name, user))}"
        if self._cast.office:
            yield "others:"
            for name, user in self._cast.office.items():
                yield f"  {name}: {_flow(self._other(user))}"

    def _school(self, dbn: str, school: MaskedSchool) -> Iterator[str]:
        yield f"  {dbn}:"
        sections = {name: each for name, each in self._cast.sections.items() if each.school == school.id}
        for role in ("teacher", "student"):
            here = [n for n, u in self._cast.people.items() if _role(u) == role and self._schools(u)[:1] == [dbn]]
            if here:
                yield f"    {role}s: {_list(here)}"
        if sections:
            yield "    sections:"
            for name, section in sections.items():
                yield f"      {name}: {_flow(self._section(section))}"

    def _schools(self, user: MaskedUser) -> list[str]:
        return [self._dbn[school] for school in user.schools if school in self._dbn]

    def _section(self, section: MaskedSection) -> dict[str, str]:
        teachers = self._members(section.teachers, "teacher")
        students = self._members(section.students, "student")
        beyond = teachers[1 + CO_TEACHERS_MAX :]
        self.left_out["co-teachers beyond the two that ATS/STARS allows (F2)"] += len(beyond)
        said = {"teacher": teachers[0] if teachers else "", "students": _list(students) if students else ""}
        said["co-teachers"] = _list(teachers[1 : 1 + CO_TEACHERS_MAX]) if len(teachers) > 1 else ""
        return said

    def _members(self, ids: Iterable[str], role: str) -> list[str]:
        names = [self._name[each] for each in ids if each in self._name]
        found = [name for name in names if _role(self._cast.people[name]) == role]
        self.left_out["members of sections whom Clever does not share (A16)"] += len(list(ids)) - len(found)
        return found

    def _details(self, name: str, user: MaskedUser) -> dict[str, str]:
        email = user.email if user.email and user.email not in self._emails else ""
        if user.email and not email:
            self.left_out["e-mails that somebody else has too (A11)"] += 1
        self._emails.add(user.email)
        schools = self._schools(user)
        return {
            "called": user.full_name if user.full_name != name else "",
            "osis" if _role(user) == "student" else "number": user.number,
            "email": email or "none",
            "grade": user.grade,
            "schools": _list(schools) if len(schools) > 1 else "",
        }

    def _other(self, user: MaskedUser) -> dict[str, str]:
        kind = "district admin in Clever" if "district_admin" in user.roles else "staff in Clever"
        schools = self._schools(user)
        return {"is": kind, "email": user.email, "schools": _list(schools) if schools else ""}


def build(captured: Captured, folder: Path, start: datetime) -> Built:
    """Write a world; each file whole or not at all, the one that makes it a world last.

    Args:
        captured: masked.
        folder: is there, and holds none yet.
        start: when the world begins, with an offset.

    Raises:
        CaptureError: there is no school in it, or two people got one number.
        OSError: it cannot be written.
    """
    cast = cast_of(captured)
    world = _World(cast, start)
    text = "\n".join(world.lines()) + "\n"
    remarks = [f"{count} {what}: left out" for what, count in sorted(world.left_out.items()) if count]
    _write_clever(captured, cast, folder / CLEVER_FOLDER, start)
    _write(folder / TIMES_FILE, msgspec.json.format(msgspec.json.encode(_times(cast, start)), indent=1))
    if len(text) > STORY_BYTES_MAX:
        remarks.append(
            f"{len(cast.people)} people are too many for a story's beginning: serve {CLEVER_FOLDER}/ alone, or capture "
            "one --school"
        )
    else:
        _write(folder / WORLD_FILE, text.encode())
    return Built(cast, tuple(remarks))


def cast_of(captured: Captured) -> Cast:
    """Give everybody and every section a name of their own.

    Raises:
        CaptureError: there is no school, or two people of a role got one number.
    """
    schools = {school.dbn: school for school in captured.schools}
    if not schools or len(schools) < len(captured.schools):
        raise CaptureError("Clever shares no school" if not schools else "two schools got one DBN; choose another key")
    known = {school.id for school in captured.schools}
    users = sorted(captured.users, key=lambda user: user.id)
    rostered = [u for u in users if _role(u) and any(school in known for school in u.schools)]
    numbers = Counter((_role(user), user.number) for user in rostered)
    if numbers and max(numbers.values()) > 1:
        raise CaptureError("two people got one number; choose another key")
    people: dict[str, MaskedUser] = {}
    for user in rostered:
        people[user.full_name if user.full_name not in people else f"{user.full_name} {user.number}"] = user
    office: dict[str, MaskedUser] = {}
    for user in (u for u in users if {"staff", "district_admin"} & set(u.roles) and u.email):
        own = next((name for name, known_user in people.items() if known_user.id == user.id), None)
        name = own or (user.full_name if user.full_name not in people else f"{user.full_name} {user.id[:6]}")
        office[name] = user
    sections: dict[str, MaskedSection] = {}
    numbered: Counter[str] = Counter()
    for section in sorted(captured.sections, key=lambda each: (each.school, each.course, each.id)):
        if section.school in known:
            numbered[section.course] += 1
            sections[f"{section.course}-{numbered[section.course]:02d}"] = section
    return Cast(schools, people, office, sections)


def _role(user: MaskedUser) -> str:
    """Say as what Otus gets somebody: a student, a teacher, or not at all."""
    return "student" if "student" in user.roles else "teacher" if "teacher" in user.roles else ""


def _flow(said: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{word}: {value}" for word, value in said.items() if value) + "}"


def _list(words: Iterable[str]) -> str:
    return "[" + ", ".join(words) + "]"


def _times(cast: Cast, start: datetime) -> dict[str, object]:
    return {
        "captured": start.isoformat(),
        "schools": {name: (each.created, each.last_modified) for name, each in cast.schools.items()},
        "people": {name: (each.created, each.last_modified) for name, each in cast.people.items()},
        "sections": {name: (each.created, each.last_modified) for name, each in cast.sections.items()},
    }


def _write_clever(captured: Captured, cast: Cast, folder: Path, start: datetime) -> None:
    """Write the district as Clever's CSV files, by way of a Clever that holds it."""
    with closing(Clever(lambda: start)) as clever:
        clever.deliver(list(_rows(captured, cast)))
        export_folder(clever, folder)


def _rows(captured: Captured, cast: Cast) -> Iterator[Row]:
    dbns = {school.id: dbn for dbn, school in cast.schools.items()}
    numbers = {user.id: user.number for user in cast.people.values()}
    yield from (SchoolRow(dbn, f"School {dbn}") for dbn in cast.schools)
    in_order = sorted(captured.terms, key=lambda term: (term.start_date, term.id))
    terms = {term.id: f"Term {place}" for place, term in enumerate(in_order, start=1)}
    yield from (TermRow(terms[t.id], terms[t.id], t.start_date, t.end_date) for t in in_order)
    courses = sorted({section.course for section in cast.sections.values()})
    yield from (CourseRow(course.replace(" ", "-"), course) for course in courses)
    for user in cast.people.values():
        yield UserRow(
            role="student" if _role(user) == "student" else "teacher",
            sis_id=user.number,
            first_name=user.first_name,
            last_name=user.last_name,
            email=user.email,
            schools=tuple(dbns[school] for school in user.schools if school in dbns),
            grade=user.grade,
            birth_date=user.birth_date,
        )
    for name, section in cast.sections.items():
        yield SectionRow(
            sis_id=f"S{section.id}",
            school=dbns[section.school],
            term=terms.get(section.term, ""),
            course=section.course.replace(" ", "-"),
            section_number=name.rpartition("-")[2],
            name=name,
            teachers=tuple(numbers[each] for each in section.teachers if each in numbers),
            students=tuple(numbers[each] for each in section.students if each in numbers),
        )


def _write(path: Path, content: bytes) -> None:
    beside = path.with_suffix(path.suffix + ".part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
