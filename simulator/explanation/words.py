"""Coming moments in words."""

from fakes.shared.moments import read_wire_time
from simulator.clock import new_york
from simulator.explanation.case import Who
from simulator.explanation.foresight import nights_until
from simulator.explanation.records import Turn


def arrival_in_words(turn: Turn) -> str:
    """Say when something arrives: ``in Clever Thu 17 Sep 10:00, in Otus Fri 18 Sep 01:00``."""
    in_otus = f"in Otus {new_york(read_wire_time(turn.in_otus))}"
    if turn.in_clever is None:
        return f"in Clever already, {in_otus}"
    return f"in Clever {new_york(read_wire_time(turn.in_clever))}, {in_otus}"


def night_in_words(who: Who, turn: Turn) -> str:
    """Say which night it is: ``tonight (Tue 15 Sep 01:00)`` if it is the next one."""
    night = read_wire_time(turn.in_otus)
    is_next = night == nights_until(who, [])[0]
    return f"tonight ({new_york(night)})" if is_next else new_york(night)
