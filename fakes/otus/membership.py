"""The two records that hold a class's members, put together: a roster from Clever, and members by hand."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

import msgspec

from fakes.otus.records import ByHand, Member, Roster, roster_digest
from fakes.otus.store import Store


def roster_ids(roster: Roster) -> list[int]:
    """Give the accounts in a roster, as often as they stand in it."""
    main = [] if roster.teacher is None else [roster.teacher]
    return [*main, *roster.co_teachers, *roster.students]


def in_order(roster: Roster) -> Roster:
    """Give a roster in the form it is kept in: two with the same members in the same parts are equal."""
    return Roster(
        teacher=roster.teacher,
        co_teachers=tuple(sorted(roster.co_teachers)),
        students=tuple(sorted(roster.students)),
    )


def without(roster: Roster, account: int) -> Roster:
    """Give a roster without one of its members (H1)."""
    return Roster(
        teacher=None if roster.teacher == account else roster.teacher,
        co_teachers=tuple(other for other in roster.co_teachers if other != account),
        students=tuple(other for other in roster.students if other != account),
    )


def digest(roster: Roster, clever_ids: Mapping[int, str | None]) -> str:
    """Digest a roster by the Clever ids of its members; who has none is left out.

    Args:
        roster: the rostered members.
        clever_ids: of (at least) these accounts.
    """
    named = clever_ids.__getitem__
    teacher = None if roster.teacher is None else named(roster.teacher)
    co_teachers, students = map(named, roster.co_teachers), map(named, roster.students)
    return roster_digest(teacher, filter(None, co_teachers), filter(None, students))


def members_of(roster: Roster, by_hand: Iterable[ByHand]) -> dict[int, Member]:
    """Give all members of a class, by account id."""
    members = [Member(entry.account, entry.part, "manual") for entry in by_hand]
    members += [Member(account, "co_teacher", "clever") for account in roster.co_teachers]
    members += [Member(account, "student", "clever") for account in roster.students]
    if roster.teacher is not None:
        members.append(Member(roster.teacher, "teacher", "clever"))
    return {member.account: member for member in sorted(members, key=lambda member: member.account)}


def refresh_digests(store: Store, relinked: AbstractSet[int]) -> None:
    """Bring the digests of classes up to date after some of their members were linked to other Clever users.

    This walks through all rosters, since a roster is one record and no index tells who is in which. Accounts
    that are in a roster seldom change their Clever id: Otus Support adjusts one at a time (F12).
    """
    if not relinked:
        return
    touched = [stored for stored in store.every_class() if not relinked.isdisjoint(roster_ids(stored.roster))]
    clever_ids = store.clever_ids({account for stored in touched for account in roster_ids(stored.roster)})
    store.save_classes(msgspec.structs.replace(stored, digest=digest(stored.roster, clever_ids)) for stored in touched)
