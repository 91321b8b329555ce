"""How the console says things."""

from collections.abc import Callable

from fakes.shared.moments import read_wire_time
from rostersim.console.tables import three_rows
from simulator.clock import new_york

LANES = {"ats": "ATS/STARS", "clever": "Clever", "otus": "Otus", "sync": "sync", "judge": "judge"}


def moment(at: str | None) -> str:
    """Say a moment of the wire in New York's time; nothing for none."""
    return new_york(read_wire_time(at)) if at else ""


def lane(name: str) -> str:
    """Say where something happened."""
    return LANES.get(name, name)


def count(number: int, one: str, many: str = "") -> str:
    """Say how many there are: ``1 class``, ``1,204 people``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


FILTERS: dict[str, Callable[..., str]] = {"moment": moment, "lane": lane, "count": count, "three_rows": three_rows}
