"""How many people there are at each moment of a run, as plain functions of time."""

from typing import NamedTuple

from loadtests.load.plan import LoadPlan
from loadtests.load.result import ShapeName

RAMP_STEPS = 10
"""A term's start comes in so many steps: Locust logs and balances at each."""
FIRST_SHARE = 0.1
"""Of the people, who are there before a term's ramp begins."""
SECONDS_MAX = 24 * 3600.0
"""No run is longer, whatever its syncs do."""


class Standing(NamedTuple):
    """Where a run stands."""

    seconds: float
    """Since it began."""
    syncs_left: int
    """Runs that have not ended."""


def people_at(plan: LoadPlan, standing: Standing) -> int | None:
    """Tell how many teachers and admins are there.

    Args:
        plan: of the run.
        standing: where it stands.

    Returns:
        Their number; ``None`` when the run is over: the time is up and every sync has ended.
    """
    if standing.seconds >= SECONDS_MAX or (standing.seconds >= plan.seconds and standing.syncs_left <= 0):
        return None
    return round((plan.teachers + plan.admins) * _share(plan.shape, standing.seconds / (plan.seconds or 1.0)))


def _share(shape: ShapeName, done: float) -> float:
    """Give the share of the people that are there when ``done`` of the time is over."""
    if shape != "term-start":
        return 1.0  # a night has its few, a soak all it has, from first to last
    step = min(RAMP_STEPS, int(done * RAMP_STEPS) + 1)
    return max(FIRST_SHARE, step / RAMP_STEPS)
