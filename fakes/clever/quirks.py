"""Quirks: what real Clever data does to its readers, each by name, on or off (``CleverSettings.quirks``).

Which records a quirk hits hangs on the seed and the record alone, so a record that does not change keeps its oddity.
"""

import difflib
from collections.abc import Collection
from typing import NamedTuple

from fakes.clever.invention import Invention

ENUM_DRIFT = "enum_drift"
EMAILS_WITHOUT_AT = "emails_without_at"
EMAILS_NOT_NORMALISED = "emails_not_normalised"
TERM_IDS_REISSUED = "term_ids_reissued"
TEN_CO_TEACHERS = "ten_co_teachers"
HALF_UPLOADED_CSV = "half_uploaded_csv"
CREATED_MOVES = "created_moves"
UNBOUNDED_STRINGS = "unbounded_strings"

QUIRK_PERCENT = 25
"""So many of the records that a quirk can hit, it hits. Source: an assumption; no share is published."""

UNBOUNDED_LENGTH = 5_000
"""Characters of a string that has grown; beyond what a column of a reader's database usually holds (255, 4,000)."""


class Quirk(NamedTuple):
    """One oddity of real Clever data."""

    name: str
    description: str
    source: str


QUIRKS: dict[str, Quirk] = {
    quirk.name: quirk
    for quirk in (
        Quirk(
            ENUM_DRIFT,
            "some contacts are a Guardian, a word that the published list of relationships does not have",
            'facts on Clever\'s wire, "Records": real data drifts outside the enums, and clients broke on it',
        ),
        Quirk(
            EMAILS_WITHOUT_AT,
            'some e-mails are only the part before the "@"',
            'facts on peers, "Clever": e-mails may lack "@"',
        ),
        Quirk(
            EMAILS_NOT_NORMALISED,
            "some e-mails come with capitals and with spaces around them, as the district typed them",
            'facts on peers, "Clever": e-mails are not normalised',
        ),
        Quirk(
            TERM_IDS_REISSUED,
            "a term whose name or dates change has a new id; without the quirk it keeps its id",
            "facts on Clever's wire, \"Records\": term ids are unstable: they change when a term's dates or name do",
        ),
        Quirk(
            TEN_CO_TEACHERS,
            "a section names ten teachers, and leaves out whoever comes after; without the quirk it names all",
            'facts on Clever\'s wire, "Records" and "How data gets in": at most 10 teachers, Teacher_10_id the last',
        ),
        Quirk(
            HALF_UPLOADED_CSV,
            "CSV files are processed though not all were uploaded: of the others counts what lies there from before, "
            "and one that never came counts as empty; without the quirk such an upload is refused",
            'facts on Clever\'s wire, "How data gets in": files are processed 5 minutes after the last upload '
            "activity, whatever has arrived by then",
        ),
        Quirk(
            CREATED_MOVES,
            "some records say, after a change, that they were created at that change",
            'facts on Clever\'s wire, "Records": created is not immutable',
        ),
        Quirk(
            UNBOUNDED_STRINGS,
            f"the names of some schools, courses and sections, and some titles, have {UNBOUNDED_LENGTH:,} characters",
            'facts on peers, "Clever": strings are unbounded',
        ),
    )
}
"""Every quirk, by its name."""

USUAL_QUIRKS = frozenset({TERM_IDS_REISSUED, TEN_CO_TEACHERS})
"""What Clever does for every district, and so what is on where nothing else is said."""


class UnknownQuirk(ValueError):  # noqa: N818 - as the refusals are named
    """A setting names a quirk that does not exist; the message names the nearest one that does."""


def check_quirks(names: Collection[str]) -> None:
    """Check that all names are those of quirks.

    Raises:
        UnknownQuirk: one is not.
    """
    for name in sorted(names):
        if name not in QUIRKS:
            near = difflib.get_close_matches(name, QUIRKS, n=1, cutoff=0)
            raise UnknownQuirk(
                f"there is no quirk {name!r}; the nearest is {near[0]!r}, and all are: {', '.join(QUIRKS)}"
            )


class Oddities:
    """Does to the values of records what the quirks that are on do.

    Args:
        quirks: names of those that are on.
        percent: of the records that each can hit.
    """

    def __init__(self, quirks: Collection[str] = USUAL_QUIRKS, percent: int = QUIRK_PERCENT) -> None:
        self._quirks = frozenset(quirks)
        self._percent = percent

    @property
    def terms_reissued(self) -> bool:
        """Whether a term's id hangs on its name and its dates."""
        return TERM_IDS_REISSUED in self._quirks

    @property
    def teachers_capped(self) -> bool:
        """Whether a section names only so many teachers."""
        return TEN_CO_TEACHERS in self._quirks

    def created_moves(self, invention: Invention) -> bool:
        """Tell whether a record's ``created`` moves with each change."""
        return self._hits(CREATED_MOVES, invention)

    def email(self, address: str, invention: Invention) -> str:
        """Write an e-mail address; one that is missing stays so."""
        if self._hits(EMAILS_WITHOUT_AT, invention):
            address = address.partition("@")[0]
        if address and self._hits(EMAILS_NOT_NORMALISED, invention):
            address = f" {address.title()} "
        return address

    def relationship(self, word: str, invention: Invention) -> str:
        """Write what a contact is to a student."""
        return "Guardian" if self._hits(ENUM_DRIFT, invention) else word

    def text(self, words: str, invention: Invention) -> str:
        """Write a name or a title; one that is missing stays so."""
        if not words or not self._hits(UNBOUNDED_STRINGS, invention):
            return words
        repeated = f"{words} " * (UNBOUNDED_LENGTH // (len(words) + 1) + 1)
        return repeated[: UNBOUNDED_LENGTH - 1] + "."

    def _hits(self, quirk: str, invention: Invention) -> bool:
        return quirk in self._quirks and invention.roll(f"quirk {quirk}", 100) < self._percent
