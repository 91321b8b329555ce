"""Days as Clever's CSV files write them, and as rows have them."""

import re
from datetime import date

FORMS = (
    re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
)


class NoDay(ValueError):  # noqa: N818 - as the refusals are named
    """A text is no day."""


def read_day(text: str) -> str:
    """Read ``MM/DD/YYYY``, with or without zeros in front, or ``YYYY-MM-DD``; nothing is no day, and stays so.

    Returns:
        The day as ``YYYY-MM-DD``.

    Raises:
        NoDay: it is neither, or there is no such day.
    """
    if not text:
        return ""
    match = next((found for form in FORMS if (found := form.fullmatch(text))), None)
    if match is None:
        raise NoDay(f"{text!r} is no day; write MM/DD/YYYY")
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"])).isoformat()
    except ValueError as error:
        raise NoDay(f"{text!r} is no day: {error}") from error


def write_day(day: str) -> str:
    """Write ``YYYY-MM-DD`` as ``MM/DD/YYYY``; what is no day stays as it is."""
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", day)
    return f"{match[2]}/{match[3]}/{match[1]}" if match else day
