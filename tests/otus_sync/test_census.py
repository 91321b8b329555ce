"""Accounts held against people, many at once: whom a batch finds to fit is whom a look at each alone finds."""

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from otus_sync.otus_records import Account
from otus_sync.packed import Numbers, packet_of, unpacked
from otus_sync.plan import census as census_module
from otus_sync.plan.batches import PeopleBatch
from otus_sync.plan.census import Census, Look
from otus_sync.plan.people import Person

PEOPLE = 12


def person(number: int) -> Person:
    return Person(f"u{number}", "student", f"{number}@nycstudents.net", "Ann", "Ames", f"20{number}", ("16K393",))


def account(number: int) -> Account:
    of = person(number)
    fields = {name: getattr(of, name) for name in Person.__struct_fields__}
    return Account(**{**fields, "id": 100 + number, "provenance": "clever", "active": True})


def census_of(numbers: list[int]) -> Census:
    made = Census(Numbers[str]())
    people = [person(number) for number in numbers]
    made.add(
        PeopleBatch(
            clever_ids=[one.clever_id for one in people],
            people=packet_of(people),
            teachers=bytes(len(people)),
            without_email=bytes(len(people)),
            emails=np.arange(len(people), dtype=np.int64).tobytes(),
            sis_ids=bytes(8 * len(people)),
            modified=packet_of([]),
            has_strangers=False,
        )
    )
    return made


CHANGES: dict[str, dict[str, Any]] = {
    "as it is": {},
    "inactive": {"active": False},
    "another name": {"first_name": "Anna"},
    "another school": {"schools": ("16K393", "27Q410")},
    "a by-hand account": {"clever_id": None},
    "a stranger's": {"clever_id": "u999"},
}


@pytest.mark.parametrize("at_once", [1, 3, 25])
@given(
    st.permutations(range(PEOPLE)),
    st.lists(st.sampled_from(sorted(CHANGES)), min_size=PEOPLE, max_size=PEOPLE),
    st.lists(st.booleans(), min_size=PEOPLE, max_size=PEOPLE),
    st.booleans(),
)
@hypothesis_settings(max_examples=60, derandomize=True, deadline=None)
def test_whoever_is_held_against_people_at_once_fits_as_if_alone(
    at_once: int, order: list[int], changes: list[str], settles: list[bool], in_order: bool
) -> None:
    census = census_of(list(range(PEOPLE)))
    look = Look(census.numbers, census.places(), census.people, census.numbered(), np.array(settles))
    numbers = sorted(order) if in_order else order
    accounts = [msgspec.structs.replace(account(one), **CHANGES[changes[one]]) for one in numbers]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(census_module, "HELD_AT_ONCE", at_once)
        batch = look.at(accounts)
    fit = [one for one in numbers if settles[one] and changes[one] == "as it is"]
    assert [census.names()[number] for number in np.frombuffer(batch.numbers, np.int32)] == [f"u{one}" for one in fit]
    assert np.frombuffer(batch.ids, np.int64).tolist() == [100 + one for one in fit]
    assert [one.id for one in unpacked(batch.open, Account)] == [100 + one for one in numbers if one not in fit]
    assert sum(batch.counts) == len(fit)
