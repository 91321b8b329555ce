"""While Clever is paused the data is frozen: it can be read, and deliveries wait."""

from datetime import date

from tests.fakes.clever.builders import MIDWOOD, District, district, gone, one_class, school, student


def state(clever: District) -> dict[str, str]:
    found = clever.get("/v3.0/districts")["data"][0]["data"]
    return {name: found[name] for name in ("state", "pause_start", "pause_end") if name in found}


def test_the_district_says_that_it_is_paused() -> None:
    with district() as clever:
        assert state(clever) == {"state": "running"}
        clever.clever.pause(until=date(2026, 9, 30))
        assert state(clever) == {"state": "paused", "pause_start": "2026-09-14", "pause_end": "2026-09-30"}
        clever.clever.resume()
        assert state(clever) == {"state": "running"}


def test_deliveries_wait_and_reading_goes_on() -> None:
    with district(*one_class()) as clever:
        clever.clever.pause()
        clever.later(days=1)
        clever.deliver(student("200000002"), gone(student("200000001")))
        assert len(clever.ids("/v3.0/users?role=student")) == 1
        assert clever.get("/v3.0/districts")["data"][0]["data"]["last_sync"] == "2026-09-14T10:00:00.000Z"
        assert clever.section()["students"] == clever.ids("/v3.0/users?role=student")


def test_what_waited_is_taken_in_at_the_end_in_its_order() -> None:
    with district(*one_class()) as clever:
        clever.clever.pause()
        clever.deliver(student(email="first@schools.example"))
        clever.deliver(student(email="second@schools.example"), student("200000002"))
        clever.deliver(gone(student("200000002")))
        clever.later(days=2)
        clever.clever.resume()
        found = clever.user("200000001")
        assert (found["email"], found["last_modified"]) == ("second@schools.example", "2026-09-16T10:00:00.000Z")
        assert clever.clever.clever_id("user", "200000002") is None
        assert clever.get("/v3.0/districts")["data"][0]["data"]["last_sync"] == "2026-09-16T10:00:00.000Z"


def test_nothing_is_taken_in_twice() -> None:
    with district() as clever:
        clever.clever.pause()
        clever.deliver(student())
        clever.clever.resume()
        clever.deliver(gone(student()))
        clever.clever.pause()
        clever.clever.resume()
        assert clever.ids("/v3.0/users") == []


def test_an_absence_within_a_pause_is_none() -> None:
    with district(student()) as clever:
        before = clever.id_of("user", "200000001")
        clever.clever.pause()
        clever.deliver(gone(student()))
        clever.later(days=400)
        clever.deliver(student())
        clever.clever.resume()
        assert clever.id_of("user", "200000001") == before


def test_sharing_can_change_while_paused() -> None:
    with district(school(), school(MIDWOOD, "Midwood")) as clever:
        clever.clever.pause()
        clever.clever.share_all_but({MIDWOOD})
        assert len(clever.ids("/v3.0/schools")) == 1
