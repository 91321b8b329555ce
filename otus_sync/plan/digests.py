"""Digests, computed of Clever's side as Otus does: equal accounts, and members of equal classes, need not be read.

The definition is Otus's API's: the first 16 hex digits of the SHA-256 of a text; of an account, of a MessagePack array.
"""

import hashlib
from collections.abc import Iterable

import msgspec

DIGITS = 16


ACCOUNT_DIGEST_BYTES = DIGITS // 2


def account_digest(person: bytes) -> bytes:
    """Digest somebody as the account that they should have.

    Args:
        person: packed, as a :class:`otus_sync.plan.people.Person` is: its fields in their order are Otus's definition.
    """
    return hashlib.sha256(person).digest()[:ACCOUNT_DIGEST_BYTES]


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


def school_digest(classes: Iterable[tuple[str, str, str]]) -> str:
    """Digest a school whose classes all are as Clever wants them, none archived, nobody in them by hand.

    Args:
        classes: of each the Clever id, the name, and the digest of its members.
    """
    return digest("\n".join(sorted(f"{clever_id}|{name}|0|{members}|0" for clever_id, name, members in classes)))


def digest(text: str) -> str:
    """Give the first 16 hex digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
