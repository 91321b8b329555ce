"""Many records at once, in and out of ATS/STARS; each row is held to the rules that a single edit is held to."""

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from fakes.ats.bundle import ROWS_MAX, Bundle, ImportedRow, ImportResult, Row, RowKind, RowStatus
from fakes.ats.records import AnyRecord, Course, Person, Schedule, School, Section, Term
from fakes.ats.rules import Ats
from fakes.ats.store import KINDS
from fakes.shared.operations import Line
from fakes.shared.refusals import Refusal, TooLarge


class _TakenBackError(Exception):
    """Undoes the transaction of an import of which nothing shall stay."""


def numbered(rows: Iterable[Row]) -> tuple[Line[Row], ...]:
    """Number the rows of a document, from 1."""
    return tuple(Line(number, row) for number, row in enumerate(rows, start=1))


def import_rows(ats: Ats, lines: Sequence[Line[Row]], *, by: str, all_or_nothing: bool) -> ImportResult:
    """Write rows in their order: schools before people, people before sections.

    Args:
        ats: where to.
        lines: the rows, some of which may be unreadable.
        by: the actor in words.
        all_or_nothing: write none if one is refused.

    Raises:
        TooLarge: there are more than :data:`~fakes.ats.bundle.ROWS_MAX` rows.
    """
    if len(lines) > ROWS_MAX:
        raise TooLarge(f"{len(lines)} rows are over the limit of {ROWS_MAX}; send them in several imports")
    if not all_or_nothing:
        return _result([_import(ats, line, by) for line in lines], written=True)
    results: list[ImportedRow] = []
    try:
        with ats.store.transaction():
            results = [_import(ats, line, by) for line in lines]
            if any(result.status == "refused" for result in results):
                raise _TakenBackError
    except _TakenBackError:
        return _result([_not_written(result) for result in results], written=False)
    return _result(results, written=True)


def export_rows(ats: Ats) -> Bundle:
    """Give every current record and every schedule that has been touched.

    Raises:
        TooLarge: there are more than :data:`~fakes.ats.bundle.ROWS_MAX` records.
    """
    count = ats.store.count()
    if count > ROWS_MAX:
        raise TooLarge(f"{count} records are over the limit of {ROWS_MAX}; read the lists, which come in pages")
    return Bundle(
        schools=_all(ats, School),
        terms=_all(ats, Term),
        courses=_all(ats, Course),
        people=_all(ats, Person),
        sections=_all(ats, Section),
        schedules=tuple(ats.store.schedules(None)),
    )


def _all(ats: Ats, of: type[AnyRecord]) -> tuple[AnyRecord, ...]:
    return tuple(ats.store.page(of, after="", limit=-1))


def _import(ats: Ats, line: Line[Row], by: str) -> ImportedRow:
    row = line.row
    if row is None:
        return ImportedRow(line.number, "refused", code="invalid_line", message=line.problem)
    kind: RowKind = "schedule" if isinstance(row, Schedule) else KINDS[type(row)]
    before = _before(ats, row)
    if before == row:
        return ImportedRow(line.number, "unchanged", kind, row.key)
    try:
        _put(ats, row, by)
    except Refusal as refusal:
        return ImportedRow(line.number, "refused", kind, row.key, refusal.code, refusal.message)
    status: RowStatus = "created" if before is None else "updated"
    return ImportedRow(line.number, status, kind, row.key)


def _before(ats: Ats, row: Row) -> Row | None:
    if not isinstance(row, Schedule):
        return ats.store.find(type(row), row.key)
    schedule = ats.store.schedule(row.dbn, row.term)
    # Only its state is imported, so a schedule that is in it already is what was sent.
    return row if schedule is not None and schedule.state == row.state else schedule


def _put(ats: Ats, row: Row, by: str) -> None:
    match row:
        case School():
            ats.put_school(row, by=by)
        case Term():
            ats.put_term(row, by=by)
        case Course():
            ats.put_course(row, by=by)
        case Person():
            ats.put_person(row, by=by)
        case Section():
            ats.put_section(row, by=by)
        case Schedule():
            ats.put_schedule(row, by=by)


def _not_written(result: ImportedRow) -> ImportedRow:
    return result if result.status in ("refused", "unchanged") else replace(result, status="not_written")


def _result(results: list[ImportedRow], *, written: bool) -> ImportResult:
    counts = Counter(result.status for result in results)
    return ImportResult(
        written=written,
        created=counts["created"],
        updated=counts["updated"],
        unchanged=counts["unchanged"],
        refused=counts["refused"],
        results=results,
    )
