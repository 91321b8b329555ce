"""What a row's references are called in Clever; what Clever does not hold is left out."""

from collections.abc import Iterable

from fakes.clever.store import Mention


def held_ids(mentions: Iterable[Mention], space: str) -> list[str]:
    """List the ids of the named in one space, in the order of the row."""
    return [mention.clever_id for mention in mentions if mention.space == space and mention.clever_id is not None]


def held_first(mentions: Iterable[Mention], space: str) -> str:
    """Give the first named of a space, or nothing if Clever does not hold that one."""
    first = (mention for mention in mentions if mention.space == space and mention.rank == 0)
    return next((mention.clever_id for mention in first if mention.clever_id is not None), "")
