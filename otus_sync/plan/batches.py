"""What a run keeps of some records, made of them and of nothing else: so it can be made in another process.

A batch is small beside the records it was made of, and what is left to do with it is a look-up for each person and
work of numpy's.
"""

from array import array
from collections.abc import Mapping, Sequence
from itertools import chain

import msgspec

from otus_sync.clever_records import Section, User
from otus_sync.otus_records import TEXT_LETTERS_MAX
from otus_sync.packed import Numbers, Packet, packed, packet_of_bytes, packet_of_texts
from otus_sync.plan.digests import account_head, digest_of, section_head
from otus_sync.plan.people import Newcomers, email_key


class Named(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Whom some sections name."""

    people: list[str]
    """Clever ids, each once."""
    places: bytes
    """Of everybody named, section by section, the place in ``people``; 32 bits each."""
    counts: list[int]
    """How many each section names."""


class SectionBatch(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Some sections: of each what is told in :class:`otus_sync.plan.sections.Sections`."""

    ids: list[str]
    names: list[str]
    schools: list[str]
    lost_schools: dict[int, str]
    digests: list[str]
    heads: bytes
    """Of the classes that they make (:func:`otus_sync.plan.digests.section_head`)."""
    repeating: list[int]
    teachers: Named
    students: Named
    modified: Packet
    """When each was last modified, as Clever writes it."""


class PeopleBatch(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Some people, in the order of their ids."""

    clever_ids: list[str]
    people: Packet
    heads: bytes
    """Of the accounts that they should have (:func:`otus_sync.plan.digests.account_head`)."""
    schools: list[tuple[str, ...]]
    """Each combination once."""
    schools_of: bytes
    """Of each person the place in ``schools``; 32 bits each."""
    teachers: bytes
    """A byte for each: whether it is a teacher."""
    without_email: bytes
    """Likewise."""
    emails: bytes
    """Numbers (:func:`text_number`) of the e-mails, 64 bits each."""
    sis_ids: bytes
    """Numbers of the SIS ids, with the role; 0 for whoever has none."""
    modified: Packet
    """When each was last modified, as Clever writes it."""
    has_strangers: bool
    """Whether somebody so far is of schools none of which is known."""


Batch = SectionBatch | PeopleBatch


class Batching:
    """Makes batches.

    Args:
        dbns: of the shared schools, by their Clever ids.
    """

    def __init__(self, dbns: Mapping[str, str]) -> None:
        self.dbns = dbns
        self._newcomers = Newcomers(dbns)

    def sections(self, sections: Sequence[Section]) -> SectionBatch:
        """Make a batch of sections."""
        teachers = [teachers_of(section) for section in sections]
        students = [section.students for section in sections]
        schools = [self.dbns.get(section.school or "", "") for section in sections]
        rosters = list(zip(teachers, students, strict=True))
        ids = [section.id for section in sections]
        names = [((one.name or "").strip() or one.sis_id or one.id)[:TEXT_LETTERS_MAX] for one in sections]
        digests = [digest_of(main[0] if main else None, main[1:], others) for main, others in rosters]
        return SectionBatch(
            ids=ids,
            names=names,
            schools=schools,
            lost_schools={
                place: sections[place].school or "(no school)" for place, school in enumerate(schools) if not school
            },
            digests=digests,
            heads=b"".join(map(section_head, ids, schools, names, digests)),
            repeating=[place for place, roster in enumerate(rosters) if _names_twice(*roster)],
            teachers=_named(teachers),
            students=_named(students),
            modified=packet_of_texts([section.last_modified for section in sections]),
        )

    def people(self, users: Sequence[User]) -> PeopleBatch:
        """Make a batch of those users who get accounts."""
        rostered = [user for user in users if user.roles.student is not None or user.roles.teacher is not None]
        people = self._newcomers.people(rostered)
        bodies = list(map(packed, people))
        schools = Numbers[tuple[str, ...]]()
        return PeopleBatch(
            clever_ids=[person.clever_id for person in people],
            people=packet_of_bytes(bodies),
            heads=b"".join(map(account_head, bodies)),
            schools_of=array("i", schools.of([person.schools for person in people])).tobytes(),
            schools=list(schools),
            teachers=bytes([person.role == "teacher" for person in people]),
            without_email=bytes([not person.email for person in people]),
            emails=_longs([text_number(email_key(person.email)) for person in people]),
            sis_ids=_longs([text_number(person.role + person.sis_id) if person.sis_id else 0 for person in people]),
            modified=packet_of_texts([user.last_modified for user in rostered]),
            has_strangers=self._newcomers.has_strangers,
        )


def text_number(text: str) -> int:
    """Give a number for a text; others seldom have the same one.

    Its bytes are read as one long number, and Python's hash of that is its remainder by a prime of 61 bits: the same in
    every process, other than the hash of a text.
    """
    return hash(int.from_bytes(text.encode(), "little"))


def teachers_of(section: Section) -> tuple[str, ...]:
    """Give a section's teachers, the main one first."""
    if section.teachers or not section.teacher:
        return section.teachers
    return (section.teacher,)


def _names_twice(teachers: tuple[str, ...], students: tuple[str, ...]) -> bool:
    return len(set(students)) != len(students) or len(set(teachers)) != len(teachers)


def _named(of: Sequence[tuple[str, ...]]) -> Named:
    people = Numbers[str]()
    places = array("i", people.of(chain.from_iterable(of)))
    return Named(list(people), places.tobytes(), list(map(len, of)))


def _longs(values: list[int]) -> bytes:
    return array("q", values).tobytes()
