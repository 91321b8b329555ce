"""A sync that takes much away, or changes the terms, waits for a person; the data is frozen meanwhile."""

import pytest

from fakes.clever import Clever, CleverSettings, Removal
from fakes.clever.hold import HoldSettings, Loss, NothingHeld
from tests.fakes.clever.builders import District, district, gone, one_class, section, student, term

HOLD = CleverSettings(hold=HoldSettings(removed_percent=20, removed_min=3))
PEOPLE = [student(f"2000000{number:02d}") for number in range(10)]


def state(clever: District) -> tuple[str, str]:
    found = clever.get("/v3.0/districts")["data"][0]["data"]
    return found["state"], found["error"]


def students(clever: District) -> int:
    return len(clever.ids("/v3.0/users?role=student"))


def test_a_delivery_that_removes_much_is_held_and_the_data_stays_readable() -> None:
    with district(*PEOPLE, settings=HOLD) as clever:
        clever.later(days=1)
        assert clever.clever.deliver([gone(row) for row in PEOPLE[:3]]) == "held"
        assert students(clever) == 10
        assert state(clever) == ("pending", "on hold, significant changes: 3 of 10 students would be removed")
        assert clever.get("/v3.0/districts")["data"][0]["data"]["last_sync"] == "2026-09-14T10:00:00.000Z"
        held = clever.clever.held
        assert held is not None
        assert (held.since, held.losses) == ("2026-09-15T10:00:00.000Z", (Loss("student", 3, 10),))


def test_released_it_is_applied() -> None:
    with district(*PEOPLE, settings=HOLD) as clever:
        clever.deliver(*(gone(row) for row in PEOPLE[:3]))
        clever.later(days=1)
        clever.clever.release()
        assert students(clever) == 7
        assert state(clever) == ("running", "")
        assert clever.get("/v3.0/districts")["data"][0]["data"]["last_sync"] == "2026-09-15T10:00:00.000Z"


def test_discarded_it_never_was() -> None:
    with district(*PEOPLE, settings=HOLD) as clever:
        before = clever.ask("/v3.1/users").data
        clever.deliver(*(gone(row) for row in PEOPLE))
        clever.clever.discard()
        assert clever.ask("/v3.1/users").data == before
        assert state(clever) == ("running", "")


@pytest.mark.parametrize(("removed", "outcome"), [(2, "applied"), (3, "held")])
def test_both_the_share_and_the_minimum_must_be_reached(removed: int, outcome: str) -> None:
    with district(*PEOPLE, settings=HOLD) as clever:
        assert clever.clever.deliver([gone(row) for row in PEOPLE[:removed]]) == outcome


def test_exactly_the_share_is_not_over_it() -> None:
    settings = CleverSettings(hold=HoldSettings(removed_percent=20, removed_min=1))
    with district(*PEOPLE, settings=settings) as clever:
        assert clever.clever.deliver([gone(row) for row in PEOPLE[:2]]) == "applied"
        assert clever.clever.deliver([gone(row) for row in PEOPLE[2:4]]) == "held"


def test_nothing_is_held_where_nothing_is_set() -> None:
    with district(*PEOPLE) as clever:
        assert clever.clever.deliver([gone(row) for row in PEOPLE]) == "applied"


def test_a_row_that_goes_and_comes_back_in_one_delivery_is_no_removal() -> None:
    with district(*PEOPLE, settings=HOLD) as clever:
        assert clever.clever.deliver([*(gone(row) for row in PEOPLE), *PEOPLE]) == "applied"


def test_removing_what_is_not_held_is_no_removal() -> None:
    with district(*PEOPLE, settings=HOLD) as clever:
        rows = [Removal("user", f"{number}", "student") for number in range(20)]
        assert clever.clever.deliver(rows) == "applied"


def test_a_roster_that_loses_many_students_is_held_too() -> None:
    everybody = tuple(row.sis_id for row in PEOPLE)
    with district(*one_class(), *PEOPLE, section(students=everybody), settings=HOLD) as clever:
        clever.deliver(section(students=everybody[:4]))
        held = clever.clever.held
        assert held is not None
        assert held.losses == (Loss("enrollment", 6, 10),)
        assert len(clever.section()["students"]) == 10


