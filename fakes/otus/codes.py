"""Class codes: what a student types to join a class (H6)."""

from itertools import product

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""32 signs, without those that are mistaken for one another (I, O, 0, 1)."""
CODE_LENGTH = 6
CODES = len(LETTERS) ** CODE_LENGTH
_STRIDE = 387_420_489
"""Odd, so that multiplying by it modulo a power of two meets every code once before any comes again."""
_STRIDE_BACK = pow(_STRIDE, -1, CODES)
_PAIRS = ["".join(reversed(signs)) for signs in product(LETTERS, repeat=2)]
"""A third of a code by its number, the least sign first: a first night gives out a quarter of a million codes."""


def class_code(class_id: int) -> str:
    """Give a class its code: no two of the first 2**30 share one, and neighbours look nothing alike."""
    number: int = class_id * _STRIDE % CODES
    rest, first = divmod(number, len(_PAIRS))
    third, second = divmod(rest, len(_PAIRS))
    return _PAIRS[first] + _PAIRS[second] + _PAIRS[third]


def class_with(code: str) -> int | None:
    """Tell which of the first 2**30 classes a code belongs to; ``None`` if it is no code."""
    if len(code) != CODE_LENGTH or not set(code) <= set(LETTERS):
        return None
    number = sum(LETTERS.index(sign) * len(LETTERS) ** place for place, sign in enumerate(code))
    return int(number * _STRIDE_BACK % CODES)


def as_typed(code: str) -> str:
    """Give the code somebody means who types it in small letters or with spaces around it."""
    return code.strip().upper()
