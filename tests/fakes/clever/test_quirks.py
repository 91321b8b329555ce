"""Quirks: what real Clever data does to its readers, by name, on or off."""

import os
import subprocess
import sys
from typing import Any

import msgspec
import pytest

from fakes.clever import CleverSettings, Row
from fakes.clever.quirks import QUIRKS, UNBOUNDED_LENGTH, USUAL_QUIRKS, UnknownQuirk, check_quirks
from tests.fakes.clever.builders import (
    District,
    contact,
    course,
    district,
    one_class,
    school,
    section,
    student,
    teacher,
    term,
)


def having(*quirks: str, percent: int = 100) -> CleverSettings:
    return CleverSettings(quirks=frozenset(quirks), quirk_percent=percent)


def people(count: int = 40) -> tuple[Row, ...]:
    return tuple(student(f"2000000{number:02d}", f"ada.{number}@schools.example") for number in range(count))


def emails(clever: District) -> list[str]:
    return [item["data"]["email"] for item in clever.get("/v3.1/users?role=student")["data"]]


def test_every_quirk_says_what_it_does_and_where_it_is_from() -> None:
    for name, quirk in QUIRKS.items():
        assert quirk.name == name
        assert len(quirk.description) > 20
        assert quirk.source.startswith("facts on ")


def test_an_unknown_quirk_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UnknownQuirk, match="there is no quirk 'enum_drif'; the nearest is 'enum_drift'"):
        CleverSettings(quirks=frozenset({"enum_drif"}))
    with pytest.raises(UnknownQuirk, match="nearest is"):
        check_quirks(["zzz"])


def test_settings_with_an_unknown_quirk_cannot_be_read_either() -> None:
    with pytest.raises(msgspec.ValidationError, match="nearest is 'created_moves'"):
        msgspec.json.decode(b'{"quirks": ["created_move"]}', type=CleverSettings)


def test_without_quirks_values_are_as_delivered() -> None:
    with district(*one_class(), *people(), contact("9", "200000001"), settings=having()) as clever:
        assert set(emails(clever)) == {row.email for row in people() if hasattr(row, "email")}
        contacts = clever.get("/v3.1/users?role=contact")["data"]
        words = {"Parent", "Grandparent", "Aunt/Uncle"}
        assert contacts[0]["data"]["roles"]["contact"]["student_relationships"][0]["relationship"] in words


def test_enum_drift_makes_a_contact_a_guardian() -> None:
    with district(student(), contact("9", "200000001"), settings=having("enum_drift")) as clever:
        relation = clever.user("9")["roles"]["contact"]["student_relationships"][0]
        assert (relation["relationship"], relation["type"]) == ("Guardian", "Parent/Guardian")


def test_emails_without_at_end_before_it() -> None:
    with district(student(email="mei@schools.example"), settings=having("emails_without_at")) as clever:
        found = clever.user("200000001")
        assert (found["email"], found["roles"]["student"]["email"]) == ("mei", "mei")


def test_emails_that_are_not_normalised_have_capitals_and_spaces() -> None:
    with district(student(email="mei@schools.example"), settings=having("emails_not_normalised")) as clever:
        assert clever.user("200000001")["email"] == " Mei@Schools.Example "


def test_a_missing_email_stays_missing() -> None:
    with district(student(email=""), settings=having("emails_not_normalised", "emails_without_at")) as clever:
        found = clever.user("200000001")
        assert (found["email"], found["roles"]["student"]["email"]) == ("", "")


def test_a_quirk_hits_some_records_and_the_same_ones_for_the_same_seed() -> None:
    settings = having("emails_without_at", percent=25)
    told = []
    for seed in (1, 1, 2):
        with district(*people(), settings=settings, seed=seed) as clever:
            told.append(emails(clever))
    one, same, other = told
    assert 2 < len([email for email in one if "@" not in email]) < 20
    assert same == one
    assert other != one


def test_a_quirk_changes_nothing_about_who_merges_and_what_is_delivered() -> None:
    settings = having("emails_not_normalised")
    with district(*people(3), settings=settings) as clever:
        before = clever.ask("/v3.1/users").data
        clever.later(days=1)
        clever.deliver(*people(3))
        assert clever.ask("/v3.1/users").data == before
        assert [row.email for row in clever.clever.delivered("student") if hasattr(row, "email")] == [
            f"ada.{number}@schools.example" for number in range(3)
        ]


@pytest.mark.parametrize(("quirks", "stable"), [(("term_ids_reissued",), False), ((), True)])
def test_a_term_has_a_new_id_when_its_name_or_dates_change_or_keeps_it(quirks: Any, stable: bool) -> None:
    with district(*one_class(), settings=having(*quirks)) as clever:
        ids = [clever.id_of("term", "2026-1")]
        for changed in (term(name="Autumn 2026"), term(name="Autumn 2026", end="2027-02-01")):
            clever.deliver(changed)
            ids.append(clever.id_of("term", "2026-1"))
        assert len(set(ids)) == (1 if stable else 3)
        assert clever.section()["term_id"] == ids[-1]


@pytest.mark.parametrize(("quirks", "named"), [(("ten_co_teachers",), 10), ((), 12)])
def test_a_section_names_ten_teachers_or_all(quirks: Any, named: int) -> None:
    many = [teacher(f"10000{number}") for number in range(10, 22)]
    rows: tuple[Row, ...] = (*many, section(teachers=tuple(row.sis_id for row in many)))
    with district(*rows, settings=having(*quirks)) as clever:
        assert len(clever.section()["teachers"]) == named


def test_what_clever_always_does_is_on_where_nothing_is_said() -> None:
    assert CleverSettings().quirks == USUAL_QUIRKS == {"term_ids_reissued", "ten_co_teachers"}


def test_created_moves_with_a_change_and_only_then() -> None:
    with district(student(), settings=having("created_moves")) as clever:
        clever.later(days=1)
        clever.deliver(student())
        assert clever.user("200000001")["created"] == "2026-09-14T10:00:00.000Z"
        clever.deliver(student(email="new@schools.example"))
        assert clever.user("200000001")["created"] == "2026-09-15T10:00:00.000Z"


def test_strings_without_bounds_are_long_and_missing_ones_missing() -> None:
    rows = (*one_class(), school(), course(), teacher(title="Teacher"), section(name="Algebra 1-01"))
    with district(*rows, settings=having("unbounded_strings")) as clever:
        assert len(clever.section()["name"]) == UNBOUNDED_LENGTH
        assert clever.section()["name"].startswith("Algebra 1-01 Algebra 1-01 ")
        assert len(clever.get("/v3.0/schools")["data"][0]["data"]["name"]) == UNBOUNDED_LENGTH
        assert len(clever.get("/v3.0/courses")["data"][0]["data"]["name"]) == UNBOUNDED_LENGTH
        assert len(clever.user("1000001")["roles"]["teacher"]["title"]) == UNBOUNDED_LENGTH
        assert clever.section()["section_number"] == "01"


SNAPSHOT = """
from datetime import UTC, datetime
import hashlib
from fakes.clever import Clever, CleverSettings
from fakes.clever.quirks import QUIRKS
clever = Clever(lambda: datetime(2026, 9, 14, tzinfo=UTC), settings=CleverSettings(quirks=frozenset(QUIRKS)))
print(hashlib.sha256(clever.snapshot()).hexdigest())
clever.close()
"""


def test_a_copy_has_the_same_bytes_in_every_process() -> None:
    prints = {
        subprocess.run(
            [sys.executable, "-c", SNAPSHOT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(prints) == 1