def test_what_comes_behind_a_hold_waits_and_is_taken_in_after_it() -> None:
    for end, left in (("release", 8), ("discard", 11)):
        with district(*PEOPLE, settings=HOLD) as clever:
            clever.deliver(*(gone(row) for row in PEOPLE[:3]))
            assert clever.clever.deliver([student("200000099")]) == "waiting"
            assert students(clever) == 10
            getattr(clever.clever, end)()
            assert students(clever) == left


def test_what_came_behind_a_hold_is_looked_at_itself() -> None:
    with district(*PEOPLE, settings=HOLD) as clever:
        clever.deliver(*(gone(row) for row in PEOPLE[:3]))
        clever.deliver(*(gone(row) for row in PEOPLE[3:7]))
        clever.clever.release()
        held = clever.clever.held
        assert held is not None
        assert held.losses == (Loss("student", 4, 7),)
        clever.clever.discard()
        assert students(clever) == 7


def test_a_changed_term_is_held_where_that_is_set() -> None:
    settings = CleverSettings(hold=HoldSettings(term_change=True))
    with district(*one_class(), settings=settings) as clever:
        assert clever.clever.held is None, "the first term of all changes nothing"
        clever.deliver(term(name="Spring 2027"))
        assert state(clever) == ("pending", "on hold, significant changes: terms change: Spring 2027")
        clever.clever.release()
        assert clever.get("/v3.0/terms")["data"][0]["data"]["name"] == "Spring 2027"
        clever.deliver(term(name="Spring 2027"))
        assert clever.clever.held is None


def test_a_changed_term_is_taken_in_where_nothing_is_set() -> None:
    with district(*one_class(), settings=HOLD) as clever:
        assert clever.clever.deliver([term(name="Spring 2027")]) == "applied"


def test_what_waited_in_a_pause_can_be_held_at_its_end() -> None:
    with district(*PEOPLE, settings=HOLD) as clever:
        clever.clever.pause()
        clever.deliver(*(gone(row) for row in PEOPLE[:5]))
        assert state(clever)[0] == "paused"
        clever.clever.resume()
        assert state(clever)[0] == "pending"
        clever.clever.release()
        assert students(clever) == 5


def test_a_hold_outlasts_a_pause_and_can_be_released_in_one() -> None:
    with district(*PEOPLE, settings=HOLD) as clever:
        clever.deliver(*(gone(row) for row in PEOPLE[:3]))
        clever.clever.pause()
        clever.clever.resume()
        assert clever.clever.held is not None
        clever.clever.pause()
        clever.deliver(student("200000099"))
        clever.clever.release()
        assert (students(clever), state(clever)[0]) == (7, "paused")
        clever.clever.resume()
        assert students(clever) == 8


def test_what_came_in_a_pause_stays_apart_from_the_sync_that_is_on_hold() -> None:
    with district(*PEOPLE, settings=HOLD) as clever:
        clever.deliver(*(gone(row) for row in PEOPLE[:3]))
        clever.clever.pause()
        clever.deliver(student("200000099"))
        clever.clever.resume()
        clever.clever.discard()
        assert students(clever) == 11


@pytest.mark.parametrize("end", ["release", "discard"])
def test_without_a_hold_there_is_none_to_end(end: str) -> None:
    with district(*PEOPLE) as clever:
        before = clever.ask("/v3.0/users").data
        with pytest.raises(NothingHeld):
            getattr(clever.clever, end)()
        assert clever.ask("/v3.0/users").data == before


def test_a_copy_has_the_hold_too() -> None:
    with district(*PEOPLE, settings=HOLD) as clever:
        clever.deliver(*(gone(row) for row in PEOPLE[:3]))
        copy = Clever.restored(clever.clever.snapshot(), lambda: clever.now)
        assert copy.held == clever.clever.held
        copy.release()
        assert clever.clever.held is not None
        copy.close()
