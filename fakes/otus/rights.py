"""Who asks Otus, and what they may do: one table, which the code reads and the documentation shows.

All that is refused with 403 is refused here, apart from the district's switches (F11).
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from fakes.otus.records import Account, Class, Member
from fakes.shared.prose import table
from fakes.shared.refusals import Forbidden

Standing = Literal[
    "integration",
    "support",
    "admin",
    "school admin",
    "teacher",
    "main teacher",
    "co-teacher",
    "student",
    "student of the class",
    "self",
]
"""What somebody is towards what they want to do something to."""

IN_WORDS: Mapping[Standing, str] = {
    "integration": "the integration token",
    "support": "Otus Support",
    "admin": "admins",
    "school admin": "an admin of the school",
    "teacher": "a teacher",
    "main teacher": "the main teacher",
    "co-teacher": "a co-teacher",
    "student": "a student",
    "student of the class": "a student of the class",
    "self": "the person themself",
}

EVERYBODY: tuple[Standing, ...] = ("integration", "support", "admin", "teacher", "student")

RIGHTS: Mapping[str, tuple[Standing, ...]] = {
    "read": EVERYBODY,
    "read the audit log": ("integration", "admin", "support"),
    "make accounts by hand": ("support", "school admin"),  # F6, H5: admin accounts come about in no other way
    "edit accounts by hand": ("support", "school admin", "main teacher", "self"),  # A7
    "adjust IDs": ("support",),  # F12, A10
    "write accounts in bulk": ("integration",),  # F7; a row about an admin account is refused (F6)
    "make classes by hand": ("support", "school admin", "teacher"),  # F10; needs the feature (F11)
    "edit or archive classes by hand": ("support", "school admin", "main teacher", "co-teacher"),  # H2, H8, H10
    "delete classes": ("support", "school admin", "main teacher"),  # A17
    "write classes in bulk": ("integration",),  # F7
    "add members by hand": ("support", "school admin", "main teacher"),  # F8, F9, H8
    "remove members by hand": ("support", "school admin", "main teacher"),  # H1, H8
    "join a class by code": ("student",),  # H6
    "hand in work": ("student of the class",),  # H7
    "change the settings": ("admin", "support"),  # F11, A9
    "report on sync runs": ("integration",),  # A15
    "decide about withheld removals": ("support", "integration"),  # A14
}


class Actor(msgspec.Struct, frozen=True):
    """Who asks."""

    kind: Literal["integration", "support", "account"]
    account: Account | None = None
    """Who is signed in, if ``kind`` is ``account``."""

    @property
    def name(self) -> str:
        """How a message calls them."""
        return f"{self.account.role} {self.account.id}" if self.account else f"the {self.kind} token"


def require(actor: Actor, deed: str, standings: Iterable[Standing], about: str = "") -> None:
    """Let pass who may do something.

    Args:
        actor: who asks.
        deed: one of :data:`RIGHTS`.
        standings: what they are towards what they want to do it to; see the functions below.
        about: what that is, for the message: `` class 7``.

    Raises:
        Forbidden: none of these is enough.
        KeyError: the deed is not in the table.
    """
    if set(RIGHTS[deed]).isdisjoint(standings):
        where = f" ({about})" if about else ""
        remedy = "ask Otus Support" if RIGHTS[deed] == ("support",) else f"that is for {who_may(deed)}"
        raise Forbidden(f"{actor.name} may not {deed}{where}: {remedy}")


def who_may(deed: str) -> str:
    """Name who may do something, in words."""
    *others, last = (IN_WORDS[standing] for standing in RIGHTS[deed])
    return f"{', '.join(others)} and {last}" if others else last


def rights_in_words() -> str:
    """Write the table in Markdown."""
    return table(("what", "who may"), [(deed, who_may(deed)) for deed in RIGHTS])


# ---------------------------------------------------------------- what somebody is towards something


def at_large(actor: Actor) -> set[Standing]:
    """Tell what somebody is wherever they go: by their token, or by the role of their account."""
    if actor.kind == "account" and actor.account is not None:
        return {actor.account.role}
    return {"support"} if actor.kind == "support" else {"integration"}


def at_schools(actor: Actor, schools: Iterable[str]) -> set[Standing]:
    """Tell what somebody is towards what is in all of some schools: an admin acts in their own (H8)."""
    standings = at_large(actor)
    if all(is_admin_of(actor, school) for school in schools) and "admin" in standings:
        standings.add("school admin")
    return standings


def in_class(actor: Actor, about: Class, members: Mapping[int, Member]) -> set[Standing]:
    """Tell what somebody is towards a class (H8).

    Args:
        actor: who asks.
        about: the class.
        members: all its members, by account id.
    """
    standings = at_schools(actor, [about.school])
    member = members.get(actor.account.id) if actor.account else None
    match member.part if member is not None else None:
        case "teacher":
            standings.add("main teacher")
        case "co_teacher":
            standings.add("co-teacher")
        case "student":
            standings.add("student of the class")
    return standings


def signed_in(actor: Actor) -> Account:
    """Give the account of who is signed in; only for who has a standing that needs one."""
    assert actor.account is not None, f"{actor.name} is nobody who signs in"  # noqa: S101 - see the table
    return actor.account


def is_admin_of(actor: Actor, school: str) -> bool:
    """Tell whether an admin of a school is signed in."""
    return actor.account is not None and actor.account.role == "admin" and school in actor.account.schools
