"""Text that comes from users, made fit to be shown; and counts in words."""

import re

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What no report may carry: control characters move a terminal's cursor, and XML forbids them all."""

_BLANKS = re.compile(r"\s+")


def printable(text: str) -> str:
    """Put a replacement character where a control character stood; line ends and tabs stay."""
    return _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Make text printable and put it on one line."""
    return _BLANKS.sub(" ", printable(text)).strip()


def shortened(text: str, characters_max: int) -> str:
    """Cut text that is too long and show by an ellipsis that it was."""
    if len(text) <= characters_max:
        return text
    return text[: max(characters_max - 1, 0)].rstrip() + "…"


def counted(count: int, noun: str, plural: str = "") -> str:
    """Say a count in words: ``1 story``, ``1,200 nights``.

    Args:
        count: how many.
        noun: of one.
        plural: of several, when it is not the noun with an ``s``.
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
