"""What tonight's run writes of classes and rosters."""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from otus_sync.otus_records import ByHand
from otus_sync.plan.model import ClassChange, ClassState, Members, Ref, Wanted, members_of
from otus_sync.settings import Settings


def creation(wanted: Wanted) -> ClassChange:
    """Make a class: one that is new, or one that somebody deleted by hand (A17)."""
    return ClassChange(
        clever_id=wanted.clever_id,
        title=wanted.name,
        name=wanted.name,
        school=wanted.school,
        after=wanted.members,
    )


def is_as_wanted(name: str, school: str, state: ClassState) -> bool:
    """Tell at a glance that there is nothing to write of a class; most of a district are so on most nights."""
    about = state.about
    return state.members is None and about.name == name and about.school == school and not about.archived


def update(wanted: Wanted, state: ClassState, settings: Settings) -> ClassChange:
    """Bring a class to what Clever wants; the change may be empty.

    Args:
        wanted: the class as Clever wants it.
        state: the class as it is.
        settings: the district's switches (H3, H10).
    """
    about = state.about
    renamed = settings.overwrite_class_names and about.name != wanted.name  # H10
    before, after = _roster_change(wanted, state)
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
        remove_by_hand=_wiped(wanted, state.by_hand, settings),
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


def _roster_change(wanted: Wanted, state: ClassState) -> tuple[Members, Members | UnsetType]:
    if state.members is None:
        return Members(), UNSET
    before, after = members_of(state.members.roster), wanted.members
    return (Members(), UNSET) if before.same_as(after) else (before, after)


def _wiped(wanted: Wanted, by_hand: Sequence[ByHand], settings: Settings) -> tuple[int, ...]:
    """Pick the by-hand members who have to go; whom Clever has in the class becomes rostered (F8, A8)."""
    if not by_hand:
        return ()
    rostered: set[Ref] = set(wanted.members.everyone())
    overflow = settings.by_hand_co_teachers == "keep" or not wanted.members.co_teachers
    kept_parts = {"teacher", "co_teacher"} if overflow else {"teacher"}  # F9, H3
    return tuple(
        sorted(member.account for member in by_hand if member.part not in kept_parts and member.account not in rostered)
    )
