"""The contacts in students.csv: Clever's own place for them, one a row, a student with several having several rows."""

from fakes.clever.feed import UserRow
from fakes.clever.sftp.columns import CONTACT, CONTACT_GIVEN
from fakes.clever.sftp.sheet import Cells


class StudentContacts:
    """Collects contacts from the rows of students; of one contact the first row counts, and adds its student."""

    def __init__(self) -> None:
        self._contacts: dict[str, Cells] = {}
        self._students: dict[str, dict[str, None]] = {}

    def take(self, cells: Cells) -> None:
        """Take the contact of a row, if it has one."""
        key = contact_key(cells)
        if key:
            self._contacts.setdefault(key, cells)
            self._students.setdefault(key, {})[cells.get("sis_id")] = None

    def rows(self) -> list[UserRow]:
        """Give them as rows of the feed."""
        return [_row(key, cells, tuple(self._students[key])) for key, cells in self._contacts.items()]


def contact_key(cells: Cells) -> str:
    """Tell contacts apart: by their id, by their e-mail, or by their name and whose they are."""
    name = cells.get(CONTACT + "name")
    own = f"{cells.get('sis_id')} {name}" if name else ""
    return cells.get(CONTACT + "sis_id") or cells.get(CONTACT + "email") or own


def _row(key: str, cells: Cells, students: tuple[str, ...]) -> UserRow:
    # Clever's format has one column for the whole name.
    first_name, _, last_name = cells.get(CONTACT + "name").rpartition(" ")
    given = [(name, value) for name in CONTACT_GIVEN if (value := cells.get(CONTACT + name))]
    return UserRow(
        role="contact",
        sis_id=key,
        first_name=first_name,
        last_name=last_name,
        email=cells.get(CONTACT + "email"),
        students=students,
        given=tuple(sorted(given)),
    )
