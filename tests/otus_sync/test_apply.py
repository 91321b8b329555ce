"""Writing when Otus refuses, changes meanwhile, or its answers get lost."""

from collections.abc import Sequence

import msgspec
import pytest

from otus_sync.apply import StoppedError
from otus_sync.errors import UnreachableError
from otus_sync.otus_records import AccountWrite, ClassWrite, RowResult
from tests.otus_sync.builders import clever, section, student, teacher
from tests.otus_sync.otus_model import OtusModel, night

ALGEBRA = section("algebra", ("main",), ("ann", "ben"))
DISTRICT = clever(teacher("main"), student("ann"), student("ben"), ALGEBRA)


class Deaf(OtusModel):
    """Every write's first answer is lost, so that it is sent twice."""

    def write_accounts(self, rows: Sequence[AccountWrite]) -> list[RowResult]:
        super().write_accounts(rows)
        return super().write_accounts(rows)

    def write_classes(self, rows: Sequence[ClassWrite]) -> list[RowResult]:
        super().write_classes(rows)
        return super().write_classes(rows)


class Refusing(OtusModel):
    """Refuses the account of one Clever user."""

    def _write_account(self, row: AccountWrite) -> RowResult:
        if row.clever_id == "ann":
            return RowResult("refused", row.id, "email_taken", "account 9 has it")
        return super()._write_account(row)


class Busy(OtusModel):
    """Somebody else changes a class once, between reading and writing."""

    busy = False

    def write_classes(self, rows: Sequence[ClassWrite]) -> list[RowResult]:
        if self.busy:
            self.busy = False
            room = self.room("algebra")
            room.name, room.version = "Renamed meanwhile", room.version + 1
        return super().write_classes(rows)


def test_writes_whose_answers_are_lost_make_nothing_twice_and_are_counted_once() -> None:  # A15
    otus, straight = Deaf(), OtusModel()
    counts = night(DISTRICT, otus).applied.counts
    assert counts == night(DISTRICT, straight).applied.counts
    assert [account.clever_id for account in otus.people.values()] == ["ann", "ben", "main"]
    assert otus.students_in("algebra") == {"ann", "ben"}
    assert len(otus.rooms) == 1


def test_lost_answers_to_updates_and_archives_are_counted_once_too() -> None:  # A15
    otus = Deaf()
    night(DISTRICT, otus)
    counts = night(
        clever(teacher("main"), student("ben"), section("algebra", ("main",), ("ben",))), otus
    ).applied.counts
    assert (counts.classes_updated, counts.memberships_removed) == (1, 1)
    applied = night(clever(teacher("main"), student("ben")), otus).applied
    assert (applied.counts.classes_archived, applied.problems) == (1, ())


def test_a_refused_account_is_a_problem_by_name_and_everything_else_goes_on() -> None:
    otus = Refusing()
    applied = night(DISTRICT, otus).applied
    (problem,) = applied.problems
    assert (problem.kind, problem.name, problem.clever_id) == ("email_clash", "Ann Lee", "ann")
    assert "account 9 has it" in problem.message
    assert otus.students_in("algebra") == {"ben"}
    assert applied.counts.memberships_added == 2


def test_a_class_that_changed_meanwhile_is_read_again_and_written_once_more() -> None:
    otus = Busy()
    night(DISTRICT, otus)
    otus.busy = True
    smaller = clever(teacher("main"), student("ann"), student("ben"), section("algebra", ("main",), ("ann",)))
    applied = night(smaller, otus).applied
    assert applied.problems == ()
    assert otus.room("algebra").name == "Class algebra"
    assert otus.students_in("algebra") == {"ann"}


def test_a_class_deleted_between_reading_and_writing_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:  # A17
    otus = OtusModel()
    night(DISTRICT, otus)
    write = otus.write_classes

    def after_a_deletion(rows: Sequence[ClassWrite]) -> list[RowResult]:
        monkeypatch.setattr(otus, "write_classes", write)
        otus.rooms.clear()
        return write(rows)

    monkeypatch.setattr(otus, "write_classes", after_a_deletion)
    night(clever(teacher("main"), student("ann"), student("ben"), section("algebra", ("main",), ("ann",))), otus)
    assert otus.students_in("algebra") == {"ann"}


def test_a_failure_in_the_middle_tells_what_was_written_until_then(monkeypatch: pytest.MonkeyPatch) -> None:  # A15
    otus = OtusModel()

    def unreachable(rows: Sequence[ClassWrite]) -> list[RowResult]:
        raise UnreachableError("Otus", "POST /classes/bulk", "cut")

    monkeypatch.setattr(otus, "write_classes", unreachable)
    with pytest.raises(StoppedError, match="Otus, POST /classes/bulk: cut") as stopped:
        night(DISTRICT, otus)
    assert (stopped.value.applied.counts.accounts_created, stopped.value.applied.counts.classes_created) == (3, 0)


def test_writes_name_only_what_changes() -> None:
    otus = OtusModel()
    night(DISTRICT, otus)
    otus.account_requests.clear()
    night(clever(teacher("main"), student("ann", first="Anna"), student("ben"), ALGEBRA), otus)
    (request,) = otus.account_requests
    (row,) = msgspec.to_builtins(request)
    assert row == {"clever_id": "ann", "id": otus.person("ann").id, "first_name": "Anna"}
