"""Accounts are found by their digests: whose fits nobody is read in full, and nobody else's."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from otus_sync.otus_records import Account, Digests
from otus_sync.packed import Numbers
from otus_sync.plan.batches import Batching
from otus_sync.plan.census import Census, GivenAccounts, Settled
from otus_sync.plan.scope import Scope
from tests.otus_sync.builders import account, student
from tests.otus_sync.otus_model import digest_of_account

PEOPLE = 8
ALL = Scope(frozenset())
CHANGES: dict[str, dict[str, Any]] = {
    "as it is": {},
    "inactive": {"active": False},
    "another name": {"first_name": "Anna"},
    "another school": {"schools": ("02M475", "27Q410")},
    "a by-hand account": {"clever_id": None},
    "a stranger's": {"clever_id": "u999"},
    "an admin's": {"role": "admin"},
}


def census_of(numbers: Iterable[int]) -> Census:
    census = Census(Numbers[str]())
    census.add(Batching({"school-a": "02M475"}).people([student(f"u{one}", email(one), f"{one}") for one in numbers]))
    return census


def email(number: int) -> str:
    return f"{number}@nycstudents.net"


def account_of(census: Census, number: int) -> Account:
    person = census.person(f"u{number}")
    assert person is not None
    made = account(100 + number, "student", person.email, person.clever_id, person.sis_id)
    return msgspec.structs.replace(
        made, first_name=person.first_name, last_name=person.last_name, schools=person.schools
    )


def held(settled: Settled, census: Census) -> dict[str, int]:
    return {key: number for key, number in zip(census.names(), settled.accounts, strict=True) if number}


class Watched(GivenAccounts):
    """Takes down which accounts are read in full."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        super().__init__(accounts)
        self.read: list[int] = []

    def of(self, ids: Sequence[int]) -> Iterable[Account]:
        self.read += ids
        return super().of(ids)


@given(st.permutations(range(PEOPLE)), st.lists(st.sampled_from(sorted(CHANGES)), min_size=PEOPLE, max_size=PEOPLE))
@hypothesis_settings(max_examples=100, derandomize=True, deadline=None)
def test_whoever_has_the_account_that_clevers_record_makes_is_settled_and_no_other_account_goes_unread(
    order: list[int], changes: list[str]
) -> None:
    census = census_of(range(PEOPLE))
    there = Watched([msgspec.structs.replace(account_of(census, one), **CHANGES[changes[one]]) for one in order])
    settled = census.settle(there, ALL)
    fit = {one for one in order if changes[one] == "as it is"}
    assert held(settled, census) == {f"u{one}": 100 + one for one in fit}
    assert sorted(there.read) == [one.id for one in settled.open_accounts] == sorted(100 + x for x in {*order} - fit)
    assert dict(settled.by_school) == ({("02M475",): len(fit)} if fit else {})
    assert settled.active == len(fit)


def test_a_digest_is_as_otus_defines_it() -> None:
    census = census_of([1])
    (digest,) = GivenAccounts([account_of(census, 1)]).digests()
    assert digest == Digests([101], digest_of_account(account_of(census, 1)))


@pytest.mark.parametrize("nonsense", ["", "zz", "0" * 16, "12"])
def test_an_account_with_no_digest_or_nonsense_for_one_is_read(nonsense: str) -> None:
    census = census_of([1])

    class Otus(Watched):
        def digests(self) -> Iterator[Digests]:
            return iter([Digests([101], nonsense)])

    there = Otus([account_of(census, 1)])
    settled = census.settle(there, ALL)
    assert (there.read, held(settled, census)) == ([101], {})


def test_who_goes_takes_the_digest_along_and_a_kept_census_settles_the_same() -> None:
    census = census_of(range(PEOPLE))
    there = GivenAccounts([account_of(census, one) for one in range(PEOPLE)])
    census.remove({"u0", "u5"})
    again = Census(census.numbers)
    again.fill(census.columns())
    for one in (census, again):
        settled = one.settle(there, ALL)
        assert held(settled, one) == {f"u{left}": 100 + left for left in (1, 2, 3, 4, 6, 7)}
        assert [account.id for account in settled.open_accounts] == [100, 105]
