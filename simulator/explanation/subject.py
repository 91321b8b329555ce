"""Whom and which class somebody means who types a name, a number or an e-mail."""

import re
from collections.abc import Iterable
from typing import NamedTuple, TypeVar
from urllib.parse import quote

import msgspec

from fakes.ats.records import PersonKind
from fakes.otus.records import Account, AccountPage, Class
from simulator.district import Person
from simulator.nearest import nearest
from simulator.views import CleverView, OtusView
from simulator.world import World

T = TypeVar("T")
_NUMBERED = re.compile(r"class ([0-9]{1,18})")
"""How a class of Otus is offered by its id."""


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
    known = systems.world.directory.people.get(systems.world.directory.name_of(words))
    if known is not None and known.id == words:  # a number is somebody's alone
        return _subject_of_ats(systems, known)
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
    directory = systems.world.directory
    known = directory.name_of(words)
    if directory.sections.get(known) == words:  # so is ATS's id of a section
        return _course(systems, known, words)
    numbered = _NUMBERED.fullmatch(words)
    klass = systems.otus.classes.get(int(numbered[1])) if numbered else None
    if klass is not None and klass.provenance == "manual":  # and what Otus numbers its classes by
        return _by_hand(systems, klass)
    return _choose(words, "class", [(_words_of_class(course), course) for course in all_classes(systems)])


def all_classes(systems: Systems) -> list[Course]:
    """List the classes that ATS/STARS or Otus has."""
    directory = systems.world.directory
    courses = [_course(systems, name, section_id) for name, section_id in directory.sections.items()]
    by_hand = [klass for klass in systems.otus.classes.values() if klass.provenance == "manual"]
    return courses + [_by_hand(systems, klass) for klass in by_hand]


def classes_naming(systems: Systems, subject: Subject) -> list[Course]:
    """List those of the classes that name somebody, in ATS/STARS, in Clever or in Otus."""
    directory, otus = systems.world.directory, systems.otus
    classes = [otus.classes[key] for key in _in_otus(otus, subject)]
    sections = {*_in_ats(systems, subject), *_in_clever(systems, subject)}
    stints = (directory.section_stints.get(klass.clever_id or "") for klass in classes)
    sections |= {stint[0] for stint in stints if stint is not None}
    named = [
        _course(systems, name, section_id) for name, section_id in directory.sections.items() if section_id in sections
    ]
    return named + [_by_hand(systems, klass) for klass in classes if klass.provenance == "manual"]


def _in_ats(systems: Systems, subject: Subject) -> list[str]:
    """Give the sections of ATS that name somebody, by ATS's ids."""
    number, sections = subject.number, systems.world.ats_view().sections.values()
    if subject.role == "student":
        return [section.id for section in sections if number in section.students]
    if number is None:
        return []
    return [section.id for section in sections if number == section.teacher or number in section.co_teachers]


def _in_clever(systems: Systems, subject: Subject) -> list[str]:
    """Give the sections of Clever that name somebody, by ATS's ids."""
    users = systems.clever.users_of(subject.number or "")
    user = next((user.id for user in users if user.role == subject.role), None)
    sections = systems.clever.sections.values()
    if user is None:
        return []
    if subject.role == "student":
        return [section.sis_id for section in sections if user in section.students]
    return [section.sis_id for section in sections if user in section.teachers]


def _in_otus(otus: OtusView, subject: Subject) -> list[int]:
    """Give the classes of Otus that hold somebody."""
    if subject.account is None:
        return []
    account = subject.account.id
    return [
        key
        for key, held in otus.rosters.items()
        if account in held.roster.students
        or account == held.roster.teacher
        or account in held.roster.co_teachers
        or any(member.account == account for member in held.by_hand)
    ]


def _course(systems: Systems, name: str, section_id: str) -> Course:
    section = systems.clever.section_of(section_id)
    clever_id = section.id if section is not None else systems.world.directory.clever_sections.get(name)
    otus = systems.otus.class_of(clever_id) if clever_id is not None else None
    return Course(name, section_id, clever_id, otus)


def _by_hand(systems: Systems, klass: Class) -> Course:
    names = (name for name, class_id in systems.world.directory.classes.items() if class_id == klass.id)
    return Course(next(names, klass.name), None, None, klass)


def accounts_with(systems: Systems, email: str) -> list[Account]:
    """Find the accounts with an e-mail, without regard to case (A11): Otus is asked, as it has them by e-mail."""
    body = systems.world.integration_reads(f"/accounts?email={quote(email)}")
    return msgspec.json.decode(body, type=AccountPage).items


def account_of(systems: Systems, number: str, role: PersonKind) -> Account | None:
    """Find somebody's account in Otus: the one linked to their Clever user, else the one with their number."""
    clever_id = systems.world.clever.clever_id("user", number, role)
    linked = systems.otus.account_of(clever_id) if clever_id is not None else None
    if linked is not None:
        return linked
    return next((a for a in systems.otus.accounts.values() if (a.sis_id, a.role) == (number, role)), None)


def _people_of_ats(systems: Systems) -> list[Subject]:
    return [_subject_of_ats(systems, person) for person in systems.world.directory.people.values()]


def _subject_of_ats(systems: Systems, person: Person) -> Subject:
    account = account_of(systems, person.id, person.role)
    if account is None and person.email:  # made by hand, not linked yet (H5)
        same = accounts_with(systems, person.email)
        account = next((a for a in same if a.role == person.role and a.clever_id is None), None)
    return Subject(person.name, person.id, person.role, account)


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
