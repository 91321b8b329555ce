"""What tonight's run writes of classes and rosters."""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from otus_sync.otus_records import ByHand
from otus_sync.plan.accounts import People
from otus_sync.plan.digests import WantedClass
from otus_sync.plan.model import ClassChange, ClassState, Members, Ref, members_of
from otus_sync.settings import Settings


def creation(wanted: WantedClass, people: People) -> ClassChange:
    """Make a class: one that is new, or one that somebody deleted by hand (A17)."""
    return ClassChange(
        clever_id=wanted.clever_id,
        title=wanted.name,
        name=wanted.name,
        school=wanted.school,
        after=_members(wanted, people),
    )


def update(wanted: WantedClass, state: ClassState, people: People, settings: Settings) -> ClassChange:
    """Bring a class to what Clever wants; the change may be empty.

    Args:
        wanted: the class as Clever wants it.
        state: the class as it is.
        people: who has which account.
        settings: the district's switches (H3, H10).
    """
    about = state.about
    renamed = settings.overwrite_class_names and about.name != wanted.name  # H10
    before, after = _roster_change(wanted, state, people)
    return ClassChange(
        clever_id=wanted.clever_id,
        title=wanted.name,
        id=about.id,
        version=about.version,
        was=about,
        name=wanted.name if renamed else UNSET,
        school=wanted.school if about.school != wanted.school else UNSET,
        archived=False if about.archived else UNSET,  # H2, A12
        before=before,
        after=after,
        remove_by_hand=_wiped(wanted, state.by_hand, people, settings),
    )


def archiving(state: ClassState) -> ClassChange:
    """Archive a class that is gone from Clever; its roster stays for its return (A12)."""
    return ClassChange(
        clever_id=state.about.clever_id,
        title=state.about.name,
        id=state.about.id,
        version=state.about.version,
        was=state.about,
        archived=True,
    )


def _roster_change(wanted: WantedClass, state: ClassState, people: People) -> tuple[Members, Members | UnsetType]:
    if state.members is None:
        return Members(), UNSET
    before, after = members_of(state.members.roster), _members(wanted, people)
    return (Members(), UNSET) if before.same_as(after) else (before, after)


def _members(wanted: WantedClass, people: People) -> Members:
    refs = people.refs
    return Members(
        teacher=None if wanted.teacher is None else refs[wanted.teacher],
        co_teachers=tuple(refs[key] for key in wanted.co_teachers),
        students=tuple(refs[key] for key in wanted.students),
    )


def _wiped(wanted: WantedClass, by_hand: Sequence[ByHand], people: People, settings: Settings) -> tuple[int, ...]:
    """Pick the by-hand members who have to go; whom Clever has in the class becomes rostered (F8, A8)."""
    if not by_hand:
        return ()
    rostered: set[Ref] = set(_members(wanted, people).everyone())
    overflow = settings.by_hand_co_teachers == "keep" or not wanted.co_teachers
    kept_parts = {"teacher", "co_teacher"} if overflow else {"teacher"}  # F9, H3
    return tuple(
        sorted(member.account for member in by_hand if member.part not in kept_parts and member.account not in rostered)
    )
