"""Who asks ATS/STARS, and what they may do: one table, which the code reads and the documentation shows."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from fakes.shared.prose import table
from fakes.shared.refusals import Forbidden

Kind = Literal["office", "school"]
Deed = Literal[
    "read",
    "edit schools, terms and courses",
    "edit people",
    "edit sections",
    "finalize and reopen schedules",
    "import",
]

NAMES: Mapping[Kind, str] = {"office": "the DIIT office", "school": "a school"}

RIGHTS: Mapping[Deed, tuple[Kind, ...]] = {
    "read": ("office", "school"),
    "edit schools, terms and courses": ("office",),
    "edit people": ("office",),  # F1
    "edit sections": ("office",),  # F1, F2
    "finalize and reopen schedules": ("office",),  # F3: it is what lets edits leave
    "import": ("office",),
}


class Actor(msgspec.Struct, frozen=True):
    """Who asks."""

    name: str
    """In words ("DIIT office"); it goes into the history."""
    kind: Kind = "office"


def require(actor: Actor, deed: str) -> None:
    """Let pass who may do something.

    Args:
        actor: who asks.
        deed: one of :data:`RIGHTS`.

    Raises:
        Forbidden: it is somebody else.
        KeyError: the deed is not in the table.
    """
    if actor.kind not in RIGHTS[deed]:  # type: ignore[index]  # a word of the table, or a KeyError
        raise Forbidden(
            f"{actor.name} may not {deed}: that is for {who_may(deed)}. A school reads ATS/STARS, and asks the "
            "office for a change"
        )


def who_may(deed: str) -> str:
    """Name who may do something, in words."""
    return " and ".join(NAMES[kind] for kind in RIGHTS[deed])  # type: ignore[index]  # see above


def rights_in_words() -> str:
    """Write the table in Markdown."""
    rows = [(deed, *("yes" if kind in kinds else "no" for kind in NAMES)) for deed, kinds in RIGHTS.items()]
    return table(("what", *NAMES.values()), rows)
