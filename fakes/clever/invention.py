"""Believable values for what the district's feed does not give.

Each is a function of the seed and the record's own ``sis_id``, so a record that does not change keeps them,
and no generator of people runs while Clever answers.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta

FIRST_NAMES = (
    "Alma",
    "Carmen",
    "Dwight",
    "Esther",
    "Grace",
    "Hugo",
    "Imani",
    "Leon",
    "Marta",
    "Nadia",
    "Omar",
    "Rosa",
)
LAST_NAMES = (
    "Acosta",
    "Baptiste",
    "Chen",
    "Diaz",
    "Fischer",
    "Greene",
    "Khan",
    "Lopez",
    "Moore",
    "Okafor",
    "Rossi",
)
STREETS = (
    "Amsterdam Avenue",
    "Bergen Street",
    "Grand Concourse",
    "Jamaica Avenue",
    "Lafayette Street",
    "Union Street",
)
RACES = (
    "Caucasian",
    "Asian",
    "Black or African American",
    "American Indian",
    "Hawaiian or Other Pacific Islander",
    "Two or More Races",
    "Unknown",
)
LANGUAGES = (
    ("English", "eng"),
    ("Spanish", "spa"),
    ("Chinese", "zho"),
    ("Bengali", "ben"),
    ("Arabic", "ara"),
)
BOROUGHS = {
    "M": ("New York", "212", 10001),
    "X": ("Bronx", "718", 10451),
    "K": ("Brooklyn", "718", 11201),
    "Q": ("Queens", "718", 11354),
    "R": ("Staten Island", "718", 10301),
}
"""The letter in a DBN: city, telephone area and the first of its ZIP codes."""
OLDEST_BIRTH = date(2008, 1, 1)
BIRTH_SPAN_DAYS = 12 * 365


class Invention:
    """The invented values of one record.

    Args:
        seed: of the run.
        space: kind or role of the record.
        sis_id: the district's own id of it.
    """

    def __init__(self, seed: int, space: str, sis_id: str) -> None:
        self._root = f"{seed} {space} {sis_id} "

    def roll(self, what: str, sides: int) -> int:
        """Draw a number from 0 up to ``sides``, always the same one for ``what``."""
        digest = hashlib.blake2b((self._root + what).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") % sides

    def digits(self, what: str, count: int) -> str:
        """Draw a number of ``count`` digits that does not begin with 0."""
        low = 10 ** (count - 1)
        return str(low + self.roll(what, 9 * low))

    def one_of(self, what: str, options: Sequence[str]) -> str:
        """Draw one of ``options``."""
        return options[self.roll(what, len(options))]

    def yes_or_no(self, what: str, yes_percent: int) -> str:
        """Draw ``Y`` or ``N``."""
        return "Y" if self.roll(what, 100) < yes_percent else "N"

    def middle_name(self) -> str:
        """Draw an initial."""
        return chr(ord("A") + self.roll("middle", 26))

    def birth_day(self) -> date:
        """Draw the birthday of somebody of school age."""
        return OLDEST_BIRTH + timedelta(days=self.roll("birth", BIRTH_SPAN_DAYS))

    def person(self) -> str:
        """Draw a name."""
        return f"{self.one_of('first', FIRST_NAMES)} {self.one_of('last', LAST_NAMES)}"

    def language(self) -> tuple[str, str]:
        """Draw a home language: its name and its code."""
        return LANGUAGES[self.roll("language", len(LANGUAGES))]

    def phone(self, area: str = "212") -> str:
        """Draw a number from the range that is kept free for fiction."""
        return f"({area}) 555-01{self.roll('phone', 100):02d}"

    def street(self) -> str:
        """Draw an address."""
        return f"{self.roll('house', 900) + 1} {self.one_of('street', STREETS)}"

    def zip_code(self, first: int = 10001) -> str:
        """Draw a ZIP code not far from ``first``."""
        return str(first + self.roll("zip", 30))
