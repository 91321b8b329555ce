"""Digests, computed of Clever's side as Otus does: what is equal need not be read.

The definition is Otus's API's: the first 16 hex digits of a SHA-256; for the members of a class, of a text, for an
account, and for a class as a whole, of a MessagePack array.
"""

import hashlib
from collections.abc import Iterable

import msgspec

from otus_sync.packed import packed

DIGITS = 16
HEAD_BYTES = DIGITS // 2
"""Of a digest that is not written as hex digits."""


def account_head(person: bytes) -> bytes:
    """Digest the account that somebody should have.

    Args:
        person: packed, as a :class:`otus_sync.plan.people.Person` is: its fields in their order are Otus's definition.
    """
    return _head(person)


def section_head(clever_id: str, school: str, name: str, members: str) -> bytes:
    """Digest a class that is as Clever wants it, not archived, and with nobody in it by hand.

    Args:
        clever_id: of the section.
        school: DBN.
        name: as Otus shows it.
        members: :func:`digest_of` them.
    """
    return _head(packed((clever_id, school, name, members)))


class WantedClass(msgspec.Struct, frozen=True, gc=False):
    """The members of a class as Clever wants it, by Clever id; all have accounts or are given one tonight."""

    clever_id: str
    teacher: str | None = None
    co_teachers: tuple[str, ...] = ()
    students: tuple[str, ...] = ()

    def size(self) -> int:
        """Count the members."""
        return (self.teacher is not None) + len(self.co_teachers) + len(self.students)

    def digest(self) -> str:
        """Digest the members: ``teacher|co,teachers|stu,dents``, each list sorted."""
        return digest_of(self.teacher, self.co_teachers, self.students)


def digest_of(teacher: str | None, co_teachers: Iterable[str], students: Iterable[str]) -> str:
    """Digest the members of a class: ``teacher|co,teachers|stu,dents``, each list sorted.

    Args:
        teacher: the main one's Clever id.
        co_teachers: Clever ids.
        students: Clever ids.
    """
    return digest(f"{teacher or ''}|{','.join(sorted(co_teachers))}|{','.join(sorted(students))}")


def digest(text: str) -> str:
    """Give the first 16 hex digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def _head(of: bytes) -> bytes:
    return hashlib.sha256(of).digest()[:HEAD_BYTES]
