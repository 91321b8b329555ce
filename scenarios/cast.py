"""Who there is in a story: its district, read from the file, and the names that steps may use."""

import re
from collections import Counter
from typing import Literal

import msgspec
import yaml

from fakes.ats.records import CO_TEACHERS_MAX
from scenarios.binding import BY_HAND, Binder, NameKind
from scenarios.located import Place, Problem, Wrong, items, nearest, pairs, place_of, text, words_in
from simulator.district import Admin, CleverOnly, District, Inventor, Person, School, Section, Setup

CROWD_MAX = 6000
"""The largest number in ``30 others``: more than any school of New York has."""

_CROWD = re.compile(r"(\d+) others?")
_DBN = re.compile(r"[0-9]{2}[A-Z][0-9]{3}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_FITS: dict[NameKind, tuple[str, ...]] = {
    "person": ("student", "teacher"),
    "student": ("student",),
    "teacher": ("teacher",),
    "anyone": ("student", "teacher", "anyone", BY_HAND),
    "section": ("section",),
    "class": ("section", "class"),
    "school": ("school",),
}
"""Which kinds of names a word accepts."""
_IN_WORDS: dict[NameKind, str] = {
    "person": "a student or teacher of the district",
    "student": "a student of the district",
    "teacher": "a teacher of the district",
    "anyone": "a person of this story",
    "section": "a section of the district",
    "class": "a class of this story",
    "school": "a school of the district",
}


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What a story may say about one person of the district (``people:``)."""

    email: str | None = None
    """``none`` for somebody without one (H4)."""
    osis: str | None = None
    """A student's number."""
    number: str | None = None
    """A teacher's staff number."""
    called: str | None = None
    """The full name, when two people share it."""
    grade: str | None = None
    schools: tuple[str, ...] = ()
    """All their schools, the primary one first."""


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is not in ATS/STARS, or is something more than there (``others:``)."""

    is_: Literal["admin in Otus", "staff in Clever", "district admin in Clever", "contact in Clever"] = msgspec.field(
        name="is"
    )
    email: str | None = None
    schools: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    """Of a contact: their students."""


CLEVER_ROLES: dict[str, Literal["staff", "district_admin", "contact"]] = {
    "staff in Clever": "staff",
    "district admin in Clever": "district_admin",
    "contact in Clever": "contact",
}


class Cast:
    """The names of a story and what each names."""

    def __init__(self) -> None:
        self.district = District(schools=(), people=(), sections=())
        self.places: dict[str, Place] = {}
        self._kinds: dict[str, str] = {}

    def copied(self) -> "Cast":
        """Give a cast of the same names, which may go on by itself."""
        copy = Cast()
        copy.district = self.district
        copy.places = dict(self.places)
        copy._kinds = dict(self._kinds)
        return copy

    def introduce(self, name: str, kind: str) -> None:
        """Bring a name in; one that is there already keeps its kind, unless ATS gets somebody added by hand (H5)."""
        if self._kinds.get(name, BY_HAND) == BY_HAND:
            self._kinds[name] = kind

    def kind_of(self, name: str) -> str | None:
        """Say what a name names."""
        return self._kinds.get(name)

    def names(self) -> list[str]:
        """List all names."""
        return list(self._kinds)

    def of_kind(self, kind: NameKind) -> list[str]:
        """List the names that a word which wants this kind accepts."""
        return [name for name, sort in self._kinds.items() if sort in _FITS[kind]]

    def check(self, node: yaml.Node, name: str, kind: NameKind) -> None:
        """Judge a name that a step uses.

        Raises:
            Wrong: it names nothing of its kind, or, being new, something that there is.
        """
        if kind == "new":
            if self._kinds.get(name, BY_HAND) != BY_HAND:
                raise Wrong(node, f"{name!r} is in this story already", "choose another name")
            return
        if self._kinds.get(name) not in _FITS[kind]:
            raise Wrong(node, f"{name!r} is not {_IN_WORDS[kind]}", nearest(name, self.of_kind(kind)))


def read_cast(
    district: yaml.Node | None, people: yaml.Node | None, others: yaml.Node | None, setup: Setup
) -> tuple[Cast, list[Problem]]:
    """Read ``district``, ``people`` and ``others``.

    Returns:
        The cast, and what is wrong with it.
    """
    reader = _CastReader(setup)
    for read, node in (
        (reader.read_district, district),
        (reader.read_people, people),
        (reader.read_others, others),
    ):
        try:
            if node is not None:
                read(node)
        except Wrong as error:
            reader.problems.append(error.problem)
    return reader.finish(), reader.problems


class _CastReader:
    def __init__(self, setup: Setup) -> None:
        self.problems: list[Problem] = []
        self._inventor = Inventor(setup.seed, setup.start.date())
        self._cast = Cast()
        self._schools: dict[str, School] = {}
        self._people: dict[str, Person] = {}
        self._sections: dict[str, Section] = {}
        self._clever_only: list[CleverOnly] = []
        self._admins: list[Admin] = []
        self._said: frozenset[str] = frozenset()
        """Every word of the district: none of a crowd is called like somebody whom the story names later."""

    def finish(self) -> Cast:
        """Put the district together."""
        self._cast.district = District(
            schools=tuple(self._schools.values()),
            people=tuple(self._people.values()),
            sections=tuple(self._sections.values()),
            clever_only=tuple(self._clever_only),
            admins=tuple(self._admins),
        )
        return self._cast

    # ------------------------------------------------------------ district

    def read_district(self, node: yaml.Node) -> None:
        """Read the schools."""
        self._said = frozenset(words_in(node))
        for dbn, dbn_node, value_node in pairs(node, "district"):
            if not _DBN.fullmatch(dbn):
                hint = "district, borough letter, number: 02M475"
                self.problems.append(Problem(place_of(dbn_node), f"district: {dbn!r} is no DBN", hint))
                continue
            self._name(dbn, "school", dbn_node)
            try:
                self._read_school(dbn, value_node)
            except Wrong as error:
                self.problems.append(error.problem)

    def _read_school(self, dbn: str, node: yaml.Node) -> None:
        known = ("name", "schedule", "shared", "teachers", "students", "sections")
        values: dict[str, yaml.Node] = {}
        for key, key_node, value_node in pairs(node, dbn):
            if key not in known:
                raise Wrong(key_node, f"{dbn}: unknown word {key!r}", nearest(key, known))
            values[key] = value_node
        self._schools[dbn] = School(
            dbn=dbn,
            name=text(values["name"], f"{dbn}, name") if "name" in values else "",
            finalized=self._choice(values.get("schedule"), f"{dbn}, schedule", "finalized", "draft"),
            shared=self._choice(values.get("shared"), f"{dbn}, shared", "yes", "no"),
        )
        for role in ("teacher", "student"):
            if f"{role}s" in values:
                for person_node in items(values[f"{role}s"], f"{dbn}, {role}s"):
                    self._person_or_crowd(person_node, role, dbn, dbn)
        if "sections" in values:
            for name, name_node, section_node in pairs(values["sections"], f"{dbn}, sections"):
                self._read_section(name, name_node, section_node, dbn)

    def _choice(self, node: yaml.Node | None, what: str, yes: str, no: str) -> bool:
        if node is None:
            return True
        word = text(node, what)
        if word not in (yes, no):
            raise Wrong(node, f"{what}: expected {yes} or {no}, found {word!r}", nearest(word, (yes, no)))
        return word == yes

    def _read_section(self, name: str, name_node: yaml.Node, node: yaml.Node, dbn: str) -> None:
        known = ("teacher", "co-teachers", "students")
        teacher: str | None = None
        co_teachers: list[str] = []
        students: list[str] = []
        for key, key_node, value_node in pairs(node, name):
            if key == "teacher":
                teacher = self._person(value_node, "teacher", dbn)
            elif key == "co-teachers":
                nodes = items(value_node, f"{name}, co-teachers")
                co_teachers = [self._person(person, "teacher", dbn) for person in nodes]
                if len(co_teachers) > CO_TEACHERS_MAX:  # F2, said here so that the file's line is
                    message = (
                        f"{name}: ATS/STARS allows at most {CO_TEACHERS_MAX} co-teachers, found {len(co_teachers)}"
                    )
                    raise Wrong(nodes[CO_TEACHERS_MAX], message, "add the others by hand, with `otus: add co-teacher`")
            elif key == "students":
                for person_node in items(value_node, f"{name}, students"):
                    students += self._person_or_crowd(person_node, "student", dbn, name)
            else:
                raise Wrong(key_node, f"{name}: unknown word {key!r}", nearest(key, known))
        staff = [*([] if teacher is None else [teacher]), *co_teachers]
        for group in (staff, students):
            twice = sorted(person for person, times in Counter(group).items() if times > 1)
            if twice:
                raise Wrong(name_node, f"{name}: {twice[0]} stands in it twice")
        self._name(name, "section", name_node)
        self._sections[name] = Section(
            name=name, school=dbn, teacher=teacher, co_teachers=tuple(co_teachers), students=tuple(students)
        )

    def _person_or_crowd(self, node: yaml.Node, role: str, dbn: str, key: str) -> list[str]:
        words = text(node, f"{key}, {role}s")
        crowd = _CROWD.fullmatch(words)
        if crowd is None:
            return [self._person(node, role, dbn)]
        count = int(crowd[1])
        if not 1 <= count <= CROWD_MAX:
            raise Wrong(node, f"{words!r}: expected 1 to {CROWD_MAX} others")
        names = self._inventor.crowd(count, key, self._said, self._people)
        for name in names:
            self._join(name, role, dbn, node)
        return names

    def _person(self, node: yaml.Node, role: str, dbn: str) -> str:
        name = text(node, f"a {role}")
        self._join(name, role, dbn, node)
        return name

    def _join(self, name: str, role: str, dbn: str, node: yaml.Node) -> None:
        """Let somebody be of a role at a school, the first time or again."""
        known = self._people.get(name)
        if known is None:
            self._name(name, role, node)
            kind: Literal["student", "teacher"] = "student" if role == "student" else "teacher"
            self._people[name] = Person(name=name, role=kind, schools=(dbn,))
            return
        if known.role != role:
            message = f"{name} is a {known.role} in line {self._cast.places[name].line}, and a {role} here"
            raise Wrong(node, message, "give the other one another name, and say `called:` under people")
        if dbn not in known.schools:
            self._people[name] = msgspec.structs.replace(known, schools=(*known.schools, dbn))

    def _name(self, name: str, kind: str, node: yaml.Node) -> None:
        if self._cast.kind_of(name) is not None:
            first = self._cast.places[name]
            raise Wrong(node, f"{name!r} stands twice", f"first in line {first.line}")
        self._cast.introduce(name, kind)
        self._cast.places[name] = place_of(node)

    # ------------------------------------------------------------ people and others

    def read_people(self, node: yaml.Node) -> None:
        """Read what is said about people of the district."""
        binder = _plain_binder()
        for name, name_node, value_node in pairs(node, "people"):
            if name not in self._people:
                hint = nearest(name, self._people)
                message = f"people: {name!r} is not in the district"
                self.problems.append(Problem(place_of(name_node), message, hint))
                continue
            try:
                details = binder.bind(value_node, Details, name)
                self._people[name] = self._with_details(self._people[name], details, value_node)
            except Wrong as error:
                self.problems.append(error.problem)

    def _with_details(self, person: Person, details: Details, node: yaml.Node) -> Person:
        number = details.osis if person.role == "student" else details.number
        digits = 9 if person.role == "student" else 7
        if number is not None and not re.fullmatch(rf"[0-9]{{{digits}}}", number):
            raise Wrong(node, f"{person.name}: expected {digits} digits, found {number!r}")  # A3
        for dbn in details.schools:
            if dbn not in self._schools:
                raise Wrong(node, f"{person.name}: {dbn!r} is no school of the district", nearest(dbn, self._schools))
        return msgspec.structs.replace(
            person,
            email=self._email(details.email, node),
            id=number or "",
            called=details.called or "",
            grade=details.grade or "",
            schools=details.schools or person.schools,
        )

    def _email(self, email: str | None, node: yaml.Node) -> str | None:
        if email is None or _EMAIL.fullmatch(email):
            return email
        if email == "none":
            return ""
        raise Wrong(node, f"{email!r} is no e-mail address", "write name@place.example, or none")

    def read_others(self, node: yaml.Node) -> None:
        """Read who is known elsewhere than in ATS."""
        binder = _plain_binder()
        for name, name_node, value_node in pairs(node, "others"):
            other = binder.bind(value_node, Other, name)
            email = other.email or self._own_email(name)
            if other.is_ == "admin in Otus":
                self._admins.append(Admin(name=name, email=email, schools=other.schools or tuple(self._schools)))
            else:
                self._clever_only.append(self._of_clever(name, other, email, value_node))
            if name not in self._people:
                self._name(name, "anyone", name_node)

    def _of_clever(self, name: str, other: Other, email: str, node: yaml.Node) -> CleverOnly:
        role = CLEVER_ROLES[other.is_]
        if bool(other.of) != (role == "contact"):
            raise Wrong(node, f"{name}: `of` names the students of a contact, and only of one")
        students = [known for known, person in self._people.items() if person.role == "student"]
        for student in other.of:
            if student not in students:
                raise Wrong(node, f"{name}: {student!r} is no student of the district", nearest(student, students))
        schools = () if role == "contact" else other.schools or tuple(self._schools)
        return CleverOnly(name=name, role=role, email=email, schools=schools, students=other.of)

    def _own_email(self, name: str) -> str:
        if name in self._people:
            person = self._people[name]
            if not person.email:
                person = msgspec.structs.replace(person, email=self._inventor.complete(person).email)
                self._people[name] = person
            return person.email or ""
        return f"{name.lower().replace(' ', '.')}@office.example"


def _plain_binder() -> Binder:
    return Binder(lambda _node, _name, _kind: None)
