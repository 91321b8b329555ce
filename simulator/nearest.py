"""The nearest valid word, for errors."""

import difflib
from collections.abc import Iterable


def nearest(word: str, valid: Iterable[str]) -> str:
    """Offer the nearest valid word, or list them when none is near.

    Args:
        word: what was found.
        valid: what would have been right.
    """
    words = sorted(set(valid))
    by_folded = {candidate.casefold(): candidate for candidate in words}
    close = difflib.get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=0.6)
    if close:
        return f"did you mean {by_folded[close[0]]!r}?"
    listed = ", ".join(words[:12]) + (", ..." if len(words) > 12 else "")
    return f"expected one of: {listed}" if words else ""
