"""Whom and which class somebody means who types a name, a number or an e-mail."""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from fakes.ats.records import PersonKind
from fakes.otus.records import Account, Class
from simulator.nearest import nearest
from simulator.views import CleverView, OtusView
from simulator.world import World

T = TypeVar("T")


class CannotExplain(Exception):  # noqa: N818 - what the two below have in common
    """It is not clear whom or which class is meant; the message says what to type instead."""


class UnknownName(CannotExplain):
    """Nobody and nothing is called so."""


class AmbiguousName(CannotExplain):
    """Several are called so; the message tells them apart by id."""


class Systems(NamedTuple):
    """What Clever and Otus hold, read once for all questions."""

    world: World
    clever: CleverView
    otus: OtusView


class Subject(NamedTuple):
    """A person."""

    name: str
    """As the story calls them, or as Otus does."""
    number: str | None
    """OSIS or staff number; ``None`` for somebody whom only Otus has."""
    role: PersonKind | None
    account: Account | None
    """In Otus."""


class Course(NamedTuple):
    """A class."""

    name: str
    section_id: str | None
    """ATS's id; ``None`` for a class made by hand (F10)."""
    clever_id: str | None
    """Clever's id, also of a section that is gone from there."""
    otus: Class | None


class _Candidate(NamedTuple):
    words: tuple[str, ...]
    """All that somebody may type for it; the first is how it is offered."""
    told_apart: str
    """What to type if the others do not tell it apart."""


def find_person(systems: Systems, words: str) -> Subject:
    """Find a person by name, OSIS or staff number, or e-mail, in ATS/STARS as in Otus.

    Args:
        systems: where to look.
        words: without regard to case, unless it alone tells two apart.

    Raises:
        UnknownName: nobody is called so.
        AmbiguousName: several are.
    """
    subjects = [*_people_of_ats(systems), *_people_of_otus(systems)]
    return _choose(words, "person", [(_words_of(systems, subject), subject) for subject in subjects])


def find_class(systems: Systems, words: str) -> Course:
    """Find a class by name, by ATS's id, or by Otus's.

    Args:
        systems: where to look.
        words: without regard to case, unless it alone tells two apart.

    Raises:
        UnknownName: no class is called so.
        AmbiguousName: several are.
    """
    return _choose(words, "class", [(_words_of_class(course), course) for course in all_classes(systems)])


def all_classes(systems: Systems) -> list[Course]:
    """List the classes that ATS/STARS or Otus has."""
    directory = systems.world.directory
    courses = []
    for name, section_id in directory.sections.items():
        section = systems.clever.section_of(section_id)
        clever_id = section.id if section is not None else directory.clever_sections.get(name)
        otus = systems.otus.class_of(clever_id) if clever_id is not None else None
        courses.append(Course(name, section_id, clever_id, otus))
    names = {class_id: name for name, class_id in directory.classes.items()}
    courses += [
        Course(names.get(klass.id, klass.name), None, None, klass)
        for klass in systems.otus.classes.values()
        if klass.provenance == "manual"
    ]
    return courses


def account_of(systems: Systems, number: str, role: PersonKind) -> Account | None:
    """Find somebody's account in Otus: the one linked to their Clever user, else the one with their number."""
    clever_id = systems.world.clever.clever_id("user", number, role)
    linked = systems.otus.account_of(clever_id) if clever_id is not None else None
    if linked is not None:
        return linked
    return next((a for a in systems.otus.accounts.values() if (a.sis_id, a.role) == (number, role)), None)


def _people_of_ats(systems: Systems) -> list[Subject]:
    subjects = []
    for name, person in systems.world.directory.people.items():
        account = account_of(systems, person.id, person.role)
        if account is None and person.email:  # made by hand, not linked yet (H5)
            same = (a for a in systems.otus.accounts.values() if a.email.casefold() == (person.email or "").casefold())
            account = next((a for a in same if a.role == person.role and a.clever_id is None), None)
        subjects.append(Subject(name, person.id, person.role, account))
    return subjects


def _people_of_otus(systems: Systems) -> list[Subject]:
    directory = systems.world.directory
    known = {subject.account.id for subject in _people_of_ats(systems) if subject.account is not None}
    names = {account_id: name for name, account_id in directory.accounts.items()}
    return [
        Subject(names.get(account.id, f"{account.first_name} {account.last_name}".strip()), None, None, account)
        for account in systems.otus.accounts.values()
        if account.id not in known
    ]


def _words_of(systems: Systems, subject: Subject) -> _Candidate:
    person = systems.world.directory.people.get(subject.name) if subject.number is not None else None
    account = subject.account
    words = [subject.name]
    if person is not None:
        words += [" ".join(filter(None, person.first_and_last)), person.id, person.email or ""]
    if account is not None:
        words += [f"{account.first_name} {account.last_name}".strip(), account.email, f"account {account.id}"]
    apart = f"account {account.id}" if account is not None else ""
    return _Candidate(tuple(filter(None, words)), subject.number or apart)


def _words_of_class(course: Course) -> _Candidate:
    words = [course.name]
    if course.section_id is not None:
        words.append(course.section_id)
    if course.otus is not None:
        words += [course.otus.name, f"class {course.otus.id}"]
    return _Candidate(tuple(words), course.section_id or words[-1])


def _choose(words: str, what: str, candidates: Iterable[tuple[_Candidate, T]]) -> T:
    wanted = " ".join(words.split())
    several = list(candidates)
    fitting = [(each, found) for each, found in several if wanted in each.words]
    if not fitting:  # two whose names differ in case alone are told apart by it
        folded = wanted.casefold()
        fitting = [(each, found) for each, found in several if folded in (word.casefold() for word in each.words)]
    if not fitting:
        offered = nearest(words, (word for each, _ in several for word in each.words))
        raise UnknownName(f"there is no {what} {words!r} ({offered})")
    if len(fitting) > 1:
        ids = " or ".join(f"{each.told_apart!r} for {each.words[0]}" for each, _ in fitting)
        raise AmbiguousName(f"{len(fitting)} are called {words!r}; say {ids}")
    return fitting[0][1]
