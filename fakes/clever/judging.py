"""What judges ask of Clever in the district's own ids; no application can ask it."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from fakes.clever.delivery import SPACES
from fakes.clever.feed import RowKind, UserRole
from fakes.clever.records import ROLES
from fakes.clever.store import Store

RosterPart = Literal["teacher", "co_teacher", "student"]


class Member(NamedTuple):
    """Somebody on a section's roster, by the district's own id."""

    part: RosterPart
    sis_id: str


def find_clever_id(store: Store, kind: RowKind, sis_id: str, role: UserRole | None) -> str | None:
    """Give the id of a record that is held now; see :meth:`fakes.clever.Clever.clever_id`."""
    spaces: Sequence[str] = (kind,)
    if kind == "user":
        spaces = ROLES if role is None else (role,)
    return next((found for space in spaces if (found := store.entry_id(space, sis_id))), None)


def find_sis_id(store: Store, clever_id: str) -> str | None:
    """Give the district's own id of a record; see :meth:`fakes.clever.Clever.sis_of`."""
    holders = sorted(
        store.holders(clever_id),
        key=lambda holder: (holder.left_at is not None, SPACES.index(holder.space)),
    )
    return store.entries([holders[0].entry])[0].sis_id if holders else None


def list_members(store: Store, sis_id: str, bit: int) -> tuple[Member, ...]:
    """List the people of a section whom an application may read; see :meth:`fakes.clever.Clever.section_members`."""
    members: list[Member] = []
    for position, member in enumerate(store.section_members(sis_id, bit)):
        if member.shared:
            members.append(Member(_part(member.space, position), member.sis_id))
    return tuple(members)


def _part(space: str, position: int) -> RosterPart:
    if space == "student":
        return "student"
    return "teacher" if position == 0 else "co_teacher"
