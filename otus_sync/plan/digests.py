"""Digests of classes, computed of Clever's side as Otus does: equal ones need no look at their members.

The definition is Otus's API's: the first 16 hex digits of the SHA-256 of a text.
"""

import hashlib
from collections.abc import Iterable

import msgspec

DIGITS = 16


class WantedClass(msgspec.Struct, frozen=True, gc=False):
    """A class as Clever wants it; its members, by Clever id, all have accounts or are given one tonight."""

    clever_id: str
    name: str
    school: str
    """DBN."""
    teacher: str | None = None
    co_teachers: tuple[str, ...] = ()
    students: tuple[str, ...] = ()

    def size(self) -> int:
        """Count the members."""
        return (self.teacher is not None) + len(self.co_teachers) + len(self.students)

    def digest(self) -> str:
        """Digest the members: ``teacher|co,teachers|stu,dents``, each list sorted."""
        co_teachers = ",".join(sorted(self.co_teachers))
        students = ",".join(sorted(self.students))
        return digest(f"{self.teacher or ''}|{co_teachers}|{students}")


def school_digest(classes: Iterable[WantedClass]) -> str:
    """Digest a school whose classes all are as Clever wants them, none archived, nobody in them by hand."""
    lines = sorted(f"{wanted.clever_id}|{wanted.name}|0|{wanted.digest()}|0" for wanted in classes)
    return digest("\n".join(lines))


def digest(text: str) -> str:
    """Give the first 16 hex digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
