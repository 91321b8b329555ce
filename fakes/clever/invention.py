"""Believable values for what the district's feed does not give.

Each is a function of the seed and the record's own ``sis_id``, so a record that does not change keeps them.
"""

import hashlib
from bisect import bisect
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple, TypeVar

from faker.providers.person.en_US import Provider as People
from msgspec import UNSET, UnsetType

from fakes.clever.feed import EXT, Given

Option = TypeVar("Option")


class Pool:
    """Names, each as frequent as in the population.

    Args:
        weights: of every name.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._names = tuple(weights)
        self._reach = list(accumulate(weights.values()))

    def at(self, place: float) -> str:
        """Give the name that stands at a place from 0 up to 1."""
        return self._names[min(bisect(self._reach, place * self._reach[-1]), len(self._names) - 1)]


FIRST_NAMES, LAST_NAMES = Pool(People.first_names), Pool(People.last_names)
"""Faker's own pools; no generator of people runs while Clever answers."""

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
DISABILITIES = (
    ("Learning Disability", "LD"),
    ("Speech or Language Impairment", "SI"),
    ("Other Health Impairment", "OHI"),
    ("Autism", "AU"),
    ("Hearing Impairment", "HI"),
)


class Borough(NamedTuple):
    """A part of New York City, as addresses write it."""

    city: str
    area: str
    """Of its telephones."""
    first_zip: int
    latitude: float
    longitude: float


BOROUGHS = {
    "M": Borough("New York", "212", 10001, 40.776, -73.971),
    "X": Borough("Bronx", "718", 10451, 40.845, -73.865),
    "K": Borough("Brooklyn", "718", 11201, 40.650, -73.950),
    "Q": Borough("Queens", "718", 11354, 40.728, -73.795),
    "R": Borough("Staten Island", "718", 10301, 40.580, -74.150),
}
"""By the letter in a DBN."""
OLDEST_BIRTH = date(2008, 1, 1)
BIRTH_SPAN_DAYS = 12 * 365


class Invention:
    """The invented values of one record.

    Args:
        seed: of the run.
        space: kind or role of the record.
        sis_id: the district's own id of it.
        given: what the district says itself; that is not invented.
    """

    def __init__(self, seed: int, space: str, sis_id: str, given: Given = ()) -> None:
        self._root = hashlib.blake2b(f"{seed} {space} {sis_id} ".encode(), digest_size=8)
        self._given = dict(given)

    def given(self, name: str, otherwise: str = "") -> str:
        """Give what the district says, or else something invented."""
        return self._given.get(name, otherwise)

    def extensions(self) -> dict[str, str] | UnsetType:
        """Give the district's own fields; a record without any has no ``ext``."""
        own = {name.removeprefix(EXT): value for name, value in self._given.items() if name.startswith(EXT)}
        return own or UNSET

    def roll(self, what: str, sides: int) -> int:
        """Draw a number from 0 up to ``sides``, always the same one for ``what``."""
        dice = self._root.copy()
        dice.update(what.encode())
        return int.from_bytes(dice.digest(), "big") % sides

    def digits(self, what: str, count: int) -> str:
        """Draw a number of ``count`` digits that does not begin with 0."""
        low = 10 ** (count - 1)
        return str(low + self.roll(what, 9 * low))

    def one_of(self, what: str, options: Sequence[Option]) -> Option:
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
        return f"{FIRST_NAMES.at(self._place('first'))} {LAST_NAMES.at(self._place('last'))}"

    def language(self) -> tuple[str, str]:
        """Draw a home language: its name and its code."""
        return self.one_of("language", LANGUAGES)

    def disability(self) -> tuple[str, str]:
        """Draw a disability as New York classifies them: its name and its code."""
        return self.one_of("disability", DISABILITIES)

    def phone(self, area: str = "212") -> str:
        """Draw a number from the range that is kept free for fiction."""
        return f"({area}) 555-01{self.roll('phone', 100):02d}"

    def street(self) -> str:
        """Draw an address."""
        return f"{self.roll('house', 900) + 1} {self.one_of('street', STREETS)}"

    def zip_code(self, first: int = 10001) -> str:
        """Draw a ZIP code not far from ``first``."""
        return str(first + self.roll("zip", 30))

    def near(self, what: str, degrees: float) -> str:
        """Draw a latitude or a longitude some 3 km around one."""
        return f"{degrees + (self.roll(what, 601) - 300) / 10_000:.4f}"

    def _place(self, what: str) -> float:
        return self.roll(what, 1 << 32) / (1 << 32)


def borough_of(dbn: str) -> Borough:
    """Tell in which borough a school is; Manhattan where its DBN does not say."""
    return next((BOROUGHS[letter] for letter in dbn if letter in BOROUGHS), BOROUGHS["M"])
