"""How a record has to look before ATS/STARS writes it down (A3), whichever way it came in."""

from collections.abc import Sequence
from datetime import date

import msgspec

from fakes.ats.records import AnyRecord, Person, Record, Term
from fakes.shared.refusals import Unprocessable

ID_DIGITS = {"student": 9, "teacher": 7}
"""A3: an OSIS has nine digits; a staff number, so that the two cannot be mixed up, seven."""


def check_fields(record: Record) -> None:
    """Refuse a record that breaks its own struct, which the wire refuses but Python's constructor does not.

    Raises:
        Unprocessable: a field is of the wrong type, form or length.
    """
    try:
        msgspec.json.decode(msgspec.json.encode(record), type=type(record))
    except msgspec.ValidationError as error:
        raise Unprocessable(f"{type(record).__name__.lower()} {record.key}: {error}", code="invalid_body") from None


def check_code(what: str, code: str) -> None:
    """Refuse a code that could not stand in an address such as ``/sections/02M475-2026-1-ALG1-01``.

    Args:
        what: the name of the code, for the message.
        code: of a term, a course or a section.

    Raises:
        Unprocessable: it has a slash, or a character that cannot be seen.
    """
    if "/" in code or not code.isprintable():
        raise Unprocessable(
            f"{what} {code!r} has a slash or an invisible character; ATS/STARS makes ids and addresses "
            "of it, so use letters, digits, dots and hyphens",
            code="invalid_code",
        )


def check_term_days(term: Term) -> None:
    """Refuse a term whose days are no days, or that ends before it starts.

    Raises:
        Unprocessable: ``start`` and ``end`` are not two days of the calendar in this order.
    """
    try:
        in_order = date.fromisoformat(term.start) < date.fromisoformat(term.end)
    except ValueError as error:
        raise Unprocessable(f"term {term.code}: {error}; write days as 2026-09-10", code="invalid_day") from None
    if not in_order:
        raise Unprocessable(
            f"term {term.code} would start on {term.start} and end on {term.end}; it has to end after it starts",
            code="invalid_day",
        )


def check_person(person: Person) -> None:
    """Refuse a person whose id is not of their role (A3), or who is in no school or twice in one.

    Raises:
        Unprocessable: one of these.
    """
    if len(person.id) != ID_DIGITS[person.role]:
        raise Unprocessable(
            f"{person.role} {person.id} has an id of {len(person.id)} digits; a student's OSIS has "
            f"{ID_DIGITS['student']}, a teacher's staff number {ID_DIGITS['teacher']}",
            code="wrong_id",
        )
    if not person.schools:
        raise Unprocessable(
            f"{person.role} {person.id} would be in no school; name at least one, or discharge who has left",
            code="no_school",
        )
    if len(set(person.schools)) != len(person.schools):
        raise Unprocessable(
            f"{person.role} {person.id} would be twice in a school ({', '.join(person.schools)}); name each once",
            code="school_twice",
        )


def edited(record: AnyRecord, edit: msgspec.Struct) -> tuple[AnyRecord, list[str]]:
    """Apply an edit whose fields are named as the record's.

    Returns:
        The record as it is then, and the names of the fields that are not what they were.
    """
    asked = {field: getattr(edit, field) for field in edit.__struct_fields__}
    new = {
        field: value for field, value in asked.items() if value is not msgspec.UNSET and value != getattr(record, field)
    }
    return msgspec.structs.replace(record, **new), list(new)


def in_words(fields: Sequence[str]) -> str:
    """Name fields of a record for a person: ``co-teachers, first name``."""
    return ", ".join("co-teachers" if field == "co_teachers" else field.replace("_", " ") for field in fields)
