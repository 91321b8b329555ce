"""Who asks, and what they may do (H8): all that is refused with 403, apart from the district's switches."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from fakes.otus.records import Account, Class, Member, Part
from fakes.shared.refusals import Forbidden

MAIN_TEACHER: frozenset[Part] = frozenset({"teacher"})
ANY_TEACHER: frozenset[Part] = frozenset({"teacher", "co_teacher"})


class Actor(msgspec.Struct, frozen=True):
    """Who asks."""

    kind: Literal["integration", "support", "account"]
    account: Account | None = None
    """Who is signed in, if ``kind`` is ``account``."""

    @property
    def name(self) -> str:
        """How a message calls them."""
        return f"{self.account.role} {self.account.id}" if self.account else f"the {self.kind} token"


def require_integration(actor: Actor, doing: str) -> None:
    """Let only the sync pass.

    Raises:
        Forbidden: it is somebody else.
    """
    if actor.kind != "integration":
        raise Forbidden(f"{actor.name} may not {doing}: that is for the integration token")


def require_support(actor: Actor, doing: str) -> None:
    """Let only Otus Support pass (F12).

    Raises:
        Forbidden: it is somebody else.
    """
    if actor.kind != "support":
        raise Forbidden(f"{actor.name} may not {doing}: ask Otus Support")


def require_support_or_integration(actor: Actor, doing: str) -> None:
    """Let Otus Support and the sync pass, and nobody who signs in.

    Raises:
        Forbidden: it is somebody who signs in.
    """
    if actor.kind == "account":
        raise Forbidden(f"{actor.name} may not {doing}: ask Otus Support")


def require_admin(actor: Actor, doing: str) -> None:
    """Let admins of any school and Otus Support pass.

    Raises:
        Forbidden: it is somebody else.
    """
    if not (actor.kind == "support" or is_admin(actor)):
        raise Forbidden(f"{actor.name} may not {doing}: that is for admins and Otus Support")


def require_school(actor: Actor, schools: tuple[str, ...], doing: str) -> None:
    """Let Otus Support pass, and admins all of whose doing is in their own schools (H8).

    Raises:
        Forbidden: it is somebody else, or an admin who reaches for another school.
    """
    require_admin(actor, doing)
    foreign = [school for school in schools if not is_admin_of(actor, school)]
    if foreign and actor.kind != "support":
        raise Forbidden(f"{actor.name} may not {doing} in {foreign[0]}: an admin acts in their own schools")


def require_part(actor: Actor, about: Class, members: Mapping[int, Member], parts: frozenset[Part], doing: str) -> None:
    """Let pass who has one of some parts in a class, the admins of its school, and Otus Support (H8).

    Args:
        actor: who asks.
        about: the class.
        members: all its members, by account id.
        parts: that are enough.
        doing: what they are about to do, for the message.

    Raises:
        Forbidden: it is somebody else.
    """
    if actor.kind == "support" or is_admin_of(actor, about.school):
        return
    member = members.get(actor.account.id) if actor.account else None
    if member is None or member.part not in parts:
        allowed = " and ".join(part.replace("_", "-") for part in ("teacher", "co_teacher") if part in parts)
        raise Forbidden(
            f"{actor.name} may not {doing} class {about.id}: that is for its {allowed},"
            f" the admins of {about.school} and Otus Support"
        )


def require_student(actor: Actor, doing: str) -> Account:
    """Let only a student pass, and say who it is (H6).

    Raises:
        Forbidden: it is somebody else.
    """
    if actor.account is None or actor.account.role != "student":
        raise Forbidden(f"{actor.name} may not {doing}: a student does it for themself")
    return actor.account


def is_admin(actor: Actor) -> bool:
    """Tell whether an admin is signed in."""
    return actor.account is not None and actor.account.role == "admin"


def is_admin_of(actor: Actor, school: str) -> bool:
    """Tell whether an admin of a school is signed in."""
    return actor.account is not None and actor.account.role == "admin" and school in actor.account.schools
