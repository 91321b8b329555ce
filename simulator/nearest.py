"""The nearest valid word, for errors."""

import difflib
from collections.abc import Iterable

PART_CHARACTERS_MIN = 2
"""A single letter is the beginning of too much."""


def nearest(word: str, valid: Iterable[str]) -> str:
    """Offer the nearest valid word, or list them when none is near.

    Whoever writes the beginning of a name, or one word of it, is nearer than whoever has mistyped another name.

    Args:
        word: what was found.
        valid: what would have been right.
    """
    words = sorted(set(valid))
    by_folded = {candidate.casefold(): candidate for candidate in words}
    folded = word.casefold()
    close = _holding(folded, by_folded) or difflib.get_close_matches(folded, list(by_folded), n=1, cutoff=0.6)
    if close:
        return f"did you mean {by_folded[close[0]]!r}?"
    listed = ", ".join(words[:12]) + (", ..." if len(words) > 12 else "")
    return f"expected one of: {listed}" if words else ""


def _holding(word: str, candidates: Iterable[str]) -> list[str]:
    """Give the candidates that begin with a word, or else have it as one of theirs; the shortest first."""
    if len(word) < PART_CHARACTERS_MIN:
        return []
    by_length = sorted(candidates, key=lambda candidate: (len(candidate), candidate))
    return [each for each in by_length if each.startswith(word)] or [each for each in by_length if word in each.split()]
