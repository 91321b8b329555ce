"""What of Otus's classes a run has to look at, told from digests: a quiet night reads next to nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from otus_sync.otus_records import ClassDigest, SchoolDigest
from otus_sync.plan.desired import Desired
from otus_sync.plan.digests import school_digest


def school_digests(desired: Desired) -> dict[str, SchoolDigest]:
    """Digest the classes that Clever wants, by school, but for schools whose members no digest tells of."""
    classes = desired.classes
    return {
        school: SchoolDigest(school, len(places), school_digest(map(classes.line_at, places)))
        for school, places in classes.schools().items()
        if school not in desired.people.unlinked_schools
    }


def equal_schools(ours: Mapping[str, SchoolDigest], digests: Iterable[SchoolDigest]) -> frozenset[str]:
    """Give the schools all of whose classes are as Clever wants them, with nobody in them by hand.

    Args:
        ours: as :func:`school_digests` gives them.
        digests: Otus's side; a school without rostered classes is not in it.
    """
    return frozenset(there.school for there in digests if there == ours.get(there.school))


def equal_schools_of(desired: Desired, classes: Sequence[ClassDigest]) -> frozenset[str]:
    """Give the same schools as :func:`equal_schools`, told from the digests of all classes.

    Args:
        desired: what Clever wants.
        classes: all that Otus has.
    """
    wanted = desired.classes
    different = {about.school for about in classes if not wanted.is_as_in(about)}
    counts = Counter(about.school for about in classes)
    return frozenset(
        school
        for school, places in wanted.schools().items()
        if counts[school] == len(places) and school not in different and school not in desired.people.unlinked_schools
    )


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
