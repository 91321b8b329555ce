"""A file that is filled is what the rules would have written."""

from pathlib import Path

import msgspec

from fakes.ats import Ats, Store
from fakes.ats.filling import fill
from fakes.ats.records import Course, NewSection, Record, School, Term
from fakes.shared.database import restore
from fakes.shared.moments import wire_time
from tests.fakes.ats.builders import ANA, BEN, MAIN, MONDAY, OFFICE, OTHER_SCHOOL, SCHOOL, TERM, TurnedClock, person


def by_the_rules() -> tuple[Ats, list[Record]]:
    ats = Ats(TurnedClock())
    records: list[Record] = [
        ats.add_school(School(dbn=SCHOOL, name="One"), by=OFFICE),
        ats.add_school(School(dbn=OTHER_SCHOOL, name="Other"), by=OFFICE),
        ats.add_term(Term(TERM, "Fall 2026", "2026-09-10", "2027-01-30"), by=OFFICE),
        ats.add_course(Course("ALG1", "Algebra 1"), by=OFFICE),
        *(ats.add_person(person(each, SCHOOL, OTHER_SCHOOL), by=OFFICE) for each in (MAIN, ANA, BEN)),
        ats.add_section(NewSection(SCHOOL, TERM, "ALG1", "01", teacher=MAIN, students=(ANA, BEN)), by=OFFICE),
    ]
    ats.finalize(SCHOOL, TERM, by=OFFICE)
    return ats, records


def rows_of(image: bytes) -> dict[str, list[object]]:
    connection = restore(image)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3").fetchall() for name in sorted(tables)}


def test_a_filled_file_holds_what_the_rules_would_have_written(tmp_path: Path) -> None:
    ats, records = by_the_rules()
    fill(tmp_path / "ats.db", records, at=wire_time(MONDAY), by=OFFICE)
    filled = Store(tmp_path / "ats.db")
    wanted, found = rows_of(ats.store.snapshot()), rows_of(filled.snapshot())
    assert {name: len(rows) for name, rows in found.items()} == {
        "change": 8, "in_school": 7, "record": 8, "schedule": 1,
    }  # fmt: skip
    assert (len(wanted.pop("schedule")), len(found.pop("schedule"))) == (1, 1)
    assert found == wanted
    state = ats.schedule(SCHOOL, TERM)  # the rules open it before they finalize it: two versions
    assert (state.version, filled.schedule(SCHOOL, TERM)) == (2, msgspec.structs.replace(state, version=1))
