"""What is written down stays: files, snapshots, transactions."""

from pathlib import Path

import pytest

from fakes.ats import Ats, Store
from fakes.ats.records import ScheduleQuery
from fakes.shared.refusals import NotFound
from tests.fakes.ats.builders import (
    ANA,
    BEN,
    OFFICE,
    SCHOOL,
    SECTION_ID,
    TERM,
    TurnedClock,
    add_algebra,
    changes,
    person,
)


def test_a_restored_snapshot_is_the_same_and_goes_its_own_way(ats: Ats) -> None:
    add_algebra(ats, students=(ANA,), finalized=True)
    history = changes(ats)
    copy = Ats(TurnedClock(), Store.restored(ats.store.snapshot()))
    assert changes(copy) == history
    assert copy.schedules(ScheduleQuery()) == ats.schedules(ScheduleQuery())
    copy.enroll(SECTION_ID, BEN, by=OFFICE)
    assert copy.section(SECTION_ID).students == (ANA, BEN)
    assert ats.section(SECTION_ID).students == (ANA,)
    assert changes(ats) == history
    copy.store.close()


def test_two_equal_stories_give_equal_snapshots() -> None:
    images = []
    for _ in range(2):
        ats = Ats(TurnedClock())
        add_algebra(ats, students=(ANA,), finalized=True)
        images.append(ats.store.snapshot())
        ats.store.close()
    assert images[0] == images[1]


def test_a_district_in_a_file_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "ats.sqlite"
    ats = Ats(TurnedClock(), Store(path))
    add_algebra(ats, students=(ANA,), finalized=True)
    section, history, image = ats.section(SECTION_ID), changes(ats), ats.store.snapshot()
    ats.store.close()
    for store in (Store(path), Store.restored(image)):
        again = Ats(TurnedClock(), store)
        assert again.section(SECTION_ID) == section
        assert again.schedule(SCHOOL, TERM).state == "finalized"
        assert changes(again) == history
        store.close()


def enroll_newcomer_then_nobody(ats: Ats) -> None:
    ats.add_person(person("200000009"), by=OFFICE)
    ats.enroll(SECTION_ID, "200000009", by=OFFICE)
    ats.enroll(SECTION_ID, "209999999", by=OFFICE)


def test_what_fails_in_the_middle_of_a_transaction_leaves_no_trace(ats: Ats) -> None:
    add_algebra(ats)
    history = changes(ats)
    with pytest.raises(NotFound), ats.store.transaction():
        enroll_newcomer_then_nobody(ats)
    assert changes(ats) == history
    assert ats.section(SECTION_ID).students == ()
    assert ats.enroll(SECTION_ID, BEN, by=OFFICE).students == (BEN,)


def test_a_discharge_that_fails_in_the_middle_leaves_the_student_in_the_section(
    ats: Ats, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_algebra(ats, students=(ANA,))
    history = changes(ats)
    write = Store.write

    def write_sections_only(self: Store, record: object, **parts: object) -> None:
        if record == person(ANA) or getattr(record, "discharged", False):
            raise RuntimeError("the disk is full")
        write(self, record, **parts)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(Store, "write", write_sections_only)
    with pytest.raises(RuntimeError, match="the disk is full"):
        ats.discharge(ANA, by=OFFICE)
    assert ats.section(SECTION_ID).students == (ANA,)
    assert changes(ats) == history
