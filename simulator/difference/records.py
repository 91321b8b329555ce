"""A difference, as it is printed and as it is sent as JSON."""

from typing import Literal

import msgspec

Kind = Literal["person", "class", "membership"]


class Difference(msgspec.Struct, frozen=True):
    """One thing that is not the same on both sides."""

    kind: Kind
    system: str
    """In which it differs: ``Clever``, ``Otus``; ``Otus`` too where it is held against Clever."""
    about: str
    """Whom or what: ``Mei Chen``, ``Algebra 1-01``, ``Mei Chen in Algebra 1-01``."""
    aspect: str
    """``is there``, ``email``, ``name``, ``state``, ``part``."""
    before: str
    """On the one side, or in Clever."""
    after: str
    """On the other side, or in Otus."""
    why: str
    rules: tuple[str, ...]
    stays: bool = False
    """Whether the rules leave it so: what was made or added by hand (F6, F9, F10)."""

    @property
    def in_words(self) -> str:
        """Say it in a line."""
        return f"{self.about}: {self.aspect} {self.before} | {self.after}, because {self.why} ({', '.join(self.rules)})"
