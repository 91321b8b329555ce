"""Keyed functions that put made-up words and numbers in the place of real ones, the same for the same, always.

Without the key nobody can say what stood there: each is HMAC-SHA-256, of what kind of word it is and of the word
itself. Numbers go through a permutation built from it (a Feistel network, as format-preserving encryption has it), so
that no two people ever get one number.
"""

import hmac
import re
import secrets
from datetime import date, timedelta

KEY_CHARACTERS_MIN = 16
"""A shorter key can be guessed, and with it who is who."""
FEISTEL_ROUNDS = 8
CONSONANTS = "bdfghklmnprstvz"
VOWELS = "aeiou"
DBN_LETTERS = 26
DBN_DOMAIN = 100 * DBN_LETTERS * 1000
_DBN = re.compile(r"([0-9]{2})([A-Z])([0-9]{3})")
_AMERICAN_DAY = re.compile(r"(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})/(?P<y>[0-9]{4})")
_ISO_DAY = re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})")
SEAL_BYTES_MAX = 32
"""What one digest can cover: Clever's ids have 12 bytes."""
NONCE_BYTES = 16


class Pseudonyms:
    """The keyed functions of one key.

    Args:
        key: secret; the same key gives the same pseudonyms, today and in another capture.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "Pseudonyms(...)"  # a key never shows in a message

    def _digest(self, kind: str, value: str) -> bytes:
        return hmac.digest(self._key, f"{kind}\x00{value}".encode(), "sha256")

    def fingerprint(self, kind: str, value: str) -> str:
        """Give 24 hex digits for a value: a Clever id, or the proof that two captures have one key."""
        return self._digest(kind, value).hex()[:24]

    def word(self, kind: str, value: str, syllables: int = 3) -> str:
        """Give a word that can be spoken and is nobody's name: ``Bakelo``."""
        digest = self._digest(kind, value)
        pairs = zip(digest[0::2], digest[1::2], strict=True)
        spoken = [CONSONANTS[one % len(CONSONANTS)] + VOWELS[other % len(VOWELS)] for one, other in pairs]
        return "".join(spoken[:syllables]).capitalize()

    def number(self, kind: str, value: str, digits: int) -> str:
        """Give a number of so many digits; different values that are numbers of at most so many get different ones."""
        domain = 10**digits
        plain = int(value) if value.isascii() and value.isdigit() and len(value) <= digits else None
        if plain is None:
            plain = int.from_bytes(self._digest(f"{kind} hashed", value)[:12]) % domain
        return f"{self._permuted(kind, plain, domain):0{digits}d}"

    def dbn(self, value: str) -> str:
        """Give a DBN for a school's; different DBNs get different ones."""
        match = _DBN.fullmatch(value)
        if match is not None:
            plain = (int(match[1]) * DBN_LETTERS + ord(match[2]) - ord("A")) * 1000 + int(match[3])
        else:
            plain = int.from_bytes(self._digest("school hashed", value)[:12]) % DBN_DOMAIN
        district_and_letter, number = divmod(self._permuted("school", plain, DBN_DOMAIN), 1000)
        district, letter = divmod(district_and_letter, DBN_LETTERS)
        return f"{district:02d}{chr(ord('A') + letter)}{number:03d}"

    def email(self, value: str) -> str:
        """Give an address for an address; those that differ in case alone get one, and one domain stays one domain."""
        address = value.strip().casefold()
        local = self.word("e-mail", address).lower() + self.fingerprint("e-mail", address)[:8]
        return f"{local}@{self.word('domain', address.rpartition('@')[2]).lower()}.example"

    def day(self, kind: str, value: str) -> str:
        """Give another day of the same year, ``YYYY-MM-DD``; nothing for what is no day."""
        match = _ISO_DAY.fullmatch(value) or _AMERICAN_DAY.fullmatch(value)
        if match is None:
            return ""
        try:
            day = date(int(match["y"]), int(match["m"]), int(match["d"]))
        except ValueError:
            return ""
        moved = date(day.year, 1, 1) + timedelta(days=int.from_bytes(self._digest(kind, day.isoformat())[:4]) % 365)
        if moved == day:
            moved = date(day.year, 1, 1) if day != date(day.year, 1, 1) else date(day.year, 1, 2)
        return moved.isoformat()

    def seal(self, value: str) -> str:
        """Hide a value so that this key can open it again.

        Raises:
            ValueError: it is too long for that.
        """
        plain = value.encode()
        if len(plain) > SEAL_BYTES_MAX:
            raise ValueError(f"{len(plain)} bytes cannot be sealed, {SEAL_BYTES_MAX} can")
        nonce = secrets.token_hex(NONCE_BYTES)
        pad = self._digest("seal", nonce)
        return nonce + bytes(one ^ other for one, other in zip(plain, pad, strict=False)).hex()

    def opened(self, sealed: str) -> str:
        """Give what :meth:`seal` has hidden."""
        nonce, hidden = sealed[: 2 * NONCE_BYTES], bytes.fromhex(sealed[2 * NONCE_BYTES :])
        pad = self._digest("seal", nonce)
        return bytes(one ^ other for one, other in zip(hidden, pad, strict=False)).decode()

    def _permuted(self, kind: str, value: int, domain: int) -> int:
        """Put a number through a permutation of 0 to ``domain`` - 1."""
        half = (domain - 1).bit_length() // 2 + (domain - 1).bit_length() % 2
        while True:  # walks within one cycle, so it comes back into the domain
            left, right = divmod(value, 1 << half)
            for turn in range(FEISTEL_ROUNDS):
                mixed = int.from_bytes(self._digest(f"{kind} {domain} {turn}", str(right))[:8]) % (1 << half)
                left, right = right, left ^ mixed
            value = (left << half) | right
            if value < domain:
                return value
