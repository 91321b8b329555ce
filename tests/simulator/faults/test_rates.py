"""Faults by chance: the same for the same seed, as often as they should be, and of every kind."""

from collections import Counter

import pytest

from simulator.faults import FaultPlan, FaultRates
from simulator.faults.effects import AnswersLimit
from simulator.progress import Progress, Sighting
from tests.simulator.builders import asking, nights, the_end, world_of
from tests.simulator.faults.builders import asked

MANY = 4000


def sightings(system: str = "clever", count: int = MANY) -> list[Sighting]:
    progress = Progress()
    request = asked(system, "GET", "/v3.1/users")
    return [progress.see(request) for _ in range(count)]


def drawn(rates: FaultRates, seed: int = 1, system: str = "clever") -> list[str | None]:
    effects = [rates.draw(seed, 1, sighting) for sighting in sightings(system)]
    return [None if effect is None else repr(effect) for effect in effects]


def test_the_same_seed_draws_the_same_faults_and_another_seed_others() -> None:
    rates = FaultRates(errors=0.1, cuts=0.1)
    assert drawn(rates, 1) == drawn(rates, 1) != drawn(rates, 2)


def test_faults_are_as_frequent_as_their_rates_and_of_every_kind() -> None:
    rates = FaultRates(limits=0.05, errors=0.05, cuts=0.05, spoilt=0.05, slow=0.05, kills=0.05)
    counted = Counter(drawn(rates))
    assert 0.65 < counted[None] / MANY < 0.75
    assert len(counted) == 1 + 1 + 3 + 4 + 3 + 1 + 3


def test_what_is_drawn_for_a_request_does_not_depend_on_the_requests_before_it() -> None:
    rates = FaultRates(errors=0.3)
    one_by_one = [rates.draw(5, 1, sighting) for sighting in sightings(count=20)]
    assert rates.draw(5, 1, sightings(count=20)[-1]) == one_by_one[-1]


def test_otus_never_answers_429() -> None:
    assert repr(AnswersLimit()) not in drawn(FaultRates(limits=1.0), system="otus")


@pytest.mark.parametrize("rates", [{"cuts": -0.1}, {"kills": 1.1}, {"errors": 0.6, "slow": 0.6}])
def test_rates_that_are_no_shares_are_refused(rates: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="share"):
        FaultRates(**rates)


def test_a_world_with_rates_misbehaves_and_the_journal_says_so() -> None:
    codes: list[int] = []
    with world_of(asking(lambda client: codes.append(client.clever("/v3.1/users").status))) as world:
        world.faults = FaultPlan(1, FaultRates(errors=1.0))
        nights(world)
        entries = [entry for entry in world.journal.entries if entry.kind == "fault"]
        assert the_end(world).troubled == 1
    assert codes[0] in (500, 502, 503)
    assert [(entry.lane, entry.who) for entry in entries] == [("clever", "Clever")]
