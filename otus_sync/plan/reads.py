"""What of Otus's classes a run has to look at, told from digests: a quiet night reads next to nothing."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from otus_sync.otus_records import ClassDigest, Digests
from otus_sync.plan.comparing import find, of_otus
from otus_sync.plan.desired import Desired


class Compared(NamedTuple):
    """Otus's rostered classes, held against what Clever wants."""

    equal: frozenset[str]
    """Clever ids of those that are as Clever wants them, with nobody in them by hand."""
    others: list[int]
    """Ids of the rest."""


def compared(desired: Desired, found: Iterable[Digests]) -> Compared:
    """Hold all classes of the scope against what Clever wants.

    Args:
        desired: what Clever wants.
        found: the digests of Otus's classes.
    """
    ids, theirs = of_otus(found)
    # In some schools there may be members whom no digest tells of.
    places, ours = desired.classes.heads(but_for=desired.people.unlinked_schools)
    equal, fit = find(ours, theirs)
    return Compared(frozenset(desired.classes.keys_at(places[equal])), ids[~fit].tolist())


def classes_to_look_into(desired: Desired, classes: Sequence[ClassDigest]) -> list[ClassDigest]:
    """Pick the classes whose members have to be read: they differ from Clever's, or have by-hand members.

    Of a class that is about to be archived the members are read too: the guard measures against all (A14).
    """
    return [about for about in classes if _unclear(desired, about)]


def _unclear(desired: Desired, about: ClassDigest) -> bool:
    if about.clever_id not in desired.classes:
        return not about.archived and about.clever_id not in desired.living and desired.scope.covers(about.school)
    if about.by_hand or about.school in desired.people.unlinked_schools:
        return True
    return about.digest != desired.classes.digest_of(about.clever_id)
