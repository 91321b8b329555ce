"""Templates: a specimen as the fake writes it, cut where its own values stand, to be filled a million times.

Nothing here knows how a record looks. A specimen goes the ordinary way through the fake, which writes its record; the
bytes are cut at the specimen's values. So a field that is added to the fake's records is in the templates as well.
"""

import re
from collections.abc import Mapping, Sequence

Columns = Mapping[str, Sequence[bytes]]
"""Values by field, a row's at the same place in all of them; they are JSON already, without the quotes."""

_FIELD = re.compile(rb"\x00(\w+)\x00")


def field(name: str) -> bytes:
    """Write the mark of a field, to be put into a specimen's bytes."""
    return b"\x00%b\x00" % name.encode()


class SpecimenMissing(RuntimeError):  # noqa: N818 - as the refusals are named
    """A specimen's bytes do not hold a value that they should: the fake writes it in another way than before."""


class Template:
    """Bytes with fields in them.

    Args:
        specimen: as the fake wrote it.
        marks: what stands in it, and what to put there: fields, perhaps between other bytes. The order counts.

    Raises:
        SpecimenMissing: one of them does not stand in it.
    """

    def __init__(self, specimen: bytes, marks: Mapping[bytes, bytes]) -> None:
        for found, mark in marks.items():
            if found not in specimen:
                raise SpecimenMissing(f"{found!r} is not in the specimen {specimen!r}")
            specimen = specimen.replace(found, mark)
        parts = _FIELD.split(specimen)
        self.fields = tuple(name.decode() for name in parts[1::2])
        """In their order; one that stands in several places is here as often."""
        self._format = b"%b".join(literal.replace(b"%", b"%%") for literal in parts[::2])

    def fill(self, columns: Columns) -> list[bytes]:
        """Write a row for every place in the columns."""
        form = self._format
        return [form % values for values in zip(*(columns[name] for name in self.fields), strict=True)]
