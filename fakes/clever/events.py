"""Events on Clever's wire: what they look like, and in which order those of one batch stand."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from fakes.clever.records import PLURALS, Kind

Action = Literal["created", "updated", "deleted"]

KIND_ORDER: tuple[Kind, ...] = ("district", "school", "user", "section", "course", "term", "resource")
"""Of one batch; what is deleted comes last, in the same order. Source: facts on Clever's wire, "Events"."""

EventType = Annotated[str, msgspec.Meta(pattern=rf"^({'|'.join(PLURALS.values())})\.(created|updated|deleted)$")]
AnyRecord = Annotated[dict[str, Any], msgspec.Meta(description="The record in full; of a deletion, as it was last")]
OldValues = Annotated[dict[str, Any], msgspec.Meta(description="The changed leaves, with their old values")]
"""Trees of JSON (:data:`fakes.clever.fields.Tree`); a recursive type has no schema, so the schema says any object."""


class EventData(msgspec.Struct, frozen=True):
    """What an event is about."""

    object: AnyRecord
    previous_attributes: OldValues | UnsetType = UNSET


class Event(msgspec.Struct, frozen=True):
    """Something that an application could read was made, changed, or can be read no longer."""

    id: str
    created: str
    type: EventType
    data: EventData


def batch_place(kind: Kind, action: Action) -> tuple[bool, int, bool]:
    """Give the place of an event within its batch, to sort by."""
    return action == "deleted", KIND_ORDER.index(kind), action == "updated"
